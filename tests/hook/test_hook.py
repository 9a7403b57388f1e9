"""The hook as users have it: pre-commit, a real repository, the hook installed from a clone of this one."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.committed import implement
from tests.repo import ROOT, Done, Repo, make

STUB = (
    'from jiti import jiti\n\n\n@jiti\ndef {name}(text: str) -> str:\n    """{doc}"""\n    raise NotImplementedError\n'
)
TESTS = """\
from jiti import jiti
from text import slugify


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify('A')
"""
SLUG = ".jiti/text/slugify.py"
BODY = "from jiti import jiti\n\n\n@jiti\ndef slugify(text: str) -> str:\n    return text\n"


@dataclass(frozen=True, slots=True)
class Hooks:
    """A clone of this repository to install hooks from, and where pre-commit keeps what it installs."""

    clone: Path
    revision: str
    home: Path

    def config(self, *ids: str, python: str = "") -> str:
        lines = [f"repos:\n- repo: {self.clone}\n  rev: {self.revision}\n  hooks:\n"]
        version = f"    language_version: {python}\n" if python else ""
        return "".join([*lines, *(f"  - id: {name}\n{version}" for name in ids)])

    def environment(self, **more: str) -> dict[str, str]:
        """What pip needs to find a build backend, and nothing of the tests' own import path."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
        return {**kept, "PRE_COMMIT_HOME": str(self.home), "PYTHONPATH": "", **more}


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """The working state of this repository as a commit."""
    folder = tmp_path_factory.mktemp("hooks")
    clone = make(folder, "jiti-bot")
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (ROOT / name).is_file():
            (clone.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone.path / name)
    clone.commit()
    return Hooks(clone.path, clone.git("rev-parse", "HEAD").strip(), folder / "home")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody's repository with the hooks configured."""

    repo: Repo
    hooks: Hooks

    def hook(self, *args: str, **env: str) -> Done:
        """``pre-commit run ...``"""
        return self.repo.run(sys.executable, "-m", "pre_commit", "run", *args, **self.hooks.environment(**env))

    def git_with_hooks(self, *args: str) -> Done:
        """A git command with the hooks that git runs itself."""
        return self.repo.run("git", *args, **self.hooks.environment())


@pytest.fixture
def user(repo: Repo, hooks: Hooks) -> User:
    """A stub with a gate and committed code, all clean."""
    repo.write(".pre-commit-config.yaml", hooks.config("jiti", "jiti-strict"))
    repo.write("pyproject.toml", '[project]\nname = "text"\nversion = "1"\n')
    repo.write("text.py", STUB.format(name="slugify", doc="Make a slug."))
    repo.write("test_text.py", TESTS)
    implement(repo)
    repo.commit()
    return User(repo, hooks)


def passes(done: Done) -> bool:
    assert done.code in {0, 1}, done
    assert "Traceback" not in done.out + done.err
    assert "No hook with id" not in done.out
    return done.code == 0


def test_a_clean_commit_passes(user: User) -> None:
    user.repo.write("notes.md", "jiti\n")
    user.repo.git("add", "-A")
    done = user.hook("jiti")
    assert passes(done)
    assert "Passed" in done.out


def nothing(_: Repo) -> None:
    pass


def real_body(repo: Repo) -> None:
    repo.write("text.py", BODY)


def new_stub(repo: Repo) -> None:
    repo.write("more.py", STUB.format(name="more", doc="More."))


def gate_elsewhere_changed(repo: Repo) -> None:
    repo.write("test_text.py", TESTS.replace("'A'", "'B'"))


def gate_elsewhere_lost(repo: Repo) -> None:
    repo.git("rm", "-q", SLUG)
    repo.write("text.py", "def other() -> None: ...\n")


def source_deleted(repo: Repo) -> None:
    repo.git("rm", "-q", "text.py", "test_text.py")


def source_renamed(repo: Repo) -> None:
    repo.git("mv", "text.py", "words.py")


def header_tampered(repo: Repo) -> None:
    repo.write(SLUG, (repo.path / SLUG).read_text().replace("ruff ty", "ruff ty gates=7"))


def code_deleted(repo: Repo) -> None:
    repo.git("rm", "-q", SLUG)


