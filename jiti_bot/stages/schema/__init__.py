"""JSON Schemas of the files between the stages, and the part of JSON Schema that they use.

What a stage reads may come from a machine that ran a model's code, so it is checked before anything looks at it.
`check` knows ``type``, ``const``, ``enum``, ``required``, ``properties``, ``additionalProperties``, ``items``, ``$ref``
to a file beside it, ``pattern`` and the bounds; it raises for a schema that uses anything else.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_WORDS = frozenset({"$schema", "title", "description"})


@cache
def load(kind: str) -> Mapping[str, Any]:
    """The schema of one kind of file."""
    return json.loads((_FOLDER / f"{kind}.json").read_text("utf-8"))


def kinds() -> tuple[str, ...]:
    """Every kind of file that has a schema."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def check(value: object, kind: str) -> str:
    """The first way in which ``value`` does not fit the schema of ``kind``, in words; '' where it fits."""
    return next(_complaints(value, load(kind), "$"), "")


def _complaints(value: object, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _complaints(value, load(schema["$ref"].removesuffix(".json")), at)
        return
    for word, wanted in schema.items():
        if word in _WORDS:
            continue
        wrong = _RULES[word](value, wanted)
        if wrong:
            yield f"{at} {wrong}"
            return
    if isinstance(value, Mapping):
        yield from _members(value, schema, at)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _complaints(item, schema["items"], f"{at}[{index}]")


def _members(value: Mapping[str, object], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, item in value.items():
        where = f"{at}.{name[:100]}"
        if name in known:
            yield from _complaints(item, known[name], where)
        elif others is False:
            yield f"{where} is not part of the format"
        elif isinstance(others, Mapping):
            yield from _complaints(item, others, where)


def _type(value: object, wanted: object) -> str:
    names = wanted if isinstance(wanted, list) else [wanted]
    return "" if any(_TYPES[str(name)](value) for name in names) else f"is not of type {' or '.join(map(str, names))}"


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _least(value: object, wanted: float) -> str:
    return f"is less than {wanted}" if isinstance(value, int | float) and value < wanted else ""


def _most(value: object, wanted: float) -> str:
    return f"is more than {wanted}" if isinstance(value, int | float) and value > wanted else ""


def _at_least(value: object, wanted: int) -> str:
    return f"has fewer than {wanted} members" if isinstance(value, str | list) and len(value) < wanted else ""


def _at_most(value: object, wanted: int) -> str:
    return f"has more than {wanted} members" if isinstance(value, str | list | dict) and len(value) > wanted else ""


def _pattern(value: object, wanted: str) -> str:
    # In Python, unlike in JSON Schema, `$` also matches before a newline at the end.
    exact = wanted.removesuffix("$") + r"\Z" if wanted.endswith("$") else wanted
    return f"does not match {wanted}" if isinstance(value, str) and not re.search(exact, value) else ""


def _required(value: object, wanted: list[str]) -> str:
    return next((f"has no {name!r}" for name in wanted if isinstance(value, Mapping) and name not in value), "")


def _const(value: object, wanted: object) -> str:
    return "" if value == wanted and type(value) is type(wanted) else f"is not {wanted!r}"


def _enum(value: object, wanted: list[str]) -> str:
    return "" if isinstance(value, str) and value in wanted else f"is none of {', '.join(wanted)}"


def _structure(_value: object, _wanted: object) -> str:
    """What holds other values: those are checked one by one."""
    return ""


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": _whole,
    "number": _number,
}
_RULES: Mapping[str, Callable[[object, Any], str]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "pattern": _pattern,
    "minimum": _least,
    "maximum": _most,
    "minLength": _at_least,
    "maxLength": _at_most,
    "minItems": _at_least,
    "maxItems": _at_most,
    "maxProperties": _at_most,
    "properties": _structure,
    "additionalProperties": _structure,
    "items": _structure,
}
