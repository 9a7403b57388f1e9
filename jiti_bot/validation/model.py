"""What validation is given and what it says. Values only; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jiti_bot.source.model import Spec

CHECKS = ("guards", "ruff", "ty", "uses", "doctests", "gates", "tests")


@dataclass(frozen=True, slots=True)
class Base:
    """The committed class that a submission builds on: methods without a body in it stay byte for byte.

    ``code`` is the committed file without its header. ``kept`` are the methods, by unit, that may be left out;
    ``locked`` those of them that have to be: their stubs did not change. ``edited`` are the ones that a person wrote,
    with ``""`` for the helpers; they are locked for good. ``missing`` are those that ``code`` does not hold.
    """

    code: str
    kept: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()

    def opened(self) -> "Base":
        """With no method locked but those that a person wrote."""
        return replace(self, locked=self.locked & self.edited)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was submitted for ``spec``.

    ``body`` is the text of the function body alone, for a class stub one such text for each member, by its unit.
    ``helpers`` are imports, constants and private definitions, ``tests`` the agent's own ``test_*`` functions,
    ``quality`` its own judgement from 0 to 10. With a ``base`` some bodies may be missing, and ``helpers`` are added.
    """

    spec: Spec
    body: str | Mapping[str, str]
    helpers: str = ""
    tests: str = ""
    quality: int | None = None
    base: Base | None = None

    @property
    def bodies(self) -> Mapping[str, str]:
        """The bodies by unit: one for a function, several for a class stub. A lone one is its first member's."""
        if not isinstance(self.body, str):
            return self.body
        members = self.spec.stub.members
        return {members[0].unit if members else self.spec.stub.unit: self.body}


@dataclass(frozen=True, slots=True)
class Check:
    """One check's outcome. ``name`` is one of `CHECKS`, ``detail`` what a reader needs, ``seconds`` its wall time."""

    name: str
    ok: bool
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that refuses nothing and that the reviewer should see: ``vacuous-gate``, ``reads-clock``..."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """It passed. ``text`` is the committed file without its header, ``tests`` the scratch test file or ``""``.

    ``notes`` are further words for the header's evidence.
    """

    text: str
    tests: str
    checks: tuple[Check, ...]
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not pass. ``report`` says exactly and shortly why, for the model or person who wrote it."""

    checks: tuple[Check, ...]
    report: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Waits:
    """It cannot be judged yet: its gates hit stubs that have no implementation. ``keys`` names those, sorted.

    The same candidate is judged again when they exist. ``drafts`` holds it by its key, as far as it was judged.
    """

    keys: tuple[str, ...]
    checks: tuple[Check, ...]
    report: str
    drafts: Mapping[str, Accepted] = field(default_factory=dict)


Verdict = Accepted | Refused | Waits


class Tool(StrEnum):
    """Who made a diagnostic."""

    RUFF = "ruff"
    TY = "ty"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding of ruff or ty in a text. Lines are 1-based; ``code`` is the rule."""

    tool: Tool
    code: str
    message: str
    line: int
    end_line: int