def odd_name(repo: Repo) -> None:
    repo.write('odd "nämé\n*.py', BODY)


# A staged change: what it is, and whether `jiti` and `jiti-strict` pass.
CHANGES: list[tuple[Callable[[Repo], None], bool, bool]] = [
    (nothing, True, True),
    (new_stub, True, False),
    (gate_elsewhere_changed, True, False),
    (code_deleted, True, False),
    (real_body, False, False),
    (gate_elsewhere_lost, False, False),
    (source_deleted, False, False),
    (source_renamed, False, False),
    (header_tampered, False, False),
    (odd_name, False, False),
]


@pytest.mark.parametrize(
    ("change", "plain", "strict"), CHANGES, ids=[str(getattr(row[0], "__name__", row)) for row in CHANGES]
)
def test_what_is_staged_is_judged(user: User, change: Callable[[Repo], None], plain: bool, strict: bool) -> None:
    change(user.repo)
    user.repo.git("add", "-A")
    assert passes(user.hook("jiti")) is plain
    assert passes(user.hook("jiti-strict")) is strict


def test_unstaged_changes_do_not_count(user: User) -> None:
    new_stub(user.repo)
    user.repo.git("add", "-A")
    real_body(user.repo)
    assert passes(user.hook("jiti"))
    assert (user.repo.path / "text.py").read_text() == BODY


def test_a_staged_fault_counts_though_it_is_mended_on_disk(user: User) -> None:
    good = (user.repo.path / "text.py").read_text()
    real_body(user.repo)
    user.repo.git("add", "-A")
    user.repo.write("text.py", good)
    assert not passes(user.hook("jiti"))
    assert (user.repo.path / "text.py").read_text() == good


def test_two_hunks_of_one_file_staged_apart(user: User) -> None:
    good = (user.repo.path / "text.py").read_text()
    user.repo.write("text.py", good + "\n\nCHEAP = 1\n")
    user.repo.git("add", "text.py")
    user.repo.write("text.py", good.replace("raise NotImplementedError", "return text") + "\n\nCHEAP = 1\n")
    assert passes(user.hook("jiti"))
    user.repo.git("add", "text.py")
    assert not passes(user.hook("jiti"))


def test_untracked_files_do_not_count(user: User) -> None:
    real = user.repo.write("untracked.py", BODY)
    user.repo.write("plain.py", "x = 1\n")
    user.repo.git("add", "plain.py")
    assert passes(user.hook("jiti"))
    assert real.exists()


def test_all_files_judges_what_nobody_touched(user: User) -> None:
    header_tampered(user.repo)
    user.repo.commit()
    assert passes(user.hook("jiti"))
    done = user.hook("jiti", "--all-files")
    assert not passes(done)
    assert f"{SLUG}:1: The header" in done.out


def test_what_the_project_excludes_is_not_judged_in_a_sparse_checkout_either(user: User) -> None:
    user.repo.write("vendor/old.py", BODY)
    user.repo.commit()
    user.repo.git("sparse-checkout", "set", "--cone", "vendor")
    assert not passes(user.hook("jiti-strict", "--all-files"))
    user.repo.write("pyproject.toml", '[project]\nname = "text"\nversion = "1"\n\n[tool.jiti]\nexclude = ["vendor"]\n')
    user.repo.git("add", "pyproject.toml")
    assert passes(user.hook("jiti-strict", "--all-files"))


def test_files_by_name(user: User) -> None:
    real_body(user.repo)
    user.repo.commit()
    assert passes(user.hook("jiti", "--files", "test_text.py")) is False
    assert passes(user.hook("jiti", "--files", "pyproject.toml"))


def test_between_revisions_the_later_one_is_judged(user: User) -> None:
    real_body(user.repo)
    user.repo.commit()
    user.repo.write("text.py", STUB.format(name="slugify", doc="Make a slug."))
    user.repo.commit()
    assert not passes(user.hook("jiti", "--from-ref", "HEAD~2", "--to-ref", "HEAD~1"))
    assert passes(user.hook("jiti", "--from-ref", "HEAD~2", "--to-ref", "HEAD"))
    assert passes(user.hook("jiti", "--from-ref", "HEAD~1", "--to-ref", "HEAD"))


