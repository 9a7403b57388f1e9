"""Another Python with pytest: one that is installed, else our own version in another environment."""

import importlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_VERSIONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True, slots=True)
class Other:
    """An interpreter in an environment of its own."""

    python: Path
    version: tuple[int, int]


def another_python(folder: Path) -> Other:
    """Make the environment in ``folder``; its pytest is ours, copied without its compiled parts.

    Pytest and what it needs are pure Python, so the environment needs no network.
    """
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    farthest = sorted(_VERSIONS, key=lambda version: -abs(int(version.partition(".")[2]) - sys.version_info[1]))
    found = next((path for version in farthest if version != own for path in _installed(version)), None)
    base = found or sys.executable
    if not found:
        sys.stdout.write("only one Python is installed: the other environment is of the same version\n")
    subprocess.run([base, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    answer = subprocess.run(
        [str(python), "-c", "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    major, minor, packages = answer.stdout.split(maxsplit=2)
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        source = Path(str(importlib.import_module(name).__file__)).parent
        shutil.copytree(source, Path(packages.strip()) / name, ignore=shutil.ignore_patterns("__pycache__"))
    (Path(packages.strip()) / "py.py").write_bytes(Path(str(importlib.import_module("py").__file__)).read_bytes())
    return Other(python, (int(major), int(minor)))


def _installed(version: str) -> list[str]:
    """Interpreters of ``version`` that run, by name on PATH and among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    names = [shutil.which(f"python{version}"), *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    return [name for name in names if name and _runs(name, version)]


def _runs(python: str, version: str) -> bool:
    code = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version
