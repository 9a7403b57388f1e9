"""Shards: nothing that belongs together is parted, and no shard is much longer than it has to be."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.forge import state
from jiti_bot.planning.plan import Action, Step
from jiti_bot.stages import files, ground, plan
from jiti_bot.store.state import Condition, State
from tests.planning.units import spec
from tests.repo import Repo, make
from tests.stages import project
from tests.stages.project import CLASS, SHOUT, SLUGIFY


def step(key: str, needs: frozenset[str] = frozenset(), after: frozenset[str] = frozenset()) -> Step:
    return Step(spec(key.removeprefix("app.")), State(Condition.MISSING), Action.GENERATE, needs, after)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Step, ...]:
    """Units in an order in which each needs only earlier ones."""
    size = draw(st.integers(0, 12))
    keys = [f"app.f{number}" for number in range(size)]
    edges = [draw(st.frozensets(st.sampled_from(keys[:at]), max_size=2)) if at else frozenset() for at in range(size)]
    soft = [draw(st.frozensets(st.sampled_from(keys[:at]), max_size=1)) if at else frozenset() for at in range(size)]
    return tuple(step(key, needs, after) for key, needs, after in zip(keys, edges, soft, strict=True))


@given(graphs(), st.integers(1, 5))
def test_shards_part_nothing_that_belongs_together(steps: tuple[Step, ...], most: int) -> None:
    shards = plan.shards(steps, most)
    order = [one.spec.key for one in steps]
    assert sorted(key for keys in shards for key in keys) == sorted(order)
    assert len(shards) <= most
    assert all(shards)
    place = {key: number for number, keys in enumerate(shards) for key in keys}
    for one in steps:
        assert all(place[other] == place[one.spec.key] for other in one.needs | one.after)
    for keys in shards:
        assert list(keys) == [key for key in order if key in set(keys)]


@pytest.mark.parametrize(
    ("count", "most", "sizes"),
    [
        pytest.param(0, 4, [], id="nothing"),
        pytest.param(1, 4, [1], id="one"),
        pytest.param(10, 1, [10], id="one-shard"),
        pytest.param(10, 4, [2, 2, 3, 3], id="even"),
        pytest.param(300, 500, [1] * 256 + [], id="more-than-github-runs"),
    ],
)
def test_shards_are_of_about_one_size(count: int, most: int, sizes: list[int]) -> None:
    found = sorted(map(len, plan.shards([step(f"f{number}") for number in range(count)], most)))
    if count == 300:
        assert len(found) == 256
        assert max(found) == 2
    else:
        assert found == sizes


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


def test_the_command_prints_a_matrix(repo: Repo) -> None:
    done = repo.jiti("plan", "--shards", "2", "--json")
    rows = json.loads(done.out)["include"]
    assert done.code == 0
    assert [row["shard"] for row in rows] == [1, 2]
    assert sorted(" ".join(row["keys"] for row in rows).split()) == sorted((SLUGIFY, SHOUT, CLASS))


def test_the_command_prints_lines(repo: Repo) -> None:
    done = repo.jiti("plan")
    assert done.out.splitlines()[0] == "shard 1: 3 stubs"
    assert done.out.splitlines()[-1] == "3 pending, 0 need nothing; nothing was done."


def planned(repo: Repo, folder: Path, **more: object) -> list[list[str]]:
    """The shards that `jiti ci plan` makes."""
    files.write(folder, "gate", "gate", project.decision(repo, **more).as_json())
    assert repo.jiti("ci", "plan", "--dir", str(folder), CI="true").code == 0
    return files.read(folder, "plan", "plan")["shards"]


class TestWhatAPersonTurnedDown:
    """Nobody pays for bodies that would not be published."""

    @pytest.fixture
    def declined(self, repo: Repo) -> dict[str, str]:
        asked = ground.asked(project.opened(repo), project.head(repo))
        return {key: state.short(digest) for key, digest in asked.items()}

    def test_is_not_written_again(self, repo: Repo, tmp_path: Path, declined: dict[str, str]) -> None:
        assert len(planned(repo, tmp_path)) == 1
        assert planned(repo, tmp_path, declined=declined) == []

    def test_is_when_a_stub_or_gate_changed(self, repo: Repo, tmp_path: Path, declined: dict[str, str]) -> None:
        repo.write("tests/test_text.py", f'{project.GATE}    assert shout("a") == "A!"\n')
        repo.commit("tests/test_text.py")
        assert [sorted(keys) for keys in planned(repo, tmp_path, declined=declined)] == [[CLASS, SHOUT, SLUGIFY]]

    def test_is_when_there_is_one_more(self, repo: Repo, tmp_path: Path, declined: dict[str, str]) -> None:
        del declined[CLASS]
        assert len(planned(repo, tmp_path, declined=declined)) == 1

    def test_is_when_a_command_waits(self, repo: Repo, tmp_path: Path, declined: dict[str, str]) -> None:
        assert len(planned(repo, tmp_path, declined=declined, orders=(5,))) == 1


def test_places_are_those_in_the_repository(tmp_path: Path) -> None:
    outer = make(tmp_path)
    inner = Repo(outer.path / "services" / "api", outer.env)
    for path, text in {**project.FILES, "app/odd.py": "from jiti import jiti\n\n\n@jiti\nx = 1\n"}.items():
        inner.write(path, text or "")
    outer.commit()
    files.write(tmp_path, "gate", "gate", project.decision(inner).as_json())
    assert inner.jiti("ci", "plan", "--dir", str(tmp_path), CI="true").code == 0
    found = files.read(tmp_path, "plan", "plan")
    places = {one["file"] for one in (*found["stubs"], *found["findings"])}
    assert places == {f"services/api/app/{name}.py" for name in ("text", "stack", "odd")}


@pytest.mark.parametrize("count", ["0", "257", "-1"])
def test_the_command_refuses_odd_numbers(repo: Repo, count: str) -> None:
    done = repo.jiti("plan", f"--shards={count}")
    assert done.code == 2
    assert "1 to 256" in done.err
    assert repo.jiti("ci", "plan", f"--shards={count}", CI="true").code == 2


@pytest.mark.parametrize(
    ("condition", "action"),
    [
        pytest.param(Condition.CURRENT, Action.GENERATE, id="current"),
        pytest.param(Condition.STALE, Action.GENERATE, id="stale"),
        pytest.param(Condition.CONFLICT, Action.DECIDE, id="conflict-is-never-overwritten"),
        pytest.param(Condition.MALFORMED, Action.DECIDE, id="malformed-is-never-overwritten"),
    ],
)
def test_a_wish_has_a_unit_written_again(repo: Repo, condition: Condition, action: Action) -> None:
    before = Action.DECIDE if condition in {Condition.CONFLICT, Condition.MALFORMED} else Action.NOTHING
    one = Step(spec("f"), State(condition), before)
    assert plan.wished(one, project.decision(repo, hints={"app.f": "shorter"})).action is action


@pytest.mark.parametrize("condition", [Condition.STALE, Condition.EDITED, Condition.CONFLICT])
def test_what_is_to_be_kept_is_proved_and_never_written_again(repo: Repo, condition: Condition) -> None:
    one = Step(spec("f"), State(condition, ("docstring",)), Action.GENERATE)
    found = plan.wished(one, project.decision(repo, keep=("app.f",), hints={"app.f": "x"}))
    assert (found.action, found.state.condition) == (Action.REVALIDATE, Condition.EDITED)
