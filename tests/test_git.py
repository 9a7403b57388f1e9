import os
from pathlib import Path

import pytest

from jiti_bot import sought
from jiti_bot.errors import RepositoryError, UsageError
from jiti_bot.git import INDEX, Change, Git, NoRepositoryError, locate
from jiti_bot.past import versions
from tests.repo import Repo

ODD = [
    "plain.py",
    "with space.py",
    "täst.py",
    'quo"te.py',
    "new\nline.py",
    "-dash.py",
    "a*b.py",
    "tab\t.py",
    "dir/in.py",
]
TEXT = "from jiti import jiti\n" + "x = 1\n" * 20


def door(repo: Repo, folder: str = "", **env: str) -> Git:
    return locate(str(repo.path / folder), {**repo.env, **env})


def oid(git: Git, name: str) -> str:
    blob = git.index().get(name)
    assert blob is not None
    return blob.oid


def test_nothing_staged_is_no_change(repo: Repo) -> None:
    assert door(repo).staged() == ()


def test_before_the_first_commit_all_is_added(repo: Repo) -> None:
    repo.write("a.py", TEXT)
    repo.git("add", "-A")
    assert door(repo).staged() == (Change("A", "a.py"),)


def test_names_of_any_kind(repo: Repo) -> None:
    for name in ODD:
        repo.write(name, TEXT)
    repo.git("add", "-A")
    git = door(repo)
    assert {change.path for change in git.staged()} == set(ODD)
    assert set(git.index().paths) == set(git.tracked()) == set(ODD)
    assert set(git.mentioning("jiti")) == set(git.mentioning("jiti", INDEX)) == set(ODD)
    repo.commit()
    head = git.commit("HEAD")
    assert set(git.tree(head).paths) == set(git.mentioning("jiti", head)) == set(ODD)


def test_staged_changes_of_every_kind(repo: Repo) -> None:
    for name in ("changed.py", "removed.py", "moved.py", "typed.py"):
        repo.write(name, TEXT + name)
    repo.commit()
    repo.write("changed.py", "y = 2\n")
    repo.write("added.py", "z = 3\n")
    (repo.path / "removed.py").unlink()
    (repo.path / "typed.py").unlink()
    (repo.path / "typed.py").symlink_to("changed.py")
    repo.git("mv", "moved.py", "dir.py")
    repo.git("add", "-A")
    repo.write("unstaged.py", TEXT)
    assert set(door(repo).staged()) == {
        Change("M", "changed.py"),
        Change("A", "added.py"),
        Change("D", "removed.py"),
        Change("T", "typed.py"),
        Change("R", "dir.py", "moved.py"),
    }


def test_announced_files_are_told_from_empty_ones(repo: Repo) -> None:
    for name in ("empty.py", "announced.py", ":(glob)*.py"):
        repo.write(name, "")
    repo.git("add", "empty.py")
    repo.git("add", "-N", "announced.py", "./:(glob)*.py")
    assert set(door(repo).staged()) == {
        Change("A", "empty.py"),
        Change("N", "announced.py"),
        Change("N", ":(glob)*.py"),
    }


def test_what_is_another_on_disk(repo: Repo) -> None:
    for name in ("same.py", "other.py", "gone.py"):
        repo.write(name, TEXT)
    repo.git("add", "-A")
    repo.write("other.py", "y = 1\n")
    (repo.path / "gone.py").unlink()
    assert door(repo).unstaged(["same.py", "other.py", "gone.py", "nowhere.py"]) == ("gone.py", "other.py")
    assert door(repo).unstaged(["same.py"]) == ()


@pytest.fixture
def forked(repo: Repo) -> Repo:
    """Main and a branch have gone their own ways since their fork."""
    repo.write("base.py", TEXT)
    repo.commit()
    repo.git("branch", "topic")
    repo.write("main.py", TEXT)
    repo.commit()
    repo.git("switch", "-q", "topic")
    repo.write("topic.py", TEXT + "more = 1\n")
    repo.commit()
    return repo


def test_between_two_revisions_or_since_their_fork(forked: Repo) -> None:
    git = door(forked)
    assert set(git.between("main", "topic", since_fork=True)) == {Change("A", "topic.py")}
    assert {change.path for change in git.between("main", "topic")} == {"topic.py", "main.py"} or (
        git.between("main", "topic") == (Change("R", "topic.py", "main.py"),)
    )
    assert git.between("topic", "topic") == ()


