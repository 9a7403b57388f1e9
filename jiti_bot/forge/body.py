"""The pull request's text, written for the person who has to decide. Pure: values in, Markdown out."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from jiti_bot.forge import pieces, state
from jiti_bot.forge.model import Publication, Section
from jiti_bot.forge.picture import picture
from jiti_bot.forge.pieces import Measure, Page, money
from jiti_bot.forge.sanitise import code, one_line
from jiti_bot.forge.state import MARKER, Remembered
from jiti_bot.planning.result import TRIED, Outcome, Result, summarise

__all__ = [
    "MARKER",
    "Page",
    "Section",
    "fingerprint",
    "is_title",
    "recalled",
    "remember",
    "render",
    "title",
    "with_costs",
]

#: What GitHub takes is 65,536 characters; a little room is left for how it counts.
LIMIT = 65_000
_MEASURES = (
    Measure(asked=4_000, came=8_000, report=6_000),
    Measure(asked=2_000, came=2_500, report=3_000),
    Measure(asked=1_200, came=0, report=2_000),
    Measure(asked=400, came=0, report=800, gates=False),
    Measure(asked=0, came=0, report=400, gates=False),
    Measure(asked=0, came=0, report=0, links=False, gates=False),
    Measure(asked=0, came=0, report=0, links=False, gates=False, picture=False, rows=150),
    Measure(asked=0, came=0, report=0, links=False, gates=False, picture=False, rows=50),
    Measure(asked=0, came=0, report=0, links=False, gates=False, picture=False, rows=5, notes=5),
)
_FEW = 3  # stubs, or failures, that are shown without a click
_TITLE = re.compile(r"Implement (\d+ stubs|[\w./:\-\u200b]+…?)")
_ONCE = (
    "What was tried is not paid for again at each push: `/jiti retry`, or a change to the stub or a gate, tries again."
)
_AGAIN = frozenset({Outcome.REVALIDATED, Outcome.RESTORED, Outcome.CURRENT})


def title(results: Sequence[Result]) -> str:
    """The pull request's title."""
    done = [result.key for result in results if result.good]
    if len(done) == 1:
        return one_line(f"Implement {done[0]}", 200)
    return f"Implement {len(done)} stubs"


def is_title(text: str) -> bool:
    """Whether a title is one that `title` makes, and not a person's."""
    return _TITLE.fullmatch(text) is not None


def render(
    sections: Sequence[Section], *, page: Page | None = None, memory: Remembered | None = None, limit: int = LIMIT
) -> str:
    """The pull request's body: as much of it as ``limit`` characters take, its memory and its summary always."""
    tail = state.write(memory) if memory else ""
    limit -= _size(tail) + (state.room(memory) if memory else 0)  # people's wishes come in before the next text
    text = ""
    for measure in _MEASURES:
        text = _compose(sections, page, measure)
        if _size(text) + 2 <= limit:
            break
    return f"{text}\n{tail}\n" if tail else text


def fingerprint(publication: Publication, kept: Sequence[str], memory: Remembered) -> str:
    """A digest of what a text tells: what is asked for, what came of it, and the commit that holds it.

    What only the run knows (time, money, its address) is left out: a run that finds nothing new changes nothing.
    """
    told = [
        sorted(publication.specs.items()),
        sorted(
            [
                one.result.key,
                one.result.good,
                "" if one.result.good else memory.failed.get(one.result.key, one.result.reason),
            ]
            for one in publication.sections
        ),
        sorted(kept),
        memory.at,
    ]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


def remember(publication: Publication, memory: Remembered) -> Remembered:
    """The memory after a publication: its specs, what its bodies cost, and what cost something and did not pass."""
    specs = {key: state.short(digest) for key, digest in publication.specs.items()}
    proved = {one.result.key for one in publication.sections if one.result.outcome in _AGAIN}
    usd = {key: cost for key, cost in memory.usd.items() if key in proved or specs.get(key) == memory.specs.get(key)}
    for section in publication.sections:
        result = section.result
        if result.usd and result.key in specs:
            usd[result.key] = result.usd + (usd.get(result.key, 0.0) if result.outcome in _AGAIN else 0.0)
    paid = {one.result.key: one.result for one in publication.sections if one.result.outcome is Outcome.FAILED}
    failed = {key: result.reason for key, result in paid.items() if result.turns}
    failed |= {one.result.key: memory.failed[one.result.key] for one in publication.sections if _is_known(one, memory)}
    return replace(memory, specs=specs, every=state.whole(specs), usd=usd, failed=state.reports(failed))


