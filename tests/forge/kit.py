"""Publications to publish, over the loopback GitHub."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from jiti_bot.forge.hub import Hub
from jiti_bot.forge.model import File, Publication, Section
from jiti_bot.planning.result import Outcome, Result
from tests.github import branches
from tests.github.hub import GitHub

BRANCH = "jiti-bot-main"
SLUG = "app.text.slug"
TITLE = "app.text.title"
URL = "https://github.com/acme/demo/pull/1"


def path_of(key: str) -> str:
    return f".jiti/src/{key.replace('.', '/')}.py"


def body_of(key: str, version: str = "1") -> str:
    return f"# jiti 1 {key}\n# made up: {version}\n\ndef {key.rpartition('.')[2]}():\n    return {version}\n"


def section(key: str, outcome: Outcome = Outcome.GENERATED, reason: str = "") -> Section:
    good = outcome in {Outcome.GENERATED, Outcome.RESTORED, Outcome.CURRENT}
    result = Result(key, outcome, path_of(key), 1, usd=0.01, checks=(("ruff", good), ("gates", good)), reason=reason)
    return Section(result, f"def {key.rpartition('.')[2]}(): ...", "", "src/app/text.py:3", ("test_it",))


def publication(
    base_sha: str,
    bodies: Mapping[str, str],
    *,
    base: str = "main",
    failed: Mapping[str, str] | None = None,
    specs: Mapping[str, str] | None = None,
    outcome: Outcome = Outcome.GENERATED,
    head_sha: str = "",
) -> Publication:
    """What proposes ``bodies`` (versions by key); ``failed`` are reasons by key."""
    troubles = dict(failed or {})
    keys = [*bodies, *troubles]
    return Publication(
        base=base,
        base_sha=base_sha,
        files=tuple(File(path_of(key), body_of(key, version)) for key, version in bodies.items()),
        sections=(
            *(section(key, outcome) for key in bodies),
            *(section(key, Outcome.FAILED, why) for key, why in troubles.items()),
        ),
        specs=specs if specs is not None else {key: f"spec of {key} {bodies.get(key, '')}" for key in keys},
        head_sha=head_sha,
    )


def main(github: GitHub) -> str:
    """Where the base stands."""
    return github.branches()["main"]


def stored(github: GitHub, branch: str = BRANCH) -> dict[str, str]:
    """What the store holds on a branch."""
    return github.files(branch, ".jiti")


def one(github: GitHub, bodies: dict[str, str] | None = None) -> Publication:
    """A publication on top of the base as it stands."""
    return publication(main(github), bodies or {SLUG: "1"})


@dataclass(slots=True)
class Naps:
    """A sleep that takes no time, and the clock that it moves."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def open_hub(github: GitHub, token: str = "", naps: Naps | None = None) -> Hub:
    """The door to a loopback GitHub, which never really sleeps."""
    naps = naps or Naps()
    return Hub(token or github.token(), github.full_name, github.url, sleep=naps.sleep, clock=github.clock)


def is_ancestor(github: GitHub, old: str, new: str) -> bool:
    """Whether a commit or branch is part of another's history."""
    return _git(github, "merge-base", "--is-ancestor", old, new).returncode == 0


def message_of(github: GitHub, revision: str) -> str:
    """A commit's message."""
    return _git(github, "show", "-s", "--format=%B", revision).stdout


def tree_of(github: GitHub, revision: str) -> str:
    """A commit's tree."""
    return _git(github, "rev-parse", f"{revision}^{{tree}}").stdout.strip()


def parents_of(github: GitHub, revision: str) -> list[str]:
    """The parents of a commit."""
    return _git(github, "show", "-s", "--format=%P", revision).stdout.split()


def count(github: GitHub, revision: str, without: str) -> int:
    """The number of commits of one branch that another lacks."""
    return int(_git(github, "rev-list", "--count", f"{without}..{revision}").stdout)


def squash(github: GitHub, number: int) -> str:
    """Merge a pull request as one commit that does not know the branch's."""
    pull = github.pull(number)
    bare = github.bare
    here, there = github.files(pull.base), github.files(pull.head)
    base = bare.merge_base(pull.base_sha, pull.head_sha)
    assert base is not None
    was = github.files(base)
    changed = {path: there.get(path) for path in {*was, *there} if was.get(path) != there.get(path)}
    sha = github.commit(pull.base, {path: text for path, text in changed.items() if here.get(path) != text})
    branches.merged(github, pull, sha, "alice")
    return sha


def _git(github: GitHub, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "--git-dir", str(github.path), *args], capture_output=True, text=True, check=False)
