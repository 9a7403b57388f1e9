"""Which stub uses which, drawn by GitHub from mermaid's language. Pure: values in, Markdown out."""

from collections.abc import Sequence

from jiti_bot.forge.model import Section
from jiti_bot.forge.sanitise import unclosing

MAX_EDGES = 100  # GitHub draws no more than 500, and nobody reads so many


def picture(sections: Sequence[Section]) -> str:
    """A flowchart of the stubs; '' where none uses another, and where nobody could read it.

    Of stubs that are no part of the pull request it holds those that one of its stubs uses.
    """
    drawn = {section.result.key: section for section in sections if not section.is_test}
    edges = [(key, used) for key, section in drawn.items() for used in dict.fromkeys(section.uses) if used != key]
    if not edges or len(edges) > MAX_EDGES:
        return ""
    keys = list(dict.fromkeys(key for edge in edges for key in edge))
    names = {key: f"n{number}" for number, key in enumerate(keys)}
    short = _short_names(keys)
    lines = [f'  {names[key]}["{_label(short[key])}"]' for key in keys]
    lines += [f"  {names[user]} --> {names[used]}" for user, used in edges]
    failed = [names[key] for key in keys if key in drawn and not drawn[key].result.good]
    there = [names[key] for key in keys if key not in drawn]
    if failed:
        lines += ["  classDef failed stroke:#cf222e,stroke-width:2px", f"  class {','.join(failed)} failed"]
    if there:
        lines += ["  classDef there stroke-dasharray:4", f"  class {','.join(there)} there"]
    legend = "An arrow goes from a stub to one that it uses."
    legend += " Red: not done." if failed else ""
    legend += " Dashed: not part of this pull request." if there else ""
    return "\n".join([legend, "", "```mermaid", "flowchart LR", *lines, "```"])


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Keys without the packages that all of them share."""
    parts = [key.split(".") for key in keys]
    shared = 0
    while all(len(names) > shared + 2 for names in parts) and len({names[shared] for names in parts}) == 1:
        shared += 1
    return {key: ".".join(names[shared:]) for key, names in zip(keys, parts, strict=True)}


def _label(key: str) -> str:
    """A key as it can stand between mermaid's quotes, whatever it holds."""
    return unclosing("".join(char for char in key if char.isalnum() or char in "._:/- ")[:80]) or "stub"
