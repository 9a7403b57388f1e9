"""What a candidate can do to the machine it runs on: every case ends as `Stopped` or as a refusal it can see."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Cause, Ran, RunCode, Stopped
from jiti_bot.validation.sandbox import tree
from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit

STOPPED = {
    "sleeps": ("import time; time.sleep(60)", 0.5, Cause.TIMEOUT),
    "spins": ("while True: pass", 0.5, Cause.TIMEOUT),
    "ignores every signal it may": (
        "import signal, time\nfor s in set(signal.Signals) - {9, 19}: signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)",
        0.5,
        Cause.TIMEOUT,
    ),
    "leaves without a word": ("import os; os._exit(0)", 20.0, Cause.DIED),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", 20.0, Cause.DIED),
    "crashes": ("import ctypes; ctypes.string_at(0)", 20.0, Cause.DIED),
    "prints without end": ("import os\nwhile True: os.write(1, b'x' * 65536)", 20.0, Cause.OUTPUT),
    "fills many files": (
        (
            "import os\nfor i in range(100): open(os.environ['HOME'] + f'/{i}', 'wb').write(b'x' * (3 << 20))\n"
            "import time; time.sleep(20)"
        ),
        20.0,
        Cause.DISK,
    ),
    "fills deleted files": (
        (
            "import os, tempfile\nkept = [tempfile.TemporaryFile() for _ in range(20)]\n"
            "for file in kept: file.write(b'x' * (3 << 20)); file.flush()\nimport time; time.sleep(20)"
        ),
        20.0,
        Cause.DISK,
    ),
    "makes files without end": (
        "import os\nfor i in range(10**9): open(os.environ['HOME'] + f'/{i}', 'w').close()",
        20.0,
        Cause.DISK,
    ),
    "shares memory without end": (
        (
            "import mmap, time\nkept = [mmap.mmap(-1, 50 << 20) for _ in range(20)]\n"
            "for block in kept:\n    for at in range(0, len(block), 4096): block[at] = 1\ntime.sleep(20)"
        ),
        20.0,
        Cause.MEMORY,
    ),
    "spreads memory over processes": (
        (
            "import os, time\nfor _ in range(6):\n    if os.fork() == 0: kept = b'x' * (150 << 20); time.sleep(20)\n"
            "time.sleep(20)"
        ),
        20.0,
        Cause.MEMORY,
    ),
}
REFUSED = {
    "eats memory": ("kept = []\nwhile True: kept.append(bytearray(10 << 20))", "MemoryError"),
    "writes one large file": ("import os; open(os.environ['HOME'] + '/x', 'wb').write(b'x' * (8 << 20))", "OSError"),
    "opens files without end": ("kept = []\nwhile True: kept.append(open('/dev/null'))", "Too many open files"),
    "forks without end": (
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(30)",
        "Resource temporarily unavailable",
    ),
    "starts threads without end": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(30,), daemon=True).start()",
        "can't start new thread",
    ),
    "wants shared memory": ("import multiprocessing; multiprocessing.Lock()", "PermissionError"),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Generator[Workbench]:
    with kit.bench(kit.make_project(tmp_path_factory.mktemp("project"))) as running:
        yield running


def still_fine(bench: Workbench) -> bool:
    result = bench.run(RunCode("import os; print('fine', len(os.listdir(os.environ['HOME'])))"), timeout=20.0)
    return result.output == "fine 0\n" and isinstance(result, Ran)


@pytest.mark.parametrize(("code", "seconds", "cause"), STOPPED.values(), ids=STOPPED)
def test_it_is_stopped(bench: Workbench, code: str, seconds: float, cause: Cause) -> None:
    result = bench.run(RunCode(code), timeout=seconds)

    assert isinstance(result, Stopped), result
    assert result.cause is cause, result
    assert still_fine(bench)


@pytest.mark.parametrize(("code", "complaint"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(bench: Workbench, code: str, complaint: str) -> None:
    result = bench.run(RunCode(code), timeout=30.0)

    assert complaint in result.output, result
    assert still_fine(bench)


def test_output_is_kept_at_both_ends(bench: Workbench) -> None:
    result = bench.run(RunCode("print('first'); print('x' * 500_000); print('last')"), timeout=20.0)

    assert isinstance(result, Ran)
    assert result.output.startswith("first\n")
    assert result.output.endswith("last\n")
    assert "bytes left out" in result.output
    assert len(result.output) < 3 * kit.LIMITS.shown


@pytest.mark.parametrize(
    "escape",
    ["os.setsid()", "os.setsid()\nif os.fork(): os._exit(0)", "os.setpgid(0, 0)"],
    ids=["session", "daemon", "group"],
)
@pytest.mark.parametrize("end", ["", "os._exit(0)", "time.sleep(60)"], ids=["ends", "exits", "hangs"])
def test_nobody_survives(bench: Workbench, tmp_path: Path, escape: str, end: str) -> None:
    before = set(living(os.getpid()))
    code = "\n".join(
        (
            "import os, time",
            "if os.fork() == 0:",
            *("    " + line for line in escape.splitlines()),
            "    open(os.environ['HOME'] + '/ready', 'w').close()",
            "    time.sleep(60)",
            "while not os.path.exists(os.environ['HOME'] + '/ready'): time.sleep(0.001)",
            end,
        )
    )

    bench.run(RunCode(code), timeout=1.0)

    assert set(living(os.getpid())) == before
    assert list(tmp_path.iterdir()) == []


def living(pid: int) -> tuple[int, ...]:
    return tree.alive(tree.descendants(pid))


def test_closing_ends_everything(tmp_path: Path) -> None:
    before = set(living(os.getpid()))
    with kit.bench(kit.make_project(tmp_path)) as running:
        assert set(living(os.getpid())) != before
        assert running._launcher is not None
        scratch = running._launcher.scratch
        running.run(RunCode("import os\nos.makedirs('/'.join([os.environ['HOME'], *'abc' * 9]))"), timeout=20.0)

    assert set(living(os.getpid())) == before
    assert not scratch.exists()


NASTY_FOLDERS = {
    "closed": "os.mkdir('x'); open('x/y', 'w').close(); os.chmod('x', 0)",
    "deep": "for _ in range(3000): os.mkdir('d'); os.chdir('d')",
    "odd names": "open(b'\\xff\\n', 'w').close()",
    "link to itself": "os.symlink('x', 'x')",
}


@pytest.mark.parametrize("code", NASTY_FOLDERS.values(), ids=NASTY_FOLDERS)
def test_a_job_folder_can_always_be_removed(bench: Workbench, code: str) -> None:
    lines = code.replace("; os.chdir", "\n    os.chdir").replace("): os.mkdir", "):\n    os.mkdir")
    bench.run(RunCode(f"import os\nos.chdir(os.environ['HOME'])\n{lines}"), timeout=20.0)

    assert bench._launcher is not None
    assert [path.name for path in bench._launcher.scratch.glob("worker-*/jobs/*")] == ["warm"]
