"""`jiti doctor` as people run it."""

import json
import os
import pty
import subprocess
import sys
import venv
from pathlib import Path

from jiti_bot.commands.doctor import render
from jiti_bot.commands.terminal import Screen
from jiti_bot.doctor.diagnosis import Group, note, ok, problem, warning
from jiti_bot.errors import EXIT_CODES
from tests.doctor.kit import BODY, STUB
from tests.repo import Done, Repo

SECRETS = {
    "ANTHROPIC_API_KEY": "sk-ant-sesame-4711",
    "ANTHROPIC_BASE_URL": "http://ada:sesame-url@127.0.0.1:9/v1",
    "GITHUB_TOKEN": "ghp_sesame4711sesame4711",
    "DB_PASSWORD": "sesame-database",
}
FINDINGS = EXIT_CODES["findings"][0]


def doctor(repo: Repo, *args: str, **env: str) -> Done:
    done = repo.jiti("doctor", *args, **env)
    assert "Traceback" not in done.out + done.err
    assert done.err == ""
    return done


def levels(done: Done) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in json.loads(done.out)["diagnoses"]:
        found.setdefault(one["about"], set()).add(one["level"])
    return found


def in_order(repo: Repo) -> None:
    """A project to which nothing has to be done."""
    repo.write("pyproject.toml", '[tool.ruff]\nextend-exclude = [".jiti"]\n')
    repo.write("src/app/text.py", STUB)
    repo.write(".jiti/src/app/text/slugify.py", BODY)
    repo.commit()


def test_all_is_well(repo: Repo) -> None:
    in_order(repo)
    done = doctor(repo, "--json", ANTHROPIC_API_KEY="sk-ant-sesame")
    said = json.loads(done.out)
    assert (done.code, said["ok"]) == (0, True), done.out
    assert set(levels(done)) >= {
        "jiti-bot", "git", "repository", "sandbox", "settings", "store", "Python", "pytest", "dependencies",
        "import jiti", "ruff", "ruff config", "ty", "coverage", "model", "key", "hook", "remote", "workflow", "token",
        "wheel",
    }  # fmt: skip
    assert said["summary"] == {**said["summary"], "warning": 0, "problem": 0}


def test_no_secret_is_shown(repo: Repo) -> None:
    in_order(repo)
    repo.git("remote", "add", "origin", "https://ada:sesame-remote@github.com/acme/app.git")
    repo.write("pyproject.toml", '[tool.jiti]\npython = "bin/python"\n')
    # What a program says before it fails is shown, and may be anything.
    repo.write("bin/python", '#!/bin/sh\necho "$DB_PASSWORD https://x:sesame-said@host" >&2\nexit 1\n').chmod(0o755)
    shown = [doctor(repo, **SECRETS), doctor(repo, "--json", **SECRETS)]
    assert all(done.code == FINDINGS for done in shown)
    assert "sesame" not in "".join(done.out for done in shown)
    assert "acme/app on github.com" in shown[0].out


def test_every_outside_thing_missing_is_a_line(repo: Repo, tmp_path: Path) -> None:
    in_order(repo)
    repo.write("pyproject.toml", "[tool.jiti]\njobs = 0\n")
    repo.write(".pre-commit-config.yaml", "- id: jiti\n\x00: [")
    repo.write(".github/workflows/jiti.yml", "jobs: [jiti-bot\nuses: jiti-bot/jiti-bot@v1\n")
    done = doctor(repo, "--json", "--build", PATH=str(tmp_path), VIRTUAL_ENV="/nowhere", ANTHROPIC_BASE_URL="file:///x")
    assert done.code == FINDINGS
    found = levels(done)
    for about in ("git", "settings", "Python", "server", "workflow"):
        assert found[about] == {"problem"}, about
    assert all(one["remedy"] for one in json.loads(done.out)["diagnoses"] if one["level"] in {"warning", "problem"})


def test_without_the_extra(repo: Repo, tmp_path: Path) -> None:
    """A plain install says what it lacks, and all that it can say without."""
    in_order(repo)
    repo.write(".github/workflows/jiti.yml", "jobs:\n  a:\n    steps:\n    - uses: jiti-bot/jiti-bot@v1\n")
    venv.create(tmp_path / "plain", symlinks=True)
    done = repo.run(str(tmp_path / "plain/bin/python"), "-m", "jiti_bot", "doctor", "--json")
    assert done.code == FINDINGS
    assert done.err == ""
    said = {one["about"]: one for one in json.loads(done.out)["diagnoses"]}
    assert "without the extra that generates" in said["jiti-bot"]["what"]
    assert "pip install 'jiti-bot[bot]'" in said["jiti-bot"]["remedy"]
    assert said["pytest"]["level"] == "problem"
    assert said["workflow"]["level"] == "note"
    assert said["store"]["level"] == "ok"


def test_a_folder_that_is_none(repo: Repo) -> None:
    done = repo.jiti("-C", "nowhere", "doctor")
    assert done.code == EXIT_CODES["usage"][0]


GROUPS = (
    Group("First", (ok("git", "2.39.5"), note("a longer name", "chosen", "Change it."))),
    Group("Second", (warning("x", "half of it works", "Run `a b`."), problem("y", "it ends.\x1b[31m", "Do c."))),
)


class TestPages:
    def test_plain_lines(self) -> None:
        assert render(GROUPS, Screen()) == [
            "ok       git            2.39.5",
            "note     a longer name  chosen. Change it.",
            "warning  x              half of it works. Run `a b`.",
            "problem  y              it ends.\\x1b[31m. Do c.",
            "1 problem and 1 warning, each with its next step above.",
        ]

    def test_a_narrow_terminal(self) -> None:
        wide = (Group("First", (problem("git", "one two three four five six", "Do this and that and more."),)),)
        assert render(wide, Screen(glyphs=True, width=30)) == [
            "First",
            "  ✗ git  one two three four five",
            "         six",
            "         → Do this and that and",
            "           more.",
            "",
            "1 problem, each with its next step above.",
        ]

    def test_all_is_well(self) -> None:
        assert render(GROUPS[:1], Screen())[-1] == "All is well."
        assert render(GROUPS[:1], Screen(colour=True, width=80))[-1] == "\x1b[1;32mAll is well.\x1b[0m"


def test_on_a_terminal(repo: Repo) -> None:
    in_order(repo)
    master, end = pty.openpty()
    env = {**repo.env, "TERM": "xterm", "COLUMNS": "100", "ANTHROPIC_API_KEY": "k" * 20}
    command = [sys.executable, "-m", "jiti_bot", "doctor"]
    with subprocess.Popen(command, cwd=repo.path, env=env, stdout=end, stderr=end) as running:
        os.close(end)
        shown = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # Linux says so that the other end is closed
                break
            if not data:
                break
            shown += data
    os.close(master)
    text = shown.decode()
    assert running.returncode == 0, text
    assert "trying the sandbox ..." in text
    assert "\x1b[1mThis machine\x1b[0m" in text
    assert "✓" in text
    assert "All is well." in text
