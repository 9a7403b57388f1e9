"""The hook in `.pre-commit-config.yaml`, and what hooks for other tools need beside it. Pure."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jiti_bot.setup import yaml
from jiti_bot.setup.model import ByHand
from jiti_bot.setup.text import Text, append, insert, lines
from jiti_bot.setup.yaml import Node

CONFIG = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/jiti-bot/jiti-bot"
OURS = frozenset({"jiti", "jiti-strict"})
STORE_FILES = r"(^|/)\.jiti/"
# They judge each file that they are given by itself, where a committed one lacks the names of its host.
_ALONE = frozenset({"mypy", "dmypy", "flake8", "pylint", "pyright", "basedpyright"})
_OLD_STAGES = {"commit": "pre-commit", "push": "pre-push", "merge-commit": "pre-merge-commit"}
_COMMITTED = ".jiti/src/app/text/slugify.py"


def new(version: str) -> str:
    """A configuration that holds our hook and nothing else."""
    return "\n".join(("repos:", *_block(version, "  ", 2, "  ", 2), ""))


def has_hook(config: Any) -> bool:
    """Whether a configuration runs our check, from wherever it is installed."""
    return bool(ours(config))


def ours(config: Any) -> dict[str, tuple[str, ...]]:
    """Our checks in a configuration, each with the stages that it runs in; () for all.

    What is installed from us says its stages itself: for those `default_stages` means nothing.
    """
    found: dict[str, tuple[str, ...]] = {}
    for repo, hook in _hooks(config):
        name = str(hook.get("id"))
        if name not in OURS and "jiti check" not in str(hook.get("entry", "")):
            continue
        stages = hook.get("stages") or (config.get("default_stages") if repo.get("repo") == "local" else None)
        listed = [str(one) for one in stages] if isinstance(stages, list) else []
        found[name if name in OURS else "jiti"] = tuple(_OLD_STAGES.get(one, one) for one in listed)
    return found


def with_hook(text: Text, version: str) -> str | None:
    """``text`` with our hook as its last repository; None where no place for it was found."""
    config = yaml.parse(text, CONFIG)
    wanted = copy.deepcopy(config) if config is not None else {}
    if not isinstance(wanted, dict) or not isinstance(wanted.setdefault("repos", []) or [], list):
        return None
    entry = {"repo": REPOSITORY, "rev": f"v{version}", "hooks": [{"id": "jiti"}]}
    wanted["repos"] = [*(wanted["repos"] or []), entry]
    places = _places(text, yaml.compose(text, CONFIG), version)
    return next((found for found in places if yaml.says(found, wanted)), None)


def _places(text: Text, root: Node | None, version: str) -> Iterator[str]:
    found = yaml.entry(root, "repos")
    style = _block(version, "  ", 2, "  ", 2)
    if found is None:
        yield append(text.body, ["repos:", *style], text.newline)
        return
    key, repos = found
    held = yaml.items(repos)
    if yaml.is_flow(repos):
        yield _in_flow(text, repos, held, version)
    elif held:
        yield _in_block(text, held, version)
    else:
        yield insert(text.body, _line_end(text, key.end_mark.index), style, text.newline)


def _in_flow(text: Text, repos: Node, held: list[Node], version: str) -> str:
    entry = f"{{repo: {REPOSITORY}, rev: v{version}, hooks: [{{id: jiti}}]}}"
    if held:
        at, entry = held[-1].end_mark.index, f", {entry}"
    else:
        at = repos.start_mark.index + 1
    return text.body[:at] + entry + text.body[at:]


def _in_block(text: Text, held: list[Node], version: str) -> str:
    """After the last repository, indented and parted as the others are."""
    last = held[-1]
    dash = _dash(text, last)
    inner, width = 2, 2
    for item in reversed(held):
        hooks = yaml.entry(item, "hooks")
        listed = yaml.items(hooks[1]) if hooks else []
        if hooks and listed and not yaml.is_flow(hooks[1]) and listed[0].start_mark.index > item.start_mark.index:
            inner = _dash(text, listed[0]) - item.start_mark.column
            width = listed[0].start_mark.column - _dash(text, listed[0])
            break
    block = _block(version, " " * dash, last.start_mark.column - dash, " " * inner, width)
    before = text.body[: last.start_mark.index].rstrip(" -")
    parted = len(held) > 1 and before.endswith(("\n\n", "\r\n\r\n"))
    return insert(text.body, _after(text, yaml.end(last), dash), ["", *block] if parted else block, text.newline)


def _dash(text: Text, item: Node) -> int:
    """The column of the dash before an item: a sequence's own place is that of its anchor, if it has one."""
    start = item.start_mark.index - item.start_mark.column
    return text.body.rfind("-", start, item.start_mark.index) - start


