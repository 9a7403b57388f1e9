"""How what went wrong is shown: a line to people, in colour on a terminal; an object to programs; a note on GitHub.

Standard library only, and loaded once something went wrong.
"""

import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from jiti_bot.errors import JitiError


def complain(error: JitiError, arguments: Sequence[str], env: Mapping[str, str]) -> None:
    """Tell of an error that ended a command before it had a result, in the form that its ``arguments`` ask for."""
    match asked_for(arguments):
        case "json":
            print(json.dumps({"error": facts(error)}, indent=2), flush=True)
        case "github":
            file, line = place(error.where)
            print(annotation(error.code, file, line, f"{error.message} {error.remedy}".rstrip()), flush=True)
    say(error, env)


def say(error: JitiError, env: Mapping[str, str]) -> None:
    """Tell people of an error."""
    print(coloured(sys.stderr, env, error.where or "jiti", error.message, error.remedy), file=sys.stderr)


def facts(error: JitiError) -> dict[str, object]:
    """An error for programs: the keys of a finding, and the exit code. ``line`` is 0 where there is none."""
    file, line = place(error.where)
    told: dict[str, object] = {"code": error.code, "exit_code": error.exit_code, "file": file, "line": line}
    return told | {"message": error.message, "remedy": error.remedy}


def asked_for(arguments: Sequence[str]) -> str:
    """The form that a command line asks for: ``json``, ``github`` or ``text``. What follows ``--`` is not ours."""
    ours = [*arguments, "--"][: [*arguments, "--"].index("--")]
    if "--json" in ours:
        return "json"
    forms = [word.partition("=")[2] for word in ours if word.startswith("--format=")]
    forms += [after for word, after in itertools.pairwise(ours) if word == "--format"]
    return next((form for form in forms if form in {"json", "github"}), "text")


def place(where: str) -> tuple[str, int]:
    """``file:line`` as its parts; line 0 where there is none."""
    file, _, line = where.rpartition(":")
    return (file, int(line)) if file and line.isdecimal() else (where, 0)


def coloured(
    stream: TextIO, env: Mapping[str, str], where: str, message: str, remedy: str, level: str = "error"
) -> str:
    """``where: message remedy``, told apart by colour where ``stream`` shows some."""
    if stream.isatty() or env.get("FORCE_COLOR"):
        from jiti_bot.commands.terminal import screen

        paint = screen(stream, env).paint
        where = f"{paint(where, 'red' if level == 'error' else 'yellow', 'bold')}:"
        return " ".join(part for part in (where, message, paint(remedy, "cyan")) if part)
    return " ".join(part for part in (f"{where}:", message, remedy) if part)


def annotation(code: str, file: str, line: int, text: str, level: str = "error") -> str:
    """A workflow command of GitHub Actions; values are escaped as its toolkit does."""
    properties = {"file": file, "line": str(line) if line else "", "title": f"jiti: {code}"}
    fields = ",".join(
        f"{name}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value
    )
    return f"::{'error' if level == 'error' else 'warning'} {fields}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
