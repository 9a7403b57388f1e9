"""How what went wrong is shown: to people, on a terminal and off it, to programs, and on GitHub."""

import io
import json

import pytest

from jiti_bot import cli
from jiti_bot.commands.complain import annotation, asked_for, coloured, complain, facts, place
from jiti_bot.errors import ConfigurationError, UsageError

ERROR = ConfigurationError("jobs must be 1 or more.", remedy="Correct it, please.", where="pyproject.toml:7")
PLAIN = "pyproject.toml:7: jobs must be 1 or more. Correct it, please."
COLOURED = "\x1b[31;1mpyproject.toml:7\x1b[0m: jobs must be 1 or more. \x1b[36mCorrect it, please.\x1b[0m"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "env", "shown"),
    [
        pytest.param(io.StringIO(), {}, PLAIN, id="a pipe"),
        pytest.param(Terminal(), {"TERM": "xterm"}, COLOURED, id="a terminal"),
        pytest.param(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, PLAIN, id="a terminal that wants no colour"),
        pytest.param(Terminal(), {"TERM": "dumb"}, PLAIN, id="a terminal that has none"),
        pytest.param(io.StringIO(), {"FORCE_COLOR": "1"}, COLOURED, id="a pipe that wants colour"),
    ],
)
def test_to_people(stream: io.StringIO, env: dict[str, str], shown: str) -> None:
    assert coloured(stream, env, ERROR.where, ERROR.message, ERROR.remedy) == shown


def test_a_warning_has_another_colour() -> None:
    assert coloured(Terminal(), {"TERM": "xterm"}, "a.py:1", "Hm.", "", "warning") == "\x1b[33;1ma.py:1\x1b[0m: Hm."


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("check", "text"),
        ("check --json", "json"),
        ("check --format json", "json"),
        ("check --format=github", "github"),
        ("check --format text", "text"),
        ("run -- python --json", "text"),
        ("check --format", "text"),
    ],
)
def test_the_form_that_is_asked_for(line: str, form: str) -> None:
    assert asked_for(line.split()) == form


@pytest.mark.parametrize(
    ("where", "parts"),
    [("a.py:3", ("a.py", 3)), ("a.py", ("a.py", 0)), ("", ("", 0)), ("C:/a.py", ("C:/a.py", 0)), (":3", (":3", 0))],
)
def test_places(where: str, parts: tuple[str, int]) -> None:
    assert place(where) == parts


def test_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ERROR, ["check", "--json"], {})
    out, err = capsys.readouterr()
    assert err == f"{PLAIN}\n"
    assert json.loads(out) == {
        "error": {
            "code": "configuration",
            "exit_code": 3,
            "file": "pyproject.toml",
            "line": 7,
            "message": "jobs must be 1 or more.",
            "remedy": "Correct it, please.",
        }
    }
    assert json.loads(out)["error"] == facts(ERROR)


def test_on_github(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ERROR, ["check", "--format", "github"], {})
    annotated = (
        "::error file=pyproject.toml,line=7,title=jiti%3A configuration::jobs must be 1 or more. Correct it, please."
    )
    assert capsys.readouterr() == (f"{annotated}\n", f"{PLAIN}\n")


@pytest.mark.parametrize(
    ("file", "line", "shown"),
    [
        pytest.param("", 0, "::warning title=jiti%3A usage::50%25%0Aof it", id="nowhere"),
        pytest.param(
            "a,b:c.py", 2, "::warning file=a%2Cb%3Ac.py,line=2,title=jiti%3A usage::50%25%0Aof it", id="escaped"
        ),
    ],
)
def test_annotations(file: str, line: int, shown: str) -> None:
    assert annotation("usage", file, line, "50%\nof it", "warning") == shown


def test_without_a_place_it_says_who_speaks() -> None:
    error = UsageError("Say what to merge.", remedy="Name stubs.")
    assert (
        coloured(io.StringIO(), {}, error.where or "jiti", error.message, error.remedy)
        == "jiti: Say what to merge. Name stubs."
    )


def test_the_command_line_says_it_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["nothing", "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["code"] == "usage"
    assert err.startswith("jiti: There is no command 'nothing'. The commands are: ")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["status", "--nope"], "unrecognized arguments: --nope. `jiti status"),
        (["show"], "the following arguments are required: KEY. `jiti show"),
        (["submit", "a"], "the following arguments are required: FILE. `jiti submit"),
        (["test", "keep"], "the following arguments are required: TARGET. `jiti test keep"),
        (["--nope"], "unrecognized arguments: --nope. `jiti"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_arguments_that_nobody_takes(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*argv]) == 2
    told = f"jiti: the command line is not understood: {said} --help` tells what it takes.\n"
    assert capsys.readouterr() == ("", told)


def test_arguments_that_nobody_takes_are_told_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--json", "--nope"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"
    assert cli.main(["check", "--format", "github", "--nope"]) == 2
    assert capsys.readouterr().out.startswith("::error title=jiti%3A usage::the command line is not understood: ")
