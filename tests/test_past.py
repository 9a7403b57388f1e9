"""What git remembers of files, asked in real repositories."""

from pathlib import Path

import pytest

from jiti_bot import past
from jiti_bot.git import Git, locate
from tests.repo import Repo

ODD = [".jiti/app/f.py", ".jiti/with space/ü.py", ".jiti/a*b/q.py"]


def door(repo: Repo, folder: str = "") -> Git:
    return locate(str(repo.path / folder), repo.env)


def test_nothing_is_known_before_the_first_commit(repo: Repo) -> None:
    git = door(repo)
    assert past.revisions(git, "refs/heads/*") == {}
    assert list(past.held(git, "HEAD", "HEAD", ODD)) == []
    assert list(past.earlier(git, ODD)) == []


@pytest.mark.parametrize("folder", ["", "services/api"])
@pytest.mark.parametrize("many", [0, 300], ids=["spelled out", "by their store"])
def test_every_version_of_a_file_newest_first(repo: Repo, folder: str, many: int) -> None:
    (repo.path / folder).mkdir(parents=True, exist_ok=True)
    git = door(repo, folder)
    for text in ("one", "two"):
        for name in ODD:
            repo.write(str(Path(folder, name)), f"{text} {name}")
        repo.write("other.py", text)
        repo.commit()
    (repo.path / folder / ODD[0]).unlink()
    repo.commit()
    asked = {*ODD, *(f".jiti/{number}.py" for number in range(many))}
    with past.Blobs(git) as blobs:
        found = [
            (one.path, blobs.read(one.oid) or b"", blobs.at(one.revision, one.path)) for one in past.earlier(git, asked)
        ]
        held = {one.path: blobs.read(one.oid) for one in past.held(git, "main", "main", asked)}
        assert blobs.at("main", "no such file.py") is None
        assert blobs.at("main", "no such.py") is None
    wanted = [(name, f"{text} {name}".encode()) for text in ("two", "one") for name in sorted(ODD)]
    assert sorted(found, key=lambda one: (one[1][:3] != b"two", one[0])) == [(*one, one[1]) for one in wanted]
    assert [text[:3] for _, text, _ in found] == [b"two"] * 3 + [b"one"] * 3
    assert held == {name: f"two {name}".encode() for name in ODD[1:]}


def test_branches_by_the_order_of_the_patterns_and_once(repo: Repo) -> None:
    repo.write("a.py", "1")
    repo.commit()
    repo.git("branch", "jiti-bot-main")
    repo.git("checkout", "-q", "-b", "jiti-bot-dev")
    repo.write("a.py", "2")
    repo.commit()
    git = door(repo)
    main, dev = git.commit("main"), git.commit("jiti-bot-dev")
    assert past.revisions(git, "refs/heads/main", "refs/heads/jiti-bot-*") == {"main": main, "jiti-bot-dev": dev}
    assert past.revisions(git, "refs/heads/jiti-bot-main") == {"jiti-bot-main": main}
    assert past.revisions(git, "refs/heads/none") == {}
