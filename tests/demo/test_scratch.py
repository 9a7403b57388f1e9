"""The demo's repository: the example, committed, and nothing of the demo's own or of the user's."""

import os
from pathlib import Path

import pytest

from jiti_bot import process
from jiti_bot.demo import scratch
from jiti_bot.errors import UsageError

ENV = dict(os.environ)


def git(folder: Path, *args: str) -> str:
    done = process.run(("git", *args), env=ENV, cwd=folder)
    assert done.ok, done.complaint
    return done.stdout.decode()


def test_example_is_found_with_its_replies() -> None:
    folder = scratch.example()
    assert (folder / "src/semver/__init__.py").is_file()
    assert scratch.replies(folder).is_dir()


def test_unknown_example_is_a_clear_error() -> None:
    with pytest.raises(UsageError, match="the example nope is not installed"):
        scratch.example("nope")


def test_repository_holds_the_project_alone(tmp_path: Path) -> None:
    folder = tmp_path / "semver"
    scratch.make(scratch.example(), folder, scratch.environment(ENV))
    files = git(folder, "ls-files").split()
    assert {"pyproject.toml", "README.md", "src/semver/version.py", "tests/conftest.py"} <= set(files)
    assert not [name for name in files if name.startswith(("replies", "expected", ".jiti"))]
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "log", "--format=%an: %s") == "You: Declare what a version can do\n"


def test_hooks_and_templates_of_the_user_do_not_run(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgsign = true\n")
    scratch.make(scratch.example(), tmp_path / "semver", {**ENV, "GIT_CONFIG_GLOBAL": str(config)})
    assert git(tmp_path / "semver", "rev-list", "--count", "HEAD") == "1\n"


def test_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        scratch.make(scratch.example(), tmp_path, ENV)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_file_in_the_way_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("mine")
    with pytest.raises(UsageError, match="cannot be written"):
        scratch.make(scratch.example(), target, ENV)


def test_environment_keeps_what_leads_nowhere() -> None:
    env = {"PATH": "/bin", "GIT_DIR": "/x", "ANTHROPIC_API_KEY": "k", "JITI_MODEL": "m", "VIRTUAL_ENV": "/v"}
    assert scratch.environment(env) == {"PATH": "/bin"}
