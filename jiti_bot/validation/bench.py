"""The bench: one candidate in, one verdict out. Owns the warm worker and the ty server for the length of a run.

In order, cheapest first: guards, ruff's fixes and format; then side by side ruff and ty over the merged view, the
composition contract, and the tests in the sandboxed worker. What the cheap checks say is gathered, so that one report
tells everything at once. Nothing of a candidate runs before the guards have passed it.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Self

from jiti_bot.source.compose import compose
from jiti_bot.source.model import Kind, Spec
from jiti_bot.validation import (
    evidence,
    flags,
    guards,
    merged,
    mutants,
    order,
    redness,
    report,
    strength,
    together,
    trivial,
    uses,
    yielding,
)
from jiti_bot.validation.drafting import Drafting
from jiti_bot.validation.gathering import Batch, Gathering, Results
from jiti_bot.validation.jobs import Ran, RecordCalls, Recording, Result, RunCode, RunTests, Stopped, unproved
from jiti_bot.validation.model import Accepted, Candidate, Check, Flag, Refused, Verdict, Waits
from jiti_bot.validation.origins import resolver_of
from jiti_bot.validation.project import Project
from jiti_bot.validation.ruff import Ruff
from jiti_bot.validation.ty import Ty
from jiti_bot.validation.workbench import Level, Workbench

NOTHING: Mapping[str, str] = MappingProxyType({})
NO_RESULTS: Results = MappingProxyType({})
MAX_OUTPUT = 8_000  # characters of what run_python and observe hand back


class Bench:
    """Judges candidates. A context manager, one per run; every method may be called from several threads.

    ``level`` is the sandbox's: ``required``, ``auto`` or ``off``. ``specs`` are the project's, by key: a test that is
    to be written finds in them the stubs it is for. ``observed`` are calls that a program made, by key.
    ``proofs_first``: there may be nothing to do but proofs.

    Raises:
        ToolError: ruff, ty, pytest or the interpreter is missing or broken.
        SandboxError: a sandbox is required and cannot be had.

    """

    def __init__(
        self,
        project: Project,
        *,
        level: Level = "auto",
        specs: Mapping[str, Spec] = MappingProxyType({}),
        observed: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        proofs_first: bool = False,
    ) -> None:
        self.project = project
        self.specs = specs
        self.observed = observed
        workers = max(1, min(project.settings.jobs, os.cpu_count() or 1))
        self.workbench = Workbench(project.environment, level=level, workers=workers, proofs_first=proofs_first)
        self._ruff = Ruff(project.ruff, project.root, project.env)
        self._ty = Ty(project.ty, project.root, str(project.environment.python), project.env)
        self._views = merged.Views(self._ruff, self._ty)
        self._drafting = Drafting(self.project, self._ruff, self._views)
        self._gathering = Gathering(self._prove_together, self._passed)
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="bench")

    def __enter__(self) -> Self:
        self.workbench.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._ty.close()
        self.workbench.__exit__(None, None, None)

    def judge(self, candidate: Candidate, staged: Mapping[str, str] = NOTHING) -> Verdict:
        """The verdict on a candidate, in the warm worker.

        ``staged`` maps committed paths relative to the project root to texts accepted earlier in this run.
        """
        spec = candidate.spec
        tried = self.draft(candidate, staged)
        if isinstance(tried, Refused):
            return tried
        staged = {**staged, spec.path: tried.text}
        verdict = self.examine(spec, tried, staged)
        if spec.stub.kind is Kind.TEST and isinstance(verdict, Accepted):
            return self._weigh(spec, verdict, staged)
        return verdict

    def judge_together(self, parts: Sequence[together.Part], staged: Mapping[str, str] = NOTHING) -> together.Verdicts:
        """The verdicts by key on candidates, and on texts that stand as they are, each with all others in place."""
        return together.judge(self, parts, staged)

    def draft(
        self, candidate: Candidate, staged: Mapping[str, str] = NOTHING, beside: Collection[str] = ()
    ) -> Accepted | Refused:
        """What would be committed of a candidate that passes the guards; nothing else has judged it yet.

        Committed units whose paths are ``beside`` do not count: they are written anew as well.
        """
        return self._drafting.draft(candidate, staged, beside)

    def examine(self, spec: Spec, tried: Accepted, staged: Mapping[str, str]) -> Verdict:
        """Everything after the guards, in the warm worker; ``staged`` holds the text itself too."""
        return self._try(spec, tried, staged, self.project.read(spec.stub.file), self._warm)

    def guard(self, candidate: Candidate) -> guards.Guarded:
        """What the static guards say of a candidate, among what is committed; nothing of it runs."""
        return self._drafting.guard(candidate, NOTHING)

    def prove(self, accepted: Mapping[str, tuple[Spec, Accepted]]) -> Mapping[str, Verdict]:
        """Judge what will be stored once more, in place together in a fresh process; several threads may share one."""
        if any(spec.stub.kind is Kind.TEST for spec, _ in accepted.values()):
            results, whole = NO_RESULTS, accepted
        else:
            results, whole = self._gathering.results(accepted)
        staged = {spec.path: one.text for spec, one in whole.values()}
        verdicts: dict[str, Verdict] = {}
        for key, (spec, one) in accepted.items():
            host_text = self.project.read(spec.stub.file)
            result = results.get(key)
            run = self._fresh if result is None else _answered(*result)
            verdicts[key] = self._try(spec, one, staged, host_text, run)
        return verdicts

    def try_mutants(self, spec: Spec, accepted: Accepted, staged: Mapping[str, str] = NOTHING) -> strength.Strength:
        """How many small changes of an accepted body its tests notice; `strength.SECONDS` is the longest it takes."""
        wanted = self._expected(spec, tests=bool(accepted.tests))
        most = self.project.settings.mutants
        if not most or not wanted.ids or spec.stub.kind is Kind.TEST:
            return strength.Strength()
        files = {wanted.scratch: accepted.tests} if wanted.scratch else NOTHING
        return strength.weigh(
            accepted.text,
            mutants.mutants(accepted.text, spec.stub, most),
            wanted,
            lambda job, limit, wait: self.workbench.run_if_free(job, timeout=limit, wait=wait),
            lambda text: evidence.job([wanted], {**staged, spec.path: text}, files),
            limit=self._seconds(spec),
        )

    def red(self, spec: Spec) -> tuple[Flag, ...]:
        """Run the gates against bodies that implement nothing: those that pass them all, and those that cannot run."""
        wanted = self._expected(spec, tests=False)
        if not wanted.ids:
            return ()
        results: list[Result] = []
        for statement in trivial.BODIES:
            text = compose(spec.stub, trivial.bodies(spec.stub, statement), "")
            run = evidence.job([wanted], {spec.path: text}, NOTHING)
            results.append(self.workbench.run(run, timeout=self._seconds(spec), learn=not results))
            if not flags.still_green(wanted, results):
                break
        return flags.red(wanted, results, evidence.places(spec))

    def run_python(self, code: str, timeout: float) -> str:
        """Run code in the sandbox, in the project's root; what it wrote, bounded, and how it ended."""
        result = self.workbench.run(RunCode(code), timeout=timeout)
        said = report.shorten(result.output, MAX_OUTPUT)
        if isinstance(result, Stopped):
            return f"{said}\n[{result.reason}]".lstrip()
        ended = f"\n[exit status {result.status}]" if result.status else ""
        return f"{said}{ended}" or "[no output]"

    def observe(self, spec: Spec) -> str:
        """The arguments that the stub was called with by a program, and is by its gates: one call a line."""
        seen = (*self.observed.get(spec.key, ()), *self._recorded(spec))
        return report.shorten("\n".join(dict.fromkeys(seen)), MAX_OUTPUT)

    def _recorded(self, spec: Spec) -> Sequence[str]:
        """The calls of the gates, which are run against a recorder."""
        wanted = self._expected(spec, tests=False)
        if spec.stub.kind in {Kind.CLASS, Kind.TEST} or not wanted.ids:
            return ()
        recording = Recording(spec.key, spec.path, spec.stub.unit, spec.stub.header, spec.stub.is_generator)
        run = RecordCalls((recording,), wanted.gates, wanted.examples)
        result = self.workbench.run(run, timeout=self._seconds(spec))
        if isinstance(result, Stopped):
            return (f"[{result.reason}]",)
        return [
            f"{spec.key}({', '.join(f'{name}={value}' for name, value in call.arguments)})  # {call.test}"
            for call in result.calls
        ]

    def _try(
        self,
        spec: Spec,
        tried: Accepted,
        staged: Mapping[str, str],
        host_text: str,
        run: Callable[[RunTests, float], Result],
    ) -> Verdict:
        """Everything after the guards, side by side."""
        beside = yielding.hosts(spec, self.specs, self.project.read, lambda one: self._implementation(one, staged))
        host = self._views.host(spec.stub.file, beside.pop(spec.stub.file, host_text), self._pool)
        view = self._views.fold(spec.stub, host, tried.text)
        lint = self._pool.submit(self._opinion, "ruff", spec, lambda: self._views.ruff(spec.stub, host, view))
        types = self._pool.submit(self._opinion, "ty", spec, lambda: self._views.ty(spec.stub, host, view, beside))
        if spec.stub.kind is Kind.TEST:
            tested = self._test_the_test(spec, staged, run)
        else:
            tested = self._run_tests(spec, tried, staged, run)
        checks = [*(check for check in tried.checks if check.name == "guards"), lint.result(), types.result()]
        checks += self._uses(spec, tried.text, host_text)
        static = all(check.ok for check in checks)
        if tested.missing and static:
            waiting = ", ".join(tested.missing)
            said = f"its tests call what is not implemented yet: {waiting}"
            return Waits(tested.missing, tuple(checks), said, {spec.key: replace(tried, checks=tuple(checks))})
        if tested.missing:
            return Refused(tuple(checks), report.report(checks), tried.flags)
        checks += tested.checks
        if all(check.ok for check in checks):
            found = (*tested.flags, *flags.ungated(spec, checks))
            return Accepted(tried.text, tried.tests, tuple(checks), _with(tried.flags, found))
        return Refused(tuple(checks), report.report(checks), tried.flags)

    def _implementation(self, spec: Spec, staged: Mapping[str, str]) -> str:
        if spec.path in staged:
            return staged[spec.path]
        return dict(self.project.committed(spec.store, spec.stub.file)).get(spec.stub.unit, "")

    @staticmethod
    def _opinion(name: str, spec: Spec, judge: Callable[[], merged.Opinion]) -> Check:
        started = time.perf_counter()
        found = judge()
        file = spec.stub.file
        detail = report.diagnostics(found.refusals, file) if found.refusals else report.remarks(found.remarks, file)
        return Check(name, not found.refusals, detail, time.perf_counter() - started)

    def _uses(self, spec: Spec, text: str, host_text: str) -> list[Check]:
        if not spec.uses:
            return []
        left = uses.unused(spec, text, host_text, resolver_of(self.project))
        detail = "; ".join(
            f"`{one}` is listed in uses=[...] and has to be called, passed on or read: it is not" for one in left
        )
        return [Check("uses", not left, detail)]

    def _run_tests(
        self,
        spec: Spec,
        tried: Accepted,
        staged: Mapping[str, str],
        run: Callable[[RunTests, float], Result],
    ) -> evidence.Tested:
        wanted = self._expected(spec, tests=bool(tried.tests))
        if not wanted.ids:
            return evidence.Tested((), ())
        tested: list[evidence.Tested] = []
        for one in wanted.sessions:
            files = {one.scratch: tried.tests} if one.scratch else NOTHING
            result = run(evidence.job([one], staged, files), self._seconds(spec))
            said = evidence.judge(result, one, spec.key, str(self.project.root))
            tested.append(replace(said, flags=tuple(order.flags(result, evidence.places(spec)))))
            if isinstance(result, Stopped):
                break
        return evidence.joined(tested)

    def _test_the_test(
        self, spec: Spec, staged: Mapping[str, str], run: Callable[[RunTests, float], Result]
    ) -> evidence.Tested:
        """A jiti-test has to be collected, and to fail while nothing is implemented."""
        targets = redness.targets(spec, self.specs)
        red = {one.path: compose(one.stub, trivial.bodies(one.stub, trivial.RAISES), "") for one in targets}
        node = redness.node(spec)
        result = run(RunTests(nodes=(node,), staged={**staged, **red}), self._seconds(spec))
        return evidence.Tested((redness.judge(result, node, [one.key for one in targets]),), ())

    def _weigh(self, spec: Spec, verdict: Accepted, staged: Mapping[str, str]) -> Verdict:
        """Run a jiti-test against bodies that return the same for everything: it should fail with one of them."""
        gated = redness.targets(spec, self.specs)
        targets, paths, keys = [one.stub for one in gated], [one.path for one in gated], [one.key for one in gated]
        weak = [[trivial.bodies(one, plain) for one in targets] for plain in trivial.PLAIN]
        weak += [[trivial.echoes(one) for one in targets], [trivial.bodies(one, trivial.FRESH) for one in targets]]
        node, results = redness.node(spec), list[Result]()
        for bodies in weak if targets else ():
            texts = [compose(stub, body, "") for stub, body in zip(targets, bodies, strict=True)]
            run = RunTests(nodes=(node,), staged={**staged, **dict(zip(paths, texts, strict=True))})
            results.append(self._warm(run, self._seconds(spec)))
            if unproved(results[-1], (node,)):
                break
        found = redness.weighed(results, node, keys, verdict.text)
        if isinstance(found, Check):
            checks = (*(one for one in verdict.checks if one.name != found.name), found)
            return Refused(checks, report.report(checks), verdict.flags)
        return verdict if found is None else replace(verdict, flags=_with(verdict.flags, (found,)))

    def _prove_together(self, batch: Batch) -> Results:
        """One fresh process for all gates and one for all of the agent's own tests, as results of both for each.

        Where one is ended, there are none: a process for each then tells whose fault it was.
        """
        staged = {spec.path: one.text for spec, one in batch.values()}
        wanted = [self._expected(spec, tests=bool(one.tests)) for spec, one in batch.values()]
        files = {own.scratch: one.tests for own, (_, one) in zip(wanted, batch.values(), strict=True) if own.scratch}
        seconds = sum(self._seconds(spec) for spec, _ in batch.values())
        gates = [session for one in wanted for session in one.sessions if not session.scratch]
        both, seen = list[Result](), all(order.is_seen(one) for _, one in batch.values())
        for sessions, laid in ((gates, NOTHING), ([], files)):
            run = evidence.job(sessions, staged, laid)
            prove = partial(self.workbench.prove, timeout=seconds)
            both.append(order.in_both(prove, run, seen=seen) if sessions or laid else Ran())
            if isinstance(both[-1], Stopped) and len(batch) > 1:
                return {}
        return dict.fromkeys(batch, (both[0], both[1]))

    def _passed(self, batch: Batch, results: Results) -> bool:
        wanted = {key: self._expected(spec, tests=bool(one.tests)) for key, (spec, one) in batch.items()}
        return all(evidence.proved(one, results.get(key)) for key, one in wanted.items())

    def _warm(self, run: RunTests, seconds: float) -> Result:
        return self.workbench.run(run, timeout=seconds)

    def _fresh(self, run: RunTests, seconds: float) -> Result:
        return self.workbench.prove(run, timeout=seconds)

    def _expected(self, spec: Spec, *, tests: bool) -> evidence.Expected:
        return evidence.expected(spec, doctests=self.project.settings.doctests == "gate", tests=tests)

    def _seconds(self, spec: Spec) -> float:
        own = dict(spec.stub.engine.values).get("execution_timeout") if spec.stub.engine else None
        return float(own) if isinstance(own, int | float) else self.project.settings.execution_timeout


def _with(flags: tuple[Flag, ...], more: tuple[Flag, ...]) -> tuple[Flag, ...]:
    return tuple(dict.fromkeys((*flags, *more)))


def _answered(gates: Result, tests: Result) -> Callable[[RunTests, float], Result]:
    """The results of runs that were made for several specs at once: of their gates, of the agent's own tests."""
    return lambda run, _seconds: tests if run.files else gates
