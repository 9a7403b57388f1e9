"""`jiti pr` from a laptop: the example's finished store becomes a pull request."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jiti_bot.forge import state
from jiti_bot.stages.ground import asked
from jiti_bot.workspace import open_workspace
from tests.github.hub import GitHub
from tests.github.start import serving
from tests.repo import ROOT, Done, Repo, environment

EXAMPLE = ROOT / "examples" / "semver"
BRANCH = "jiti-bot-main"
NOTHING = "Nothing finished here differs from the base: there is nothing to propose.\n"


def sources() -> dict[str, str | None]:
    """The example as people wrote it."""
    names = ("pyproject.toml", "src", "tests")
    files = [path for name in names for path in sorted([EXAMPLE / name, *(EXAMPLE / name).rglob("*")])]
    return {
        path.relative_to(EXAMPLE).as_posix(): path.read_text("utf-8")
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }


@dataclass(frozen=True, slots=True)
class Laptop:
    """A clone whose origin says that it is on GitHub."""

    repo: Repo
    github: GitHub

    def pr(self, *args: str, token: str | None = None) -> Done:
        given = {"GITHUB_TOKEN": self.github.token(kind="pat") if token is None else token}
        return self.repo.jiti("pr", *args, GITHUB_API_URL=self.github.url, **given)

    def store(self) -> dict[str, str]:
        return self.github.files(BRANCH, ".jiti")


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    with serving(tmp_path, sources()) as github:
        repo = Repo(tmp_path / "clone", environment(tmp_path))
        Repo(tmp_path, repo.env).git("clone", "-q", str(github.path), "clone")
        repo.git("remote", "set-url", "origin", "git@github.com:acme/demo.git")
        shutil.copytree(EXAMPLE / "expected" / ".jiti", repo.path / ".jiti")
        yield Laptop(repo, github)


def test_no_op(laptop: Laptop) -> None:
    shutil.rmtree(laptop.repo.path / ".jiti")
    done = laptop.pr()
    assert (done.code, done.out, done.err) == (0, NOTHING, "")
    assert laptop.github.writes == []


def test_publishes_what_is_finished(laptop: Laptop) -> None:
    done = laptop.pr()
    assert (done.code, done.out, done.err) == (0, "Opened https://github.com/acme/demo/pull/1\n", "")
    here = {
        path.relative_to(laptop.repo.path).as_posix(): path.read_text("utf-8")
        for path in (laptop.repo.path / ".jiti").rglob("*.py")
    }
    assert laptop.store() == here
    body = laptop.github.pulls[0].body or ""
    assert "**10 of 10** stubs have a body" in body
    assert "`semver.ranges.caret`" in body
    assert "claude-sonnet-5-5" in body
    assert laptop.repo.git("status", "--porcelain").split() == ["??", ".jiti/"]


def test_again(laptop: Laptop) -> None:
    laptop.pr()
    before = laptop.github.snapshot()
    done = laptop.pr()
    assert (done.code, done.out) == (0, "Nothing new: https://github.com/acme/demo/pull/1\n")
    assert laptop.github.snapshot() == before


def test_work_tree_without_the_bodies_takes_nothing_back(laptop: Laptop) -> None:
    laptop.pr()
    before = laptop.github.snapshot()
    shutil.rmtree(laptop.repo.path / ".jiti")
    assert (laptop.pr().code, laptop.pr().out) == (0, NOTHING)
    assert laptop.github.snapshot() == before


def test_bodies_that_only_the_pull_request_holds(laptop: Laptop) -> None:
    laptop.pr()
    before = laptop.github.snapshot()
    (laptop.repo.path / ".jiti/src/semver/ranges/caret.py").unlink()
    (laptop.repo.path / ".jiti/src/semver/ranges/tilde.py").unlink()
    done = laptop.pr()
    assert done.code == 4
    assert "#1 proposes .jiti/src/semver/ranges/caret.py and 1 more files, which this work tree does not" in done.err
    assert f"git fetch origin {BRANCH} && git checkout FETCH_HEAD -- .jiti" in done.err
    assert laptop.github.snapshot() == before


def test_body_that_no_longer_fits_may_go(laptop: Laptop) -> None:
    laptop.pr()
    file = laptop.repo.path / "src/semver/ranges.py"
    text = file.read_text("utf-8").replace("Return the two bounds of ``^version``", "Return both bounds")
    file.write_text(text, "utf-8")
    laptop.repo.git("commit", "-qam", "Ask otherwise")
    laptop.repo.git("push", "-q", str(laptop.github.path), "HEAD:main")
    done = laptop.pr()
    assert done.code == 12
    assert "semver.ranges.caret: left out: it is stale here" in done.err
    assert ".jiti/src/semver/ranges/caret.py" not in laptop.store()
    assert ".jiti/src/semver/parsing/parse_version.py" in laptop.store()


def test_closed_one_is_known_to_the_action(laptop: Laptop) -> None:
    laptop.pr()
    remembered = state.read(laptop.github.pulls[0].body or "")
    specs = asked(open_workspace(str(laptop.repo.path), {}), laptop.github.branches()["main"])
    assert {key: state.short(specs[key]) for key in remembered.specs} == remembered.specs


def test_one_that_stays_closed_is_named(laptop: Laptop) -> None:
    laptop.pr()
    laptop.github.close(1)
    done = laptop.pr()
    assert done.code == 1
    assert done.out.startswith("#1 stays closed: A person closed it")
    assert done.out.endswith("https://github.com/acme/demo/pull/1\n")


def test_json(laptop: Laptop) -> None:
    planned = json.loads(laptop.pr("--dry-run", "--json").out)
    assert (planned["outcome"], planned["left_out"]) == ("planned", {})
    assert planned["text"] == laptop.pr("--dry-run").out
    told = json.loads(laptop.pr("--json").out)
    assert told == {
        "outcome": "opened",
        "number": 1,
        "url": "https://github.com/acme/demo/pull/1",
        "sha": laptop.github.branches()[BRANCH],
        "left_out": {},
    }
    assert set(planned["files"]) == set(laptop.store())


def test_dry_run_needs_no_token(laptop: Laptop) -> None:
    done = laptop.pr("--dry-run", token="")
    assert done.code == 0
    assert "**10 of 10** stubs have a body" in done.out
    assert "<code>semver.ranges.caret</code>: 2 gates, 2 attempts, proved before</summary>" in done.out
    names = dict(re.findall(r'^  (n\d+)\["(.*)"\]$', done.out, re.MULTILINE))
    arrows = {(names[one], names[two]) for one, two in re.findall(r"^  (n\d+) --> (n\d+)$", done.out, re.MULTILINE)}
    assert ("ranges.parse_range", "ranges.tilde") in arrows  # listed in uses=
    assert ("ranges.Range.matches", "version.Version.precedence") in arrows  # called by its body
    assert laptop.github.log == []


def test_what_is_not_finished_is_left_out(laptop: Laptop) -> None:
    file = laptop.repo.path / "src/semver/ranges.py"
    file.write_text(
        file.read_text("utf-8").replace("Return the two bounds of ``^version``", "Return both bounds"), "utf-8"
    )
    (laptop.repo.path / ".jiti/src/semver/ranges/tilde.py").unlink()
    done = laptop.pr()
    assert done.code == 12
    assert "semver.ranges.caret: left out: it is stale here: generate it first" in done.err
    assert ".jiti/src/semver/ranges/caret.py" not in laptop.store()
    assert ".jiti/src/semver/parsing/parse_version.py" in laptop.store()


def test_stub_that_is_not_pushed(laptop: Laptop) -> None:
    laptop.github.commit("main", {"src/semver/ranges.py": "# rewritten on another machine\n"})
    laptop.repo.git("fetch", "-q", str(laptop.github.path), "main")
    done = laptop.pr()
    assert done.code == 12
    assert "semver.ranges.caret: left out: its stub is not on main: push it first" in done.err


def test_edit_by_hand_is_told(laptop: Laptop) -> None:
    file = laptop.repo.path / ".jiti/src/semver/ranges/caret.py"
    file.write_text(file.read_text("utf-8") + "\n# a remark of mine\n", "utf-8")
    assert laptop.pr().code == 0
    assert "edited by hand after it was proved" in (laptop.github.pulls[0].body or "")


@pytest.mark.parametrize(
    ("args", "prepare", "token", "code", "said"),
    [
        pytest.param((), "", "", 9, "There is no token for GitHub. Set GITHUB_TOKEN", id="no token"),
        pytest.param((), "", "wrong", 9, "GitHub refused the token", id="wrong token"),
        pytest.param(("--base", "next"), "", None, 4, "acme/demo has no branch next.", id="no such base"),
        pytest.param((), "checkout -q --detach", None, 2, "No branch is checked out here.", id="detached"),
        pytest.param((), "remote remove origin", None, 3, "It is not known which repository", id="no remote"),
    ],
)
def test_refused(laptop: Laptop, args: tuple[str, ...], prepare: str, token: str | None, code: int, said: str) -> None:
    if prepare:
        laptop.repo.git(*prepare.split())
    done = laptop.pr(*args, token=token)
    assert done.code == code, done.err
    assert said in done.err
    assert laptop.github.writes == []


def test_base_that_moved_on_elsewhere(laptop: Laptop) -> None:
    laptop.github.commit("main", {"README.md": "more\n"})
    done = laptop.pr()
    assert done.code == 4
    assert "Run `git fetch` first." in done.err