def test_a_deletion_between_revisions(user: User) -> None:
    source_deleted(user.repo)
    user.repo.commit()
    assert not passes(user.hook("jiti", "--from-ref", "HEAD~1", "--to-ref", "HEAD"))


def test_a_commit_runs_it(user: User) -> None:
    assert user.git_with_hooks("status").code == 0
    installed = user.repo.run(sys.executable, "-m", "pre_commit", "install", **user.hooks.environment())
    assert installed.code == 0, installed
    real_body(user.repo)
    refused = user.git_with_hooks("commit", "-qam", "x")
    assert refused.code == 1
    assert "text.py:5: `@jiti` stands on slugify" in refused.err + refused.out
    partly = user.git_with_hooks("commit", "-qm", "x", "--allow-empty", "--", "test_text.py")
    assert partly.code == 0, partly
    user.repo.write("text.py", STUB.format(name="slugify", doc="Make a slug.") + "\nX = 1\n")
    assert user.git_with_hooks("commit", "-qam", "x").code == 0


def test_a_push_runs_it(user: User, tmp_path: Path) -> None:
    user.repo.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    user.repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    installed = user.repo.run(
        sys.executable, "-m", "pre_commit", "install", "-t", "pre-push", **user.hooks.environment()
    )
    assert installed.code == 0, installed
    assert user.git_with_hooks("push", "-q", "origin", "main").code == 0
    real_body(user.repo)
    user.repo.commit()
    refused = user.git_with_hooks("push", "-q", "origin", "main")
    assert refused.code == 1
    assert "text.py:5: `@jiti` stands on slugify" in refused.err + refused.out


def test_a_merge_runs_it(user: User) -> None:
    repo = user.repo
    repo.run(sys.executable, "-m", "pre_commit", "install", "-t", "pre-merge-commit", **user.hooks.environment())
    repo.git("switch", "-qc", "topic")
    real_body(repo)
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write("plain.py", "x = 1\n")
    repo.commit()
    refused = user.git_with_hooks("merge", "-q", "-m", "merge", "topic")
    assert refused.code == 1
    assert "text.py:5: `@jiti` stands on slugify" in refused.err + refused.out


def test_pushes_of_every_kind_are_judged_by_what_is_pushed(user: User, tmp_path: Path) -> None:
    repo = user.repo
    repo.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repo.run(sys.executable, "-m", "pre_commit", "install", "-t", "pre-push", **user.hooks.environment())
    repo.git("switch", "-qc", "fault")
    real_body(repo)
    repo.commit()
    repo.git("switch", "-q", "--orphan", "alone")
    repo.git("checkout", "-q", "main", "--", ".")
    repo.git("commit", "-qm", "the same, without a past")
    repo.git("switch", "-q", "main")
    pushes = {
        "a branch elsewhere, all of it new": (["fault"], 1),
        "all of it new": (["main"], 0),
        "a new branch": (["fault:topic"], 1),
        "a new branch, nothing new in it": (["main:topic"], 0),
        "a tag": (["main:refs/tags/v1"], 0),
        "a fault over a tag": (["-f", "fault:refs/tags/v1"], 1),
        "another past": (["-f", "alone:topic"], 0),
        "a branch deleted": ([":topic"], 0),
    }
    for name, (words, code) in pushes.items():
        done = user.git_with_hooks("push", "-q", "origin", *words)
        assert done.code == code, (name, done)
        assert ("text.py:5: `@jiti` stands on slugify" in done.err + done.out) is bool(code), name


def test_a_name_that_begins_with_a_dash(user: User) -> None:
    user.repo.write("-x.py", BODY)
    user.repo.commit()
    done = user.hook("jiti", "--all-files")
    assert not passes(done)
    assert "-x.py:5: `@jiti` stands on slugify" in done.out


def test_what_is_announced_only_is_no_part_of_a_commit(user: User) -> None:
    user.repo.write("more.py", BODY)
    user.repo.git("add", "-N", "more.py")
    user.repo.write("plain.py", "x = 1\n")
    user.repo.git("add", "plain.py")
    assert passes(user.hook("jiti"))
    assert passes(user.hook("jiti", "--files", "more.py"))
    assert user.repo.git("diff", "--name-only", "--diff-filter=A") == "more.py\n"


