"""What ruff, ty and coverage have to know of committed code, where a project uses them. Pure.

ruff and ty read dot folders, where a committed file lacks the names of its host. coverage measures committed code as it
measures any, and is right to: what it has to leave out is the placeholder of a stub, which never runs. mypy, pyright
and pytest need nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jiti_bot.layout import STORE
from jiti_bot.setup import ini, toml
from jiti_bot.setup.model import Project
from jiti_bot.setup.text import Text, read

PYPROJECT = "pyproject.toml"
PLACEHOLDER = "raise NotImplementedError"


@dataclass(frozen=True, slots=True)
class Need:
    """An item that a tool's configuration has to hold: in ``path``, which may not be there yet.

    ``change`` gives the file's text with it, the same where nothing is missing, None where it found no place; ``text``
    is what to add by hand.
    """

    path: str
    what: str
    text: str
    change: Callable[[Text], str | None]


def needs(project: Project) -> Iterator[Need]:
    """What the tools that the project uses need. Raises `ConfigurationError` for a file that cannot be read."""
    for find in (_ruff, _ty, _coverage):
        need = find(project)
        if need is not None:
            yield need


def _ruff(project: Project) -> Need | None:
    found = _configured(project, (".ruff.toml", "ruff.toml"), "ruff", "ruff.toml", _USES_RUFF)
    if found is None:
        return None
    path, table = found
    held = toml.value(_document(project, path), table)
    covered = any(STORE in one for key in ("extend-exclude", "exclude") for one in _strings(held, key))
    return _in_toml(path, table, "extend-exclude", "" if covered else STORE, "ruff leaves committed code out")


def _ty(project: Project) -> Need | None:
    found = _configured(project, ("ty.toml",), "ty", "ty.toml", _USES_TY)
    if found is None:
        return None
    path, table = found
    table = (*table, "src")
    held = toml.value(_document(project, path), table)
    # To ty a plain name, or a path, starts at the folder of the configuration.
    folder = path.rpartition("/")[0]
    inside = project.store.removeprefix(f"{folder}/" if folder else "")
    item = STORE if inside == STORE else f"**/{STORE}"
    patterns = (one.removeprefix("./").removesuffix("/**").strip("/") for one in _strings(held, "exclude"))
    covered = any(one in {inside, f"**/{STORE}"} for one in patterns)
    return _in_toml(path, table, "exclude", "" if covered else item, "ty leaves committed code out")


def _coverage(project: Project) -> Need | None:
    what = "coverage leaves the placeholders of stubs out"
    for name in (".coveragerc", "setup.cfg", "tox.ini"):
        path = project.own(name)
        if path not in project.files:
            continue
        text = read(project.files[path], path)
        prefix = "" if name == ".coveragerc" else "coverage:"
        if name == ".coveragerc" or "[coverage:" in text.body:
            return _report(path, f"{prefix}report", ini.parse(text, path), what)
    path = project.own(PYPROJECT)
    document = _document(project, path)
    if toml.value(document, ("tool", "coverage")) is None and not _uses(project, _USES_COVERAGE):
        return None
    if path not in project.files:
        return _report(project.own(".coveragerc"), "report", {}, what)
    table = ("tool", "coverage", "report")
    held = toml.value(document, table)
    patterns = [*_strings(held, "exclude_also"), *_strings(held, "exclude_lines")]
    item = "" if any(map(_leaves_out, patterns)) else PLACEHOLDER
    return _in_toml(path, table, "exclude_also", item, what)


def _report(path: str, section: str, sections: ini.Sections, what: str) -> Need:
    held = sections.get(section, {})
    patterns = f"{held.get('exclude_also', '')}\n{held.get('exclude_lines', '')}".splitlines()
    text = f"[{section}]\nexclude_also =\n    {PLACEHOLDER}"
    if any(map(_leaves_out, patterns)):
        return Need(path, what, text, lambda text: text.body)
    return Need(path, what, text, lambda text: ini.with_line(text, section, "exclude_also", PLACEHOLDER))


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


def _in_toml(path: str, table: tuple[str, ...], key: str, item: str, what: str) -> Need:
    """``item`` is empty where nothing is missing."""
    head = f"[{'.'.join(table)}]\n" if table else ""
    text = f'{head}{key} = ["{item}"]'
    return Need(path, what, text, lambda text: toml.with_item(text, table, key, item) if item else text.body)


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
