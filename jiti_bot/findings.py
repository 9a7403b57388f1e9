"""What ``jiti check`` can find, each with the sentence a user reads and the next step.

Standard library only. One table, so that messages, documentation and tests cannot drift apart.
"""

from dataclasses import dataclass

# code -> (message, remedy); both are str.format templates over the finding's details.
CATALOGUE: dict[str, tuple[str, str]] = {}


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
