"""The workflow of the bot: where it goes, and how the project is installed in it. Pure."""

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from jiti_bot.setup import toml
from jiti_bot.setup.model import Project
from jiti_bot.setup.text import read
from jiti_bot.setup.tools import PYPROJECT
from jiti_bot.templates import RELEASE, workflow

FOLDER = ".github/workflows"
LOCK = "uv.lock"
NAMES = ("jiti.yml", "jiti-bot.yml")
_RUNS = re.compile(r"^[^#\n]*\buses:\s*[\"']?jiti-bot/jiti-bot[/@]", re.MULTILINE)
_ELSEWHERE = re.compile(r"[@/.](gitlab|bitbucket|codeberg)\.", re.IGNORECASE)
_MINORS = (13, 12, 11)
_GROUPS = ("test", "tests", "testing", "dev")
_LISTS = (
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt",
    "requirements-test.txt", "requirements/test.txt", "test-requirements.txt",
)  # fmt: skip


def running(project: Project) -> str:
    """The workflow that runs the bot for this project already; '' for none."""
    for path in _bots(project):
        folders = _folders(project, path)
        if (project.folder or ".") in folders or any("${{" in one for one in folders):  # which may be any
            return path
    return ""


def _bots(project: Project) -> list[str]:
    """The workflows that run the bot."""
    every = sorted(path for path in project.files if path.startswith(f"{FOLDER}/"))
    return [path for path in every if _RUNS.search(project.files[path].decode("utf-8", "replace"))]


def _folders(project: Project, path: str) -> set[str]:
    """The folders of the repository that a workflow runs the bot in."""
    found = re.findall(r"(?m)^\s*directory:[ \t]*(\S.*?)\s*(?: #.*)?$", project.files[path].decode("utf-8", "replace"))
    return {one.strip("\"'").removeprefix("./").rstrip("/") or "." for one in found} or {"."}


def elsewhere(project: Project) -> str:
    """The host of the repository where it is known not to be a GitHub; '' otherwise."""
    found = _ELSEWHERE.search(project.origin)
    return found[1].lower() if found else ""


def place(project: Project) -> str:
    """A path for the workflow at which nothing stands; '' where each is taken."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", project.folder).strip("-")
    names = (f"jiti-{slug}.yml",) if slug and _bots(project) else NAMES  # beside that of another project
    return next((f"{FOLDER}/{name}" for name in names if f"{FOLDER}/{name}" not in project.files), "")


def text(project: Project) -> str:
    """The workflow for this project."""
    return workflow(RELEASE, install(project), project.folder or ".", python(_document(project)))


def install(project: Project) -> str:
    """The command that installs the project and what its tests need, run in its folder."""
    document = _document(project)
    pip = "python -m pip install"
    if toml.value(document, ("tool", "uv")) is not None or _is_uvs(project):
        return f"{pip} uv pytest && {_by_uv(document)}"
    if any(toml.value(document, ("tool", "poetry", one)) for one in ("group", "dev-dependencies")):
        return f"{pip} poetry pytest && POETRY_VIRTUALENVS_CREATE=false poetry install"
    listed = [name for name in ("requirements.txt", *_LISTS) if project.own(name) in project.files]
    chosen = [*listed[:1], *[name for name in listed[1:2] if listed[0] == "requirements.txt"]]
    words = [f"-r {name}" for name in chosen]
    if "build-system" in document or project.own("setup.py") in project.files or "project" in document:
        extra = _first(toml.value(document, ("project", "optional-dependencies")))
        words = [f"--editable {shlex.quote(f'.[{extra}]') if extra else '.'}", *words]
    group = _first(document.get("dependency-groups"))
    if group:
        # pip knows groups since 25.1.
        return f"{pip} --upgrade pip && {' '.join((pip, *words, f'--group {group}', 'pytest'))}"
    return " ".join((pip, *words, "pytest"))


def _is_uvs(project: Project) -> bool:
    """Whether a lock of uv's holds what the project needs: its own, or that of a workspace which it is a member of."""
    own, *above = project.folders()
    return f"{own}/{LOCK}".lstrip("/") in project.files or any(_is_member(project, folder) for folder in above)


