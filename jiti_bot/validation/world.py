"""Paths that lead out of a computation: the clock, chance, files, the network, other processes. Values only."""

from collections.abc import Iterator, Mapping

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
        "sys.platform", "sys.stdin", "platform", "getpass", "importlib.metadata", "locale", "pwd", "socket.gethostname",
    ),
    "touches-files": (
        "open", "io.open", "io.FileIO", "os.open", "os.listdir", "os.scandir", "os.walk", "os.remove",
        "os.unlink", "os.mkdir", "os.makedirs", "os.rename", "os.replace", "os.rmdir", "os.chmod", "os.stat",
        "importlib.resources", "os.path.exists",
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
    "unpickles": ("pickle.load", "pickle.loads", "marshal"),
    "ends-the-program": ("sys.exit", "exit", "quit"),
    "prints": ("print",),
}  # fmt: skip
FILE_METHODS = frozenset(
    {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "unlink", "mkdir", "touch", "rmdir"}
)
# What a reviewer reads first.
WORDS = {
    "touches-files": "it reads or writes files",
    "reads-clock": "it asks for the time",
    "reads-environment": "it looks at the machine that it runs on",
    "uses-network": "it talks to other machines",
    "starts-processes": "it starts programs",
    "unpickles": "it turns bytes into any object",
}


def under(path: str, prefix: str) -> bool:
    """Whether ``path`` is ``prefix`` or leads on from it."""
    return path == prefix or path.startswith(f"{prefix}.")


def impurities(path: str) -> Iterator[str]:
    """The flags for a path."""
    for code, prefixes in IMPURE.items():
        if any(under(path, prefix) for prefix in prefixes):
            yield code


def detail(code: str, where: str) -> str:
    """A flag's detail, in words where the code alone does not say enough."""
    return f"{WORDS[code]}: {where}" if code in WORDS else where