def test_a_base_of_zeros_is_a_new_branch(forked: Repo) -> None:
    assert {change.path for change in door(forked).between("0" * 40, "topic")} == {"base.py", "topic.py"}


@pytest.mark.parametrize(
    ("base", "error"),
    [("nowhere", RepositoryError), ("--output=x", UsageError), ("", UsageError), ("a" * 40, RepositoryError)],
)
def test_a_revision_that_is_none(forked: Repo, base: str, error: type[Exception]) -> None:
    if not base:
        assert door(forked).between(base, "topic")
        return
    with pytest.raises(error):
        door(forked).between(base, "topic")
    assert not (forked.path / "x").exists()


def test_histories_without_a_common_commit(forked: Repo) -> None:
    forked.git("switch", "-q", "--orphan", "alone")
    forked.write("alone.py", TEXT)
    forked.commit()
    with pytest.raises(RepositoryError, match="no common commit"):
        door(forked).between("main", "alone", since_fork=True)


def test_names_are_relative_to_the_folder(repo: Repo) -> None:
    for name in ("top.py", "sub/a.py", "sub/b.py"):
        repo.write(name, TEXT)
    git = door(repo, "sub")
    repo.git("add", "-A")
    assert (
        set(git.index().paths) == set(git.mentioning("jiti")) == set(git.mentioning("jiti", INDEX)) == {"a.py", "b.py"}
    )
    assert {change.path for change in git.staged()} == {"a.py", "b.py"}
    repo.commit()
    assert set(git.tree(git.commit("HEAD")).paths) == {"a.py", "b.py"}
    assert set(git.mentioning("jiti", git.commit("HEAD"))) == {"a.py", "b.py"}
    repo.git("mv", "sub/a.py", "out.py")
    assert git.staged() == (Change("D", "a.py"),)


def test_what_is_searched_for_the_word(repo: Repo) -> None:
    repo.write(".gitignore", "ignored.py\n")
    for name in (
        "tracked.py",
        "staged.py",
        "new.py",
        "ignored.py",
        ".jiti/a/f.py",
        "sub/.jiti/f.py",
        "text.md",
        ".d/x.py",
    ):
        repo.write(name, TEXT)
    repo.write("none.py", "x = 1\n")
    repo.write("nul.py", b"jiti\0")
    repo.git("add", "tracked.py", "none.py")
    repo.git("commit", "-qm", "x")
    repo.git("add", "staged.py", "nul.py", ".jiti")
    repo.write("tracked.py", "nothing any more\n")
    git = door(repo)
    assert set(git.mentioning("jiti")) == {"staged.py", "nul.py"}
    assert set(sought.mentioning(git, "jiti")) == {"staged.py", "new.py", "nul.py", ".d/x.py"}
    assert set(git.mentioning("jiti", INDEX)) == {"tracked.py", "staged.py", "nul.py"}
    assert git.mentioning("jiti", git.commit("HEAD")) == ("tracked.py",)
    assert git.mentioning("not to be found anywhere") == ()


CONFIGURATION = {
    "colour": ("color.ui", "always"),
    "grep colour": ("color.grep", "always"),
    "no renames": ("diff.renames", "false"),
    "patterns": ("grep.patternType", "perl"),
    "line numbers": ("grep.lineNumber", "true"),
    "full names": ("grep.fullName", "true"),
    "submodules": ("submodule.recurse", "true"),
    "quoted paths": ("core.quotePath", "true"),
    "external diff": ("diff.external", "false"),
    "monitor": ("core.fsmonitor", "false-program"),
    "relative": ("diff.relative", "true"),
    "noprefix": ("diff.noprefix", "true"),
    "pager": ("core.pager", "false"),
    "signatures": ("log.showSignature", "true"),
}


@pytest.mark.parametrize(("name", "value"), CONFIGURATION.values(), ids=CONFIGURATION)
def test_the_persons_configuration_changes_nothing(repo: Repo, name: str, value: str) -> None:
    repo.write("old.py", TEXT)
    repo.commit()
    repo.git("mv", "old.py", "new.py")
    repo.git("config", name, value)
    git = door(repo)
    assert git.staged() == (Change("R", "new.py", "old.py"),)
    assert git.mentioning("jiti") == git.mentioning("jiti", INDEX) == ("new.py",)
    assert len(versions(git, "old.py")) == 1


