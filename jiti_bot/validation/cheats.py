"""Known ways of passing a check without doing the work, and reads of the outside world. Pure, over `ast`.

Two tables of dotted paths: what refuses a candidate, and what a reviewer should know. Names are followed through the
host's, the helpers' and the body's own imports; a local variable that merely shares a name is not followed.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jiti_bot.validation import names
from jiti_bot.validation.model import Flag

TESTING = frozenset(
    {"pytest", "_pytest", "unittest", "doctest", "hypothesis", "pluggy", "jiti", "jiti_bot", "conftest"}
)

# path or path prefix -> why it refuses
REFUSED = {
    "os._exit": "it would end the process that judges it",
    "os.abort": "it would end the process that judges it",
    "os.kill": "it could end the process that judges it",
    "os.killpg": "it could end the process that judges it",
    "os.fork": "it would duplicate the process that judges it",
    "os.execv": "it would replace the process that judges it",
    "os.execve": "it would replace the process that judges it",
    "os.execvp": "it would replace the process that judges it",
    "signal": "signals belong to the program, not to one of its functions",
    "atexit": "a function must not leave anything to run at exit",
    "faulthandler": "it changes the process that judges it",
    "builtins": "the builtins are used by everybody",
    "ctypes": "it can change any other code",
    "gc.get_objects": "it looks into the program that judges it",
    "gc.get_referrers": "it looks into the program that judges it",
    "inspect.stack": "it looks at its caller",
    "inspect.currentframe": "it looks at its caller",
    "inspect.trace": "it looks at its caller",
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
FRAMES = frozenset({"f_back", "f_globals", "f_locals", "f_code", "tb_frame", "gi_frame", "cr_frame", "ag_frame"})
ENDING = frozenset({"sys.exit", "exit", "quit"})
EQUALITY = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__"})

# flag -> path prefixes
IMPURE: Mapping[str, tuple[str, ...]] = {
    "reads-clock": (
        "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.localtime", "time.gmtime",
        "time.ctime", "time.strftime", "time.process_time", "datetime.datetime.now", "datetime.datetime.today",
        "datetime.datetime.utcnow", "datetime.date.today",
    ),
    "waits": ("time.sleep", "asyncio.sleep"),
    "uses-randomness": (
        "random", "secrets", "os.urandom", "os.getrandom", "uuid.uuid1", "uuid.uuid4", "numpy.random",
    ),
    "reads-environment": (
        "os.environ", "os.environb", "os.getenv", "os.getcwd", "os.getlogin", "os.uname", "os.cpu_count", "sys.argv",
        "sys.platform", "sys.stdin", "platform", "getpass", "locale", "pwd", "socket.gethostname",
    ),
    "touches-files": (
        "open", "io.open", "io.FileIO", "os.open", "os.listdir", "os.scandir", "os.walk", "os.remove",
        "os.unlink", "os.mkdir", "os.makedirs", "os.rename", "os.replace", "os.rmdir", "os.chmod", "os.stat",
        "os.path.exists",
        "os.path.isfile", "os.path.isdir", "os.path.getsize", "os.path.getmtime", "shutil", "tempfile", "glob",
        "fileinput", "sqlite3", "shelve", "dbm", "pathlib.Path.cwd", "pathlib.Path.home", "__file__",
    ),
    "uses-network": (
        "socket", "ssl", "urllib.request", "http.client", "http.server", "ftplib", "smtplib", "imaplib", "poplib",
        "xmlrpc", "requests", "httpx", "aiohttp", "urllib3", "websockets", "asyncio.open_connection",
    ),
    "starts-processes": (
        "subprocess", "multiprocessing", "os.system", "os.popen", "os.posix_spawn", "os.spawnl", "os.spawnv", "pty",
        "concurrent.futures.ProcessPoolExecutor", "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
    ),
    "starts-threads": ("threading.Thread", "concurrent.futures.ThreadPoolExecutor", "_thread"),
    "imports-by-name": ("importlib",),
    "unpickles": ("pickle.load", "pickle.loads", "marshal"),
    "ends-the-program": tuple(sorted(ENDING)),
    "prints": ("print",),
}  # fmt: skip
FILE_METHODS = frozenset(
    {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "unlink", "mkdir", "touch"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """Refusals as (line, message), and flags for the reviewer."""

    refusals: tuple[tuple[int, str], ...]
    flags: tuple[Flag, ...]


def judge(
    tree: ast.Module,
    meaning: Mapping[str, str],
    outside: set[str],
    package: str,
    *,
    test: bool,
    top: bool,
) -> Found:
    """Look through one part of a candidate.

    ``meaning`` is what the host's and the helpers' names lead to, ``outside`` those that name modules, classes and
    functions which are not the candidate's. ``test`` allows testing libraries, ``top`` says that the part's
    statements run when the host is imported.
    """
    refusals = [*_shapes(tree, outside)]
    flags: dict[str, Flag] = {}
    scope = _scope(tree, meaning, package)
    refusals += [] if test else _test_imports(tree)
    for path, node in resolved(tree, scope, package):
        why = _refused(path, scope)
        if why:
            refusals.append((node.lineno, f"{_spelled(node)}: {why}"))
        for code in _impurities(path):
            flags.setdefault(code, Flag(code, f"{path} (line {node.lineno})"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in FILE_METHODS:
            flags.setdefault("touches-files", Flag("touches-files", f".{node.attr} (line {node.lineno})"))
    if top:
        refusals += _at_import(tree, scope)
    return Found(tuple(refusals), tuple(flags.values()))


def gate_files(tree: ast.Module, files: frozenset[str], own: str) -> Iterator[tuple[int, str]]:
    """Strings that name the gates' files, the store or pytest's environment."""
    if own in files:
        files = files - {own}
    base = {PurePosixPath(file).name for file in files} | {"conftest.py"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = node.value
        if text.startswith("PYTEST_") or ".jiti" in text.split("/") or any(name in text for name in base):
            yield node.lineno, f"{text!r} leads to what judges it"


def resolved(tree: ast.AST, meaning: Mapping[str, str], package: str) -> Iterator[tuple[str, ast.expr]]:
    """Every path that the code mentions, with imports inside of it followed."""
    yield from names.outermost_paths(tree, _scope(tree, meaning, package))


def _scope(tree: ast.AST, meaning: Mapping[str, str], package: str) -> dict[str, str]:
    scope = dict(meaning)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope[node.id] = f"<local>.{node.id}"
        elif isinstance(node, ast.arg):
            scope[node.arg] = f"<local>.{node.arg}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            scope.update(names.imported(node, package))
    return scope


def _test_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            roots = [node.module.split(".")[0]]
        else:
            continue
        for root in roots:
            if root in TESTING or root.startswith("test_"):
                yield node.lineno, f"an implementation has no business with {root}"


def _refused(path: str, scope: Mapping[str, str]) -> str:
    root = path.partition(".")[0]
    if root in REFUSED_BUILTINS and root not in scope:
        return REFUSED_BUILTINS[root]
    for prefix, why in REFUSED.items():
        if _under(path, prefix):
            return why
    return ""


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


def _impurities(path: str) -> Iterator[str]:
    for code, prefixes in IMPURE.items():
        if any(_under(path, prefix) for prefix in prefixes):
            yield code


def _spelled(node: ast.expr) -> str:
    return f"`{ast.unparse(node)}`"


def _shapes(tree: ast.Module, named: set[str]) -> Iterator[tuple[int, str]]:
    """Forms rather than names: equality that is always true, frames, changes to other code."""
    local = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} | {
        node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)
    }
    outside = named - local
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in EQUALITY and _always(node):
            yield node.lineno, f"{node.name} that always answers the same makes every comparison pass"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in EQUALITY:
            yield node.lineno, f"{node.value} is not to be set by name"
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in EQUALITY for target in node.targets
        ):
            yield node.lineno, "comparisons are written as methods"
        elif isinstance(node, ast.Attribute) and node.attr in FRAMES:
            yield node.lineno, f"`.{node.attr}` looks at its caller"
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and _root(node) in outside:
            yield node.lineno, f"`{ast.unparse(node)}` changes code outside of the candidate"
        elif isinstance(node, ast.Call) and _sets_attribute(node, outside):
            yield node.lineno, f"`{ast.unparse(node)[:60]}` changes code outside of the candidate"


def _sets_attribute(node: ast.Call, outside: set[str]) -> bool:
    if not isinstance(node.func, ast.Name) or not node.args:
        return False
    return node.func.id in {"setattr", "delattr"} and _root(node.args[0]) in outside


def _always(node: ast.FunctionDef) -> bool:
    body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return (len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant)) and body[
        0
    ].value.value is not NotImplemented


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _at_import(tree: ast.Module, scope: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """What a helper must not do while the host is imported."""
    for statement in tree.body:
        if isinstance(statement, names.DEFINITIONS | ast.Import | ast.ImportFrom):
            continue
        for node in ast.walk(statement):
            path = names.path_of(node.func, scope) if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and path and set(_impurities(path)) - {"imports-by-name"}:
                yield node.lineno, f"`{ast.unparse(node)[:60]}` would run while the module is imported"
