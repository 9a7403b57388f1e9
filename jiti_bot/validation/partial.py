"""What a submission for a class may leave out and what it may not touch, where some of it is committed. Pure."""

import ast
from collections.abc import Iterator

from jiti_bot.source.model import Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import names
from jiti_bot.validation.model import Base, Candidate


def bodies(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """What is wrong with which bodies came, as (unit or '' for all, message)."""
    stub, base = candidate.spec.stub, candidate.base or Base("")
    wanted = [member.unit for member in stub.members] or [stub.unit]
    for unit in wanted:
        if unit not in candidate.bodies and unit not in base.kept:
            yield "", f"there is none for {unit}"
    for unit in sorted(candidate.bodies):
        if unit not in wanted:
            yield "", f"{unit} is not asked for"
        elif unit in base.locked:
            yield unit, "its method is committed and stays as it is: leave it out"


def helpers(candidate: Candidate, submitted: ast.Module) -> ast.Module:
    """The submitted helpers, after those that are committed already."""
    if candidate.base is None:
        return submitted
    return ast.Module([*_committed(candidate.spec.stub, candidate.base), *submitted.body], [])


def overriding(candidate: Candidate, submitted: ast.Module) -> Iterator[tuple[int, str]]:
    """Helpers in the place of committed ones on which methods rely that stay, or that a person wrote."""
    base = candidate.base
    if base is None or not (base.locked or "" in base.edited):
        return
    known = {name: node for node in _committed(candidate.spec.stub, base) for name in names.bound_by(node)}
    for node in submitted.body:
        for name in names.bound_by(node):
            if name in known and ast.dump(known[name]) != ast.dump(node):
                yield node.lineno, f"{name} is committed already: use it as it is, or choose another name"


def _committed(stub: Stub, base: Base) -> list[ast.stmt]:
    own = stub.owners[0] if stub.owners else stub.name
    return [node for node in syntax_tree(base.code).body if getattr(node, "name", "") != own]
