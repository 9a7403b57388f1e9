"""From a spec to the tests that must be seen to pass, and from a worker's result to checks. Pure.

Verdicts come from test ids that were seen to pass, never from an exit code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot.layout import scratch_path
from jiti_bot.source.model import Gate, GateKind, Spec
from jiti_bot.validation import report
from jiti_bot.validation.jobs import Examples, Outcome, Result, RunTests, Stopped, TestResult, covers, unproved
from jiti_bot.validation.model import Check, Flag


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to pass for one spec. ``scratch`` is the path of the agent's own tests, '' for none."""

    gates: tuple[str, ...]
    examples: tuple[Examples, ...]
    scratch: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that has to pass."""
        own = (self.scratch,) if self.scratch else ()
        return (*(one.id for one in self.examples), *self.gates, *own)

    @property
    def sessions(self) -> tuple["Expected", ...]:
        """What is run apart from each other: the agent's own tests are its code, and share nothing with the gates."""
        judging, own = replace(self, scratch=""), Expected((), (), self.scratch)
        return tuple(one for one in (judging, own) if one.ids)


@dataclass(frozen=True, slots=True)
class Tested:
    """The checks that running tests gave, the stubs without implementation that the failing ones hit, what to flag."""

    checks: tuple[Check, ...]
    missing: tuple[str, ...]
    flags: tuple[Flag, ...] = ()


def expected(spec: Spec, *, doctests: bool, tests: bool) -> Expected:
    """What has to pass for ``spec``; ``tests`` says that the agent wrote its own."""
    gates = tuple(dict.fromkeys(node_id(gate) for gate in spec.gates if gate.kind is not GateKind.DOCTEST))
    examples = tuple(
        dict.fromkeys(
            Examples(gate.file, gate.name, gate.skip)
            for gate in spec.gates
            if doctests and gate.runs and gate.kind is GateKind.DOCTEST
        )
    )
    return Expected(gates, examples, scratch_file(spec) if tests else "")


def node_id(gate: Gate) -> str:
    """The pytest id of a gate, or the one under which a docstring's examples are reported."""
    if gate.kind is GateKind.DOCTEST:
        return Examples(gate.file, gate.name).id
    return f"{gate.file}::{gate.name.replace('.', '::')}"


def places(spec: Spec) -> Mapping[str, str]:
    """Where each gate stands, ``tests/test_text.py:7``, by its id."""
    return {node_id(gate): f"{gate.file}:{gate.line}" for gate in spec.gates}


def scratch_file(spec: Spec) -> str:
    """Where the agent's own tests of a spec are committed, relative to the project root."""
    parent = spec.store.rpartition("/")[0]
    source = spec.stub.file.removeprefix(f"{parent}/") if parent else spec.stub.file
    return f"{spec.store}/{scratch_path(source, spec.stub.unit)}"


def job(wanted: Iterable[Expected], staged: Mapping[str, str], files: Mapping[str, str]) -> RunTests:
    """One job that runs everything wanted."""
    every = list(wanted)
    return RunTests(
        nodes=tuple(dict.fromkeys(node for one in every for node in one.gates)),
        examples=tuple(dict.fromkeys(example for one in every for example in one.examples)),
        files=dict(files),
        staged=dict(staged),
    )


def judge(result: Result, wanted: Expected, own: str, root: str = "") -> Tested:
    """The checks for one spec whose key is ``own``; a check stands for each kind of test that there is.

    Paths below ``root`` are told relative to it.
    """
    groups = (
        ("doctests", tuple(example.id for example in wanted.examples)),
        ("gates", wanted.gates),
        ("tests", (wanted.scratch,) if wanted.scratch else ()),
    )
    checks = [_check(name, ids, result) for name, ids in groups if ids]
    if root:
        checks = [replace(check, detail=check.detail.replace(f"{root}/", "")) for check in checks]
    if isinstance(result, Stopped):
        checks = _told_once(checks, result.reason)
    if result.tampering:
        listed = "; ".join(result.tampering)
        checks.append(Check("guards", ok=False, detail=f"it changed what judges it: {listed}"))
    return Tested(tuple(checks), _missing(result, wanted, own))


def proved(wanted: Expected, results: tuple[Result, Result] | None) -> bool:
    """Whether all that is wanted was seen to pass, in results of the gates and of the agent's own tests."""
    if results is None or any(isinstance(one, Stopped) or one.tampering for one in results):
        return False
    own = (wanted.scratch,) if wanted.scratch else ()
    return not unproved(results[0], replace(wanted, scratch="").ids) and not unproved(results[1], own)


def joined(tested: Sequence[Tested]) -> Tested:
    """What several sessions said together; something is missing only if nothing else went wrong in any."""
    checks = tuple(check for one in tested for check in one.checks)
    failed = [one for one in tested if not all(check.ok for check in one.checks)]
    missing = sorted({key for one in failed for key in one.missing}) if all(one.missing for one in failed) else []
    return Tested(checks, tuple(missing), tuple(flag for one in tested for flag in one.flags))


def _told_once(checks: Iterable[Check], reason: str) -> list[Check]:
    """What ended the whole run, said by the first check that it kept from passing."""
    told: list[Check] = []
    for check in checks:
        said = any(not one.ok for one in told)
        told.append(check if check.ok else replace(check, detail="" if said else reason))
    return told


def _check(name: str, ids: tuple[str, ...], result: Result) -> Check:
    failed = [pair for node in ids for pair in _failed(result, node)]
    ran = [test for test in result.tests if not test.is_aside and any(covers(node, test.id) for node in ids)]
    seconds = sum(test.seconds for test in ran)
    if not failed:
        return Check(name, ok=True, detail=f"{len(ran)} passed", seconds=seconds)
    return Check(name, ok=False, detail=report.failures(failed, max(len(ran), len(ids))), seconds=seconds)


def _failed(result: Result, node: str) -> list[tuple[str, str]]:
    """Every test under ``node`` that did not pass; parameters each speak for themselves."""
    failed = [test for test in _counted(result) if covers(node, test.id)]
    if failed and not isinstance(result, Stopped):
        return [(test.id, _why(test)) for test in failed]
    return [(node, report.readable(why)) for _, why in unproved(result, (node,))]


def _counted(result: Result) -> list[TestResult]:
    """The tests that did not pass, without those that whoever wrote them took out."""
    return [test for test in result.tests if test.outcome is not Outcome.PASSED and not test.is_aside]


def _why(test: TestResult) -> str:
    said = test.detail or "failed"
    said = said if test.outcome is Outcome.FAILED else f"{test.outcome}: {said}"
    said, before = report.focused(said), said
    # what was printed comes from every example that was tried
    output = "" if test.id.endswith("::doctest") or said != before else test.output.strip()
    return report.readable(f"{said}\nprinted: {report.shorten(output, 400)}" if output else said)


def _missing(result: Result, wanted: Expected, own: str) -> tuple[str, ...]:
    """Keys of missing stubs, where they are the whole reason why tests did not pass."""
    failing = [test for test in _counted(result) if any(covers(node, test.id) for node in wanted.ids)]
    if isinstance(result, Stopped):
        return ()
    if not failing:
        return tuple(sorted(set(result.missing) - {own})) if unproved(result, wanted.ids) else ()
    hit = [set(test.missing) - {own} for test in failing]
    return tuple(sorted(set().union(*hit))) if all(hit) else ()
