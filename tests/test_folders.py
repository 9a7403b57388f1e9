"""Where stores stand: what is remembered of folders never changes the answer, which is that of a walk."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiti_bot import folders, known

PLACES = ("a", "a/b", "a/b/c", "d", "node_modules/e", ".hidden/f", "n\new\udcff")
WAYS = ("store", "link", "there", "file", "venv", "git", "unstore", "remove", "move", "replace")
STEPS = st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(PLACES)), min_size=2, max_size=6)
# Times that a change gives to a folder are never this one.
LONG_AGO = 1_000_000_000


def _made(top: Path) -> Path:
    for place in (*PLACES, "a/.jiti", ".git"):
        (top / place).mkdir(parents=True)
    return top


def _rest(top: Path) -> None:
    """Let each folder be as it is after a time in which nothing happened."""
    for folder, _, _ in os.walk(top):
        os.utime(folder, (LONG_AGO, LONG_AGO))


def _stores(top: Path, *, seconds: float = 60) -> list[str]:
    """With what is remembered, so many seconds from now."""
    now = time.time_ns() + int(seconds * 1e9)
    return folders.stores(str(top), own=True, home=str(top / ".git"), now=now)


def _do(top: Path, what: str, place: str) -> None:
    folder = top / place
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / ".jiti"
    match what:
        case "store" if not os.path.lexists(store):
            store.mkdir()
        case "link" if not os.path.lexists(store):
            store.symlink_to(top / "elsewhere")
        case "there":
            (top / "elsewhere").rmdir() if (top / "elsewhere").exists() else (top / "elsewhere").mkdir()
        case "file":
            (folder / "file.py").write_text(what)
        case "venv":
            (folder / "pyvenv.cfg").touch()
        case "git":
            (folder / ".git").touch()
        case "unstore" if os.path.lexists(store):
            store.rename(folder / "other")
        case "remove":
            shutil.rmtree(folder)
        case "move" if not (top / "moved").exists():
            folder.rename(top / "moved")
        case "replace":
            shutil.rmtree(folder)
            folder.write_text("a file now")


@example(steps=[("link", "a/b"), ("there", "d"), ("there", "d")])
@example(steps=[("store", "a/b/c"), ("move", "a/b"), ("venv", "moved"), ("git", "a")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_the_answer_is_that_of_a_walk(steps: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = _made(Path(folder))
        for what, place in steps:
            _rest(top)
            _stores(top)
            if not any((top / above).is_file() for above in (place, *map(str, Path(place).parents))):
                _do(top, what, place)
            plain = folders.stores(str(top), own=True)
            assert _stores(top) == plain
            assert _stores(top) == plain


def _kept(top: Path) -> Path:
    return top / ".git" / known.FOLDER / folders.NAME


def _stamps(top: Path) -> list[bytes]:
    """What is remembered of the times of each folder."""
    payload = _kept(top).read_bytes().partition(b"\n")[2]
    return [record.split(b"\0")[1] for record in payload.split(b"\0\0")]


def test_what_is_as_it_was_is_not_listed_again(tmp_path: Path) -> None:
    top = _made(tmp_path)
    _rest(top)
    assert _stores(top) == ["a/.jiti"]
    head, _, payload = _kept(top).read_bytes().partition(b"\n")
    assert b"\0a\0" in payload
    stamp = head.decode().rpartition(" ")[0]
    known.save(str(top / ".git"), folders.NAME, stamp, payload.replace(b"\0a\0", b"\0", 1))
    assert _stores(top) == []
    (top / "new").mkdir()
    assert _stores(top) == ["a/.jiti"]


def test_what_changed_a_moment_ago_may_change_again_and_look_the_same(tmp_path: Path) -> None:
    top = _made(tmp_path)
    found = [Path(folder).stat() for folder, _, _ in os.walk(top)]
    first, last = (pick(one.st_mtime_ns for one in found) for pick in (min, max))
    for now, is_kept in (
        (first + 1_000_000_000, False),
        (first - 3_600_000_000_000, False),
        (last + 5_000_000_000, True),
    ):
        assert folders.stores(str(top), own=True, home=str(top / ".git"), now=now) == ["a/.jiti"]
        assert {stamp != b"-" for stamp in _stamps(top)} == {is_kept}


def test_each_place_and_rule_has_its_own(tmp_path: Path) -> None:
    top = _made(tmp_path / "top")
    (top / "d/.git").touch()
    (top / "d/.jiti").mkdir()
    _rest(top)
    home = str(top / ".git")
    assert _stores(top) == ["a/.jiti"]
    assert folders.stores(str(top), own=False, home=home) == ["a/.jiti", "d/.jiti"]
    assert folders.stores(str(top / "a"), own=True, home=home) == [".jiti"]
    assert _stores(top) == ["a/.jiti"]


def test_who_does_not_learn_writes_nothing(tmp_path: Path) -> None:
    top = _made(tmp_path)
    assert folders.stores(str(top), own=True, home=str(top / ".git"), learns=False) == ["a/.jiti"]
    assert not (top / ".git" / known.FOLDER).exists()


@pytest.mark.parametrize("damage", [b"", b"garbage", b"cut"])
def test_a_damaged_memory_is_none(tmp_path: Path, damage: bytes) -> None:
    top = _made(tmp_path)
    _rest(top)
    _stores(top)
    _kept(top).write_bytes(_kept(top).read_bytes()[:-3] if damage == b"cut" else damage)
    assert _stores(top) == ["a/.jiti"]


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    top = _made(tmp_path)
    (top / ".git" / known.FOLDER).write_text("")
    assert _stores(top) == ["a/.jiti"]
