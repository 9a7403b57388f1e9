"""Inputs, what each stage is given, and what a step does with what stages leave. No runner, no jiti: pure parts."""

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from action import inputs, stages, work
from action.inputs import STAGES, InputError, Inputs
from action.work import Ended, Step
from tests.action.test_protocol import parsed
from tests.action.workflows import action
from tests.repo import ROOT, Repo

RUNNER = {
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/e/event.json",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_SHA": "a" * 40,
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/demo",
    "GITHUB_RUN_ID": "77",
    "RUNNER_TEMP": "/t",
}


def test_every_input_reaches_us_and_no_other() -> None:
    described = action()
    (step,) = described["runs"]["steps"]
    handed = {name: value for name, value in step["env"].items() if name.startswith("INPUT_")}
    assert {name.replace("-", "_") for name in described["inputs"]} == set(Inputs.__match_args__)
    assert set(handed) == {inputs.variable(name) for name in described["inputs"]}
    for name in described["inputs"]:
        assert handed[inputs.variable(name)].startswith(f"${{{{ inputs.{name} ")


def test_defaults_are_those_of_the_description() -> None:
    described = action()["inputs"]
    env = {inputs.variable(name): one["default"] for name, one in described.items()}
    assert inputs.read(env) == inputs.read({}) == Inputs()


