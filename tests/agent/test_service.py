"""Whatever the service answers: what is tried again, what stops the run, what is said. Real SDK, real socket."""

import socket
from dataclasses import replace
from decimal import Decimal
from threading import Event

import anthropic
import pytest

from jiti_bot.agent import events
from jiti_bot.agent.ask import ATTEMPTS
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.client import connect, connect_own
from jiti_bot.agent.faults import retry_after
from jiti_bot.agent.outcome import Done, GaveUp
from jiti_bot.agent.turn import AccountLimitError
from jiti_bot.errors import ConfigurationError, CredentialsError, InterruptedRunError, JitiError, ServiceError
from jiti_bot.loopback import Broken, Dropped, Fault, faults
from jiti_bot.loopback.catalogue import MODELS, Model
from tests.agent.kit import Patience, brief, room, script, submit

PASSES = script(start=submit(), otherwise=submit())

PASSING: dict[str, tuple[Fault, float | None]] = {
    "429 with a short retry-after": (faults.rate_limited(7), 7),
    "429 without retry-after": (faults.rate_limited(), None),
    "500": (faults.internal(), None),
    "529": (faults.overloaded(), None),
    "overloaded before the first word": (faults.overloaded(in_stream=0), None),
    "overloaded in the middle": (faults.overloaded(in_stream=5), None),
    "dropped before the answer": (Dropped(), None),
    "dropped as the stream begins": (Dropped(1), None),
    "dropped within the stream": (Dropped(6), None),
}


