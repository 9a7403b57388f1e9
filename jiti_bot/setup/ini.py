"""Lines inserted into the values of INI files, as configparser reads them. Pure."""

import re
from collections.abc import Iterator
from configparser import ConfigParser, Error

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup.text import Line, Text, append, insert, lines

Sections = dict[str, dict[str, str]]


def parse(text: Text, path: str) -> Sections:
    """What a file says, by section. Raises `ConfigurationError` with its line."""
    try:
        return _parsed(text.body)
    except Error as error:
        number = getattr(error, "lineno", None) or next((one[0] for one in getattr(error, "errors", ())), 1)
        words = str(error).splitlines()[0].rstrip(".: ")
        raise ConfigurationError(
            f"This file cannot be read: {words}.",
            remedy="Correct the line.",
            where=f"{path}:{number}",
        ) from None


def with_line(text: Text, section: str, key: str, item: str) -> str | None:
    """``text`` with the line ``item`` in the value ``key`` of ``section``, both made where they are missing.

    None where no place was found at which that changes nothing else.
    """
    before = _parsed(text.body)
    now = before.get(section, {}).get(key)
    if now is not None and item in now.splitlines():
        return text.body
    wanted = {**before, section: {**before.get(section, {}), key: item if not now else f"{now}\n{item}"}}
    places = _in_value(text, key, item) if now is not None else _in_section(text, before, section, key, item)
    return next((found for found in places if _says(found, wanted)), None)


def _parsed(text: str) -> Sections:
    parser = ConfigParser(interpolation=None, default_section="\0", strict=False)
    parser.read_string(text)
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _says(text: str, wanted: Sections) -> bool:
    try:
        return _plain(_parsed(text)) == _plain(wanted)
    except Error:
        return False


def _plain(sections: Sections) -> Sections:
    return {
        name: {key: value.replace("\r", "").strip() for key, value in items.items()} for name, items in sections.items()
    }


def _in_value(text: Text, key: str, item: str) -> Iterator[str]:
    """After each line of the values of that name, the last one first."""
    every = list(lines(text.body))
    for number, line in enumerate(every):
        if not re.match(rf"{re.escape(key)}\s*[=:]", line.content, re.IGNORECASE):
            continue
        own = [line]
        for later in every[number + 1 :]:
            if later.is_code and not later.indent:
                break
            own += [later] if later.is_code else []
        for last in reversed(own):
            indent = last.indent or "    "
            yield insert(text.body, last.end, [f"{indent}{item}"], text.newline)


def _in_section(text: Text, before: Sections, section: str, key: str, item: str) -> Iterator[str]:
    entry = [f"{key} =", f"    {item}"]
    if section not in before:
        yield append(text.body, [f"[{section}]", *entry], text.newline)
        return
    inside = False
    own: list[Line] = []
    for line in lines(text.body):
        header = re.match(r"\[(.+)\]", line.content)
        inside = header[1] == section if header else inside
        own += [line] if inside and line.is_code else []
    for last in reversed(own):
        yield insert(text.body, last.end, entry, text.newline)
