"""A repository of several projects: what is said of a stub is the same in its project and from above."""

import json

import pytest

from jiti_bot.source.model import Spec
from jiti_bot.store.write import Put, Written, commit, compose
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Repo

TEXT = '''\
from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug for {name}.

    >>> slugify("a")
    'a'
    """
    raise NotImplementedError


@jiti(uses=[slugify])
def title(text: str) -> str:
    """Make a title."""
    raise NotImplementedError


@jiti
def both(text: str) -> str:
    """Make both."""
    raise NotImplementedError
'''
TESTS = """\
from app.text import slugify, title
from helpers import want
from jiti import jiti


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify("A") == want("a")


@jiti.required_for(title)
def test_title() -> None:
    assert title("A") == want("A")
"""
USES = "def both(text: str) -> str:\n    return slugify(text) + title(text)\n"
# Settings of each project, and where its package stands.
PROJECTS = {
    "services/a": ('[tool.jiti]\ndoctests = "off"\n', "src"),
    "services/b": ('[tool.jiti]\nstore = "src/app/.jiti"\ntest_paths = ["tests"]\n', "src"),
    "tests/c": ('[tool.jiti]\ndoctests = "show"\n[tool.pytest.ini_options]\npythonpath = ["lib"]\n', "lib"),
}


def specs(repo: Repo) -> dict[str, Spec]:
    """By name: those of one project, or of all by file."""
    workspace = open_workspace(str(repo.path), repo.env)
    return {f"{spec.stub.file}::{spec.stub.unit}": spec for spec in workspace.index(workspace.work_tree()).specs()}


def use_others(project: Repo, package: str) -> None:
    """Commit code that uses other stubs without listing them, as a generation in the project would."""
    workspace = open_workspace(str(project.path), project.env)
    index = workspace.index(workspace.work_tree())
    spec = next(spec for spec in index.specs() if spec.stub.unit == "both")
    used = index.dependencies(spec, USES)
    assert [name for name, _ in used] == [f"{package}/app/text.py::slugify", f"{package}/app/text.py::title"]
    text = compose(spec.key, spec.digests, USES, model="claude-sonnet-5-5", evidence="ruff ty", dependencies=used)
    path = project.path / spec.path
    assert isinstance(
        commit(str(project.path / spec.store), [Put(str(path), text, path.read_text().encode())]), Written
    )


@pytest.fixture
def repo_of_three(repo: Repo) -> Repo:
    """Three projects with a package ``app`` each, all implemented from inside."""
    repo.write("app/text.py", "def slugify(text: str) -> str:\n    return text\n")  # of no project of theirs
    for folder, (settings, package) in PROJECTS.items():
        project = Repo(repo.path / folder, repo.env)
        project.write("pyproject.toml", f'[project]\nname = "{folder[-1]}"\nversion = "1"\n{settings}')
        project.write(f"{package}/app/__init__.py", "")
        project.write(f"{package}/app/text.py", TEXT.format(name=folder))
        project.write("tests/helpers.py", "def want(text: str) -> str:\n    return text\n")
        project.write("tests/test_text.py", TESTS)
        implement(project)
        use_others(project, package)
    repo.commit()
    return repo


def found(repo: Repo, *args: str) -> set[tuple[str, str]]:
    report = json.loads(repo.jiti("check", "--strict", "--json", *args).out)
    return {(item["code"], item["file"]) for item in report["findings"]}


def test_what_is_current_inside_is_current_from_above(repo_of_three: Repo) -> None:
    for folder in PROJECTS:
        assert found(Repo(repo_of_three.path / folder, repo_of_three.env)) == set()
    assert found(repo_of_three) == set()
    assert found(repo_of_three, "--diff", "0..HEAD") == set()


def test_digests_and_gates_are_those_of_the_project(repo_of_three: Repo) -> None:
    above = specs(repo_of_three)
    for folder in PROJECTS:
        for name, spec in specs(Repo(repo_of_three.path / folder, repo_of_three.env)).items():
            same = above[f"{folder}/{name}"]
            assert (same.digests, same.project) == (spec.digests, folder)
            assert [(gate.name, gate.runs) for gate in same.gates] == [(gate.name, gate.runs) for gate in spec.gates]


@pytest.mark.parametrize("folder", PROJECTS)
def test_a_change_counts_in_its_own_project(repo_of_three: Repo, folder: str) -> None:
    inside = Repo(repo_of_three.path / folder, repo_of_three.env)
    package = PROJECTS[folder][1]
    inside.write("tests/helpers.py", "def want(text: str) -> str:\n    return text.lower()\n")
    repo_of_three.git("add", "-A")
    for repo, prefix in ((inside, ""), (repo_of_three, f"{folder}/")):
        assert found(repo, "--staged") == {("stale", f"{prefix}{package}/app/text.py")}
        assert found(repo) == {("stale", f"{prefix}{package}/app/text.py")}


def test_what_the_code_uses_is_looked_for_in_its_project(repo_of_three: Repo) -> None:
    inside = Repo(repo_of_three.path / "services/a", repo_of_three.env)
    text = TEXT.format(name="services/a").replace("Make a title", "Make a fine title")
    inside.write("src/app/text.py", text)
    both = specs(inside)["src/app/text.py::both"]
    for repo, prefix in ((inside, ""), (repo_of_three, "services/a/")):
        said = repo.jiti("check", "--strict").out
        assert f"dependencies ({prefix}src/app/text.py::title)" in said
        assert "slugify" not in said.partition("dependencies")[2].partition("\n")[0]
        assert "Make a fine title" in repo.jiti("diff", both.key).out
