"""From a project as it is to what is to be done. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from jiti_bot.errors import SITE
from jiti_bot.layout import STORE
from jiti_bot.setup import ci, hook, text, toml
from jiti_bot.setup.model import ByHand, Edit, Kept, Plan, Project
from jiti_bot.setup.text import Text
from jiti_bot.setup.tools import PYPROJECT, needs
from jiti_bot.store.paths import GITIGNORE, IGNORED

ATTRIBUTES = ".gitattributes"
_OURS = re.compile(r"(?<![/\w])jiti[-_.]bot\b(?!/)", re.IGNORECASE)
_BACKENDS = ("hatchling", "poetry", "flit_core", "uv_build", "pdm", "setuptools")


@dataclass(slots=True)
class _Draft:
    """What the steps have come to: texts by path, and what is told of them."""

    project: Project
    texts: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    by_hand: list[ByHand] = field(default_factory=list)

    def read(self, path: str) -> Text | None:
        """A file as the steps before have left it; None for no file."""
        data = self.texts.get(path, self.project.files.get(path))
        return None if data is None else text.read(data, path)

    def put(self, path: str, after: str | None, what: str, instead: str) -> None:
        """Note a step: ``after`` is the file's new text; None where no place was found, and ``instead`` is told."""
        before = self.read(path) or Text("")
        if after is None:
            words = f"no place was found at which this would change nothing else: {what}."
            self.by_hand.append(ByHand(path, words, instead))
        elif after == before.body:
            self.kept.append(Kept(path, what))
        else:
            self.texts[path] = before.encoded(after)
            self.added.setdefault(path, []).append(what)

    def plan(self, notes: Iterable[str]) -> Plan:
        """All of it."""
        edits = tuple(
            Edit(path, self.project.files.get(path), data, tuple(self.added[path])) for path, data in self.texts.items()
        )
        return Plan(edits, tuple(self.kept), tuple(self.by_hand), tuple(notes))


def plan(project: Project) -> Plan:
    """What sets a project up. Raises `ConfigurationError` for a file that cannot be read, `ExtraMissingError`."""
    draft = _Draft(project)
    if project.is_shell:
        _hook(draft)
        return draft.plan(_notes(project))
    _settings(draft)
    for need in needs(project):
        before = draft.read(need.path)
        draft.put(need.path, need.change(before or Text("")), need.what, need.text)
    _store(draft)
    _hook(draft)
    _workflow(draft)
    return draft.plan(_notes(project))


def _settings(draft: _Draft) -> None:
    path = draft.project.own(PYPROJECT)
    file = draft.read(path)
    if file is None:
        return
    document = toml.parse(file, path)
    body = ["# US dollars: for one stub, and for one run.", "max_usd = 1.0", "max_usd_run = 20.0"]
    body += _packaging(draft.project, document)
    is_there = toml.value(document, ("tool", "jiti")) is not None
    after = file.body if is_there else toml.with_table(file, ("tool", "jiti"), body)
    draft.put(path, after, "[tool.jiti]", "\n".join(("[tool.jiti]", *body)))


def _packaging(project: Project, document: dict[str, object]) -> list[str]:
    """What somebody who builds wheels should know: they hold what lies in the package."""
    backend = toml.value(document, ("build-system", "build-backend"))
    packages = sorted({path.rpartition("/")[0] for path in project.files if path.endswith("/__init__.py")})
    if not str(backend).startswith(_BACKENDS) or len(packages) != 1:
        return []
    inside = packages[0].removeprefix(f"{project.folder}/" if project.folder else "")
    return ["# To ship the implementations in a wheel, keep them in the package:", f'# store = "{inside}/{STORE}"']


