import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.store import write
from jiti_bot.store.paths import IGNORED
from jiti_bot.store.write import ChangedMeanwhile, Drop, Put, Written, commit, open_store, remove_all
from tests.repo import ROOT

OLD, NEW = "old = 1\n", "new = 2\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / ".jiti"


def put(store: Path, name: str = "app/f.py", text: str = NEW, seen: str | None = None) -> Put:
    return Put(str(store / name), text, None if seen is None else seen.encode())


def drop(store: Path, name: str, seen: str) -> Drop:
    return Drop(str(store / name), seen.encode())


def files(store: Path) -> dict[str, str]:
    """All that a person would see in the store: every file but the lock."""
    found = (path for path in sorted(store.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path.relative_to(store)): path.read_text() for path in found}


def folders(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_dir()}


def test_nothing_to_do_changes_nothing(store: Path) -> None:
    assert commit(str(store), ()) == Written(())
    assert files(store) == {".gitignore": IGNORED}


def test_the_first_write_makes_the_store(store: Path) -> None:
    assert commit(str(store), [put(store)]) == Written((str(store / "app/f.py"),))
    assert files(store) == {".gitignore": IGNORED, "app/f.py": NEW}


def test_a_file_is_replaced_and_keeps_its_mode(store: Path) -> None:
    commit(str(store), [put(store, text=OLD)])
    (store / "app/f.py").chmod(0o640)
    assert isinstance(commit(str(store), [put(store, seen=OLD)]), Written)
    assert files(store)["app/f.py"] == NEW
    assert stat.S_IMODE((store / "app/f.py").stat().st_mode) == 0o640


def test_a_new_file_obeys_the_umask(store: Path) -> None:
    before = os.umask(0o027)
    try:
        commit(str(store), [put(store)])
    finally:
        os.umask(before)
    assert stat.S_IMODE((store / "app/f.py").stat().st_mode) == 0o640


def test_a_gitignore_of_the_persons_own_is_left(store: Path) -> None:
    store.mkdir()
    (store / ".gitignore").write_text("*\n")
    commit(str(store), [put(store)])
    assert files(store)[".gitignore"] == "*\n"


MEANWHILE = {
    "somebody wrote it first": (OLD, None),
    "somebody edited it": (OLD, "something else\n"),
    "somebody removed it": (None, OLD),
}


@pytest.mark.parametrize(("there", "seen"), MEANWHILE.values(), ids=MEANWHILE)
def test_what_the_caller_has_not_seen_is_never_overwritten(store: Path, there: str | None, seen: str | None) -> None:
    commit(str(store), [put(store, "app/other.py", OLD)])
    if there is not None:
        (store / "app/f.py").write_text(there)
    before = files(store)
    outcome = commit(str(store), [put(store, "app/other.py", NEW, seen=OLD), put(store, seen=seen)])
    assert outcome == ChangedMeanwhile((str(store / "app/f.py"),))
    assert files(store) == before


def test_a_removal_takes_empty_folders_with_it(store: Path) -> None:
    commit(str(store), [put(store, "a/b/f.py", OLD), put(store, "a/g.py", OLD)])
    cache = store / "a/b/__pycache__"
    cache.mkdir()
    (cache / "f.pyc").write_bytes(b"")
    assert isinstance(commit(str(store), [drop(store, "a/b/f.py", OLD)]), Written)
    assert folders(store) == {"a", ".cache"}
    assert isinstance(commit(str(store), [drop(store, "a/g.py", OLD)]), Written)
    assert folders(store) == {".cache"}


def test_a_removal_of_what_changed_meanwhile_is_refused(store: Path) -> None:
    commit(str(store), [put(store, text=NEW)])
    assert commit(str(store), [drop(store, "app/f.py", OLD)]) == ChangedMeanwhile((str(store / "app/f.py"),))
    assert files(store)["app/f.py"] == NEW


@pytest.mark.parametrize("name", ["../f.py", "../.jiti2/f.py", ".cache/f.py", ".gitignore", "a/../../f.py"])
def test_nothing_is_written_outside(store: Path, name: str) -> None:
    with pytest.raises(StoreError, match="outside"):
        commit(str(store), [put(store, name)])
    assert not store.exists()


