"""The pytest plugin of a job: reports each test as it ends, and takes out of the way what would write or stop early."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.validation.worker import examples, inherited
from jiti_bot.validation.worker.channel import Channel
from jiti_bot.validation.worker.hooks import Hooks
from jiti_bot.validation.worker.text import LONG, SHORT, bounded

# Options of plugins that may be there: report files outside the scratch folder, debuggers, other processes.
_NEUTRAL: Mapping[str, object] = {
    "xmlpath": None, "htmlpath": None, "log_file": None, "json_report_file": "none", "resultlog": None,
    "report_log": None, "usepdb": False, "trace": False, "numprocesses": None, "dist": "no", "tx": [],
    "looponfail": False, "maxfail": 0, "exitfirst": False, "keyword": "", "markexpr": "", "reruns": 0,
    "setuponly": False, "setupplan": False, "pastebin": None, "debug": None, "memray": False,
    "benchmark_disable": True, "benchmark_autosave": False, "benchmark_save": None, "benchmark_compare": None,
}  # fmt: skip
# Pytest's word where no plugin takes up a coroutine: the body was never called.
_NO_PLUGIN = "async def functions are not natively supported"
_SHARED_MEMORY = ("multiprocessing/synchronize.py", "PermissionError")


@dataclass(slots=True)
class Progress:
    """What is known of the test that runs."""

    outcome: str = "passed"
    detail: str = ""
    output: str = ""
    seconds: float = 0.0
    missing: list[str] = field(default_factory=list)
    marked: bool = False


class Reporter:
    """Reports over ``channel``.

    ``laid`` maps files that stand for future ones to their paths, ``wanted`` are docstring examples, ``nodes`` what
    else is asked for, run ``backwards`` or as it stands, ``more`` files where it may be inherited. ``own`` are the
    files that hold candidates.
    """

    judges_candidates = True  # for the plugin that ships with the runtime: it stands aside

    def __init__(
        self,
        channel: Channel,
        root: str,
        laid: Mapping[str, str],
        wanted: list[Mapping[str, Any]],
        *,
        nodes: tuple[str, ...] = (),
        more: tuple[str, ...] = (),
        own: tuple[str, ...] = (),
        backwards: bool = False,
    ) -> None:
        self.channel = channel
        self.own = own
        self.backwards = backwards
        self.hooks: Hooks | None = None
        self.finished = True
        self.root = Path(root)
        self.laid = laid
        self.wanted = wanted
        self.nodes = nodes
        self.more = more
        self.names: dict[str, str] = {}
        self.standing: dict[str, list[str]] = {}
        self.marked: set[str] = set()
        self.running: dict[str, Progress] = {}
        self.current = ""
        self.noted: set[str] = set()

    def missed(self, key: str) -> None:
        """A stub without an implementation was called."""
        progress = self.running.get(self.current)
        if progress is None:
            self.channel.send(missing=key)
        elif key not in progress.missing:
            progress.missing.append(key)

    def recorded(self, key: str, arguments: list[tuple[str, str]]) -> None:
        """A recorder was called."""
        self.channel.send(call={"key": key, "arguments": arguments, "test": self.current})

    def verify(self) -> None:
        """Say what was done to pytest since the last time."""
        if self.hooks is not None and (found := self.hooks.verify()):
            self.channel.send(tampering=found[:20])

    def name(self, node: str, path: Path | None = None) -> str:
        """A node id relative to the project, whatever pytest's own root is."""
        file, colons, rest = node.partition("::")
        where = str(path) if path is not None else file
        if where in self.laid:
            return self.laid[where] + colons + rest
        if path is not None and colons:
            try:
                return path.relative_to(self.root).as_posix() + colons + rest
            except ValueError:
                return node
        return node

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Iterator[None]:
        """Switch coverage off before it starts; load the project's conftest even if only future files are run."""
        self.hooks = Hooks(early_config.pluginmanager, self.own)
        for name in ("cov_source", "cov_report"):
            if hasattr(early_config.known_args_namespace, name):
                setattr(early_config.known_args_namespace, name, None)
        yield
        if self.laid or self.wanted:
            _load_conftest(early_config, self.root, {Path(file).parent for file in self.laid})

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Iterator[None]:
        """Neutralise options, whoever set them."""
        for name, value in _NEUTRAL.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        """Keep pytest-rerunfailures to this process: where xdist is loaded too, it would listen on a socket."""
        if module := sys.modules.get("pytest_rerunfailures"):
            vars(module)["HAS_PYTEST_HANDLECRASHITEM"] = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Collect nothing by ourselves where only future files and examples are asked for."""
        self.finished = False
        if not self.nodes:
            vars(session)["perform_collect"] = lambda *_args, **_named: _collect_nothing(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Leave out what was not asked for; add the tests of future files and the docstring examples."""
        chosen = inherited.select(items, self.nodes, self._item_name, self.more)
        items[:] = [item for item, _ in chosen]
        self.standing = {item.nodeid: ids for item, ids in chosen}
        for file, path in self.laid.items():
            module = pytest.Module.from_parent(session, path=Path(file), nodeid=path)
            items += session.genitems(module)
        items += examples.make_items(session, str(self.root), self.wanted)
        if self.backwards:
            wholes = (*self.nodes, *self.laid.values())
            items[:] = inherited.turned(items, wholes, lambda item: self._ids(item)[0])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say what was found."""
        self.verify()
        if self.hooks is not None:
            self.hooks.add_tests(session.items)
        every = {item.nodeid: self._ids(item) for item in session.items}
        self.names = {node: ids[0] for node, ids in every.items()}
        self.standing = {ids[0]: ids for ids in every.values()}
        self.marked = {self.names[item.nodeid] for item in session.items if _is_marked(item)}
        self.channel.send(collected=[name for ids in every.values() for name in ids])

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """A module is about to be imported."""
        if isinstance(collector, pytest.Module):
            self.channel.send(importing=self._file(str(collector.path)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Say what could not be collected."""
        name = self.name(report.nodeid, self.root / report.nodeid.partition("::")[0])
        if report.failed:
            self.channel.send(problem=f"{name}: {bounded(report.longreprtext, LONG)}")
        elif report.skipped:
            self.channel.send(test={"id": name, "outcome": "skipped", "detail": _reason(report)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self.current = self.names.get(nodeid, nodeid)
        self.running[self.current] = Progress()
        self.channel.send(running=self.current)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in a phase. Only a test whose every phase passed has passed."""
        self.verify()
        progress = self.running.setdefault(self.names.get(report.nodeid, report.nodeid), Progress())
        progress.seconds += getattr(report, "duration", 0.0)
        outcome = _outcome(report)
        if outcome != "passed" and progress.outcome not in {"failed", "error"}:
            progress.outcome = outcome
            progress.detail = bounded(report.longreprtext if report.failed else _reason(report), LONG)
            self._note(progress.detail)
        if report.when != "teardown":
            progress.output = bounded("\n".join(text for _, text in report.sections if text.strip()), SHORT)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test has ended: report it."""
        self.verify()
        name = self.names.get(nodeid, nodeid)
        progress = self.running.pop(name, Progress("error", "it ended without a report"))
        progress.marked = name in self.marked
        self.current = ""
        self._tell(name, progress)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """The last look at the hooks: what follows takes plugins out."""
        self.verify()
        self.finished = True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """A test, or an import, ended the whole session: say which and by what."""
        raised = f"{excinfo.typename} was raised {self._place(excinfo)}; it ends the whole test session"
        if self.current:
            progress = self.running.pop(self.current, Progress())
            progress.outcome, progress.detail = "failed", raised
            self._tell(self.current, progress)
        self.channel.send(problem=raised)

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Pytest itself failed, or a plugin, a hook of the project; or a module left while it was imported."""
        place = self._place(excinfo)
        if isinstance(excinfo.value, SystemExit):
            said = f"sys.exit() was called {place}; it ends the whole test session"
        elif place:
            said = f"{excinfo.exconly()} was raised {place}; it ends the whole test session"
        else:
            said = bounded(f"pytest failed: {excrepr}", LONG)
        self.channel.send(problem=said)

    def _tell(self, name: str, progress: Progress) -> None:
        """Report one test by each of its ids."""
        for each in self.standing.get(name, [name]):
            self.channel.send(test={"id": each, **_event(progress)})

    def _place(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """``in test_x at tests/test_a.py:4``: the innermost line of the project; empty where it has no part in it."""
        for entry in reversed(excinfo.traceback):
            file = str(entry.path)
            if file in self.own or (Path(file).is_relative_to(self.root) and "site-packages" not in file):
                return f"in {entry.frame.code.name} at {self._file(file)}:{entry.lineno + 1}"
        return ""

    def _file(self, file: str) -> str:
        if file in self.laid:
            return self.laid[file]
        return Path(file).name if file in self.own else file.removeprefix(f"{self.root}/")

    def _ids(self, item: pytest.Item) -> list[str]:
        return self.standing.get(item.nodeid) or [self._item_name(item)]

    def _item_name(self, item: pytest.Item) -> str:
        return item.nodeid if isinstance(item, examples.ExampleItem) else self.name(item.nodeid, item.path)

    def _note(self, detail: str) -> None:
        if all(part in detail for part in _SHARED_MEMORY) and "shm" not in self.noted:
            self.noted.add("shm")
            self.channel.send(note="multiprocessing needs /dev/shm, which the sandbox withholds")


def _is_marked(item: pytest.Item) -> bool:
    """Whether marks skip a test here or expect it to fail; asked before any test has run."""
    from _pytest.skipping import evaluate_skip_marks, evaluate_xfail_marks

    try:
        return bool(evaluate_skip_marks(item) or evaluate_xfail_marks(item))
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - a condition that cannot be read fails its own test
        return False


def _event(progress: Progress) -> dict[str, Any]:
    return {slot: getattr(progress, slot) for slot in Progress.__slots__}


def _outcome(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed:
        return "failed" if report.when == "call" and _NO_PLUGIN not in report.longreprtext else "error"
    return "skipped" if report.skipped else "passed" if report.passed else str(report.outcome)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"it is marked to fail{': ' if report.wasxfail else ''}{report.wasxfail}"
    if isinstance(report.longrepr, tuple):
        return bounded(str(report.longrepr[2]))
    return bounded(report.longreprtext)


def _collect_nothing(session: pytest.Session) -> list[pytest.Item]:
    """What `Session.perform_collect` does after collecting."""
    session.items = []
    session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
    session.config.hook.pytest_collection_finish(session=session)
    session.testscollected = len(session.items)
    return session.items


def _load_conftest(config: pytest.Config, root: Path, places: Iterable[Path]) -> None:
    """Load the project's own conftest, and let it hold in ``places`` as it will where their files will stand."""
    manager: Any = config.pluginmanager
    mode = config.known_args_namespace.importmode
    if hasattr(manager, "_loadconftestmodules"):
        spaces = config.getini("consider_namespace_packages")
        manager._loadconftestmodules(root, mode, config.rootpath, consider_namespace_packages=spaces)  # noqa: SLF001 - no public way
    else:  # pytest 7 and 8.0
        manager._getconftestmodules(root, mode, config.rootpath)  # noqa: SLF001 - the same
    known: dict[Path, Any] = getattr(manager, "_dirpath2confmods", {})
    known.update(dict.fromkeys(places, known.get(root, [])))
