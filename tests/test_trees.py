from collections.abc import Callable, Iterator

import pytest

from jiti_bot.git import locate
from jiti_bot.trees import BlobTree, Node, Tree, WorkTree, index_tree, revision_tree
from tests.repo import Repo, make

FILES = {
    "a.py": "import jiti\n",
    "plain.py": "x = 1\n",
    "pkg/b c.py": "# jiti\n",
    "pkg/sub/ü.py": "jiti\n",
    "notes.md": "jiti\n",
    ".jiti/a/f.py": "# jiti 1 a.f\n",
    ".jiti/a/g.py": "",
    ".jiti/tests/a/test_scratch_f.py": "",
    "nested/.jiti/h.py": "",
}


@pytest.fixture
def full(repo: Repo) -> Repo:
    for name, text in FILES.items():
        repo.write(name, text)
    (repo.path / "link.py").symlink_to("a.py")
    (repo.path / "loop.py").symlink_to("loop.py")
    (repo.path / ".jiti/a/linked.py").symlink_to("f.py")
    (repo.path / ".jiti/folder").symlink_to("a")
    repo.commit()
    return repo


def work(repo: Repo) -> WorkTree:
    return WorkTree(str(repo.path), locate(str(repo.path), repo.env))


def bare_work(repo: Repo) -> WorkTree:
    return WorkTree(str(repo.path))


def staged(repo: Repo) -> BlobTree:
    return index_tree(locate(str(repo.path), repo.env))


def revision(repo: Repo) -> BlobTree:
    return revision_tree(locate(str(repo.path), repo.env), "HEAD")


MAKERS: list[Callable[[Repo], WorkTree | BlobTree]] = [work, bare_work, staged, revision]


@pytest.fixture(params=MAKERS, ids=["work tree", "without git", "index", "revision"])
def tree(full: Repo, request: pytest.FixtureRequest) -> Iterator[Tree]:
    with request.param(full) as made:
        yield made


def test_each_reads_files_and_nothing_else(tree: Tree) -> None:
    for name, text in FILES.items():
        assert tree.read(name) == text.encode(), name
        assert tree.exists(name)
    for name in ("nowhere.py", "pkg", "loop.py", "a.py/x", "", "nowhere/x.py", "a\0b"):
        assert tree.read(name) is None, name
        assert not tree.exists(name), name


def test_each_finds_the_files_that_mention_us(tree: Tree) -> None:
    assert tree.candidates() == ("a.py", "pkg/b c.py", "pkg/sub/ü.py")
    assert set(tree.names()) >= set(tree.candidates())


def test_each_tells_what_stands_at_a_path(tree: Tree) -> None:
    nodes = {
        "a.py": Node.FILE,
        "pkg": Node.FOLDER,
        "pkg/sub": Node.FOLDER,
        ".jiti": Node.FOLDER,
        "link.py": Node.LINK,
        "loop.py": Node.LINK,
        ".jiti/folder": Node.LINK,
        "nowhere": None,
        "a.py/x": None,
    }
    assert {path: tree.node(path) for path in nodes} == nodes
    assert tree.is_folder("pkg")
    assert not tree.is_folder("a.py")


def test_each_lists_folders(tree: Tree) -> None:
    assert tree.inside(".jiti/a") == (".jiti/a/f.py", ".jiti/a/g.py", ".jiti/a/linked.py")
    assert tree.inside("nowhere") == ()
    assert tree.under(".jiti") == (
        ".jiti/a/f.py",
        ".jiti/a/g.py",
        ".jiti/a/linked.py",
        ".jiti/folder",
        ".jiti/tests/a/test_scratch_f.py",
    )
    assert tree.under("nowhere") == ()
    assert tree.stores() == (".jiti", "nested/.jiti")


def test_each_follows_links_as_python_does(full: Repo, tree: Tree) -> None:
    assert tree.read("link.py") == FILES["a.py"].encode()
    assert tree.exists("link.py")
    assert tree.read(".jiti/folder/f.py") == FILES[".jiti/a/f.py"].encode()
    assert not tree.exists(".jiti/folder")
    assert tree.read("loop.py/x") is None


def test_links_over_links_and_out_of_the_tree(repo: Repo) -> None:
    repo.write("src/app/text.py", "jiti\n")
    for link, target in {"libs/app": "../src/app", "app": "./libs/app/", "up": "..", "root": "/etc"}.items():
        (repo.path / link).parent.mkdir(exist_ok=True)
        (repo.path / link).symlink_to(target)
    repo.commit()
    for made in (staged, revision):
        with made(repo) as tree:
            assert tree.read("app/text.py") == b"jiti\n"
            assert tree.exists("libs/app/text.py")
            assert [tree.exists(name) for name in ("up/repo/app/text.py", "root/hosts", "app")] == [False, False, False]


