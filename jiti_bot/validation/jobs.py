"""What a worker can be asked to do, and what it answers. Values only; standard library only.

Node ids are pytest's, relative to the project root: ``tests/test_money.py::TestMoney::test_symbols``. ``staged`` maps
a committed path (relative to the project root, ``.jiti/src/app/text/slugify.py``) to the text that stands for it
during the job, header or none; nothing is written into the project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Examples:
    """The ``>>>`` examples in the docstring of ``unit`` in ``file``; those starting on lines ``skip`` are set aside.

    Lines are 1-based in ``file``. The result's id is ``src/app/text.py::Parser.parse::doctest``.
    """

    file: str
    unit: str
    skip: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """The id under which its outcome is reported."""
        return f"{self.file}::{self.unit}::doctest"


@dataclass(frozen=True, slots=True)
class RunTests:
    """Run pytest: ``nodes`` are node ids or files, ``examples`` docstrings, both in one session.

    ``files`` are test files that do not exist yet (the agent's own tests): the path that they will have, relative to
    the project root, -> text; each is collected and reported under that path. ``collect_only`` only lists ids.
    ``backwards`` runs what is asked for last one first, and what each of it holds as it stands.
    """

    nodes: tuple[str, ...] = ()
    examples: tuple[Examples, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    staged: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    collect_only: bool = False
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class RunCode:
    """Run ``code`` as ``python -c`` would in the project root, with ``staged`` in place."""

    code: str
    staged: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Recording:
    """A stub to replace by a recorder: its committed path, unit and ``def`` line(s) up to the colon (`Stub.header`)."""

    key: str
    path: str
    unit: str
    header: str
    is_generator: bool = False


@dataclass(frozen=True, slots=True)
class RecordCalls:
    """Run ``nodes`` with recorders in place of stubs and report the arguments they were called with."""

    recordings: tuple[Recording, ...]
    nodes: tuple[str, ...]
    examples: tuple[Examples, ...] = ()
    staged: Mapping[str, str] = field(default_factory=lambda: NOTHING)


Job = RunTests | RunCode | RecordCalls


class Outcome(StrEnum):
    """What became of one test. Only PASSED is a pass."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # in set-up, tear-down or collection
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test. ``detail`` is pytest's short traceback or the reason of a skip; ``output`` what it printed (bounded).

    ``missing`` are the messages (or keys, where the error carries one) of every NotGeneratedError raised while it ran.
    ``marked``: the test's own marks skip it here or expect it to fail.
    """

    __test__ = False  # for pytest: not a test class

    id: str
    outcome: Outcome
    detail: str = ""
    output: str = ""
    seconds: float = 0.0
    missing: tuple[str, ...] = ()
    marked: bool = False

    @property
    def is_aside(self) -> bool:
        """Whether it says nothing: whoever wrote the test took it out, and no candidate did."""
        return self.marked and self.outcome in {Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED}


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call: argument name -> repr, bounded; ``test`` is the node id that made it."""

    key: str
    arguments: tuple[tuple[str, str], ...]
    test: str


@dataclass(frozen=True, slots=True)
class Ran:
    """The job came to its end. A pass of each expected test is for the reader to check: see `unproved`.

    ``collected`` are all ids found, ``problems`` errors of collection and usage, ``tampering`` what the candidate did
    to the machinery that judges it (any entry refuses it), ``notes`` what the sandbox withheld, in words for a person.
    ``status`` is the exit status of the process that ran the job, ``modules`` third-party modules it imported.
    ``ordered`` are expected ids that did not pass when the same was run backwards, each with the reason.
    """

    tests: tuple[TestResult, ...] = ()
    collected: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    tampering: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    output: str = ""
    status: int = 0
    seconds: float = 0.0
    modules: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()


class Cause(StrEnum):
    """Why a job was ended before its end."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    PROCESSES = "processes"
    DISK = "disk"
    OUTPUT = "output"
    DIED = "died"  # it exited or crashed before it had reported its end


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job was ended, with every process it had started.

    ``reason`` is a sentence; ``tests`` are those seen before, ``running`` the one that had begun, '' for none.
    ``place`` is the line of the project where it was, or the file that was being imported, '' where that is not known.
    """

    cause: Cause
    reason: str
    tests: tuple[TestResult, ...] = ()
    problems: tuple[str, ...] = ()
    tampering: tuple[str, ...] = ()
    output: str = ""
    seconds: float = 0.0
    running: str = ""
    place: str = ""


Result = Ran | Stopped


def unproved(result: Result, expected: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each expected node id that was not seen to pass, and why; empty means proved.

    An id stands for itself and for what pytest makes of it: ``test_x`` for ``test_x[a]``, a class or file for its
    tests. Skipped, xfailed and xpassed tests are no passes; those that are so by their own marks are set aside as long
    as others of the same id pass.
    """
    return tuple((node, why) for node in expected if (why := _why_not(result, node)))


def covers(expected: str, node: str) -> bool:
    """Whether the test ``node`` is ``expected`` or one of its parameters or members."""
    return node == expected or node.startswith((f"{expected}[", f"{expected}::"))


def _why_not(result: Result, expected: str) -> str:
    seen = [test for test in result.tests if covers(expected, test.id)]
    counted = [test for test in seen if not test.is_aside] or seen
    for test in counted:
        if test.outcome is not Outcome.PASSED:
            return f"{test.id} {test.outcome}: {test.detail}".rstrip(": ")
    if isinstance(result, Stopped):
        return result.reason
    unfinished = [node for node in result.collected if covers(expected, node) and node not in {t.id for t in seen}]
    if unfinished:
        why = f": {'; '.join(result.problems)}" if result.problems else ""
        return f"{unfinished[0]} was collected and never reported an outcome{why}"
    if not seen:
        return "; ".join(result.problems) or "it was not collected"
    return ""
