"""What looks like a secret, by its name or by itself, and text without it. The one place that decides."""

import re
from itertools import pairwise
from math import log2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HIDDEN = "[secret]"
_SHORT = 8  # characters: a shorter value is a word
_FOLDERS = frozenset({"PWD", "OLDPWD"})  # a shell's working directories, whose name is short for no password

_WORDS = frozenset(
    (
        *("password", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token", "jwt", "bearer", "otp"),
        *("credential", "credentials", "authorization", "cookie", "cookies", "apikey", "authtoken", "cvv", "cvc"),
    )
)
_PAIRS = frozenset(
    (
        *(
            (first, "key")
            for first in ("api", "access", "private", "secret", "signing", "encryption", "auth", "session")
        ),
        *((first, "tokens") for first in ("api", "access", "auth", "refresh", "session")),
        *(("session", "id"), ("connection", "string")),
    )
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# What stands in place of the whole match, but for the groups that are kept.
_PATTERNS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\b(?:sk|pk|rk)[-_](?:ant[-_]|live[-_]|test[-_]|proj[-_])?[A-Za-z0-9_-]{12,}"),
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|hf_|xox[abprs]-)[A-Za-z0-9_-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[A-Za-z0-9_-]{20,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"),
    re.compile(r"(?P<kept>(?i:\b(?:bearer|basic)) )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?P<kept>://[^\s:/@'\"]*:)[^\s@/'\"]+(?=@)"),
)
_NAMED = re.compile(r"(?P<kept>(?P<name>\b[A-Za-z_][\w-]{2,40})['\"]?\s*[:=]\s*['\"]?)(?P<value>[^\s'\",;&)}\]]{4,})")
_RUNS = (re.compile(r"[A-Za-z0-9+/=]{40,}"), re.compile(r"[A-Za-z0-9+_=-]{20,}"))  # the first may be a path as well
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_KINDS = ("islower", "isupper", "isdigit")


def is_secret_name(name: str) -> bool:
    """Whether what is called so is no business of others: ``password``, ``apiKey``, ``GITHUB_TOKEN``."""
    words = [word.lower() for word in _WORD.findall(name)]
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in pairwise(words))


def secrets_in(env: "Mapping[str, str]") -> tuple[str, ...]:
    """The secrets of an environment, the longest first; short values are words, not secrets."""
    named = ((name, value) for name, value in env.items() if name not in _FOLDERS)
    found = {value for name, value in named if len(value) >= _SHORT and is_secret_name(name)}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def hide(text: str, known: "Iterable[str]" = ()) -> str:
    """``text`` without the ``known`` secrets and without what looks like one."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(_kept, text)
    text = _NAMED.sub(_named, text)
    for run in _RUNS:
        text = run.sub(_random, text)
    return text


def _kept(found: "re.Match[str]") -> str:
    return found.groupdict().get("kept", "") + HIDDEN


def _named(found: "re.Match[str]") -> str:
    is_plain = found["value"] in {"None", "True", "False", HIDDEN, HIDDEN[:-1]}
    return found["kept"] + HIDDEN if is_secret_name(found["name"]) and not is_plain else found[0]


def _random(found: "re.Match[str]") -> str:
    """A run of characters as no person writes them: hexadecimal, or all kinds in no order."""
    run = found[0]
    if _HEX.fullmatch(run):
        return HIDDEN if _entropy(run.lower()) > 3 else run
    kinds = [next((kind for kind in _KINDS if getattr(char, kind)()), "") for char in run]
    changes = sum(one != other for one, other in pairwise(kinds))
    is_mixed = {*_KINDS} <= {*kinds} and changes * 4 >= len(run)
    return HIDDEN if is_mixed and _entropy(run) > 3.5 else run


def _entropy(text: str) -> float:
    """Bits a character (Shannon)."""
    counts = [text.count(char) / len(text) for char in set(text)]
    return -sum(share * log2(share) for share in counts)
