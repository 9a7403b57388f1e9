"""The bot's workflows as they stand on disk: who uses the Action, how it is pinned, what its jobs may do. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup import yaml
from jiti_bot.setup.text import Text

_ACTION = re.compile(r"[\w.-]+/jiti-bot(?P<path>/[^@\s]*)?@(?P<ref>\S+)")
_WORKFLOW_TOKENS = ("github.token", "secrets.GITHUB_TOKEN")
PUBLISHING = frozenset({"all", "publish"})
GENERATING = frozenset({"all", "generate"})


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the Action. ``stage`` is '' for the reusable workflow, which has all of them.

    ``ref`` is what it is pinned to, '' for a folder of the repository. ``permissions`` are those of its job, None where
    neither job nor workflow says. ``opener`` is whose token publishes: 'workflow', 'app',
    'other', or '' for none. ``has_key``: a model can be asked.
    """

    file: str
    job: str
    stage: str
    ref: str
    permissions: Mapping[str, str] | str | None
    opener: str
    has_key: bool

    @property
    def publishes(self) -> bool:
        """Whether pull requests come from here."""
        return not self.stage or self.stage in PUBLISHING

    @property
    def generates(self) -> bool:
        """Whether a model is asked here."""
        return not self.stage or self.stage in GENERATING

    @property
    def where(self) -> str:
        """For people."""
        return f"{self.file}, job {self.job}"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that uses the Action. ``targets``: it runs on pull_request_target."""

    file: str
    uses: tuple[Use, ...]
    targets: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A workflow that is no YAML, and what is said of it."""

    error: ConfigurationError


def mentions(text: str) -> bool:
    """Whether a workflow may use the Action, without reading its YAML."""
    return re.search(r"uses:\s*[\"']?(?:[\w.-]+/jiti-bot[/@]|\./)", text) is not None and "jiti" in text


def read(file: str, text: str) -> Workflow | Unreadable:
    """A workflow. Raises `ExtraMissingError` without the parser."""
    try:
        document = _table(yaml.parse(Text(text), file, strict=True))
    except ConfigurationError as error:
        return Unreadable(error)
    shared = document.get("permissions")
    uses: list[Use] = []
    for name, job in _table(document.get("jobs")).items():
        table = _table(job)
        uses += _uses(file, str(name), table, _permissions(table.get("permissions", shared)))
    return Workflow(file, tuple(uses), "pull_request_target" in _events(document.get("on")))


def _uses(file: str, name: str, job: Mapping[str, Any], permissions: Mapping[str, str] | str | None) -> Iterator[Use]:
    called = _ACTION.fullmatch(str(job.get("uses", "")))
    if called and called["path"]:
        secrets = job.get("secrets")
        has_key = secrets == "inherit" or "ANTHROPIC_API_KEY" in _table(secrets)
        has_key = has_key or bool(_table(job.get("with")).get("anthropic-base-url"))
        yield Use(file, name, "", called["ref"], permissions, "workflow", has_key)
    listed = job.get("steps")
    steps = [_table(step) for step in listed] if isinstance(listed, list) else []
    apps = {str(step.get("id")) for step in steps if "create-github-app-token@" in str(step.get("uses", ""))}
    for step in steps:
        given = _table(step.get("with"))
        ref = _ref(str(step.get("uses", "")), given)
        if ref is not None:
            has_key = any(given.get(one) for one in ("anthropic-api-key", "anthropic-base-url"))
            opener = _opener(str(given.get("token") or ""), apps)
            yield Use(file, name, str(given.get("stage", "all")), ref, permissions, opener, has_key)


def _ref(uses: str, given: Mapping[str, Any]) -> str | None:
    """What a step of ours is pinned to; '' for the Action in this very repository, None for another step."""
    found = _ACTION.fullmatch(uses)
    if found:
        return None if found["path"] else found["ref"]
    return "" if uses == "./" and ("stage" in given or "anthropic-api-key" in given) else None


def _opener(text: str, apps: set[str]) -> str:
    inside = re.sub(r"[${}\s]", "", text)
    if not inside:
        return ""
    if inside in _WORKFLOW_TOKENS:
        return "workflow"
    step = re.fullmatch(r"steps\.([\w-]+)\.outputs\.token", inside)
    return "app" if step and step[1] in apps else "other"


def _permissions(value: Any) -> Mapping[str, str] | str | None:
    if isinstance(value, dict):
        return {str(name): str(level) for name, level in value.items()}
    return value if isinstance(value, str) else None


def _events(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(map(str, value)) if isinstance(value, list | dict) else set()


def _table(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
