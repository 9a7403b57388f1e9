"""What names mean in a committed file: the host's, late and natively, unless the file binds them itself."""

import inspect
import pickle
import sys
import typing

from jiti_bot.errors import StoreError
from tests.runtime.site import Site, raised

HEAD = "from jiti import jiti\nimport functools\n"


def check_names_below_the_stub_and_patched_ones(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\ndef greet(): ...\ndef below(): return 'below'\n",
        greet="def greet():\n    return below()\n",
    )
    assert host.greet() == "below"
    vars(host)["below"] = lambda: "patched"
    assert host.greet() == "patched"


def check_imports_constants_and_helpers_of_the_file(site: Site) -> None:
    host = site.host(
        HEAD + "SEP = '-'\n@jiti\ndef slug(text, sep=SEP): ...\n",
        slug="import re\n\n_WORD = re.compile('[a-z]+')\n\n\n"
        "def _words(text):\n    return _WORD.findall(text.lower())\n"
        "\n\ndef slug(text, sep=SEP):\n    return sep.join(_words(text)) + SEP\n",
    )
    assert host.slug("A  b") == "a-b-"
    assert not hasattr(host, "_WORD")
    assert not hasattr(host, "re")


def check_a_helper_hides_the_host_name_only_in_its_file(site: Site) -> None:
    host = site.host(
        HEAD + "def f(): return 'host'\n@jiti\ndef a(): ...\n@jiti\ndef b(): ...\n",
        a="def f():\n    return 'own'\n\n\ndef a():\n    return f()\n",
        b="def b():\n    return f()\n",
    )
    assert (host.a(), host.b()) == ("own", "host")


def check_recursion_goes_through_outer_decorators(site: Site) -> None:
    host = site.host(
        HEAD + "calls = []\ndef seen(f):\n    @functools.wraps(f)\n    def inner(n):\n        calls.append(n)\n"
        "        return f(n)\n    return inner\n@seen\n@jiti\ndef down(n): ...\n",
        down="def down(n):\n    return n and down(n - 1)\n",
    )
    host.down(2)
    assert host.calls == [2, 1, 0]


def check_a_method_sees_its_own_class_and_global_of_its_name(site: Site) -> None:
    host = site.host(
        HEAD + "def parse(text): return text.upper()\nclass Parser:\n    @jiti\n    def parse(self, text): ...\n",
        Parser__parse="class Parser:\n    def parse(self, text):\n        return Parser, parse(text)\n",
    )
    assert host.Parser().parse("a") == (host.Parser, "A")


def check_global_statement_means_the_host(site: Site) -> None:
    host = site.host(
        HEAD + "COUNT = 0\n@jiti\ndef tick(): ...\n",
        tick="def tick():\n    global COUNT\n    COUNT += 1\n    return COUNT\n",
    )
    assert (host.tick(), host.tick(), host.COUNT) == (1, 2, 2)


def check_global_of_the_file_itself_is_refused(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\ndef tick(): ...\n",
        tick="_COUNT = 0\n\n\ndef tick():\n    global _COUNT\n    _COUNT += 1\n    return _COUNT\n",
    )
    assert "tick.py:5" in str(raised(StoreError, host.tick))


def check_super_and_class(site: Site) -> None:
    host = site.host(
        HEAD + "class Base:\n    def who(self): return 'base'\n    @classmethod\n    def make(cls): return [cls]\n"
        "class Sub(Base):\n    @jiti\n    def who(self): ...\n    @classmethod\n    @jiti\n    def make(cls): ...\n"
        "    @jiti\n    def own(self): ...\n    @jiti\n    def nested(self): ...\n"
        "class Leaf(Sub):\n    def who(self): return 'leaf+' + super().who()\n",
        Sub__who="class Sub:\n    def who(self):\n        '''Doc.'''\n        return 'sub+' + super().who()\n",
        Sub__make="class Sub:\n    def make(cls):\n        return super().make() + [__class__]\n",
        Sub__own="class Sub:\n    def own(self):\n        return [__class__ for _ in '1'], (lambda: __class__)()\n",
        Sub__nested="class Sub:\n    def nested(self):\n        def inner(me):\n            return super().who()\n"
        "        return inner(self), [super(Sub, self).who() for _ in '1']\n",
    )
    assert host.Leaf().who() == "leaf+sub+base"
    assert host.Leaf.make() == [host.Leaf, host.Sub]
    assert host.Leaf().own() == ([host.Sub], host.Sub)
    assert host.Leaf().nested() == ("base", ["base"])


def check_super_in_a_metaclass_and_a_static_method(site: Site) -> None:
    host = site.host(
        HEAD + "class Meta(type):\n    @jiti\n    def __call__(cls, *a): ...\n"
        "class Thing(metaclass=Meta):\n    @staticmethod\n    @jiti\n    def own(): ...\n",
    )
    site.commit(
        "host/Meta.__call__.py", "class Meta:\n    def __call__(cls, *a):\n        return super().__call__(), a\n"
    )
    site.commit("host/Thing.own.py", "class Thing:\n    def own():\n        return __class__\n")
    host = site.load()
    made, arguments = host.Thing(1)
    assert isinstance(made, host.Thing)
    assert arguments == (1,)
    assert host.Thing.own() is host.Thing