def test_names_are_those_in_the_folder_also_where_somebody_wants_them_in_full(repo: Repo) -> None:
    repo.write("sub/a.py", TEXT)
    repo.commit()
    repo.git("config", "grep.fullName", "true")
    git = locate(str(repo.path / "sub"), repo.env)
    head = git.commit("HEAD")
    assert git.mentioning("jiti") == git.mentioning("jiti", INDEX) == git.mentioning("jiti", head) == ("a.py",)


def test_blobs_are_read_whole(repo: Repo) -> None:
    contents = {f"f{number}.py": os.urandom(number * 997) + b"\n" for number in range(300)}
    for name, data in contents.items():
        repo.write(name, data)
    repo.git("add", "-A")
    git = door(repo)
    reader = git.blobs()
    try:
        index = git.index()
        oids = {name: blob.oid for name in contents if (blob := index.get(name)) is not None}
        found = reader.read(list(oids.values()))
        assert {name: found[oids[name]] for name in contents} == contents
        assert reader.read(["0" * 40, oids["f1.py"]]) == {oids["f1.py"]: contents["f1.py"]}
    finally:
        reader.close()


def test_a_blob_that_is_damaged_is_not_taken_for_its_beginning(repo: Repo) -> None:
    repo.write("a.py", os.urandom(100_000))
    repo.git("add", "a.py")
    blob = oid(git := door(repo), "a.py")
    file = repo.path / ".git" / "objects" / blob[:2] / blob[2:]
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[:50_000])
    reader = git.blobs()
    try:
        with pytest.raises(RepositoryError, match="ended early"):
            reader.read([blob])
    finally:
        reader.close()


def test_versions_of_a_file_newest_first(repo: Repo) -> None:
    git = door(repo)
    assert versions(git, "a.py") == ()
    for text in ("1\n", "2\n", "3\n"):
        repo.write("a.py", text)
        repo.commit()
    oids = [oid for _, oid in versions(git, "a.py")]
    reader = git.blobs()
    try:
        assert list(reader.read(oids).values()) == [b"3\n", b"2\n", b"1\n"]
    finally:
        reader.close()
    assert versions(git, "a.py", limit=1) == ((git.commit("HEAD"), oids[0]),)


def conflict(forked: Repo) -> None:
    """Leave ``base.py`` in conflict."""
    forked.write("base.py", "topic\n")
    forked.commit()
    forked.git("switch", "-q", "main")
    forked.write("base.py", "main\n")
    forked.commit()
    assert forked.run("git", "merge", "topic").code == 1


def test_a_merge_in_conflict(forked: Repo) -> None:
    conflict(forked)
    git = door(forked)
    assert Change("U", "base.py") in git.staged()
    blob = git.index().get("base.py")
    assert blob is not None
    assert not blob.merged
    reader = git.blobs()
    try:
        assert reader.read([blob.oid])[blob.oid] == b"main\n"
    finally:
        reader.close()


def test_a_conflict_elsewhere_is_no_business_of_a_folder(forked: Repo) -> None:
    conflict(forked)
    forked.write("sub/a.py", TEXT)
    forked.git("add", "sub")
    assert locate(str(forked.path / "sub"), forked.env).staged() == (Change("A", "a.py"),)


def test_ignored_paths(repo: Repo) -> None:
    repo.write(".gitignore", ".jiti/\n")
    assert door(repo).ignores(".jiti/a.py")
    assert not door(repo).ignores("a.py")


# Where a repository is found, and where not.


def test_no_repository(folder: Repo) -> None:
    with pytest.raises(NoRepositoryError) as caught:
        door(folder)
    assert "git init" in caught.value.remedy


def test_no_git(folder: Repo, repo: Repo) -> None:
    with pytest.raises(NoRepositoryError, match="could not be started"):
        door(folder, PATH="/nowhere")
    with pytest.raises(RepositoryError, match="could not be started"):
        door(repo, PATH="/nowhere").staged()


