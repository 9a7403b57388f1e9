"""One pytest session, in the fork (or fresh process) that the job has to itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.validation.worker import missing, record, staging
from jiti_bot.validation.worker.channel import Channel
from jiti_bot.validation.worker.plugin import Reporter

_CONFIGURATIONS = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"
)  # fmt: skip


def run_tests(job: Mapping[str, Any], root: str, folder: str, channel: Channel) -> tuple[int, tuple[str, ...]]:
    """Run it and report over ``channel``; returns pytest's exit code and the files that hold candidates."""
    recorders = {str(one["path"]): record.recorder_text(one) for one in job["recordings"]}
    staged = {**job["staged"], **recorders}
    own = staging.put(root, folder, staged)
    laid = staging.lay(folder, job["files"])
    reporter = Reporter(channel, root, laid, job["examples"])
    missing.watch(reporter.missed)
    record.listen(reporter.recorded)
    code = pytest.main(arguments(job, root, folder, list(laid)), plugins=[reporter])
    return int(code), (*own, *(str(Path(root) / path) for path in staged), *laid)


def arguments(job: Mapping[str, Any], root: str, folder: str, laid: list[str]) -> list[str]:
    """Pytest's command line: the project's own options hold, but for what would write, stop early or leave out."""
    chosen = [*job["nodes"], *laid]
    fixed = ["-q", "--tb=short", "--color=no", "--maxfail=0", "--continue-on-collection-errors"]
    fixed += ["-k", "", "-m", "", f"--basetemp={folder}/pytest", "-o", f"cache_dir={folder}/cache"]
    if laid or job["examples"]:
        fixed += [f"--rootdir={root}", f"--confcutdir={root}", *_configuration(Path(root))]
    if not chosen:
        empty = Path(folder) / "files" / "test_nothing.py"
        empty.parent.mkdir(parents=True, exist_ok=True)
        empty.touch()
        chosen = [str(empty)]
    if job["collect_only"]:
        fixed.append("--collect-only")
    return [*fixed, *chosen]


def _configuration(root: Path) -> list[str]:
    """The project's configuration file, named: files in the scratch folder would hide it from pytest's own search."""
    from _pytest.config.findpaths import load_config_dict_from_file

    for name in _CONFIGURATIONS:
        file = root / name
        if file.is_file() and load_config_dict_from_file(file) is not None:
            return ["-c", str(file)]
    return []
