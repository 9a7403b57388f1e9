"""Which files mention jiti: what is remembered never changes the answer, which is that of `git grep`."""

import gc
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiti_bot import known, sought, speaking
from jiti_bot.git import INDEX, Git, locate
from jiti_bot.listing import Listing
from tests.repo import Repo, make

NAMES = ("a.py", "b.py", "in/c.py", "in/d e.py", ".jiti/a/f.py", "in/.jiti/c/g.py", "notes.txt", "skipped.py")
# Two of one length, so that times and content alone tell them apart.
TEXTS = ("jiti = 1\n", "juti = 1\n", "", "import jiti\r\n")
GIT = {
    "add": ["add", "-f", "--"],
    "intend": ["add", "-N", "--"],
    "forget": ["rm", "-q", "--cached", "--"],
    "commit": ["commit", "-q", "-m", "Change"],
    "other": ["stash", "-q"],
}
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
    st.tuples(st.sampled_from(["add", "intend", "remove", "forget", "touch", "link"]), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["commit", "damage", "rest", "other"])),
)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return _repo(tmp_path)


def _repo(folder: Path) -> Repo:
    repo = make(folder)
    repo.write(".gitignore", "skipped.py\n")
    for name in NAMES[:3]:
        repo.write(name, TEXTS[name.count("/")])
    repo.commit()
    return repo


def _rest(repo: Repo) -> None:
    """Let the index be as old as it is once people think."""
    old = (repo.path / ".git" / "index").stat().st_mtime - 10
    os.utime(repo.path / ".git" / "index", (old, old))


def _git(repo: Repo, folder: str = "") -> Git:
    return locate(str(repo.path / folder), repo.env)


def _agree(git: Git, few: int = speaking.FEW) -> tuple[str, ...]:
    """Ask twice, the second time with what the first one left, and compare with git."""
    # What git searches with --untracked it searches by the rules of .gitignore, whether it is tracked or not.
    untracked = git.output(git.begin("grep", "-lzF", "--untracked", "-e", "jiti", "--", "*.py"), fine=(0, 1))
    outside = {name for name in os.fsdecode(untracked).split("\0") if name and "/.jiti/" not in f"/{name}"}
    on_disk = tuple(sorted({*git.mentioning("jiti"), *outside}))
    staged = tuple(sorted(git.mentioning("jiti", INDEX)))
    for _ in range(2):
        assert sought.in_work_tree(git, few) == on_disk
        reader = git.blobs()
        try:
            assert speaking.in_blobs(git, INDEX, git.index(), reader.read, few) == staged
            assert speaking.in_blobs(git, INDEX, _recalled(git), reader.read, few) == staged
        finally:
            reader.close()
    return on_disk


def _recalled(git: Git) -> Listing:
    """The index, with what was remembered of it."""
    return git.begin_index(lambda: known.load_seen(git))[1]()


def _do(repo: Repo, step: tuple[str, ...]) -> None:
    match step:
        case ("write", name, text):
            (repo.path / name).unlink(missing_ok=True)
            repo.write(name, text)
        case ("add" | "intend" | "forget" | "commit" | "other" as what, *names):
            repo.run("git", *GIT[what], *names)
        case ("remove", name):
            (repo.path / name).unlink(missing_ok=True)
        case ("touch", name) if (repo.path / name).is_file():
            os.utime(repo.path / name, (1, 1))
        case ("link", name):
            (repo.path / name).unlink(missing_ok=True)
            (repo.path / name).parent.mkdir(parents=True, exist_ok=True)
            (repo.path / name).symlink_to("a.py")
        case ("rest",):
            _rest(repo)
        case ("damage",):
            for file in (repo.path / ".git" / known.FOLDER).glob("*"):
                file.write_bytes(file.read_bytes()[:-7])


