import os
from pathlib import Path

import pytest

from jiti_bot.source.model import Kind
from jiti_bot.store.entry import Broken, Entry, read, read_path
from jiti_bot.trees import WorkTree
from tests.store import made

GOOD = made.text()
HEADER_LINES = 13


def find(root: Path, unit: str = "slugify", kind: Kind = Kind.FUNCTION) -> Entry | Broken | None:
    return read(WorkTree(str(root)), made.spec(unit, kind))


def test_no_file_is_nothing(tmp_path: Path) -> None:
    assert find(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace("\n\n", "\n", 1),
        GOOD.replace("\n\n", "\n\n\n", 1),
    ],
    ids=["as written", "CRLF", "BOM", "no empty line", "two empty lines"],
)
def test_a_committed_file_is_read(tmp_path: Path, content: str) -> None:
    made.put(tmp_path, content)
    found = find(tmp_path)
    assert isinstance(found, Entry)
    assert found.code == made.CODE
    assert found.header.key == "app.text.slugify"
    assert not found.is_edited
    assert found.raw == content.encode()


def with_code(code: str) -> str:
    return GOOD.replace(made.CODE, code)


BROKEN = {
    "no header": (made.CODE, "store-header", 1),
    "seal": (GOOD.replace("gates=1", "gates=2"), "store-seal", 1),
    "another key": (made.text(key="app.text.other"), "store-key", 1),
    "conflict markers": (
        with_code("<<<<<<< HEAD\n" + made.CODE + "=======\n" + made.CODE + ">>>>>>> x\n"),
        "store-conflict-markers",
        HEADER_LINES + 1,
    ),
    "conflict in the header": ("<<<<<<< HEAD\n" + GOOD, "store-conflict-markers", 1),
    "does not parse": (with_code("def slugify(:\n"), "file-syntax", HEADER_LINES + 1),
    "target missing": (made.text("def other(): ...\n"), "store-target", 12),
    "target in a class": (made.text("class A:\n    def slugify(self): ...\n"), "store-target", 12),
    "target is a class": (made.text("class slugify: ...\n"), "store-target", 12),
    "empty": ("", "store-header", 1),
}


@pytest.mark.parametrize(("content", "code", "line"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, content: str, code: str, line: int) -> None:
    made.put(tmp_path, content)
    found = find(tmp_path)
    assert isinstance(found, Broken)
    assert (found.finding.code, found.finding.line) == (code, line)
    assert found.finding.file == ".jiti/src/app/text/slugify.py"
    assert found.raw == content.encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [(GOOD.encode() + b"\0", "file-nul"), (GOOD.encode() + b"# \xff\n", "file-encoding")],
    ids=["NUL", "not UTF-8"],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, code: str) -> None:
    made.put(tmp_path, content)
    found = find(tmp_path)
    assert isinstance(found, Broken)
    assert found.finding.code == code


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / made.spec().path).mkdir(parents=True)
    found = find(tmp_path)
    assert isinstance(found, Broken)
    assert found.finding.code == "store-folder"


@pytest.mark.parametrize("linked", [".jiti", ".jiti/src", ".jiti/src/app/text/slugify.py"])
def test_links_are_never_followed(tmp_path: Path, linked: str) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    made.put(elsewhere, GOOD)
    link = root / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere / linked)
    found = find(root)
    assert isinstance(found, Broken)
    assert (found.finding.code, found.finding.file) == ("store-link", linked)


def test_a_loop_of_links(tmp_path: Path) -> None:
    link = tmp_path / made.spec().path
    link.parent.mkdir(parents=True)
    link.symlink_to(link.name)
    found = find(tmp_path)
    assert isinstance(found, Broken)
    assert found.finding.code == "store-link"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = made.put(tmp_path, GOOD)
    file.unlink()
    os.mkfifo(file)
    found = find(tmp_path)
    assert isinstance(found, Broken)
    assert found.finding.code == "store-folder"


TARGETS = {
    "method": ("Parser.parse", Kind.METHOD, "class Parser:\n    def parse(self): ...\n"),
    "nested": ("A.B.f", Kind.METHOD, "class A:\n    class B:\n        def f(self): ...\n"),
    "accessor": ("Parser.v.setter", Kind.METHOD, "class Parser:\n    def v(self, value): ...\n"),
    "async": ("slugify", Kind.FUNCTION, "async def slugify(text): ...\n"),
    "class": ("Parser", Kind.CLASS, "class Parser:\n    def parse(self): ...\n"),
    "test in a class": ("TestA.test_b", Kind.TEST, "class TestA:\n    def test_b(self): ...\n"),
}


@pytest.mark.parametrize(("unit", "kind", "code"), TARGETS.values(), ids=TARGETS)
def test_the_definition_is_found_in_its_skeleton(tmp_path: Path, unit: str, kind: Kind, code: str) -> None:
    made.put(tmp_path, made.text(code, key=f"app.text.{unit}"), unit)
    assert isinstance(find(tmp_path, unit, kind), Entry)


@pytest.mark.parametrize("key", ["src/app/text.py::slugify", "app.text.slugify"])
def test_the_key_may_be_spelt_as_path_or_dotted(tmp_path: Path, key: str) -> None:
    made.put(tmp_path, made.text(key=key))
    assert isinstance(find(tmp_path), Entry)


def test_a_file_is_read_without_its_spec(tmp_path: Path) -> None:
    made.put(tmp_path, made.text("def gone(): ...\n", key="app.text.gone"))
    found = read_path(WorkTree(str(tmp_path)), made.spec().path)
    assert isinstance(found, Entry)
    assert found.header.key == "app.text.gone"
