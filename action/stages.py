"""From inputs to command lines and environments: which stage is given what, and what it never gets. Pure."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from action.inputs import Inputs

#: What a stage's process must not inherit: tokens, keys, and the files by which a step speaks to the runner.
_SPEECH = frozenset({"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"})
_TOKENS = frozenset({"GITHUB_TOKEN", "GH_TOKEN"})
_PREFIXES = ("INPUT_", "ACTIONS_")
_OF_MODELS = ("ANTHROPIC_", "AWS_", "GOOGLE_", "CLOUD_ML_", "VERTEX_")
_READS_GITHUB = frozenset({"gate", "acknowledge", "publish"})
_TAKES_EVENT = frozenset({"gate", "acknowledge", "publish"})


@dataclass(frozen=True, slots=True)
class Runner:
    """What the runner tells every step about the run."""

    event: str
    payload: str
    ref: str
    sha: str
    run_url: str
    temp: str


def runner(env: Mapping[str, str]) -> Runner:
    """The runner's facts."""
    server, repository = env.get("GITHUB_SERVER_URL", ""), env.get("GITHUB_REPOSITORY", "")
    run = env.get("GITHUB_RUN_ID", "")
    return Runner(
        event=env.get("GITHUB_EVENT_NAME", ""),
        payload=env.get("GITHUB_EVENT_PATH", ""),
        ref=env.get("GITHUB_REF", ""),
        sha=env.get("GITHUB_SHA", ""),
        run_url=f"{server}/{repository}/actions/runs/{run}" if server and repository and run else "",
        temp=env.get("RUNNER_TEMP", ""),
    )


def arguments(stage: str, inputs: Inputs, run: Runner, *, shard: str = "") -> list[str]:
    """The command line of a stage, without the program."""
    if stage == "check":
        return ["-C", inputs.directory, "check", "--json"]
    line = ["-C", inputs.directory, "ci", stage, "--dir", stage_files(inputs, run)]
    if stage in _TAKES_EVENT:
        line += [f"--event={run.event}", f"--payload={run.payload}", f"--ref={run.ref}", f"--sha={run.sha}"]
    if stage == "publish":
        line += [f"--run-url={run.run_url}"]
    if stage == "plan":
        line += [f"--shards={inputs.shards}"]
    if stage == "generate":
        line += [f"--shard={shard or inputs.shard}"]
        wanted = {"--jobs": inputs.jobs, "--max-usd": inputs.max_usd, "--model": inputs.model}
        line += [f"{name}={value}" for name, value in wanted.items() if value]
    if stage in {"generate", "validate"} and inputs.python:
        line += [f"--python={inputs.python}"]
    return line


def environment(stage: str, inputs: Inputs, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a stage: the token where GitHub is read or written, the key where a model is asked."""
    kept = {
        name: value
        for name, value in env.items()
        if name not in _SPEECH | _TOKENS
        and not name.startswith(_PREFIXES)
        and (stage == "generate" or not name.startswith(_OF_MODELS))
    }
    if stage in _READS_GITHUB and inputs.token:
        kept["GITHUB_TOKEN"] = inputs.token
    if stage == "generate":
        given = {"ANTHROPIC_API_KEY": inputs.anthropic_api_key, "ANTHROPIC_BASE_URL": inputs.anthropic_base_url}
        kept |= {name: value for name, value in given.items() if value}
    return {**kept, "CI": "true"}


def prefix(inputs: Inputs) -> str:
    """The project's folder as the start of a path in the repository, which is what GitHub knows files by."""
    folder = posixpath.normpath(inputs.directory)
    return "" if folder == "." or folder.startswith(("..", "/")) else f"{folder}/"


def stage_files(inputs: Inputs, run: Runner) -> str:
    """The folder in which stages leave files for each other."""
    return inputs.stage_files or f"{run.temp or '.'}/jiti-stages"
