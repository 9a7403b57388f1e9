"""One session of pytest, in one process: what it collects of jiti's, how that ended, and what is said about it.

With pytest-xdist there is one in each worker, which collects and runs, and one in the controller, which sees reports
and the workers' last words.
"""

import os
import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.layout import STORE
from jiti_bot.pytest_plugin import gates, lacking
from jiti_bot.pytest_plugin.gates import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jiti_bot.pytest_plugin.project import Project
    from jiti_bot.pytest_plugin.tally import Progress
    from jiti_bot.source.model import Spec

_WORD = "jiti"  # names what a worker hands over, and what a report of a gate carries


class JitiSession:
    """The hooks that follow a session. Raises `pytest.UsageError` for a target that names no stub."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.items: dict[str, tuple[Found, ...]] = {}  # every gate's, whether it is selected or not
        self.selected: set[str] = set()
        self.progress: dict[str, Progress] = {}
        self.broken: set[str] = set()
        self._project: Project | None = None
        self.targets: tuple[Spec, ...] = tuple(self._targets(config.getoption("jiti_target")))
        self.scratch: tuple[str, ...] = ()
        if config.getoption("jiti_scratch"):
            self.scratch = tuple(self.project.scratch(self.targets or None))
            # A folder that is collected anyway leads to them; pytest 8 loses one that is given beside what it holds.
            given = [os.path.realpath(config.invocation_params.dir / arg.partition("::")[0]) for arg in config.args]
            config.args += [file for file in self.scratch if not any(_is_within(file, path) for path in given)]

    @property
    def project(self) -> "Project":
        """The project around pytest's root folder; whoever asks may have to wait until it is read."""
        if self._project is None:
            from jiti_bot.pytest_plugin.project import Project

            self._project = Project(str(self.config.rootpath))
        return self._project

    def _targets(self, named: Iterable[str]) -> "Iterable[Spec]":
        for target in named:
            from jiti_bot.errors import JitiError

            try:
                yield from self.project.named(self._as_in_root(target))
            except JitiError as error:
                raise pytest.UsageError(f"--jiti-target {target}: {error}") from error

    def _as_in_root(self, target: str) -> str:
        """A path as typed in a folder below the root, as the index names it; other words as they are."""
        file, colons, unit = target.partition("::")
        path = os.path.join(self.config.invocation_params.dir, file)
        inside = self.project.relative(path) if os.path.exists(path) and (colons or os.sep in file) else None
        return f"{inside}{colons}{unit}" if inside else target

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Keep out of stores, whatever `norecursedirs` says, but for the tests that are asked for."""
        if STORE not in collection_path.parts:
            return None
        path = os.path.realpath(collection_path)
        return not any(_is_within(file, path) for file in self.scratch)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Collect a scratch test as what it is: by a name of its own, and once."""
        collectors = yield
        if STORE not in file_path.parts:
            return collectors
        from jiti_bot.pytest_plugin.scratch import collect

        return collect(file_path, parent, collectors)

    # Innermost: `--lf` takes out of the result what it does not want to run, and the tests left out count as well.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Look at all that a file or class holds, and shorten why it could not be collected."""
        report = yield
        for node in report.result or ():
            found = self._found(node)
            if found:
                self.items[node.nodeid] = found
        excinfo = getattr(getattr(report, "call", None), "excinfo", None)
        if report.failed and excinfo is not None and lacking.is_wanted(self.config):
            lacking.shorten(report, excinfo)
        return report

    def _found(self, node: pytest.Item | pytest.Collector) -> tuple[Found, ...]:
        if "jiti_bot.dispatch" not in sys.modules:
            return ()
        if isinstance(node, pytest.Function):
            return gates.found(node)
        if isinstance(node, pytest.DoctestItem) and isinstance(node.parent, pytest.Module):
            unit = node.name.removeprefix(f"{getattr(node.parent.obj, '__name__', '')}.")
            if self.project.example(str(node.path), unit):
                return (Found(((os.path.realpath(node.path), unit),), ()),)
        return ()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Mark the docstring examples of stubs; the tests are marked in any session."""
        if isinstance(item, pytest.DoctestItem) and item.nodeid in self.items:
            item.add_marker(gates.GATE)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember files that could not be collected."""
        if report.failed:
            self.broken.add(os.path.realpath(self.config.rootpath / report.nodeid.partition("::")[0]))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the gates of the stubs that were asked for."""
        if not config.getoption("jiti_target"):
            return
        keys = {spec.key for spec in self.targets}
        units = {(spec.stub.file, spec.stub.unit) for spec in self.targets}
        scratch = {os.path.realpath(file) for file in self.project.scratch(self.targets)}
        kept = [item for item in items if self._is_asked_for(item, keys, units, scratch)]
        chosen = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept

    def _is_asked_for(self, item: pytest.Item, keys: set[str], units: set[tuple[str, str]], scratch: set[str]) -> bool:
        aims = [self.project.aimed(found) for found in self.items.get(item.nodeid, ())]
        return any(gate in units or keys & aimed for gate, aimed in aims) or os.path.realpath(item.path) in scratch

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember what is going to run."""
        self.selected = {item.nodeid for item in session.items if item.nodeid in self.items}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Shorten what a missing implementation makes of a test, and sign the reports of gates."""
        report = yield
        if report.failed and call.excinfo is not None and lacking.is_wanted(self.config):
            lacking.shorten(report, call.excinfo)
        if item.nodeid in self.items:
            lines = lacking.lines_of(call.excinfo.value) if report.failed and call.excinfo is not None else ()
            vars(report)[_WORD] = [line.key for line in lines if line.key]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in how a phase of a gate ended."""
        lacks = getattr(report, _WORD, None)
        if lacks is None and not report.failed:
            return  # of a worker that crashed there is no more than a failure
        from jiti_bot.pytest_plugin.tally import Progress

        progress = self.progress.setdefault(report.nodeid, Progress())
        progress.lacks.update(lacks or ())
        if str(report.outcome) == "rerun":
            progress.reruns += 1
        elif report.failed:
            progress.failed = True
        elif report.skipped or hasattr(report, "wasxfail"):
            progress.skipped = True
        elif not hasattr(report, "context"):  # the pass of a subtest is not yet that of its test
            progress.passed.add(report.when or "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """In a worker: hand over what was collected."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            items = {node: [[found.places, found.targets] for found in founds] for node, founds in self.items.items()}
            output[_WORD] = {"items": items, "selected": sorted(self.selected)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """In the controller: take that in."""
        told = getattr(node, "workeroutput", {}).get(_WORD, {})
        self.selected.update(told.get("selected", ()))
        for name, founds in told.get("items", {}).items():
            self.items[name] = tuple(Found(_places(places), _places(targets)) for places, targets in founds)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which stubs the run has proved. Never fails a run that went well."""
        option = self.config.option
        if option.verbose < -1 or option.collectonly or not (self.selected or self.targets or self.broken):
            return
        from jiti_bot.pytest_plugin import summary

        summary.write(self, terminalreporter)


def _is_within(file: str, path: str) -> bool:
    return file == path or file.startswith(f"{path}{os.sep}")


def _places(told: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((file, name) for file, name in told)
