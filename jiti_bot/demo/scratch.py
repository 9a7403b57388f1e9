"""A git repository to show things in: the example, committed, without what belongs to the demo itself."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from jiti_bot import process
from jiti_bot.errors import RepositoryError, UsageError

# What stands beside the example for the demo and its tests, and what tools leave behind.
_NOT_ITS_OWN = ("replies", "expected", ".*", "__pycache__")
_AUTHOR = ("-c", "user.name=You", "-c", "user.email=you@example.org", "-c", "commit.gpgsign=false")
# A template or a hook of the user's would run in a repository that is not theirs.
_BARE = ("-c", "core.hooksPath=", "-c", "init.defaultBranch=main")
# An outer git command's repository, a key or another server, and settings of another project.
_LEAD_ELSEWHERE = ("GIT_", "ANTHROPIC_", "JITI_", "PYTEST_", "COV_", "VIRTUAL_ENV")


def example(name: str = "semver") -> Path:
    """The folder of a stored example: in a checkout beside the package, in an installed wheel inside it."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "_examples" / name, package.parent / "examples" / name)
    for place in places:
        if (place / "pyproject.toml").is_file():
            return place
    raise UsageError(
        f"the example {name} is not installed: {places[0]} is missing.",
        remedy="Install jiti-bot again, from a wheel or a checkout.",
    )


def replies(folder: Path) -> Path:
    """The stored session of an example."""
    return folder / "replies"


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` without what would lead a scratch repository's commands elsewhere."""
    return {name: value for name, value in env.items() if not name.startswith(_LEAD_ELSEWHERE)}


def make(source: Path, target: Path, env: Mapping[str, str]) -> None:
    """Copy the example ``source`` into ``target``, which must be new or empty, and commit it there.

    Raises:
        UsageError: ``target`` holds something.
        RepositoryError: git failed.

    """
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty.", remedy="Name a new folder.")
    try:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_NOT_ITS_OWN), dirs_exist_ok=True)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error}.", remedy="Name another folder.") from error
    (target / ".gitignore").write_text("__pycache__/\n.*_cache/\n", "utf-8")
    commit(target, env, "Declare what a version can do")


def commit(folder: Path, env: Mapping[str, str], subject: str) -> None:
    """Commit everything in ``folder``, in a repository of its own."""
    if not (folder / ".git").exists():
        _git(folder, env, "init", "-q", "--template=")
    _git(folder, env, "add", "--all")
    _git(folder, env, *_AUTHOR, "commit", "-q", "-m", subject)


def _git(folder: Path, env: Mapping[str, str], *args: str) -> None:
    done = process.run(
        ("git", *_BARE, *args), env={**env, "GIT_CONFIG_NOSYSTEM": "1"}, cwd=os.fspath(folder), timeout=60
    )
    if not done.ok:
        raise RepositoryError(
            f"git failed in {folder}: {done.complaint}.", remedy="Run `git --version` to see whether it works."
        )
