"""The static guards: what a candidate may consist of, judged from its syntax before anything else runs. Pure.

They keep out what a factory function cannot hold (`global`, star imports, ``from __future__``), what would change
other code, and the usual ways of passing a check without doing the work. Static guards are no proof: what shares a
process with a check can in the end forge it, which is why a pass is called evidence.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiti_bot.source.compose import helpers_text, reindented
from jiti_bot.source.model import Kind, Stub
from jiti_bot.source.parse import syntax_tree
from jiti_bot.validation import cheats, kinds, literals, names, partial, scopes
from jiti_bot.validation.clashes import binding
from jiti_bot.validation.model import Candidate, Flag
from jiti_bot.validation.suppressions import suppressions

PRIVATE = re.compile(r"_[^_]")
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the guards need to know about the project around a candidate.

    ``host`` is the host's text. ``modules`` are the top-level modules that the project's interpreter can import.
    ``neighbours`` maps each helper name of the host's other units to the unit and the canonical dump of what binds
    it. ``gates`` are the texts of the gate functions, ``files`` the paths of the test files.
    """

    host: str
    modules: frozenset[str]
    neighbours: Mapping[str, tuple[str, str]]
    gates: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a guard refuses: ``part`` is ``body``, ``helpers`` or ``tests``, ``line`` 1-based in it, as submitted."""

    part: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.part}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guards found; a candidate without problems may go on."""

    problems: tuple[Problem, ...]
    flags: tuple[Flag, ...]


def guard(candidate: Candidate, around: Surroundings) -> Guarded:
    """Judge a candidate by its syntax alone."""
    trees: dict[str, ast.Module] = {}
    problems: list[Problem] = []
    for part, text in _parts(candidate).items():
        tree = _parse(part, text)
        if isinstance(tree, Problem):
            problems.append(tree)
        else:
            trees[part] = tree
    if problems:
        return Guarded(tuple(problems), ())
    try:
        return _judge(candidate, trees, around)
    except RecursionError:
        return Guarded((Problem("body", 1, "it nests too deeply to be judged"),), ())


def composed(stub: Stub, text: str) -> Problem | None:
    """Whether the composed file holds helpers and the target, and nothing slipped out of the target's body."""
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError) as error:
        return Problem("body", 1, f"it does not parse as the body of {stub.name}: {error}")
    first = stub.owners[0] if stub.owners else stub.name
    targets = [node for node in tree.body if isinstance(node, names.DEFINITIONS) and node.name == first]
    if len(targets) == 1 and tree.body[-1] is targets[0] and (inner := _members_of(targets[0], stub)) is not None:
        return None if inner else Problem("body", 1, f"it leaves the body of {stub.name}")
    return Problem("body", 1, f"it leaves the body of {stub.name}")


def _members_of(node: ast.stmt, stub: Stub) -> bool | None:
    """Whether a class skeleton holds only the classes and methods it should."""
    wanted = {member.name for member in stub.members}
    for owner in (*stub.owners[1:], stub.name)[: len(stub.owners)]:
        if not isinstance(node, ast.ClassDef) or len(node.body) != 1:
            return False
        node = node.body[0]
        if not isinstance(node, names.DEFINITIONS) or node.name != owner:
            return False
    if stub.kind is Kind.CLASS:
        return isinstance(node, ast.ClassDef) and all(
            isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name in wanted for one in node.body
        )
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _parts(candidate: Candidate) -> dict[str, str]:
    """The submitted texts by the name a report calls them."""
    alone = candidate.spec.stub.kind is not Kind.CLASS
    named = {"body" if alone else f"body of {unit}": text for unit, text in candidate.bodies.items()}
    return {"helpers": helpers_text(candidate.helpers), **named, "tests": candidate.tests}


def _judge(candidate: Candidate, trees: Mapping[str, ast.Module], around: Surroundings) -> Guarded:
    stub = candidate.spec.stub
    is_test = stub.kind is Kind.TEST
    module, package = names.module_path(stub.file), names.package_path(stub.file)
    host_tree = syntax_tree(around.host)
    host = names.bound(host_tree.body, package, module)
    helpers = partial.helpers(candidate, trees["helpers"])
    known = scopes.around(host_tree, helpers, module, package)
    problems = [
        *(Problem(f"body of {unit}" if unit else "body", 1, text) for unit, text in partial.bodies(candidate)),
        *_helpers(trees["helpers"]),
        *(Problem("helpers", line, text) for line, text in partial.overriding(candidate, trees["helpers"])),
        *_clashes(candidate, trees["helpers"], host, around, package),
    ]
    flags: list[Flag] = []
    parts = _parts(candidate)
    for part in (one for one in trees if one != "tests"):
        tree = trees[part]
        if part != "helpers":
            problems += _body(stub, part, tree)
        inner = known if part == "helpers" else scopes.without(known, names.parameters(_header(stub, part)))
        found = cheats.judge(tree, inner, test=is_test, top=part == "helpers")
        refused, noted = suppressions(_flush(parts[part]))
        said = [
            *_statements(tree),
            *_imports(tree, package, around),
            *_own_imports(tree, package, module),
            *found.refusals,
            *cheats.gate_files(tree, around.files, stub.file, inner),
            *refused,
        ]
        if part != "helpers" and not is_test:
            said += kinds.judge(_header(stub, part), tree)
            hard = literals.judge(stub, tree, helpers, around.gates)
            said += hard.refusals
            flags += hard.flags
        problems += [Problem(part, line, text) for line, text in said]
        flags += [*found.flags, *noted]
    if not is_test:
        own = _tests(trees["tests"], package, around, scopes.around(trees["tests"], trees["tests"], "", package))
        problems += [Problem("tests", line, text) for line, text in own]
    return Guarded(tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(flags)))


