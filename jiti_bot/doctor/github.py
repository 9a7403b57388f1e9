"""GitHub: the workflow's permissions, and what becomes of the pull requests that a token opens. Nothing is asked of it.

What each token does is told in docs/action.md, "Whose pull request"; the prefixes are those of GitHub's "About
authentication to GitHub".
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, problem, warning
from jiti_bot.doctor.ground import Ground, read, top_of
from jiti_bot.doctor.workflows import Unreadable, Use, Workflow, mentions
from jiti_bot.doctor.workflows import read as read_workflow
from jiti_bot.errors import SITE, ExtraMissingError
from jiti_bot.forge import address

FOLDER = ".github/workflows"
_WANTED = ("contents", "issues", "pull-requests")
_PIN = "Pin it to the full hash of a release."
_ALLOWED = "Settings > Actions > General has to allow Actions to create pull requests"
_PRS = {
    "workflow": f"github-actions[bot] opens them: their own workflows wait for somebody's approval, and {_ALLOWED}",
    "app": "a GitHub App opens them: their own workflows start by themselves, and commits are shown as verified",
    "other": "a secret's token opens them: their own workflows start by themselves; commits are shown as verified for "
    "an app's token alone",
}
_OPENED = {
    "workflow": "wait for somebody's approval before their own workflows start",
    "app": "start their own workflows, and its commits are shown as verified",
    "other": "start their own workflows; its commits are not shown as verified",
}
_KINDS = {
    "ghs_": ("an app's or a workflow's token", "workflow"),
    "ghp_": ("a personal access token", "other"),
    "github_pat_": ("a fine-grained personal access token", "other"),
    "gho_": ("a token of `gh` or another OAuth app", "other"),
    "ghu_": ("a token of a person through an app", "other"),
}


@dataclass(frozen=True, slots=True)
class Bot:
    """The workflows that use the Action; ``unread`` is why they could not be read, ``named`` those that seem to."""

    found: tuple[Workflow | Unreadable, ...]
    named: tuple[str, ...]
    unread: ExtraMissingError | None

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every use of the Action."""
        return tuple(use for one in self.found if isinstance(one, Workflow) for use in one.uses)

    @property
    def generates(self) -> bool:
        """Whether a workflow generates, as far as can be told."""
        return any(use.generates for use in self.uses) or (self.unread is not None and bool(self.named))


def gather(ground: Ground) -> Bot:
    """Read the workflows on disk."""
    top = top_of(ground)
    folder = os.path.join(top, FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith((".yml", ".yaml")))
    except OSError:
        names = []
    texts = {f"{FOLDER}/{name}": read(os.path.join(folder, name)) for name in names}
    named = tuple(file for file, text in texts.items() if mentions(text))
    try:
        found = tuple(read_workflow(file, texts[file]) for file in named)
    except ExtraMissingError as error:
        return Bot((), named, error)
    return Bot(tuple(one for one in found if isinstance(one, Unreadable) or one.uses), named, None)


def judge(bot: Bot, env: Mapping[str, str], remote: str) -> tuple[Diagnosis, ...]:
    """All of it. ``remote`` is the address of origin."""
    host, name = address.repository(remote)
    where = ok("remote", f"{name} on {host}") if name else note("remote", "origin is no repository on a GitHub")
    return (where, *workflows(bot), token(env))


def workflows(bot: Bot) -> tuple[Diagnosis, ...]:
    """Those that use the Action."""
    if bot.unread and bot.named:
        return (
            note("workflow", f"{', '.join(bot.named)}: not looked at, since {bot.unread.message}", bot.unread.remedy),
        )
    if not bot.found:
        return (note("workflow", "none uses the Action: nothing is generated on GitHub", "`jiti init` writes one."),)
    said = [failed("workflow", one.error) for one in bot.found if isinstance(one, Unreadable)]
    good = [one for one in bot.found if isinstance(one, Workflow)]
    for one in good:
        said += _workflow(one)
    return (*said, *_pulls(bot.uses))


def token(env: Mapping[str, str]) -> Diagnosis:
    """What `jiti pr` would publish with, by the kind of token alone."""
    name = next((one for one in ("GITHUB_TOKEN", "GH_TOKEN") if env.get(one, "").strip()), "")
    if not name:
        return note("token", "no GITHUB_TOKEN here, which only `jiti pr` needs", "`gh auth token` prints yours.")
    value = env[name].strip()
    kind, does = next((one for prefix, one in _KINDS.items() if value.startswith(prefix)), ("a token", ""))
    if does == "workflow" and env.get("GITHUB_ACTIONS") != "true":
        does = "app"
    return ok("token", f"{name} is {kind}" + (f": its pull requests {_OPENED[does]}" if does else ""))


def _workflow(one: Workflow) -> list[Diagnosis]:
    said: list[Diagnosis] = []
    if one.targets:
        what = f"{one.file} runs on pull_request_target, which would give a fork's code the secrets; the bot refuses it"
        said.append(problem("workflow", what, "Use pull_request instead."))
    said += filter(None, (_pin({use.ref for use in one.uses}, one.file), *map(_permissions, one.uses)))
    if not any(use.has_key for use in one.uses if use.generates) and any(use.generates for use in one.uses):
        what = f"{one.file} gives no job a key for the model"
        said.append(warning("workflow", what, "Pass `anthropic-api-key: ${{ secrets.ANTHROPIC_API_KEY }}`."))
    jobs = len({use.job for use in one.uses})
    fine = f"{one.file}, {jobs} {'job' if jobs == 1 else 'jobs'}, permissions as they should be"
    return said or [ok("workflow", fine)]


def _pin(refs: Iterable[str], file: str) -> Diagnosis | None:
    for ref in sorted(filter(None, refs)):
        if not ref.strip("0"):
            return problem("workflow", f"{file} names no release of jiti-bot yet: forty zeros stand in its place", _PIN)
        if not re.fullmatch(r"[0-9a-f]{40}", ref):
            return warning("workflow", f"{file} uses jiti-bot at {ref}, which can be moved to other code", _PIN)
    return None


def _permissions(use: Use) -> Diagnosis | None:
    """Whether the job that publishes may do so with the workflow's own token."""
    if not use.publishes:
        return None
    if not use.opener:
        return problem("workflow", f"{use.where}: publishing gets no token", "Pass `token: ${{ github.token }}`.")
    if use.opener != "workflow" or use.permissions == "write-all":
        return None
    if use.permissions is None:
        what = f"{use.where}: its permissions are the repository's default, which may not be enough"
        lacking = list(_WANTED)
    else:
        granted = use.permissions if isinstance(use.permissions, Mapping) else {}
        lacking = [name for name in _WANTED if granted.get(name) != "write"]
        what = f"{use.where}: its token may not write {', '.join(lacking)}"
    if not lacking:
        return None
    lines = ", ".join(f"`{name}: write`" for name in lacking)
    say = warning if use.permissions is None else problem
    return say("workflow", what, f"Write {lines} under the job's `permissions:`.")


def _pulls(uses: Iterable[Use]) -> tuple[Diagnosis, ...]:
    kinds = dict.fromkeys(use.opener for use in uses if use.publishes and use.opener)
    advice = f"A GitHub App's token lets them start by themselves: see {SITE}github-app/."
    return tuple(
        note("pull requests", _PRS[kind], advice) if kind == "workflow" else ok("pull requests", _PRS[kind])
        for kind in kinds
    )
