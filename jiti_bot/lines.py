"""On which line of a pyproject.toml something stands, which tomllib does not tell."""

from jiti_bot.light import re


def of_setting(text: str, name: str) -> int:
    """The line on which ``name`` is set in ``[tool.jiti]``, that of the table where it cannot be told."""
    inside = False
    header = 1
    for number, line in enumerate(text.splitlines(), 1):
        if table := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            dotted = table[1].replace('"', "").replace("'", "").replace(" ", "")
            inside = dotted == "tool.jiti"
            header = number if inside else header
            if dotted == f"tool.jiti.{name}":
                return number
        elif inside and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]", line):
            return number
    return header


def of_word(text: str, word: str) -> int:
    """The first line that begins with ``word``, 1 where none does."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(word)), 1)


def of_error(text: str, message: str) -> int:
    """The line that an error of tomllib speaks of: the last one where it names none."""
    place = re.search(r"\(at line (\d+)", message)
    return int(place[1]) if place else max(1, len(text.splitlines()))


def without_place(message: str) -> str:
    """What an error of tomllib says, without where."""
    return message.partition(" (at ")[0]
