"""A hub over a small repository, for the tests of any room."""

import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.github.hub import GitHub

README = {"README.md": "# Demo\n\nA small project.\n", "src/app/text.py": "def shout(text):\n    return text.upper()\n"}


def make_bare(folder: Path, name: str = "hub.git") -> Path:
    """An empty bare repository."""
    path = folder / name
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "init", "-q", "--bare", "--template=", "-b", "main", str(path)], env=env, check=True)
    return path


@contextmanager
def serving(
    folder: Path, files: Mapping[str, str | None] | None = None, *, private: bool = False
) -> Generator[GitHub, None, None]:
    """A hub whose ``main`` holds one commit by alice, who may write.

    At the end nothing may have strayed from GitHub's description.
    """
    with GitHub(make_bare(folder), private=private) as hub:
        hub.person("alice", "write")
        hub.commit("main", README if files is None else files, message="Begin")
        yield hub
    assert hub.violations == [], "\n".join(hub.violations)
