"""One unit at run time: where its stub stands, which committed file is its own, and the functions made from it."""

import os
import sys
from types import CodeType, FunctionType

from jiti_bot import layout, loader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jiti_bot.outcomes import StandIn

    Members = Mapping[str, FunctionType]
    Loaded = tuple[str, CodeType | Exception]

_COROUTINE, _ASYNC_GENERATOR = 0x80, 0x200  # inspect.CO_*: inspect is a heavy import
_VARIADIC = 0x04 | 0x08
_LONGEST = 100  # lines of decorators above one stub

# Folder of a source file -> parent of its store. Looked up again whenever a committed file is not found.
_parents: "dict[str, str]" = {}


class Unit:
    """Stubs that share one committed file, by member.

    A function's one member is named by the empty string; those of a class by name, accessors as ``v.setter``.
    ``name`` is the unit's (``Parser.v.setter``), ``owner`` the qualified name of the class around its functions.
    """

    __slots__ = ("file", "is_test", "module", "name", "namespace", "owner", "stubs")

    def __init__(self, name: str, owner: str, stubs: "Members", *, is_test: bool = False) -> None:
        first = next(iter(stubs.values()))
        self.name = name
        self.owner = owner
        self.stubs = stubs
        self.is_test = is_test
        self.namespace = first.__globals__
        self.module = first.__module__
        self.file = defining_file(first)

    def where(self) -> str:
        """``file:line`` of the stub."""
        return place_of(next(iter(self.stubs.values())))

    def key(self) -> str:
        """The name that people and commands use."""
        parent = self._parent()
        if parent is None:
            return f"{self.module}.{self.name}"
        return layout.dotted_key(layout.relative(self.file, parent), self.name)

    def stand_in(self, path: str) -> "StandIn":
        """Maker of what stands in for stubs that cannot be used; most programs never need it."""
        from jiti_bot.outcomes import StandIn

        return StandIn(self, path)

    def _parent(self) -> str | None:
        """The folder that the unit's key starts from: its store's parent, or that of the store to be made."""
        folder = os.path.dirname(self.file)
        if not os.path.isabs(folder):
            return None
        parent = layout.store_parent(folder)
        root = layout.project_root(folder)
        if parent is not None or root is None:
            return parent
        store = layout.configured_store(root)
        nested = os.path.dirname(store) if store else root
        return nested if self.file.startswith(nested + os.sep) else root

    def implement(self, found: "Loaded | None") -> "Members":
        """The functions to put in place of the stubs. Never fails: what is wrong is told by calling them."""
        if found is None:
            stand_in = self.stand_in("")
            return {member: stand_in.missing(stub) for member, stub in self.stubs.items()}
        path, code = found
        if isinstance(code, CodeType):
            try:
                return self._make(path, code)
            except Exception:  # noqa: BLE001, S110  a helper may need what is not imported yet: each call tries again
                pass
        return self._defer(path, code)

    def _paths(self) -> "Iterator[str]":
        """Where the committed file may be, likeliest first."""
        folder = os.path.dirname(self.file)
        archive = loader.archive_of(self.namespace)
        if archive is not None:
            for parent in layout.archive_parents(self.file, os.path.abspath(archive.archive)):
                yield self._path(parent)
            return
        if not os.path.isabs(folder):
            return
        known = _parents.get(folder)
        if known is not None:
            yield self._path(known)
        parent = layout.store_parent(folder, loader.staged_stores())
        if parent is not None:
            _parents[folder] = parent
            if parent != known:
                yield self._path(parent)
        elif self.is_test:
            yield from self._configured(folder)

    def _path(self, parent: str, store: str = "") -> str:
        source = layout.relative(self.file, parent)
        inside = layout.test_path(source, self.name) if self.is_test else layout.unit_path(source, self.name)
        return os.path.join(store or os.path.join(parent, layout.STORE), inside)

    def _configured(self, folder: str) -> "Iterator[str]":
        """A test file often stands beside the package that holds the store: the project says where."""
        root = layout.project_root(folder)
        store = layout.configured_store(root) if root else None
        if root and store:
            yield self._path(root, store)

    def load(self) -> "Loaded | None":
        """The committed file and its factory, or what is wrong with it; None where there is no such file."""
        first = next(iter(self.stubs.values()))
        flags = first.__code__.co_flags & loader.ANNOTATIONS
        for path in self._paths():
            try:
                source = loader.unit_loader(path, self.name, self.namespace, flags, is_test=self.is_test)
                code = source.get_code(source.name)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except Exception as error:  # noqa: BLE001  whatever is wrong with a committed file is told by the call
                return path, error
            assert code is not None
            return path, code
        return None

    def _make(self, path: str, code: CodeType) -> "dict[str, FunctionType]":
        """Run the factory and dress its functions; a stub that a function does not fit gets a stand-in."""
        defaults = {member: _defaults(stub) for member, stub in self.stubs.items()}

        def default(member: str, index: int) -> object:
            values = defaults.get(member, ())
            return values[index] if index < len(values) else None

        owner = _owner_finder(self.module, self.owner, self.namespace)
        made, helpers = loader.run_factory(code, self.namespace, owner, default)
        for member in self.stubs.keys() - made.keys():
            plain = member.partition(".")[0]
            if plain in made and plain not in self.stubs:  # a setter whose getter a person wrote is the only `def v`
                made[member] = made.pop(plain)
        for name, helper in helpers.items():
            next(iter(made.values())).__dict__.setdefault(name, helper)  # found there by pickle
        strict = os.environ.get("JITI_STRICT", "0") not in {"", "0"}
        return {member: self._fit(path, stub, made.get(member), strict) for member, stub in self.stubs.items()}

    def _fit(self, path: str, stub: FunctionType, function: "FunctionType | None", strict: bool) -> FunctionType:
        if function is None:
            return self.stand_in(path).stale(stub, f"{stub.__qualname__} was added")
        # Of a class it is this method's that changed: the others still run.
        its = f"{stub.__name__}'s" if "" not in self.stubs else "its"
        if not _same_parameters(stub, function):
            return self.stand_in(path).stale(stub, f"{its} parameters changed")
        if strict and (stub.__doc__ or "").split() != (function.__doc__ or "").split():
            return self.stand_in(path).stale(stub, f"{its} docstring changed")
        return dress(function, stub)

    def _defer(self, path: str, code: "CodeType | Exception") -> "Members":
        made: list[dict[str, FunctionType]] = []
        stand_in = self.stand_in(path)

        def resolve(member: str) -> FunctionType:
            if not made:
                found = self.load()
                if found is None:
                    raise stand_in.not_generated()
                where, code = found
                if isinstance(code, Exception):
                    raise code
                made.append(self._make(where, code))
            return made[0][member]

        coroutines = _coroutines(code) if isinstance(code, CodeType) else frozenset()
        return {
            member: stand_in.deferred(stub, _bound(resolve, member), is_async=stub.__qualname__ in coroutines)
            for member, stub in self.stubs.items()
        }


