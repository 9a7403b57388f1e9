"""Questions to git that nobody wants answered any more are ended, whatever came between."""

from pathlib import Path

import pytest

from jiti_bot import process
from jiti_bot.errors import RepositoryError
from jiti_bot.git import locate
from jiti_bot.staging import Staging
from tests.repo import Repo, make


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = make(tmp_path)
    repo.write("a.py", "from jiti import jiti\n")
    repo.git("add", "a.py")
    return repo


def _open() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.parametrize("asked", ["nothing", "changes", "both"])
def test_it_is_closed_at_any_time(repo: Repo, asked: str) -> None:
    before = _open()
    staging = Staging(locate(str(repo.path), repo.env))
    if asked != "nothing":
        assert [change.path for change in staging.changes()] == ["a.py"]
    if asked == "both":
        assert staging.listing().paths == ["a.py"]
    staging.close()
    staging.close()
    assert _open() == before
    children = [begun._child for begun in staging._begun]
    assert all(isinstance(child, process._SpawnedChild) and child._code is not None for child in children)


def test_nothing_is_left_where_git_cannot_be_started(repo: Repo) -> None:
    before = _open()
    with pytest.raises(RepositoryError):
        Staging(locate(str(repo.path), {**repo.env, "PATH": str(repo.path)}))
    assert _open() == before