def recalled(sections: Sequence[Section], memory: Remembered) -> tuple[Section, ...]:
    """``sections`` in which what was not tried again tells its last report."""
    return tuple(
        replace(one, result=replace(one.result, outcome=Outcome.FAILED, reason=memory.failed[one.result.key]))
        if _is_known(one, memory)
        else one
        for one in sections
    )


def _is_known(section: Section, memory: Remembered) -> bool:
    return section.result.code == TRIED and section.result.key in memory.failed


def with_costs(sections: Sequence[Section], memory: Remembered) -> tuple[Section, ...]:
    """``sections`` in which what earlier runs paid for still tells its price: a body that stands, an attempt."""
    return tuple(
        replace(one, result=replace(one.result, usd=memory.usd[one.result.key]))
        if (one.result.outcome in _AGAIN or one.result.code == TRIED) and one.result.key in memory.usd
        else one
        for one in sections
    )


def _compose(sections: Sequence[Section], page: Page | None, measure: Measure) -> str:
    good = [section for section in sections if section.result.good]
    failed = [section for section in sections if not section.result.good]
    parts = [_headline(sections, page), pieces.notes(sections, page, measure)]
    parts.append(pieces.table(sections, page, measure))
    if measure.picture:
        parts.append(picture(sections))
    if failed and (measure.report or measure.links):
        parts += ["## What was not done", _ONCE if page else ""]
        shape = replace(measure, opened=len(failed) <= _FEW)
        parts += [pieces.failure(section, page, shape) for section in failed]
    if good and measure.asked:
        shape = replace(measure, opened=len(good) <= _FEW)
        parts += ["## What was asked, and what came", *(pieces.stub(section, page, shape) for section in good)]
    elif good:
        parts.append("There are too many stubs to show each one here: *Files changed* holds every body.")
    parts.append(_ways(sections, page))
    told = "\n\n".join(filter(None, parts))
    return f"{MARKER}\n\n{state.harmless(told)}\n"


def _headline(sections: Sequence[Section], page: Page | None) -> str:
    results = tuple(section.result for section in sections)
    good = sum(result.good for result in results)
    usd = summarise(results)["usd"]
    cost = "" if usd == 0 else f" Cost: {money(usd if isinstance(usd, float | int) else None)}."
    models = sorted({result.model for result in results if result.model})
    by = f", written by {', '.join(code(model, 60) for model in models[:5])}" if models else ""
    stubs = "stub has" if len(results) == 1 else "stubs have"
    lines = [f"**{good} of {len(results)}** {stubs} a body that passes every check it was given{by}.{cost}"]
    if page:
        run = f" in [this run]({page.run})" if page.run else ""
        lines.append(f"Judged on {code(page.base)} at {page.base_sha[:12]}{run}.")
    return " ".join(lines)


def _ways(sections: Sequence[Section], page: Page | None) -> str:
    edit = (
        "**Want something else?** Edit a body on this branch: an edit is kept, never overwritten. Or let the stub's "
        "docstring or its tests say more, and push: the body is written again."
    )
    own = sorted(sections, key=lambda one: (one.is_test, not one.result.good))
    key = own[0].result.key if own else ""
    commands = (
        f"Or comment {code(f'/jiti regenerate {key} make it easier to read', 400)}. On a line of a "
        "generated file `/jiti` and a few words do the same. `/jiti keep`, `/jiti retry` and `/jiti help` work too."
    )
    closing = "A pass is evidence, not proof of intent: please read the code as you would a colleague's."
    return "\n\n".join(["---", edit, *([commands] if page and own else []), closing])


def _size(text: str) -> int:
    """Characters as the strictest counter takes them: units of UTF-16."""
    return len(text) + sum(ord(char) > 0xFFFF for char in text)
