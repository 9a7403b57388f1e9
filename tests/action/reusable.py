"""The reusable workflow, made from the template: the same jobs with inputs in place of what a repository writes itself.

`python -m tests.action.reusable` writes it.
"""

from pathlib import Path

from jiti_bot.templates import RELEASE, workflow

FILE = Path(__file__).parents[2] / ".github" / "workflows" / "bot.yml"
PIN = RELEASE

_HEAD = """\
# The workflow that `jiti init` writes, to be called: see docs/action.md. Made by `python -m tests.action.reusable`.
name: jiti (reusable)

on:
  workflow_call:
    inputs:
      install:
        description: The command that installs the project and its pytest.
        type: string
        default: python -m pip install --editable . pytest
      python-version:
        description: The Python that the project is tested with.
        type: string
        default: "3.13"
      model:
        description: The model to ask, instead of the project's setting.
        type: string
        default: ""
      max-usd:
        description: Spend at most so many dollars, in each shard.
        type: string
        default: ""
      shards:
        description: Divide the work into at most so many shards, 1 to 256.
        type: string
        default: "4"
      anthropic-base-url:
        description: Another server that speaks the Messages API.
        type: string
        default: ""
    secrets:
      ANTHROPIC_API_KEY:
        description: The key of the model service.
        required: false
    outputs:
      outcome:
        description: What came of publishing.
        value: ${{ jobs.publish.outputs.outcome }}
      pull-request-url:
        description: The pull request's address.
        value: ${{ jobs.publish.outputs.pull-request-url }}
"""

_ASKS = """\
          anthropic-api-key: ${{ secrets.ANTHROPIC_API_KEY }}
          anthropic-base-url: ${{ inputs.anthropic-base-url }}
          model: ${{ inputs.model }}
          max-usd: ${{ inputs.max-usd }}"""


def text() -> str:
    """The workflow's text."""
    lines = workflow(PIN)
    body = lines[lines.index("permissions: {}") :]
    install = '        run: bash -c "$INSTALL"\n        env:\n          INSTALL: ${{ inputs.install }}'
    for old, new in (
        ("        run: python -m pip install --editable . pytest", install),
        ('python-version: "3.13"', "python-version: ${{ inputs.python-version }}"),
        ('shards: "4"', "shards: ${{ inputs.shards }}"),
        (
            "          anthropic-api-key: ${{ secrets.ANTHROPIC_API_KEY }}",
            _ASKS,
        ),
    ):
        assert old in body, old
        body = body.replace(old, new)
    return f"{_HEAD}\n{body}"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
