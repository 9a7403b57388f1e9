"""Modes, owners and times: what programs do to their own files works inside, and only to those."""

from collections.abc import Generator
from pathlib import Path

import pytest

from jiti_bot.validation.jobs import RunCode
from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit

PRELUDE = """
import os, pathlib, shutil, stat, tarfile, tempfile, warnings
warnings.simplefilter('ignore')
os.chdir(os.environ["HOME"])
mine = pathlib.Path("mine")
mine.write_text("x")
def mode(path): return stat.S_IMODE(os.lstat(path).st_mode)
"""
WORKS = {
    "nothing": "",
    "mode": "mine.chmod(0o640); assert mode('mine') == 0o640",
    "mode by descriptor": "os.fchmod(os.open('mine', 0), 0o604); assert mode('mine') == 0o604",
    "mode by folder descriptor": "os.chmod('mine', 0o600, dir_fd=os.open('.', os.O_PATH))",
    "mode by absolute path": "mine.absolute().chmod(0o400); assert mode('mine') == 0o400",
    "mode through a link": "os.symlink('mine', 'link'); os.chmod('link', 0o611); assert mode('mine') == 0o611",
    "mode of a folder": "os.mkdir('f'); os.chmod('f', 0o711); assert mode('f') == 0o711",
    "mode of a deleted file": "f = tempfile.TemporaryFile(); os.fchmod(f.fileno(), 0o640)",
    "times": "os.utime('mine', ns=(5, 7)); assert (os.stat('mine').st_atime_ns, os.stat('mine').st_mtime_ns) == (5, 7)",
    "times in seconds": "os.utime('mine', (1, 2.5)); assert os.stat('mine').st_mtime == 2.5",
    "times by descriptor": "os.utime(os.open('mine', 0), (1, 2)); assert os.stat('mine').st_mtime == 2",
    "times of now": "os.utime('mine', (1, 1)); mine.touch(); assert os.stat('mine').st_mtime > 1",
    "times of a link": "os.symlink('nowhere', 'link'); os.utime('link', (1, 3), follow_symlinks=False)\n"
    "assert os.lstat('link').st_mtime == 3",
    "owner as it is": "os.chown('mine', os.getuid(), -1); os.lchown('mine', -1, -1)",
    "copy with everything": "mine.chmod(0o700); shutil.copy2('mine', 'copy'); assert mode('copy') == 0o700",
    "copy of a tree": "os.mkdir('t'); shutil.copy('mine', 't'); shutil.copytree('t', 'u'); shutil.rmtree('t')",
    "archive": "with tarfile.open('a.tar', 'w') as archive: archive.add('mine')\n"
    "tarfile.open('a.tar').extractall('out')",
    "temporary folder": "with tempfile.TemporaryDirectory() as name: os.mkdir(name + '/x', 0o500)",
}
REFUSED = {
    "run as its owner": ("mine.chmod(0o4755)", "PermissionError"),
    "another owner": ("os.chown('mine', os.getuid() + 1, -1)", "PermissionError"),
    "a file that is not there": ("os.chmod('missing', 0o600)", "FileNotFoundError"),
    "an empty name": ("os.chmod('', 0o600)", "FileNotFoundError"),
    "a name that is too long": ("os.chmod('x' * 5000, 0o600)", "File name too long"),
    "a descriptor that is closed": ("os.fchmod(999, 0o600)", "Bad file descriptor"),
    "a bad address": (
        (
            "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
            "libc.chmod.argtypes = [ctypes.c_void_p, ctypes.c_int]\n"
            "assert libc.chmod(1, 0o600) == -1; raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))"
        ),
        "Bad address",
    ),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Generator[Workbench]:
    with kit.bench(kit.make_project(tmp_path_factory.mktemp("project"))) as running:
        yield running


@pytest.mark.parametrize("code", WORKS.values(), ids=WORKS)
def test_it_works_on_own_files(bench: Workbench, code: str) -> None:
    result = bench.run(RunCode(f"{PRELUDE}\n{code}\nprint('done')"), timeout=20.0)

    assert result.output == "done\n"


@pytest.mark.parametrize(("code", "complaint"), REFUSED.values(), ids=REFUSED)
def test_it_fails_as_it_would_outside(bench: Workbench, code: str, complaint: str) -> None:
    result = bench.run(RunCode(f"{PRELUDE}\n{code}\nprint('done')"), timeout=20.0)

    assert complaint in result.output
    assert "done" not in result.output


def test_a_race_for_the_path_changes_nothing_outside(bench: Workbench, tmp_path: Path) -> None:
    """One thread exchanges a file for a link that leads out, while another changes modes by its name."""
    victim = tmp_path / "victim"
    victim.touch()
    victim.chmod(0o644)
    code = f"""
import os, threading
os.chdir(os.environ["HOME"])
open("real", "w").close()
os.symlink({str(victim)!r}, "lead")
stop = False
def swap():
    while not stop:
        for name in ("real", "lead"):
            try: os.link(name, "new", follow_symlinks=False)
            except FileExistsError: pass
            os.rename("new", "target")
thread = threading.Thread(target=swap)
thread.start()
for _ in range(3000):
    try: os.chmod("target", 0o777)
    except OSError: pass
stop = True
"""
    bench.run(RunCode(code), timeout=30.0)

    assert victim.stat().st_mode & 0o777 == 0o644
