"""What holds for every edit, whatever the file: shown on each row of the tables beside."""

from collections.abc import Callable

from jiti_bot.setup.text import Text, read

Change = Callable[[Text], str | None]


def check(before: str, after: str | None, change: Change) -> None:
    """``change`` turns ``before`` into ``after`` (None: it finds no place) and keeps the rest, however lines end."""
    assert change(read(before.encode(), "f")) == after
    if after is None:
        return
    assert _is_one_insertion(before, after)
    assert change(read(after.encode(), "f")) == after, "a second time changes nothing"
    windows = before.replace("\n", "\r\n")
    expected = after.replace("\n", "\r\n") if "\n" in before else after
    assert change(read(windows.encode(), "f")) == expected
    marked = read(b"\xef\xbb\xbf" + before.encode(), "f")
    assert marked.encoded(change(marked) or "") == b"\xef\xbb\xbf" + after.encode()


def _is_one_insertion(before: str, after: str) -> bool:
    return any(after.startswith(before[:at]) and after.endswith(before[at:]) for at in range(len(before) + 1)) and len(
        after
    ) >= len(before)
