"""What ruff, ty, flake8 and coverage have to know of committed code, where a project uses them. Pure.

The first three read dot folders, where a committed file lacks the names of its host. coverage measures committed code
as it measures any, and is right to: what it has to leave out is the placeholder of a stub, which never runs. mypy,
pyright and pytest need nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from jiti_bot.layout import STORE
from jiti_bot.setup import ini, toml
from jiti_bot.setup.model import Project
from jiti_bot.setup.text import Text, read

PYPROJECT = "pyproject.toml"
PLACEHOLDER = "raise NotImplementedError"
_OUT = "{} leaves committed code out"
_SPARED = "coverage leaves the placeholders of stubs out"


@dataclass(frozen=True, slots=True)
class Need:
    """An item that the configuration of ``tool`` has to hold: in ``path``, which may not be there yet.

    ``change`` gives the file's text with it, the same where nothing is missing, None where it found no place; ``text``
    is what to add by hand.
    """

    tool: str
    path: str
    what: str
    text: str
    change: Callable[[Text], str | None]


def needs(project: Project) -> Iterator[Need]:
    """What the tools that the project uses need. Raises `ConfigurationError` for a file that cannot be read."""
    for find in (_ruff, _ty, _flake8, _coverage):
        need = find(project)
        if need is not None:
            yield need


def takes_out(patterns: Iterable[str], store: str, *, anchored: bool = False) -> bool:
    """Whether some pattern names the store, or a folder that it lies in; ``store`` is relative to the configuration.

    A plain name stands for a folder at any depth, unless patterns are ``anchored`` at the configuration's folder.
    """
    parts = store.split("/")
    tops = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for pattern in patterns:
        plain = pattern.removeprefix("./").removesuffix("/**").removesuffix("/*").rstrip("/")
        inner = plain.removeprefix("**/")
        anywhere = () if anchored and inner == plain else parts
        if any(fnmatch(one, inner) for one in (*tops, *anywhere)):
            return True
    return False


def _ruff(project: Project) -> Need | None:
    found = _configured(project, (".ruff.toml", "ruff.toml"), "ruff", "ruff.toml", _USES_RUFF)
    if found is None:
        return None
    path, table = found
    held = toml.value(_document(project, path), table)
    patterns = [*_strings(held, "extend-exclude"), *_strings(held, "exclude")]
    covered = takes_out(patterns, _inside(project, path))
    return _in_toml("ruff", path, table, "extend-exclude", "" if covered else STORE, _OUT.format("ruff"))


def _ty(project: Project) -> Need | None:
    found = _configured(project, ("ty.toml",), "ty", "ty.toml", _USES_TY)
    if found is None:
        return None
    path, table = found
    table = (*table, "src")
    inside = _inside(project, path)
    patterns = _strings(toml.value(_document(project, path), table), "exclude")
    item = STORE if inside == STORE else f"**/{STORE}"
    covered = takes_out(patterns, inside, anchored=True)
    return _in_toml("ty", path, table, "exclude", "" if covered else item, _OUT.format("ty"))


def _flake8(project: Project) -> Need | None:
    """Where it is configured: it leaves only some dot folders out by itself."""
    for folder in project.folders():
        for name in ("setup.cfg", "tox.ini", ".flake8"):
            path = f"{folder}/{name}".lstrip("/")
            if not re.search(r"(?m)^\[flake8\]", _decoded(project, path)):
                continue
            held = ini.parse(read(project.files[path], path), path)["flake8"]
            names = ("extend-exclude", "extend_exclude")
            key = next((one for one in names if one in held), names[0])
            patterns = re.split(r"[,\s]+", " ".join(held.get(one, "") for one in (*names, "exclude")))
            covered = takes_out(filter(None, patterns), _inside(project, path))
            return _in_ini("flake8", path, "flake8", key, "" if covered else STORE, _OUT.format("flake8"))
    return None


def _inside(project: Project, path: str) -> str:
    """The project's store, from the folder of the configuration ``path``."""
    folder = path.rpartition("/")[0]
    return project.store.removeprefix(f"{folder}/" if folder else "")


