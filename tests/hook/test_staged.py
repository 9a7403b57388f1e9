"""What a commit would hold is judged, in every state that a repository can be in.

Each situation prepares a repository and says of which files findings speak.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable

import pytest

from tests.committed import implement
from tests.repo import ROOT, Done, Repo, make

HEAD = "from jiti import jiti\n\n\n@jiti\ndef slugify(text: str) -> str:\n"
GOOD = f'{HEAD}    """Make a slug."""\n    raise NotImplementedError\n'
BAD = f"{HEAD}    return text\n"
TESTS = """\
from jiti import jiti
from text import slugify


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify('A')
"""
SLUG = ".jiti/text/slugify.py"
FAULT = {"text.py", SLUG}
ODD = ["with space.py", 'quo"te.py', "new\nline.py", "-dash.py", "--strict.py", "a*b.py", "[x].py", "tab\t.py", "ü.py"]


def fill(repo: Repo) -> Repo:
    """A stub with a gate and committed code, all clean."""
    repo.write("pyproject.toml", '[project]\nname = "text"\nversion = "1"\n')
    repo.write("text.py", GOOD)
    repo.write("test_text.py", TESTS)
    implement(repo)
    repo.commit()
    return repo


@pytest.fixture
def project(repo: Repo) -> Repo:
    return fill(repo)


def stage(repo: Repo, **files: str) -> None:
    """Stage texts, one for each module."""
    for name, text in files.items():
        repo.write(f"{name}.py", text)
        repo.git("add", "--", f"{name}.py")


def codes(done: Done) -> set[tuple[str, str]]:
    report = json.loads(done.out)
    assert done.code == (1 if report["findings"] else 0), done.err
    return {(item["code"], item["file"]) for item in report["findings"]}


def found(repo: Repo, *args: str, **env: str) -> set[str]:
    """The files that findings of what is staged speak of, strictly."""
    return {file for _, file in codes(repo.jiti("check", "--staged", "--strict", "--json", *args, **env))}


def fault_on_disk(repo: Repo) -> Repo:
    repo.write("text.py", BAD)
    return repo


def fault_in_index(repo: Repo) -> Repo:
    stage(repo, text=BAD)
    repo.write("text.py", GOOD)
    return repo


def first_commit(repo: Repo) -> Repo:
    new = make(repo.path.parent, "new")
    stage(new, text=BAD)
    return new


def nothing_at_all(repo: Repo) -> Repo:
    return make(repo.path.parent, "new")


def detached(repo: Repo) -> Repo:
    repo.git("switch", "-q", "--detach")
    stage(repo, text=BAD)
    return repo


def sha256(repo: Repo) -> Repo:
    folder = make(repo.path.parent, "sha256", git=False)
    folder.git("init", "-q", "-b", "main", "--object-format=sha256")
    stage(fill(folder), text=BAD)
    return folder


def shallow(repo: Repo) -> Repo:
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", "../shallow")
    clone = Repo(repo.path.parent / "shallow", repo.env)
    stage(clone, text=BAD)
    return clone


def bare_with_work_tree(repo: Repo) -> Repo:
    repo.git("clone", "-q", "--bare", ".", "../bare.git")
    repo.git("-C", "../bare.git", "worktree", "add", "-q", "../tree", "main")
    tree = Repo(repo.path.parent / "tree", repo.env)
    stage(tree, text=BAD)
    return tree


def in_a_submodule(repo: Repo) -> Repo:
    outer = make(repo.path.parent, "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.path), "sub")
    inner = Repo(outer.path / "sub", repo.env)
    stage(inner, text=BAD)
    return inner


def around_a_submodule(repo: Repo) -> Repo:
    outer = Repo(in_a_submodule(repo).path.parent, repo.env)
    outer.git("add", "-A")
    return outer


def with_a_helper_in_a_submodule(repo: Repo) -> Repo:
    """What a gate reaches, and a stub that a gate is for, in a repository of their own."""
    lib = make(repo.path.parent, "lib")
    lib.write("helper.py", "def want() -> str:\n    return 'a'\n")
    lib.write("words.py", GOOD)
    lib.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib.path), "libs/lib")
    repo.write("pytest.ini", "[pytest]\npythonpath = libs/lib\n")
    gate = TESTS.replace("from text", "from helper import want\nfrom text").replace("('A')", "('A') == want()")
    repo.write("test_text.py", gate)
    repo.write("test_words.py", TESTS.replace("from text", "from words"))
    implement(repo)
    repo.git("add", "-A")
    assert repo.jiti("check", "--strict").code == 0
    return repo


def through_a_link_to_the_repository(repo: Repo) -> Repo:
    linked = repo.path.parent / "linked"
    linked.symlink_to(repo.path)
    stage(repo, text=BAD)
    return Repo(linked, repo.env)


def sparse(repo: Repo) -> Repo:
    repo.write("docs/x.md", "x\n")
    repo.write("src/deep.py", GOOD.replace("slugify", "deep"))
    implement(repo, "deep.deep")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    assert not (repo.path / "src").exists()
    assert not (repo.path / ".jiti").exists()
    stage(repo, test_text=f"{TESTS}\n\nCHEAP = 1\n")
    return repo


def unchanged_by_flag(repo: Repo) -> Repo:
    repo.git("update-index", "--assume-unchanged", "text.py")
    repo.git("update-index", "--skip-worktree", "test_text.py")
    (repo.path / "test_text.py").unlink()
    return fault_on_disk(repo)


def announced(repo: Repo) -> Repo:
    repo.write("more.py", BAD.replace("slugify", "more"))
    repo.git("add", "-N", "more.py")
    return repo


def announced_code(repo: Repo) -> Repo:
    repo.git("rm", "-q", "--cached", SLUG)
    repo.git("commit", "-qm", "without")
    repo.git("add", "-N", ".jiti")
    stage(repo, text=f"{GOOD}\n\nCHEAP = 1\n")
    return repo


def empty_code(repo: Repo) -> Repo:
    repo.write(SLUG, "")
    repo.git("add", "-A")
    return repo


def windows_line_ends(repo: Repo) -> Repo:
    for name in ("text.py", "test_text.py", SLUG):
        repo.write(name, (repo.path / name).read_bytes().replace(b"\n", b"\r\n"))
    repo.git("add", "-A")
    return repo


def windows_line_ends_on_disk_alone(repo: Repo) -> Repo:
    repo.write(".gitattributes", "*.py text eol=crlf\n")
    repo.git("add", "-A")
    return windows_line_ends(repo)


def executable(repo: Repo) -> Repo:
    for name in ("text.py", SLUG):
        (repo.path / name).chmod(0o755)
    repo.git("add", "-A")
    assert "100755" in repo.git("diff", "--cached", "--raw")
    return repo


def copied(repo: Repo) -> Repo:
    repo.git("config", "diff.renames", "copies")
    stage(repo, copy=GOOD, text=f"{GOOD}\n\nCHEAP = 1\n")
    assert "\tcopy.py" in repo.git("diff", "--cached", "--raw", "--find-copies")
    return repo


def two_names_by_case(repo: Repo) -> Repo:
    stage(repo, Text=GOOD)
    return repo


def odd_names(repo: Repo) -> Repo:
    for name in ODD:
        repo.write(name, BAD)
    repo.git("add", "-A")
    return repo


def bytes_for_a_name(repo: Repo) -> Repo:
    repo.write(os.fsdecode(b"\xff.py"), BAD)
    repo.git("add", "-A")
    return repo


def a_module_through_a_link(repo: Repo) -> Repo:
    (repo.path / "words.py").symlink_to("text.py")
    (repo.path / "loop.py").symlink_to("loop.py")
    (repo.path / "gone.py").symlink_to("nowhere.py")
    (repo.path / "outside.py").symlink_to("../../outside.py")
    repo.git("add", "-A")
    return repo


def a_package_through_a_link(repo: Repo) -> Repo:
    repo.write("src/app/__init__.py", "")
    repo.write("src/app/words.py", GOOD)
    (repo.path / "libs").mkdir()
    (repo.path / "libs/app").symlink_to("../src/app")
    (repo.path / "app").symlink_to("libs/app")
    repo.write("test_words.py", TESTS.replace("from text", "from app.words"))
    implement(repo, "app.words.slugify")
    repo.git("add", "-A")
    assert repo.jiti("check", "--strict").code == 0
    return repo


def where_modules_are_looked_for(repo: Repo) -> Repo:
    for name, number in (("one", 1), ("two", 2)):
        repo.write(f"{name}/helper.py", f"def want() -> int:\n    return {number}\n")
    repo.git("mv", "test_text.py", "tests.py")
    gate = TESTS.replace("from text", "from helper import want\nfrom text").replace("('A')", "('A') == want()")
    repo.write("tests/test_text.py", gate)
    repo.write("pytest.ini", "[pytest]\npythonpath = one\n")
    (repo.path / "tests.py").unlink()
    implement(repo)
    repo.commit()
    assert repo.jiti("check", "--strict").code == 0
    repo.write("pytest.ini", "[pytest]\npythonpath = two\n")
    repo.git("add", "-A")
    return repo


FIXTURE = "import pytest\n\n\n@pytest.fixture\ndef given() -> str:\n    return 'A'\n"


def with_what_a_gate_reaches(repo: Repo) -> Repo:
    repo.write("conftest.py", FIXTURE)
    repo.write("tests/helpers.py", "def want() -> str:\n    return 'a'\n")
    gate = TESTS.replace("from text", "from tests.helpers import want\nfrom text").replace("()", "(given)", 1)
    repo.write("test_text.py", gate.replace("slugify('A')", "slugify(given) == want()"))
    implement(repo)
    repo.commit()
    assert repo.jiti("check", "--strict").code == 0
    return repo


def fixture_changed(repo: Repo) -> Repo:
    stage(with_what_a_gate_reaches(repo), conftest=FIXTURE.replace("'A'", "'B'"))
    return repo


def helper_gone(repo: Repo) -> Repo:
    with_what_a_gate_reaches(repo).git("rm", "-q", "tests/helpers.py")
    return repo


def helper_reformatted(repo: Repo) -> Repo:
    with_what_a_gate_reaches(repo).write("tests/helpers.py", 'def want() -> str:\n\n    return "a"\n')
    repo.git("add", "-A")
    return repo


def gate_gone(repo: Repo) -> Repo:
    repo.git("rm", "-q", "test_text.py")
    return repo


def gate_moved(repo: Repo) -> Repo:
    repo.git("mv", "test_text.py", "test_other.py")
    return repo


def merge_in_conflict(repo: Repo) -> Repo:
    repo.git("switch", "-qc", "topic")
    stage(repo, text=GOOD.replace("Make", "Build"))
    repo.git("commit", "-qm", "topic")
    repo.git("switch", "-q", "main")
    stage(repo, text=GOOD.replace("Make", "Do"))
    repo.git("commit", "-qm", "main")
    assert repo.run("git", "merge", "topic").code == 1
    return repo


def merge_settled_on_disk(repo: Repo) -> Repo:
    merge_in_conflict(repo).write("text.py", GOOD)
    return repo


def merge_settled_by_removal(repo: Repo) -> Repo:
    merge_in_conflict(repo).git("rm", "-q", "text.py")
    return repo


SITUATIONS: dict[Callable[[Repo], Repo], set[str]] = {
    fault_on_disk: set(),
    fault_in_index: FAULT,
    first_commit: {"text.py"},
    nothing_at_all: set(),
    detached: FAULT,
    sha256: FAULT,
    shallow: FAULT,
    bare_with_work_tree: FAULT,
    in_a_submodule: FAULT,
    around_a_submodule: set(),
    with_a_helper_in_a_submodule: set(),
    through_a_link_to_the_repository: FAULT,
    sparse: set(),
    unchanged_by_flag: set(),
    announced: set(),
    announced_code: {"text.py"},
    empty_code: {SLUG},
    windows_line_ends: set(),
    windows_line_ends_on_disk_alone: set(),
    executable: set(),
    copied: {"copy.py"},
    two_names_by_case: {"text.py", "Text.py"},
    odd_names: set(ODD),
    bytes_for_a_name: {os.fsdecode(b"\xff.py")},
    a_module_through_a_link: set(),
    a_package_through_a_link: set(),
    where_modules_are_looked_for: {"text.py"},
    fixture_changed: {"text.py"},
    helper_gone: {"text.py"},
    helper_reformatted: set(),
    gate_gone: {"text.py"},
    gate_moved: set(),
    merge_in_conflict: {"text.py"},
    merge_settled_on_disk: set(),
    merge_settled_by_removal: {"test_text.py", SLUG},
}


@pytest.mark.parametrize("situation", SITUATIONS, ids=[str(getattr(one, "__name__", one)) for one in SITUATIONS])
def test_what_is_staged(project: Repo, situation: Callable[[Repo], Repo]) -> None:
    assert found(situation(project)) == SITUATIONS[situation]


def test_announced_code_is_missing_and_not_broken(project: Repo) -> None:
    announced_code(project)
    assert codes(project.jiti("check", "--staged", "--json")) == set()
    assert codes(project.jiti("check", "--staged", "--strict", "--json")) == {("missing", "text.py")}


USING = """\
import other
from conf import FAST
from jiti import jiti


