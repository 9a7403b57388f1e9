"""Real git repositories and real processes for tests."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import ready

ROOT = Path(__file__).parent.parent


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that holds nothing of the machine or of an outer git hook."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        **more,
    }


@dataclass(frozen=True, slots=True)
class Done:
    """A process that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Repo:
    """A folder, with or without git in it."""

    path: Path
    env: dict[str, str]

    @property
    def python(self) -> str:
        """The interpreter of the environment that is active here, else our own."""
        active = self.env.get("VIRTUAL_ENV")
        return str(Path(active) / "bin" / "python") if active else sys.executable

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, text as UTF-8 with the line ends it has."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def git(self, *args: str) -> str:
        """Run git, which has to succeed."""
        done = self.run("git", *args)
        assert done.code == 0, done.err
        return done.out

    def commit(self, *paths: str) -> None:
        """Commit ``paths``, or everything."""
        self.git("add", "--", *paths) if paths else self.git("add", "-A")
        self.git("commit", "-q", "-m", "Change")

    def jiti(self, *args: str, **env: str) -> Done:
        """Run the command line as a process."""
        if sys.platform != "linux":
            return self.run(sys.executable, "-m", "jiti_bot", *args, **env)
        code, out, err = ready.run([*args], self.path, {**self.env, **env})
        return Done(code, out.decode(), err.decode())

    def run(self, *args: str, **env: str) -> Done:
        """Run any program in the repository."""
        done = subprocess.run(args, cwd=self.path, env={**self.env, **env}, capture_output=True, check=False)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def make(folder: Path, name: str = "repo", *, git: bool = True) -> Repo:
    """A new folder ``name``, with a repository in it or not."""
    path = folder / name
    path.mkdir()
    repo = Repo(path, environment(folder))
    if git:
        repo.git("init", "-q", "-b", "main")
    return repo