def _block(version: str, margin: str, width: int, inner: str, inner_width: int) -> list[str]:
    """Our repository as lines: ``margin`` before the dash, ``width`` from it to the key, and so for the hook."""
    key = margin + " " * width
    return [
        f"{margin}-{' ' * (width - 1)}repo: {REPOSITORY}",
        f"{key}rev: v{version}",
        f"{key}hooks:",
        f"{key}{inner}-{' ' * (inner_width - 1)}id: jiti",
    ]


def _line_end(text: Text, at: int) -> int:
    return next(line.end for line in lines(text.body) if line.start <= at <= line.end + 1)


def _after(text: Text, at: int, dash: int) -> int:
    """The end of the line that holds the last thing before ``at``, or of the comments below that belong to it."""
    last = len(text.body[:at].rstrip())
    every = [line for line in lines(text.body) if line.end >= last]
    own = below = 0
    for number, line in enumerate(every[1:], 1):
        if not line.content.lstrip().startswith("#"):
            # What stands right above the next key, at its own depth, is about that key.
            return every[own if line.content.strip() else below].end
        below = number
        own = number if own == number - 1 and len(line.indent) > dash else own
    return every[below].end


def with_exclusions(text: Text) -> tuple[str, tuple[str, ...], tuple[ByHand, ...]]:
    """``text`` with committed code kept from hooks that judge files by themselves; which ones, and which could not be.

    A hook that says already which files it leaves out is a person's to change.
    """
    done: list[str] = []
    by_hand: list[ByHand] = []
    body = text.body
    config = yaml.parse(text, CONFIG)
    if re.search(_whole(config), _COMMITTED):
        return body, (), ()
    for number in range(len(list(_hooks(config)))):
        repo, hook = list(_hooks(config))[number]
        if not _judges_alone(repo, hook) or _spares(hook):
            continue
        name = str(hook["id"])
        changed = None if "exclude" in hook else _with_exclusion(Text(body, text.newline), name)
        if changed is None:
            line = next(
                (n for n, one in enumerate(lines(body), 1) if re.search(rf"id:\s*[\"']?{name}\b", one.content)), 1
            )
            words = f"the hook {name} is to leave out committed code as well, which lacks its host's names there."
            by_hand.append(ByHand(f"{CONFIG}:{line}", words, STORE_FILES))
        else:
            body = changed
            done.append(name)
            config = yaml.parse(Text(body), CONFIG)  # an alias of the hook has changed with it
    return body, tuple(done), tuple(by_hand)


def _with_exclusion(text: Text, name: str) -> str | None:
    config = yaml.parse(text, CONFIG)
    for number, node in enumerate(_hook_nodes(yaml.compose(text, CONFIG))):
        found = yaml.entry(node, "id")
        if found is None or found[1].value != name:
            continue
        wanted = copy.deepcopy(config)
        hook = list(_hooks(wanted))[number][1]
        if "exclude" in hook:
            continue
        hook["exclude"] = STORE_FILES
        at = found[1].end_mark.index
        if yaml.is_flow(node):
            after = f"{text.body[:at]}, exclude: {STORE_FILES}{text.body[at:]}"
        else:
            margin = " " * node.start_mark.column
            after = insert(text.body, _line_end(text, at), [f"{margin}exclude: {STORE_FILES}"], text.newline)
        if yaml.says(after, wanted):
            return after
    return None


def _judges_alone(repo: Mapping[str, Any], hook: Mapping[str, Any]) -> bool:
    if hook.get("pass_filenames") is False or hook.get("always_run"):
        return False
    entry = str(hook.get("entry", ""))
    if repo.get("repo") == "local" and re.match(r"(?:\S*/)?ruff\b", entry):
        return "--force-exclude" not in f"{entry} {hook.get('args', '')}"
    return str(hook.get("id")) in _ALONE


def _spares(hook: Mapping[str, Any]) -> bool:
    """Whether a hook leaves committed code out by itself."""
    files, exclude = hook.get("files"), hook.get("exclude")
    return (isinstance(exclude, str) and _matches(exclude)) or (isinstance(files, str) and not _matches(files))


def _matches(pattern: str) -> bool:
    try:
        return re.search(pattern, _COMMITTED) is not None
    except re.error:
        return False


def _whole(config: Any) -> str:
    """What a configuration leaves out for all hooks, as a pattern; one that matches nothing where there is none."""
    found = config.get("exclude") if isinstance(config, dict) else None
    return found if isinstance(found, str) and _matches(found) else r"(?!)"


def _hooks(config: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each hook with its repository, in their order."""
    repos = config.get("repos") if isinstance(config, dict) else None
    for repo in repos if isinstance(repos, list) else ():
        hooks = repo.get("hooks") if isinstance(repo, dict) else None
        for hook in hooks if isinstance(hooks, list) else ():
            if isinstance(hook, dict):
                yield repo, hook


def _hook_nodes(root: Node | None) -> Iterator[Node]:
    repos = yaml.entry(root, "repos")
    for repo in yaml.items(repos[1]) if repos else []:
        hooks = yaml.entry(repo, "hooks")
        yield from (node for node in yaml.items(hooks[1]) if yaml.is_mapping(node)) if hooks else ()