def defining_file(stub: FunctionType) -> str:
    """The absolute path of the source file of ``stub``, or what Python calls it where there is none.

    The module's ``__file__`` is preferred where it is the same file: the path compiled in may be relative, or that of
    the machine on which bytecode without source was made.
    """
    compiled = stub.__code__.co_filename
    module = stub.__globals__.get("__file__")
    if isinstance(module, str) and module != compiled and _stem(module) == _stem(compiled):
        compiled = os.path.splitext(module)[0] + ".py"
    # "<stdin>" is no file, and looking for its store in the working directory could run another project's code.
    return compiled if os.path.isabs(compiled) or compiled.startswith("<") else os.path.abspath(compiled)


def place_of(stub: FunctionType) -> str:
    """``file:line`` of the ``def``, as every command tells it; code itself knows the line of its first decorator only.

    Looked for in the source, and so for messages alone. Without source it is that of the decorator.
    """
    file, first = defining_file(stub), stub.__code__.co_firstlineno
    archive = loader.archive_of(stub.__globals__)
    try:
        data = loader.read_archived(archive, file) if archive is not None else read(file)
    except OSError:
        return f"{file}:{first}"
    for number, line in enumerate(data.splitlines()[first - 1 : first - 1 + _LONGEST], first):
        *words, name = line.partition(b"(")[0].partition(b"[")[0].split() or [b""]
        if words in ([b"def"], [b"async", b"def"]) and name == stub.__name__.encode():
            return f"{file}:{number}"
    return f"{file}:{first}"


