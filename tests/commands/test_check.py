import json
from collections.abc import Callable

import pytest

from tests.committed import implement
from tests.repo import Done, Repo

TEXT = '''\
"""Text."""

from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug."""
    raise NotImplementedError


class Parser:
    @jiti
    def parse(self, text: str) -> list[str]:
        """Split it."""
        raise NotImplementedError
'''
TESTS = """\
from app.text import Parser, slugify
from jiti import jiti


@jiti.required_for(slugify)
def test_slug() -> None:
    assert slugify("A b") == "a-b"


@jiti.required_for(Parser.parse)
def test_parse() -> None:
    assert Parser().parse("a b") == ["a", "b"]
"""
SLUG = ".jiti/src/app/text/slugify.py"
PARSE = ".jiti/src/app/text/Parser.parse.py"


@pytest.fixture
def project(repo: Repo) -> Repo:
    """Two stubs with gates and committed code, all in git."""
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("src/app/__init__.py", "")
    repo.write("src/app/text.py", TEXT)
    repo.write("tests/test_text.py", TESTS)
    implement(repo)
    repo.commit()
    return repo


def edit(repo: Repo, file: str, old: str, new: str) -> None:
    text = (repo.path / file).read_text()
    assert old in text
    repo.write(file, text.replace(old, new))


def nothing(_: Repo) -> None:
    pass


def plain_file(repo: Repo) -> None:
    repo.write("src/app/other.py", "x = 1\n")


def reformatted(repo: Repo) -> None:
    edit(repo, "src/app/text.py", '"""Make a slug."""', "'Make a slug.'")
    edit(repo, SLUG, "    return None", "    return  (None)")


def new_stub(repo: Repo) -> None:
    repo.write("src/app/new.py", "from jiti import jiti\n\n@jiti\ndef f() -> int: ...\n")


def docstring_changed(repo: Repo) -> None:
    edit(repo, "src/app/text.py", "Make a slug", "Build a slug")


def body_edited(repo: Repo) -> None:
    edit(repo, SLUG, "return None", "return text")


def gate_changed(repo: Repo) -> None:
    edit(repo, "tests/test_text.py", '"A b"', '"A c"')


def gate_helper_changed(repo: Repo) -> None:
    edit(repo, "tests/test_text.py", "@jiti.required_for(slugify)", "EXPECTED = 3\n\n\n@jiti.required_for(slugify)")
    edit(repo, "tests/test_text.py", '== "a-b"', "== str(EXPECTED)")


def edited_and_gate_changed(repo: Repo) -> None:
    body_edited(repo)
    gate_changed(repo)


def edited_and_docstring_changed(repo: Repo) -> None:
    body_edited(repo)
    docstring_changed(repo)


def committed_removed(repo: Repo) -> None:
    (repo.path / SLUG).unlink()


def real_body(repo: Repo) -> None:
    edit(repo, "src/app/text.py", '"""Make a slug."""\n    raise NotImplementedError', "return text")


def header_tampered(repo: Repo) -> None:
    edit(repo, SLUG, "# evidence: ruff ty", "# evidence: ruff ty gates=9")


def markers(repo: Repo) -> None:
    edit(repo, SLUG, "    return None\n", "<<<<<<< HEAD\n    return None\n=======\n>>>>>>> x\n")


def key_swapped(repo: Repo) -> None:
    (repo.path / SLUG).write_text((repo.path / PARSE).read_text())


def source_deleted(repo: Repo) -> None:
    (repo.path / "src/app/text.py").unlink()


def source_renamed(repo: Repo) -> None:
    repo.git("mv", "src/app/text.py", "src/app/words.py")


def stub_deleted(repo: Repo) -> None:
    repo.write("src/app/text.py", TEXT[: TEXT.index("class Parser")])


def stub_and_code_deleted(repo: Repo) -> None:
    stub_deleted(repo)
    (repo.path / PARSE).unlink()


def mark_removed(repo: Repo) -> None:
    edit(repo, "src/app/text.py", "    @jiti\n", "")
    (repo.path / PARSE).unlink()


def all_deleted(repo: Repo) -> None:
    for name in ("src/app/text.py", "tests/test_text.py", SLUG, PARSE):
        (repo.path / name).unlink()


