"""What the README says is what there is."""

import re

from jiti_bot.cli import COMMANDS
from tests.repo import ROOT

README = (ROOT / "README.md").read_text("utf-8")
RUN = (ROOT / ".ci" / "run").read_text("utf-8")


def lines_with(word: str) -> list[str]:
    """Lines of the README's console blocks that hold a word."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if word in line]


def test_ci_runs_the_line_for_the_main_job() -> None:
    (line,) = lines_with("jiti demo")
    set_up = line.partition("&& cd jiti-bot && ")[2]
    assert set_up
    assert f"\n{set_up}" in RUN


def test_ci_runs_the_line_for_the_tests() -> None:
    (line,) = lines_with("pytest")
    after_venv = line.partition("python3 -m venv .venv && ")[2]
    assert f"\n{after_venv}\n" in RUN


def test_the_table_names_every_command_there_is() -> None:
    offered = {name for name in COMMANDS if (ROOT / "jiti_bot" / "commands" / f"{name}.py").exists()}
    named = set(re.findall(r"`jiti ([a-z]+)", README))
    assert named == offered


def test_pictures_and_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link