def top_of(stub: FunctionType) -> str:
    """``file:line`` of the first decorator, for what is wrong with one."""
    return f"{defining_file(stub)}:{stub.__code__.co_firstlineno}"


def read(file: str) -> bytes:
    """All of a file."""
    with open(file, "rb") as stream:
        return stream.read()


def dress(function: FunctionType, stub: FunctionType) -> FunctionType:
    """Give ``function`` all that introspection sees of ``stub``; parameters and defaults it has already.

    Code and defaults are never assigned: on 3.13 a function changed so loses specialised calls for good.
    """
    function.__module__ = stub.__module__
    function.__doc__ = stub.__doc__
    function.__dict__.update(stub.__dict__)
    if sys.version_info >= (3, 12) and stub.__type_params__:
        function.__type_params__ = stub.__type_params__
    if sys.version_info >= (3, 14) and stub.__annotate__ is not None:
        # Reading __annotations__ would evaluate forward references before there is anything they refer to.
        function.__annotate__ = stub.__annotate__
    else:
        function.__annotations__ = stub.__annotations__
    return function


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _bound(resolve: "Callable[[str], FunctionType]", member: str) -> "Callable[[], FunctionType]":
    return lambda: resolve(member)


def _defaults(stub: FunctionType) -> "tuple[object, ...]":
    """The stub's default objects in the order of its parameters."""
    named = stub.__kwdefaults__
    if not named:
        return stub.__defaults__ or ()
    code = stub.__code__
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return (*(stub.__defaults__ or ()), *(named[name] for name in keywords if name in named))


def _same_parameters(stub: FunctionType, function: FunctionType) -> bool:
    """Whether both take the same arguments and are awaited alike; default values and annotations are the stub's."""
    return (
        _shape(stub.__code__) == _shape(function.__code__)
        and len(stub.__defaults__ or ()) == len(function.__defaults__ or ())
        and (stub.__kwdefaults__ or {}).keys() == (function.__kwdefaults__ or {}).keys()
    )


def _shape(code: CodeType) -> "tuple[object, ...]":
    variadic = code.co_flags & _VARIADIC
    count = code.co_argcount + code.co_kwonlyargcount + variadic.bit_count()
    is_async = bool(code.co_flags & (_COROUTINE | _ASYNC_GENERATOR))
    return code.co_argcount, code.co_posonlyargcount, variadic, is_async, code.co_varnames[:count]


def _coroutines(code: CodeType) -> frozenset[str]:
    """Qualified names of the coroutine functions defined in ``code``, however deep."""
    names: set[str] = {code.co_qualname} if code.co_flags & _COROUTINE else set()
    for const in code.co_consts:
        if isinstance(const, CodeType):
            names |= _coroutines(const)
    return frozenset(names)


def _owner_finder(module: str, owner: str, namespace: "dict[str, object]") -> "Callable[..., type]":
    """What `super()` and `__class__` mean in a committed method: the class of the stub, found from the receiver.

    The last class of the receiver's MRO with the stub's module and qualified name; naming it late from the host would
    recurse under class decorators that return a subclass of the same name.
    """
    found: list[type] = []

    def find(receiver: object = None) -> type:
        own = type(receiver)
        kinds = (receiver, own) if issubclass(own, type) else (own,)
        for kind in kinds:
            order: tuple[type, ...] = kind.__mro__  # ty: ignore[missing-attribute]
            if found and found[0] in order:
                return found[0]
            for cls in reversed(order):
                if cls.__qualname__ == owner and cls.__module__ == module:
                    found[:] = [cls]
                    return cls
        first, *rest = owner.split(".")
        cls = namespace[first]
        for name in rest:
            cls = getattr(cls, name)
        return cls  # ty: ignore[invalid-explicit-return]

    return find