def check_super_below_class_decorators(site: Site) -> None:
    # A slots dataclass is a second class; a decorator may return a subclass of the same name.
    host = site.host(
        HEAD + "import dataclasses\ndef sub(cls):\n    return type(cls.__name__, (cls,), {'__module__': cls.__module__,"
        " '__qualname__': cls.__qualname__})\n"
        "class Base:\n    def who(self): return 'base'\n"
        "@dataclasses.dataclass(slots=True)\nclass Slots(Base):\n    x: int = 1\n    @jiti\n    def who(self): ...\n"
        "@sub\nclass Twice(Base):\n    @jiti\n    def who(self): ...\n",
        Slots__who="class Slots:\n    def who(self):\n        return super().who() + str(self.x)\n",
        Twice__who="class Twice:\n    def who(self):\n        return super().who() + '!'\n",
    )
    assert host.Slots().who() == "base1"
    assert host.Twice().who() == "base!"


def check_defaults_are_the_stubs_own_objects(site: Site) -> None:
    host = site.host(
        HEAD + "MARK = object()\n@jiti\ndef f(a, b=MARK, /, c=[], *rest, d=MARK, e, g={}, **more): ...\n",
        f="def f(a, b=MARK, /, c=[], *rest, d=MARK, e, g={}, **more):\n    c.append(a)\n    return b, c, d, g\n",
    )
    assert host.f(1, e=0) == (host.MARK, [1], host.MARK, {})
    assert host.f(2, e=0)[1] == [1, 2]
    assert str(inspect.signature(host.f)).startswith("(a, b=<object")


def check_a_default_is_evaluated_once(site: Site) -> None:
    host = site.host(
        HEAD + "made = []\ndef make():\n    made.append(1)\n    return len(made)\n@jiti\ndef f(n=make()): ...\n",
        f="def f(n=make()):\n    return n\n",
    )
    assert (host.f(), host.made) == (1, [1])


def check_introspection_shows_the_stub(site: Site) -> None:
    host = site.host(
        HEAD
        + "@jiti\ndef f(a: 'Later', b: int = 2) -> 'Later':\n    '''Of the stub.'''\n    raise NotImplementedError\n"
        "class Later: ...\n",
        f="def f(a: Later, b: int = 2) -> Later:\n    '''Of the stub.'''\n    return a\n",
    )
    assert host.f.__annotations__ == {"a": "Later", "b": int, "return": "Later"}
    assert typing.get_type_hints(host.f)["a"] is host.Later
    assert (host.f.__name__, host.f.__qualname__, host.f.__module__) == ("f", "f", "host")
    assert host.f.__doc__ == "Of the stub."
    assert inspect.getsource(host.f).endswith("    return a\n")
    assert inspect.getsourcefile(host.f) == str(site.folder / ".jiti/host/f.py")
    error = raised(TypeError, host.f)
    assert str(error) == "f() missing 1 required positional argument: 'a'"


def check_annotations_of_the_file_are_never_evaluated(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\ndef f(a): ...\n", f="def f(a: Nowhere.at_all) -> Nowhere:\n    b: Nowhere = a\n    return b\n"
    )
    assert host.f(1) == 1


def check_singledispatch_registers_by_the_stubs_annotations(site: Site) -> None:
    for future in ("", "from __future__ import annotations\n"):
        host = site.host(
            future + HEAD + "@functools.singledispatch\ndef show(x): return 'any'\n"
            "@show.register\n@jiti\ndef _show_int(x: int): ...\n",
            _show_int="import functools\n\n\n@functools.singledispatch\ndef _own(x):\n    return 'any'\n\n\n"
            "@_own.register\n"
            "def _own_int(x: int):\n    return 'int'\n\n\ndef _show_int(x: int):\n    return _own(x)\n",
        )
        assert (host.show("a"), host.show(1)) == ("any", "int")


def check_helpers_under_the_hosts_future_flag(site: Site) -> None:
    helper = (
        "import dataclasses\nfrom typing import ClassVar\n\n\n@dataclasses.dataclass\nclass _Row:\n"
        "    total: ClassVar[int] = 0\n    n: int = 1\n\n\ndef f():\n    return _Row()\n"
    )
    for future in ("", "from __future__ import annotations\n"):
        host = site.host(future + HEAD + "@jiti\ndef f(): ...\n", f=helper)
        row = host.f()
        assert [name for name in row.__dataclass_fields__ if name != "total"] == ["n"]
        assert isinstance(type(row).__annotations__["n"], str) == bool(future)