def test_a_bare_repository(tmp_path: Path, folder: Repo) -> None:
    folder.git("init", "-q", "--bare", str(tmp_path / "bare.git"))
    with pytest.raises(RepositoryError, match="no work tree") as caught:
        locate(str(tmp_path / "bare.git"), folder.env)
    assert not isinstance(caught.value, NoRepositoryError)


def test_a_folder_of_work_trees_around_a_bare_repository(repo: Repo, folder: Repo) -> None:
    repo.write("a.py", TEXT)
    repo.commit()
    folder.git("clone", "-q", "--bare", str(repo.path), ".bare")
    folder.write(".git", "gitdir: ./.bare\n")
    folder.git("worktree", "add", "-q", "main", "main")
    with pytest.raises(RepositoryError, match="no work tree"):
        door(folder)
    (folder.path / "main/b.py").write_text(TEXT)
    folder.git("-C", "main", "add", "b.py")
    assert door(folder, "main").staged() == (Change("A", "b.py"),)


def test_a_linked_work_tree_without_an_index_yet(repo: Repo, folder: Repo) -> None:
    repo.write("a.py", TEXT)
    repo.commit()
    repo.git("worktree", "add", "-q", "--no-checkout", str(folder.path / "linked"))
    assert door(folder, "linked").staged() == (Change("D", "a.py"),)


def test_inside_the_git_folder(repo: Repo) -> None:
    with pytest.raises(RepositoryError, match="no work tree"):
        door(repo, ".git")


def test_a_repository_of_another_user(repo: Repo) -> None:
    with pytest.raises(RepositoryError, match="does not trust") as caught:
        door(repo, GIT_TEST_ASSUME_DIFFERENT_OWNER="1").staged()
    assert "safe.directory" in caught.value.remedy


def test_a_damaged_repository(repo: Repo) -> None:
    repo.write("a.py", TEXT)
    repo.commit()
    (repo.path / ".git" / "index").write_bytes(b"rubbish")
    with pytest.raises(RepositoryError):
        door(repo).index()


def test_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.py", TEXT)
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked", repo.env)
    linked.write("b.py", TEXT)
    linked.git("add", "b.py")
    assert door(linked).staged() == (Change("A", "b.py"),)
    assert door(repo).staged() == ()
    # as git runs a hook there
    hook = {
        "GIT_DIR": str(repo.path / ".git/worktrees/linked"),
        "GIT_INDEX_FILE": str(repo.path / ".git/worktrees/linked/index"),
    }
    assert door(linked, **hook).staged() == (Change("A", "b.py"),)


def test_variables_of_an_outer_hook_mean_another_repository(repo: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other"
    repo.git("init", "-q", str(other))
    (other / "theirs.py").write_text(TEXT)
    repo.run("git", "-C", str(other), "add", "theirs.py")
    repo.write("ours.py", TEXT)
    repo.git("add", "ours.py")
    outer = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_PREFIX": "sub/",
    }
    assert door(repo, **outer).staged() == (Change("A", "ours.py"),)
    assert set(door(repo, **outer).index().paths) == {"ours.py"}


def test_a_commit_of_some_files_uses_an_index_of_its_own(repo: Repo) -> None:
    repo.write("a.py", TEXT)
    repo.git("add", "a.py")
    repo.run("git", "read-tree", "--empty", GIT_INDEX_FILE=".git/next-index-1.lock")
    assert set(door(repo, GIT_INDEX_FILE=".git/next-index-1.lock").index().paths) == set()
    assert set(door(repo, "", GIT_INDEX_FILE=".git/index").index().paths) == {"a.py"}


def test_a_work_tree_named_by_the_environment(tmp_path: Path, folder: Repo) -> None:
    bare = tmp_path / "dotfiles.git"
    folder.git("init", "-q", "--bare", str(bare))
    folder.write("a.py", TEXT)
    env = {"GIT_DIR": str(bare), "GIT_WORK_TREE": str(folder.path)}
    folder.run("git", "add", "a.py", **env)
    assert door(folder, **env).staged() == (Change("A", "a.py"),)


def test_locale_does_not_matter(repo: Repo, folder: Repo) -> None:
    assert door(repo, LANGUAGE="de", LC_ALL="de_DE.UTF-8").staged() == ()
    with pytest.raises(NoRepositoryError, match="not in a git repository"):
        door(folder, LANGUAGE="de", LC_ALL="de_DE.UTF-8")
