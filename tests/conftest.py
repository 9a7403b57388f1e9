import signal
from collections import Counter
from pathlib import Path

import pytest

from tests import lean
from tests.repo import Repo, make

# A shell starts what runs in its background deaf to Ctrl-C, and processes hand that on; some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty git repository."""
    return make(tmp_path)


@pytest.fixture
def plain(repo: Repo) -> Repo:
    """An empty git repository whose project's environment holds pytest and jiti alone."""
    return lean.within(repo)


@pytest.fixture
def folder(tmp_path: Path) -> Repo:
    """An empty folder without git."""
    return make(tmp_path, "folder", git=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the lives of tests/life have met, and what was done with the docs, in whichever processes that was."""
    tallies: dict[str, Counter[str]] = {"lives": Counter(), "docs": Counter()}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for title, counts in getattr(report, "user_properties", ()):
                if title in tallies and report.when == "call":
                    tallies[title].update(counts)
    for title, tally in tallies.items():
        if tally:
            terminalreporter.section(title)
        for name, count in sorted(tally.items()):
            terminalreporter.write_line(f"{count:8}  {name}")