def all_renamed(repo: Repo) -> None:
    repo.git("mv", "src/app/text.py", "src/app/words.py")
    repo.git("mv", ".jiti/src/app/text", ".jiti/src/app/words")
    edit(repo, "tests/test_text.py", "app.text", "app.words")


def linked(repo: Repo) -> None:
    (repo.path / SLUG).unlink()
    (repo.path / SLUG).symlink_to("Parser.parse.py")


def folder_in_place(repo: Repo) -> None:
    (repo.path / SLUG).unlink()
    repo.write(f"{SLUG}/inside.txt", "x\n")


def scratch_left(repo: Repo) -> None:
    repo.write(".jiti/tests/src/app/text/test_scratch_gone.py", "def test_x() -> None: ...\n")


def scratch_in_place(repo: Repo) -> None:
    repo.write(".jiti/tests/src/app/text/test_scratch_slugify.py", "def test_x() -> None: ...\n")


def stranger(repo: Repo) -> None:
    repo.write(".jiti/src/app/text/mine.py", "x = 1\n")


Change = Callable[[Repo], None]
# A change, what check finds in what it stages, and what --strict finds besides: (code, file).
TABLE: dict[Change, tuple[set[tuple[str, str]], set[tuple[str, str]]]] = {
    nothing: (set(), set()),
    plain_file: (set(), set()),
    reformatted: (set(), set()),
    body_edited: (set(), set()),
    scratch_in_place: (set(), set()),
    all_deleted: (set(), set()),
    new_stub: (set(), {("missing", "src/app/new.py")}),
    docstring_changed: (set(), {("stale", "src/app/text.py")}),
    gate_changed: (set(), {("stale", "src/app/text.py")}),
    gate_helper_changed: (set(), {("stale", "src/app/text.py")}),
    edited_and_gate_changed: (set(), {("stale", "src/app/text.py")}),
    committed_removed: (set(), {("missing", "src/app/text.py")}),
    edited_and_docstring_changed: ({("conflict", "src/app/text.py")}, set()),
    real_body: (
        {("stub-real-body", "src/app/text.py"), ("gate-not-stub", "tests/test_text.py"), ("orphan", SLUG)},
        set(),
    ),
    header_tampered: ({("store-seal", SLUG)}, set()),
    markers: ({("store-conflict-markers", SLUG)}, set()),
    key_swapped: ({("store-key", SLUG)}, set()),
    linked: ({("store-link", SLUG)}, set()),
    folder_in_place: ({("store-folder", SLUG)}, set()),
    source_deleted: ({("orphan", SLUG), ("orphan", PARSE), ("gate-unresolved", "tests/test_text.py")}, set()),
    source_renamed: (
        {("orphan", SLUG), ("orphan", PARSE), ("gate-unresolved", "tests/test_text.py")},
        {("missing", "src/app/words.py")},
    ),
    all_renamed: (
        {("store-key", ".jiti/src/app/words/slugify.py"), ("store-key", ".jiti/src/app/words/Parser.parse.py")},
        set(),
    ),
    stub_deleted: ({("orphan", PARSE), ("gate-unresolved", "tests/test_text.py")}, set()),
    stub_and_code_deleted: ({("gate-unresolved", "tests/test_text.py")}, set()),
    mark_removed: ({("gate-not-stub", "tests/test_text.py")}, set()),
    scratch_left: ({("scratch-orphan", ".jiti/tests/src/app/text/test_scratch_gone.py")}, set()),
    stranger: ({("store-header", ".jiti/src/app/text/mine.py")}, set()),
}
NAMES = [str(getattr(change, "__name__", change)) for change in TABLE]


def found(done: Done) -> set[tuple[str, str]]:
    report = json.loads(done.out)
    assert done.code == (1 if report["findings"] else 0), done.err
    assert done.err == ""
    return {(item["code"], item["file"]) for item in report["findings"]}


@pytest.mark.parametrize("change", TABLE, ids=NAMES)
def test_what_is_staged(project: Repo, change: Change) -> None:
    change(project)
    project.git("add", "-A")
    plain, more = TABLE[change]
    assert found(project.jiti("check", "--staged", "--json")) == plain
    assert found(project.jiti("check", "--staged", "--strict", "--json")) == plain | more


