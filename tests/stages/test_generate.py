"""One shard as a process: the key beside the model, the work in a file, whatever ends it."""

import json
from collections.abc import Iterator

import pytest

from jiti_bot.loopback import Conversation, Loopback, Reply, Text, ToolUse
from jiti_bot.loopback import faults as service
from jiti_bot.stages import files, model
from tests.repo import Done, Repo
from tests.stages import project
from tests.stages.project import CLASS, CLASS_FILE, SHOUT, SHOUT_FILE, SLUG_FILE, SLUGIFY, outcomes, right


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(right) as server:
        yield server


def begin(repo: Repo, shards: list[list[str]], **more: object) -> None:
    """Leave what gate and plan would leave."""
    folder = repo.path.parent / "stages"
    files.write(folder, "gate", "gate", project.decision(repo, **more).as_json())
    sha = project.head(repo)
    files.write(folder, "plan", "plan", {"base": "main", "sha": sha, "stubs": [], "shards": shards, "findings": []})


def generate(repo: Repo, server: Loopback, shard: int = 1) -> Done:
    return repo.jiti(
        "ci", "generate", "--dir", str(repo.path.parent / "stages"), f"--shard={shard}", CI="true",
        ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="sk-test-key",
    )  # fmt: skip


def shard(repo: Repo, number: int = 1) -> model.Work:
    name = f"shard-{number}"
    return model.work(files.read(repo.path.parent / "stages", name, "shard"), name)


def test_a_shard_writes_its_own_units(repo: Repo, server: Loopback) -> None:
    begin(repo, [[SLUGIFY], [SHOUT, CLASS]])
    done = generate(repo, server, 2)
    assert done.code == 0, done.err
    work = shard(repo, 2)
    assert set(work.texts) == {SHOUT_FILE, CLASS_FILE}
    assert outcomes(work) == {SHOUT: "generated", CLASS: "generated"}
    assert "sk-test-key" not in done.out + done.err


def test_what_the_bots_branch_holds_is_not_asked_for_again(repo: Repo, server: Loopback) -> None:
    said = project.claims(repo, SLUGIFY, SHOUT)
    repo.git("checkout", "-q", "-b", "jiti-bot-main")
    for path, text in said.texts.items():
        repo.write(path, text)
    repo.commit()
    repo.git("checkout", "-q", "main")
    head = project.head(repo, "jiti-bot-main")
    begin(repo, [[SLUGIFY, SHOUT]], head_sha=head, hints={SHOUT: "louder"}, remembered={SLUGIFY: "shorter"})
    assert generate(repo, server).code == 0
    assert outcomes(shard(repo)) == {SHOUT: "generated"}
    assert all("louder" in json.dumps(seen.body) for seen in server.seen)
    assert all("What is committed now" in json.dumps(seen.body) for seen in server.seen)


def test_a_service_that_refuses_the_key_leaves_a_file_that_says_so(repo: Repo, server: Loopback) -> None:
    begin(repo, [[SLUGIFY, SHOUT]])
    server.fail(service.unauthorized(), times=100)
    done = generate(repo, server)
    assert done.code == 9
    work = shard(repo)
    assert "ANTHROPIC_API_KEY" in work.error
    assert outcomes(work) == {SLUGIFY: "skipped", SHOUT: "skipped"}
    assert work.texts == {}


def test_what_was_finished_before_it_failed_is_in_the_file(repo: Repo) -> None:
    def only_slugs(conversation: Conversation) -> Reply:
        return right(conversation) if conversation.key == SLUGIFY else Reply((Text("I would rather not."),))

    begin(repo, [[SLUGIFY, SHOUT]])
    with Loopback(only_slugs) as server:
        done = generate(repo, server)
    assert done.code == 0, done.err
    assert outcomes(shard(repo)) == {SLUGIFY: "generated", SHOUT: "failed"}
    assert set(shard(repo).texts) == {SLUG_FILE}


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [pytest.param("max_usd_run", "skipped", id="of-the-run"), pytest.param("max_usd", "failed", id="its-own")],
)
def test_whose_money_ended(repo: Repo, limit: str, outcome: str) -> None:
    """What the run's limit cut short is no failure of the stub's: another run tries it again."""

    def wrong(conversation: Conversation) -> Reply:
        return Reply((ToolUse("submit", {"body": "return text", "helpers": "", "tests": "", "quality": 9}),))

    repo.write("pyproject.toml", f"{project.FILES['pyproject.toml']}\n[tool.jiti]\n{limit} = 0.04\nmax_tokens = 1000\n")
    repo.commit("pyproject.toml")
    begin(repo, [[SHOUT]])
    with Loopback(wrong) as server:
        done = generate(repo, server)
    assert done.code == 0, done.err
    (told,) = shard(repo).results
    assert (told.outcome.value, told.code, told.turns > 0) == (outcome, "budget", True)


@pytest.mark.parametrize(
    ("number", "shards", "said"),
    [
        pytest.param(0, [[SLUGIFY]], "no shard 0: plan made 1. Give --shard 1 to 1.", id="none"),
        pytest.param(2, [[SLUGIFY]], "no shard 2: plan made 1. Give --shard 1 to 1.", id="more"),
        pytest.param(1, [], "plan made 0. Nothing is pending: go on with `jiti ci validate`.", id="no-shards"),
    ],
)
def test_a_shard_that_is_not_there(
    repo: Repo, server: Loopback, number: int, shards: list[list[str]], said: str
) -> None:
    begin(repo, shards)
    done = generate(repo, server, number)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("stage", ["plan", "generate", "validate", "publish", "report"])
def test_a_stage_without_what_comes_before_it(repo: Repo, stage: str) -> None:
    more = ("--event=push", "--payload=nowhere.json")
    env = {"CI": "true", "GITHUB_TOKEN": "x", "GITHUB_REPOSITORY": "acme/demo"}
    done = repo.jiti("ci", stage, "--dir", str(repo.path.parent / "nowhere"), *more, **env)
    if stage == "report":
        assert done.code == 0
        return
    assert done.code == 15
    folder = repo.path.parent / "nowhere"
    assert done.err == f"gate.json: There is no such file in {folder}. Run `jiti ci gate` first.\n"
    assert "Traceback" not in done.err


@pytest.mark.parametrize("stage", ["plan", "generate", "validate"])
def test_a_laptop_is_warned(repo: Repo, stage: str) -> None:
    begin(repo, [[SLUGIFY]])
    repo.write(SHOUT_FILE, "mine\n")
    done = repo.jiti("ci", stage, "--dir", str(repo.path.parent / "stages"))
    assert done.code == 2
    assert "jiti generate" in done.err
    assert (repo.path / SHOUT_FILE).read_text() == "mine\n"


@pytest.mark.parametrize(
    ("payload", "code", "said"),
    [
        pytest.param(None, 2, "cannot be read", id="missing"),
        pytest.param("{", 15, "not JSON", id="truncated"),
        pytest.param("[" * 100_000, 15, "not JSON", id="nested"),
        pytest.param("[]", 15, "no JSON object", id="list"),
    ],
)
def test_an_event_that_cannot_be_read(repo: Repo, payload: str | None, code: int, said: str) -> None:
    if payload is not None:
        repo.write("event.json", payload)
    done = repo.jiti("ci", "gate", "--event=push", "--payload", str(repo.path / "event.json"), CI="true")
    assert done.code == code
    assert said in done.err
    assert "Give --payload the file that GITHUB_EVENT_PATH names." in done.err
