"""Every workflow that we ship, parsed."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from jiti_bot.templates import Pin, workflow
from tests.repo import ROOT

SAMPLE = Pin("a" * 40, "v0.1.0")


@dataclass(frozen=True, slots=True)
class Shipped:
    """A workflow's name and text."""

    name: str
    text: str

    def parsed(self) -> dict[str, Any]:
        return load(self.text)

    def jobs(self) -> dict[str, Any]:
        return self.parsed()["jobs"]


def load(text: str) -> Any:
    """YAML 1.2, in which `on` is a word."""
    return YAML(typ="safe", pure=True).load(text)


@cache
def shipped() -> tuple[Shipped, ...]:
    """The template as `jiti init` writes it, and the workflows of this repository."""
    ours = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
    return (
        Shipped("template", workflow(SAMPLE)),
        *(Shipped(path.name, path.read_text("utf-8")) for path in ours),
    )


def action() -> dict[str, Any]:
    """The action's own description."""
    return load((ROOT / "action.yml").read_text("utf-8"))
