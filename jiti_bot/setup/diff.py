"""Edits as a patch that `git apply` takes. Pure."""

import difflib
from collections.abc import Iterable, Iterator

from jiti_bot.setup.model import Edit

_END = b"\\ No newline at end of file\n"


def patch(edits: Iterable[Edit]) -> bytes:
    """The patch, with paths relative to the top of the repository."""
    return b"".join(piece for edit in edits for piece in _pieces(edit))


def _pieces(edit: Edit) -> Iterator[bytes]:
    old, new = _quoted(f"a/{edit.path}"), _quoted(f"b/{edit.path}")
    yield b"diff --git %s %s\n" % (old, new)
    # A name with a blank ends with a tab here, or what follows a blank would be taken for a date.
    old, new = (name + b"\t" * (b" " in name and not name.startswith(b'"')) for name in (old, new))
    if edit.before is None:
        yield b"new file mode 100644\n"
        old = b"/dev/null"
    before, after = _lines(edit.before or b""), _lines(edit.after)
    head, *rest = list(difflib.diff_bytes(difflib.unified_diff, before, after)) or [b""]
    if not head:
        return
    yield b"--- %s\n+++ %s\n" % (old, new)
    for line in rest[1:]:
        yield line if line.endswith(b"\n") else line + b"\n" + _END


def _lines(data: bytes) -> list[bytes]:
    """Lines as git parts them: a lone carriage return ends none."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _quoted(path: str) -> bytes:
    """A path as git writes it: in quotes where it holds what could be taken for something else."""
    data = path.encode("utf-8", "surrogateescape")
    if all(map(_is_plain, data)):
        return data
    return b'"%s"' % b"".join(bytes([byte]) if _is_plain(byte) else b"\\%03o" % byte for byte in data)


def _is_plain(byte: int) -> bool:
    return chr(byte).isascii() and chr(byte).isprintable() and byte not in b'"\\'