def test_a_linked_work_tree(user: User, tmp_path: Path) -> None:
    user.repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = User(Repo(tmp_path / "linked", user.repo.env), user.hooks)
    real_body(linked.repo)
    linked.repo.git("add", "-A")
    assert not passes(linked.hook("jiti"))
    assert passes(user.hook("jiti"))


def test_it_runs_without_a_network_once_installed(user: User) -> None:
    assert passes(user.hook("jiti"))
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "PIP_NO_INDEX": "1"}
    real_body(user.repo)
    user.repo.git("add", "-A")
    assert not passes(user.hook("jiti", **nowhere))


def test_it_is_tried_and_installed_anew_without_a_network(user: User, tmp_path: Path) -> None:
    """From wheels at hand: those that building ours asks for."""
    wheels = tmp_path / "wheels"
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    download = [sys.executable, "-m", "pip", "download", "-q", "-d", str(wheels), *build]
    assert user.repo.run(*download, **user.hooks.environment()).code == 0
    nowhere = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    real_body(user.repo)
    user.repo.git("add", "-A")
    words = ["try-repo", str(user.hooks.clone), "jiti", "--ref", user.hooks.revision]
    done = user.repo.run(sys.executable, "-m", "pre_commit", *words, **user.hooks.environment(**nowhere))
    assert not passes(done)
    assert "text.py:5: `@jiti` stands on slugify" in done.out


# Syntax, and the first Python that knows it.
NEWER = {
    (3, 12): "def f[T](x: T) -> T:\n    return x\n",
    (3, 13): "class A[T = int]:\n    pass\n",
    (3, 14): "x = t''\n",
}


@cache
def pythons() -> dict[tuple[int, int], str]:
    """The Pythons that are found here, by version: our own, those on PATH, and pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for minor in range(11, 15):
        names = (shutil.which(f"python3.{minor}"), *sorted(pyenv.glob(f"3.{minor}.*/bin/python3.{minor}")))
        said = f"import sys; print(sys.version_info[:2] == (3, {minor}))"
        for name in map(str, filter(None, names)):
            done = subprocess.run([name, "-c", said], capture_output=True, check=False)
            if done.stdout.strip() == b"True":
                found[3, minor] = name
                break
    return {**found, (sys.version_info[0], sys.version_info[1]): sys.executable}


@pytest.mark.parametrize("version", sorted(pythons()), ids=lambda version: ".".join(map(str, version)))
def test_each_python_reads_what_it_can_and_names_the_one_that_is_needed(user: User, version: tuple[int, int]) -> None:
    python = pythons()[version]
    for needed, text in NEWER.items():
        user.repo.write(f"needs_{needed[1]}.py", f"import jiti\n{text}")
    name = ".".join(map(str, version))
    user.repo.write(".pre-commit-config.yaml", user.hooks.config("jiti", python=f"python{name}"))
    user.repo.git("add", "-A")
    # Found by name, as pre-commit looks for it.
    done = user.hook("jiti", PATH=f"{Path(python).parent}:{user.repo.env['PATH']}")
    above = [needed for needed in NEWER if needed > version]
    assert passes(done) is (not above)
    told = [line for line in done.out.splitlines() if line.startswith("needs_")]
    assert len(told) == len(above)
    for (major, minor), line in zip(above, told, strict=True):
        assert f"needs Python {major}.{minor}; jiti runs on Python {name} here" in line
        assert f"set `language_version: python{major}.{minor}`" in line


def test_it_installs_no_dependency(user: User) -> None:
    assert passes(user.hook("jiti"))
    found = list(user.hooks.home.glob("repo*/py_env-*/lib/python*/site-packages/*.dist-info"))
    assert {path.name.partition("-")[0] for path in found} <= {"jiti_bot", "pip", "setuptools", "wheel"}
    assert any(path.name.startswith("jiti_bot-") for path in found)


def test_the_manifest_is_sound() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"], check=False
    )
    assert done.returncode == 0
