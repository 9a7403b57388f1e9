"""One pytest session, in the fork (or fresh process) that the job has to itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.validation.worker import inherited, missing, record, staging, watch
from jiti_bot.validation.worker.channel import Channel
from jiti_bot.validation.worker.plugin import Reporter


def run_tests(job: Mapping[str, Any], root: str, folder: str, channel: Channel) -> tuple[int, tuple[str, ...]]:
    """Run it and report over ``channel``; returns pytest's exit code and the files that hold candidates."""
    recorders = {str(one["path"]): record.recorder_text(one) for one in job["recordings"]}
    staged = {**job["staged"], **recorders}
    own = staging.put(root, folder, staged)
    laid = staging.lay(folder, job["files"])
    candidates = (*own, *(str(Path(root) / path) for path in staged), *laid)
    more = tuple(inherited.heirs(root, job["nodes"]))
    reporter = Reporter(
        channel,
        root,
        laid,
        job["examples"],
        nodes=tuple(job["nodes"]),
        more=more,
        own=candidates,
        backwards=job["backwards"],
    )
    watch.install(candidates, guarded([*job["nodes"], *more], root), lambda said: channel.send(tampering=[said]))
    missing.watch(reporter.missed)
    record.listen(reporter.recorded)
    code = pytest.main(arguments(job, root, folder, more), plugins=[reporter])
    if not reporter.finished:
        channel.send(tampering=["it kept the test session from its end"])
    return int(code), candidates


def guarded(nodes: Sequence[str], root: str) -> tuple[str, ...]:
    """The files that judge: a candidate that opens one of them reads the answers."""
    files = {Path(root) / node.partition("::")[0] for node in nodes}
    above = {folder / "conftest.py" for file in files for folder in file.parents if folder.is_relative_to(root)}
    return tuple(map(str, sorted(files | above)))


def arguments(job: Mapping[str, Any], root: str, folder: str, more: Sequence[str] = ()) -> list[str]:
    """Pytest's command line: the project's own options hold, but for what would write, stop early or leave out.

    With nothing to collect the root is named, so that pytest finds the project's configuration as it always does.
    """
    fixed = ["-q", "--tb=short", "--color=no", "--maxfail=0", "--continue-on-collection-errors"]
    fixed += ["-k", "", "-m", "", f"--basetemp={folder}/pytest", "-o", f"cache_dir={folder}/cache"]
    if job["collect_only"]:
        fixed.append("--collect-only")
    return [*fixed, *(inherited.widened(job["nodes"], more) or [root])]
