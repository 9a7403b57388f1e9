"""Several units judged with each other in place: each passes only if all do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from jiti_bot.source.model import Spec
from jiti_bot.validation import report
from jiti_bot.validation.model import Accepted, Candidate, Check, Flag, Refused, Verdict, Waits


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit that stays as it was drafted before, or as it is committed."""

    spec: Spec
    draft: Accepted


Part = Candidate | Standing
Verdicts = Mapping[str, Verdict]


class Judge(Protocol):
    """What it takes to judge one unit."""

    def draft(self, candidate: Candidate, staged: Mapping[str, str], beside: Collection[str]) -> Accepted | Refused:
        """What would be committed of a candidate."""
        ...

    def examine(self, spec: Spec, tried: Accepted, staged: Mapping[str, str]) -> Verdict:
        """Everything after the guards."""
        ...


def judge(bench: Judge, parts: Sequence[Part], staged: Mapping[str, str]) -> Verdicts:
    """Verdicts by key. If the guards refuse some, theirs are all there is: nothing of the others was run."""
    beside = [part.spec.path for part in parts if isinstance(part, Candidate)]
    around = {**staged, **{part.spec.path: part.draft.text for part in parts if isinstance(part, Standing)}}
    drafts = {
        part.spec.key: part.draft if isinstance(part, Standing) else bench.draft(part, around, beside) for part in parts
    }
    refused = {key: one for key, one in drafts.items() if isinstance(one, Refused)}
    if refused:
        return refused
    tried = {key: one for key, one in drafts.items() if isinstance(one, Accepted)}
    together = {**staged, **{part.spec.path: tried[part.spec.key].text for part in parts}}
    return {part.spec.key: bench.examine(part.spec, tried[part.spec.key], together) for part in parts}


def joined(verdicts: Verdicts) -> Verdict:
    """One verdict on all of them: what was refused is told by key, what is accepted has no text of its own."""
    checks = _checks(verdicts)
    refused = {key: one for key, one in verdicts.items() if isinstance(one, Refused)}
    noted: tuple[Flag, ...] = tuple(dict.fromkeys(flag for one in verdicts.values() for flag in _flags(one)))
    if refused:
        said = "\n\n".join(f"## {key}\n\n{one.report}" for key, one in refused.items())
        return Refused(checks, report.shorten(said, report.MAX_REPORT), noted)
    waiting = [one for one in verdicts.values() if isinstance(one, Waits)]
    if waiting:
        keys = tuple(sorted({key for one in waiting for key in one.keys} - verdicts.keys()))
        said = f"their tests call what is not implemented yet: {', '.join(keys)}"
        if not keys:  # what is in place counts as missing: it cannot be loaded
            return Refused(checks, waiting[0].report, noted)
        return Waits(keys, checks, said, drafts(verdicts))
    return Accepted("", "", checks, noted)


def drafts(verdicts: Verdicts) -> Mapping[str, Accepted]:
    """The drafts of what was accepted or waits, by key."""
    found: dict[str, Accepted] = {}
    for key, one in verdicts.items():
        if isinstance(one, Accepted):
            found[key] = one
        elif isinstance(one, Waits):
            found.update(one.drafts)
    return found


def _checks(verdicts: Verdicts) -> tuple[Check, ...]:
    """A check of each name, failed if it failed for one; its detail says for which."""
    found: dict[str, Check] = {}
    for key, verdict in verdicts.items():
        for check in verdict.checks:
            named = check if check.ok else replace(check, detail=f"{key}: {check.detail}")
            before = found.get(check.name)
            if before is None or (before.ok and not check.ok):
                found[check.name] = named
            elif not check.ok:
                found[check.name] = replace(before, detail=f"{before.detail}\n{named.detail}")
    return tuple(found.values())


def _flags(verdict: Verdict) -> tuple[Flag, ...]:
    return () if isinstance(verdict, Waits) else verdict.flags