@pytest.mark.parametrize(("fault", "asked_to_wait"), PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_tried_again(fault: Fault, asked_to_wait: float | None) -> None:
    with room(PASSES) as here:
        here.stop = patience = Patience()
        here.server.fail(fault)
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.turns == 1
    assert len(patience.waits) == 1
    if asked_to_wait is None:
        assert 0.7 <= patience.waits[0] <= 1
    else:
        assert patience.waits == [asked_to_wait]
    assert [event.seconds for event in here.named(events.Waiting)] == patience.waits


def test_half_a_reply_is_paid_for_and_no_turn() -> None:
    with room(PASSES) as here:
        here.stop = Patience()
        here.work()
        alone = here.budget.spent
        here.server.fail(Dropped(6))
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.turns == 1
    assert outcome.spent.usd is not None
    assert outcome.spent.usd == here.budget.spent - alone
    assert outcome.spent.usage.input > here.named(events.Paid)[0].usage.input


def test_a_connection_dropped_after_the_last_event_costs_nothing() -> None:
    with room(PASSES) as here:
        here.stop = patience = Patience()
        here.server.fail(Dropped(10_000))
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert patience.waits == []


def test_patience_ends() -> None:
    with room(PASSES) as here:
        here.stop = patience = Patience()
        here.server.fail(faults.overloaded(), times=99)
        with pytest.raises(ServiceError, match="529: Overloaded") as raised:
            here.work()

    assert raised.value.exit_code == 10
    assert "what was finished is kept" in raised.value.remedy
    assert len(patience.waits) == ATTEMPTS - 1
    assert patience.waits == sorted(patience.waits)


STOPPING: dict[str, tuple[Fault, type[JitiError], int, str]] = {
    "401": (faults.unauthorized(), CredentialsError, 9, "refused the key: invalid x-api-key"),
    "403": (faults.forbidden(), CredentialsError, 9, "does not let this key use claude-sonnet-5-5"),
    "402": (faults.no_credit(), AccountLimitError, 11, "credit balance is too low"),
    "429 with a long retry-after": (faults.rate_limited(1200), ServiceError, 10, "asks to wait 1200 seconds"),
    "429 at the spend limit": (faults.spend_limit(), AccountLimitError, 11, "may not spend any more"),
    "400 at the spend limit": (faults.own_spend_limit(), AccountLimitError, 11, "may not spend any more"),
    "a hotel's network": (Broken(), ServiceError, 10, "does not speak the Messages API"),
    "an empty answer": (Broken(b""), ServiceError, 10, "does not speak the Messages API"),
    "JSON of something else": (Broken(b'{"ok": true}', "application/json"), ServiceError, 10, "does not speak"),
    "events of something else": (
        Broken(b'event: message_start\ndata: {"type": "message_start"}\n\n', "text/event-stream"),
        ServiceError,
        10,
        "does not speak",
    ),
    "events that are no JSON": (
        Broken(b"event: message_start\ndata: {oops\n\n", "text/event-stream"),
        ServiceError,
        10,
        "does not speak",
    ),
    "404 of a web server": (Broken(b"<h1>Not Found</h1>", status=404), ServiceError, 10, "answered 404"),
}


@pytest.mark.parametrize(("fault", "kind", "code", "said"), STOPPING.values(), ids=STOPPING.keys())
def test_what_does_not_pass_stops_the_run_at_once(fault: Fault, kind: type[JitiError], code: int, said: str) -> None:
    with room(PASSES) as here:
        here.stop = patience = Patience()
        here.server.fail(fault, times=99)
        with pytest.raises(JitiError) as raised:
            here.work()

    assert type(raised.value) is kind
    assert said in raised.value.message
    assert raised.value.remedy
    assert raised.value.exit_code == code
    assert patience.waits == []
    assert here.budget.spent == 0
    assert here.events[-1] == events.Finished(brief().key, None)


def test_a_model_that_the_service_does_not_know() -> None:
    with room(PASSES, "claude-sonnet-9") as here, pytest.raises(ConfigurationError, match="claude-sonnet-9") as raised:
        here.work()

    assert "JITI_MODEL" in raised.value.remedy


def test_a_request_that_is_refused_ends_this_stub_alone() -> None:
    with room(PASSES) as here:
        here.server.fail(faults.too_large())
        first, second = here.work(), here.work()

    assert isinstance(first, GaveUp)
    assert first.code == "service"
    assert "exceeds the maximum size" in first.reason
    assert isinstance(second, Done)


def test_what_passed_survives_the_service() -> None:
    with room(script(start=submit(quality=5), otherwise=submit())) as here:
        here.server.fail(Dropped(10_000))  # the first request goes through
        here.server.fail(faults.unauthorized(), times=99)
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert "refused the key" in outcome.note


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with room(PASSES) as here:
        here.stop = Patience()
        here.model = connect("claude-sonnet-5-5", {"ANTHROPIC_BASE_URL": url})
        with pytest.raises(ServiceError, match="could not be reached at http://127") as raised:
            here.work()

    assert "ANTHROPIC_BASE_URL" in raised.value.remedy


def test_a_stopped_run_stops_while_it_listens() -> None:
    with room(PASSES) as here:
        flag = here.stop = Event()
        emit = here.events.append

        def stop_at_the_first_word(event: events.Event) -> None:
            emit(event)
            if isinstance(event, events.TurnStarted):
                flag.set()

        here.watch = stop_at_the_first_word
        with pytest.raises(InterruptedRunError):
            here.work()

    assert here.budget.spent > 0


def test_a_stopped_run_stops_while_it_waits() -> None:
    with room(PASSES) as here:
        here.stop = Patience(stop_after=0)
        here.server.fail(faults.rate_limited(30), times=99)
        with pytest.raises(InterruptedRunError):
            here.work()

    assert len(here.server.seen) == 1


def test_no_key_and_no_server_of_ones_own() -> None:
    with pytest.raises(CredentialsError, match="there is no key") as raised:
        connect("claude-sonnet-5-5", {})

    assert "ANTHROPIC_API_KEY" in raised.value.remedy
    assert raised.value.exit_code == 9


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({}, id="no key at all"),
        pytest.param({"ANTHROPIC_API_KEY": "anything"}, id="any key"),
        pytest.param({"ANTHROPIC_AUTH_TOKEN": "anything"}, id="a token"),
    ],
)
def test_a_server_of_ones_own_takes(env: dict[str, str]) -> None:
    with room(PASSES) as here:
        here.model = connect("claude-sonnet-5-5", {"ANTHROPIC_BASE_URL": here.server.url, **env})
        assert isinstance(here.work(), Done)


def test_the_key_is_sent_and_checked() -> None:
    with room(PASSES, key="sk-very-secret") as here:
        assert isinstance(here.work(), Done)
        here.model = connect("claude-sonnet-5-5", {"ANTHROPIC_BASE_URL": here.server.url, "ANTHROPIC_API_KEY": "old"})
        with pytest.raises(CredentialsError, match="invalid x-api-key"):
            here.work()


