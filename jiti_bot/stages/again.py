"""A committed file taken apart again, so that the guards can judge it as they judged what the model handed in."""

import ast
from dataclasses import replace

from jiti_bot.errors import UsageError
from jiti_bot.pipeline import submission
from jiti_bot.source.compose import reindented
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.stages.ground import Ground
from jiti_bot.store.entry import Entry
from jiti_bot.store.survey import Standing, scratch_of
from jiti_bot.validation import guards, report
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.flags import UNREACHED
from jiti_bot.validation.model import Accepted, Base, Candidate, Check, Refused

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def guard(
    bench: Bench, ground: Ground, standing: Standing, *, edited: bool, kept: frozenset[str] = frozenset()
) -> Accepted | Refused:
    """What the guards say of a unit's committed file; with ``edited`` they are asked for flags alone.

    A person may write what a model may not: their name stands for it in the history. ``kept`` are the methods of a
    class, by unit, that a person wrote, '' for its helpers: the others are judged.
    """
    spec, entry = standing.spec, standing.committed
    assert isinstance(entry, Entry), "only what can be read is judged"
    tests = _own_tests(ground, standing)
    try:
        candidate = _but(taken_apart(standing, entry, tests), entry, kept)
        syntax_tree(tests)
    except UsageError as error:
        return _refused(guards.Problem("body", 1, error.message))
    except SyntaxError as error:
        return _refused(guards.Problem("tests", error.lineno or 1, f"it does not parse: {error.msg}"))
    slipped = guards.composed(spec.stub, entry.code) or _dressed(spec.stub, entry.tree)
    if slipped is not None and not edited:
        return _refused(slipped)
    guarded = bench.guard(candidate)
    if guarded.problems and not edited:
        return _refused(*guarded.problems)
    red = () if spec.stub.kind is Kind.TEST else bench.red(spec)
    vacuous = tuple(flag for flag in red if flag.code != UNREACHED)
    return Accepted(entry.code, tests, (Check("guards", ok=True),), (*vacuous, *guarded.flags))


def taken_apart(standing: Standing, entry: Entry, tests: str) -> Candidate:
    """A committed file as it was handed in: bodies, helpers, and the agent's own tests.

    Raises `UsageError` where it does not hold what it is there for.
    """
    spec = standing.spec
    parts = submission.read(entry.code, spec.stub, spec.path)
    if spec.stub.kind is not Kind.CLASS:
        return Candidate(spec, parts.body, parts.helpers, tests)
    return Candidate(spec, _bodies(spec.stub, entry.code), parts.helpers, tests)


def _but(candidate: Candidate, entry: Entry, kept: frozenset[str]) -> Candidate:
    """A class without what a person wrote of it."""
    if not kept:
        return candidate
    bodies = {unit: body for unit, body in candidate.bodies.items() if unit not in kept}
    helpers = "" if "" in kept else candidate.helpers
    return replace(candidate, body=bodies, helpers=helpers, base=Base(entry.code, kept=kept))


def _bodies(stub: Stub, code: str) -> dict[str, str]:
    """The body of each method of a class unit, in the order of the stub's members."""
    nodes: list[ast.stmt] = syntax_tree(code).body
    for name in (*stub.owners, stub.name):
        nodes = next((node.body for node in nodes if isinstance(node, ast.ClassDef) and node.name == name), [])
    methods = [node for node in nodes if isinstance(node, _DEFINITIONS)]
    if [node.name for node in methods] != [member.name for member in stub.members] or len(methods) != len(nodes):
        raise UsageError(f"it does not hold the methods of {stub.unit}, and those alone.")
    lines = code.split("\n")
    return {
        member.unit: reindented("\n".join(lines[node.body[0].lineno - 1 : node.end_lineno]), 0)
        for member, node in zip(stub.members, methods, strict=True)
    }


def _dressed(stub: Stub, tree: ast.Module) -> guards.Problem | None:
    """What stands around the bodies and is not the stub's: such a file would show a reviewer what never runs.

    Annotations and values of defaults are left out: ruff may spell them otherwise, and at run time the stub's count.
    """
    problem = guards.Problem("body", 1, f"not the definition of {stub.name}: the stub decides what is around it")
    nodes: list[ast.stmt] = tree.body
    for name in (*stub.owners, stub.name) if stub.kind is Kind.CLASS else stub.owners:
        owner = next(node for node in nodes if isinstance(node, ast.ClassDef) and node.name == name)
        if owner.bases or owner.keywords or owner.decorator_list:
            return problem
        nodes = owner.body
    wanted = stub.members or (stub,)
    names = {one.name for one in wanted}
    functions = [node for node in nodes if isinstance(node, _DEFINITIONS) and node.name in names]
    for one, node in zip(wanted, functions, strict=True):
        (asked,) = syntax_tree(f"{one.header}\n    ...").body
        assert isinstance(asked, _DEFINITIONS), "a stub's header is that of a function"
        if node.decorator_list or _parameters(node.args) != _parameters(asked.args):
            return problem
    return None


def _parameters(args: ast.arguments) -> list[object]:
    """What a function takes: names and kinds, and which have defaults."""
    every = (args.posonlyargs, args.args, [args.vararg], args.kwonlyargs, [args.kwarg])
    kinds = [[one.arg if one else "" for one in some] for some in every]
    return [*kinds, len(args.defaults), [one is None for one in args.kw_defaults]]


def _own_tests(ground: Ground, standing: Standing) -> str:
    path = scratch_of(standing.spec)
    data = ground.current(path) if path else None
    return data.decode("utf-8", "replace") if data is not None else ""


def _refused(*problems: guards.Problem) -> Refused:
    check = Check("guards", ok=False, detail=report.problems(problems))
    return Refused((check,), report.report([check]))
