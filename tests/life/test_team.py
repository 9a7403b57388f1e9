"""Several people and a bot in one repository: what their branches come to when they meet.

Real git, real commands, a loopback model, everything else real. Each test is a story.
"""

import json
import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.loopback import Conversation, Loopback, Reply, ToolUse
from tests.repo import Repo, make

TEXT = '''"""Text helpers."""

from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug: lower case, words joined by hyphens."""
    raise NotImplementedError


@jiti
def shout(text: str) -> str:
    """Return the text in capitals, with an exclamation mark."""
    raise NotImplementedError
'''
GATES = """from jiti import jiti

from app.text import shout, slugify


@jiti.required_for(slugify)
def test_slugify() -> None:
    assert slugify("Hello World") == "hello-world"


@jiti.required_for(shout)
def test_shout() -> None:
    assert shout("hey") == "HEY!"
"""
SLUG, SHOUT, SOURCE = ".jiti/app/text/slugify.py", ".jiti/app/text/shout.py", "app/text.py"
BODIES = {
    "app.text.slugify": 'words = text.lower().split()\nreturn "-".join(words)',
    "app.text.shout": 'loud = text.upper()\n# The mark comes last.\nreturn f"{loud}!"',
}
PLAINER = BODIES | {"app.text.shout": 'return text.upper() + "!"'}


@pytest.fixture
def team(repo: Repo) -> Repo:
    """What everybody starts from: two stubs of one module, nothing generated."""
    return begun(repo)