def _is_member(project: Project, folder: str) -> bool:
    """Whether the project is of the workspace at ``folder``."""
    path = f"{folder}/{PYPROJECT}".lstrip("/")
    if f"{folder}/{LOCK}".lstrip("/") not in project.files or path not in project.files:
        return False
    document = toml.parse(read(project.files[path], path), path)
    inside = project.folder.removeprefix(folder).strip("/").split("/")
    members, excluded = (toml.value(document, ("tool", "uv", "workspace", key)) for key in ("members", "exclude"))
    return _is_named(inside, members) and not _is_named(inside, excluded)


def _is_named(parts: Sequence[str], patterns: Any) -> bool:
    """Whether uv's patterns name a folder: a star stands for a part of its path, two for any number of them."""
    if not isinstance(patterns, list):
        return False
    return any(_fits(parts, str(one).removeprefix("./").rstrip("/").split("/")) for one in patterns)


def _fits(parts: Sequence[str], names: Sequence[str]) -> bool:
    if names and names[0] == "**":
        return any(_fits(parts[count:], names[1:]) for count in range(len(parts) + 1))
    if not parts or not names:
        return not parts and not names
    return fnmatchcase(parts[0], names[0]) and _fits(parts[1:], names[1:])


def _by_uv(document: dict[str, Any]) -> str:
    """Into the Python that is set up, whatever `.python-version` says; uv takes the group `dev` by itself."""
    extra = _first(toml.value(document, ("project", "optional-dependencies")))
    group = _first(document.get("dependency-groups"))
    words = [f" --extra {extra}" * bool(extra), f" --group {group}" * (group not in {"", "dev"})]
    into = "UV_PROJECT_ENVIRONMENT=$pythonLocation"
    return f"{into} uv sync --inexact --python $pythonLocation/bin/python{''.join(words)}"


def unread(project: Project) -> str:
    """Where requirements stand that the command does not install; '' for nowhere."""
    document = _document(project)
    for table in (("tool", "pdm", "dev-dependencies"), ("tool", "hatch", "envs")):
        if toml.value(document, table):
            return f"[{'.'.join(table)}]"
    return "Pipfile" if project.own("Pipfile") in project.files else ""


def python(document: dict[str, Any]) -> str:
    """The newest Python that the project takes, of those that the action is tested with."""
    said = toml.value(document, ("project", "requires-python"))
    said = said or toml.value(document, ("tool", "poetry", "dependencies", "python"))
    clauses = said.split(",") if isinstance(said, str) else []
    return next((f"3.{minor}" for minor in _MINORS if all(_takes(one, minor) for one in clauses)), f"3.{_MINORS[0]}")


def _takes(clause: str, minor: int) -> bool:
    """Whether a clause of a version specifier takes Python 3.``minor``, whatever its patch."""
    found = re.fullmatch(r"\s*(<=|<|==|!=|~=|>=|>|\^|~)\s*3\.(\d+)(\.\d+|\.\*)?\s*", clause)
    if not found:
        return True
    sign, bound, patch = found[1], int(found[2]), found[3]
    if sign == "~=":
        return minor == bound if patch else minor >= bound
    if sign in {"^", "~"}:  # poetry's
        return minor >= bound if sign == "^" else minor == bound
    if sign == "<" and patch:
        return minor <= bound
    compare = {"<": int.__lt__, "<=": int.__le__, "==": int.__eq__, "!=": int.__ne__, ">=": int.__ge__, ">": int.__ge__}
    return compare[sign](minor, bound)


def _document(project: Project) -> dict[str, Any]:
    path = project.own(PYPROJECT)
    return toml.parse(read(project.files[path], path), path) if path in project.files else {}


def _first(table: Any) -> str:
    """The group of requirements that tests need, by its usual names."""
    return next((name for name in _GROUPS if isinstance(table, dict) and name in table), "")