def _coverage(project: Project) -> Need | None:
    for name in (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini"):
        path, prefix = project.own(name), "" if name.startswith(".") else "coverage:"
        if path not in project.files or (prefix and f"[{prefix}" not in _decoded(project, path)):
            continue
        if name.endswith(".toml"):
            return _report(project, path, ("tool", "coverage") if "tool" in _document(project, path) else ())
        held = ini.parse(read(project.files[path], path), path).get(f"{prefix}report", {})
        patterns = f"{held.get('exclude_also', '')}\n{held.get('exclude_lines', '')}".splitlines()
        return _in_ini(
            "coverage", path, f"{prefix}report", "exclude_also", "" if _spared(patterns) else PLACEHOLDER, _SPARED
        )
    path = project.own(PYPROJECT)
    if toml.value(_document(project, path), ("tool", "coverage")) is None and not _uses(project, _USES_COVERAGE):
        return None
    if path not in project.files:
        return _in_ini("coverage", project.own(".coveragerc"), "report", "exclude_also", PLACEHOLDER, _SPARED)
    return _report(project, path, ("tool", "coverage"))


def _report(project: Project, path: str, table: tuple[str, ...]) -> Need:
    """The report of coverage in TOML."""
    held = toml.value(_document(project, path), (*table, "report"))
    patterns = [*_strings(held, "exclude_also"), *_strings(held, "exclude_lines")]
    item = "" if _spared(patterns) else PLACEHOLDER
    return _in_toml("coverage", path, (*table, "report"), "exclude_also", item, _SPARED)


def _spared(patterns: Iterable[str]) -> bool:
    return any(map(_leaves_out, patterns))


def _leaves_out(pattern: str) -> bool:
    try:
        return bool(pattern.strip()) and re.search(pattern.strip(), f"    {PLACEHOLDER}") is not None
    except re.error:
        return False


def _configured(
    project: Project, files: tuple[str, ...], tool: str, fresh: str, used: re.Pattern[str]
) -> tuple[str, tuple[str, ...]] | None:
    """The file that configures a tool here, and its table; where there is none, that in which it is to be.

    None where the project does not use the tool.
    """
    for folder in project.folders():
        for name in files:
            path = f"{folder}/{name}".lstrip("/")
            if path in project.files:
                return path, ()
        path = f"{folder}/{PYPROJECT}".lstrip("/")
        if toml.value(_document(project, path), ("tool", tool)) is not None:
            return path, ("tool", tool)
    if not _uses(project, used):
        return None
    path = project.own(PYPROJECT)
    return (path, ("tool", tool)) if path in project.files else (project.own(fresh), ())


def _in_toml(tool: str, path: str, table: tuple[str, ...], key: str, item: str, what: str) -> Need:
    """``item`` is empty where nothing is missing."""
    head = f"[{'.'.join(table)}]\n" if table else ""
    text = f'{head}{key} = ["{item}"]'
    return Need(tool, path, what, text, lambda text: toml.with_item(text, table, key, item) if item else text.body)


def _in_ini(tool: str, path: str, section: str, key: str, item: str, what: str) -> Need:
    """``item`` is empty where nothing is missing."""
    text = f"[{section}]\n{key} =\n    {item}"
    return Need(tool, path, what, text, lambda text: ini.with_line(text, section, key, item) if item else text.body)


def _decoded(project: Project, path: str) -> str:
    return project.files.get(path, b"").decode("utf-8", "replace")


def _document(project: Project, path: str) -> dict[str, Any]:
    data = project.files.get(path)
    return {} if data is None else toml.parse(read(data, path), path)


def _strings(table: Any, key: str) -> list[str]:
    found = table.get(key) if isinstance(table, dict) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


# A requirement, an entry of a dependency table, a hook, or a command line.
_END = r"(?=[\"'\s\[<>=!~;@,]|$)"
_START = r"(?:^|[\s\"',])"
_USES_RUFF = re.compile(rf"{_START}ruff{_END}|ruff-pre-commit", re.MULTILINE)
_USES_TY = re.compile(rf"^\s*-?\s*[\"']?ty{_END}|[\"']ty{_END}|\bty check\b", re.MULTILINE)
_USES_COVERAGE = re.compile(rf"{_START}(?:coverage|pytest-cov){_END}|--cov\b", re.MULTILINE)
_TOLD = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|noxfile\.py|Makefile|justfile|Pipfile|pixi\.toml|"
    r"\.pre-commit-config\.yaml|[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)|"
    r"\.github/workflows/.+)$"
)


def _uses(project: Project, pattern: re.Pattern[str]) -> bool:
    return any(
        pattern.search(re.sub(r"(?m)(?:^|\s)#.*$", "", data.decode("utf-8", "replace")))
        for path, data in project.files.items()
        if _TOLD.search(path)
    )
