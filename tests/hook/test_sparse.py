"""A sparse checkout is judged as the whole one is: what it does without is read from git, and never written."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.committed import implement
from tests.hook.test_staged import GOOD, SLUG, TESTS, codes, fill, found
from tests.repo import Repo

DEEP = GOOD.replace("slugify", "deep")
DEEP_TESTS = TESTS.replace("slugify", "deep").replace("from text", "from deep").replace("_slug", "_deep")
DEEP_CODE = ".jiti/src/deep/deep.py"


def fill_both(repo: Repo) -> Repo:
    """Two stubs with gates and committed code: one at the top, one in folders of its own."""
    fill(repo)
    repo.write("docs/x.md", "x\n")
    repo.write("src/deep.py", DEEP)
    repo.write("tests/test_deep.py", DEEP_TESTS)
    implement(repo, "deep.deep")
    repo.commit()
    return repo


@pytest.fixture
def project(repo: Repo) -> Repo:
    return fill_both(repo)


def cone(repo: Repo, *folders: str) -> Repo:
    repo.git("sparse-checkout", "set", "--cone", *folders)
    assert not any((repo.path / name).exists() for name in {"src", "tests", ".jiti", "docs"} - {*folders})
    return repo


def whole(repo: Repo) -> set[tuple[str, str]]:
    """What is found in the whole tree, strictly; twice, since the second time it may be remembered."""
    first, second = (codes(repo.jiti("check", "--strict", "--json")) for _ in range(2))
    assert first == second
    return first


def states(repo: Repo) -> dict[str, str]:
    return {one["key"]: one["state"] for one in json.loads(repo.jiti("status", "--json").out)["stubs"]}


def nothing_of_ours(repo: Repo) -> Repo:
    return cone(repo, "docs")


def code_alone(repo: Repo) -> Repo:
    return cone(repo, ".jiti")


def source_and_tests(repo: Repo) -> Repo:
    return cone(repo, "src", "tests")


def no_tests(repo: Repo) -> Repo:
    return cone(repo, "src", ".jiti")


def sparse_index(repo: Repo) -> Repo:
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    return repo


def patterns(repo: Repo) -> Repo:
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/test_text.py", "!deep.py")
    assert (repo.path / "text.py").exists()
    assert not (repo.path / "test_text.py").exists()
    return repo


def linked(repo: Repo) -> Repo:
    repo.git("worktree", "add", "-q", "../linked")
    return cone(Repo(repo.path.parent / "linked", repo.env), "docs")


CHECKOUTS: list[Callable[[Repo], Repo]] = [
    nothing_of_ours, code_alone, source_and_tests, no_tests, sparse_index, patterns, linked,
]  # fmt: skip


@pytest.mark.parametrize("checkout", CHECKOUTS)
def test_all_is_well_in_each(project: Repo, checkout: Callable[[Repo], Repo]) -> None:
    repo = checkout(project)
    assert whole(repo) == set()
    assert found(repo) == set()
    assert states(repo) == {"text.slugify": "current", "deep.deep": "current"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of what is committed, and what is found of it wherever one stands."""

    file: str
    text: str | None
    found: set[tuple[str, str]]


