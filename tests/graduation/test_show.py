"""The diff of a dry run is one that git applies, whatever the files are like."""

from pathlib import Path

import pytest

from jiti_bot.graduation.show import patch, readable
from jiti_bot.store.journal import Change
from tests.repo import make

FILES = {
    "line feeds": ("a.py", b"a = 1\nb = 2\n", b"a = 1\nb = 3\n"),
    "both": ("a.py", b"a = 1\r\nb = 2\r\n", b"a = 1\r\nc = 2\r\nb = 3\r\n"),
    "carriage returns": ("a.py", b"a = 1\rb = 2\r", b"a = 1\rb = 3\rc = 4\r"),
    "mixed": ("a.py", b"a\r\nb\nc\rd\n", b"a\r\nB\nc\rD\n"),
    "no end": ("a.py", b"a\nb", b"a\nc"),
    "an end now": ("a.py", b"a\nb", b"a\nb\nc\n"),
    "latin-1": ("a.py", b"# coding: latin-1\n\xe4 = 1\n", b"# coding: latin-1\n\xe4 = 2\n"),
    "no encoding": ("a.py", b"\xff\n", b"\xfe\n"),
    "byte order mark": ("a.py", b"\xef\xbb\xbfa = 1\n", b"\xef\xbb\xbfa = 2\n"),
    "new": ("tests/a.py", None, b"a = 1\r\n"),
    "emptied": ("a.py", b"a\n", b""),
    "form feed": ("a.py", b"a\x0cb\n\x0c\nc\n", b"a\x0cb\n\x0c\nd\n"),
    "blanks in its name": ("my folder/a b.py", b"a\n", b"b\n"),
    "letters in its name": ("über/ñ.py", b"a\n", b"b\n"),
    "quotes in its name": ('a"\\b.py', b"a\n", b"b\n"),
}


def test_git_applies_it(tmp_path: Path) -> None:
    repo = make(tmp_path)
    for number, (name, before, after) in enumerate(FILES.values()):
        path = f"{number}/{name}"
        if before is not None:
            repo.write(path, before)
        repo.write("../one.patch", patch([Change("gone.py", b"", None), Change(path, before, after)]))
        repo.git("apply", "../one.patch")
        found = repo.path / path
        assert (found.read_bytes() if found.exists() else b"") == after, name


@pytest.mark.parametrize(("name", "before", "after"), FILES.values(), ids=FILES)
def test_a_person_can_read_it(name: str, before: bytes | None, after: bytes) -> None:
    text = readable([Change(name, before, after)])
    assert all(one.isprintable() or one in "\n\t" for one in text)
    assert text.count("\n-") >= (before is not None)


def test_carriage_returns_are_lines_to_a_person() -> None:
    text = readable([Change(*FILES["carriage returns"])])
    assert text.splitlines() == ["--- a/a.py", "+++ b/a.py", "@@ -1,2 +1,3 @@", " a = 1", "-b = 2", "+b = 3", "+c = 4"]
