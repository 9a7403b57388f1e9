"""What is written down, what is said on the way, and that secrets are in neither."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.agent.outcome import Done
from jiti_bot.agent.record import read, records
from jiti_bot.agent.transcript import Transcript, path_of
from jiti_bot.commands import log
from jiti_bot.errors import StoreError, TargetError
from jiti_bot.loopback import faults
from jiti_bot.redact import secrets_in
from tests.agent.kit import KEY, SPEC, WRONG, Patience, brief, call, room, says, script, submit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return path_of(tmp_path / ".jiti", KEY)


def test_every_turn_and_call_with_tokens_and_dollars(path: Path) -> None:
    replies = script(
        start=call("run_python", code="print('sk-very-secret')"), after_run_python=submit(WRONG), otherwise=submit()
    )
    with room(replies) as here:
        here.path = path
        here.stop = Patience()
        here.server.fail(faults.rate_limited(2))
        here.work()

    events = read(path).events
    assert [event["event"] for event in events] == [
        *("begin", "waiting"),
        *("turn", "result") * 3,
        "end",
    ]
    begin, _, turn, *_, end = events
    assert begin["key"] == KEY
    assert begin["first"].startswith(f"Implement `{KEY}`")
    assert turn["calls"][0]["tool"] == "run_python"
    assert turn["thinking"] == "Hm."
    assert turn["tokens"]["cache_write"] > 0
    assert turn["usd"] > 0
    assert (end["outcome"], end["turns"]) == ("done", 3)


def test_secrets_are_in_neither(path: Path) -> None:
    with room(script(start=call("run_python", code="print('sk-very-secret')"), otherwise=submit())) as here:
        here.path = path
        here.work()

    assert "sk-very-secret" not in path.read_text() + "".join(here.logged)
    assert "[secret]" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_an_error_is_an_end_too(path: Path) -> None:
    with room(script(otherwise=submit())) as here:
        here.path = path
        here.server.fail(faults.unauthorized())
        with pytest.raises(Exception, match="refused the key"):
            here.work()

    assert read(path).events[-1]["outcome"] == "error"


def test_a_new_run_writes_a_new_transcript(path: Path) -> None:
    with room(script(otherwise=submit())) as here:
        here.path = path
        here.work()
        here.work()

    assert [event["event"] for event in read(path).events] == ["begin", "turn", "result", "end"]


def test_a_full_disk_costs_the_transcript_and_not_the_work(tmp_path: Path) -> None:
    (tmp_path / ".jiti").write_text("no folder")
    with room(script(otherwise=submit())) as here:
        here.path = path_of(tmp_path / ".jiti", KEY)
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert sum("no transcript" in line for line in here.logged) == 1


LEVELS = {"off": (0, 0), "info": (1, 0), "debug": (1, 1)}


@pytest.mark.parametrize(("level", "counts"), LEVELS.items(), ids=LEVELS.keys())
def test_lines_for_people(level: str, counts: tuple[int, int]) -> None:
    with room(script(otherwise=submit())) as here:
        here.level = level
        here.work()

    turns = sum("turn 1:" in line for line in here.logged)
    calls = sum("submit(1 line, quality 9): PASSED" in line for line in here.logged)
    assert (turns, calls) == counts


def test_the_secrets_of_an_environment() -> None:
    env = {"ANTHROPIC_API_KEY": "sk-ant-123456", "GITHUB_TOKEN": "none", "HOME": "/home/somebody"}

    assert secrets_in(env) == ("sk-ant-123456",)


NAMES = {
    "app.text.Parser.v.setter": "app.text.Parser.v.setter.jsonl",
    "src/app/text.py::Parser": "src.app.text.py..Parser.jsonl",
}


@pytest.mark.parametrize(("key", "name"), NAMES.items(), ids=NAMES.keys())
def test_where_it_lies(key: str, name: str) -> None:
    assert path_of(Path("s"), key) == Path("s/.cache/transcripts") / name


def test_a_cut_line_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"event": "begin", "key": "a"}\n[1]\n{"event": "tu')

    assert read(file).events == ({"event": "begin", "key": "a"},)
    assert read(file).summary()["outcome"] == "unfinished"


def test_a_transcript_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        read(tmp_path)


def test_nothing_is_logged_without_anybody_to_hear() -> None:
    Transcript().waiting(1, "x")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for key, start in ((KEY, submit(WRONG)), ("app.words.slugify", says())):
        with room(script(start=start, after_FAILED=submit(), otherwise=says())) as here:
            here.path = path_of(tmp_path / ".jiti", key)
            here.work(brief(spec=replace(SPEC, key=key)))
    return tmp_path


def shown(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", default=".")
    log.add_arguments(parser)
    assert log.run(parser.parse_args(arguments)) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_the_log_reads_as_a_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(KEY, capsys=capsys).splitlines()

    assert lines[0].startswith(f"{KEY}  claude-sonnet-5-5, ")
    assert "Turn 1  " in "\n".join(lines)
    assert '    body return text.replace(" ", "-")' in lines
    assert "  ← FAILED" in lines
    assert "  ← PASSED guards, doctests." in lines
    assert lines[-1].startswith("done  2 turns, $0.")


@pytest.mark.usefixtures("project")
def test_the_log_in_full_tells_what_the_model_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Whose word counts" in shown(KEY, "--full", capsys=capsys)


@pytest.mark.usefixtures("project")
def test_the_log_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(shown("text.slugify", "--json", capsys=capsys))

    assert told["key"] == KEY
    assert told["events"][0]["event"] == "begin"


@pytest.mark.usefixtures("project")
def test_words_of_others_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with room(script(otherwise=says("Hello \x1b[2Jworld\x07"))) as here:
        here.path = path_of(Path(".jiti"), KEY)
        here.work()

    text = shown(KEY, capsys=capsys)
    assert "\\x1b[2Jworld\\x07" in text
    assert "\x1b" not in text


@pytest.mark.usefixtures("project")
def test_all_logs(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = shown(capsys=capsys).splitlines()

    assert first.startswith("app.text.slugify   done     2 turns  $0.")
    assert second.startswith("app.words.slugify  gave up  2 turns  $0.")
    assert len(json.loads(shown("--json", capsys=capsys))["transcripts"]) == 2


def test_no_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)

    assert "`jiti generate` writes transcripts" in shown(capsys=capsys)
    assert records(tmp_path) == ()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("slugify", r"slugify may be app\.text\.slugify, app\.words\.slugify", id="of two"),
        pytest.param("app.other", r"no transcript of app\.other", id="of none"),
    ],
)
def test_a_name_that_is_none(key: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TargetError, match=said):
        shown(key, capsys=capsys)