FAULTS = {
    "a real body": Fault(
        "src/deep.py",
        DEEP.replace("raise NotImplementedError", "return text"),
        {("stub-real-body", "src/deep.py"), ("gate-not-stub", "tests/test_deep.py"), ("orphan", DEEP_CODE)},
    ),
    "another gate": Fault("tests/test_deep.py", DEEP_TESTS.replace("'A'", "'B'"), {("stale", "src/deep.py")}),
    "no code": Fault(DEEP_CODE, None, {("missing", "src/deep.py")}),
    "no stub": Fault("src/deep.py", None, {("orphan", DEEP_CODE), ("gate-unresolved", "tests/test_deep.py")}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_wherever_one_stands(project: Repo, fault: Fault) -> None:
    if fault.text is None:
        project.git("rm", "-q", fault.file)
    else:
        project.write(fault.file, fault.text)
    project.commit()
    assert whole(project) == fault.found
    for folders in (["docs"], ["tests", ".jiti"]):
        assert codes(cone(project, *folders).jiti("check", "--strict", "--json")) == fault.found, folders


def test_what_stands_on_disk_counts_first(project: Repo) -> None:
    cone(project, "docs", "src", ".jiti")
    project.write("src/deep.py", DEEP.replace("Make", "Do"))
    assert whole(project) == {("stale", "src/deep.py")}
    project.write("tests/test_deep.py", DEEP_TESTS.replace("'A'", "'B'"))
    assert states(project)["deep.deep"] == "stale"


def test_status_says_what_is_not_here(project: Repo) -> None:
    cone(project, "src", "tests")
    said = project.jiti("status").out
    assert f"This sparse checkout does without {DEEP_CODE} and 1 more, shown as git has it: " in said
    assert "`git sparse-checkout add .jiti`." in said
    project.git("sparse-checkout", "add", ".jiti")
    assert "sparse" not in project.jiti("status").out


def test_what_brings_it_does_so_from_wherever_one_stands(repo: Repo) -> None:
    """Git takes patterns at the top alone, and folders as they are seen from where it runs."""
    (repo.path / "my svc").mkdir()
    service = fill_both(Repo(repo.path / "my svc", repo.env))
    for asked in (["--no-cone", "/*", "!src/"], ["--cone", "my svc/tests"]):
        for where, words in ((repo, ("-C", "my svc")), (service, ())):
            repo.git("sparse-checkout", "set", *asked)
            said = where.jiti(*words, "status").out
            assert "This sparse checkout does without" in said
            where.git(*shlex.split(said.rpartition("`git")[2].partition("`")[0]))
            assert "sparse" not in service.jiti("status").out


def test_what_cannot_be_worked_on_here_says_so(project: Repo) -> None:
    cone(project, "src", ".jiti")
    project.write("src/deep.py", DEEP.replace("Make", "Do"))
    said = "src/deep.py:5: deep cannot be worked on here: this sparse checkout does without tests/test_deep.py. "
    said += "Bring it here: `git sparse-checkout add tests`.\n"
    dry = project.jiti("generate", "--dry-run", "--json")
    assert (dry.code, dry.err) == (0, said)
    planned = json.loads(dry.out)["stubs"]
    assert {one["key"]: one["action"] for one in planned} == {"text.slugify": "nothing", "deep.deep": "decide"}
    done = project.jiti("generate")
    assert done.code == 4
    assert said.strip() in done.out
    assert project.jiti("generate", "--dry-run").err == said
    plan = project.jiti("plan")
    assert (plan.code, plan.err) == (0, said)
    assert plan.out == "0 pending, 1 need nothing, 1 need you; nothing was done.\n"


@pytest.mark.parametrize(
    "command",
    [("merge", "text.slugify"), ("merge", "--all"), ("clear", "text.slugify"), ("clear", "--yes")],
    ids=" ".join,
)
def test_nothing_is_written_where_a_part_is_not_here(project: Repo, command: tuple[str, ...]) -> None:
    cone(project, "src", "tests")
    before = project.git("status", "--porcelain")
    done = project.jiti(*command)
    assert done.code == 5
    assert "this sparse checkout does without .jiti/" in done.err
    assert "Bring it here: `git sparse-checkout add .jiti" in done.err
    assert (project.git("status", "--porcelain"), (project.path / "text.py").read_text()) == (before, GOOD)
    assert not (project.path / ".jiti").exists()


@pytest.mark.parametrize("flags", [("--dry-run",), ("--keep-going",)], ids=" ".join)
def test_what_is_not_here_is_not_merged(project: Repo, flags: tuple[str, ...]) -> None:
    cone(project, "tests", ".jiti")
    done = project.jiti("merge", "--all", *flags)
    said = "src/deep.py:1: deep.deep cannot be merged: this sparse checkout does without src/deep.py."
    assert done.code == 1
    assert f"{said} Bring it here: `git sparse-checkout add src`." in done.err
    assert ("text.py" in project.git("status", "--porcelain")) is ("--keep-going" in flags)
    assert not (project.path / "src").exists()


def test_a_brief_of_what_is_not_here_is_as_elsewhere(project: Repo) -> None:
    before = project.jiti("brief", "deep.deep")
    assert (before.code, project.jiti("brief", "text.slugify").code) == (0, 0)
    assert cone(project, "docs").jiti("brief", "deep.deep") == before


def partial(repo: Repo) -> Repo:
    """A blobless clone with a few more modules, of which only the top folder is checked out."""
    for number in range(6):
        repo.write(f"big/m{number}.py", f"x = {number}\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", "--sparse", f"file://{repo.path}", "../partial")
    clone = Repo(repo.path.parent / "partial", repo.env)
    assert not (clone.path / "src").exists()
    return clone


@pytest.mark.parametrize("where", [(), ("--staged",)], ids=["on disk", "staged"])
def test_a_partial_clone_fetches_all_it_needs_at_once(project: Repo, where: tuple[str, ...]) -> None:
    clone = partial(project)
    clone.write("new.py", "x = 1\n")
    clone.git("add", "new.py")
    trace = clone.path.parent / "trace"
    done = clone.jiti("check", "--strict", "--json", *where, GIT_TRACE2_EVENT=str(trace))
    assert codes(done) == set()
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    started = [event["argv"] for event in events if event["event"] == "child_start"]
    assert len([argv for argv in started if "fetch" in argv]) == 1
    project.path.rename(project.path.parent / "gone")
    assert codes(clone.jiti("check", "--strict", "--json", *where)) == set()


def test_a_partial_clone_fetches_at_once_what_a_pull_has_brought(project: Repo) -> None:
    clone = partial(project)
    clone.write("new.py", "x = 1\n")
    clone.git("add", "new.py")
    assert codes(clone.jiti("check", "--strict", "--json", "--staged")) == set()
    for number in range(6):
        project.write(f"big/m{number}.py", f"y = {number}\n")
    project.commit()
    clone.git("pull", "-q")
    trace = clone.path.parent / "trace"
    assert codes(clone.jiti("check", "--strict", "--json", "--staged", GIT_TRACE2_EVENT=str(trace))) == set()
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    started = [event["argv"] for event in events if event["event"] == "child_start"]
    assert len([argv for argv in started if "fetch" in argv]) == 1


def test_a_partial_clone_whose_remote_is_gone_says_so(project: Repo) -> None:
    clone = partial(project)
    project.path.rename(project.path.parent / "gone")
    done = clone.jiti("check")
    assert done.code == 4
    assert "This partial clone lacks what some files hold, and git could not fetch it" in done.err


def test_an_ignored_flag_of_former_times_is_no_sparse_checkout(project: Repo) -> None:
    """`skip-worktree` set by hand: the file is somebody's own, and what belongs to it is left alone."""
    project.git("update-index", "--skip-worktree", "src/deep.py")
    (project.path / "src/deep.py").unlink()
    assert ("orphan", DEEP_CODE) not in whole(project)
    assert (project.path / SLUG).exists()
