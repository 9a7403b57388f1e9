"""Keys and items inserted into TOML text. Pure.

No library says where in a file things stand, so likely places are tried: the result is read again, and counts only if
it says what the text said before and the new item.
"""

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup.text import Line, Text, append, insert, lines


def parse(text: Text, path: str) -> dict[str, Any]:
    """What a file says. Raises `ConfigurationError` with its line."""
    try:
        return tomllib.loads(text.body)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        line = int(place[1]) if place else text.body.count("\n") + 1
        raise ConfigurationError(
            f"This is not TOML: {str(error).partition(' (at ')[0]}.",
            remedy="Correct the line.",
            where=f"{path}:{line}",
        ) from None


def value(document: dict[str, Any], path: Sequence[str]) -> Any:
    """What stands at a path of keys; None for nothing."""
    found: Any = document
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def with_item(text: Text, table: Sequence[str], key: str, item: str) -> str | None:
    """``text`` with ``item`` in the list ``key`` of ``table``, both made where they are missing.

    None where no place was found at which that changes nothing else.
    """
    before = tomllib.loads(text.body)
    now = value(before, (*table, key))
    if isinstance(now, list) and item in now:
        return text.body
    wanted = _with(before, table, key, item)
    if wanted is None:
        return None
    places = _in_list(text, key, now, item) if now is not None else _in_table(text, before, table, key, item)
    return next((found for found in places if _says(found, wanted)), None)


def with_table(text: Text, table: Sequence[str], body: Sequence[str]) -> str | None:
    """``text`` with a new table of the lines ``body`` at its end; None where that cannot be."""
    after = append(text.body, [f"[{'.'.join(table)}]", *body], text.newline)
    wanted: dict[str, Any] = copy.deepcopy(tomllib.loads(text.body))
    inner: Any = wanted
    for name in table[:-1]:
        inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or table[-1] in inner:
        return None
    inner[table[-1]] = tomllib.loads("\n".join(body))
    return after if _says(after, wanted) else None


def _with(before: dict[str, Any], table: Sequence[str], key: str, item: str) -> dict[str, Any] | None:
    """What is to be said afterwards; None where something else than a list, or a table, stands there."""
    wanted = copy.deepcopy(before)
    inner: Any = wanted
    for name in table:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            return None
    items = inner.setdefault(key, [])
    if not isinstance(items, list):
        return None
    items.append(item)
    return wanted


def _says(text: str, wanted: dict[str, Any]) -> bool:
    return _parsed(text) == wanted


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _in_list(text: Text, key: str, now: object, item: str) -> Iterator[str]:
    """The item at the end of each list of that name which holds what ours does."""
    body = text.body
    for found in re.finditer(rf"(?<![\w-])([\"']?){re.escape(key)}\1\s*=\s*\[", body):
        end = _end_of_items(body, found.end(), now)
        if end is None:
            continue
        quoted = f"'{item}'" if body[end - 1] == "'" and "'" not in item else json.dumps(item)
        if end == found.end():
            yield body[:end] + quoted + body[end:]
            continue
        line = next(one for one in lines(body) if one.start <= end <= one.end)
        if body[end : end + 1] == ",":
            alone = line.start > found.start()
            yield insert(body, line.end, [f"{line.indent}{quoted},"], text.newline) if alone else ""
            yield f"{body[: end + 1]} {quoted}{body[end + 1 :]}"
        else:
            alone = line.start > found.start() and line.end == end
            yield f"{body[:end]},{text.newline}{line.indent}{quoted}{body[end:]}" if alone else ""
            yield f"{body[:end]}, {quoted}{body[end:]}"


def _end_of_items(body: str, start: int, now: object) -> int | None:
    """Where the last item ends of the list that opens before ``start`` and holds ``now``; None for another list."""
    if now == []:
        return start
    close = next(
        (found.start() for found in re.finditer(r"\]", body[start:]) if _items(body, start, found) == now), None
    )
    if close is None:
        return None
    end = None
    for found in reversed(list(re.finditer(r"[\w\"'\]}](?!\w)", body[start : start + close]))):
        held = _parsed(f"x = [{body[start : start + found.end()]}]")
        if held is not None and held["x"] != now:
            break  # the last item is cut off
        end = start + found.end() if held is not None else end
    return end


def _items(body: str, start: int, close: re.Match[str]) -> object:
    held = _parsed(f"x = [{body[start : start + close.start()]}]")
    return held and held["x"]


def _in_table(text: Text, before: dict[str, Any], table: Sequence[str], key: str, item: str) -> Iterator[str]:
    """The key at the end of its table, of a table that is made above its first subtable, or at the end."""
    entry = f"{key} = [{json.dumps(item)}]"
    every = list(lines(text.body))
    for count in range(len(table), 0, -1):
        # In a table further up the rest of the path stands before the key, as it does in its neighbours.
        rest = ".".join((*table[count:], ""))
        for place in _ends_of_table(every, table[:count], rest):
            yield insert(text.body, place.end, [f"{rest}{entry}"], text.newline)
    if not table:
        for place in _ends_of_table(every, ()):
            yield insert(text.body, place.end, [entry], text.newline)
        has_tables = any(_header(one.content) for one in every)
        yield (
            insert(text.body, 0, [entry, ""], text.newline) if has_tables else append(text.body, [entry], text.newline)
        )
        return
    opening = [f"[{'.'.join(table)}]", entry]
    if value(before, table) is not None and (first := _first_subtable(every, table)) is not None:
        head = "" if first == 0 else text.body[:first]
        yield head + text.newline.join((*opening, "", "")) + text.body[first:]
    yield append(text.body, opening, text.newline)


def _ends_of_table(every: Sequence[Line], table: Sequence[str], start: str = "") -> Iterator[Line]:
    """The lines of a table after which a key may come, the last one first; none if no key begins with ``start``."""
    inside = not table
    own: list[Line] = []
    for line in every:
        header = _header(line.content)
        if header:
            inside = header == tuple(table)
        if inside and line.is_code:
            own.append(line)
    if any(line.content.lstrip().startswith(start) for line in own):
        yield from reversed(own)


def _first_subtable(every: Sequence[Line], table: Sequence[str]) -> int | None:
    """Where the first table below ``table`` begins, with the comment above it."""
    for number, line in enumerate(every):
        header = _header(line.content)
        if header and len(header) > len(table) and header[: len(table)] == tuple(table):
            above = reversed(every[:number])
            comment = list(takewhile(lambda one: one.content.lstrip().startswith("#"), above))
            return comment[-1].start if comment else line.start
    return None


def _header(line: str) -> tuple[str, ...]:
    """The table that a line opens, as keys; none for any other line."""
    found = re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?", line)
    return tuple(part.strip().strip("\"'") for part in found[1].split(".")) if found else ()