def test_every_output_is_described() -> None:
    for name, one in action()["outputs"].items():
        assert one["value"] == f"${{{{ steps.jiti.outputs.{name} }}}}"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        pytest.param({"INPUT_STAGE": "everything"}, "is none of all, gate", id="stage"),
        pytest.param({"INPUT_SHARDS": "0"}, "shards: '0' is no whole number", id="no-shard"),
        pytest.param({"INPUT_SHARDS": "257"}, "from 1 to 256", id="too-many-shards"),
        pytest.param({"INPUT_SHARD": "1; rm -rf /"}, "shard: ", id="shard-that-is-a-script"),
        pytest.param({"INPUT_SHARD": "٣"}, "shard: ", id="digit-of-another-script"),
        pytest.param({"INPUT_JOBS": "-1"}, "jobs: ", id="jobs"),
        pytest.param({"INPUT_MAX_USD": "a lot"}, "max-usd: 'a lot' is no amount", id="money"),
        pytest.param({"INPUT_MAX_USD": "nan"}, "max-usd: ", id="money-nan"),
        pytest.param({"INPUT_MODEL": "a\nb"}, "model: it has several lines", id="lines"),
    ],
)
def test_inputs_that_cannot_be_used(env: Mapping[str, str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        inputs.read(env)


SECRET = {
    **RUNNER,
    "INPUT_TOKEN": "ghs_secret",
    "INPUT_ANTHROPIC_API_KEY": "sk-secret",
    "GITHUB_TOKEN": "ghs_secret",
    "ACTIONS_RUNTIME_TOKEN": "art_secret",
    "ANTHROPIC_AUTH_TOKEN": "sk-secret",
    "AWS_SECRET_ACCESS_KEY": "aws_secret",
    "GITHUB_OUTPUT": "/o",
    "GITHUB_ENV": "/n",
    "PATH": "/bin",
}


@pytest.mark.parametrize("stage", [one for one in STAGES if one != "all"])
def test_each_stage_is_given_what_it_needs_and_no_more(stage: str) -> None:
    wanted = inputs.read({**SECRET, "INPUT_STAGE": stage})
    env = stages.environment(stage, wanted, SECRET)
    secrets = {name for name, value in env.items() if value.endswith("secret")}
    token = {"GITHUB_TOKEN"} if stage in {"gate", "acknowledge", "publish"} else set()
    key = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AWS_SECRET_ACCESS_KEY"} if stage == "generate" else set()
    assert secrets == token | key
    assert not {"GITHUB_OUTPUT", "GITHUB_ENV", "INPUT_TOKEN"} & env.keys()
    assert (env["PATH"], env["CI"], env["GITHUB_REPOSITORY"]) == ("/bin", "true", "acme/demo")


def test_an_option_s_value_is_never_an_option() -> None:
    odd = {**RUNNER, "GITHUB_REF": "refs/heads/--help", "GITHUB_EVENT_NAME": "--dir=/"}
    line = stages.arguments("gate", Inputs(model="--x"), stages.runner(odd))
    assert "--event=--dir=/" in line
    assert "--ref=refs/heads/--help" in line
    assert "--model=--x" in stages.arguments("generate", Inputs(model="--x"), stages.runner(odd))


class Fake:
    """Stands where jiti would be started: leaves stage files, remembers who was started with what."""

    def __init__(self, folder: Path, left: Mapping[str, Any], codes: Mapping[str, int]) -> None:
        self.folder, self.left, self.codes = folder, left, codes
        self.started: list[str] = []

    def __call__(self, line: Sequence[str], env: Mapping[str, str]) -> Ended:
        stage = line[line.index("ci") + 1] if "ci" in line else "check"
        shard = next((part.partition("=")[2] for part in line if part.startswith("--shard=")), "")
        self.started.append(f"{stage}{shard}")
        self.folder.mkdir(exist_ok=True)
        if stage in self.left:
            (self.folder / f"{stage}.json").write_text(json.dumps(self.left[stage]))
        found = json.dumps({"findings": self.left.get("findings", [])}) if stage == "check" else ""
        return Ended(self.codes.get(f"{stage}{shard}", 0), found, f"jiti: {stage} complains\n")


def step(
    folder: Path, stage: str, left: Mapping[str, Any], codes: Mapping[str, int] | None = None, **more: str
) -> tuple[int, Fake, str, dict[str, str], str]:
    """The exit code, what was started, what was said, outputs, summary."""
    said: list[str] = []
    fake = Fake(folder / "jiti-stages", left, codes or {})
    env = {**RUNNER, "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "out"), "INPUT_STAGE": stage,
           "GITHUB_STEP_SUMMARY": str(folder / "summary"), "INPUT_TOKEN": "ghs_secret", **more}  # fmt: skip
    code = Step(inputs.read(env), env, ["jiti"], said.append, fake).run()
    outputs = parsed((folder / "out").read_text()) if (folder / "out").exists() else {}
    summary = (folder / "summary").read_text() if (folder / "summary").exists() else ""
    return code, fake, "".join(said), outputs, summary


GATE = {"task": "generate", "base": "main", "sha": "a" * 40, "head_sha": "", "comment": 0}
PLAN = {"shards": [["a"], ["b"]]}
REPORT = {
    "summary": "## jiti-bot\n",
    "notes": [{"level": "error", "file": "a.py", "line": 2, "title": "t", "message": "m"}],
    "outputs": {"done": "2", "outcome": "opened"},
}
PUBLISHED = {"outcome": "opened", "url": "https://x/1", "number": 1}
EVERYTHING = {"gate": GATE, "plan": PLAN, "report": REPORT}
GENERATED = ["gate", "plan", "generate1", "generate2", "validate", "publish", "report"]


@pytest.mark.parametrize(
    ("left", "codes", "started", "code"),
    [
        pytest.param({"gate": {**GATE, "task": "nothing"}}, {}, ["gate"], 0, id="nothing"),
        pytest.param({"gate": {**GATE, "task": "check"}}, {}, ["gate", "check"], 0, id="check"),
        pytest.param({"gate": {**GATE, "task": "check"}}, {"check": 1}, ["gate", "check"], 1, id="check-finds"),
        pytest.param({"gate": {**GATE, "task": "answer"}}, {}, ["gate", "publish"], 0, id="answer"),
        pytest.param({"gate": {**GATE, "task": "answer", "comment": 5}}, {}, ["gate", "acknowledge", "publish"], 0,
                     id="answer-to-a-comment"),
        pytest.param(EVERYTHING, {}, GENERATED, 0, id="generate"),
        pytest.param({**EVERYTHING, "gate": {**GATE, "orders": [5]}}, {}, ["gate", "acknowledge", *GENERATED[1:]], 0,
                     id="push-with-a-comment-that-waits"),
        pytest.param({**EVERYTHING, "gate": {**GATE, "comment": 5}}, {"acknowledge": 9},
                     ["gate", "acknowledge", *GENERATED[1:]], 0, id="a-comment-that-cannot-be-acknowledged"),
        pytest.param(EVERYTHING, {"gate": 3}, ["gate"], 3, id="gate-fails"),
        pytest.param(EVERYTHING, {"plan": 4}, ["gate", "plan"], 4, id="plan-fails"),
        pytest.param(EVERYTHING, {"generate1": 9}, GENERATED, 9, id="a-shard-fails"),
        pytest.param(EVERYTHING, {"validate": 8}, [*GENERATED[:5], "report"], 8, id="validate-fails"),
        pytest.param(EVERYTHING, {"publish": 9, "report": 12}, GENERATED, 9, id="publish-fails"),
        pytest.param(EVERYTHING, {"report": 12}, GENERATED, 12, id="incomplete"),
    ],
)  # fmt: skip
def test_the_whole_work_in_one_job(
    tmp_path: Path, left: Mapping[str, Any], codes: Mapping[str, int], started: list[str], code: int
) -> None:
    ended, fake, *_ = step(tmp_path, "all", left, codes)
    assert (ended, fake.started) == (code, started)


def test_what_an_earlier_step_left_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "jiti-stages").mkdir()
    (tmp_path / "jiti-stages" / "report.json").write_text(json.dumps(REPORT))
    _, _, said, outputs, summary = step(tmp_path, "all", {"gate": {**GATE, "task": "nothing"}})
    assert "::error" not in said
    assert (outputs["task"], summary) == ("nothing", "")


def test_the_runner_hears_of_it(tmp_path: Path) -> None:
    _, _, said, outputs, summary = step(tmp_path, "all", {**EVERYTHING, "publish": {}})
    assert "::error file=a.py,line=2,title=t::m\n" in said
    assert said.startswith("::add-mask::ghs_secret\n")
    assert said.count("::stop-commands::") == len(GENERATED)
    assert (outputs["shards"], outputs["task"], outputs["outcome"]) == ("[1, 2]", "generate", "opened")
    assert summary == "## jiti-bot\n"


@pytest.mark.parametrize(("head", "task"), [("", "nothing"), ("b" * 40, "generate")])
def test_without_anything_pending_only_a_branch_of_ours_is_looked_after(tmp_path: Path, head: str, task: str) -> None:
    (tmp_path / "jiti-stages").mkdir()
    (tmp_path / "jiti-stages" / "gate.json").write_text(json.dumps({**GATE, "head_sha": head}))
    _, _, _, outputs, _ = step(tmp_path, "plan", {"plan": {"shards": []}})
    assert (outputs["task"], outputs["shards"]) == (task, "[]")


@pytest.mark.parametrize(
    ("gate", "comment"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"comment": 5, "orders": [4, 5]}, "5", id="started-by-one"),
        pytest.param({"orders": [4, 5]}, "4", id="some-wait"),
    ],
)
def test_a_comment_that_waits_is_told_of(tmp_path: Path, gate: Mapping[str, Any], comment: str) -> None:
    _, _, _, outputs, _ = step(tmp_path, "gate", {"gate": {**GATE, **gate}})
    assert outputs["comment"] == comment


