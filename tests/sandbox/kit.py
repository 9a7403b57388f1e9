"""A project with secrets, a bystander process, and listeners outside: what the probes reach for."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from jiti_bot.validation.environment import inspect_environment
from jiti_bot.validation.sandbox.limits import MIB, Limits
from jiti_bot.validation.workbench import Level, Workbench

SECRET = "sesame-4711"
# Small enough that what runs over is stopped within a test's patience.
LIMITS = Limits(memory=400 * MIB, tasks=40, file=4 * MIB, disk=24 * MIB, entries=2000, output=2 * MIB)


def make_project(root: Path) -> Path:
    """A repository with files that must be readable and files that must not."""
    (root / "app").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "app" / "__init__.py").write_text("")
    (root / "app" / "data.txt").write_text("plain")
    (root / "config" / "plain.toml").write_text("plain = true")
    (root / "config" / ".env.local").write_text(SECRET)
    (root / "config" / "deploy.key").write_text(SECRET)
    (root / "config" / "fixture.key").write_text("a tracked test key")
    (root / ".env").write_text(SECRET)
    (root / ".gitignore").write_text("deploy.key\n")
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@contextmanager
def bystander() -> Generator[int]:
    """A process of the same user that the sandbox must not touch."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    environment = {**os.environ, "JITI_TEST_SECRET": SECRET}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@contextmanager
def surroundings(folder: Path) -> Generator[dict[str, str]]:
    """Everything outside the sandbox that a probe can name."""
    outside = folder / "outside"
    outside.mkdir()
    (outside / "victim").write_text(SECRET)
    (outside / "folder").mkdir()
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        stream = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        stream.bind(str(outside / "stream"))
        stream.listen()
        datagram = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagram.bind(str(outside / "datagram"))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        abstract.bind(f"\0jiti-test-{os.getpid()}")
        abstract.listen()
        yield {
            "outside": str(outside),
            "secret": SECRET,
            "pid": str(stack.enter_context(bystander())),
            "tcp": str(tcp.getsockname()[1]),
            "udp": str(udp.getsockname()[1]),
            "abstract": f"jiti-test-{os.getpid()}",
        }


@contextmanager
def bench(root: Path, *, level: Level = "auto", limits: Limits = LIMITS, python: str = sys.executable,
          environ: Mapping[str, str] | None = None) -> Generator[Workbench]:  # fmt: skip
    """A workbench for ``root`` whose caller's environment holds a secret."""
    around = {**os.environ, "JITI_TEST_SECRET": SECRET, **(environ or {})}
    around.pop("VIRTUAL_ENV", None)
    environment = inspect_environment(root, Path(python), around)
    with Workbench(environment, level=level, limits=limits, environ=around) as running:
        yield running
