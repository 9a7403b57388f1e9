"""What can go wrong on the way, and what other people do between two requests."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.github.client import Got, send
from tests.github.faults import Answer, Fault, Garbled, LostReply, PrimaryLimit, SecondaryLimit, Unreached
from tests.github.hub import GitHub
from tests.github.start import make_bare


def _create(hub: GitHub, name: str = "new") -> Got:
    body = {"ref": f"refs/heads/{name}", "sha": hub.branches()["main"]}
    return send(hub, "POST", "git/refs", body, token=hub.token())


@pytest.mark.parametrize(
    ("fault", "status", "headers", "message"),
    [
        (
            PrimaryLimit(reset_in=90),
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1090", "retry-after": None},
            "API rate limit exceeded for installation ID 1.",
        ),
        (PrimaryLimit(status=429), 429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000"}, "API rate limit"),
        (SecondaryLimit(7), 403, {"retry-after": "7"}, "You have exceeded a secondary rate limit."),
        (SecondaryLimit(None, 429), 429, {"retry-after": None}, "You have exceeded a secondary rate limit."),
        (Answer(502), 502, {}, "Server Error"),
        (Answer(401, "Bad credentials"), 401, {}, "Bad credentials"),
    ],
)
def test_refusals(hub: GitHub, fault: Fault, status: int, headers: dict[str, str | None], message: str) -> None:
    hub.clock = hub.limits.clock = lambda: 1000.0
    hub.fail(fault)
    before = hub.snapshot()

    got = _create(hub)

    assert got.status == status
    assert got.message.startswith(message)
    assert {name: got.headers.get(name) for name in headers} == headers
    assert hub.snapshot() == before
    assert hub.writes == []
    assert _create(hub).status == 201


def test_a_lost_reply_has_been_carried_out(hub: GitHub) -> None:
    hub.fail(LostReply())
    with pytest.raises(http.client.RemoteDisconnected):
        _create(hub)
    assert "new" in hub.branches()
    assert [(call.status, call.done) for call in hub.log] == [(0, True)]
    assert len(hub.writes) == 1


def test_an_unreached_server_has_done_nothing(hub: GitHub) -> None:
    hub.fail(Unreached())
    with pytest.raises(http.client.RemoteDisconnected):
        _create(hub)
    assert "new" not in hub.branches()
    assert hub.writes == []


def test_an_answer_may_be_cut(hub: GitHub) -> None:
    hub.fail(Garbled())
    with pytest.raises(json.JSONDecodeError):
        _create(hub)
    assert "new" in hub.branches()


def test_a_proxy_may_answer(hub: GitHub) -> None:
    hub.fail(Answer(503, body="<html>busy</html>"))
    with pytest.raises(json.JSONDecodeError):
        _create(hub)


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        (lambda hub: None, [200, 200, 200, 200]),
        (lambda hub: hub.fail(Answer()), [502, 200, 200, 200]),
        (lambda hub: hub.fail(Answer(), times=2), [502, 502, 200, 200]),
        (lambda hub: hub.fail(Answer(), skip=2), [200, 200, 502, 200]),
        (lambda hub: hub.fail(Answer(), on="pulls/list"), [200, 502, 200, 200]),
        (lambda hub: hub.fail(Answer(), on="pulls/list", skip=1), [200, 200, 200, 502]),
        (lambda hub: hub.fail(Answer(), each=True), [502, 502, 200, 200]),
        (lambda hub: (hub.fail(Answer()), hub.fail(Answer(500), skip=1)), [502, 500, 200, 200]),
    ],
)
def test_plans(hub: GitHub, plan: Callable[[GitHub], object], statuses: list[int]) -> None:
    plan(hub)
    assert [send(hub, "GET", path).status for path in ("", "pulls", "", "pulls")] == statuses


def test_somebody_is_faster(hub: GitHub) -> None:
    hub.commit("bot", {"x.py": ""})
    tip = hub.branches()["bot"]
    mine = hub.bare.write_commit(hub.bare.commit(tip).tree, [tip], "Mine", *[hub.bare.commit(tip).author] * 2)
    hub.before("git/update-ref", lambda hub: hub.commit("bot", {"y.py": ""}, login="bob"))

    got = send(hub, "PATCH", "git/refs/heads/bot", {"sha": mine}, token=hub.token())

    assert (got.status, got.message) == (422, "Update is not a fast forward")
    assert set(hub.files("bot")) == {"README.md", "src/app/text.py", "x.py", "y.py"}


def test_hooks_may_use_the_server_themselves(hub: GitHub) -> None:
    token, seen = hub.token(), []
    body = {"ref": "refs/heads/new", "sha": hub.branches()["main"]}
    hub.before("git/create-ref", lambda hub: seen.append(send(hub, "POST", "git/refs", body, token=token).status))
    hub.after("git/create-ref", lambda hub: seen.append(len(hub.branches())), skip=1)

    assert send(hub, "POST", "git/refs", body, token=token).status == 422

    assert seen == [201, 2]


def test_a_hook_that_fails_is_seen(hub: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.before(None, lambda hub: hub.pull(99))
    with pytest.raises(http.client.RemoteDisconnected):
        send(hub, "GET", "")
    assert "the server failed: KeyError(99)" in hub.violations.pop()
    assert "KeyError" in capsys.readouterr().err


def test_the_quota_of_an_hour(tmp_path: Path) -> None:
    moment = [1000.0]
    with GitHub(make_bare(tmp_path), quota=2, clock=lambda: moment[0]) as hub:
        token = hub.token()
        answers = [send(hub, "GET", "", token=token) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 403]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
        assert answers[-1].headers["x-ratelimit-reset"] == "4600"
        assert send(hub, "GET", "", token=hub.token()).status == 200
        assert send(hub, "GET", "/rate_limit", token=token).body["rate"] == {
            "limit": 2,
            "remaining": 0,
            "reset": 4600,
            "used": 2,
        }
        moment[0] = 4600.0
        assert send(hub, "GET", "", token=token).status == 200


def test_many_at_once(hub: GitHub) -> None:
    hub.commit("bot", {"x.py": ""})
    hub.open_pull("bot", "main")
    token = hub.token()
    statuses: list[int] = []

    def work(number: int) -> None:
        body = {"ref": f"refs/heads/same-{number % 2}", "sha": hub.branches()["main"]}
        statuses.append(send(hub, "POST", "git/refs", body, token=token).status)
        send(hub, "POST", "issues/1/comments", {"body": str(number)}, token=token)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(statuses) == [201, 201, 422, 422, 422, 422, 422, 422]
    assert sorted(comment.body for comment in hub.comments) == list("01234567")
    assert len({comment.id for comment in hub.comments}) == 8
    assert len(hub.log) == 16


def test_nothing_listens_afterwards(tmp_path: Path) -> None:
    with GitHub(make_bare(tmp_path)) as hub:
        host, _, port = hub.url.removeprefix("http://").partition(":")
        kept = socket.create_connection((host, int(port)))
        kept.sendall(b"GET /rate_limit HTTP/1.1\r\nHost: x\r\nUser-Agent: tests\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
    with kept:
        while kept.recv(65_536):
            pass  # what was on the way; then the end
    with pytest.raises(ConnectionError):
        socket.create_connection((host, int(port)))
