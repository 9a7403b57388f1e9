"""The tools: their schemas, and input from the model made into typed values. Their words stand in prompts/tools.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jiti_bot.agent import prompts
from jiti_bot.agent.turn import ToolCall

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "read_file": {"path": "string", "start": "integer", "end": "integer"},
    "search": {"text": "string", "glob": "string"},
    "run_python": {"code": "string"},
    "observed_calls": {},
    "submit": {"body": "string", "helpers": "string", "tests": "string", "quality": "integer"},
    "submit_test": {"body": "string", "helpers": "string"},
    "dispute": {"test": "string", "reason": "string"},
    "keep": {"reason": "string"},
}
# What may be left out: a strict schema asks for it, and a model without strict tools forgets it.
_OPTIONAL: Mapping[str, object] = {"start": 0, "end": 0, "glob": "", "helpers": "", "tests": "", "quality": None}
_WORDS = {"string": "a string", "integer": "a whole number"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool says to the model. An error is something that the model can read and mend."""

    text: str
    is_error: bool = False


@cache
def definitions(
    names: tuple[str, ...], members: tuple[str, ...] = (), optional: frozenset[str] = frozenset()
) -> tuple[Mapping[str, Any], ...]:
    """The tools as the Messages API takes them, with strict schemas.

    ``members`` are those of a class stub, by unit; the ``optional`` ones are committed and may stay as they are.
    """
    return tuple(_definition(name, _fields(name, members), members, optional) for name in names)


def _fields(name: str, members: tuple[str, ...]) -> Mapping[str, str]:
    """A tool's fields; for a class a body for each member takes the place of the one body."""
    fields = _FIELDS[name]
    if name != "submit" or not members:
        return fields
    return {"bodies": "object", **{field: kind for field, kind in fields.items() if field != "body"}}


def _definition(
    name: str, fields: Mapping[str, str], members: tuple[str, ...], optional: frozenset[str]
) -> Mapping[str, Any]:
    words = prompts.tools()[name]
    schema = _object({field: {"type": kind, "description": words.fields[field]} for field, kind in fields.items()})
    if "bodies" in fields:
        bodies = {member: {"type": "string"} for member in members}
        needed = [member for member in members if member not in optional]
        shape = {**_object(bodies), "required": needed, "description": words.fields["bodies"]}
        schema["properties"]["bodies"] = shape
    return {"name": name, "description": words.description, "strict": True, "input_schema": schema}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def fault(
    call: ToolCall,
    names: tuple[str, ...],
    members: tuple[str, ...] = (),
    optional: frozenset[str] = frozenset(),
    *,
    cut: bool,
) -> str | None:
    """Why a call cannot be carried out, in words for the model; None when it can."""
    if call.name not in names:
        return f"There is no tool `{call.name}`. The tools are: {', '.join(names)}."
    expected = _fields(call.name, members)
    fields = ", ".join(expected) or "none"
    if call.input is None and cut:
        return (
            f"Your reply was cut at its longest, so this call of `{call.name}` arrived in part and was not run. Think "
            "shorter, or submit less text."
        )
    if call.input is None:
        return f"The input of `{call.name}` was no JSON object, so it was not run. Its fields are: {fields}."
    for field, kind in expected.items():
        value = call.input.get(field, _OPTIONAL.get(field))
        if value is None and field in _OPTIONAL:
            continue
        if kind == "object":
            needed = [member for member in members if member not in optional]
            if not isinstance(value, dict) or not all(isinstance(value.get(member), str) for member in needed):
                wanted = f"for each of: {', '.join(needed)}" if needed else f"for some of: {', '.join(members)}"
                return f"`{field}` of `{call.name}` must be an object with a text {wanted}."
            if not any(str(text).strip() for text in value.values()):
                return f"`{field}` of `{call.name}` is empty: nothing was handed in."
            if unknown := sorted(value.keys() - {*members}):
                return f"`{field}` of `{call.name}` has {', '.join(unknown)}; it takes: {', '.join(members)}."
            continue
        right = isinstance(value, str) if kind == "string" else isinstance(value, int) and not isinstance(value, bool)
        if not right:
            return f"`{field}` of `{call.name}` must be {_WORDS[kind]}. Its fields are: {fields}."
    return None


def body(call: ToolCall, members: tuple[str, ...], optional: frozenset[str] = frozenset()) -> str | dict[str, str]:
    """What a submission without `fault` brings: one body, or one for each member of a class that is not left out."""
    assert call.input is not None
    bodies = call.input.get("bodies")
    if not members or not isinstance(bodies, dict):
        return text(call, "body")
    given = {member: str(bodies[member]) for member in members if bodies.get(member) is not None}
    return {member: text for member, text in given.items() if member not in optional or text.strip()}


def text(call: ToolCall, field: str) -> str:
    """A string of a call without `fault`."""
    assert call.input is not None
    return str(call.input.get(field) or "")


def number(call: ToolCall, field: str) -> int | None:
    """A number of a call without `fault`; None where it was left out."""
    assert call.input is not None
    value = call.input.get(field)
    return value if isinstance(value, int) else None


def summary(call: ToolCall) -> str:
    """A call in a few words, for people."""
    if call.input is None:
        return "(input that cannot be read)"
    bodies = call.input.get("bodies")
    submitted = list(map(str, bodies.values())) if isinstance(bodies, dict) else [str(call.input.get("body", ""))]
    lines = sum(len(text.strip().splitlines()) for text in submitted)
    if lines:
        quality = call.input.get("quality")
        return f"{lines} line{'s' * (lines != 1)}" + (f", quality {quality}" if quality is not None else "")
    said = str(next(iter(call.input.values()), "")).strip().partition("\n")[0]
    return said if len(said) <= 60 else f"{said[:57]}..."