@pytest.mark.parametrize("change", TABLE, ids=NAMES)
def test_what_changed_between_revisions(project: Repo, change: Change) -> None:
    change(project)
    project.git("add", "-A")
    project.git("commit", "-qm", "x", "--allow-empty")
    project.git("rm", "-qrf", ".")  # neither the index nor the disk is asked
    plain, more = TABLE[change]
    assert found(project.jiti("check", "--diff", "HEAD~1..HEAD", "--json")) == plain
    assert found(project.jiti("check", "--diff", "HEAD~1...", "--strict", "--json")) == plain | more


@pytest.mark.parametrize("change", TABLE, ids=NAMES)
def test_the_whole_tree(project: Repo, change: Change) -> None:
    change(project)
    plain, more = TABLE[change]
    assert found(project.jiti("check", "--json")) == plain
    assert found(project.jiti("check", "--json", JITI_STRICT="1")) == plain | more


@pytest.mark.parametrize("change", TABLE, ids=NAMES)
def test_without_git(project: Repo, change: Change) -> None:
    change(project)
    (project.path / ".git").rename(project.path.parent / "git")
    plain, more = TABLE[change]
    assert found(project.jiti("check", "--json", "--strict")) == plain | more


def test_what_was_wrong_before_is_not_this_commits_fault(project: Repo) -> None:
    edited_and_docstring_changed(project)
    header_tampered(project)
    project.commit()
    new_stub(project)
    project.git("add", "-A")
    assert found(project.jiti("check", "--staged", "--json")) == set()
    assert found(project.jiti("check", "--staged", "--json", "--strict")) == {("missing", "src/app/new.py")}


def test_only_what_is_staged_is_judged(project: Repo) -> None:
    header_tampered(project)
    project.git("add", "-A")
    edit(project, SLUG, " gates=9", "")
    assert found(project.jiti("check", "--staged", "--json")) == {("store-seal", SLUG)}
    assert found(project.jiti("check", "--json")) == set()


def test_only_what_is_staged_is_judged_the_other_way(project: Repo) -> None:
    docstring_changed(project)
    project.git("add", "-A")
    real_body(project) if "Make" in (project.path / "src/app/text.py").read_text() else header_tampered(project)
    assert found(project.jiti("check", "--staged", "--json")) == set()
    assert found(project.jiti("check", "--json")) == {("store-seal", SLUG)}


UNREADABLE = {
    "a conflict of git": "<<<<<<< HEAD\n",
    "syntax of a Python to come": "def f() = 1\n",
    "a NUL byte": "\0\n",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_code_of_a_file_that_cannot_be_read_is_no_orphan(project: Repo, text: str) -> None:
    project.write("src/app/text.py", TEXT + text)
    assert {code for code, _ in found(project.jiti("check", "--json"))} & {"orphan", "misplaced"} == set()
    assert project.jiti("clear", "--orphans").out == "Nothing to remove.\n"
    assert (project.path / SLUG).exists()
    project.git("add", "-A")
    (only,) = found(project.jiti("check", "--staged", "--json"))
    assert only[1] == "src/app/text.py"


def test_code_of_a_file_that_is_not_checked_out_is_no_orphan(project: Repo) -> None:
    project.git("sparse-checkout", "set", "--cone", ".jiti")
    assert not (project.path / "src").exists()
    assert found(project.jiti("check", "--json")) == set()
    assert project.jiti("clear", "--orphans").out == "Nothing to remove.\n"
    assert (project.path / SLUG).exists()


def test_a_reexport_that_goes_takes_gates_with_it(project: Repo) -> None:
    project.write("src/app/__init__.py", "from app.text import Parser, slugify\n")
    edit(project, "tests/test_text.py", "from app.text", "from app")
    implement(project)
    project.commit()
    project.write("src/app/__init__.py", "from app.text import Parser\n")
    project.git("add", "-A")
    assert found(project.jiti("check", "--staged", "--json")) == {("gate-unresolved", "tests/test_text.py")}


def test_an_ignored_store_is_read_from_disk(project: Repo) -> None:
    project.git("rm", "-rq", "--cached", ".jiti")
    project.write(".gitignore", ".jiti/\n")
    project.commit()
    docstring_changed(project)
    project.git("add", "-A")
    assert found(project.jiti("check", "--staged", "--strict", "--json")) == {("stale", "src/app/text.py")}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["src/app/text.py"], {("stub-real-body", "src/app/text.py"), ("orphan", SLUG)}),
        (["src/app"], {("stub-real-body", "src/app/text.py"), ("orphan", SLUG)}),
        (["tests"], {("gate-not-stub", "tests/test_text.py")}),
        ([SLUG], {("orphan", SLUG)}),
        ([".jiti"], {("orphan", SLUG)}),
        (["pyproject.toml"], set()),
        (["."], {("stub-real-body", "src/app/text.py"), ("gate-not-stub", "tests/test_text.py"), ("orphan", SLUG)}),
    ],
    ids=["file", "folder", "tests", "committed", "store", "other", "everything"],
)
def test_files_and_folders(project: Repo, names: list[str], expected: set[tuple[str, str]]) -> None:
    real_body(project)
    assert found(project.jiti("check", "--json", *names)) == expected