def begun(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n')
    repo.write(".gitignore", "__pycache__/\n.pytest_cache/\n.ruff_cache/\n")
    repo.write("app/__init__.py", "")
    repo.write(SOURCE, TEXT)
    repo.write("tests/test_text.py", GATES)
    repo.commit()
    return repo


@contextmanager
def on(team: Repo, branch: str) -> Generator[None]:
    """Somebody works on a branch from main, and commits at the end."""
    team.git("checkout", "-q", "-b", branch, "main")
    yield
    team.commit()
    team.git("checkout", "-q", "main")


def generate(team: Repo, *targets: str, bodies: dict[str, str] = BODIES) -> tuple[dict[str, str], int]:
    """`jiti generate`: what came of each stub, and how many conversations it took."""

    def answer(conversation: Conversation) -> Reply:
        given = {"body": bodies[conversation.key], "helpers": "", "tests": "", "quality": 9}
        return Reply((ToolUse("submit", given),))

    with Loopback(answer) as server:
        done = team.jiti("generate", "--json", *targets, ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="sk-test-key")
        assert "Traceback" not in done.err
        return {one["key"]: one["outcome"] for one in json.loads(done.out)["stubs"]}, len(server.seen)


def states(team: Repo) -> dict[str, str]:
    return {one["path"]: one["state"] for one in json.loads(team.jiti("status", "--json").out)["stubs"]}


def reworded(team: Repo, words: str) -> None:
    team.write(SOURCE, TEXT.replace("in capitals", words))


def by_hand(team: Repo, old: str, new: str) -> None:
    text = (team.path / SHOUT).read_text()
    assert old in text
    team.write(SHOUT, text.replace(old, new))


def in_conflict(team: Repo) -> list[str]:
    return team.git("diff", "--name-only", "--diff-filter=U").splitlines()


def finished(team: Repo) -> None:
    """Everything is generated, checked and tested, and there is nothing left to do."""
    checked = team.jiti("check", "--strict")
    assert checked.code == 0, checked.out
    tested = team.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert tested.code == 0, tested.out
    before = team.git("status", "--porcelain")
    outcomes, asked = generate(team)
    assert (set(outcomes.values()), asked) == ({"current"}, 0)
    assert team.git("status", "--porcelain") == before


def test_two_people_generate_different_stubs_of_one_module(team: Repo) -> None:
    with on(team, "ada"):
        assert generate(team, "app.text.slugify") == ({"app.text.slugify": "generated"}, 1)
    with on(team, "ben"):
        assert generate(team, "app.text.shout") == ({"app.text.shout": "generated"}, 1)

    team.git("merge", "-q", "--no-edit", "ada")
    team.git("merge", "-q", "--no-edit", "ben")

    assert states(team) == {SLUG: "current", SHOUT: "current"}
    finished(team)


@pytest.fixture(scope="module")
def implemented(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    team = begun(make(tmp_path_factory.mktemp("generated")))
    generate(team)
    team.commit()
    return team


@pytest.fixture
def generated(implemented: Repo, tmp_path: Path) -> Repo:
    """Both stubs are implemented and committed."""
    return copy(implemented, tmp_path)


@pytest.fixture(scope="module")
def apart(implemented: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    team = copy(implemented, tmp_path_factory.mktemp("at-odds"))
    with on(team, "ada"):
        reworded(team, "in CAPITALS")
        assert generate(team)[0] == {"app.text.slugify": "current", "app.text.shout": "generated"}
    with on(team, "ben"):
        reworded(team, "in upper case")
        assert generate(team, bodies=PLAINER)[0] == {"app.text.slugify": "current", "app.text.shout": "generated"}
    team.git("merge", "-q", "--no-edit", "ada")
    return team


def copy(team: Repo, folder: Path) -> Repo:
    """The same repository once more."""
    shutil.copytree(team.path, folder / "repo", symlinks=True)
    return replace(team, path=folder / "repo")


@pytest.fixture
def at_odds(apart: Repo, tmp_path: Path) -> Repo:
    """Ada and Ben have reworded the same stub, each in their own way, and had it written again; then they merge."""
    team = copy(apart, tmp_path)
    assert team.run("git", "merge", "-q", "--no-edit", "ben").code == 1
    return team


class TestTwoPeopleChangeTheSameStub:
    def test_is_one_conflict_and_is_said(self, at_odds: Repo) -> None:
        # The stub and its own committed file, and nothing else.
        assert in_conflict(at_odds) == [SHOUT, SOURCE]
        at_odds.git("checkout", "--ours", "--", SOURCE)

        assert states(at_odds) == {SLUG: "current", SHOUT: "malformed"}
        checked = at_odds.jiti("check")
        assert checked.code == 1
        assert f"{SHOUT}:" in checked.out
        assert "conflict marker" in checked.out
        assert "git checkout --ours" in checked.out
        outcomes, asked = generate(at_odds)
        assert (outcomes["app.text.shout"], asked) == ("failed", 0)
        assert "<<<<<<<" in (at_odds.path / SHOUT).read_text(), "it is for people to decide"

    def test_while_the_source_is_in_conflict_that_is_said(self, at_odds: Repo) -> None:
        before = (at_odds.path / SHOUT).read_bytes()
        checked = at_odds.jiti("check")
        assert checked.code == 1
        assert f"{SOURCE}:" in checked.out
        assert generate(at_odds)[1] == 0
        assert (at_odds.path / SHOUT).read_bytes() == before

    @pytest.mark.parametrize("side", ["--ours", "--theirs"])
    def test_one_side_whole_is_a_way_out(self, at_odds: Repo, side: str) -> None:
        at_odds.git("checkout", side, "--", SHOUT, SOURCE)
        at_odds.commit()
        assert states(at_odds) == {SLUG: "current", SHOUT: "current"}
        finished(at_odds)

    def test_the_stub_of_one_and_the_code_of_the_other_are_out_of_date(self, at_odds: Repo) -> None:
        at_odds.git("checkout", "--ours", "--", SOURCE)
        at_odds.git("checkout", "--theirs", "--", SHOUT)
        at_odds.commit()
        assert states(at_odds) == {SLUG: "current", SHOUT: "stale"}
        # Git still knows what was written for these words: nobody is paid for it again.
        assert generate(at_odds, bodies=BODIES) == ({"app.text.slugify": "current", "app.text.shout": "restored"}, 0)
        finished(at_odds)

    def test_words_that_are_new_to_both_are_written_anew(self, at_odds: Repo) -> None:
        reworded(at_odds, "in CAPITALS, upper case")
        at_odds.git("checkout", "--ours", "--", SHOUT)
        at_odds.commit()
        assert generate(at_odds) == ({"app.text.slugify": "current", "app.text.shout": "generated"}, 1)
        finished(at_odds)

    @pytest.mark.parametrize("line", ["docstring", "body", "seal"])
    def test_a_header_of_both_is_never_taken_for_current(self, at_odds: Repo, line: str) -> None:
        at_odds.git("checkout", "--theirs", "--", SHOUT)
        theirs = _line(at_odds, line)
        at_odds.git("checkout", "--ours", "--", SHOUT, SOURCE)
        by_hand(at_odds, _line(at_odds, line), theirs)
        mixed = (at_odds.path / SHOUT).read_bytes()

        assert states(at_odds) == {SLUG: "current", SHOUT: "malformed"}
        checked = at_odds.jiti("check")
        assert checked.code == 1
        assert f"{SHOUT}:1: " in checked.out
        assert "header" in checked.out
        assert "merge" in checked.out
        outcomes, asked = generate(at_odds)
        assert (outcomes["app.text.shout"], asked) == ("failed", 0)
        assert (at_odds.path / SHOUT).read_bytes() == mixed


def _line(team: Repo, name: str) -> str:
    return next(line for line in (team.path / SHOUT).read_text().splitlines() if line.startswith(f"# {name}: "))


class TestOnePersonEditsWhileTheBotWorks:
    def merged(self, team: Repo, edit: Callable[[], None], work: Callable[[], None]) -> bool:
        """A person edits on main, the bot works on a branch of its own, which is merged; whether git could."""
        with on(team, "jiti/main"):
            work()
        edit()
        team.commit()
        return team.run("git", "merge", "-q", "--no-edit", "jiti/main").code == 0

    def test_other_gates_and_an_edit_go_together(self, generated: Repo) -> None:
        """The bot only stamps what passes the new gate; the edit is somewhere else in the file."""

        def work() -> None:
            generated.write("tests/test_text.py", f'{GATES}    assert shout("") == "!"\n')
            assert generate(generated)[0]["app.text.shout"] == "revalidated"

        assert self.merged(generated, lambda: by_hand(generated, "comes last.", "comes last: Ada."), work)
        assert states(generated) == {SLUG: "current", SHOUT: "edited"}
        assert "Ada." in (generated.path / SHOUT).read_text()
        finished(generated)

    def test_an_edit_of_what_was_written_anew_is_a_conflict_of_git(self, generated: Repo) -> None:
        def work() -> None:
            reworded(generated, "in upper case")
            generate(generated, bodies=PLAINER)

        assert not self.merged(generated, lambda: by_hand(generated, "text.upper()", "text.strip().upper()"), work)
        assert in_conflict(generated) == [SHOUT]
        assert states(generated)[SHOUT] == "malformed"

        # The person's side: their edit stands against words that it was not made for, and nothing overwrites it.
        generated.git("checkout", "--ours", "--", SHOUT)
        generated.commit()
        assert states(generated)[SHOUT] == "conflict"
        checked = generated.jiti("check")
        assert checked.code == 1
        assert "jiti diff app.text.shout" in checked.out
        assert generate(generated)[0]["app.text.shout"] == "conflict"
        assert "strip()" in (generated.path / SHOUT).read_text()

        # A way out: hand in what stands there, judged as it is.
        assert generated.jiti("submit", "app.text.shout", SHOUT, "--by", "Ada").code == 0
        assert "strip()" in (generated.path / SHOUT).read_text()
        finished(generated)

    def test_lines_of_both_are_known_as_edited(self, generated: Repo) -> None:
        """Git merges a body out of two without a word: it is nobody's as generated, and says so."""

        def work() -> None:
            reworded(generated, "in upper case")
            changed = BODIES["app.text.shout"].replace('f"{loud}!"', 'loud + "!"')
            generate(generated, bodies=BODIES | {"app.text.shout": changed})

        def edit() -> None:
            text = (generated.path / SHOUT).read_text()
            generated.write(SHOUT, text.replace("\n\ndef shout", "\n\n# Ada: keep it short.\n\n\ndef shout", 1))

        if not self.merged(generated, edit, work):
            pytest.fail(f"in conflict: {in_conflict(generated)}")
        assert states(generated)[SHOUT] == "edited"
        assert "Ada" in (generated.path / SHOUT).read_text()
        finished(generated)

    def test_an_edit_of_a_stub_that_is_gone_meanwhile_stays(self, generated: Repo) -> None:
        def work() -> None:
            generated.write(SOURCE, TEXT[: TEXT.rindex("\n\n\n@jiti")] + "\n")
            generated.write("tests/test_text.py", GATES[: GATES.rindex("\n\n\n@jiti")].replace("shout, ", "") + "\n")

        assert self.merged(generated, lambda: by_hand(generated, "comes last.", "comes last: Ada."), work)
        assert states(generated) == {SLUG: "current", SHOUT: "orphan"}
        assert SHOUT in generated.jiti("check").out
        generate(generated)
        assert "Ada." in (generated.path / SHOUT).read_text()


@pytest.mark.parametrize(("side", "words"), [("ours", "CAPITALS"), ("theirs", "upper case")])
def test_a_merge_that_takes_one_side_is_current(apart: Repo, tmp_path: Path, side: str, words: str) -> None:
    team = copy(apart, tmp_path)
    team.git("merge", "-q", "--no-edit", "-X", side, "ben")
    assert words in (team.path / SOURCE).read_text()
    assert words in (team.path / SHOUT).read_text()
    assert states(team) == {SLUG: "current", SHOUT: "current"}
    finished(team)
