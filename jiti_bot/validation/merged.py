"""What ruff and ty say of a candidate, judged in its merged view: the host with the unit folded in, in memory.

Counted are findings that the original host does not have. One on a line of the unit refuses it; one on the stub's own
decorators, signature or docstring is the user's and only told; one elsewhere in the host was caused by the unit and
refuses it too. Where imports stand is decided by folding, so rules about that are left to the committed file itself.
"""

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from types import MappingProxyType

from jiti_bot.graduation.fold import Folded, Origin, Place, Prepared, Source, fold, prepare
from jiti_bot.source.model import Stub
from jiti_bot.validation.model import Diagnostic
from jiti_bot.validation.ruff import Ruff
from jiti_bot.validation.ty import Ty

# Where imports and blank lines stand in the merged view is folding's doing.
PLACEMENT = re.compile(r"I00[12]|E402|E30\d|W391|W29[123]|TC00[1-5]$")
# Reported at the `def` line and yet about the body: complexity.
ABOUT_THE_BODY = re.compile(r"C901|PLR091[1245]|PLR1702|RUF029")

_PROBE = "x=1\n"
_ALONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Located:
    """A diagnostic with where its line came from and what that line says."""

    diagnostic: Diagnostic
    origin: Origin
    excerpt: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one tool says of a candidate: what refuses it, and what is only told."""

    refusals: tuple[Located, ...]
    remarks: tuple[Located, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """A host dissected, with what ruff and ty say of it as it is."""

    prepared: Prepared
    ruff: Counter[tuple[str, str]]
    ty: Counter[tuple[str, str]]


class Views:
    """Merged views of one project, each host prepared once. Thread-safe."""

    def __init__(self, ruff: Ruff, ty: Ty) -> None:
        self._ruff = ruff
        self._ty = ty
        self._hosts: dict[tuple[str, str], Host] = {}
        self._excluded: dict[str, bool] = {}
        self._lock = threading.Lock()

    def host(self, file: str, text: str, pool: Executor) -> Host:
        """The host at ``file``; the first call for a text costs 50-200 ms.

        Raises:
            StoreError: it does not parse.
            ToolError: ruff or ty failed.

        """
        with self._lock:
            if (file, text) not in self._hosts:
                ruff = pool.submit(self._ruff.check, text, file)
                ty = pool.submit(self._ty.check, text, file)
                self._hosts[file, text] = Host(prepare(text, file), _counted(ruff.result()), _counted(ty.result()))
            return self._hosts[file, text]

    def style_path(self, stub: Stub, path: str) -> str:
        """The path by whose rules a unit's file is fixed and formatted: its own, or its host's where that is excluded.

        With ``force-exclude`` ruff hands a text back untouched where the configuration leaves the store out.
        """
        folder = path.rpartition("/")[0]
        with self._lock:
            if folder not in self._excluded:
                self._excluded[folder] = self._ruff.format(_PROBE, path) == _PROBE
            return stub.file if self._excluded[folder] else path

    def fold(self, stub: Stub, host: Host, unit_text: str) -> Folded:
        """The merged view of one unit."""
        return fold(host.prepared, place_of(stub), unit_text, stub.file)

    def ruff(self, stub: Stub, host: Host, merged: Folded) -> Opinion:
        """What the project's rules find in the merged view."""
        return opinion(self._ruff.check(merged.text, stub.file), merged, host.ruff)

    def ty(self, stub: Stub, host: Host, merged: Folded, beside: Mapping[str, str] = _ALONE) -> Opinion:
        """What ty finds in the merged view, with other files as ``beside`` has them."""
        return opinion(self._ty.check(merged.text, stub.file, beside), merged, host.ty)


def place_of(stub: Stub) -> Place:
    """Where a stub stands in its host."""
    return Place(stub.name, stub.owners, stub.line, tuple(member.line for member in stub.members))


def opinion(found: Sequence[Diagnostic], merged: Folded, before: Counter[tuple[str, str]]) -> Opinion:
    """Sort a merged view's diagnostics by whose they are, after taking away what was ``before``."""
    left = Counter(before)
    lines = merged.text.splitlines()
    refusals: list[Located] = []
    remarks: list[Located] = []
    for diagnostic in found:
        origin = merged.origin(diagnostic.line)
        if origin.source is Source.HOST and left[_key(diagnostic)] > 0:
            left[_key(diagnostic)] -= 1
            continue
        if PLACEMENT.match(diagnostic.code) or (diagnostic.code == "F401" and origin.source is Source.HOST):
            continue  # an import that only the removed decorator needed goes with it when the unit is merged
        excerpt = lines[diagnostic.line - 1].strip() if diagnostic.line <= len(lines) else ""
        located = Located(diagnostic, origin, excerpt)
        own = origin.spec and not ABOUT_THE_BODY.match(diagnostic.code)
        (remarks if own else refusals).append(located)
    return Opinion(tuple(refusals), tuple(remarks))


def tidy(ruff: Ruff, stub: Stub, composed: str, path: str) -> str:
    """A composed unit as it is committed: fixed and formatted alone, with the stub's own header and docstring."""
    fixed = ruff.fix(composed, path)
    if fixed != composed:
        fixed = _with_spec(stub, fixed, composed)
    return ruff.format(fixed, path)


def _with_spec(stub: Stub, fixed: str, composed: str) -> str:
    """``fixed`` with the headers and docstrings of ``composed``: fixes are for what was generated."""
    was, now = prepare(composed).anatomy, prepare(fixed).anatomy
    inside = (*stub.owners, stub.name)
    lines = list(now.lines)
    for one in sorted(now.definitions, key=lambda one: -one.first):
        ours = (*one.owners, one.name)
        if ours[: len(inside)] != inside or one.is_class or one.cut[1]:
            continue
        before = was.find(one.name, one.owners)
        if before is None or before.cut[1]:
            continue
        spec = was.lines[before.keyword - 1 : before.cut[0] - 1]
        lines[one.keyword - 1 : one.cut[0] - 1] = spec
    return "".join(lines)


def _counted(found: Sequence[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter(_key(diagnostic) for diagnostic in found)


def _key(diagnostic: Diagnostic) -> tuple[str, str]:
    """What makes two diagnostics the same although lines have moved."""
    return diagnostic.code, re.sub(r"\bline \d+", "line", diagnostic.message)