@example(
    steps=[("rest",), ("write", "in/d e.py", TEXTS[0]), ("write", "a.py", TEXTS[1]), ("write", "a.py", TEXTS[0])],
    few=400,
)
@example(
    steps=[("rest",), ("remove", "a.py"), ("link", "b.py"), ("intend", "in/d e.py"), ("rest",), ("commit",)], few=0
)
@example(steps=[("commit",), ("write", "a.py", "juti = 1\n"), ("damage",)], few=2)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=3, max_size=6), few=st.sampled_from([0, 2, 400]))
def test_the_answer_is_that_of_git(steps: list[tuple[str, ...]], few: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = _repo(Path(folder))
        for step in steps:
            _do(repo, step)
            _agree(_git(repo), few)


@pytest.fixture(params=[0, 400], ids=["at once", "one by one"])
def few(request: pytest.FixtureRequest) -> int:
    return request.param


def test_a_blob_is_looked_at_once(repo: Repo, few: int) -> None:
    _rest(repo)
    git = _git(repo)
    assert _agree(git, few) == ("a.py", "b.py")
    blobs = known.load_blobs(known.home(git))
    assert {len(oid) for oid in blobs.silent | blobs.speaking} == {40}
    assert len(blobs.speaking) == 1
    before = (repo.path / ".git" / known.FOLDER / known.BLOBS).stat().st_mtime_ns
    _agree(git)
    assert (repo.path / ".git" / known.FOLDER / known.BLOBS).stat().st_mtime_ns == before


def test_what_is_searched_at_once_is_not_remembered_while_the_index_is_new(repo: Repo) -> None:
    sought.in_work_tree(_git(repo), 0)
    now = (repo.path / ".git" / "index").stat().st_mtime + 3600  # a clock that lies
    os.utime(repo.path / ".git" / "index", (now, now))
    (repo.path / ".git" / known.FOLDER / known.BLOBS).unlink(missing_ok=True)
    sought.in_work_tree(_git(repo), 0)
    assert not (repo.path / ".git" / known.FOLDER / known.BLOBS).exists()


def test_the_index_is_listed_once(repo: Repo, few: int) -> None:
    _rest(repo)
    git = _git(repo)
    assert _agree(git, few) == ("a.py", "b.py")
    kept = repo.path / ".git" / known.FOLDER / sought.NAME
    head, _, payload = kept.read_bytes().partition(b"\n")
    assert payload == b"a.py\0b.py\0\0\0\0"
    known.save(str(repo.path / ".git"), sought.NAME, head.decode().rpartition(" ")[0], b"a.py\0\0\0\0")
    assert sought.in_work_tree(git, few) == ("a.py",)
    repo.write("b.py", "jiti, and more\n")
    assert sought.in_work_tree(git) == ("a.py", "b.py")
    repo.write("b.py", "jiti = 1\n")
    repo.run("git", "add", "b.py")
    _agree(git, few)


def test_what_was_changed_when_the_index_was_listed_is_known_when_it_is_put_back(repo: Repo) -> None:
    repo.git("config", "core.trustctime", "false")
    _rest(repo)
    file = repo.path / "a.py"
    text, before = file.read_bytes(), file.stat()
    known.save_blobs(known.home(_git(repo)), known.Blobs(frozenset({b"0" * 40})))
    file.write_text("silent now\n")
    assert _agree(_git(repo)) == ("b.py",)
    file.write_bytes(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert repo.git("diff-files") == ""
    assert _agree(_git(repo)) == ("a.py", "b.py")


@pytest.mark.parametrize("name", ["index", "nothing"])
def test_what_is_asked_for_nothing_is_waited_for(repo: Repo, few: int, name: str) -> None:
    (repo.path / ".git" / name).unlink(missing_ok=True)
    unwanted = sought.Sought(_git(repo), few=few)
    unwanted.close()
    unwanted.close()
    del unwanted
    gc.collect()  # warns of what was left open


def test_who_does_not_learn_writes_nothing(repo: Repo, few: int) -> None:
    _rest(repo)
    with_none = sought.Sought(_git(repo), few=few, learns=False)
    assert with_none.found() == ("a.py", "b.py")
    with_none.close()
    assert not (repo.path / ".git" / known.FOLDER).exists()


def test_a_filter_makes_another_file_of_a_blob(repo: Repo, few: int) -> None:
    _rest(repo)
    _agree(_git(repo), few)
    repo.write(".gitattributes", "a.py filter=hide\nin/*.py filter=absent\n")
    repo.git("config", "filter.hide.clean", "sed s/jiti/secret/")
    repo.git("config", "filter.hide.smudge", "sed s/secret/jiti/")
    repo.write("a.py", "secret = 1\n")
    repo.commit()
    (repo.path / "a.py").unlink()
    repo.git("checkout", "-q", "a.py")
    assert (repo.path / "a.py").read_text() == "jiti = 1\n"
    assert repo.git("status", "--porcelain") == ""
    _rest(repo)
    assert "a.py" in _agree(_git(repo), few)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_is_told_not_to_watch(repo: Repo, flag: str) -> None:
    _agree(_git(repo))
    repo.git("update-index", flag, "a.py")
    repo.write("a.py", "another jiti\n")
    assert ("a.py" in sought.in_work_tree(_git(repo))) is (flag == "--assume-unchanged")
    repo.write("a.py", "nothing\n")
    assert "a.py" not in sought.in_work_tree(_git(repo))


def test_what_is_tracked_is_seen_whether_it_is_ignored_or_not(repo: Repo, few: int) -> None:
    repo.write("skipped.py", "jiti\n")
    assert _agree(_git(repo), few) == ("a.py", "b.py")
    repo.git("add", "-f", "skipped.py")
    repo.commit()
    _rest(repo)
    assert _agree(_git(repo), few) == ("a.py", "b.py", "skipped.py")


def _conflict(repo: Repo, theirs: str) -> None:
    """Leave ``a.py`` in conflict."""
    repo.git("checkout", "-q", "-b", "theirs")
    repo.write("a.py", theirs)
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("a.py", "ours = jiti\n")
    repo.commit()
    assert repo.run("git", "merge", "-q", "theirs").code == 1


def test_a_conflict_is_read_from_disk(repo: Repo) -> None:
    _conflict(repo, "theirs = 1\n")
    assert "a.py" in sought.in_work_tree(_git(repo))


def test_work_trees_and_folders_know_their_own(repo: Repo, few: int) -> None:
    repo.git("worktree", "add", "-q", "../other")
    other = Repo(repo.path.parent / "other", repo.env)
    other.write("in/c.py", "jiti\n")
    repo.write("in/c.py", "none\n")
    for git in (_git(repo), _git(other), _git(repo, "in"), _git(other, "in")):
        _agree(git, few)


def test_the_index_is_looked_through_once(repo: Repo) -> None:
    git = _git(repo)
    _agree(git)
    assert _recalled(git).since() is not None
    repo.write("b.py", "none\n")
    repo.write("new.py", "jiti = 2\n")
    (repo.path / "in" / "c.py").unlink()
    repo.run("git", "add", "-A")
    since = _recalled(git).since()
    assert since is not None
    assert {line.partition(b"\t")[2] for line in since.new} == {b"b.py", b"new.py"}
    assert {line.partition(b"\t")[2] for line in since.gone} == {b"b.py", b"in/c.py"}
    _agree(git)


def test_a_conflict_is_not_remembered(repo: Repo) -> None:
    _agree(_git(repo))
    before = known.load_seen(_git(repo))
    _conflict(repo, "theirs = jiti\n")
    git = _git(repo)
    reader = git.blobs()
    try:
        assert "a.py" not in speaking.in_blobs(git, INDEX, _recalled(git), reader.read)
    finally:
        reader.close()
    assert _recalled(git).unmerged() == ["a.py"]
    assert known.load_seen(git) == before


def test_what_is_missing_is_not_taken_for_silent(repo: Repo) -> None:
    git = _git(repo)
    _agree(git)
    repo.write("b.py", "none\n")
    repo.run("git", "add", "b.py")
    before = known.load_seen(git)
    assert "b.py" not in speaking.in_blobs(git, INDEX, _recalled(git), lambda _: {})
    assert known.load_seen(git) == before


def test_a_revision(repo: Repo, few: int) -> None:
    git = _git(repo)
    commit = git.commit("HEAD")
    repo.write("a.py", "now jiti\n")
    repo.commit()
    for revision in (commit, git.commit("HEAD"), commit):
        reader = git.blobs()
        try:
            found = speaking.in_blobs(git, revision, git.tree(revision), reader.read, few)
        finally:
            reader.close()
        assert found == tuple(sorted(git.mentioning("jiti", revision)))


def test_a_folder_that_cannot_be_written_is_no_hindrance(repo: Repo, few: int) -> None:
    (repo.path / ".git" / known.FOLDER).write_text("")
    _rest(repo)
    _agree(_git(repo), few)


def test_longer_ids(tmp_path: Path, few: int) -> None:
    repo = Repo(tmp_path, make(tmp_path, "env", git=False).env)
    if repo.run("git", "init", "-q", "--object-format=sha256").code:
        return  # a git from before 2.29
    repo.write("a.py", "jiti\n")
    repo.write("b.py", "none\n")
    repo.commit()
    _rest(repo)
    assert _agree(_git(repo), few) == ("a.py",)
    assert {len(oid) for oid in known.load_blobs(known.home(_git(repo))).silent} == {64}


@pytest.mark.parametrize("command", ["check", "check --staged"])
def test_only_a_check_remembers(repo: Repo, command: str) -> None:
    ours = repo.path / ".git" / known.FOLDER
    repo.write("in/c.py", "from jiti import jiti\n\n\n@jiti\ndef f() -> int: ...\n")
    repo.run("git", "add", "in/c.py")
    for quiet in ("status", "generate", "check --diff HEAD..HEAD"):
        repo.jiti(*quiet.split())
        assert not ours.exists()
    repo.jiti(*command.split())
    assert (ours / known.BLOBS).exists()