def _header(stub: Stub, part: str) -> str:
    """The ``def`` line(s) that a part is the body of."""
    unit = part.removeprefix("body of ")
    return next((member.header for member in stub.members if member.unit == unit), stub.header)


def _parse(part: str, text: str) -> ast.Module | Problem:
    try:
        text.encode()
        return syntax_tree(_flush(text))
    except SyntaxError as error:
        return Problem(part, error.lineno or 1, f"it does not parse: {error.msg}")
    except (ValueError, UnicodeEncodeError) as error:
        return Problem(part, 1, f"it does not parse: {error}")
    except (RecursionError, MemoryError):
        return Problem(part, 1, "it nests too deeply to be parsed")


def _flush(text: str) -> str:
    """A part at the margin, its lines numbered as submitted."""
    above = len(text) - len(text.lstrip("\r\n"))
    return "\n" * text[:above].count("\n") + reindented(text, 0)


def _body(stub: Stub, part: str, tree: ast.Module) -> Iterator[Problem]:
    statements = tree.body[1:] if tree.body and _is_docstring(tree.body[0]) else tree.body
    if not statements:
        yield Problem(part, 1, "it is empty")
        return
    first = statements[0]
    named = {stub.name, *stub.owners, *(member.name for member in stub.members)}
    if len(statements) == 1 and isinstance(first, names.DEFINITIONS) and first.name in named:
        yield Problem(part, first.lineno, "give the statements of the body only, without the def line")
    if all(_is_placeholder(node) for node in statements):
        yield Problem(part, first.lineno, "this is still a stub: write the implementation")
    if stub.kind is Kind.TEST and not _checks_something(tree):
        yield Problem(part, first.lineno, "a test has to assert something")


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_placeholder(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node.value.value is Ellipsis or isinstance(node.value.value, str)
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def _checks_something(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Attribute) and (
            node.attr in {"raises", "warns", "fail"} or node.attr.startswith(("assert", "_assert"))
        ):
            return True
    return False


def _helpers(tree: ast.Module) -> Iterator[Problem]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_typing_block(node):
            continue
        if not isinstance(node, names.DEFINITIONS | ast.Assign | ast.AnnAssign) and not _is_type_alias(node):
            yield Problem("helpers", node.lineno, "helpers are imports, constants and private definitions only")
            continue
        for name in names.bound_by(node):
            constant = not isinstance(node, names.DEFINITIONS) and CONSTANT.match(name)
            if not PRIVATE.match(name) and not constant:
                yield Problem("helpers", node.lineno, f"{name} has to be private: call it _{name.strip('_') or 'x'}")


def _is_typing_block(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or node.orelse:
        return False
    test = node.test
    typing = (test.id if isinstance(test, ast.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"
    return typing and all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body)


def _is_type_alias(node: ast.stmt) -> bool:
    return type(node).__name__ == "TypeAlias"  # `type X = ...` exists from Python 3.12 on


def _clashes(
    candidate: Candidate,
    tree: ast.Module,
    host: Mapping[str, str],
    around: Surroundings,
    package: str,
) -> Iterator[Problem]:
    stub = candidate.spec.stub
    own = stub.owners[0] if stub.owners else stub.name
    for node in names.statements(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            pairs = list(names.imported(node, package))
        else:
            pairs = [(name, "") for name in names.bound_by(node)]
        for name, path in pairs:
            if name == own or (name in host and host[name] != path):
                yield Problem("helpers", node.lineno, f"{name} is already a name of {stub.file}: choose another")
            elif name in around.neighbours and around.neighbours[name][1] != binding(node, name, package):
                other = around.neighbours[name][0]
                yield Problem("helpers", node.lineno, f"{name} means something else in {other}: choose another")


def _statements(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, "`global` cannot stand in a generated file: pass values instead"
        elif isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield node.lineno, "`from __future__` cannot stand in a generated file: its host decides"
        elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield node.lineno, "star imports cannot stand in a generated file: name what you need"


def _imports(tree: ast.Module, package: str, around: Surroundings) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            roots = {node.module.split(".")[0]}
        elif isinstance(node, ast.ImportFrom) and node.level > len(package.split(".")) * bool(package):
            yield node.lineno, "this relative import leads out of the package"
            continue
        else:
            continue
        for root in sorted(roots - around.modules - {"__future__"}):
            yield node.lineno, f"the project has no module {root}: it is neither installed nor first-party"


def _own_imports(tree: ast.Module, package: str, module: str) -> Iterator[tuple[int, str]]:
    """Imports of the host, which is still being imported itself when the unit's file is read."""
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        paths = [path for _, path in names.imported(node, package)]
        whole = isinstance(node, ast.Import) and any(alias.name == module for alias in node.names)
        if whole or (isinstance(node, ast.ImportFrom) and any(path.rpartition(".")[0] == module for path in paths)):
            yield node.lineno, f"it stands in {module} already: use its names as they are"


def _tests(tree: ast.Module, package: str, around: Surroundings, known: scopes.Scope) -> Iterator[tuple[int, str]]:
    """The agent's own tests: imports and ``test_*`` functions that the project's pytest can run."""
    found = False
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            found = True
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            found = True
    if tree.body and not found:
        yield tree.body[0].lineno, "tests are functions named test_*: there is none"
    yield from _statements(tree)
    yield from _imports(tree, package, around)
    yield from cheats.judge(tree, known, test=True, top=True).refusals
    for path, node in names.outermost_paths(tree, known.meaning):
        if path.startswith(("pytest.exit", "os._exit")):
            yield node.lineno, f"{path} would end the run"
