"""Real runs of workflows: `act` on this machine, the loopback GitHub, and stand-ins for GitHub's own four actions."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jiti_bot.templates import workflow
from tests.action.test_policy import PINS
from tests.action.workflows import SAMPLE
from tests.github.hub import GitHub
from tests.repo import ROOT

ACT = Path(sys.executable).parent / "act"
STUBS = Path(__file__).parent / "stubs"
WORKFLOW = ".github/workflows/jiti.yml"
#: The template, for projects that need nothing installed.
TEMPLATE = workflow(SAMPLE, install="python3 --version")
ONE_JOB = f"""\
name: jiti
on: [push, pull_request, issue_comment, workflow_dispatch]
permissions: {{}}
jobs:
  jiti:
    runs-on: ubuntu-24.04
    permissions:
      contents: write
      issues: write
      pull-requests: write
    steps:
      - id: event
        uses: jiti-bot/jiti-bot@{SAMPLE.commit}
        with:
          stage: gate
          token: ${{{{ github.token }}}}
      - uses: actions/checkout@{PINS["actions/checkout"][0]}
        with:
          ref: ${{{{ steps.event.outputs.sha }}}}
          fetch-depth: 0
          persist-credentials: false
      - id: jiti
        uses: jiti-bot/jiti-bot@{SAMPLE.commit}
        with:
          token: ${{{{ github.token }}}}
          anthropic-api-key: ${{{{ secrets.ANTHROPIC_API_KEY }}}}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: what each job came to, and the log. ``artifacts`` is the folder that holds them."""

    code: int
    jobs: Mapping[str, str]
    log: str
    artifacts: Path

    def file(self, artifact: str, name: str) -> dict[str, Any]:
        """A stage file that an artifact holds."""
        return json.loads((self.artifacts / artifact / f"{name}.json").read_text("utf-8"))

    def names(self) -> set[str]:
        """The artifacts."""
        return {path.name for path in self.artifacts.iterdir()}


@dataclass(slots=True)
class Runner:
    """A runner for one repository. ``url`` is where the model's service is; ``ended`` hears of each job's result."""

    folder: Path
    github: GitHub
    url: str = "http://127.0.0.1:9"
    token: str = ""
    key: str = "sk-of-the-project"
    ended: Callable[[str, str], None] = lambda job, result: None
    runs: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.token = self.token or self.github.token(kind="github_token")
        ours = self.folder / "action"
        shutil.copytree(ROOT / "action", ours / "action", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "action.yml", ours)

    def run(self, event: str, payload: Mapping[str, Any], *, branch: str = "main", text: str = TEMPLATE) -> Ran:
        """Run the workflow ``text`` for an event, as GitHub does for the newest commit of ``branch``."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        artifacts = folder / "artifacts"
        artifacts.mkdir(parents=True)
        self._clone(folder, branch, text)
        (folder / "event.json").write_text(json.dumps(payload))
        code, lines = self._act(event, folder)
        log = "\n".join(str(line.get("msg", "")).rstrip("\n") for line in lines)
        jobs = {line["jobID"]: line["jobResult"] for line in lines if "jobResult" in line}
        return Ran(code, jobs, log + (folder / "complaints").read_text(), artifacts)

    def _act(self, event: str, folder: Path) -> tuple[int, list[dict[str, Any]]]:
        """act's exit code and what it said, each line as it comes."""
        lines: list[dict[str, Any]] = []
        with (
            (folder / "complaints").open("w") as complaints,
            subprocess.Popen(
                [ACT, event, *self._flags(folder)], cwd=folder / "clone", env=self._env(folder),
                stdout=subprocess.PIPE, stderr=complaints, text=True,
            ) as process,
        ):  # fmt: skip
            assert process.stdout is not None
            for line in process.stdout:
                for found in _parsed(line):
                    lines.append(found)
                    if "jobResult" in found:
                        self.ended(found["jobID"], found["jobResult"])
        return process.returncode, lines

    def _clone(self, folder: Path, branch: str, text: str) -> None:
        """What act takes for the repository: it reads the workflow and the commit from here."""
        git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
        clone = folder / "clone"
        subprocess.run([*git, "clone", "-q", "-b", branch, str(self.github.path), str(clone)], check=True)
        name = f"https://github.com/{self.github.full_name}.git"
        subprocess.run([*git, "remote", "set-url", "origin", name], cwd=clone, check=True)
        (clone / WORKFLOW).parent.mkdir(parents=True, exist_ok=True)
        (clone / WORKFLOW).write_text(text)

    def _flags(self, folder: Path) -> Sequence[str]:
        stubs = [f"{name}@{pin}={STUBS / name.rpartition('/')[2]}" for name, (pin, _) in PINS.items()]
        local = [*stubs, f"jiti-bot/jiti-bot@{SAMPLE.commit}={self.folder / 'action'}"]
        variables = {
            "GITHUB_API_URL": self.github.url,
            "ANTHROPIC_BASE_URL": self.url,
            "JITI_BOT_PYTHON": sys.executable,
            "JITI_ARTIFACTS": str(folder / "artifacts"),
            "JITI_REMOTE": f"file://{self.github.path}",
        }
        secrets = {"GITHUB_TOKEN": self.token, "ANTHROPIC_API_KEY": self.key}
        return [
            "-P=ubuntu-24.04=-self-hosted", f"-e={folder / 'event.json'}", f"-W={WORKFLOW}", "--json", "--rm",
            "--no-cache-server", "--no-skip-checkout", f"--action-cache-path={folder / 'cache'}",
            *(f"--env={name}={value}" for name, value in variables.items()),
            *(f"--secret={name}={value}" for name, value in secrets.items() if value),
            *(f"--local-repository={one}" for one in local),
        ]  # fmt: skip

    def _env(self, folder: Path) -> dict[str, str]:
        """An environment that holds nothing of this machine but programs."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        home = folder / "home"
        home.mkdir()
        return {
            "PATH": path, "HOME": str(home), "XDG_CACHE_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull, "TMPDIR": str(_made(folder / "tmp")),
        }  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _parsed(line: str) -> list[dict[str, Any]]:
    if not re.match(r"\s*\{", line):
        return []
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return [found] if isinstance(found, dict) else []
