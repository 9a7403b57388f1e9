"""What a project excludes holds no stubs and no gates, whoever asks: the hook, the whole tree, status, generate."""

import json

import pytest

from jiti_bot.pytest_plugin.project import Project
from tests.hook.test_staged import BAD, GOOD, SLUG, TESTS, codes, fill, found
from tests.repo import Repo

BROKEN = "# jiti\ndef broken(:\n"
SETTING = '[project]\nname = "text"\nversion = "1"\n\n[tool.jiti]\nexclude = [{}]\n'


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A sound project, with faults in what stands beside it staged."""
    fill(repo)
    repo.write("vendor/old.py", BAD)
    repo.write("vendor/test_old.py", TESTS.replace("from text", "from old"))
    repo.write("vendor/lib/pyproject.toml", '[project]\nname = "lib"\nversion = "1"\n')
    repo.write("vendor/lib/deep.py", BAD)
    repo.write("tests/data/broken.py", BROKEN)
    repo.git("add", "-A")
    return repo


def exclude(repo: Repo, *patterns: str) -> None:
    repo.write("pyproject.toml", SETTING.format(", ".join(f'"{one}"' for one in patterns)))
    repo.git("add", "-A")


def everywhere(repo: Repo) -> set[tuple[str, str]]:
    return codes(repo.jiti("check", "--strict", "--json"))


def test_nothing_is_found_in_what_is_excluded(project: Repo) -> None:
    faults = {"vendor/old.py", "vendor/test_old.py", "vendor/lib/deep.py", "tests/data/broken.py"}
    assert found(project) == faults
    exclude(project, "vendor", "tests/data/*.py")
    assert found(project) == set()
    assert codes(project.jiti("check", "--staged", "--json")) == set()
    assert everywhere(project) == set()
    for named in ("vendor/old.py", "vendor", "."):
        assert codes(project.jiti("check", "--json", named)) == set()
    status = json.loads(project.jiti("status", "--json").out)
    assert [stub["key"] for stub in status["stubs"]] == ["text.slugify"]
    assert project.jiti("generate", "--dry-run").out.startswith("0 pending, 1 current")
    assert [*Project(str(project.path)).known] == ["text.slugify"]


def test_it_counts_from_the_project_that_says_it(project: Repo) -> None:
    project.write("vendor/lib/pyproject.toml", SETTING.format('"deep.py"'))
    project.git("add", "-A")
    assert found(project) == {"vendor/old.py", "vendor/test_old.py", "tests/data/broken.py"}
    exclude(project, "deep.py")
    project.write("deep.py", BAD)
    project.git("add", "-A")
    assert "deep.py" not in found(project)


def test_a_project_inside_is_told_alike_from_inside(project: Repo) -> None:
    library = Repo(project.path / "vendor/lib", project.env)
    assert everywhere(library) != set()
    exclude(project, "vendor/lib/d*.py")
    assert everywhere(library) == set()
    assert everywhere(library) == set()  # by what is remembered
    assert found(library) == set()
    assert json.loads(library.jiti("status", "--json").out)["stubs"] == []
    exclude(project, "lib/deep.py")
    assert everywhere(library) != set()
    exclude(project, "[vendor")
    done = library.jiti("check")
    assert (done.code, "../../pyproject.toml:6: exclude must be" in done.err) == (3, True)


def test_committed_code_of_an_excluded_stub_says_so(project: Repo) -> None:
    exclude(project, "vendor", "tests", "text.py")
    assert everywhere(project) == {("orphan-excluded", SLUG), ("gate-excluded", "test_text.py")}
    assert "text.slugify, and `exclude` in `[tool.jiti]` leaves out text.py." in project.jiti("check").out
    assert "text.py is excluded" in project.jiti("status").out
    assert project.jiti("clear", "text.slugify").code == 0
    assert everywhere(project) == {("gate-excluded", "test_text.py")}
    exclude(project, "vendor", "tests", "text.py", "test_text.py")
    assert everywhere(project) == set()


@pytest.mark.parametrize("target", ["vendor/old.py", "vendor/old.py::slugify", "vendor", "vendor.old.slugify"])
def test_who_names_it_is_told_that_it_is_excluded(project: Repo, target: str) -> None:
    exclude(project, "old.py")
    done = project.jiti("show", target)
    assert done.code == 14
    assert "`exclude` in `[tool.jiti]` leaves out vendor/old.py" in done.err


def test_an_excluded_gate_asks_for_nothing(project: Repo) -> None:
    exclude(project, "vendor", "tests", "test_*.py")
    assert everywhere(project) == {("stale", "text.py")}
    project.write("test_text.py", TESTS.replace("slugify)", "slugify, 1)"))
    project.git("add", "test_text.py")
    assert codes(project.jiti("check", "--staged", "--json")) == set()


def test_a_change_of_what_is_excluded_is_judged_by_what_it_takes_and_brings(project: Repo) -> None:
    exclude(project, "vendor", "tests")
    project.commit()
    assert found(project) == set()
    exclude(project, "vendor", "tests", "text.py")
    lost = {("orphan-excluded", SLUG), ("gate-excluded", "test_text.py")}
    assert codes(project.jiti("check", "--staged", "--strict", "--json")) == lost
    assert codes(project.jiti("check", "--staged", "--json")) == lost
    exclude(project, "vendor/old.py", "vendor/test_old.py", "tests")
    assert found(project) == {"vendor/lib/deep.py"}
    exclude(project, "[vendor")
    project.commit()
    exclude(project, "vendor", "tests")
    assert found(project) == set()


def test_what_is_wrong_with_it_is_told_by_the_hook(project: Repo) -> None:
    exclude(project, "[vendor")
    done = project.jiti("check", "--staged")
    assert done.code == 3
    assert "pyproject.toml:6: exclude must be a list of patterns" in done.err


def test_a_stub_beside_it_is_judged_as_ever(project: Repo) -> None:
    exclude(project, "vendor", "tests")
    project.write("vendors.py", BAD)
    project.write("text.py", GOOD.replace("Make", "Do"))
    project.git("add", "-A")
    assert found(project) == {"vendors.py", "text.py"}
