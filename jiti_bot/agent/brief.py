"""What the agent is told: built purely from the spec, the host's source, the gates' source and settings."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from jiti_bot.agent import prompts
from jiti_bot.agent.excerpt import excerpt, head
from jiti_bot.agent.member import Member
from jiti_bot.agent.tools import definitions
from jiti_bot.source.compose import interface
from jiti_bot.source.model import Gate, GateKind, Kind, Spec, Stub
from jiti_bot.validation.model import Base

MAX_HOST = 24_000  # characters of the host module
MAX_GATES = 24_000  # characters of all gate files together
MAX_LISTED = 60  # gates that are named one by one
MAX_USES = 8_000  # characters of what a stub has to use
MAX_COMMITTED = 60_000  # characters of a body that it starts from
LEAST_EXCERPT = 400  # characters; less of a file says nothing
_LOOK = ("read_file", "search")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the work on one stub ends. Times in seconds, tokens per reply."""

    max_turns: int = 24
    max_tokens: int = 16_000
    quality_threshold: int = 7
    max_refactor: int = 1
    execution_timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Material:
    """What a brief is written from.

    ``read`` gives the text of a file of the project. ``targets`` are the stubs that a jiti-test is about. ``committed``
    is the committed file without its header, when it is regenerated because ``changed`` parts of the spec did; of a
    class whose methods are known one by one, ``base`` says which of them may stay. ``refused`` is the report on
    ``committed``, where that was tried first.
    ``generated`` are the texts of generated tests that gate the stub, by file. ``hint`` is a reviewer's or a person's
    wish, ``disputed`` what is said of a test that is written again. ``style`` and ``test_guide`` replace the shipped
    guides. ``python`` is the project's version: ``3.11``; ``observed`` says that a program was seen to call the stub.
    """

    spec: Spec
    read: Callable[[str], str]
    targets: tuple[Stub, ...] = ()
    committed: str = ""
    base: Base | None = None
    changed: tuple[str, ...] = ()
    refused: str = ""
    disputed: str = ""
    generated: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    hint: str = ""
    observed: bool = False
    style: str | None = None
    test_guide: str | None = None
    python: str = "3.11"


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that the model is told before it begins. ``system`` is the same for all stubs of a kind.

    ``group`` are the stubs, of which ``spec`` is the first, where several are written together.
    """

    spec: Spec
    system: tuple[str, ...]
    first: str
    tools: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    base: Base | None = None
    group: tuple[Member, ...] = ()

    @property
    def key(self) -> str:
        """The stub's key."""
        return self.spec.key

    @property
    def specs(self) -> tuple[Spec, ...]:
        """All that is to be written."""
        return tuple(member.spec for member in self.group) or (self.spec,)

    def judged_by(self, spec: Spec) -> "Brief":
        """With ``spec`` in place of the one of its key."""
        group = tuple(replace(one, spec=spec) if one.spec.key == spec.key else one for one in self.group)
        return replace(self, spec=spec if spec.key == self.key else self.spec, group=group)

    @property
    def is_test(self) -> bool:
        """Whether a jiti-test is to be written."""
        return self.spec.stub.kind is Kind.TEST

    @property
    def submits(self) -> str:
        """The tool that hands work in."""
        return "submit_test" if self.is_test else "submit"

    @property
    def members(self) -> tuple[str, ...]:
        """What ``bodies`` may hold: a class stub's methods by unit, several stubs by key; nothing a person wrote."""
        if self.group:
            return tuple(name for member in self.group for name in member.fields)
        theirs = self.base.edited & self.base.locked if self.base else frozenset()
        return tuple(member.unit for member in self.spec.stub.members if member.unit not in theirs)

    @property
    def optional(self) -> frozenset[str]:
        """Those of the members that are there and may stay as they are."""
        if self.group:
            return frozenset[str]().union(*(member.optional for member in self.group))
        return self.base.kept if self.base else frozenset()

    def definitions(self) -> tuple[Mapping[str, Any], ...]:
        """The tools as the service takes them."""
        return definitions(self.tools, self.members, self.optional)

    def __str__(self) -> str:
        return "\n\n".join((*self.system, self.first))


