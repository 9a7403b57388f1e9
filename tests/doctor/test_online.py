"""What services say: the real SDKs over real sockets."""

import sys
from pathlib import Path

import pytest

from jiti_bot.doctor.diagnosis import Level
from jiti_bot.doctor.online import github, model_service
from jiti_bot.loopback import Loopback
from jiti_bot.loopback.catalogue import MODELS
from tests.doctor.kit import BODY, NOTE, OK, PROBLEM, STUB
from tests.github.start import serving
from tests.repo import Repo

MODEL = next(iter(MODELS))
GOOD = "sk-ant-sesame-4711"
NOBODY = "http://127.0.0.1:1"
ODD = "http://ada:sesame-url@127.0.0.1:1/?key=sesame-query"


def unasked(_: object) -> None:
    raise AssertionError("nothing that costs is asked")


def server() -> Loopback:
    return Loopback(unasked, key=GOOD)  # ty: ignore[invalid-argument-type] - it is never called


class TestModel:
    @pytest.mark.parametrize(
        ("model", "key", "level", "words"),
        [
            (MODEL, GOOD, OK, f"takes the key and has {MODEL}"),
            (MODEL, "sk-ant-wrong", PROBLEM, "refused the key"),
            ("claude-none", GOOD, PROBLEM, "knows no model 'claude-none'"),
        ],
    )
    def test_it_answers(self, model: str, key: str, level: Level, words: str) -> None:
        with server() as running:
            said = model_service(model, {"ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": running.url}, "host")
            assert running.seen == []
        assert said.level is level
        assert words in said.what
        assert key not in said.what + said.remedy
        assert said.remedy or level is OK

    def test_a_server_that_lists_no_models(self) -> None:
        with server() as running:
            env = {"ANTHROPIC_API_KEY": GOOD, "ANTHROPIC_BASE_URL": f"{running.url}/proxy"}
            said = model_service(MODEL, env, "host")
        assert (said.level, said.what) == (OK, "host answers; it does not tell which models it has")

    def test_nobody_answers(self) -> None:
        said = model_service(MODEL, {"ANTHROPIC_BASE_URL": NOBODY}, "127.0.0.1:1")
        assert said.level is PROBLEM
        assert "could not be reached" in said.what

    def test_there_is_no_key(self) -> None:
        assert model_service(MODEL, {}, "").level is NOTE

    def test_without_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "anthropic", None)
        said = model_service(MODEL, {"ANTHROPIC_API_KEY": GOOD}, "")
        assert "pip install 'jiti-bot[bot]'" in said.remedy


class TestGitHub:
    REMOTE = "https://github.com/{}/{}.git"

    def test_an_account_that_may_write(self, tmp_path: Path) -> None:
        with serving(tmp_path) as hub:
            env = {"GITHUB_TOKEN": hub.token("alice", kind="pat"), "GITHUB_API_URL": hub.url}
            said = github(env, self.REMOTE.format(hub.owner, hub.name))
        assert said.level is OK
        assert f"may write to {hub.owner}/{hub.name}" in said.what

    def test_an_account_that_may_read(self, tmp_path: Path) -> None:
        with serving(tmp_path) as hub:
            hub.person("eve", "read")
            env = {"GITHUB_TOKEN": hub.token("eve", kind="pat"), "GITHUB_API_URL": hub.url}
            said = github(env, self.REMOTE.format(hub.owner, hub.name))
        assert said.level is PROBLEM
        assert "may only read" in said.what

    def test_a_token_that_is_none(self, tmp_path: Path) -> None:
        with serving(tmp_path) as hub:
            env = {"GITHUB_TOKEN": "ghp_sesame", "GITHUB_API_URL": hub.url}
            said = github(env, self.REMOTE.format(hub.owner, hub.name))
        assert said.level is PROBLEM
        assert "refused the token" in said.what

    def test_a_repository_that_is_none(self, tmp_path: Path) -> None:
        with serving(tmp_path, private=True) as hub:
            env = {"GITHUB_TOKEN": hub.token("alice", kind="pat"), "GITHUB_API_URL": hub.url}
            assert github(env, self.REMOTE.format(hub.owner, "other")).level is PROBLEM

    @pytest.mark.parametrize(("env", "remote"), [({}, REMOTE.format("a", "b")), ({"GH_TOKEN": "t"}, "/srv/git/a")])
    def test_nothing_to_ask(self, env: dict[str, str], remote: str) -> None:
        assert github(env, remote).level is NOTE


def test_the_command(repo: Repo) -> None:
    repo.write("src/app/text.py", STUB)
    repo.write(".jiti/src/app/text/slugify.py", BODY)
    repo.commit()
    with server() as running:
        asked = repo.jiti("doctor", "--online", ANTHROPIC_API_KEY=GOOD, ANTHROPIC_BASE_URL=running.url)
    assert asked.code == 0, asked.out
    odd = repo.jiti("doctor", "--online", ANTHROPIC_API_KEY=GOOD, ANTHROPIC_BASE_URL=ODD)
    assert "could not be reached" in odd.out
    assert f"127.0.0.1:{running.url.rpartition(':')[2]} takes the key" in asked.out
    assert "sesame" not in odd.out + odd.err
    assert "Traceback" not in odd.err