def test_bedrock_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CredentialsError, match="Amazon Bedrock cannot be used"):
        connect("bedrock/anthropic.claude-sonnet-5-5", {})


def test_vertex_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUD_ML_REGION", raising=False)
    with pytest.raises(CredentialsError, match="Vertex AI cannot be used"):
        connect("vertex/claude-sonnet-5-5", {})


def test_bedrock_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    there = replace(MODELS["claude-sonnet-5-5"], id="anthropic.claude-sonnet-5-5")
    with room(PASSES, key="aws-token", models={there.id: there}) as here:
        monkeypatch.setenv("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", here.server.url)
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "aws-token")
        here.model = connect("bedrock/anthropic.claude-sonnet-5-5", {})
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.usd is not None
    assert "thinking" in here.asked()


def test_vertex_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with room(PASSES, key="google-token") as here:
        monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
        monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "p")
        monkeypatch.setenv("ANTHROPIC_VERTEX_BASE_URL", here.server.url)
        here.model = connect("vertex/claude-sonnet-5-5", {"CLOUDSDK_AUTH_ACCESS_TOKEN": "google-token"})
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.usd is not None


def test_vertex_without_google_s_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with room(PASSES) as here:
        monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
        monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "p")
        here.model = connect("vertex/claude-sonnet-5-5", {})
        with pytest.raises(CredentialsError, match="google"):
            here.work()


OLD = {
    "claude-3-5-sonnet-20241022": False,
    "claude-sonnet-4-20250514": False,
    "claude-sonnet-4-5": False,
    "claude-haiku-4-5-20251001": False,
    "claude-opus-4-1": False,
    "vertex/claude-sonnet-4-5@20250929": False,
    "claude-opus-4-6": True,
    "claude-opus-4-8": True,
    "claude-sonnet-5": True,
    "claude-haiku-5-5": True,
    "bedrock/anthropic.claude-opus-5-5": True,
}


@pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")  # the SDK's word on old models
@pytest.mark.parametrize(("model", "adaptive"), OLD.items(), ids=OLD.keys())
def test_adaptive_thinking_is_asked_of_models_that_know_it(model: str, adaptive: bool) -> None:
    name = model.partition("/")[2] or model
    known = replace(MODELS["claude-sonnet-5-5"], id=name)
    with room(PASSES, models={name: known}) as here:
        url = here.server.url
        here.model = connect_own(model, lambda: anthropic.Anthropic(api_key="k", base_url=url), "app.llm:make_client")
        assert isinstance(here.work(), Done)

    assert ("thinking" in here.asked()) is adaptive


def test_a_client_of_the_users_own() -> None:
    with room(PASSES) as here:
        url = here.server.url
        here.model = connect_own(
            "claude-opus-5-5", lambda: anthropic.Anthropic(api_key="k", base_url=url), "app.llm:make_client"
        )
        assert isinstance(here.work(), Done)
        assert here.asked()["model"] == "claude-opus-5-5"


def test_a_client_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match="make_client returned a NoneType"):
        connect_own("claude-opus-5-5", lambda: None, "app.llm:make_client")


def test_a_model_without_a_price_is_limited_by_turns_and_tokens() -> None:
    local = Model("qwen3-coder", "Qwen", "2026-01-01T00:00:00Z", bound=False)
    with room(PASSES, "qwen3-coder", models={local.id: local}) as here:
        here.budget = Budget(Decimal("0.01"))
        outcome = here.work()

    assert isinstance(outcome, Done)
    assert outcome.spent.usd is None
    assert "thinking" not in here.asked()
    assert all("strict" not in tool for tool in here.asked()["tools"])
    assert any("cost unknown" in line for line in here.logged)


WAITS = {
    "none": (None, None, None),
    "seconds": (None, "12", 12.0),
    "milliseconds win": ("1500", "12", 1.5),
    "words": (None, "soon", None),
    "a date gone by": (None, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    "negative": (None, "-3", 0.0),
}


@pytest.mark.parametrize(("milliseconds", "seconds", "wait"), WAITS.values(), ids=WAITS.keys())
def test_the_wait_that_headers_ask_for(milliseconds: str | None, seconds: str | None, wait: float | None) -> None:
    assert retry_after(milliseconds, seconds) == wait
