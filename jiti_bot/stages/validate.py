"""validate: on a fresh machine without secrets, whatever a shard wrote or the bot's branch holds is proved again.

What the shards say is a claim. A file counts only where it belongs to a known unit, fits its stub as it stands now,
passes the guards and, with all others in place, its checks in a fresh process; what does not is taken out, and what
needed it is judged again without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jiti_bot.pipeline.evidence import judged
from jiti_bot.pipeline.looking import look
from jiti_bot.planning.result import TRIED, Outcome, Result
from jiti_bot.stages import again
from jiti_bot.stages import ground as grounds
from jiti_bot.stages import plan as plans
from jiti_bot.stages.files import refused
from jiti_bot.stages.ground import Ground
from jiti_bot.stages.model import Decision, Work
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.state import Condition
from jiti_bot.store.survey import Standing, scratch_of
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Check, Refused
from jiti_bot.validation.project import open_project
from jiti_bot.workspace import Workspace

_BY_PEOPLE = frozenset({Condition.EDITED, Condition.CONFLICT})


def validate(workspace: Workspace, decision: Decision, claims: Work) -> Work:
    """Prove what ``claims`` and the bot's branch hold; what may be published, and what came of each unit.

    Raises `StageError` for claims that no shard of ours would make, `ToolError` or `SandboxError`.
    """
    aside = _aside(workspace, decision)
    ground = grounds.lay(workspace, decision.sha, decision.head_sha)
    if claims.results and claims.sha != decision.sha:
        raise refused("A shard worked on another commit", "shard")
    standings = look(workspace)
    put(ground, standings.values(), claims.texts)
    standings = look(workspace)
    if not any(ground.differs(one) for one in standings.values()):
        return Work(decision.sha, {}, _told(_Trial(ground, claims, aside), standings), claims.error)
    root = Path(workspace.root)
    project = open_project(root, workspace.settings, workspace.env)
    specs = {key: one.spec for key, one in standings.items()}
    trial = _Trial(ground, claims, aside)
    with Bench(project, level=workspace.settings.sandbox, specs=specs, proofs_first=True) as bench:
        while trial.turn(bench):
            pass
    standings = look(workspace)
    texts = {
        path: data.decode("utf-8")
        for one in standings.values()
        for path in grounds.places(one)
        if (data := ground.current(path)) is not None and data != ground.base.get(path)
    }
    return Work(decision.sha, texts, _told(trial, standings), claims.error)


def _aside(workspace: Workspace, decision: Decision) -> Mapping[str, str]:
    """What plan left alone, as it found out itself."""
    if not decision.tried:
        return {}
    asked = grounds.asked(workspace, decision.sha)
    grounds.lay(workspace, decision.sha, decision.head_sha)
    return plans.aside(plans.todo(workspace, decision), decision, asked)


def put(ground: Ground, standings: Iterable[Standing], texts: Mapping[str, str], where: str = "shard") -> None:
    """Lay texts from the stage file ``where`` into the stores.

    Raises `StageError` for a path that is not that of a unit or its own tests.
    """
    stores = {path: one.spec.store for one in standings for path in grounds.places(one)}
    strange = sorted(texts.keys() - stores.keys())
    if strange:
        raise refused(f"{strange[0][:300]!r} is the place of no stub in this commit", where)
    for store in sorted(set(stores.values())):
        ground.put(store, {path: text.encode() for path, text in texts.items() if stores[path] == store})


def is_theirs(ground: Ground, standing: Standing) -> bool:
    """Whether a unit's body is a person's, as it lies on the base or the bot's branch: it is kept as it is.

    Its header may have been stamped anew, if it then fits the stub: that takes nothing from whose body it is.
    """
    entry, state = standing.committed, standing.state
    if not isinstance(entry, Entry) or state.condition not in _BY_PEOPLE:
        return False
    own = scratch_of(standing.spec)
    if own and ground.current(own) not in {ground.proposed.get(own), ground.base.get(own)}:
        return False
    fits = state.condition is Condition.EDITED and not state.stale_parts
    known = [data for held in (ground.proposed, ground.base) if (data := held.get(entry.path)) is not None]
    if entry.raw in known or (fits and any(_has_its_body(data, entry) for data in known)):
        return True
    # It may have lain elsewhere, for a stub that moved since.
    body = entry.header.body.encode()
    return fits and any(body in data and _has_its_body(data, entry) for data in ground.base.values())


def _has_its_body(data: bytes, entry: Entry) -> bool:
    """Whether ``data`` is a committed file with the code of ``entry``, made from the same generated body."""
    known = parse_entry(entry.path, data)
    return isinstance(known, Entry) and (known.code, known.header.body) == (entry.code, entry.header.body)


def their_methods(ground: Ground, standing: Standing) -> frozenset[str]:
    """The methods of a class, by unit ('' for helpers), that a person wrote, as the base or the bot's branch has them.

    Empty where something was edited that does not lie there so: then nothing of it counts as a person's.
    """
    entry, stub = standing.committed, standing.spec.stub
    if not isinstance(entry, Entry) or not entry.header.parts or standing.state.stale_parts:
        return frozenset()
    held = [data for one in (ground.proposed, ground.base) if (data := one.get(entry.path)) is not None]
    known = [old for data in held if isinstance(old := parse_entry(entry.path, data), Entry)]
    if not all(any(_same_part(old, entry, name) for old in known) for name in entry.edited):
        return frozenset()
    return frozenset(f"{stub.unit}.{name}" if name else name for name in entry.edited)


def _same_part(old: Entry, new: Entry, name: str) -> bool:
    """Whether a part of a class reads the same in both, and was made from the same generated code."""
    was, now = ({part.name: part.body for part in one.header.parts} for one in (old, new))
    there = name in was and name in now and name in dict(old.parts)
    return there and was[name] == now[name] and dict(old.parts)[name] == dict(new.parts).get(name)


@dataclass(slots=True)
class _Trial:
    """What is known of the units so far, turn by turn."""

    ground: Ground
    claims: Work
    aside: Mapping[str, str]  # what was left alone, and why
    proved: dict[str, Accepted] = field(default_factory=dict)
    failed: dict[str, tuple[str, tuple[Check, ...]]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)  # a person's work that does not pass: it stays, and is told

    def turn(self, bench: Bench) -> bool:
        """Judge all that differs from the base; whether something was taken out and the rest is to be judged again."""
        standings = look(self.ground.workspace)
        trying: dict[str, tuple[Standing, Accepted]] = {}
        out: dict[str, tuple[str, tuple[Check, ...]]] = {}
        for key, standing in standings.items():
            if not self.ground.differs(standing) or key in self.kept:
                continue
            theirs = is_theirs(self.ground, standing)
            kept = their_methods(self.ground, standing)
            why = self._unfit(standing, theirs=theirs or bool(kept))
            verdict = Refused((), why)
            if not why:
                verdict = again.guard(bench, self.ground, standing, edited=theirs, kept=kept)
            if isinstance(verdict, Accepted):
                trying[key] = (standing, verdict)
            elif theirs:
                self._leave(standing, verdict.report)
            else:
                out[key] = (verdict.report, verdict.checks)
        self.proved = {}
        verdicts = bench.prove(
            {key: (judged(standing.spec, standing.committed), one) for key, (standing, one) in trying.items()}
        )
        for key, verdict in verdicts.items():
            standing = trying[key][0]
            if isinstance(verdict, Accepted):
                self.proved[key] = replace(verdict, checks=_with_guards(verdict.checks))
            elif is_theirs(self.ground, standing):
                self._leave(standing, verdict.report)
            else:
                out[key] = (verdict.report, verdict.checks)
        for key in out:
            self._take_out(standings[key])
        self.failed |= out
        return bool(out)

    def _unfit(self, standing: Standing, *, theirs: bool) -> str:
        """Why a file cannot stand for its stub, in words, before anything runs; '' where it may."""
        state = standing.state
        if not isinstance(standing.committed, Entry):
            return "only its tests came, not its body" if standing.committed is None else state.reason
        if state.condition is Condition.CURRENT:
            return ""
        if state.condition is Condition.EDITED and not state.stale_parts:
            return "" if theirs else "its body is not the one that its header was written for"
        return state.reason or state.condition.value

    def _leave(self, standing: Standing, why: str) -> None:
        """Keep a person's work as it lay there, without a stamp that it has not earned."""
        path = standing.spec.path
        self.ground.put(standing.spec.store, {path: self.ground.proposed.get(path, self.ground.base.get(path))})
        self.kept[standing.spec.key] = why

    def _take_out(self, standing: Standing) -> None:
        places = grounds.places(standing)
        self.ground.put(standing.spec.store, {path: self.ground.base.get(path) for path in places})


