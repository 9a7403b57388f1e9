"""What the tools do, and how far the work has come: submissions, the best accepted one, disputes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, Self

from jiti_bot.agent import events, prompts, tools
from jiti_bot.agent.brief import Brief
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.member import parts
from jiti_bot.agent.outcome import Dispute, Done, GaveUp, Kept, Outcome, Postponed, Settled, Spent
from jiti_bot.agent.tools import Answer
from jiti_bot.agent.turn import ToolCall
from jiti_bot.errors import JitiError
from jiti_bot.source import aside
from jiti_bot.source.model import Gate, GateKind, Spec
from jiti_bot.validation.model import Accepted, Candidate, Check, Refused, Verdict, Waits
from jiti_bot.validation.together import Part, Verdicts, drafts, joined

MAX_REPORT = 12_000  # characters
Texts = Mapping[str, Accepted]  # by key, where several stubs are written together


class Bench(Protocol):
    """Validation as the agent sees it; safe to use from several threads."""

    def judge(self, candidate: Candidate, staged: Mapping[str, str]) -> Verdict:
        """Judge a candidate; ``staged`` maps committed paths accepted in this run to their texts."""
        ...

    def judge_together(self, parts: Sequence[Part], staged: Mapping[str, str]) -> Verdicts:
        """Judge several with each other in place; the verdicts by key."""
        ...

    def run_python(self, code: str, timeout: float) -> str:
        """Run code in the sandbox; what it wrote."""
        ...

    def observe(self, spec: Spec) -> str:
        """The real calls of a stub, seen while its gates ran against a recorder."""
        ...


# What happens with a disputed test or example: takes the spec as it is judged by, the gate, the numbers of examples in
# it, and the dispute.
Settle = Callable[[Spec, Gate, tuple[int, ...], Dispute], Settled]


class Desk:
    """The work on one stub, or on several together.

    `use` answers a call; `outcome` is set when nothing more is to be asked.
    """

    def __init__(
        self,
        brief: Brief,
        bench: Bench,
        emit: Callable[[events.Event], None],
        *,
        files: ProjectFiles,
        staged: Mapping[str, str],
        settle: Settle | None,
    ) -> None:
        self.brief = brief
        self.files = files.without(".jiti") if brief.is_test else files
        self.attempts = 0
        self.refactors = 0
        self.reminded = False
        self.disputes: list[Dispute] = []
        self.report = ""
        self.checks: tuple[Check, ...] = ()  # of what was refused last
        self._bench = bench
        self._emit = emit
        self._staged = staged
        self._settle = settle
        self._base = brief.base
        self._best: tuple[int, Accepted, Texts] | None = None
        self._end: Callable[[Spent], Outcome] | None = None

    def outcome(self, spent: Spent) -> Outcome | None:
        """How it ended, once it has."""
        return self._end(spent) if self._end else None

    def stop(self, code: str, reason: str, spent: Spent) -> Outcome:
        """End here: with the best accepted submission if there is one, else with nothing."""
        if self._best is not None:
            return self._done(spent, note=reason)
        return GaveUp(reason, code, spent, self.attempts, self.report, tuple(self.disputes), self.checks)

    def has_best(self) -> bool:
        """Whether a submission was accepted."""
        return self._best is not None

    def pause(self) -> Self:
        """Leave a submission that cannot be judged yet; it is judged when the work goes on."""
        self._end = None
        return self

    def go_on(self, staged: Mapping[str, str]) -> Self:
        """Take the work up again, with what was accepted meanwhile."""
        self._staged = staged
        return self

    def use(self, call: ToolCall, *, cut: bool) -> Answer:
        """Carry out a call; ``cut`` says that the reply was cut at its longest."""
        self._emit(events.ToolCalled(self.brief.key, call.name, tools.summary(call)))
        complaint = tools.fault(call, self.brief.tools, self.brief.members, self.brief.optional, cut=cut)
        if complaint:
            return Answer(complaint, is_error=True)
        match call.name:
            case "read_file":
                return self.files.read(
                    tools.text(call, "path"), tools.number(call, "start") or 0, tools.number(call, "end") or 0
                )
            case "search":
                return self.files.search(tools.text(call, "text"), tools.text(call, "glob"))
            case "run_python":
                return Answer(self._bench.run_python(tools.text(call, "code"), self.brief.limits.execution_timeout))
            case "observed_calls":
                seen = "\n".join(filter(None, map(self._bench.observe, self.brief.specs)))
                return Answer(seen or "No gate called the stub.")
            case "dispute":
                return self._dispute(Dispute(tools.text(call, "test").strip(), tools.text(call, "reason").strip()))
            case "keep":
                reason = tools.text(call, "reason").strip()
                self._end = lambda spent: Kept(reason, spent)
                return Answer("Kept.")
            case _:
                return self._submit(call)

    def remind(self, *, cut: bool) -> str | None:
        """What to tell a model that used no tool; None when it was told already."""
        if self.reminded or self._best is not None:
            return None
        self.reminded = True
        return prompts.fill(
            "reminder", tool=self.brief.submits, why="was cut at its longest" if cut else "used no tool"
        )

    def _submit(self, call: ToolCall) -> Answer:
        quality = tools.number(call, "quality")
        verdict, texts = self._judge(call, quality)
        if isinstance(verdict, Waits):
            waits = verdict
            self._end = lambda spent: Postponed(waits.keys, spent, None, waits.drafts, self.attempts)
            return Answer(verdict.report)
        self.attempts += 1
        report = verdict.report if isinstance(verdict, Refused) else ""
        ok = isinstance(verdict, Accepted)
        self._emit(events.Checked(self.brief.key, self.attempts, ok, verdict.checks, report))
        if isinstance(verdict, Accepted):
            return self._accept(verdict, 10 if quality is None else quality, texts)
        self.report, self.checks = report, verdict.checks
        if self._best is not None:  # a round of improvement that failed: what passed before stands
            self._end = lambda spent: self._done(spent, note="the improved version did not pass")
        return Answer(f"FAILED\n{_bounded(report)}{self._opened(verdict.checks)}")

    def _judge(self, call: ToolCall, quality: int | None) -> tuple[Verdict, Texts]:
        """The verdict on a submission; for several stubs one on all of them, and what each of them comes to."""
        body = tools.body(call, self.brief.members, self.brief.optional)
        helpers, tests = tools.text(call, "helpers"), tools.text(call, "tests")
        if not self.brief.group:
            candidate = Candidate(self.brief.spec, body, helpers, tests, quality, self._base)
            return self._bench.judge(candidate, self._staged), {}
        assert isinstance(body, Mapping), "several stubs have several bodies"
        submitted = parts(self.brief.group, body, helpers, tests, quality)
        verdicts = self._bench.judge_together(submitted, self._staged)
        return joined(verdicts), drafts(verdicts)

    def _opened(self, checks: Sequence[Check]) -> str:
        """Let committed methods be changed once gates fail without that: what to tell the model, if anything."""
        base, failed = self._base, {check.name for check in checks if not check.ok}
        if base is None or base.opened() == base or not failed or failed - {"doctests", "gates"}:
            return ""
        self._base = base.opened()
        return f"\n\n{prompts.read('opened')}"

    def _accept(self, accepted: Accepted, quality: int, texts: Texts) -> Answer:
        if self._best is None or quality >= self._best[0]:
            self._best = (quality, accepted, texts)
        limits = self.brief.limits
        passed = f"PASSED {', '.join(check.name for check in accepted.checks)}."
        if quality >= limits.quality_threshold or self.refactors >= limits.max_refactor or self.brief.is_test:
            self._end = self._done
            return Answer(passed)
        self.refactors += 1
        ask = prompts.fill("refactor", quality=str(quality), threshold=str(limits.quality_threshold))
        return Answer(f"{passed}\n\n{ask}")

    def _done(self, spent: Spent, note: str = "") -> Done:
        assert self._best is not None
        quality, accepted, texts = self._best
        return Done(accepted, spent, quality, self.attempts, tuple(self.disputes), note, texts)

    def _dispute(self, dispute: Dispute) -> Answer:
        found = next(filter(None, (_disputed(spec, dispute.test) for spec in self.brief.specs)), None)
        if found is None:
            names = ", ".join(gate.name for spec in self.brief.specs for gate in spec.gates) or "none"
            return Answer(f"No test `{dispute.test}` gates this stub. Those that do: {names}.", is_error=True)
        spec, gate, numbers = found
        if gate.kind is GateKind.HUMAN:
            return Answer(
                f"`{gate.name}` was written by a person, so it is right by definition: the implementation has to pass "
                "it. Say in a comment what surprises you.",
                is_error=True,
            )
        if len(numbers) > 1:
            listed = aside.listed(spec, gate, numbers)
            return Answer(f"`{gate.name}` has several examples. Say which one is wrong: {listed}.", is_error=True)
        named = f"{gate.name}, {aside.listed(spec, gate, numbers)}" if numbers else gate.name
        if any(named == earlier.test for earlier in self.disputes):
            return Answer(f"`{dispute.test}` was disputed before; that is settled.", is_error=True)
        settled = Dispute(named, dispute.reason)
        if self._settle is None:
            self.disputes.append(settled)
            return Answer("The reviewer will read this. The test stands for now.")
        try:
            outcome = self._settle(spec, gate, numbers, settled)
        except JitiError as error:
            self.disputes.append(settled)
            return Answer(f"The test stands: {error}", is_error=True)
        self.disputes.append(settled)
        self.brief = self.brief.judged_by(outcome.spec)
        return Answer(outcome.said)


def _disputed(spec: Spec, said: str) -> tuple[Spec, Gate, tuple[int, ...]] | None:
    """``spec`` with the gate of it that ``said`` names, and the numbers of its examples if it is a docstring's."""
    name = said.rpartition("::")[2]
    tests = [gate for gate in spec.gates if gate.kind is not GateKind.DOCTEST]
    gate = next((gate for gate in tests if name in {gate.name, gate.name.rpartition(".")[2]}), None)
    example = aside.find(spec, said)
    return (spec, gate, ()) if gate else (spec, *example) if example else None


def _bounded(report: str) -> str:
    if len(report) <= MAX_REPORT:
        return report
    half = MAX_REPORT // 2
    return f"{report[:half]}\n... {len(report) - 2 * half} characters left out ...\n{report[-half:]}"
