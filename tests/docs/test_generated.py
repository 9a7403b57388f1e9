"""What the pages take from the code is what the code says now."""

import json
import re
from pathlib import Path

import pytest

from jiti_bot.errors import EXIT_CODES
from jiti_bot.settings import ENGINE_NAMES, PROJECT_NAMES
from jiti_bot.source.model import PARTS as OF_A_SPEC
from tests.docs import generated
from tests.docs.messages import AT_RUN_TIME, OTHERS, Message, gathered, modules
from tests.docs.stages import SET_UP
from tests.repo import ROOT, Repo

PAGES = list(generated.pages())
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_is_fresh(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == generated.filled(text), "write it anew: python -m tests.docs"


def test_every_part_stands_on_a_page() -> None:
    texts = "".join(page.read_text("utf-8") for page in PAGES)
    assert sorted(re.findall(r"python -m tests\.docs`: (\S+) -->", texts)) == sorted(generated.PARTS)


def test_every_setting_is_told() -> None:
    for name in {*PROJECT_NAMES, *ENGINE_NAMES}:
        assert re.search(rf"^\| `{name}` \| .+ \| .* \| .+ \|$", REFERENCE, re.MULTILINE), name


def test_every_variable_of_ours_is_told() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "jiti_bot").rglob("*.py"))
    read = set(re.findall(r"\"(JITI_[A-Z_]+)\"", source)) - ALONE
    assert {"JITI_LOG", "JITI_MODEL"} < read
    assert read <= set(re.findall(r"`(JITI_[A-Z_]+)`", REFERENCE))


# The Action's own, told in docs/action.md; and the prefix by which a scratch repository drops them all.
ALONE = {"JITI_BOT_PYTHON", "JITI_"}


def test_the_header_s_lines_are_told() -> None:
    page = (ROOT / "docs" / "file-format.md").read_text("utf-8")
    assert all(f"`{part}`" in page for part in (*OF_A_SPEC, "body", "model", "evidence", "seal"))


def test_every_message_has_a_remedy() -> None:
    lacking = [
        f"{one.place}: {one.text}" for one in gathered() if one.kind not in {*AT_RUN_TIME, "refused"} and not one.remedy
    ]
    assert lacking == []


def test_every_error_is_gathered() -> None:
    told = {one.place.partition(":")[0] for one in gathered()}
    kinds = "|".join(
        name.capitalize() for name in ("usage", "configuration", "repository", "store", "tool", "stage", "target")
    )
    for module in modules():
        source = (ROOT / module.path).read_text("utf-8")
        assert module.path in told or not re.search(rf"raise (?:{kinds})Error\(\s*f?\"", source), module.path


def test_kinds_are_exit_codes() -> None:
    assert {one.kind for one in gathered()} <= {*EXIT_CODES, *AT_RUN_TIME, *OTHERS}


@pytest.mark.parametrize(
    ("kind", "text", "remedy"),
    [
        pytest.param("usage", "There cannot be SHARDS shards.", None, id="what is only known then"),
        pytest.param(
            "target", "There is no stub named TARGET.", "`jiti status` lists them all.", id="a remedy from a function"
        ),
        pytest.param("usage", "There is no command NAME.", "Did you mean `jiti CLOSE`?", id="one arm of a condition"),
        pytest.param("usage", "it is not UTF-8.", "Save it as UTF-8.", id="through a maker of errors"),
        pytest.param(
            "doctor",
            ".pre-commit-config.yaml names NAMED, and git does not run it",
            "Run `pre-commit install --hook-type STAGE`.",
            id="a text of another file",
        ),
    ],
)
def test_messages_are_followed_to_where_they_are_written(kind: str, text: str, remedy: str | None) -> None:
    found = [one for one in gathered() if (one.kind, one.text) == (kind, text)]
    assert found
    assert remedy is None or remedy in {one.remedy for one in found}


def test_a_message_that_is_handed_on_is_no_message() -> None:
    assert all(re.search("[a-z]", one.text) for one in gathered())
    assert all(isinstance(one, Message) for one in gathered())


def test_what_machines_read(repo: Repo) -> None:
    SET_UP["docs/leaving.md"](repo)
    text = REFERENCE.partition("## For machines")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `jiti (.+?)` \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) > 10
    for command, cell in rows:
        if command == "doctor":  # tries the sandbox, which takes seconds; its own tests read this
            continue
        done = repo.jiti(*command.replace("KEY", "app.text.slugify").split(), "--json")
        keys = list(json.loads(done.out))
        assert keys == re.findall(r"`(\w+)`", cell.partition(";")[0]), (command, done.err)