def _with_guards(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return checks if any(check.name == "guards" for check in checks) else (Check("guards", ok=True), *checks)


def _told(trial: _Trial, standings: Mapping[str, Standing]) -> tuple[Result, ...]:
    """What came of every unit that somebody worked on, or should have; in the order of the project."""
    claimed = {one.key: one for one in trial.claims.results}
    every = ((_result(key, one, claimed.get(key), trial)) for key, one in standings.items())
    return tuple(one for one in every if one is not None)


def _result(key: str, standing: Standing, claim: Result | None, trial: _Trial) -> Result | None:
    spec = standing.spec
    if key in trial.failed:
        report, checks = trial.failed[key]
        known = claim or Result(key, Outcome.FAILED, spec.path)
        words = f"it did not pass on a fresh machine\n{report}" if claim is None or claim.good else claim.reason
        outcome = Outcome.FAILED if claim is None or claim.good else claim.outcome
        return replace(known, path=spec.path, outcome=outcome, reason=words, checks=_named(checks), code="incomplete")
    if key in trial.kept:
        words = f"a person's edit that does not pass; it was left as it is\n{trial.kept[key]}"
        return Result(key, Outcome.CONFLICT, spec.path, reason=words, code="conflict")
    if key in trial.proved:
        return _proved(standing, trial.proved[key], claim)
    if claim is not None and not claim.good:
        return replace(claim, path=spec.path)
    if claim is not None and claim.outcome is not Outcome.CURRENT:
        words = "it was said to be done, but no file of it came"
        return replace(claim, path=spec.path, outcome=Outcome.FAILED, reason=words, code="incomplete")
    if standing.state.is_pending and key in trial.aside:
        return Result(key, Outcome.SKIPPED, spec.path, reason=trial.aside[key], code=TRIED)
    if standing.state.is_pending:
        return Result(key, Outcome.SKIPPED, spec.path, reason="the job that was to write it did not end")
    return None


def _proved(standing: Standing, accepted: Accepted, claim: Result | None) -> Result:
    """A unit that passed here: facts are ours, what it cost is the shard's word."""
    spec, entry = standing.spec, standing.committed
    assert isinstance(entry, Entry), "only what can be read is proved"
    known = claim or Result(spec.key, Outcome.RESTORED, spec.path, attempts=_attempts(entry))
    told = [flag.detail for flag in accepted.flags]
    return replace(
        known,
        path=spec.path,
        outcome=known.outcome if known.good and known.outcome is not Outcome.CURRENT else Outcome.RESTORED,
        checks=_named(accepted.checks),
        reason=known.reason if known.good else "",
        code="",
        model=entry.header.model,
        flags=tuple(dict.fromkeys((*told, *known.flags))),
    )


def _named(checks: Iterable[Check]) -> tuple[tuple[str, bool], ...]:
    return tuple((check.name, check.ok) for check in checks)


def _attempts(entry: Entry) -> int:
    """How many attempts a committed file's header speaks of."""
    words = [word.partition("=")[2] for word in entry.header.evidence.split() if word.startswith("attempts=")]
    return int(words[0]) if words and words[0].isdecimal() and len(words[0]) < 6 else 0