def check_pickling_of_functions_helpers_and_results(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @jiti\n    def get(self): ...\n@functools.lru_cache\n@jiti\ndef f(): ...\n",
        Box__get="class _Item:\n    pass\n\n\nclass Box:\n    def get(self):\n        return _Item()\n",
        f="def _key(x):\n    return -x\n\n\ndef f():\n    return _key\n",
    )
    for value in (host.f, host.Box.get, host.f()):
        assert pickle.loads(pickle.dumps(value)) is value
    again = pickle.loads(pickle.dumps(host.Box().get()))
    assert type(again) is type(host.Box().get())
    assert type(again).__qualname__ == "Box.get._Item"


def check_nested_code_is_named_by_the_unit(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\ndef f(): ...\n",
        f="def f():\n    def inner():\n        pass\n    class Local:\n        def m(self):\n            pass\n"
        "    return inner, Local, lambda: 1\n",
    )
    names = [value.__qualname__ for value in host.f()]
    assert names == ["f.<locals>.inner", "f.<locals>.Local", "f.<locals>.<lambda>"]
    assert host.f()[1].m.__qualname__ == "f.<locals>.Local.m"


def check_attributes_of_the_stub_are_kept(site: Site) -> None:
    host = site.host(
        HEAD + "def tag(f):\n    f.tag = 'kept'\n    return f\n@jiti\n@tag\ndef f(): ...\n",
        f="def f():\n    return 1\n",
    )
    assert (host.f.tag, host.f()) == ("kept", 1)


def check_tracebacks_name_the_committed_lines(site: Site) -> None:
    host = site.host(HEAD + "@jiti\ndef f(): ...\n", f="# one\n# two\ndef f():\n    x = 1\n    return x / 0\n")
    trace = raised(ZeroDivisionError, host.f).__traceback__
    assert trace is not None
    assert trace.tb_next is not None
    assert trace.tb_next.tb_lineno == 5
    assert trace.tb_next.tb_frame.f_code.co_filename == str(site.folder / ".jiti/host/f.py")


def check_names_of_underscores_in_the_file(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\ndef f(_____, __): ...\n",
        f="def f(_____, __):\n    _________ = _____\n    return _________, __\n",
    )
    assert host.f(1, 2) == (1, 2)


def check_type_parameters(site: Site) -> None:
    if sys.version_info < (3, 12):
        return
    host = site.host(
        HEAD + "@jiti\ndef first[T](xs: list[T]) -> T: ...\n"
        "class Box[V]:\n    @jiti\n    def get[W](self, w: W) -> V: ...\n",
        first="def first[T](xs: list[T]) -> T:\n    return xs[0], T.__name__\n",
        Box__get="class Box[V]:\n    def get[W](self, w: W) -> V:\n        return V.__name__, W.__name__, w\n",
    )
    assert host.first([7]) == (7, "T")
    assert host.first.__qualname__ == "first"
    assert host.first.__type_params__ == (typing.get_type_hints(host.first)["return"],)
    assert host.Box().get(3) == ("V", "W", 3)
    assert host.Box.get.__qualname__ == "Box.get"


def check_forward_references_that_need_no_quotes(site: Site) -> None:
    if sys.version_info < (3, 14):
        return
    host = site.host(
        HEAD
        + "@jiti\ndef f(a: Later) -> Later: ...\nclass P:\n    @jiti\n    def m(self) -> P: ...\nclass Later: ...\n",
        f="def f(a: Later) -> Later:\n    return a\n",
        P__m="class P:\n    def m(self) -> P:\n        return self\n",
    )
    assert host.f(1) == 1
    assert host.f.__annotations__ == {"a": host.Later, "return": host.Later}
    assert host.P.m.__annotations__ == {"return": host.P}


def check_mutual_imports_of_committed_files(site: Site) -> None:
    site.write("left.py", HEAD + "@jiti\ndef ping(n): ...\n")
    site.write("right.py", HEAD + "@jiti\ndef pong(n): ...\n@jiti\nasync def later(n): ...\n")
    site.commit("left/ping.py", "from right import pong\n\n\ndef ping(n):\n    return n and pong(n - 1)\n")
    site.commit("right/pong.py", "from left import ping\n\n\ndef pong(n):\n    return n and ping(n - 1)\n")
    site.commit("right/later.py", "from left import ping\n\n\nasync def later(n):\n    return ping(n)\n")
    for first, second in (("left", "right"), ("right", "left")):
        module = site.load(first)
        assert (module.ping if first == "left" else module.pong)(5) == 0
        assert inspect.iscoroutinefunction(sys.modules["right"].later)
        assert second in sys.modules


def check_reload_takes_the_new_body(site: Site) -> None:
    import importlib

    host = site.host(HEAD + "@jiti\ndef f(): ...\n", f="def f():\n    return 1\n")
    for value in (2, 3):
        # Same size, same second: bytecode must notice all the same.
        site.commit("host/f.py", f"def f():\n    return {value}\n")
        assert importlib.reload(host).f() == value
