"""Whether a generated test is one: collected, and failing because nothing is implemented. Pure."""

import ast
from collections.abc import Mapping, Sequence

from jiti_bot.source.model import Spec
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import report, trivial
from jiti_bot.validation.jobs import Outcome, Result, Stopped, covers, unproved
from jiti_bot.validation.model import Check, Flag

WEAK = len(trivial.PLAIN) + 1  # and the argument


def node(spec: Spec) -> str:
    """The pytest id of the test that ``spec`` asks for."""
    return f"{spec.stub.file}::{spec.stub.unit.replace('.', '::')}"


def targets(spec: Spec, specs: Mapping[str, Spec]) -> tuple[Spec, ...]:
    """The specs that this test gates."""
    return tuple(
        one
        for _, one in sorted(specs.items())
        if any(gate.file == spec.stub.file and gate.name == spec.stub.unit for gate in one.gates)
    )


def judge(result: Result, node_id: str, keys: Sequence[str]) -> Check:
    """The check of a test that ran while its targets were bodies that only raise."""
    what = ", ".join(keys) or "what it is for"
    seen = [test for test in result.tests if covers(node_id, test.id)]
    if isinstance(result, Stopped):
        return _refused(result.reason)
    if result.tampering:
        return _refused(f"it changed what judges it: {'; '.join(result.tampering)}")
    if not seen:
        return _refused("; ".join(result.problems) or "pytest did not collect it")
    for test in [one for one in seen if not one.is_aside] or seen:
        said = report.shorten(f"{test.detail}\n{test.output}".strip(), report.MAX_TEST)
        reached = bool(test.missing) or trivial.RED in test.detail or trivial.RED in test.output
        if test.outcome is Outcome.PASSED and not keys and not test.missing:
            continue  # its targets are not known here and have implementations, which pass it
        if test.outcome is Outcome.PASSED:
            return _refused(f"it passes although {what} is not implemented: assert what the interface promises")
        if test.outcome in {Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED}:
            return _refused(f"it is {test.outcome}, so it checks nothing")
        if not reached:
            return _refused(f"it fails before it calls {what}:\n{said}")
    return Check("tests", ok=True, detail="fails as long as nothing is implemented")


def weighed(results: Sequence[Result], node_id: str, keys: Sequence[str], text: str) -> Check | Flag | None:
    """What becomes of a test that passed with bodies that give back nothing, 0, "", their argument, then any object.

    ``results`` are those of as many of the bodies as it passed with, and of the first that it failed with. A test in
    whose ``text`` something is called for its effect alone may be about that effect: it is flagged.
    """
    passes = [not unproved(result, (node_id,)) for result in results]
    what = ", ".join(keys)
    effects = any(isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) for one in ast.walk(syntax_tree(text)))
    if len(passes) > WEAK and all(passes) and not effects:
        return _refused(f"it passes whatever {what} returns: assert something that can be wrong")
    if len(passes) >= WEAK and all(passes[:WEAK]):
        detail = f'{node_id} passes with a {what} that returns nothing, 0, "" or its argument: it promises little'
        return Flag("vacuous-test", detail)
    return None


def _refused(why: str) -> Check:
    return Check("tests", ok=False, detail=why)
