"""The usual ways of passing a check without doing the work, and reads of the outside world. Pure, over `ast`.

Names are followed through the host's, the helpers' and the body's own imports and through names given to others; a
local variable that merely shares a name is not followed. What hides a name is refused by its form: see `reflection`,
`startup` and `comparisons`.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jiti_bot.validation import comparisons, names, reflection, scopes, startup, world
from jiti_bot.validation.folding import Folder
from jiti_bot.validation.model import Flag
from jiti_bot.validation.scopes import LOCAL, SENSITIVE, Scope

TESTING = frozenset(
    {"pytest", "_pytest", "unittest", "doctest", "hypothesis", "pluggy", "jiti", "jiti_bot", "conftest"}
)
# Nobody's business, not even a test's.
INSIDES = frozenset(
    {"_pytest", "pluggy", "jiti_bot", "conftest", "gc", "ctypes", "_ctypes", "cffi", "_frozen_importlib"}
)

# path or path prefix -> why it refuses
REFUSED = {
    "os._exit": "it would end the process that judges it",
    "os.abort": "it would end the process that judges it",
    "os.kill": "it could end the process that judges it",
    "os.killpg": "it could end the process that judges it",
    "os.fork": "it would duplicate the process that judges it",
    "os.forkpty": "it would duplicate the process that judges it",
    "os.execl": "it would replace the process that judges it",
    "os.execle": "it would replace the process that judges it",
    "os.execlp": "it would replace the process that judges it",
    "os.execvpe": "it would replace the process that judges it",
    "posix": "it is the inside of os",
    "nt": "it is the inside of os",
    "_thread.interrupt_main": "it would end the process that judges it",
    "os.execv": "it would replace the process that judges it",
    "os.execve": "it would replace the process that judges it",
    "os.execvp": "it would replace the process that judges it",
    "signal": "signals belong to the program, not to one of its functions",
    "atexit": "a function must not leave anything to run at exit",
    "faulthandler": "it changes the process that judges it",
    "builtins": "the builtins are used by everybody",
    "ctypes": "it can change any other code",
    "gc": "it looks into the program that judges it",
    "inspect.stack": "it looks at its caller",
    "inspect.currentframe": "it looks at its caller",
    "inspect.trace": "it looks at its caller",
    "linecache": "it reads the source of what judges it",
    "types.CodeType": "text that is run as code cannot be judged",
    "types.FunctionType": "text that is run as code cannot be judged",
    "code": "text that is run as code cannot be judged",
    "codeop": "text that is run as code cannot be judged",
    "timeit": "text that is run as code cannot be judged",
    "runpy": "text that is run as code cannot be judged",
    "bdb": "it changes the process that judges it",
    "pdb": "it would stop and wait for a person",
    "pydoc": "imports stand at the top of the helpers",
    "zipimport": "imports stand at the top of the helpers",
    "pkgutil.resolve_name": "imports stand at the top of the helpers",
    "pkgutil.get_loader": "imports stand at the top of the helpers",
    "pkgutil.find_loader": "imports stand at the top of the helpers",
    "logging.config": "it changes the process that judges it",
    "traceback.extract_stack": "it looks at its caller",
    "traceback.format_stack": "it looks at its caller",
    "traceback.walk_stack": "it looks at its caller",
    "sys._getframe": "it looks at its caller",
    "sys._current_frames": "it looks at its caller",
    "sys._getframemodulename": "it looks at its caller",
    "sys.modules": "it looks at what else is loaded",
    "sys.settrace": "it changes the process that judges it",
    "sys.setprofile": "it changes the process that judges it",
    "sys.monitoring": "it changes the process that judges it",
    "sys.meta_path": "it changes how modules are imported",
    "sys.path_hooks": "it changes how modules are imported",
    "sys.path": "it changes how modules are imported",
    "sys.excepthook": "it changes the process that judges it",
    "sys.unraisablehook": "it changes the process that judges it",
    "threading.settrace": "it changes the process that judges it",
}
REFUSED_BUILTINS = {
    "exec": "text that is run as code cannot be judged",
    "eval": "text that is run as code cannot be judged",
    "compile": "text that is run as code cannot be judged",
    "__import__": "imports stand at the top of the helpers",
    "globals": "it could change the host's names",
    "__builtins__": "the builtins are used by everybody",
    "breakpoint": "it would stop and wait for a person",
    "input": "it would stop and wait for a person",
}
# Of these modules a candidate may use no more than this.
ALLOWED: Mapping[str, tuple[frozenset[str], str]] = {
    "sys": (
        frozenset({
            "argv", "byteorder", "exc_info", "exception", "executable", "exit", "float_info", "flags",
            "get_int_max_str_digits", "getdefaultencoding", "getfilesystemencoding", "getrecursionlimit", "getsizeof",
            "hash_info", "hexversion", "implementation", "int_info", "intern", "maxsize", "maxunicode", "orig_argv",
            "platform", "prefix", "stderr", "stdin", "stdout", "thread_info", "version", "version_info",
        }),
        "it belongs to the interpreter",
    ),
    "inspect": (
        frozenset({
            "BoundArguments", "Parameter", "Signature", "cleandoc", "get_annotations", "getdoc", "isabstract",
            "isasyncgen", "isasyncgenfunction", "isawaitable", "isbuiltin", "isclass", "iscoroutine",
            "iscoroutinefunction", "isfunction", "isgenerator", "isgeneratorfunction", "ismethod", "ismodule",
            "isroutine", "signature", "unwrap",
        }),
        "it looks into other code",
    ),
    "importlib": (frozenset({"metadata", "resources"}), "imports stand at the top of the helpers"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Refusals as (line, message), and flags for the reviewer."""

    refusals: tuple[tuple[int, str], ...]
    flags: tuple[Flag, ...]


