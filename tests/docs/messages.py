"""Every message of the tool, gathered from its source by syntax: what is said, what to do, the exit code.

An error is where one of the classes of `jiti_bot.errors` is made. What is only known when it happens stands as a word
in capitals, as in ``There is no stub named TARGET.``
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from jiti_bot.errors import EXIT_CODES
from jiti_bot.findings import CATALOGUE
from tests.docs.words import Module, Scope, last, module
from tests.repo import ROOT

# What is raised in a user's own process carries its remedy in its text, since nobody of ours is there to print one.
AT_RUN_TIME = ("NotGeneratedError", "StaleError", "StubError")
_ERRORS = "jiti_bot/errors.py"
_MERGE = "jiti_bot/graduation/plan.py"
_DOCTOR = "jiti_bot/doctor/"
_JUDGES = "jiti_bot/validation/"
# Of what `jiti doctor` and the guards say, each has a section of its own, as what `jiti merge` refuses.
OTHERS = ("merge", "doctor", "refused")
# Words in capitals alone hand on what another place has written.
_HANDED_ON = re.compile(r"[^a-z]*")
_SPEAKS = re.compile(rb"Error\(|Refusal\(|Problem\(|yield \w+\.lineno, ")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """What one place in the source can say. ``kind`` is one of `errors.EXIT_CODES`, `AT_RUN_TIME` or `OTHERS`.

    ``place`` is file:line.
    """

    kind: str
    text: str
    remedy: str
    place: str


@cache
def modules() -> tuple[Module, ...]:
    """The files of the package and of the Action in which something is made that can be a message."""
    files = sorted(path for room in ("jiti_bot", "action") for path in (ROOT / room).rglob("*.py"))
    made = ((path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in files)
    return tuple(module(path, source) for path, source in made if _SPEAKS.search(source) or path.startswith(_DOCTOR))


@cache
def gathered() -> tuple[Message, ...]:
    """Every message, in order; those that only hand on another's words are left out."""
    found = set(itertools.chain.from_iterable(_of(one) for one in modules()))
    return tuple(sorted(one for one in found if not _HANDED_ON.fullmatch(one.text)))


def findings() -> Iterator[tuple[str, str, str]]:
    """What `jiti check` can find: code, message, remedy."""
    for code, (text, remedy) in CATALOGUE.items():
        yield code, _FIELD.sub(_capital, text), _FIELD.sub(_capital, remedy)


def _capital(found: re.Match[str]) -> str:
    return found[1].upper()


@cache
def _classes() -> Mapping[tuple[str, str], str]:
    """The kinds of the error classes, by the file and name under which each is defined."""
    found = {("", "JitiError"): "internal"}
    for one in sorted(modules(), key=lambda one: one.path != _ERRORS):
        for node in one.tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            if one.path == _ERRORS and node.name in AT_RUN_TIME:
                found["", node.name] = node.name
            bases = [found["", base.id] for base in node.bases if isinstance(base, ast.Name) and ("", base.id) in found]
            if bases and node.name not in AT_RUN_TIME:
                place = "" if one.path == _ERRORS else one.path
                found[place, node.name] = _own_code(node) or bases[0]
    return found


def _own_code(node: ast.ClassDef) -> str:
    for line in node.body:
        match line:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
                return code
    return ""


def _kinds(one: Module) -> Mapping[str, str]:
    """The kinds of the error classes that a file knows, by the names it has for them."""
    found = {name: kind for (path, name), kind in _classes().items() if path == one.path}
    if one.path == _ERRORS:
        found = {name: kind for (path, name), kind in _classes().items() if not path}
    for node in ast.walk(one.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            home = "" if node.module == "jiti_bot.errors" else f"{node.module.replace('.', '/')}.py"
            for name in node.names:
                if (home, name.name) in _classes():
                    found[name.asname or name.name] = _classes()[home, name.name]
    return found


def _of(one: Module) -> Iterator[Message]:
    kinds = _kinds(one)
    for node in ast.walk(one.tree):
        if one.path.startswith(_JUDGES) and (text := _refusal(node)) is not None:
            yield from _made(one, node, "refused", [text, ast.Constant("")])
        if not isinstance(node, ast.Call):
            continue
        if one.path.startswith(_DOCTOR) and last(node.func) in {"warning", "problem"} and len(node.args) == 3:
            yield from _made(one, node, "doctor", node.args[1:])
        if one.path == _MERGE and last(node.func) == "Refusal":
            yield from _made(one, node, "merge", node.args[2:])
        elif last(node.func) in kinds and node.args:
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            parts = [node.args[0], given.get("remedy", ast.Constant(""))]
            yield from _made(one, node, kinds[last(node.func)], parts)


def _refusal(node: ast.AST) -> ast.expr | None:
    """The text of what refuses a candidate: `Problem(part, line, text)`, or ``yield node.lineno, text``."""
    match node:
        case ast.Call(func=ast.Name(id="Problem"), args=[_, _, text]):
            return text
        case ast.Yield(value=ast.Tuple(elts=[ast.Attribute(attr="lineno"), ast.Constant() | ast.JoinedStr() as text])):
            return text
    return None


def _made(one: Module, node: ast.AST, kind: str, parts: list[ast.expr]) -> Iterator[Message]:
    for text, remedy in Scope(one, one.inside.get(node)).together(parts):
        # Where a message begins with its place, that place is no part of it.
        said = re.sub(r"^[A-Z ]+: ", "", text) if kind in AT_RUN_TIME else text
        if kind == "doctor" and not remedy:
            continue  # where there is nothing to do it says so by its level
        yield Message(kind, said, remedy, f"{one.path}:{getattr(node, 'lineno', 0)}")


assert not EXIT_CODES.keys() & {*AT_RUN_TIME, *OTHERS}