def write(material: Material, limits: Limits | None = None) -> Brief:
    """Write the brief of one stub."""
    spec = material.spec
    is_test = spec.stub.kind is Kind.TEST
    if is_test:
        tools: tuple[str, ...] = (*_LOOK, "submit_test")
        parts = [_opening(spec, "Write the test"), *_interfaces(material), _host(material), material.disputed]
    else:
        kept = ("keep",) if material.committed and not material.refused and _may_keep(material.base) else ()
        # Of a class's methods the gates' calls are not recorded; a program's may be.
        seen = ("observed_calls",) if material.observed or not spec.stub.members else ()
        tools = (*_LOOK, "run_python", *seen, "submit", "dispute", *kept)
        parts = [_opening(spec, "Implement"), *wishes(material), _host(material), *built_on(material), *gates(material)]
    if material.committed:
        parts.append(_regeneration(material))
    if material.hint:
        parts.append(f"# What a person asked for\n\n{material.hint.strip()}")
    first = "\n\n".join(part for part in parts if part)
    return Brief(spec, system(material), first, tools, limits or Limits(), material.base)


def system(material: Material) -> tuple[str, ...]:
    """What is the same for all stubs of a kind."""
    is_test = material.spec.stub.kind is Kind.TEST
    guides = [material.test_guide or prompts.read("tests")]
    if not is_test:
        guides.insert(0, material.style or prompts.read("style"))
    project = f"# The project\n\nIt runs on Python {material.python} and newer: nothing newer than that may be used."
    return (prompts.read("write_test" if is_test else "implement"), "\n\n".join((project, *guides)))


def _may_keep(base: Base | None) -> bool:
    """Whether the committed code could stand as it is: a class has to have all of its methods."""
    return base is None or not base.missing


def _opening(spec: Spec, task: str) -> str:
    stub = spec.stub
    return prompts.fill("first", task=task, key=spec.key, file=stub.file, line=str(stub.line), stub=interface(stub))


def wishes(material: Material) -> list[str]:
    """What the stub's form asks for."""
    spec, stub = material.spec, material.spec.stub
    wishes = []
    if stub.kind is Kind.CLASS:
        wishes.append(
            "This is a class whose stub methods are written together: instead of `body`, `submit` takes `bodies`, the "
            f"statements of each of {_named(member.unit for member in stub.members)}. They may call each other and the "
            "methods that people wrote. What several of them share goes into `helpers`, as functions above the class."
        )
    elif stub.owners:
        wishes.append(f"It stands in the class `{'.'.join(stub.owners)}`; `body` is that of the method.")
    if stub.is_async or stub.is_generator:
        kind = f"{'an async' if stub.is_async else 'a'} {'generator' if stub.is_generator else 'function'}"
        wishes.append(f"It is {kind}, and has to stay one.")
    if spec.uses:
        wishes.append(f"It has to be built on {', '.join(f'`{use.spelled}`' for use in spec.uses)}.")
    return ["\n".join(wishes)] if wishes else []


def _host(material: Material) -> str:
    """The module around the stub."""
    stub = material.spec.stub
    text = material.read(stub.file)
    shown, whole = excerpt(text, (stub.unit,), MAX_HOST)
    part = "" if whole else ", in part; `read_file` shows the rest"
    return f"# The module it stands in\n\n`{stub.file}`{part}:\n\n{fenced(shown)}"


def _interfaces(material: Material) -> list[str]:
    return [
        f"# What it tests\n\n`{'.'.join(stub.owners) + '.' if stub.owners else ''}{stub.name}` in `{stub.file}`:\n\n"
        f"{fenced(interface(stub))}"
        for stub in material.targets
    ]


