"""Commands in comments: text in, values out. Pure.

A comment is a command when it begins with ``/jiti``; on a line of a generated file, words that are no command are a
hint for that file's stub.
"""

import re

from jiti_bot.forge.model import Command, Help, Keep, NotUnderstood, Regenerate, Retry
from jiti_bot.forge.sanitise import plain
from jiti_bot.forge.state import MAX_HINT

WORD = "/jiti"
# Four spaces, or a tab, would make it a block of code.
_BEGINS = re.compile(rf"(?:[ \t]*\n)* {{0,3}}{WORD}(?![\w/.-])", re.IGNORECASE)
_VERBS = frozenset({"regenerate", "keep", "retry", "help"})
_KEY = re.compile(r"[\w./:\-]{1,300}")


def parse(text: str, key: str = "") -> Command | NotUnderstood | None:
    """The command that a comment gives; None where it is none of ours.

    ``key`` is the stub that a comment on a line is about, '' in a conversation.
    """
    said = plain(text)
    begins = _BEGINS.match(said)
    if begins is None:
        return None
    said = said[begins.end() :].strip()
    if re.search(rf"^\s*{WORD}\b", said, re.MULTILINE | re.IGNORECASE):
        return NotUnderstood("There is more than one command in it: one a comment, please.")
    verb, rest = _first(said)
    verb = verb.lower()
    if verb in {"", "help"}:
        return Help()
    if verb == "retry":
        return NotUnderstood("`retry` takes nothing after it.") if rest else Retry()
    if verb not in _VERBS and key:
        return Regenerate(key, said[:MAX_HINT])
    if verb not in _VERBS:
        return NotUnderstood("There is no such command.")
    return _about(verb, rest, key)


def _about(verb: str, rest: str, line_key: str) -> Command | NotUnderstood:
    """A command about one stub."""
    word, after = _first(rest)
    word = word.strip("`")
    named = line_key
    if not line_key or word == line_key:
        named, rest = word, after
    if not _KEY.fullmatch(named):
        return NotUnderstood(f"`{verb}` needs the name of a stub, as the table of the pull request spells it.")
    if verb == "regenerate":
        return Regenerate(named, rest[:MAX_HINT])
    return NotUnderstood("`keep` takes one stub and nothing after it.") if rest else Keep(named)


def _first(text: str) -> tuple[str, str]:
    """The first word, and what comes after it."""
    parts = text.split(None, 1)
    return (parts[0] if parts else ""), (parts[1].strip() if len(parts) > 1 else "")
