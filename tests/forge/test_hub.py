"""The door to GitHub: what it needs, how long it waits, what it never repeats."""

import builtins
from typing import Any

import pytest

from jiti_bot.errors import ConfigurationError, CredentialsError, ExtraMissingError, JitiError, ServiceError
from jiti_bot.forge.faults import LostError
from jiti_bot.forge.hub import API, Hub, connect
from tests.forge.kit import Naps, open_hub
from tests.github.faults import Answer, LostReply, PrimaryLimit, SecondaryLimit, Unreached
from tests.github.hub import GitHub

ENV = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "acme/demo"}


@pytest.mark.parametrize(
    ("env", "error", "said"),
    [
        ({"GITHUB_REPOSITORY": ""}, ConfigurationError, "not known which repository"),
        ({"GITHUB_REPOSITORY": "acme"}, ConfigurationError, "names no repository"),
        ({"GITHUB_REPOSITORY": "acme/demo/../x"}, ConfigurationError, "names no repository"),
        ({"GITHUB_TOKEN": " "}, CredentialsError, "There is no token"),
        ({"GITHUB_TOKEN": "a\nb"}, CredentialsError, "is no token"),
        ({"GITHUB_TOKEN": "ü"}, CredentialsError, "is no token"),
        ({"GITHUB_API_URL": "ftp://x"}, ConfigurationError, "is no address"),
    ],
)
def test_connect_refuses(env: dict[str, str], error: type[JitiError], said: str) -> None:
    with pytest.raises(error, match=said):
        connect({**ENV, **env})


@pytest.mark.parametrize(
    ("env", "site"),
    [
        ({}, "https://github.com"),
        ({"GITHUB_API_URL": f"{API}/"}, "https://github.com"),
        ({"GITHUB_API_URL": "https://git.example.org/api/v3"}, "https://git.example.org"),
        ({"GITHUB_SERVER_URL": "https://read.example.org"}, "https://read.example.org"),
        ({"GITHUB_TOKEN": "", "GH_TOKEN": "t"}, "https://github.com"),
    ],
)
def test_connect(env: dict[str, str], site: str) -> None:
    assert connect({**ENV, **env}).site == site


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "github":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissingError, match="needs the package PyGithub"):
        connect(ENV)


def test_limits_are_waited_for_as_long_as_they_say(github: GitHub) -> None:
    naps = Naps()
    github.fail(SecondaryLimit(retry_after=7))
    github.fail(PrimaryLimit(reset_in=30), skip=1)
    assert open_hub(github, naps=naps).branch("main") == github.branches()["main"]
    assert naps.slept[0] == 7.0
    assert len(naps.slept) <= 2


def test_limits_are_not_waited_for_forever(github: GitHub) -> None:
    naps = Naps()
    github.fail(SecondaryLimit(retry_after=50), times=1000)
    with pytest.raises(ServiceError, match="used up until") as caught:
        open_hub(github, naps=naps).branch("main")
    assert "Run again then" in caught.value.remedy
    assert sum(naps.slept) <= 600


@pytest.mark.parametrize("seconds", [0, 601, 10**11, 10**400])
def test_any_wait_comes_to_an_end(github: GitHub, seconds: int) -> None:
    naps = Naps()
    github.fail(SecondaryLimit(retry_after=seconds), times=1000)
    with pytest.raises(ServiceError, match="used up until"):
        open_hub(github, naps=naps).branch("main")
    assert sum(naps.slept) <= 600


@pytest.mark.parametrize("fault", [Unreached(), Answer(500), Answer(502, body="<html>"), LostReply()])
def test_reads_are_repeated(github: GitHub, fault: Answer | Unreached | LostReply) -> None:
    github.fail(fault, times=2)
    assert open_hub(github).branch("main") == github.branches()["main"]


@pytest.mark.parametrize("fault", [Unreached(), Answer(500), LostReply()])
def test_writes_are_never_repeated(github: GitHub, fault: Answer | Unreached | LostReply) -> None:
    github.fail(fault, on="git/create-ref", times=1)
    with pytest.raises(LostError):
        open_hub(github).create_branch("x", github.branches()["main"])
    assert [call.operation for call in github.log].count("git/create-ref") == 1


def test_service_that_stays_away(github: GitHub) -> None:
    github.fail(Unreached(), times=99)
    with pytest.raises(ServiceError, match="could not be reached"):
        open_hub(github).branch("main")


def test_nobody_listens() -> None:
    naps = Naps()
    with pytest.raises(ServiceError, match="could not be reached"):
        Hub("t", "acme/demo", "http://127.0.0.1:9", sleep=naps.sleep).branch("main")


def test_repository_that_the_token_does_not_see(github: GitHub) -> None:
    with pytest.raises(CredentialsError, match="shows this token no repository acme/other"):
        Hub(github.token(), "acme/other", github.url).pulls("x")


@pytest.mark.parametrize("login", ["", "a/b", "../x", "a b", "x" * 200])
def test_odd_logins_may_nothing(github: GitHub, login: str) -> None:
    assert not open_hub(github).may_write(login)
    assert github.log == []


@pytest.mark.parametrize(("kind", "login"), [("pat", "acme"), ("app", ""), ("github_token", "")])
def test_login(github: GitHub, kind: Any, login: str) -> None:
    assert open_hub(github, github.token(kind=kind)).login == login
