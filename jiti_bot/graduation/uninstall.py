"""What a project that has left jiti can do without: its dependency, settings, hook and workflow. Pure.

Each file is changed as text, so that comments and order stay; of pyproject.toml the result is read again, and has to be
what it was without jiti. Where it is not, the place is only told.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jiti_bot.graduation.workflow import is_ours

_NAME = r"jiti(?:[-_.]bot)?"
_REQUIREMENT = re.compile(rf"{_NAME}\s*(?:\[[\w\s,.-]*\])?\s*(?:[<>=!~;@].*)?", re.IGNORECASE)
_STORE = re.compile(r"(?:.*/)?\.jiti(?:/.*)?")
_VERBS = "brief|check|ci|clear|compile|demo|diff|doctor|generate|init|log|merge|plan|pr|run|show|status|submit|test"
_RUN = rf"\b(?:jiti (?:{_VERBS})|(?:uvx|run) jiti)\b"
_HOOK = re.compile(r"^(?P<margin>\s*)-\s+repo:\s*\S*/jiti-bot/?(?:\.git)?[\"']?\s*(?:#.*)?$")
_DISTRIBUTION = re.compile(r"jiti[-_.]bot", re.IGNORECASE)
_NAMED = re.compile(rf"\bjiti[-_.]bot\b|(?<![\w.])\.jiti\b|--jiti-\w|{_RUN}", re.IGNORECASE)
_LOCAL = re.compile(r"^\s*-\s+id:\s*[\"']?jiti|\bskip:.*\bjiti\b|^\s*-\s+jiti(?:-strict|-generate)?\s*$")
# What `jiti init` writes beside: an exclude below a hook, a comment in .gitattributes.
_SPARED = re.compile(r"exclude:\s*([\"']?)\(\^\|/\)\\\.jiti/\1")
_ATTRIBUTED = (
    "# Committed code of jiti: the same bytes on every machine. A review on GitHub folds the model's own tests, so",
    "# that the code is what one sees.",
)
_WORKFLOW = "this workflow runs jiti"
_UNHOOK = "run `pre-commit uninstall`, too"
# Files that tools write, and what to run.
LOCKS = {"uv.lock": "uv lock", "poetry.lock": "poetry lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}


@dataclass(frozen=True, slots=True)
class Removal:
    """What can go from a file: at ``line``, in words. ``after`` is the file without it.

    None stands for no file, an empty ``words`` for nothing that can go by itself.
    """

    path: str
    line: int
    words: str
    after: bytes | None
    by_hand: bool = False


def removals(files: Mapping[str, bytes]) -> Iterator[Removal]:
    """What can go from ``files``, those of a project that may have to do with jiti."""
    for path, data in sorted(files.items()):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue
        name = path.rpartition("/")[2]
        if name in {"pyproject.toml", "setup.cfg", "tox.ini", ".coveragerc"}:
            yield from _coverage(path, text)
        if name in {"pyproject.toml", "ruff.toml", ".ruff.toml", "ty.toml"}:
            found = list(_project(path, text))
            yield from found or _mentions(path, text, text)
            yield from _mentions(path, text, (found[0].after or b"").decode()) if found and not found[0].by_hand else ()
        elif name in LOCKS:
            locked = _mentions(path, text, text)
            yield from (replace(one, words=f"`{LOCKS[name]}` writes it without jiti-bot") for one in locked)
        elif path.startswith("requirements") and name.endswith((".txt", ".in")):
            yield from _requirements(path, text)
        elif name == ".pre-commit-config.yaml":
            yield from _hooks(path, text)
        elif name == ".gitattributes":
            yield from _attributes(path, text)
        elif path.startswith(".github/workflows/") and name.startswith("jiti") and is_ours(text):
            yield from (replace(one, words=_WORKFLOW, after=None, by_hand=False) for one in _mentions(path, text, text))
        else:
            yield from _mentions(path, text, text)


def _mentions(path: str, text: str, after: str) -> Iterator[Removal]:
    """Where ``after``, what is left of ``text``, still names jiti: the first line of it."""
    line = next((line for line in after.splitlines() if _NAMED.search(line)), None)
    if line is not None:
        yield Removal(path, _number(text, line), "jiti is named here", text.encode(), by_hand=True)


def _number(text: str, line: str) -> int:
    """Where ``line`` stands in ``text``; of one that changed, where jiti is first named."""
    lines = text.splitlines()
    return next((n for n, one in enumerate(lines, 1) if one == line), 0) or next(
        (n for n, one in enumerate(lines, 1) if _NAMED.search(one)), 1
    )


def _requirements(path: str, text: str) -> Iterator[Removal]:
    lines = text.splitlines(keepends=True)
    gone: set[int] = set()
    for number, line in enumerate(lines):
        if not _REQUIREMENT.fullmatch(line.partition("#")[0].strip().removesuffix("\\").strip()):
            continue
        end = number + 1
        while end < len(lines) and (lines[end - 1].rstrip().endswith("\\") or re.match(r"[ \t]+#", lines[end])):
            end += 1  # its hashes, and what a compiler says of it
        gone.update(range(number, end))
    if gone:
        kept = "".join(line for number, line in enumerate(lines) if number not in gone)
        yield Removal(path, min(gone) + 1, "the dependency on jiti-bot", kept.encode())


def _hooks(path: str, text: str) -> Iterator[Removal]:
    """The blocks of our repository, each up to the next one or to what is indented less, and our excludes."""
    lines = text.splitlines(keepends=True)
    ours: set[int] = set()
    for number, line in enumerate(lines):
        found = _HOOK.match(line.rstrip("\r\n"))
        if found is None:
            continue
        margin = len(found["margin"])
        end = number + 1
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > margin):
            end += 1
        while not lines[end - 1].strip():
            end -= 1
        ours.update(range(number, end))
    spared = {number for number, line in enumerate(lines) if _SPARED.fullmatch(line.strip())}
    after = "".join(line for number, line in enumerate(lines) if number not in ours | spared)
    words = "the hook of jiti-bot" if ours else "what kept a hook from the store"
    if ours and not re.search(r"^\s*-\s+repo:", after, re.MULTILINE):
        words = f"{words}, the only one: {_UNHOOK}"
        after = re.sub(r"(?m)^repos:(?=\s*(?:#.*)?$)", "repos: []", after)
    if ours or spared:
        is_needed = any(not re.match(r"repos:|\s*(?:#|$)|---", line) for line in after.splitlines()) or not ours
        yield Removal(path, min(ours | spared) + 1, words, after.encode() if is_needed else None)
        if not is_needed:
            return
    yield from _hand_made(path, text, after)


def _hand_made(path: str, text: str, after: str) -> Iterator[Removal]:
    """What else in ``after``, all that is left of a configuration of hooks, is about jiti: the first line of it."""
    line = next((line for line in after.splitlines() if _LOCAL.search(line) or _NAMED.search(line)), None)
    if line is not None:
        words = "a local hook that runs jiti" if _LOCAL.match(line) else "jiti is named here"
        yield Removal(path, _number(text, line), words, text.encode(), by_hand=True)


def _attributes(path: str, text: str) -> Iterator[Removal]:
    """Rules for nothing but the store, with the comment that `jiti init` puts above them."""
    lines = text.splitlines(keepends=True)
    rules = {n for n, line in enumerate(lines) if line.split() and _STORE.fullmatch(line.split()[0])}
    if not rules:
        yield from _mentions(path, text, text)
        return
    told = {n for n, line in enumerate(lines) if line.strip() in _ATTRIBUTED}
    kept = [line for n, line in enumerate(lines) if n not in rules | told]
    while kept and not kept[-1].strip() and lines[-1].strip():
        kept.pop()
    after = "".join(kept)
    yield Removal(path, min(rules) + 1, "what git is told of the store", after.encode() if after.strip() else None)
    yield from _mentions(path, text, after)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _project(path: str, text: str) -> Iterator[Removal]:
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    wanted = _without(before)
    if wanted == before:
        return
    first = next((n for n, line in enumerate(text.splitlines(), 1) if re.search(r"jiti", line)), 1)
    words = "what names the store"
    if path.endswith("pyproject.toml"):
        words = f"the dependency on jiti-bot, [tool.jiti] and {words}"
    after = _cut(text)
    try:
        is_right = _bare(tomllib.loads(after)) == _bare(wanted)
    except tomllib.TOMLDecodeError:
        is_right = False
    if is_right and not path.endswith("pyproject.toml") and not _bare(wanted) and "#" not in after:
        yield Removal(path, first, words, None)  # made for nothing else
        return
    yield Removal(path, first, words, (after if is_right else text).encode(), by_hand=not is_right)


def _coverage(path: str, text: str) -> Iterator[Removal]:
    """The placeholder of stubs, which `jiti init` has coverage leave out: code that needs no jiti may have it, too."""
    if found := re.search(r"exclude_also\s*=[^=]*?raise NotImplementedError\b", text):
        line = text.count("\n", 0, found.end()) + 1
        yield Removal(path, line, "coverage leaves out placeholders of stubs here", text.encode(), by_hand=True)


def _without(value: Any) -> Any:
    """A TOML value without requirements of jiti-bot, its own table, and paths of the store."""
    if isinstance(value, dict):
        return {
            name: _without(inner)
            for name, inner in value.items()
            if not (_is_ours(name, inner) or _is_store(name, inner))
        }
    if isinstance(value, list):
        return [_without(inner) for inner in value if not (isinstance(inner, str) and _is_entry(inner))]
    return value


def _is_ours(name: str, value: Any) -> bool:
    return (name == "jiti" and isinstance(value, dict)) or _DISTRIBUTION.fullmatch(name) is not None


def _is_store(name: str, value: Any) -> bool:
    return bool(_STORE.fullmatch(name)) and isinstance(value, str | list)


def _is_entry(text: str) -> bool:
    return bool(_REQUIREMENT.fullmatch(text.strip()) or _STORE.fullmatch(text))


def _bare(value: Any) -> Any:
    """Without tables and lists that are empty: whether a header stays above nothing makes no difference."""
    if isinstance(value, dict):
        inside = {name: _bare(inner) for name, inner in value.items()}
        return {name: inner for name, inner in inside.items() if inner not in ({}, [])}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _cut(text: str) -> str:
    kept: list[str] = []
    skipping = False
    for line in text.splitlines(keepends=True):
        if re.match(r"\s*\[", line) and not line.strip().endswith(","):
            skipping = re.match(r"\s*\[tool\.jiti(?:\.[^\]]*)?\]", line) is not None
            while skipping and kept and kept[-1].startswith("#"):
                kept.pop()
        if not skipping:
            kept += _entries(line)
    while len(kept) > 1 and not kept[-1].strip():
        kept.pop()
    return "".join(kept)


def _entries(line: str) -> list[str]:
    """A line without the strings that go, and without itself if it holds nothing else."""
    bare = line.partition("#")[0].strip()
    alone = re.fullmatch(r"([\"'])(.*)\1,?", bare)
    if alone and _is_entry(alone[2]):
        return []
    key = re.fullmatch(r"([\"']?)([^\"'=]*?)\1\s*=.*", bare)
    if key and (_STORE.fullmatch(key[2]) or _DISTRIBUTION.fullmatch(key[2])) and _is_whole(bare):
        return []
    strings = [found for found in re.finditer(r"([\"'])((?:(?!\1).)*)\1(\s*,\s*)?", line) if _is_entry(found[2])]
    if "[" in line:
        for found in reversed(strings):
            line = line[: found.start()] + line[found.end() :]
        line = re.sub(r",\s*\]", "]", line) if strings else line
    return [line]


def _is_whole(line: str) -> bool:
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