def test_text_names_file_line_cause_and_next_step(project: Repo) -> None:
    edited_and_docstring_changed(project)
    done = project.jiti("check")
    assert done.code == 1
    assert done.out == (
        "src/app/text.py:7: app.text.slugify was edited by hand at .jiti/src/app/text/slugify.py, and its stub changed "
        "since: docstring. See both with `jiti diff app.text.slugify`: `jiti submit` adapted code, undo the stub's "
        "change, or `jiti clear app.text.slugify`.\n"
    )
    assert done.err == "1 finding.\n"


def test_nothing_found_prints_nothing(project: Repo) -> None:
    assert project.jiti("check") == Done(0, "", "")
    assert project.jiti("check", "--format", "github") == Done(0, "", "")
    assert json.loads(project.jiti("check", "--json").out) == {"findings": [], "stubs": 2}


def test_annotations_escape_what_could_act(repo: Repo) -> None:
    repo.write("a,b:50%.py", "from jiti import jiti\n\n\n@jiti\ndef f():\n    return 1\n")
    done = repo.jiti("check", "--format", "github")
    assert done.out.startswith("::error file=a%2Cb%3A50%25.py,line=5,title=jiti%3A stub-real-body::")
    assert done.out.count("\n") == 1


def test_a_project_inside_a_repository(repo: Repo) -> None:
    text = "from jiti import jiti\n\n\n@jiti\ndef f() -> int:\n    return 1\n"
    repo.write("libs/app/pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("libs/app/src/text.py", text)
    repo.write("libs/app/src/good.py", text.replace("return 1", "..."))
    inside = Repo(repo.path / "libs/app", repo.env)
    assert inside.jiti("check").out.startswith("src/text.py:5: ")
    assert inside.jiti("check", "--format", "github").out.startswith("::error file=libs/app/src/text.py,line=5,")
    assert repo.jiti("check").out.startswith("libs/app/src/text.py:5: ")
    repo.git("add", "-A")
    assert repo.jiti("check", "--staged").out.startswith("libs/app/src/text.py:5: ")
    assert inside.jiti("check", "--staged").out.startswith("src/text.py:5: ")
    paths = {item["path"] for item in json.loads(repo.jiti("status", "--json").out)["stubs"]}
    assert paths == {"libs/app/.jiti/src/good/f.py"}


USAGE = {
    "no range": (["--diff", "HEAD"], 2, "names no two revisions"),
    "no base": (["--diff", "..HEAD"], 2, "names no two revisions"),
    "unknown revision": (["--diff", "nowhere..HEAD"], 4, "There is no commit 'nowhere'"),
    "an option for a revision": (["--diff", "--output=x..HEAD"], 2, "expected one argument"),
    "a file that is not there": (["nowhere.py"], 2, "There is no file or folder nowhere.py"),
    "a file outside": (["../x.py"], 2, "lies outside"),
    "two ways at once": (["--staged", "--diff", "a..b"], 2, "not allowed with"),
    "an unknown option": (["--stage"], 2, "unrecognized arguments"),
}


@pytest.mark.parametrize(("args", "code", "message"), USAGE.values(), ids=USAGE)
def test_arguments_that_cannot_be(project: Repo, args: list[str], code: int, message: str) -> None:
    done = project.jiti("check", *args)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err
