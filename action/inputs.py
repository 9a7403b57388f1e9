"""The action's inputs, as GitHub hands them over: environment variables `INPUT_*`, all of them text."""

from collections.abc import Mapping
from dataclasses import dataclass

#: What `stage` may be; `all` is the whole work in one job.
STAGES = ("all", "gate", "acknowledge", "check", "plan", "generate", "validate", "publish", "report")


class InputError(ValueError):
    """An input cannot be used; the message is for the person who wrote the workflow."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asked for. Empty texts mean that nothing was said."""

    stage: str = "all"
    token: str = ""
    anthropic_api_key: str = ""
    anthropic_base_url: str = ""
    model: str = ""
    max_usd: str = ""
    jobs: str = ""
    shards: str = "1"
    shard: str = "1"
    directory: str = "."
    python: str = ""
    bot_python: str = ""
    stage_files: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return tuple(value for value in (self.token, self.anthropic_api_key) if value)


def variable(name: str) -> str:
    """The environment variable of an input: `max-usd` -> `INPUT_MAX_USD`.

    The runner itself would spell it `INPUT_MAX-USD`, for actions that are no composite ones; no shell can name that.
    """
    return f"INPUT_{name.upper().replace('-', '_')}"


def read(env: Mapping[str, str]) -> Inputs:
    """The inputs in ``env``. Raises `InputError`."""
    found = {name: env.get(variable(name), "").strip() for name in Inputs.__match_args__}
    inputs = Inputs(**{name: value for name, value in found.items() if value})
    if inputs.stage not in STAGES:
        raise InputError(f"stage: {inputs.stage!r} is none of {', '.join(STAGES)}.")
    for name, value in (("shards", inputs.shards), ("shard", inputs.shard), ("jobs", inputs.jobs or "1")):
        if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= 256):
            raise InputError(f"{name}: {value!r} is no whole number from 1 to 256.")
    _check_money(inputs.max_usd)
    for name in Inputs.__match_args__:
        if any(ord(char) < 32 for char in getattr(inputs, name)):
            raise InputError(f"{name.replace('_', '-')}: it has several lines or a control character.")
    return inputs


def _check_money(text: str) -> None:
    try:
        good = not text or 0 <= float(text) <= 1_000_000
    except ValueError:
        good = False
    if not good:
        raise InputError(f"max-usd: {text!r} is no amount of dollars.")
