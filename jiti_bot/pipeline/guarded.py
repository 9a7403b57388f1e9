"""Committed code taken apart again, so that the guards can judge it as they judged what the model handed in."""

import ast
from dataclasses import replace

from jiti_bot.errors import UsageError
from jiti_bot.pipeline import submission
from jiti_bot.source.compose import reindented
from jiti_bot.source.model import Kind, Spec, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.store.entry import Entry
from jiti_bot.validation import guards, report
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Base, Candidate, Check, Refused

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def by_people(stub: Stub, entry: Entry) -> tuple[bool, frozenset[str]]:
    """Whether all of a committed file counts as a person's; for a class the methods, by unit, that are, '' for helpers.

    Of a class whose header does not know its methods, all counts.
    """
    if not entry.header.parts:
        return entry.is_edited, frozenset()
    return False, frozenset(f"{stub.unit}.{name}" if name else name for name in entry.edited)


def is_whole(spec: Spec, code: str) -> bool:
    """Whether ``code`` holds what is asked and helpers, and nothing that only a person can have put there."""
    try:
        _taken_apart(spec, code, "")
    except UsageError:
        return False
    return True


def guard(
    bench: Bench, spec: Spec, code: str, tests: str, *, edited: bool, kept: frozenset[str] = frozenset()
) -> Accepted | Refused:
    """What the guards say of committed ``code`` and the agent's own ``tests``; with ``edited`` it is flags alone.

    A person may write what a model may not: their name stands for it in the history. ``kept`` are the methods of a
    class, by unit, that a person wrote, '' for its helpers: the others are judged.
    """
    try:
        candidate = _but(_taken_apart(spec, code, tests), code, kept)
        syntax_tree(tests)
        slipped = guards.composed(spec.stub, code) or _dressed(spec.stub, syntax_tree(code))
    except UsageError as error:
        return _refused(guards.Problem("body", 1, error.message))
    except SyntaxError as error:
        return _refused(guards.Problem("tests", error.lineno or 1, f"it does not parse: {error.msg}"))
    if slipped is not None and not edited:
        return _refused(slipped)
    guarded = bench.guard(candidate)
    if guarded.problems and not edited:
        return _refused(*guarded.problems)
    return Accepted(code, tests, (Check("guards", ok=True),), guarded.flags)


def _taken_apart(spec: Spec, code: str, tests: str) -> Candidate:
    """Committed code as it was handed in: bodies, helpers, and the agent's own tests.

    Raises `UsageError` where it does not hold what it is there for.
    """
    parts = submission.read(code, spec.stub, spec.path)
    if spec.stub.kind is not Kind.CLASS:
        return Candidate(spec, parts.body, parts.helpers, tests)
    return Candidate(spec, _bodies(spec.stub, code), parts.helpers, tests)


def _but(candidate: Candidate, code: str, kept: frozenset[str]) -> Candidate:
    """A class without what a person wrote of it."""
    if not kept:
        return candidate
    bodies = {unit: body for unit, body in candidate.bodies.items() if unit not in kept}
    helpers = "" if "" in kept else candidate.helpers
    return replace(candidate, body=bodies, helpers=helpers, base=Base(code, kept=kept))


def _bodies(stub: Stub, code: str) -> dict[str, str]:
    """The body of each method of a class unit, in the order of the stub's members."""
    nodes: list[ast.stmt] = syntax_tree(code).body
    for name in (*stub.owners, stub.name):
        nodes = next((node.body for node in nodes if isinstance(node, ast.ClassDef) and node.name == name), [])
    methods = [node for node in nodes if isinstance(node, _DEFINITIONS)]
    if [node.name for node in methods] != [member.name for member in stub.members] or len(methods) != len(nodes):
        raise UsageError(
            f"it does not hold the methods of {stub.unit}, and those alone.",
            remedy=f"Write {', '.join(member.name for member in stub.members)}, in this order.",
        )
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


def _refused(*problems: guards.Problem) -> Refused:
    check = Check("guards", ok=False, detail=report.problems(problems))
    return Refused((check,), report.report([check]))
