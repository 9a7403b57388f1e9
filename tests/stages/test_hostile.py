"""Stubs that somebody wrote to do harm, or too large to be worked on: through the stages and onto the page."""

import json
import re
from collections.abc import Iterator

import pytest

from jiti_bot.forge import body
from jiti_bot.forge.model import Publication
from jiti_bot.loopback import Loopback
from jiti_bot.stages import files, model, report, schema
from jiti_bot.stages.model import Decision, Work
from jiti_bot.stages.publish import publication
from jiti_bot.stages.report import Told
from jiti_bot.store.write import MAX_CODE, MAX_FILE
from tests.repo import Repo
from tests.stages import project
from tests.stages.project import SHOUT, SLUG_FILE, SLUGIFY, decision, opened, outcomes

HEAD = "Return the text in capitals"
HOSTILE = {
    "mention": "@everyone and @acme/admins",
    "closing-keyword": "fixes #1, closes acme/demo#2",
    "end-of-a-comment": "--> <!-- jiti-bot:state {} --> <img src=x onerror=alert(1)>",
    "end-of-a-fence": "````\n    ```\n    # A heading",
    "terminal": "\x1b[2J\x1b]0;own\x07 \x9b31m",
    "terminal-in-python": r"\x1b[2J\x1b]0;own\x07 \x9b31m",
    "bidirectional": "\u202eevil\u2066",
    "workflow-command": "\n    ::error::owned\n    ::set-output name=x::y\n    ##[command]owned",
}


def write(repo: Repo, docstring: str) -> Decision:
    """The project with a docstring of ``shout`` that goes on with this."""
    project.write(repo)
    repo.write("app/text.py", project.TEXT.replace(HEAD, f"{HEAD} {docstring}"))
    pyproject = f"{project.FILES['pyproject.toml']}\n[tool.jiti]\nmax_usd = 50\nmax_usd_run = 50\n"
    repo.write("pyproject.toml", pyproject)
    repo.commit("app/text.py", "pyproject.toml")
    return decision(repo)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(project.right) as server:
        yield server


def through(repo: Repo, asked: Decision, server: Loopback) -> Work:
    """plan, generate and validate, each as a process; what was proved."""
    folder = repo.path.parent / "stages"
    files.write(folder, "gate", "gate", asked.as_json())
    for stage in ("plan", "generate", "validate"):
        done = repo.jiti(
            "ci", stage, "--dir", str(folder), CI="true",
            ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="sk-test-key",
        )  # fmt: skip
        assert done.code == 0, done.err
        assert not re.search(r"[\x1b\x9b\u202e]", done.out + done.err)
    return model.work(files.read(folder, "validated", "validated"), "validated.json")


def page(found: Publication) -> str:
    where = body.Page("acme/demo", "https://github.com", found.base_sha, found.base, found.base_sha)
    return body.render(found.sections, page=where)


def test_a_docstring_is_only_shown(repo: Repo, server: Loopback) -> None:
    asked = write(repo, "\n    ".join(HOSTILE.values()))
    proved = through(repo, asked, server)
    assert outcomes(proved)[SHOUT] == "generated"
    shown = (page(publication(opened(repo), asked, proved)), report.summary(Told(asked, None, proved)))
    for text in shown:  # of its own words only a line's end is left to a terminal or a browser
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    prose, fenced = _parted(shown[0])
    for word in ("everyone", "owned", "onerror", "A heading", HEAD):
        assert (word in prose, word in fenced) == (False, True), word
    assert "fixes" not in shown[0]  # parted even in code: a squashed message takes the page's text as it is


def _parted(text: str) -> tuple[str, str]:
    """A page without its fenced blocks, and those, as CommonMark takes them."""
    prose: list[str] = []
    fenced: list[str] = []
    fence = ""
    for line in text.split("\n"):
        opens = re.match(r" {0,3}(`{3,})", line)
        if fence:
            ends = opens and len(opens[1]) >= len(fence) and not line.strip(" `")
            fenced.append(line)
            fence = "" if ends else fence
        else:
            prose.append(line)
            fence = opens[1] if opens else ""
    return "\n".join(prose), "\n".join(fenced)


def test_a_stub_too_large_fails_alone_and_asks_nobody(repo: Repo, server: Loopback) -> None:
    asked = write(repo, "a" * 1_000_000)
    proved = through(repo, asked, server)
    assert outcomes(proved) == {SLUGIFY: "generated", SHOUT: "failed", project.CLASS: "generated"}
    (told,) = [one for one in proved.results if one.key == SHOUT]
    assert f"and {MAX_CODE:,} are allowed" in told.reason
    assert (told.turns, told.usd) == (0, 0)
    assert all("a" * 100_000 not in json.dumps(seen.body) for seen in server.seen)
    assert len(page(publication(opened(repo), asked, proved))) < body.LIMIT


@pytest.mark.parametrize("kind", ["shard", "validated"])
def test_one_limit_for_a_file(kind: str) -> None:
    texts = {SLUG_FILE: "x" * MAX_FILE}
    assert schema.check({"format": 1, **Work("0" * 40, texts, ()).as_json()}, kind) == ""
    texts[SLUG_FILE] += "x"
    assert "more than" in schema.check({"format": 1, **Work("0" * 40, texts, ()).as_json()}, kind)
