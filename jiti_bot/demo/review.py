"""The pull request that the demo's run would open. Reads the scratch project; writes nothing."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jiti_bot.demo import excerpt
from jiti_bot.forge.body import Section, render
from jiti_bot.planning.result import Result
from jiti_bot.store.survey import Standing

_PICTURE = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)


def body(folder: Path, standings: Mapping[str, Standing], results: Sequence[Result]) -> str:
    """The pull request's text for what came of a run."""
    keys = {(one.spec.stub.file, one.spec.stub.unit): key for key, one in standings.items()}
    return render([_section(folder, standings[result.key], result, keys) for result in results])


def for_terminal(text: str) -> str:
    """Without what only GitHub draws: the picture of what uses what, and comments."""
    return _COMMENT.sub("", _PICTURE.sub("", text)).strip()


def _section(folder: Path, standing: Standing, result: Result, keys: Mapping[tuple[str, str], str]) -> Section:
    spec = standing.spec
    stub = spec.stub
    committed = folder / spec.path
    used = [use.target.partition("::") for use in spec.uses if use.target]
    return Section(
        result=result,
        asked=excerpt.definition((folder / stub.file).read_text("utf-8"), stub.unit),
        came=excerpt.without_header(committed.read_text("utf-8")) if committed.is_file() else "",
        place=f"{stub.file}:{stub.line}",
        gates=tuple(gate.name for gate in spec.gates),
        uses=tuple(keys[file, unit] for file, _, unit in used if (file, unit) in keys),
    )
