"""Fresh environments to install into."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from tests.repo import environment


def run(command: list[str | Path], folder: Path) -> str:
    """What a command that has to succeed prints, without any of our own paths in its environment."""
    env = environment(folder)
    del env["PYTHONPATH"]
    # Where uv_build looks for its program, as in an isolated build.
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env["PATH"]))
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(python: Path, *targets: Path | str) -> None:
    """Install wheels that are at hand."""
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    run([sys.executable, "-m", "pip", "--python", python, "install", *options, *targets], python.parent)


def make_environment(folder: Path, wheel: Path) -> Path:
    """The interpreter of a new environment in which only ``wheel`` is installed."""
    venv.create(folder / "environment", symlinks=True)
    python = folder / "environment" / "bin" / "python"
    install(python, wheel)
    return python
