"""What is remembered about blobs and the index: not trusted when it is not whole, not in the way if it is not kept."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jiti_bot import known
from jiti_bot.git import locate
from jiti_bot.known import FOLDER, Blobs
from jiti_bot.listing import Seen
from tests.repo import Repo, make

if TYPE_CHECKING:
    from collections.abc import Callable

SOME = Blobs(frozenset({b"a" * 40}), frozenset({b"b" * 40, b"c" * 40}))


def test_an_index_comes_back_as_it_was(tmp_path: Path) -> None:
    git = locate(str(make(tmp_path).path), {})
    seen = Seen(b"100644 1 0\ta\nb.py\0", frozenset({b"a\nb.py", b"c.py"}), (b"120000 2 0\tlink", b"160000 3 0\tsub"))
    for each in (seen, Seen(b"", frozenset(), ())):
        known.save_seen(git, each)
        assert known.load_seen(git) == each


@pytest.mark.parametrize("damage", ["head", "sizes", "names", "cut", "more", "huge", "absurd"])
def test_a_damaged_index_counts_for_nothing(tmp_path: Path, damage: str) -> None:
    git = locate(str(make(tmp_path).path), {})
    known.save_seen(git, Seen(b"100644 1 0\ta.py\0", frozenset({b"a.py"}), (b"120000 2 0\tlink",)))
    file = tmp_path / "repo" / ".git" / known.FOLDER / known.INDEX
    assert file.exists()
    head, sizes, rest = file.read_bytes().split(b"\n", 2)
    parts = {
        "head": (b"x" + head, sizes, rest),
        "sizes": (head, b"0" + sizes[1:], rest),
        "names": (head, sizes, b"b" + rest[1:]),
        "cut": (head, sizes, rest[:-1]),
        "more": (head, sizes, rest + b"x"),
        "huge": (head, b"1 99999999999 5", rest),
        "absurd": (head, b"1 99999999999999999999 -99999999999999999999", rest),
    }
    file.write_bytes(b"\n".join(parts[damage]))
    assert known.load_seen(git) is None


@pytest.mark.parametrize("blobs", [Blobs(), SOME, Blobs(SOME.silent), Blobs(frozenset(), SOME.silent)])
def test_what_is_saved_is_loaded(tmp_path: Path, blobs: Blobs) -> None:
    known.save_blobs(str(tmp_path), blobs)
    found = known.load_blobs(str(tmp_path))
    assert found == blobs


DAMAGE = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[:-1],
    "cut off at a line": lambda data: data[: data.rindex(b"\n")],
    "longer": lambda data: data + b"\n" + b"d" * 40,
    "garbage": lambda data: os.urandom(len(data)),
    "zeros": lambda data: bytes(len(data)),
    "another id": lambda data: data.replace(b"b", b"d"),
    "silent for speaking": lambda data: data.replace(b"a" * 40, b"b" * 40),
    "another format": lambda data: data.replace(b"remembers 1", b"remembers 2"),
    "no head": lambda data: data.partition(b"\n")[2],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_damaged_counts_for_nothing(tmp_path: Path, damage: "Callable[[bytes], bytes]") -> None:
    known.save_blobs(str(tmp_path), SOME)
    file = tmp_path / FOLDER / known.BLOBS
    file.write_bytes(damage(file.read_bytes()))
    assert known.load_blobs(str(tmp_path)) == Blobs()


def test_another_stamp_counts_for_nothing(tmp_path: Path) -> None:
    known.save(str(tmp_path), "thing", "one", b"payload")
    assert known.load(str(tmp_path), "thing", "one") == b"payload"
    assert known.load(str(tmp_path), "thing", "two") is None
    assert known.load(str(tmp_path), "other", "one") is None


def test_what_is_too_large_is_neither_kept_nor_read(tmp_path: Path) -> None:
    known.save(str(tmp_path), "thing", "one", bytes(known.LARGEST))
    assert not (tmp_path / FOLDER).exists()
    (tmp_path / FOLDER).mkdir()
    with (tmp_path / FOLDER / "thing").open("wb") as file:
        file.truncate(known.LARGEST + 1)
    assert known.load(str(tmp_path), "thing", "one") is None


def test_nowhere_to_keep_it(tmp_path: Path) -> None:
    known.save_blobs(None, SOME)
    assert known.load_blobs(None) == Blobs()
    (tmp_path / FOLDER).write_text("a file where the folder belongs")
    known.save_blobs(str(tmp_path), SOME)
    assert known.load_blobs(str(tmp_path)) == Blobs()


def test_a_folder_where_the_file_belongs(tmp_path: Path) -> None:
    (tmp_path / FOLDER / known.BLOBS).mkdir(parents=True)
    known.save_blobs(str(tmp_path), SOME)
    assert known.load_blobs(str(tmp_path)) == Blobs()
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [known.BLOBS]


def test_many_writers_and_readers_at_once(tmp_path: Path) -> None:
    every = [Blobs(frozenset({b"%040x" % number}), frozenset({b"%040x" % (number + 100)})) for number in range(8)]

    def work(number: int) -> bool:
        good = True
        for _ in range(20):
            known.save_blobs(str(tmp_path), every[number])
            good = good and known.load_blobs(str(tmp_path)) in every
        return good

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [known.BLOBS]


def test_no_more_is_kept_than_a_few_states_of_the_tree() -> None:
    blobs = Blobs(frozenset({b"kept", b"gone"}), frozenset(b"%d" % number for number in range(1000)))
    listed = [b"kept", b"7", b"more 3"]
    found = {b"more %d" % number: False for number in range(10)}
    assert blobs.learned({b"new": True}, 3, lambda: listed) == Blobs(blobs.speaking | {b"new"}, blobs.silent)
    assert blobs.learned(found, 3, lambda: listed) == Blobs(frozenset({b"kept"}), frozenset({b"7", b"more 3"}))


def test_the_folder_of_each_kind_of_work_tree(tmp_path: Path) -> None:
    repo = make(tmp_path)
    repo.write("a.py", "")
    repo.write("inner/b.py", "")
    repo.commit()
    repo.git("worktree", "add", "-q", "../other")
    assert _home(repo.path, repo) == repo.path / ".git"
    assert _home(repo.path / "inner", repo) == repo.path / ".git"
    assert _home(tmp_path / "other", repo) == repo.path / ".git" / "worktrees" / "other"
    assert _home(tmp_path / "other", repo, GIT_DIR=str(tmp_path)) == repo.path / ".git" / "worktrees" / "other"
    plain = tmp_path / "plain"
    plain.mkdir()
    elsewhere = {"GIT_DIR": "../repo/.git", "GIT_WORK_TREE": "."}
    assert Path(known.home(locate(str(plain), {**repo.env, **elsewhere})) or "").samefile(repo.path / ".git")


def _home(folder: Path, repo: Repo, **env: str) -> Path:
    return Path(known.home(locate(str(folder), {**repo.env, **env})) or "").resolve()