def test_a_folder_by_another_name_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        commit(str(tmp_path / "code"), [put(tmp_path / "code")])


OBSTACLES = {
    "the store is a link": ("", "link"),
    "the store is a file": ("", "file"),
    "a folder is a link": ("app", "link"),
    "a folder is a file": ("app", "file"),
    "the file is a link": ("app/f.py", "link"),
    "the file is a folder": ("app/f.py", "folder"),
    "the cache is a link": (".cache", "link"),
    "the lock is a link": (".cache/lock", "link"),
}


@pytest.mark.parametrize(("name", "kind"), OBSTACLES.values(), ids=OBSTACLES)
def test_obstacles_are_named_and_nothing_is_written(tmp_path: Path, store: Path, name: str, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = store / name
    place.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "link":
            place.symlink_to(elsewhere)
        case "file":
            place.write_text("")
        case _:
            place.mkdir()
    with pytest.raises(StoreError) as caught:
        commit(str(store), [put(store)])
    assert str(place) in caught.value.where
    assert caught.value.remedy
    assert list(elsewhere.iterdir()) == []


# Every call to the system that can fail, in the order in which a write makes them.
CALLS = ["mkdir", "open", "urandom", "fsync", "fchmod", "replace", "unlink"]


@pytest.fixture
def written(store: Path) -> dict[str, str]:
    commit(str(store), [put(store, "app/f.py", OLD), put(store, "app/gone.py", OLD), put(store, "app/last.py", OLD)])
    return files(store)


def failing_at(call: str, number: int, error: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make the ``number``-th use of ``os.call`` fail with ``error``; the list grows by one for each use."""
    real = getattr(os, call)
    uses: list[int] = []

    def fail(*args: object, **options: object) -> object:
        uses.append(1)
        if len(uses) == number:
            raise OSError(error, os.strerror(error), str(args[0]) if args else None)
        return real(*args, **options)

    monkeypatch.setattr(os, call, fail)
    return uses


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize("call", CALLS)
def test_a_disk_that_refuses_leaves_all_as_it_was(
    store: Path, written: dict[str, str], monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    changes = [
        put(store, "app/f.py", NEW, seen=OLD),
        put(store, "new/g.py", NEW),
        drop(store, "app/gone.py", OLD),
        put(store, "app/last.py", NEW, seen=OLD),
    ]
    with monkeypatch.context() as patch:
        uses = failing_at(call, number, errno.ENOSPC, patch)
        try:
            outcome: Written | ChangedMeanwhile | StoreError = commit(str(store), changes)
        except StoreError as error:
            outcome = error
    if isinstance(outcome, StoreError):
        assert "No space left" in outcome.message
        assert files(store) == written
        assert folders(store) <= {"app", ".cache"}
    else:  # it was not needed so often, or comes after the renames, where a failure does no harm
        assert isinstance(outcome, Written)
        assert len(uses) < number or call in {"fsync", "open", "unlink"}
    done = commit(str(store), changes) if files(store) == written else Written(())
    assert isinstance(done, Written)
    assert files(store) == {".gitignore": IGNORED, "app/f.py": NEW, "app/last.py": NEW, "new/g.py": NEW}


DIES = """
import os, sys
from jiti_bot.store.write import Put, commit

store, call, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
real, uses = getattr(os, call), []

def die(*args, **options):
    uses.append(1)
    if len(uses) == number:
        os.kill(os.getpid(), 9)
    return real(*args, **options)

setattr(os, call, die)
commit(store, [Put(f"{store}/app/{n}.py", "new = 2\\n", b"old = 1\\n") for n in ("f", "gone", "last")])
"""


@pytest.mark.parametrize(
    ("call", "number"), [(call, number) for call in ("open", "fsync", "replace") for number in (1, 2, 3, 4)]
)
def test_a_writer_that_is_killed_leaves_whole_files(
    store: Path, written: dict[str, str], call: str, number: int
) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(store), call, str(number)], cwd=ROOT, check=False)
    after = {name: text for name, text in files(store).items() if name.endswith(".py") and not name.startswith(".")}
    assert set(after.values()) <= {OLD, NEW}
    assert after.keys() == {name for name in written if name.endswith(".py")}
    changes = [put(store, name, "third = 3\n", seen=text) for name, text in after.items()]
    assert isinstance(commit(str(store), changes), Written), "the lock of a dead process holds nobody up"
    assert set(files(store)) == set(written), "temporary files are gone"


COUNTS = """
import sys
from jiti_bot.store.write import Put, Written, commit

store, rounds = sys.argv[1], int(sys.argv[2])
place = f"{store}/count.py"
for _ in range(rounds):
    while True:
        try:
            with open(place, "rb") as file:
                seen = file.read()
        except FileNotFoundError:
            seen = None
        number = int((seen or b"0").decode().strip("# \\n") or 0)
        if isinstance(commit(store, [Put(place, f"# {number + 1}\\n", seen)]), Written):
            break
"""


def test_writers_in_several_processes_lose_nothing(store: Path) -> None:
    rounds, writers = 15, 4
    store.mkdir()
    command = [sys.executable, "-c", COUNTS, str(store), str(rounds)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(writers)]
    assert [process.wait() for process in running] == [0] * writers
    assert files(store)["count.py"] == f"# {rounds * writers}\n"


REMOVES = """
import sys
from jiti_bot.store.write import Put, commit, remove_all

store = sys.argv[1]
for number in range(20):
    if sys.argv[2] == "remove":
        remove_all(store)
    else:
        commit(store, [Put(f"{store}/{sys.argv[2]}/{number}.py", "x = 1\\n", None)])
"""


def test_writing_and_removing_at_once_ends_well(store: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", REMOVES, str(store), what], cwd=ROOT) for what in ("a", "b", "remove")
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    remove_all(str(store))
    assert not store.exists()


def test_a_store_that_cannot_be_made_is_told_in_words(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        failing_at("mkdir", 1, errno.ENOSPC, patch)
        with pytest.raises(StoreError, match="No space left"):
            open_store(str(store))
    assert not store.exists()
    open_store(str(store))
    open_store(str(store))
    assert files(store) == {".gitignore": IGNORED}


@pytest.fixture
def full(store: Path) -> Path:
    commit(str(store), [put(store, "app/f.py"), put(store, "tests/app/test_scratch_f.py")])
    (store / "app/__pycache__").mkdir()
    (store / "app/__pycache__/f.jiti1.pyc").write_bytes(b"")
    return store


def test_removing_everything_removes_the_store(full: Path) -> None:
    assert set(remove_all(str(full))) == {str(full / "app/f.py"), str(full / "tests/app/test_scratch_f.py")}
    assert not full.exists()
    assert remove_all(str(full)) == ()


def test_transcripts_survive(full: Path) -> None:
    transcript = full / ".cache/transcripts/app.f/1.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text("{}\n")
    (full / ".cache/other").write_text("")
    remove_all(str(full))
    assert files(full) == {".gitignore": IGNORED, ".cache/transcripts/app.f/1.jsonl": "{}\n"}


def test_links_are_removed_and_not_followed(tmp_path: Path, full: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("")
    (full / "app/folder").symlink_to(precious)
    (full / "app/file.py").symlink_to(precious / "file")
    remove_all(str(full))
    assert not full.exists()
    assert (precious / "file").exists()


def test_a_store_that_is_a_link_is_refused(tmp_path: Path, full: Path) -> None:
    link = tmp_path / "other" / ".jiti"
    link.parent.mkdir()
    link.symlink_to(full)
    with pytest.raises(StoreError, match="link"):
        remove_all(str(link))
    assert (full / "app/f.py").exists()


def test_the_temporary_name_fits_where_the_name_does(store: Path) -> None:
    name = "app/" + "f" * 240 + ".py"
    assert isinstance(commit(str(store), [put(store, name)]), Written)
    assert write.node(str(store / name)) is not None
