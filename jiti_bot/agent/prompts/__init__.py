"""All that the model is told stands in the Markdown files beside this one; `fill` puts the particulars in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_TOOL = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^- `(\w+)`: (.*(?:\n  .*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ToolWords:
    """What the model is told about a tool and each of its fields."""

    description: str
    fields: Mapping[str, str]


@cache
def read(name: str) -> str:
    """The text of a prompt."""
    return (files(__name__) / f"{name}.md").read_text("utf-8").strip()


def fill(name: str, **values: str) -> str:
    """A prompt with its ``{{places}}`` filled. What is put in is not searched for places again."""
    return _PLACE.sub(lambda place: values[place[1]], read(name))


@cache
def tools() -> Mapping[str, ToolWords]:
    """The words of every tool: a section each, the fields as a list at its end."""
    return {
        name: ToolWords(
            " ".join(_FIELD.sub("", text).split()),
            {field: " ".join(words.split()) for field, words in _FIELD.findall(text)},
        )
        for name, text in _TOOL.findall(read("tools") + "\n")
    }
