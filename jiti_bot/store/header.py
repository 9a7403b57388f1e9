"""The comment header of a committed file, format 1.

```
# jiti 1 app.text.Parser.parse
# signature: 0123456789abcdef
# docstring: -
# (a line for each part of a spec)
# body: <digest of the code as it was generated>
# model: claude-sonnet-5-5
# evidence: ruff ty gates=3 doctests=1 tests=2 attempts=2
# seal: <digest of the lines above>
```

That of a class has, below ``body``, a line for the class and one for each of its methods: what was asked for there, and
the code as it was generated. So one method can change without the others:

```
# class: 0123456789abcdef <digest of helpers, or ->
# method parse: 0123456789abcdef 0123456789abcdef
```

What the code uses of other stubs, unless ``uses=[...]`` lists it anyway, follows in lines that only those files have
that use some: the stub by its place, and the digest of its signature and docstring as they were.

```
# dependency src/app/text.py::slugify: 0123456789abcdef
```

The seal is no secret: it shows that a header was changed by hand or by a merge, not by whom.
"""

from __future__ import annotations

from jiti_bot.source.digest import text_digest
from jiti_bot.source.model import PARTS, Digests
from jiti_bot.values import dataclass

FORMAT = 1
_WIDTH = 16
_HEX = frozenset("0123456789abcdef")
_FIELDS = (*PARTS, "body", "model", "evidence", "seal")
_PARTS_AT = 1 + len(PARTS) + 1  # the index of the line below `body`
_DEPENDENCY = "# dependency "


@dataclass(frozen=True, slots=True)
class Part:
    """A method of a committed class by its name there, or with none the class itself, whose code are its helpers.

    ``interface`` is the digest of what was asked for (signature, docstring, hints), ``body`` that of the code as it
    was generated.
    """

    name: str
    interface: str
    body: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a committed file says about itself. ``body`` is the digest of the code as it was generated.

    ``parts`` are those of a class, itself first; none for another unit, and for a class that was generated before they
    were written. ``dependencies`` are other stubs that the code uses, as ``file::unit``, each with the digest of its
    interface; none are known of a file that was written before they were.
    """

    key: str
    digests: Digests
    body: str
    model: str
    evidence: str
    parts: tuple[Part, ...] = ()
    dependencies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderError:
    """Why a header cannot be used: a code of the findings' catalogue, the line, and the message's details."""

    code: str
    line: int
    details: tuple[tuple[str, str], ...] = ()


def render(header: Header) -> str:
    """The header's text, with its seal and the empty line that ends it."""
    values = {part: getattr(header.digests, part) for part in PARTS}
    values["body"] = header.body
    for part in header.parts:
        values[f"method {part.name}" if part.name else "class"] = f"{part.interface} {part.body}"
    values |= {f"dependency {name}": digest for name, digest in header.dependencies}
    values |= {"model": header.model, "evidence": header.evidence}
    lines = [f"# jiti {FORMAT} {single(header.key)}", *(f"# {name}: {single(text)}" for name, text in values.items())]
    return "\n".join((*lines, f"# seal: {_seal(lines)}", "", ""))


def split(text: str) -> tuple[Header, str] | HeaderError:
    """A committed file's text (with Unix line ends) as header and code below it, each line of the file kept in one."""
    lines, more = _without_more(text)
    first = lines[0].split(" ", 3)
    if first[:2] != ["#", "jiti"] or len(first) < 4 or not first[3].strip():
        return _broken(1, "it does not begin with `# jiti 1 KEY`")
    if first[2] != str(FORMAT):
        if first[2].isdecimal():
            return HeaderError("store-version", 1, (("version", first[2]), ("known", str(FORMAT))))
        return _broken(1, "it does not begin with `# jiti 1 KEY`")
    values: dict[str, str] = {}
    for number, name in enumerate(_FIELDS, 2):
        line = lines[number - 1] if number <= len(lines) else ""
        start = f"# {name}: "
        at = number + len(more) * (number > _PARTS_AT)
        if not line.startswith(start) or not line[len(start) :].strip():
            return _broken(at, f"`{start.rstrip()} ...` is missing")
        values[name] = line[len(start) :].rstrip()
        if name in {*PARTS, "body", "seal"} and not _is_digest(values[name]):
            return _broken(at, f"{name} is no digest")
    above = [line.rstrip() for line in lines[: len(_FIELDS)]]
    above[_PARTS_AT:_PARTS_AT] = (line.rstrip() for line in more)
    if values["seal"] != _seal(above):
        return HeaderError("store-seal", 1)
    digests = Digests(**{part: values[part] for part in PARTS})
    parts = tuple(_part(line) for line in more if not line.startswith(_DEPENDENCY))
    used = tuple(_dependency(line) for line in more if line.startswith(_DEPENDENCY))
    header = Header(first[3].strip(), digests, values["body"], values["model"], values["evidence"], parts, used)
    rest = lines[len(_FIELDS) + 1] if len(lines) > len(_FIELDS) + 1 else ""
    return header, rest


def _without_more(text: str) -> tuple[list[str], list[str]]:
    """The lines that every header has, the code below them as one, and apart from them those that only some have."""
    lines = text.split("\n", len(_FIELDS) + 1)
    if len(lines) <= _PARTS_AT or not lines[_PARTS_AT].startswith(("# class: ", _DEPENDENCY)):
        return lines, []
    every = text.split("\n")
    end = _PARTS_AT
    for kind in ("# class: ", "# method ", _DEPENDENCY):
        while end < len(every) and every[end].startswith(kind):
            end += 1
    return "\n".join((*every[:_PARTS_AT], *every[end:])).split("\n", len(_FIELDS) + 1), every[_PARTS_AT:end]


def _part(line: str) -> Part:
    """A line that the seal vouches for."""
    name, _, values = line.rpartition(": ")
    interface, _, body = values.partition(" ")
    return Part(name.removeprefix("# class").removeprefix("# method "), interface, body.rstrip())


def _dependency(line: str) -> tuple[str, str]:
    """A line that the seal vouches for."""
    name, _, digest = line.rpartition(": ")
    return name.removeprefix(_DEPENDENCY), digest.rstrip()


def _seal(lines: list[str]) -> str:
    return text_digest("\n".join(lines))


def single(text: str) -> str:
    """``text`` on one line, so that no value can pass for another."""
    return " ".join(text.split()) or "-"


def _is_digest(text: str) -> bool:
    return text == "-" or (len(text) == _WIDTH and _HEX.issuperset(text))


def _broken(line: int, reason: str) -> HeaderError:
    return HeaderError("store-header", line, (("reason", reason),))
