"""The values that flow from source text to every later stage.

All are immutable; file names are posix paths relative to the project root, lines are 1-based.
"""

from __future__ import annotations

from jiti_bot.light import StrEnum
from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.findings import Finding


class Kind(StrEnum):
    """What a generated unit is."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    TEST = "jiti-test"


class GateKind(StrEnum):
    """Who wrote a gate."""

    HUMAN = "human"
    TEST = "jiti-test"
    DOCTEST = "doctest"


PARTS = ("signature", "docstring", "hints", "decorators", "context", "gates", "uses")


@dataclass(frozen=True, slots=True)
class Digests:
    """One digest per part of a spec: 16 hex digits, or ``-`` where the part is empty."""

    signature: str
    docstring: str = "-"
    hints: str = "-"
    decorators: str = "-"
    context: str = "-"
    gates: str = "-"
    uses: str = "-"

    def changed(self, other: Digests) -> tuple[str, ...]:
        """The parts in which ``other`` differs, in the order of `PARTS`."""
        return tuple(part for part in PARTS if getattr(self, part) != getattr(other, part))


@dataclass(frozen=True, slots=True)
class EngineRef:
    """Settings read from a literal ``Engine(...)``: names to plain values, and where it stands."""

    values: tuple[tuple[str, object], ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Stub:
    """One definition whose body is to be generated.

    ``unit`` is the qualified name, for an accessor with its role: ``Parser.v.setter``. ``header`` is the source text
    of the ``def`` or ``class`` line(s) up to and with the colon, dedented and without decorators. ``docstring`` is
    cleaned as `inspect.cleandoc` does. ``decorators`` are the source texts of the others, outermost first.
    ``members`` are the stub methods of a class stub. ``body_lines`` are the first and last line of the statement
    block that a body replaces (docstring included).
    """

    file: str
    unit: str
    kind: Kind
    line: int
    end_line: int
    header: str
    docstring: str | None
    hints: tuple[str, ...]
    decorators: tuple[str, ...]
    uses: tuple[str, ...]
    engine: EngineRef | None
    is_async: bool
    is_generator: bool
    body_lines: tuple[int, int]
    members: tuple[Stub, ...]
    digests: Digests  # gates and uses still "-": they need the whole project
    role: str = ""  # staticmethod, classmethod, property, setter, deleter
    docstring_source: str = ""  # the literal as written, further lines dedented by the column it starts in
    owner_headers: tuple[str, ...] = ()  # ``class Parser[T]:`` per owner: type parameters, neither bases nor decorators
    overloads: tuple[str, ...] = ()  # the ``@overload`` definitions that stand before it, as written

    @property
    def name(self) -> str:
        """The name as written after ``def`` or ``class``."""
        parts = self.unit.split(".")
        accessor = self.kind is Kind.METHOD and parts[-1] in {"setter", "deleter"} and len(parts) > 2
        return parts[-2] if accessor else parts[-1]

    @property
    def owners(self) -> tuple[str, ...]:
        """The classes around it, outermost first."""
        parts = self.unit.split(".")
        accessor = self.kind is Kind.METHOD and parts[-1] in {"setter", "deleter"} and len(parts) > 2
        return tuple(parts[: -2 if accessor else -1])


@dataclass(frozen=True, slots=True)
class Gate:
    """A test that a stub's implementation has to pass.

    ``name`` is the qualified name in its file (``TestMoney.test_symbols``), for a doctest the unit whose docstring
    holds it. ``runs`` is False for a docstring example that cannot run by itself: it is shown to the model and gates
    nothing. ``targets`` are keys of stubs. ``digest`` covers all that the gate reaches; ``reaches`` are the definitions
    under test that its own side names, as ``file::unit``. ``skip`` are the lines of examples that are set aside.
    """

    name: str
    kind: GateKind
    file: str
    line: int
    targets: tuple[str, ...]
    digest: str
    runs: bool = True
    reaches: tuple[str, ...] = ()
    skip: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """One entry of ``uses=[...]``: as spelled, and the definition it resolves to (``file::unit``) if first-party."""

    spelled: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Spec:
    """All that decides whether an implementation is current: a stub with its gates and uses, and every digest.

    ``key`` is the name people use, unique in its project; ``store`` is the folder of the store relative to the
    project root, ``path`` the committed file relative to the project root. ``problems`` say why what stands in
    ``@jiti(...)`` cannot be followed: then nothing is generated, for nobody knows what was asked. ``project`` is the
    folder of the nearest project, where that is not the root itself.
    """

    key: str
    stub: Stub
    gates: tuple[Gate, ...]
    uses: tuple[Use, ...]
    digests: Digests
    store: str
    path: str
    problems: tuple[Finding, ...] = ()
    project: str = ""

    def placed(self, name: str) -> str:
        """A path that the project knows, or ``file::unit``, as one of the root's."""
        return f"{self.project}/{name}" if self.project else name

    def told(self, name: str) -> str:
        """A path of the root's as the project knows it; itself where that lies outside."""
        return name.removeprefix(f"{self.project}/") if self.project else name