def gates(material: Material) -> list[str]:
    """The tests that judge the stub."""
    every = material.spec.gates
    examples = [gate for gate in every if gate.kind is GateKind.DOCTEST]
    tests = [gate for gate in every if gate.kind is not GateKind.DOCTEST]
    if not every:
        return ["# Its gates\n\nNone: hold to the docstring, and submit tests of your own that a reviewer can trust."]
    lines = [_line_about(gate) for gate in tests[:MAX_LISTED]]
    if len(tests) > MAX_LISTED:
        lines.append(f"- and {len(tests) - MAX_LISTED} more; `search` finds them")
    if any(gate.runs for gate in examples):
        lines.append("- the examples in the docstring")
    if any(not gate.runs for gate in examples):
        lines.append("- not run, but meant: docstring examples that use names they do not define")
    parts = ["# Its gates\n\n" + "\n".join(lines)]
    room, left = MAX_GATES, list[str]()
    shares = [(file, tuple(gate.name for gate in tests if gate.file == file)) for file in _files(tests)]
    written = tuple(gate.name for gate in tests if gate.kind is GateKind.TEST)
    for file, names in [*((file, written) for file in material.generated), *shares]:
        if room < LEAST_EXCERPT:
            left.append(file)
            continue
        text = material.generated.get(file)
        shown, whole = excerpt(material.read(file) if text is None else text, names, room)
        room -= len(shown)
        by = "" if text is None else ", written by a model from the interface alone"
        parts.append(f"`{file}`{by}{'' if whole else ', in part; `read_file` shows the rest'}:\n\n{fenced(shown)}")
    if left:
        more = f" and {len(left) - 10} more" if len(left) > 10 else ""
        parts.append(f"Not shown: {_named(left[:10])}{more}; `read_file` shows them.")
    return parts


def _files(every: Iterable[Gate]) -> Iterable[str]:
    return dict.fromkeys(gate.file for gate in every)


def built_on(material: Material) -> list[str]:
    """What the stub has to use, as its own module says it; what stands in the host is seen there."""
    shown: list[str] = []
    room = MAX_USES
    for use in material.spec.uses:
        file, _, unit = (use.target or "").partition("::")
        if not unit or file == material.spec.stub.file or room < LEAST_EXCERPT:
            continue
        try:
            text = head(material.read(file), unit, room)
        except OSError:  # it was there when names were resolved
            continue
        if text:
            shown.append(f"`{use.spelled}` in `{file}`:\n\n{fenced(text)}")
            room -= len(text)
    return ["\n\n".join(["# What it is built on", *shown])] if shown else []


def _line_about(gate: Gate) -> str:
    by = "a jiti-test" if gate.kind is GateKind.TEST else "by a person"
    return f"- `{gate.name}` in `{gate.file}` line {gate.line}, {by}"


def _regeneration(material: Material) -> str:
    changed = ", ".join(material.changed) or "something that it depends on"
    may = material.spec.stub.kind is not Kind.TEST and _may_keep(material.base)
    keep = " " + prompts.read("keep") if may else ""
    committed = _bounded(material.committed.rstrip())
    if material.refused:
        return prompts.fill("restore", committed=committed, report=material.refused.rstrip())
    if material.base is None:
        return prompts.fill("regenerate", committed=committed, changed=changed, keep=keep)
    base, members = material.base, [member.unit for member in material.spec.stub.members]
    wanted = _named(unit for unit in members if unit not in base.kept) or "whatever has to change, and nothing else"
    stays = _named(unit for unit in members if unit in base.locked)
    words = prompts.fill("locked", methods=stays) if stays else prompts.read("open")
    return prompts.fill("regenerate_class", committed=committed, changed=changed, wanted=wanted, stays=words, keep=keep)


def _bounded(code: str) -> str:
    if len(code) <= MAX_COMMITTED:
        return code
    return f"{code[:MAX_COMMITTED]}\n# ... {len(code) - MAX_COMMITTED:,} characters more: `read_file` shows them"


def _named(units: Iterable[str]) -> str:
    return ", ".join(f"`{unit}`" for unit in units)


def fenced(text: str) -> str:
    """Code as a block that nothing in it ends."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}python\n{text.rstrip()}\n{marks}"