@jiti(uses=[other.needed], engine=FAST)
def title(text: str) -> str:
    '''Make a title.'''
    raise NotImplementedError
"""
OTHER = "def needed() -> None: ...\n\n\ndef spare() -> None: ...\n"
CONF = "from jiti import Engine\n\nFAST = Engine(max_turns=3)\nSLOW = Engine(max_turns=9)\n"
# A change of other files than the one that names them, and what is found.
ELSEWHERE = {
    "what is used goes": ("other.py", OTHER.replace("needed", "wanted"), {("uses-absent", "title.py")}),
    "another goes": ("other.py", OTHER.replace("spare", "more"), set()),
    "an engine is computed": ("conf.py", CONF.replace("=3", "=int('3')"), {("engine-value", "conf.py")}),
    "an engine goes": ("conf.py", CONF.replace("FAST", "QUICK"), {("engine-unresolved", "title.py")}),
    "an engine changes": ("conf.py", CONF.replace("=3", "=4"), set()),
}


@pytest.mark.parametrize(("file", "text", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_who_names_what_is_gone_is_judged(project: Repo, file: str, text: str, expected: set[tuple[str, str]]) -> None:
    stage(project, title=USING, other=OTHER, conf=CONF)
    project.commit()
    project.write(file, text)
    project.git("add", "-A")
    assert codes(project.jiti("check", "--staged", "--json")) == expected
    assert codes(project.jiti("check", "--json")) == expected


# What an outer git says to its hooks.


def variables(repo: Repo) -> dict[str, dict[str, str]]:
    """Environments in which the index of ``repo`` is meant."""
    git = repo.path / ".git"
    return {
        "commit": {"GIT_INDEX_FILE": ".git/index", "GIT_PREFIX": ""},
        "absolute": {"GIT_DIR": str(git), "GIT_WORK_TREE": str(repo.path), "GIT_INDEX_FILE": str(git / "index")},
        "relative": {"GIT_DIR": ".git"},
        "an index that is gone": {"GIT_INDEX_FILE": ".git/next-index-1.lock"},
        "odd pathspecs": {"GIT_LITERAL_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1"},
        "no discovery": {"GIT_CEILING_DIRECTORIES": str(repo.path.parent)},
    }


def test_variables_of_git_lead_nowhere_else(project: Repo) -> None:
    fault_in_index(project)
    for name, env in variables(project).items():
        assert found(project, **env) == FAULT, name


def test_an_index_that_somebody_prepares_beside_is_meant(project: Repo) -> None:
    index = {"GIT_INDEX_FILE": str(project.path.parent / "prepared")}
    project.run("git", "read-tree", "HEAD", **index)
    project.write("text.py", BAD)
    project.run("git", "add", "text.py", **index)
    assert found(project, **index) == FAULT
    assert found(project) == set()


def test_an_index_of_another_repository_is_not_meant(project: Repo) -> None:
    other = fill(make(project.path.parent, "other"))
    stage(other, text=BAD)
    assert found(project, GIT_INDEX_FILE=str(other.path / ".git/index")) == set()
    assert found(other, GIT_INDEX_FILE=str(other.path / ".git/index")) == FAULT


# Real commits with the check as git's own hook.


def hooked(repo: Repo, folder: str = ".", hooks: str = ".git/hooks") -> Repo:
    """``repo`` with the check as the hook of its commits, run in ``folder``."""
    line = f"cd {folder} && PYTHONPATH={ROOT} exec {sys.executable} -m jiti_bot check --staged"
    for name in ("pre-commit", "pre-merge-commit"):
        repo.write(f"{hooks}/{name}", f"#!/bin/sh\n{line}\n").chmod(0o755)
    return repo


def plain(repo: Repo) -> Repo:
    return hooked(repo)


def work_tree(repo: Repo) -> Repo:
    hooked(repo).git("worktree", "add", "-q", "../linked")
    return Repo(repo.path.parent / "linked", repo.env)


def submodule(repo: Repo) -> Repo:
    inner = in_a_submodule(repo)
    inner.git("reset", "-q", "--hard")
    hooked(Repo(inner.path.parent, repo.env), hooks=".git/modules/sub/hooks")
    return inner


def subfolder(repo: Repo) -> Repo:
    top = make(repo.path.parent, "top")
    shutil.copytree(repo.path, top.path / "libs/app", ignore=shutil.ignore_patterns(".git"))
    top.commit()
    hooked(top, "libs/app")
    return Repo(top.path / "libs/app", repo.env)


@pytest.mark.parametrize("place", [plain, work_tree, submodule, subfolder])
def test_commits_of_some_files_of_all_and_amended(project: Repo, place: Callable[[Repo], Repo]) -> None:
    repo = place(project)
    stage(repo, text=BAD)
    repo.write("test_text.py", f"{TESTS}\n\nCHEAP = 1\n")
    assert repo.run("git", "commit", "-qm", "only a file beside the fault", "test_text.py").code == 0
    for refused in (["text.py"], ["-a"], ["-a", "--amend"], ["-i", "text.py"], []):
        done = repo.run("git", "commit", "-qm", "with the fault", *refused)
        assert done.code == 1, refused
        assert "text.py:5: `@jiti` stands on slugify" in done.err
    repo.git("restore", "--staged", "text.py")
    repo.git("commit", "-q", "--amend", "-m", "what is on disk is none of it")


def test_a_merge_is_judged_by_what_it_brings(project: Repo) -> None:
    hooked(project)
    project.git("switch", "-qc", "topic")
    stage(project, text=BAD)
    project.git("commit", "-qnm", "with the fault")
    project.git("switch", "-q", "main")
    stage(project, plain="x = 1\n")
    project.git("commit", "-qm", "main")
    refused = project.run("git", "merge", "-q", "-m", "merge", "topic")
    assert refused.code == 1
    assert "text.py:5: `@jiti` stands on slugify" in refused.err
    stage(project, text=GOOD)
    project.git("commit", "-qm", "merge, with the fault mended")


def test_a_rebase_goes_on_by_what_it_commits(project: Repo) -> None:
    hooked(project)
    merge_in_conflict(project).git("merge", "--abort")
    project.git("switch", "-q", "topic")
    assert project.run("git", "rebase", "main").code == 1
    stage(project, text=BAD)
    assert project.run("git", "commit", "-qm", "while rebasing").code == 1
    stage(project, text=GOOD.replace("Make", "Build"))
    done = project.run("git", "-c", "core.editor=true", "rebase", "--continue")
    assert done.code == 0, done


# What pre-commit says: names, and what is pushed.


def pre_commit(repo: Repo, *names: str, **env: str) -> Done:
    return repo.jiti("check", "--pre-commit", *names, **env)


def test_names_that_look_like_options_are_files(project: Repo) -> None:
    for name in ODD:
        project.write(name, BAD)
    project.commit()
    done = pre_commit(project, *sorted(ODD))
    assert done.code == 1
    assert done.err == f"{len(ODD)} findings.\n"
    assert pre_commit(project, "--strict", "text.py").code == 0


def test_names_that_are_links_or_gone_are_passed_over(project: Repo) -> None:
    a_module_through_a_link(project).git("commit", "-qm", "links")
    assert pre_commit(project, "words.py", "loop.py", "gone.py", "outside.py", "nowhere.py") == Done(0, "", "")


def test_a_name_cannot_begin_a_line_of_its_own(project: Repo) -> None:
    project.write("x\n::error::y.py", BAD)
    project.git("add", "-A")
    done = pre_commit(project)
    assert done.out.startswith("x\\n::error::y.py:5: `@jiti` stands on slugify")
    assert done.out.count("\n") == 1


def test_a_branch_that_the_remote_has_nothing_of_is_judged_as_it_is(project: Repo) -> None:
    project.git("switch", "-qc", "topic")
    stage(project, text=BAD)
    project.commit()
    project.git("switch", "-q", "main")
    assert pre_commit(project, "text.py", PRE_COMMIT_LOCAL_BRANCH="refs/heads/main").code == 0
    assert pre_commit(project, "text.py", PRE_COMMIT_LOCAL_BRANCH="refs/heads/topic").code == 1


def test_histories_that_share_nothing_are_compared_as_pre_commit_does(project: Repo) -> None:
    project.git("switch", "-q", "--orphan", "alone")
    stage(project, text=BAD, other=BAD)
    project.commit()
    pushed = {"PRE_COMMIT_FROM_REF": "main", "PRE_COMMIT_TO_REF": "alone"}
    assert "other.py:5" in pre_commit(project, **pushed).out
    project.git("switch", "-q", "main")
    assert pre_commit(project, PRE_COMMIT_FROM_REF="alone", PRE_COMMIT_TO_REF="main").code == 0
    assert project.jiti("check", "--diff", "main...alone").code == 4


def test_a_tag_is_judged_by_the_commit_it_names(project: Repo) -> None:
    project.git("tag", "-a", "v1", "-m", "v1")
    stage(project, text=BAD)
    project.commit()
    project.git("tag", "-a", "v2", "-m", "v2")
    assert pre_commit(project, PRE_COMMIT_FROM_REF="0" * 40, PRE_COMMIT_TO_REF="v1").code == 0
    assert pre_commit(project, PRE_COMMIT_FROM_REF="v1", PRE_COMMIT_TO_REF="v2").code == 1


def test_who_mended_it_on_disk_alone_is_told_to_stage_it(project: Repo) -> None:
    fault_in_index(project)
    said = "2 findings. What is staged was judged, and on disk some of it is another: `git add` what you have mended.\n"
    assert project.jiti("check", "--staged").err == said
    stage(project, text=BAD)
    assert project.jiti("check", "--staged").err == "2 findings.\n"


# On disk: links by name.


def test_a_link_by_name_is_what_it_leads_to(project: Repo) -> None:
    a_module_through_a_link(project)
    fault_on_disk(project)
    assert "\ntext.py:5: `@jiti` stands on" in project.jiti("check", "words.py").out
    assert "There is no file or folder nowhere.py" in project.jiti("check", "gone.py").err
    assert "The link outside.py leads out of this project" in project.jiti("check", "outside.py").err


@pytest.mark.parametrize("stream", ["", "2"], ids=["out", "errors"])
def test_a_stream_that_is_closed_is_no_fault_of_ours(project: Repo, stream: str) -> None:
    stage(project, text=BAD)
    done = project.run("sh", "-c", f"'{sys.executable}' -m jiti_bot check --staged {stream}>&-")
    assert (done.code, "bug" in done.err) == (1, False)