def _store(draft: _Draft) -> None:
    project = draft.project
    path = f"{project.store}/{GITIGNORE}"
    file = draft.read(path)
    ignored = [line for line in IGNORED.splitlines() if not line.startswith("#")]
    everything = file is not None and re.search(r"(?m)^\*\s*$", file.body)
    after = IGNORED if file is None else file.body if everything else text.with_lines(file, ignored)
    draft.put(path, after, "what machines make for themselves stays out of git", IGNORED)
    if project.ignored:
        return
    path = project.own(ATTRIBUTES)
    file = draft.read(path) or Text("")
    inside = project.store.removeprefix(f"{project.folder}/" if project.folder else "")
    rules = (line.content for line in text.lines(file.body) if line.is_code)
    ruled = any(f"{inside}/" in rule for rule in rules)  # a person's own rule for it is left as it is
    after = file.body if ruled else text.with_lines(file, _attributes(_pattern(inside)))
    what = "committed code has the same bytes everywhere; GitHub folds the model's own tests"
    draft.put(path, after, what, "\n".join(_attributes(_pattern(inside))))


def _attributes(store: str) -> tuple[str, ...]:
    return (
        "# Committed code of jiti: the same bytes on every machine. A review on GitHub folds the model's own tests, so",
        "# that the code is what one sees.",
        f"{store}/** text eol=lf",
        f"{store}/tests/**/test_scratch_*.py linguist-generated",
    )


def _pattern(path: str) -> str:
    """A path as git's attributes spell it, which have no way to write a blank but as any character."""
    return re.sub(r"[\s\"\\\[\]*]", "?", path)


def _hook(draft: _Draft) -> None:
    path, project = hook.CONFIG, draft.project
    what, instead = "the hook jiti", hook.new(project.version)
    file = draft.read(path)
    if file is None:
        draft.put(path, instead, what, instead)
        return
    from jiti_bot.setup import yaml

    there = hook.has_hook(yaml.parse(file, path))
    draft.put(path, file.body if there else hook.with_hook(file, project.version), what, instead)
    file = draft.read(path) or file
    after, names, by_hand = hook.with_exclusions(file)
    if names:
        draft.put(path, after, f"committed code kept from {', '.join(names)}", "")
    draft.by_hand += by_hand


def _workflow(draft: _Draft) -> None:
    project = draft.project
    running = ci.running(project)
    if running:
        draft.kept.append(Kept(running, "runs the bot already"))
        return
    if ci.elsewhere(project) or project.ignored:
        return
    path = ci.place(project)
    if path:
        draft.put(path, ci.text(project), "the bot: it opens pull requests with what it implemented", "")
    else:
        words = f"this is another workflow. Save the template of {SITE}action/ under a name of your own."
        draft.by_hand.append(ByHand(f"{ci.FOLDER}/{ci.NAMES[0]}", words))


def _depends(project: Project) -> bool:
    lists = (
        path for path in project.files if path.endswith((PYPROJECT, ".txt", ".in", "setup.py", "setup.cfg", "Pipfile"))
    )
    return any(_OURS.search(project.files[path].decode("utf-8", "replace")) for path in lists)


def _notes(project: Project) -> Iterable[str]:
    if project.below:
        shown = ", ".join(project.below[:3]) + (", ..." if len(project.below) > 3 else "")
        yield f"There are projects in {shown}: `jiti -C {project.below[0]} init` sets up the first, and so on."
    elif project.own(PYPROJECT) not in project.files:
        yield "There is no pyproject.toml: jiti's defaults hold. Settings go into [tool.jiti] of one."
    if project.is_shell:
        return
    if project.ignored:
        yield f"git ignores {project.store}: each machine generates for itself; the bot, which commits, was left out."
    elif host := ci.elsewhere(project):
        yield f"The remote is on {host}: the bot's workflow is for GitHub, and was left out."
    elif not ci.running(project) and (where := ci.unread(project)):
        yield f"The workflow installs the project and pytest, and not what stands in {where}: add what tests need."
    if not _depends(project):
        yield "jiti-bot is not among the dependencies: the code needs it where it runs, and jiti-bot[bot] to generate."
