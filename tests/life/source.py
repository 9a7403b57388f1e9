"""The small project that a life is lived in: stubs and gates as values, to text and back.

Text is what git merges and what people edit, so every edit reads the text, changes a value and writes it again. What a
body has to compute is decided by the gates alone: ``name(1) == 1 + K``.
"""

import re
from dataclasses import dataclass, replace

SIGNATURES = ("x: int", "x: int, y: int = 0", "x: int, *, z: int = 1", "x: int = 1")
BOX = "Box"
_GAP = "\n\n\n"
_STUB = re.compile(
    r"(?P<cached>@cache\n)?"
    r"@jiti(?:\(uses=\[(?P<uses>\w+)\]\))?\n"
    r"def (?P<name>\w+)\(\n?\s*(?:self, )?(?P<signature>[^)]*?),?\n?\) -> int:\n"
    r"\n?(?:    # hint (?P<above>\d+)\.\n)?"
    r"    (?P<quotes>\"\"\"|''')Words (?P<words>\d+)\.(?P=quotes)\n"
    r"(?:    # hint (?P<hint>\d+)\.\n)?"
    r"    (?P<body>\.\.\.|raise NotImplementedError|pass)$"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A stub as it is written. ``layout`` changes nothing that counts."""

    name: str
    signature: int = 0
    words: int = 0
    hint: int = 0
    cached: bool = False
    uses: str = ""
    layout: int = 0


@dataclass(frozen=True, slots=True)
class Host:
    """A module: functions, and a class with stub methods; ``base`` is what the class holds beside them."""

    stubs: tuple[Asked, ...] = ()
    methods: tuple[Asked, ...] = ()
    base: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The stubs' units, in order."""
        return (*(one.name for one in self.stubs), *(f"{BOX}.{one.name}" for one in self.methods))

    def render(self) -> str:
        """The module's text."""
        parts = ["from functools import cache\n\nfrom jiti import jiti", *map(_stub, self.stubs)]
        if self.methods:
            inside = "\n\n".join(_indented(_stub(one, method=True)) for one in self.methods)
            parts.append(f"class {BOX}:\n    base = {self.base}\n\n{inside}")
        parts.append("_LAST = cache")
        return _GAP.join(parts) + "\n"


def read_host(text: str) -> Host | None:
    """The module that ``text`` writes; None for what a merge made of it."""
    stubs, methods, base = [], [], 0
    for part in text.rstrip("\n").split(_GAP)[1:-1]:
        head = re.match(rf"class {BOX}:\n    base = (\d+)\n\n", part)
        if head:
            base = int(head[1])
            found = [_read(_flat(one)) for one in part[head.end() :].split("\n\n    @")]
            methods += found
        else:
            stubs.append(_read(part))
    if None in stubs or None in methods:
        return None
    host = Host(tuple(filter(None, stubs)), tuple(filter(None, methods)), base)
    return host if len(set(host.names)) == len(host.names) else None


@dataclass(frozen=True, slots=True)
class Gate:
    """A test: ``wanted`` is the K that it asks for; ``worded`` changes its text and not what passes."""

    target: str
    number: int
    wanted: int
    worded: int = 0


@dataclass(frozen=True, slots=True)
class Gates:
    """A test module for one host module; ``helper`` is the text of what its tests reach."""

    module: str
    gates: tuple[Gate, ...] = ()
    helper: int = 0

    def render(self) -> str:
        """The module's text."""
        names = sorted({one.target.partition(".")[0] for one in self.gates})
        imports = f"from app.{self.module} import {', '.join(names)}" if names else f"import app.{self.module}"
        one = "1" if not self.helper else f"1 + {self.helper} - {self.helper}"
        parts = [f"from jiti import jiti\n\n{imports}", f"def _one() -> int:\n    return {one}"]
        return _GAP.join([*parts, *map(_gate, self.gates)]) + "\n"


_GATE = re.compile(
    r"@jiti\.required_for\((?P<target>[\w.]+)\)\ndef test_\w+?_(?P<number>\d+)\(\) -> None:\n"
    r"    assert .* == 1 \+ (?P<wanted>\d+)(?:, \"worded (?P<worded>\d+)\")?$"
)


def read_gates(text: str) -> Gates | None:
    """The test module that ``text`` writes; None for what a merge made of it."""
    head, helper, *rest = text.rstrip("\n").split(_GAP)
    module = re.search(r"^(?:from|import) app\.(\w+)", head, re.MULTILINE)
    value = re.search(r"return 1(?: \+ (\d+) - \1)?$", helper)
    found = [_GATE.match(one) for one in rest]
    if module is None or value is None or None in found:
        return None
    gates = tuple(
        Gate(one["target"], int(one["number"]), int(one["wanted"]), int(one["worded"] or 0)) for one in found if one
    )
    names = [(one.target, one.number) for one in gates]
    return Gates(module[1], gates, int(value[1] or 0)) if len(set(names)) == len(names) else None


def renamed(gates: Gates, old: str, new: str) -> Gates:
    """The tests of a stub that has another name now."""
    return replace(gates, gates=tuple(replace(one, target=new) if one.target == old else one for one in gates.gates))


def _gate(gate: Gate) -> str:
    call = gate.target.replace(".", "().")
    words = f', "worded {gate.worded}"' if gate.worded else ""
    name = f"test_{gate.target.replace('.', '_').lower()}_{gate.number}"
    head = f"@jiti.required_for({gate.target})\ndef {name}() -> None:\n"
    return f"{head}    assert {call}(_one()) == 1 + {gate.wanted}{words}"


def _stub(one: Asked, *, method: bool = False) -> str:
    above = "@cache\n" if one.cached else ""
    above += f"@jiti(uses=[{one.uses}])\n" if one.uses else "@jiti\n"
    inside = f"{'self, ' * method}{SIGNATURES[one.signature]}"
    spread = f"\n    {inside},\n" if one.layout & 1 else inside
    quotes = "'''" if one.layout & 2 else '"""'
    body = ("raise NotImplementedError", "...", "pass")[one.layout % 3]
    hint = f"    # hint {one.hint}.\n" if one.hint else ""
    return f"{above}def {one.name}({spread}) -> int:\n    {quotes}Words {one.words}.{quotes}\n{hint}    {body}"


def _read(text: str) -> Asked | None:
    found = _STUB.match(text)
    if found is None or found["signature"].strip() not in SIGNATURES:
        return None
    layout = (1 if "(\n" in text else 0) | (2 if found["quotes"] == "'''" else 0)
    return Asked(
        found["name"],
        SIGNATURES.index(found["signature"].strip()),
        int(found["words"]),
        int(found["hint"] or 0),
        bool(found["cached"]),
        found["uses"] or "",
        layout,
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.split("\n"))


def _flat(text: str) -> str:
    text = text if text.startswith("    ") else f"    @{text}"
    return "\n".join(line.removeprefix("    ") for line in text.split("\n"))