def test_a_stage_reads_back_only_what_it_wrote_itself(tmp_path: Path) -> None:
    (tmp_path / "jiti-stages").mkdir()
    (tmp_path / "jiti-stages" / "report.json").write_text(json.dumps(REPORT))
    _, _, said, outputs, summary = step(tmp_path, "validate", {})
    assert "::error" not in said
    assert summary == ""
    assert outputs == {"comment": ""}


def test_a_failure_becomes_a_note(tmp_path: Path) -> None:
    code, _, said, _, _ = step(tmp_path, "publish", {}, {"publish": 9})
    assert code == 9
    assert "::error title=jiti%3A publish::jiti: publish complains\n" in said


FINDING = {"file": "a.py", "line": 4, "code": "stub-x", "level": "error", "message": "Has one.", "remedy": "So."}


def test_findings_become_notes(tmp_path: Path) -> None:
    _, _, said, _, summary = step(tmp_path, "check", {"findings": [FINDING] * 12}, {"check": 1})
    assert said.count("::error file=a.py,line=4,title=jiti%3A stub-x::Has one. So.\n") == 10
    assert "12 findings" in summary


@pytest.mark.parametrize(
    ("directory", "file"),
    [
        pytest.param(".", "a.py", id="whole-repository"),
        pytest.param("./services/api/", "services/api/a.py", id="folder"),
        pytest.param("../elsewhere", "a.py", id="outside"),
    ],
)
def test_notes_name_files_as_the_repository_does(tmp_path: Path, directory: str, file: str) -> None:
    _, _, said, _, _ = step(tmp_path, "check", {"findings": [FINDING]}, {"check": 1}, INPUT_DIRECTORY=directory)
    assert f"::error file={file},line=4," in said


def test_a_name_that_is_no_text_is_shown_all_the_same(repo: Repo) -> None:
    stub = "from jiti import jiti\n\n\n@jiti\ndef f() -> int:\n    return 1\n"
    (repo.path / "pyproject.toml").touch()
    Path(os.fsdecode(os.fsencode(repo.path) + b"/odd\xff.py")).write_text(stub)
    repo.commit()
    env = {"INPUT_STAGE": "check", "INPUT_BOT_PYTHON": sys.executable, "LC_ALL": "C"}
    done = repo.run(sys.executable, "-I", "-S", str(ROOT / "action" / "__main__.py"), **env)
    assert (done.code, done.err) == (1, "")
    assert "::error file=odd\\udcff.py,line=5," in done.out


def test_no_installed_package_runs_in_the_step(tmp_path: Path) -> None:
    """What `pip install` puts beside the project runs in every interpreter that imports `site`."""
    venv.create(tmp_path / "venv", with_pip=False)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (packages / "spy.pth").write_text(f"import os; os.close(os.open({str(tmp_path / 'seen')!r}, os.O_CREAT))\n")
    env = {"PATH": f"{tmp_path / 'venv' / 'bin'}:/usr/bin:/bin", "JITI_ACTION": str(ROOT), "INPUT_STAGE": "nonsense"}
    subprocess.run(["python3", "-I", "-c", ""], env=env, check=True, executable=tmp_path / "venv" / "bin" / "python3")
    (tmp_path / "seen").unlink()  # it would run
    (script,) = (one["run"] for one in action()["runs"]["steps"])
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, "'nonsense' is none of all" in done.stdout) == (2, True)
    assert not (tmp_path / "seen").exists()


def test_starting_a_process_shows_and_keeps_what_it_writes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    script = "import sys; print('out'); print('complaint', file=sys.stderr); sys.exit(3)"
    ended = work.start(["python3", "-c", script], {"PATH": "/usr/bin:/bin:/usr/local/bin"})
    assert (ended.code, ended.out, ended.complaint) == (3, "out\n", "complaint\n")
    assert sorted(capfdbinary.readouterr().out.split()) == [b"complaint", b"out"]
