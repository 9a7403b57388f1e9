"""From what ran to what is proved. Pure: items are node ids, gates and stubs are names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from jiti_bot.pytest_plugin.project import GateId, Known

NOT_EXAMPLES = "not the docstring's examples (--doctest-modules)"
PHASES = frozenset({"setup", "call", "teardown"})


@dataclass(slots=True)
class Progress:
    """What is known of one item: phases that passed, the worst that happened, attempts thrown away, what it lacked."""

    passed: set[str] = field(default_factory=set)
    failed: bool = False
    skipped: bool = False
    reruns: int = 0
    lacks: set[str] = field(default_factory=set)

    @property
    def is_pass(self) -> bool:
        """Whether every phase passed: a test that was stopped on the way proves nothing."""
        return not self.failed and not self.skipped and self.passed >= PHASES

    @property
    def has_run(self) -> bool:
        """Whether it came to an end of its own, a good or a bad one."""
        return self.failed or self.passed >= PHASES


class Status(Enum):
    """What a run says about one stub."""

    PROVED = "proved"
    PARTLY = "partly"
    UNREACHED = "not run"
    FAILED = "failed"
    MISSING = "missing"
    UNGATED = "no gates"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status with the words that stand behind it.

    ``but_examples``: every gate passed but the docstring's, for which nobody asked pytest to look.
    """

    key: str
    status: Status
    detail: str
    but_examples: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the items of each gate, found or not selected, and what became of those that ran.

    ``broken`` are files that could not be collected; ``doctests`` tells whether docstring examples were looked for.
    """

    items: Mapping[GateId, Collection[str]]
    progress: Mapping[str, Progress]
    broken: Collection[str] = ()
    doctests: bool = True


def judge(known: Known, run: Run) -> Verdict:
    """What ``run`` says about a stub."""
    counts = _Counts(known, run)
    total = len(known.gates)
    if not total:
        return Verdict(known.key, Status.UNGATED, "nothing to prove it by")
    if known.missing:
        return Verdict(known.key, Status.MISSING, f"no implementation yet, {known.place}")
    if counts.failed:
        return Verdict(known.key, Status.FAILED, _of(counts.failed, total, "failed") + counts.why())
    if counts.passed == total:
        return Verdict(known.key, Status.PROVED, plural(total, "gate") + counts.again())
    if not counts.passed and not counts.skipped and not counts.in_part:
        return Verdict(known.key, Status.UNREACHED, "")
    ran = _of(counts.passed, total, "ran")
    if not run.doctests and known.examples.issuperset(counts.absent) and not counts.skipped and not counts.in_part:
        return Verdict(known.key, Status.PARTLY, f"{ran}, {NOT_EXAMPLES}", but_examples=True)
    return Verdict(known.key, Status.PARTLY, ran + counts.rest())


class _Counts:
    """The gates of one stub, by what became of them."""

    def __init__(self, known: Known, run: Run) -> None:
        self.known, self.run = known, run
        self.passed = self.failed = self.skipped = self.in_part = self.reruns = 0
        self.absent: list[GateId] = []
        self.broken: list[str] = []
        self.lacks: set[str] = set()
        for gate in sorted(known.gates):
            self._count(gate)

    def _count(self, gate: GateId) -> None:
        seen = [self.run.progress.get(node, Progress()) for node in self.run.items.get(gate, ())]
        if not seen and gate[0] in self.run.broken:
            self.failed += 1
            self.broken.append(gate[0])
        elif any(one.failed for one in seen):
            self.failed += 1
            self.lacks.update(*(one.lacks for one in seen))
        elif seen and all(one.is_pass for one in seen):
            self.passed += 1
            self.reruns += any(one.reruns for one in seen)
        elif any(one.skipped for one in seen):
            self.skipped += 1
        elif any(one.is_pass for one in seen):
            self.in_part += 1
        else:
            self.absent.append(gate)

    def again(self) -> str:
        """How many gates needed a second attempt."""
        return f", {self.reruns} after a rerun" if self.reruns else ""

    def why(self) -> str:
        """What a failure comes from, where it is not the body's own."""
        others = sorted(self.lacks - {self.known.key})
        if others:
            return f": needs {others[0]}" + (f" and {len(others) - 1} more" if others[1:] else "")
        return f": {self.broken[0]} could not be collected" if self.broken else ""

    def rest(self) -> str:
        """What the gates that did not pass did instead."""
        parts = []
        if self.skipped:
            parts.append(f"{self.skipped} skipped")
        if self.in_part:
            parts.append(f"{self.in_part} in part")
        return "".join(f", {part}" for part in parts)


def judge_all(known: Mapping[str, Known], keys: Collection[str], run: Run) -> Iterator[Verdict]:
    """The verdicts on ``keys``, best first."""
    verdicts = [judge(known[key], run) for key in keys]
    order = list(Status)
    return iter(sorted(verdicts, key=lambda verdict: (order.index(verdict.status), verdict.key)))


def plural(count: int, noun: str) -> str:
    """``1 gate``, ``2 gates``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _of(count: int, total: int, what: str) -> str:
    return f"{count} of {total} gates {what}"
