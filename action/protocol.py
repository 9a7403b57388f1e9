"""How a step talks to GitHub's runner: commands on standard output, files for outputs and the summary.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions. A line of output that begins with `::`
is a command, whoever wrote it: what others wrote is printed inside of `quoting`.
"""

import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: A summary may have this many bytes; a longer one is not shown at all.
MAX_SUMMARY = 1024 * 1024
Write = Callable[[str], object]


def escape_data(text: str) -> str:
    """``text`` as the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """``text`` as a property of a command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, message: str, **properties: str) -> str:
    """One command as a line."""
    fields = ",".join(f"{key.replace('_', '-')}={escape_property(value)}" for key, value in properties.items() if value)
    return f"::{name}{' ' if fields else ''}{fields}::{escape_data(message)}\n"


def note(value: Mapping[str, object]) -> str:
    """The command for a note of report.json: `error`, `warning` or `notice`, on a line where one is known."""
    level, file, line = str(value["level"]), str(value["file"]), value["line"]
    place = {"file": file, "line": str(line) if line else ""} if file else {}
    return command(level, str(value["message"]), **place, title=str(value["title"]))


def masks(secret: str) -> str:
    """The commands that hide a secret in the log; of one with several lines, each line."""
    return "".join(command("add-mask", line) for line in (secret, *secret.splitlines()) if line.strip())


@contextmanager
def quoting(write: Write, token: str = "") -> Generator[None]:
    """While it lasts, nothing that is printed is a command: only whoever knows the token could end it."""
    token = token or secrets.token_hex(24)
    write(command("stop-commands", token))
    try:
        yield
    finally:
        write(f"\n::{token}::\n")


def set_output(file: Path, name: str, value: str) -> None:
    """Give the step an output; its value may have several lines."""
    delimiter = f"ends_{secrets.token_hex(24)}"
    if not name or set(name) & set("\r\n=<") or delimiter in value:
        raise ValueError(f"{name!r} cannot be the name of an output")
    with file.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        stream.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def add_summary(file: Path, text: str) -> None:
    """Add Markdown to the step's summary, cut at a line where it would be too long to be shown."""
    used = file.stat().st_size if file.exists() else 0
    data = text.encode("utf-8", "replace")
    room = MAX_SUMMARY - used
    if len(data) > room:
        kept = data[: max(0, room - 100)].rpartition(b"\n")[0]
        data = kept + b"\n\n(cut: the rest does not fit)\n" if room > 100 else b""
    with file.open("ab") as stream:
        stream.write(data)
