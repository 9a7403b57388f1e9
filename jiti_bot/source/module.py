"""What one file holds, before the rest of the project is known."""

from __future__ import annotations

from jiti_bot.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.findings import Finding
    from jiti_bot.light import ast
    from jiti_bot.source.bindings import Scope
    from jiti_bot.source.model import GateKind, Stub
    from jiti_bot.source.parse import Parsed


@dataclass(frozen=True, slots=True)
class Reference:
    """A dotted name as spelled at ``line``: to be resolved in the scopes around it."""

    parts: tuple[str, ...]
    line: int

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class FoundGate:
    """A ``@jiti.required_for`` as it stands in its file; ``scopes`` are the scopes around it, innermost first."""

    name: str
    kind: GateKind
    line: int
    targets: tuple[Reference, ...]
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    owners: tuple[ast.ClassDef, ...]
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Doctest:
    """The ``>>>`` examples of one docstring: ``unit`` holds it, ``stub`` is the unit it gates."""

    unit: str
    stub: str
    line: int
    digest: str
    runs: bool


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a stub asks for by name, to be resolved in ``scopes``: its ``uses`` and an engine that stands elsewhere.

    ``findings`` are about what could not be read of it.
    """

    uses: tuple[Reference, ...] = ()
    engine: Reference | None = None
    scopes: tuple[Scope, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file's stubs, gates, examples and findings.

    ``parsed`` and ``scope`` are None for a file that mentions jiti nowhere, or that cannot be read and has a finding.
    ``asked`` maps each stub's unit to the names it refers to.
    """

    file: str
    stubs: tuple[Stub, ...] = ()
    gates: tuple[FoundGate, ...] = ()
    doctests: tuple[Doctest, ...] = ()
    findings: tuple[Finding, ...] = ()
    asked: tuple[tuple[str, Asked], ...] = ()
    parsed: Parsed | None = None
    scope: Scope | None = None

    @property
    def readable(self) -> bool:
        """Whether the file's syntax could be read, if it had to be."""
        return self.parsed is not None or not self.findings
