import os
import select
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jiti_bot import process
from jiti_bot.errors import ToolError
from jiti_bot.process import Completed

ENV = {"PATH": os.environ["PATH"], "NAME": "välue"}
Run = Callable[..., Completed]


def spawned(
    args: list[str], *, env: Mapping[str, str] = ENV, stdin: bytes = b"", timeout: float | None = 30
) -> Completed:
    return process.begin(args, env=env).finish(stdin, timeout)


def run(args: list[str], *, env: Mapping[str, str] = ENV, stdin: bytes = b"", timeout: float | None = 30) -> Completed:
    return process.run(args, env=env, stdin=stdin, timeout=timeout)


def without_spawn(
    args: list[str], *, env: Mapping[str, str] = ENV, stdin: bytes = b"", timeout: float | None = 30
) -> Completed:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(os, "posix_spawn")
        return process.begin(args, env=env).finish(stdin, timeout)


def filling(
    args: list[str], *, env: Mapping[str, str] = ENV, stdin: bytes = b"", timeout: float | None = 30
) -> Completed:
    return process.begin(args, env=env, fills=True).finish(stdin, timeout)


def without_memory(
    args: list[str], *, env: Mapping[str, str] = ENV, stdin: bytes = b"", timeout: float | None = 30
) -> Completed:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(os, "memfd_create", raising=False)
        return process.begin(args, env=env, fills=True).finish(stdin, timeout)


both = pytest.mark.parametrize("run", [run, spawned, filling, without_memory, without_spawn])


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@both
def test_it_returns_what_was_written(run: Run) -> None:
    done = run(python("import sys; print('out'); print('err\\nlast', file=sys.stderr); sys.exit(3)"))
    assert (done.code, done.stdout, done.stderr) == (3, b"out\n", b"err\nlast\n")
    assert not done.ok
    assert done.complaint == "last"


@both
def test_success_says_nothing(run: Run) -> None:
    done = run(python("pass"))
    assert (done.ok, done.stdout, done.stderr, done.complaint) == (True, b"", b"", "exit code 0")


@both
def test_a_signal_is_a_negative_code(run: Run) -> None:
    assert run(python("import os; os.kill(os.getpid(), 9)")).code == -9


@both
def test_standard_input_is_bytes(run: Run) -> None:
    data = bytes(range(256)) * 8
    assert run(python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"), stdin=data).stdout == data


@both
def test_a_child_that_reads_nothing(run: Run) -> None:
    assert run(["true"], stdin=b"x" * 1000).ok


@both
def test_much_on_both_streams_blocks_nobody(run: Run) -> None:
    code = "import sys\nfor _ in range(40): sys.stdout.write('o' * 10000); sys.stderr.write('e' * 10000)"
    done = run(python(code))
    assert (len(done.stdout), len(done.stderr)) == (400_000, 400_000)


@both
def test_arguments_and_environment_arrive_as_they_are(run: Run) -> None:
    code = "import os, sys; print(sys.argv[1:], os.environ.get('NAME'), 'HOME' in os.environ)"
    done = run([sys.executable, "-X", "utf8", "-c", code, "a b", "", "*", "$(x)", "ü\n"])
    assert done.stdout.decode() == f"{['a b', '', '*', '$(x)', 'ü' + chr(10)]} välue False\n"


@both
def test_a_child_that_takes_too_long_is_ended_with_its_children(run: Run, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; child = os.fork(); open({str(mark)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    with pytest.raises(ToolError, match="did not end within 3 seconds") as caught:
        run(python(code), timeout=3)
    assert "Run it by hand" in caught.value.remedy
    for pid in mark.read_text().split():
        assert ends(int(pid))


def ends(pid: int) -> bool:
    """Whether a process has ended or is about to: a kill takes effect a moment after it was sent."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


MISSING: dict[str, tuple[list[str], dict[str, str]]] = {
    "no such program": (["surely-not-there"], ENV),
    "not on this PATH": (["git"], {"PATH": "/nowhere"}),
    "no such path": (["/surely/not/there"], ENV),
    "a folder": (["/tmp"], ENV),
    "a NUL in an argument": (["true", "a\0b"], ENV),
}


@both
@pytest.mark.parametrize(("args", "env"), MISSING.values(), ids=MISSING)
def test_what_cannot_be_started(run: Run, args: list[str], env: dict[str, str]) -> None:
    with pytest.raises(ToolError, match="could not be started") as caught:
        run(args, env=env)
    assert "PATH" in caught.value.remedy


@both
def test_no_handle_is_left_open(run: Run) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    run(python("pass"))
    with pytest.raises(ToolError):
        run(["surely-not-there"])
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_a_child_can_be_talked_to() -> None:
    child = process.begin(["cat"], env=ENV)
    for word in (b"one\n", b"two\n"):
        child.stdin.write(word)
        child.stdin.flush()
        assert child.stdout.readline() == word
    child.end()
    child.end()


@pytest.mark.parametrize("missing", ["", "posix_spawn"])
def test_a_child_that_is_talked_to_is_not_stopped_by_its_own_complaints(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing:
        monkeypatch.delattr(os, missing)
    child = process.begin(python("import sys; sys.stderr.write('e' * 400_000); print('out')"), env=ENV, mute=True)
    try:
        assert select.select([child.stdout], [], [], 30)[0]
        assert child.stdout.readline() == b"out\n"
    finally:
        child.end()


@pytest.mark.parametrize("fills", [False, True])
@pytest.mark.parametrize("room", range(4))
def test_where_no_handle_is_left_none_is_kept(monkeypatch: pytest.MonkeyPatch, fills: bool, room: int) -> None:
    handles: list[int] = []

    def limited(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any) -> Any:
            if len(handles) >= room:
                raise OSError(24, "Too many open files")
            found = make(*args)
            handles.extend([found] if isinstance(found, int) else found)
            return found

        return made

    for name in ("pipe", "dup"):
        monkeypatch.setattr(os, name, limited(getattr(os, name)))
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(ToolError, match="Too many open files"):
        process.begin(["true"], env=ENV, fills=fills)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_child_that_fills_waits_for_nobody() -> None:
    if not hasattr(os, "memfd_create"):
        return  # files in memory are Linux's
    child = process.begin(python("print('x' * 3_000_000); raise SystemExit(7)"), env=ENV, fills=True)
    assert isinstance(child, process._SpawnedChild)
    # Its end shows at the pipe of its errors; nobody has read what it wrote.
    assert select.select([child._errors], [], [], 30)[0]
    assert os.read(child._errors, 10) == b""
    done = child.finish(timeout=30)
    assert (done.code, len(done.stdout)) == (7, 3_000_001)


def test_run_starts_in_a_folder(tmp_path: Path) -> None:
    done = process.run(["pwd"], env=ENV, cwd=tmp_path)
    assert done.stdout.decode().strip() == str(tmp_path.resolve())


def test_a_child_of_run_has_a_session_of_its_own() -> None:
    done = process.run(python("import os; print(os.getsid(0) == os.getpid())"), env=ENV)
    assert done.stdout == b"True\n"
