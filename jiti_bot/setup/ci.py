"""The workflow of the bot: where it goes, and how the project is installed in it. Pure."""

import re
import shlex
from typing import Any

from jiti_bot.setup import toml
from jiti_bot.setup.model import Project
from jiti_bot.setup.text import read
from jiti_bot.setup.tools import PYPROJECT
from jiti_bot.templates import RELEASE, workflow

FOLDER = ".github/workflows"
NAMES = ("jiti.yml", "jiti-bot.yml")
_RUNS = re.compile(r"^[^#\n]*\buses:\s*[\"']?jiti-bot/jiti-bot[/@]", re.MULTILINE)
_ELSEWHERE = re.compile(r"[@/.](gitlab|bitbucket|codeberg)\.", re.IGNORECASE)
_GROUPS = ("test", "tests", "testing", "dev")
_LISTS = (
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt",
    "requirements-test.txt", "requirements/test.txt", "test-requirements.txt",
)  # fmt: skip


def running(project: Project) -> str:
    """The workflow that runs the bot already; '' for none."""
    every = sorted(path for path in project.files if path.startswith(f"{FOLDER}/"))
    return next((path for path in every if _RUNS.search(project.files[path].decode("utf-8", "replace"))), "")


def folders(project: Project, path: str) -> set[str]:
    """The folders of the repository that a workflow runs the bot in."""
    found = re.findall(r"(?m)^\s*directory:[ \t]*(\S.*?)\s*(?: #.*)?$", project.files[path].decode("utf-8", "replace"))
    return {one.strip("\"'").removeprefix("./").rstrip("/") or "." for one in found} or {"."}


def elsewhere(project: Project) -> str:
    """The host of the repository where it is known not to be a GitHub; '' otherwise."""
    found = _ELSEWHERE.search(project.origin)
    return found[1].lower() if found else ""


def place(project: Project) -> str:
    """A path for the workflow at which nothing stands; '' where each is taken."""
    return next((f"{FOLDER}/{name}" for name in NAMES if f"{FOLDER}/{name}" not in project.files), "")


def text(project: Project) -> str:
    """The workflow for this project."""
    return workflow(RELEASE, install(project), project.folder or ".")


def install(project: Project) -> str:
    """The command that installs the project and what its tests need, run in its folder."""
    path = project.own(PYPROJECT)
    document: dict[str, Any] = toml.parse(read(project.files[path], path), path) if path in project.files else {}
    pip = "python -m pip install"
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


def _first(table: Any) -> str:
    """The group of requirements that tests need, by its usual names."""
    return next((name for name in _GROUPS if isinstance(table, dict) and name in table), "")
