"""GitHub's own description of its REST API: which operation a request is, and whether what is said fits it."""

import gzip
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

FILE = Path(__file__).with_name("github-openapi-slice.json.gz")
# Parameters that may hold slashes. GitHub routes them so; the description cannot say it.
_LONG = frozenset({"path", "ref", "basehead", "branch"})
# Paging works on every list, also where the description leaves it out, and does no harm elsewhere.
_PAGING = frozenset({"page", "per_page"})
# "You can also pass an array of labels directly", says the description's text; its schema does not. PyGithub does so.
_BARE_ARRAYS = frozenset({"issues/add-labels", "issues/set-labels"})
# Any operation may be refused so, whether its own list of answers says so or not.
_ANY_REFUSAL = frozenset({400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry of the description."""

    id: str
    method: str
    template: str
    route: re.Pattern[str]
    query: dict[str, dict[str, Any]]
    entry: dict[str, Any]

    @property
    def pointer(self) -> str:
        """Where it stands in the description."""
        return "/paths/" + self.template.replace("~", "~0").replace("/", "~1") + "/" + self.method.lower()


@dataclass(slots=True)
class Description:
    """The description, with what has been compiled of it."""

    document: dict[str, Any]
    operations: list[Operation]
    registry: Registry
    compiled: dict[str, Any] = field(default_factory=dict)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a request whose path is still percent-encoded, with its parameters decoded."""
        for operation in self.operations:
            found = operation.route.fullmatch(path) if operation.method == method else None
            if found:
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def check_query(self, operation: Operation, query: dict[str, str]) -> list[str]:
        """What is wrong with the parameters behind the question mark."""
        wrong = []
        for name, text in query.items():
            known = operation.query.get(name)
            if known is not None:
                wrong += self._errors(known, _typed(text, known.get("type")), f"query {name}")
            elif name not in _PAGING:
                wrong.append(f"query {name}: not in the description")
        return wrong

    def check_body(self, operation: Operation, body: Any) -> list[str]:
        """What is wrong with a request's JSON."""
        asked = operation.entry.get("requestBody")
        if asked is None:
            return [] if body is None else ["body: not in the description"]
        if body is None and not asked.get("required"):
            return []
        if operation.id in _BARE_ARRAYS and isinstance(body, list):
            body = {"labels": body}
        pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
        return self._errors({"$ref": f"spec#{pointer}"}, {} if body is None else body, "body")

    def check_answer(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What is wrong with an answer."""
        answer = operation.entry["responses"].get(str(status))
        if answer is None:
            if status in _ANY_REFUSAL:
                return self._errors({"$ref": "spec#/components/schemas/basic-error"}, body, f"answer {status}")
            return [] if status == 304 else [f"answer {status}: not in the description"]
        content = self.resolve(answer).get("content", {}).get("application/json")
        if content is None:
            return [] if body is None or status >= 400 else [f"answer {status}: has a body"]
        pointer = answer["$ref"][1:] if "$ref" in answer else f"{operation.pointer}/responses/{status}"
        pointer += "/content/application~1json/schema"
        return self._errors({"$ref": f"spec#{pointer}"}, body, f"answer {status}")

    def resolve(self, entry: dict[str, Any]) -> dict[str, Any]:
        """An entry with its reference followed."""
        while "$ref" in entry:
            found: Any = self.document
            for part in entry["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            entry = found
        return entry

    def _errors(self, schema: dict[str, Any], value: Any, where: str) -> list[str]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self.compiled:
            self.compiled[key] = OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)
        found = []
        for error in self.compiled[key].iter_errors(value):
            if error.instance is None and error.schema.get("nullable"):
                continue  # null is meant; the description leaves it out of the values or schemas beside it
            if error.validator == "oneOf" and not error.context:
                continue  # it fits several, which the description's lists of answers do not mean to forbid
            place = "/".join(map(str, error.absolute_path))
            found.append(f"{where}: {place}: {error.message[:200]}")
        return found


@cache
def load() -> Description:
    """The description, read once."""
    # A discriminator picks by a property, which a folder's content (an array) has not: every schema is tried instead.
    document = json.loads(gzip.decompress(FILE.read_bytes()), object_hook=_without_discriminator)
    registry = Registry().with_resource("spec", Resource(contents=document, specification=DRAFT4))
    description = Description(document, [], registry)
    for template, item in document["paths"].items():
        for method, entry in item.items():
            given_here = [*item.get("parameters", []), *entry.get("parameters", [])]
            named = [description.resolve(given) for given in given_here]
            query = {given["name"]: given["schema"] for given in named if given["in"] == "query"}
            route = re.compile(_pattern(template))
            description.operations.append(
                Operation(entry["operationId"], method.upper(), template, route, query, entry)
            )
    # The longer template says more: commits/{ref}/status before commits/{ref}.
    description.operations.sort(key=lambda operation: (-operation.template.count("/"), operation.template))
    return description


def _without_discriminator(entry: dict[str, Any]) -> dict[str, Any]:
    if isinstance(entry.get("discriminator"), dict):
        del entry["discriminator"]
    return entry


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    for index in range(1, len(parts), 2):
        parts[index] = f"(?P<{parts[index]}>{'.+' if parts[index] in _LONG else '[^/]+'})"
    for index in range(0, len(parts), 2):
        parts[index] = re.escape(parts[index])
    return "".join(parts)


def _typed(text: str, kind: str | None) -> object:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text