def judge(tree: ast.Module, known: Scope, *, test: bool, top: bool) -> Found:
    """Look through one part of a candidate.

    ``known`` is what the host's and the helpers' names lead to. ``test`` allows testing libraries, ``top`` says that
    the part's statements run when its module is imported.
    """
    scope = scopes.inside(tree, known, top=top)
    refusals = [*_shapes(tree, scope), *comparisons.judge(tree, scope), *reflection.judge(tree, scope, test=test)]
    refusals += _insides(tree, INSIDES if test else TESTING | INSIDES, test=test)
    flags: dict[str, Flag] = {}
    for path, node in (*names.outermost_paths(tree, scope.meaning), *reflection.paths_by_text(tree, scope)):
        why = _refused(path, scope)
        if why:
            refusals.append((node.lineno, f"{_spelled(node)}: {why}"))
        for code in world.impurities(path):
            flags.setdefault(code, Flag(code, world.detail(code, f"{path} (line {node.lineno})")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in world.FILE_METHODS:
            where = world.detail("touches-files", f".{node.attr} (line {node.lineno})")
            flags.setdefault("touches-files", Flag("touches-files", where))
    if top:
        refusals += startup.judge(tree, scope, test=test)
    return Found(tuple(refusals), tuple(flags.values()))


def gate_files(tree: ast.Module, files: frozenset[str], own: str, known: Scope) -> Iterator[tuple[int, str]]:
    """Strings that name the gates' files, the store or pytest's environment, however they are put together."""
    base = {PurePosixPath(file).name for file in files - {own}} | {"conftest.py"}
    for line, text in Folder(scopes.inside(tree, known).values).texts(tree):
        if text.startswith("PYTEST_") or ".jiti" in text.split("/") or any(name in text for name in base):
            yield line, f"{text!r} leads to what judges it"


def _insides(tree: ast.Module, roots: frozenset[str], *, test: bool) -> Iterator[tuple[int, str]]:
    who = "a test" if test else "an implementation"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found = [node.module.split(".")[0]]
        else:
            continue
        for root in found:
            if root in roots or (not test and root.startswith("test_")):
                yield node.lineno, f"{who} has no business with {root}"


def _refused(path: str, scope: Scope) -> str:
    root, _, rest = path.partition(".")
    if root in REFUSED_BUILTINS and not rest and root not in scope.meaning:
        return REFUSED_BUILTINS[root]
    if root in REFUSED_BUILTINS and rest and root not in scope.meaning and root == "__builtins__":
        return REFUSED_BUILTINS[root]
    if path.startswith(LOCAL):
        return ""
    # A module of the project may be called `signal`: what it defines itself is not the standard library's.
    own = f"{scope.module}."
    return _by_table(path) or _through(path.removeprefix(own) if scope.module else path)


def _by_table(path: str) -> str:
    for prefix, why in REFUSED.items():
        if world.under(path, prefix):
            return why
    root, dot, rest = path.partition(".")
    if dot and root in ALLOWED and rest.partition(".")[0] not in ALLOWED[root][0]:
        return ALLOWED[root][1]
    return ""


def _through(path: str) -> str:
    """A module that is reached through another one: ``typing.sys.modules``."""
    parts = path.split(".")
    standard = parts[0] in sys.stdlib_module_names
    for index, part in enumerate(parts[1:], 1):
        if part not in SENSITIVE | {"_pytest", "pluggy"}:
            continue
        rest = ".".join(parts[index:])
        if standard and part != "signal":
            return f"{part} is not to be reached through {parts[0]}"
        why = next((why for prefix, why in REFUSED.items() if world.under(rest, prefix) and rest != part), "")
        if why:
            return why
    return ""


def _spelled(node: ast.expr) -> str:
    return f"`{ast.unparse(node)}`"


def _shapes(tree: ast.Module, scope: Scope) -> Iterator[tuple[int, str]]:
    """Changes to other code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and _root(node) in scope.outside:
            yield node.lineno, f"`{ast.unparse(node)}` changes code outside of the candidate"
        elif isinstance(node, ast.Call) and _sets_attribute(node, scope):
            yield node.lineno, f"`{ast.unparse(node)[:60]}` changes code outside of the candidate"


def _sets_attribute(node: ast.Call, scope: Scope) -> bool:
    if not node.args or _root(node.args[0]) not in scope.outside:
        return False
    by_method = isinstance(node.func, ast.Attribute) and node.func.attr in {"__setattr__", "__delattr__"}
    return by_method or scope.builtin(node.func) in {"setattr", "delattr"}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
