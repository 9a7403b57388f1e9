"""What ``jiti check`` can find, each with the sentence a user reads and the next step.

Standard library only. One table, so that messages, documentation and tests cannot drift apart.
"""

from dataclasses import dataclass

# code -> (message, remedy); both are str.format templates over the finding's details.
CATALOGUE: dict[str, tuple[str, str]] = {}

# The states of the store, and what can be wrong with a committed file.
_STORE: dict[str, tuple[str, str]] = {
    "missing": (
        "{key} has no committed implementation.",
        "Run `jiti generate {key}`, or let the bot's pull request bring it.",
    ),
    "stale": (
        "{key} changed since it was generated: {parts}.",
        "Run `jiti generate {key}`, or let the bot's pull request bring it.",
    ),
    "conflict": (
        "{key} was edited by hand at {path}, and its stub changed since: {parts}.",
        "See both with `jiti diff {key}`; adapt the code and `jiti submit` it, or drop it with `jiti clear {key}`.",
    ),
    "orphan": (
        "This is the implementation of {key}, and no such stub exists.",
        "Delete it with `jiti clear {key}`, or bring the stub back.",
    ),
    "store-link": (
        "A symbolic link stands where committed code belongs.",
        "Replace it by the file itself: code is never read or written through links.",
    ),
    "store-folder": (
        "A folder stands where the committed code of {key} belongs.",
        "Remove the folder and run `jiti generate {key}`.",
    ),
    "store-unreadable": ("The committed file cannot be read: {reason}.", "Correct its permissions."),
    "store-conflict-markers": (
        "The committed file holds a conflict marker of git.",
        "Keep one side whole, header included: `git checkout --ours` or `--theirs`.",
    ),
    "store-header": (
        "The header of this committed file is broken: {reason}.",
        "Restore the file from git, or `jiti clear` and generate it anew.",
    ),
    "store-version": (
        "The file is written in format {version}; this jiti-bot knows format {known}.",
        "Upgrade jiti-bot (in a hook: `pre-commit autoupdate`).",
    ),
    "store-seal": (
        "The header of this committed file was changed by hand.",
        "Restore the header from git; the code below it may be edited freely.",
    ),
    "store-key": (
        "The file says that it holds {found}, and this is the place of {key}.",
        "Move it back, or `jiti clear` and generate it anew.",
    ),
    "store-target": (
        "The committed file does not define {name}.",
        "Restore it from git, or run `jiti clear {key}` and generate it anew.",
    ),
}
CATALOGUE.update(_STORE)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that a person has to look at.

    ``file`` is a posix path relative to the project root, ``line`` is 1-based.
    """

    file: str
    line: int
    code: str
    message: str
    remedy: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} {self.remedy}"


def finding(code: str, file: str, line: int, *, level: str = "error", **details: object) -> Finding:
    """Make a finding from the catalogue."""
    message, remedy = CATALOGUE[code]
    return Finding(file, line, code, message.format(**details), remedy.format(**details), level)
