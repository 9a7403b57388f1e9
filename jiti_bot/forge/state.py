"""What the pull request itself remembers: one comment in its text, JSON, that nobody sees. Pure.

The text can be changed by whoever may write to the repository: what is read here is taken for a note, not for a proof,
and anything odd about it reads as nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from jiti_bot.source.digest import text_digest
from jiti_bot.source.model import PARTS, Digests

MARKER = "<!-- jiti-bot:pull-request -->"
FORMAT = 1
MAX_HINT = 1_000  # characters
MAX_WISHES = 12_000  # characters of the newest; more are forgotten
MAX_UNITS = 26_000  # characters, some 300 units; of more only the digest over all is remembered
MAX_FAILED = 8_000  # characters of keys and last reports of what failed; what does not fit is tried again
_START = "<!-- jiti-bot:state "
_STATE = re.compile(re.escape(_START) + r"(\{.*?\}) -->")
_MAX_KEY = 500
_DIGEST = 12  # hex digits: enough to see a change, little enough for hundreds of stubs


@dataclass(frozen=True, slots=True)
class Wish:
    """What was last asked for one unit: a hint, or (None) to keep its body. ``given`` orders it: (time, comment)."""

    given: tuple[str, int]
    hint: str | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """The pull request's memory.

    ``specs`` are short digests by key of all that was asked when it was written, ``every`` one over them all, which is
    there also where they are too many to be remembered; ``usd`` is what the bodies cost, ``failed`` the last report, by
    key, of what was tried and did not pass, ``wishes`` what people asked for by key. ``obsolete`` says that the bot
    closed it; ``told`` is a digest of what its text tells, ``at`` the commit that it links to.
    """

    specs: Mapping[str, str] = field(default_factory=dict)
    usd: Mapping[str, float] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    every: str = ""
    obsolete: bool = False
    told: str = ""
    at: str = ""


def asked(digests: Digests) -> str:
    """A digest of all that is asked of a stub: one that was turned down, or that failed, is known again by it."""
    return text_digest("\n".join(getattr(digests, part) for part in PARTS))


def short(digest: str) -> str:
    """A spec's digest as it is remembered."""
    return sha256(digest.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def whole(specs: Mapping[str, str]) -> str:
    """One digest over the short digests of everything that is asked for."""
    return short("\n".join(f"{key} {digest}" for key, digest in sorted(specs.items()))) if specs else ""


def asks_for_more(specs: Mapping[str, str], known: "Remembered") -> bool:
    """Whether ``specs`` (full digests by key) hold anything that the pull request was not asked for."""
    now = {key: short(digest) for key, digest in specs.items()}
    if known.every and not known.specs:
        return whole(now) != known.every
    return any(known.specs.get(key) != digest for key, digest in now.items())


def write(state: Remembered) -> str:
    """The comment for a pull request's text. Nothing in it can end it or act: what is odd is escaped as JSON does."""
    units = {key: [digest, round(state.usd.get(key, 0.0), 4)] for key, digest in sorted(state.specs.items())}
    value: dict[str, object] = {
        "v": FORMAT,
        "units": units if len(_encoded(units)) <= MAX_UNITS else {},
        "all": state.every or whole(state.specs),
        "failed": reports(state.failed),
        "wishes": _newest(state.wishes),
        "obsolete": state.obsolete,
        "told": state.told,
        "at": state.at,
    }
    return f"{_START}{_encoded(value)} -->"


def reports(failed: Mapping[str, str]) -> dict[str, str]:
    """As much of the last reports as there is room for, each with as much as the others: the same when done again."""
    found: dict[str, str] = {}
    room = MAX_FAILED
    for key in sorted(failed):
        room -= len(_encoded({key: ""}))
        if room < 0:
            break
        found[key] = failed[key]
    share = max(0, room) // max(1, len(found))
    return {key: _beginning(report, share) for key, report in found.items()}


def _beginning(text: str, room: int) -> str:
    """As much of a text as takes ``room`` characters in the memory."""
    kept = text[:room]
    while (over := len(_encoded(kept)) - 2 - room) > 0:
        kept = kept[: len(kept) - (over + 11) // 12]  # one character takes at most two escapes
    return kept


def _newest(wishes: Mapping[str, Wish]) -> dict[str, list[object]]:
    """As many of the newest wishes as there is room for."""
    found: dict[str, list[object]] = {}
    room = MAX_WISHES
    for key, wish in sorted(wishes.items(), key=lambda item: item[1].given, reverse=True):
        value: list[object] = [*wish.given, wish.hint]
        room -= len(_encoded({key: value}))
        if room < 0:
            break
        found[key] = value
    return dict(sorted(found.items()))


def _encoded(value: object) -> str:
    """JSON in which no character can end a comment or act."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for char in "<>&@#`-":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def read(body: str) -> Remembered:
    """The memory in a pull request's text; an empty one where there is none that can be used."""
    found = _STATE.findall(body)
    if len(found) != 1:
        return Remembered()
    try:
        value = json.loads(found[0])
    except (ValueError, RecursionError):
        return Remembered()
    if not isinstance(value, dict) or value.get("v") != FORMAT:
        return Remembered()
    return Remembered(
        specs={key: item[0] for key, item in _table(value, "units") if _is_unit(item)},
        usd={key: float(item[1]) for key, item in _table(value, "units") if _is_unit(item) and item[1]},
        failed={key: item for key, item in _table(value, "failed") if isinstance(item, str)},
        every=_hex(value.get("all")),
        wishes={key: wish for key, item in _table(value, "wishes") for wish in _wish(item)},
        obsolete=value.get("obsolete") is True,
        told=_hex(value.get("told")),
        at=_hex(value.get("at")),
    )


def put(body: str, state: Remembered) -> str:
    """A pull request's text with another memory."""
    comment = write(state)
    return _STATE.sub(lambda _: comment, body) if len(_STATE.findall(body)) == 1 else f"{body}\n\n{comment}\n"


def room(state: Remembered) -> int:
    """How many characters the memory may still grow by wishes, between two texts."""
    return max(0, MAX_WISHES - len(_encoded(_newest(state.wishes))))


def harmless(text: str) -> str:
    """A text in which nothing reads as a mark or memory of ours."""
    return text.replace("<!-- jiti-bot:", "<!--\u200b jiti-bot:")


def is_marked(body: str) -> bool:
    """Whether a pull request's text is one of ours."""
    return MARKER in body


def _table(value: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    found = value.get(name)
    return [(key, item) for key, item in found.items() if len(key) <= _MAX_KEY] if isinstance(found, dict) else []


def _is_unit(item: object) -> bool:
    match item:
        case [str() as digest, int() | float() as usd]:
            return re.fullmatch(rf"[0-9a-f]{{{_DIGEST}}}", digest) is not None and 0 <= usd < 1_000_000
        case _:
            return False


def _hex(item: object) -> str:
    return item if isinstance(item, str) and re.fullmatch(r"[0-9a-f]{0,64}", item) else ""


def _wish(item: object) -> list[Wish]:
    match item:
        case [str() as when, int() as number, (str() | None) as hint] if len(when) <= 40:
            return [Wish((when, number), hint[:MAX_HINT] if hint is not None else None)]
        case _:
            return []
