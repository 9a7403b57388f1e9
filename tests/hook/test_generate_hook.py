"""The hook `jiti-generate`: real pre-commit, a repository that offers our hooks, the program of the environment."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.committed import implement
from tests.repo import ROOT, Repo, make

BIN = Path(sys.executable).parent
STUB = """\
from jiti import jiti


@jiti
def slugify(text: str) -> str:
    \'\'\'Make a slug.\'\'\'
    raise NotImplementedError
"""
TEST = """\
from jiti import jiti
from text import slugify


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify("a") == "a"
"""
BODY = ".jiti/text/slugify.py"
MANUAL = ("--hook-stage", "manual", "--all-files", "jiti-generate")


@pytest.fixture
def user(repo: Repo, tmp_path: Path) -> Repo:
    """Somebody's repository with a pending stub and our hooks; `jiti` is found in the environment."""
    ours = make(tmp_path, "jiti-bot")
    ours.write(".pre-commit-hooks.yaml", (ROOT / ".pre-commit-hooks.yaml").read_bytes())
    ours.commit()
    revision = ours.git("rev-parse", "HEAD").strip()
    hook = "{id: jiti-generate, args: [--dry-run]}"
    repo.write(".pre-commit-config.yaml", f"repos:\n- repo: {ours.path}\n  rev: {revision}\n  hooks: [{hook}]\n")
    repo.write("text.py", STUB)
    repo.commit()
    path = f"{BIN}:{repo.env['PATH']}"
    return replace(repo, env={**repo.env, "PATH": path, "PRE_COMMIT_HOME": str(tmp_path / "home")})


def test_it_runs_only_when_it_is_asked_for(user: Repo) -> None:
    usual = user.run(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert usual.code == 0
    assert "jiti generate" not in usual.out
    asked = user.run(sys.executable, "-m", "pre_commit", "run", "--verbose", *MANUAL)
    assert asked.code == 0, asked
    assert "jiti generate" in asked.out
    assert "text.slugify" in asked.out, "it says what it would generate"
    assert "[WARNING]" not in asked.out + asked.err


def test_it_proves_bodies_in_the_environment_that_it_is_run_in(user: Repo) -> None:
    """A body that git still has comes back: it is proved by its test, and no model is asked."""
    config = (user.path / ".pre-commit-config.yaml").read_text()
    user.write(".pre-commit-config.yaml", config.replace(", args: [--dry-run]", ""))
    user.write("pyproject.toml", "[tool.jiti]\nmutants = 0\n")
    user.write("test_text.py", TEST)
    implement(user, body="return text")
    user.commit()
    body = (user.path / BODY).read_text()
    user.git("rm", "-q", BODY)
    user.commit()
    done = user.run(sys.executable, "-m", "pre_commit", "run", *MANUAL)
    assert done.code == 0, done
    restored = (user.path / BODY).read_text()
    assert restored.endswith(body[body.index("def slugify") :])
    assert "gates=1" in restored
