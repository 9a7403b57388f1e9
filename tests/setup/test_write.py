"""The writer: all edits or none."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.setup.model import Edit
from jiti_bot.setup.write import write


def edit(path: str, before: bytes | None = None, after: bytes = b"new\n") -> Edit:
    return Edit(path, before, after, ("why",))


def files(top: Path) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def test_files_are_made_and_replaced_with_the_modes_they_had(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old\n")
    (tmp_path / "a").chmod(0o640)
    write(str(tmp_path), [edit("a", b"old\n"), edit("x/y/b")])
    assert files(tmp_path) == {"a": b"new\n", "x/y/b": b"new\n"}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def changed_meanwhile(top: Path) -> None:
    (top / "b").write_bytes(b"theirs\n")


def made_meanwhile(top: Path) -> None:
    (top / "new").mkdir()
    (top / "new" / "c").write_bytes(b"theirs\n")


def read_only(top: Path) -> None:
    (top / "b").chmod(0o444)


def out_of_the_repository(top: Path) -> None:
    (top.parent / "elsewhere").write_bytes(b"old\n")
    (top / "b").unlink()
    (top / "b").symlink_to("../elsewhere")


def into_git(top: Path) -> None:
    (top / ".git").mkdir()
    (top / ".git" / "config").write_bytes(b"old\n")
    (top / "b").unlink()
    (top / "b").symlink_to(".git/config")


def a_folder_in_the_way(top: Path) -> None:
    """Renaming the last file fails, after the others were renamed."""
    (top / "new").mkdir()
    (top / "new" / "c").mkdir()


def a_file_in_the_way(top: Path) -> None:
    (top / "new").write_bytes(b"theirs\n")


SPOILS = (
    changed_meanwhile,
    made_meanwhile,
    read_only,
    out_of_the_repository,
    into_git,
    a_folder_in_the_way,
    a_file_in_the_way,
)


@pytest.mark.parametrize("spoil", SPOILS)
def test_nothing_is_written_where_one_file_cannot_be(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    top = tmp_path / "top"
    top.mkdir()
    for name in "ab":
        (top / name).write_bytes(b"old\n")
    spoil(top)
    before = files(tmp_path)
    with pytest.raises(StoreError):
        write(str(top), [edit("a", b"old\n"), edit("b", b"old\n"), edit("new/c")])
    assert files(tmp_path) == before


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("why", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["stopped", "full"])
def test_stopped_behind_a_rename_all_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: BaseException, number: int
) -> None:
    (tmp_path / "a").write_bytes(b"old\n")
    (tmp_path / "b").write_bytes(b"old\n")
    before = files(tmp_path)
    real, uses = os.replace, itertools.count(1)

    def replaced(source: str, target: str) -> None:
        real(source, target)
        if next(uses) == number:
            raise why

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises((KeyboardInterrupt, StoreError)):
        write(str(tmp_path), [edit("a", b"old\n"), edit("new/c"), edit("b", b"old\n")])
    assert files(tmp_path) == before


def test_an_edit_goes_through_a_link_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a").write_bytes(b"old\n")
    (tmp_path / "a").symlink_to("shared/a")
    write(str(tmp_path), [edit("a", b"old\n")])
    assert (tmp_path / "a").readlink() == Path("shared/a")
    assert files(tmp_path) == {"a": b"new\n", "shared/a": b"new\n"}


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".a.jiti-tmp").write_bytes(b"half")
    write(str(tmp_path), [edit("a")])
    assert files(tmp_path) == {"a": b"new\n"}