def test_the_index_is_what_is_staged(full: Repo) -> None:
    full.write("a.py", "staged jiti\n")
    full.git("add", "a.py")
    full.write("a.py", "on disk\n")
    full.write("new.py", "jiti\n")
    with staged(full) as index, revision(full) as head:
        assert index.read("a.py") == b"staged jiti\n"
        assert head.read("a.py") == FILES["a.py"].encode()
        assert index.read("new.py") is None
    assert work(full).read("a.py") == b"on disk\n"
    assert "new.py" in work(full).candidates()


def test_a_file_in_conflict_is_read_from_disk(full: Repo) -> None:
    full.git("switch", "-qc", "topic")
    full.write("a.py", "jiti topic\n")
    full.commit()
    full.git("switch", "-q", "main")
    full.write("a.py", "jiti main\n")
    full.commit()
    assert full.run("git", "merge", "topic").code == 1
    with staged(full) as index:
        assert b"<<<<<<< HEAD" in (index.read("a.py") or b"")
        assert index.candidates() == ("a.py", "pkg/b c.py", "pkg/sub/ü.py")


def test_a_store_that_git_ignores_is_read_from_disk(repo: Repo) -> None:
    repo.write(".gitignore", ".jiti/\n")
    repo.write("a.py", "jiti\n")
    repo.commit()
    repo.write(".jiti/a/f.py", "x\n")
    with staged(repo) as index, revision(repo) as head:
        assert index.read(".jiti/a/f.py") == b"x\n"
        assert index.exists(".jiti/a/f.py")
        assert index.node(".jiti/a/f.py") is Node.FILE
        assert index.under(".jiti") == index.inside(".jiti/a") == (".jiti/a/f.py",)
        assert index.stores() == (".jiti",)
        assert head.read(".jiti/a/f.py") is None


def test_a_store_that_was_not_added_is_not_staged(repo: Repo) -> None:
    repo.write("a.py", "jiti\n")
    repo.commit()
    repo.write(".jiti/a/f.py", "x\n")
    with staged(repo) as index:
        assert index.read(".jiti/a/f.py") is None
        assert index.stores() == ()


def test_a_submodule_is_a_folder_that_nobody_enters(repo: Repo, folder: Repo) -> None:
    folder.git("init", "-q")
    folder.write("inner.py", "jiti\n")
    folder.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder.path), "sub")
    repo.commit()
    with staged(repo) as index:
        assert index.node("sub") is Node.FOLDER
        assert index.read("sub") is None
        assert index.candidates() == ()


def test_a_missing_object_is_an_error_with_a_next_step(full: Repo) -> None:
    oid = full.git("rev-parse", "HEAD:plain.py").strip()
    (full.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with staged(full) as index, pytest.raises(OSError, match="git fsck"):
        index.read("plain.py")


def test_what_is_no_source_of_the_project_is_passed_over_without_git(folder: Repo) -> None:
    for name in (
        "a.py",
        ".venv/x.py",
        "venv/x.py",
        "env/x.py",
        "node_modules/x.py",
        "lib/site-packages/x.py",
        ".d/x.py",
    ):
        folder.write(name, "jiti\n")
    folder.write("env/pyvenv.cfg", "")
    (folder.path / "deep").symlink_to(folder.path)
    assert bare_work(folder).candidates() == ("a.py",)


def test_reading_twice_gives_the_same(full: Repo) -> None:
    tree = work(full)
    first = tree.read("a.py")
    full.write("a.py", "changed\n")
    assert tree.read("a.py") == first
    assert work(full).read("a.py") == b"changed\n"


def test_stores_of_other_repositories_and_of_what_git_ignores_are_not_ours(full: Repo) -> None:
    theirs = make(full.path, "inner")
    theirs.write(".jiti/a/f.py", "theirs\n")
    theirs.commit()
    full.write(".gitignore", "build/\nown/.jiti/\nkept/\nwt/\n")
    full.write("build/lib/.jiti/a/f.py", "a copy\n")
    full.write("own/.jiti/a/f.py", "each machine generates its own\n")
    full.write("kept/.jiti/a/f.py", "added all the same\n")
    full.git("add", "-f", "kept")
    full.git("worktree", "add", "-q", "wt/other")
    assert work(full).stores() == (".jiti", "kept/.jiti", "nested/.jiti", "own/.jiti")


def test_a_store_in_a_submodule_is_not_ours(repo: Repo, folder: Repo) -> None:
    folder.git("init", "-q")
    folder.write(".jiti/a/f.py", "theirs\n")
    folder.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder.path), "sub")
    assert work(repo).stores() == ()
    assert work(Repo(repo.path / "sub", repo.env)).stores() == (".jiti",)


def test_what_a_sparse_checkout_does_without_is_left_out(full: Repo) -> None:
    full.git("sparse-checkout", "set", "--cone", ".jiti")
    (full.path / "plain.py").unlink()
    tree = work(full)
    assert tree.leaves_out("pkg/b c.py")
    assert not any(map(tree.leaves_out, ("a.py", "plain.py", "nowhere.py", ".jiti/a/f.py")))
    with staged(full) as index:
        assert not index.leaves_out("pkg/b c.py")
