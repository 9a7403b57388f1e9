"""What is said of one question, and all that is said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jiti_bot.errors import JitiError
from jiti_bot.redact import HIDDEN


class Level(StrEnum):
    """How well it is. A note is somebody's choice: nothing has to be done."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line. ``about`` is what it is about, ``remedy`` the next step: a sentence, or '' where there is none."""

    level: Level
    about: str
    what: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return self.level in {Level.OK, Level.NOTE}


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together, in the order in which they are shown."""

    name: str
    diagnoses: tuple[Diagnosis, ...]


def ok(about: str, what: str, remedy: str = "") -> Diagnosis:
    """It works."""
    return Diagnosis(Level.OK, about, what, remedy)


def note(about: str, what: str, remedy: str = "") -> Diagnosis:
    """It is a choice."""
    return Diagnosis(Level.NOTE, about, what, remedy)


def warning(about: str, what: str, remedy: str) -> Diagnosis:
    """Something works less well than it could."""
    return Diagnosis(Level.WARNING, about, what, remedy)


def problem(about: str, what: str, remedy: str) -> Diagnosis:
    """Something does not work."""
    return Diagnosis(Level.PROBLEM, about, what, remedy)


def failed(about: str, error: JitiError) -> Diagnosis:
    """An expected error as a line."""
    return problem(about, f"{error.where}: {error.message}" if error.where else error.message, error.remedy)


_CREDENTIALS = re.compile(r"(?<=://)[^\s/@'\"]*@")


def without_secrets(groups: Iterable[Group], secrets: Iterable[str]) -> tuple[Group, ...]:
    """The same without ``secrets``, nor names and passwords in addresses: programs say what they like."""
    known = tuple(secrets)

    def clean(text: str) -> str:
        for secret in known:
            text = text.replace(secret, HIDDEN)
        return _CREDENTIALS.sub("", text)

    return tuple(
        Group(
            group.name,
            tuple(Diagnosis(one.level, one.about, clean(one.what), clean(one.remedy)) for one in group.diagnoses),
        )
        for group in groups
    )
