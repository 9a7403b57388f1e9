"""What a workflow runs, told from its text: whether it holds nothing but jiti's own jobs. Pure.

YAML is not read, but lines: what is not spelled as `jiti init` and the docs spell it is taken for somebody else's.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

_OURS = re.compile(
    r"(?!.* -- )(?:jiti-bot/jiti-bot[/@]\S+"
    r"|(?:(?:uv|poetry|pdm|hatch|pipx) run |uvx |python3? -m )?jiti(?:[-_]bot)?(?: [^;|&`$<>]*)?)"
)
# What makes ready for it, and leaves nothing behind.
_READY = re.compile(
    r"actions/(?:checkout|setup-python|cache|upload-artifact|download-artifact)@\S+|astral-sh/setup-uv@\S+"
    r"|(?:python3? -m |uv )?pip3? install [^;|&`$<>]+"
    r"|(?:(?:UV_PROJECT_ENVIRONMENT|POETRY_VIRTUALENVS_CREATE)=\S+ )?"
    r"(?:uv sync|uv tool install|pipx install|poetry install)(?:[^;|&`$<>]|\$pythonLocation)*"
)
_STEP = re.compile(r"(?P<lead>\s*(?:-\s+)?)(?:uses|run)\s*:(?:\s+(?P<said>.*))?")
# Spellings that are not looked into: braces, quoted keys, anchors.
_FLOW = re.compile(r"[{,\[]\s*(?:uses|run|steps)\s*:|[\"'](?:uses|run|steps)[\"']\s*:|<<:|[:-]\s+[*&]\w")


def is_ours(text: str) -> bool:
    """Whether each job of a workflow runs jiti, and nothing but what makes ready for it."""
    jobs = list(_jobs([line.rstrip() for line in text.splitlines()]))
    return bool(jobs) and all(map(_is_our_job, jobs))


def _jobs(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each job below ``jobs:``."""
    starts = [number for number, line in enumerate(lines) if re.fullmatch(r"jobs:\s*(?:#.*)?", line)]
    if len(starts) != 1:
        return
    inside: list[str] = []
    for line in lines[starts[0] + 1 :]:
        if line and not line[0].isspace() and not line.startswith("#"):
            break
        inside += [line] if line.strip() and not line.lstrip().startswith("#") else []
    margin = min((_indent(line) for line in inside), default=0)
    job: list[str] = []
    for line in inside:
        if _indent(line) == margin and job:
            yield job
            job = []
        job.append(line)
    if job:
        yield job


def _is_our_job(lines: list[str]) -> bool:
    if any(map(_FLOW.search, lines)):
        return False
    commands = list(_commands(lines))
    return any(map(_OURS.fullmatch, commands)) and all(
        _OURS.fullmatch(one) or _READY.fullmatch(one) for one in commands
    )


def _commands(lines: list[str]) -> Iterator[str]:
    """Each action that a job uses, and each command that it runs."""
    for number, line in enumerate(lines):
        found = _STEP.fullmatch(line)
        if found is None:
            continue
        said = re.sub(r"(?:^|\s+)#.*", "", found["said"] or "").strip()
        quoted = re.fullmatch(r"([\"'])(.*)\1", said)
        below = _deeper(lines[number + 1 :], len(found["lead"]))
        for words in ("" if said[:1] in set("|>") else quoted[2] if quoted else said, *below):
            yield from (one.strip() for one in words.split("&&") if words)


def _deeper(lines: list[str], margin: int) -> Iterator[str]:
    return takewhile(lambda line: _indent(line) > margin, lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
