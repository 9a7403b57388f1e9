"""The loopback server as the real SDK sees it."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import anthropic
import httpx2
import pytest

from jiti_bot.loopback import Conversation, Dropped, Loopback, Pace, Refused, Reply, Text, Thinking, ToolUse, faults

Client = Any  # the SDK types every parameter; these tests also send what those types forbid
TOOL: dict[str, Any] = {
    "name": "look",
    "description": "Look.",
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {"where": {"type": "string"}},
        "required": ["where"],
        "additionalProperties": False,
    },
}
ASK: list[dict[str, Any]] = [{"role": "user", "content": "Implement `app.f`."}]
LOOK = Reply((Thinking("Where is it?"), Text("I look."), ToolUse("look", {"where": "Büro\n" * 20})))
BASE: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1000,
    "messages": ASK,
    "tools": [TOOL],
    "thinking": {"type": "adaptive", "display": "summarized"},
}


def answer(conversation: Conversation) -> Reply:
    return LOOK if conversation.states == ("start",) else Reply((Thinking("Aha."), Text("Found.")))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(answer) as running:
        yield running


@pytest.fixture
def client(server: Loopback) -> Iterator[Client]:
    with anthropic.Anthropic(api_key="k", base_url=server.url, max_retries=0) as made:
        yield made


def continued(client: Client, change: Callable[[list[dict[str, Any]]], None] = lambda messages: None) -> Any:
    """The second request of a conversation, its messages changed by ``change``."""
    first = client.messages.create(**BASE)
    content = [block.to_dict() for block in first.content]
    result = {"type": "tool_result", "tool_use_id": content[-1]["id"], "content": "There."}
    messages = [*ASK, {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    change(messages)
    return client.messages.create(**{**BASE, "messages": messages})


def test_a_whole_message(client: Client) -> None:
    message = client.messages.create(**BASE)

    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert message.content[2].to_dict()["input"] == {"where": "Büro\n" * 20}
    assert (message.stop_reason, message.model, message.role) == ("tool_use", "claude-sonnet-5-5", "assistant")
    assert message.id.startswith("msg_")
    assert message.usage.output_tokens > 0


def test_the_stream_tells_the_same(client: Client) -> None:
    whole = client.messages.create(**BASE)
    with client.messages.stream(**BASE) as stream:
        streamed = stream.get_final_message()

    def told(message: Any) -> list[Any]:
        return [{k: v for k, v in block.to_dict().items() if k != "id"} for block in message.content]

    assert told(streamed) == told(whole)
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.stop_reason == whole.stop_reason


def test_events_come_in_the_service_s_order(client: Client) -> None:
    with client.messages.create(**BASE, stream=True) as stream:
        raw = list(stream)
    kinds = [f"{event.type}:{event.delta.type}" if event.type == "content_block_delta" else event.type for event in raw]
    steps = [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]

    assert steps == [
        *("message_start", "content_block_start", "content_block_delta:thinking_delta"),
        *("content_block_delta:signature_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta:text_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta:input_json_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    ]
    assert kinds.count("content_block_delta:input_json_delta") > 3


def test_the_wire_itself(server: Loopback) -> None:
    connection = HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]))
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    connection.request("POST", "/v1/messages", json.dumps({**BASE, "stream": True}), headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["request-id"].startswith("req_")
    assert response.headers["anthropic-ratelimit-requests-remaining"]
    assert text.startswith("event: message_start\ndata: {")
    assert 'event: ping\ndata: {"type": "ping"}\n\n' in text
    assert text.endswith('event: message_stop\ndata: {"type": "message_stop"}\n\n')


def test_thinking_is_left_out_unless_asked_for(client: Client) -> None:
    message = client.messages.create(**{**BASE, "thinking": {"type": "adaptive"}})

    assert message.content[0].to_dict()["thinking"] == ""
    assert message.content[0].to_dict()["signature"]


def test_a_conversation_goes_on(client: Client) -> None:
    message = continued(client)

    assert message.content[-1].to_dict()["text"] == "Found."
    assert message.stop_reason == "end_turn"


def test_both_ways_of_showing_a_key(server: Loopback) -> None:
    server.key = "right"
    for headers, status in (
        ({"x-api-key": "right"}, 200),
        ({"authorization": "Bearer right"}, 200),
        ({"x-api-key": "wrong"}, 401),
        ({}, 401),
    ):
        given = {**headers, "anthropic-version": "2023-06-01"}
        assert httpx2.post(f"{server.url}/v1/messages", json=BASE, headers=given).status_code == status


def test_models_and_tokens(client: Client) -> None:
    assert "claude-sonnet-5-5" in [model.id for model in client.models.list()]
    assert client.models.retrieve("claude-opus-5-5").max_tokens == 128_000
    counted = client.messages.count_tokens(model="claude-sonnet-5-5", messages=ASK, tools=[TOOL])
    assert counted.input_tokens > client.messages.count_tokens(model="claude-sonnet-5-5", messages=ASK).input_tokens


def _drop_thinking(messages: list[dict[str, Any]]) -> None:
    del messages[1]["content"][0]


def _rewrite_thinking(messages: list[dict[str, Any]]) -> None:
    messages[1]["content"][0]["thinking"] += "!"


def _forge_signature(messages: list[dict[str, Any]]) -> None:
    messages[1]["content"][0]["signature"] = "bm8="


def _edit_the_past(messages: list[dict[str, Any]]) -> None:
    messages[0] = {"role": "user", "content": "Implement `app.f`, please."}


def _answer_another_call(messages: list[dict[str, Any]]) -> None:
    messages[2]["content"].append({"type": "tool_result", "tool_use_id": "toolu_x", "content": ""})


def _answer_nothing(messages: list[dict[str, Any]]) -> None:
    messages[2]["content"] = "And?"


def _answer_twice(messages: list[dict[str, Any]]) -> None:
    messages[2]["content"] *= 2


def _prefill(messages: list[dict[str, Any]]) -> None:
    messages.append({"role": "assistant", "content": "It is"})


def _say_nothing(messages: list[dict[str, Any]]) -> None:
    messages[2]["content"].append({"type": "text", "text": " "})


HISTORIES = {
    "thinking left out": (_drop_thinking, "cannot be modified"),
    "thinking rewritten": (_rewrite_thinking, "messages.1.content.0: Invalid `signature` in `thinking` block"),
    "a signature of one's own": (_forge_signature, "Invalid `signature`"),
    "an edited past": (_edit_the_past, "bound to a different conversation"),
    "a result without a call": (
        _answer_another_call,
        "unexpected `tool_use_id` found in `tool_result` blocks: toolu_x",
    ),
    "a call without a result": (_answer_nothing, "`tool_use` ids were found without `tool_result` blocks"),
    "two results for a call": (_answer_twice, "each tool_use must have a single result"),
    "a begun answer": (_prefill, "does not support assistant message prefill"),
    "an empty text": (_say_nothing, "must contain non-whitespace text"),
}


@pytest.mark.parametrize(("change", "said"), HISTORIES.values(), ids=HISTORIES.keys())
def test_a_history_that_is_refused(client: Client, change: Callable[[list], None], said: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        continued(client, change)

    assert said in str(raised.value.api_message)
    assert raised.value.type == "invalid_request_error"
    assert raised.value.request_id


def _loose(tool: dict[str, Any]) -> dict[str, Any]:
    schema = {name: value for name, value in tool["input_schema"].items() if name != "additionalProperties"}
    return {**tool, "input_schema": schema}


MARK = {"cache_control": {"type": "ephemeral"}}
REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"model": ...}, "model: Field required"),
    "no max_tokens": ({"max_tokens": ...}, "max_tokens: Field required"),
    "no messages": ({"messages": ...}, "messages: Field required"),
    "max_tokens of a wrong type": ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
    "too many max_tokens": ({"max_tokens": 200_000}, "max_tokens: 200000 > 128000"),
    "a field that is none": ({"wit": 1}, "wit: Extra inputs are not permitted"),
    "temperature": ({"temperature": 0}, "`temperature` is deprecated for this model."),
    "top_p": ({"top_p": 1}, "`top_p` is deprecated for this model."),
    "top_k": ({"top_k": 1}, "`top_k` is deprecated for this model."),
    "any tool": ({"tool_choice": {"type": "any"}}, 'tool_choice: type "tool" and "any" are not supported'),
    "one tool": ({"tool_choice": {"type": "tool", "name": "look"}}, 'tool_choice: type "tool" and "any" are not'),
    "no thinking": ({"thinking": {"type": "disabled"}}, "between_tools"),
    "a thinking budget": ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, '"thinking.type.enabled" is not'),
    "between_tools with effort": (
        {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
        "between_tools",
    ),
    "between_tools with display": (
        {"thinking": {"type": "between_tools", "display": "omitted"}},
        "thinking.between_tools.display: Extra inputs",
    ),
    "an effort that is none": ({"output_config": {"effort": "huge"}}, "output_config.effort"),
    "no message": ({"messages": []}, "at least one message is required"),
    "a role that is none": ({"messages": [{"role": "bot", "content": "x"}]}, "messages.0.role"),
    "an empty message": ({"messages": [{"role": "user", "content": []}]}, "must have non-empty content"),
    "a tool's name": ({"tools": [{**TOOL, "name": "look here"}]}, "tools.0.custom.name: String should match"),
    "two tools of one name": ({"tools": [TOOL, TOOL]}, "Tool names must be unique"),
    "a tool without a schema": ({"tools": [{"name": "look"}]}, "tools.0.custom.input_schema: Field required"),
    "a strict tool that is loose": ({"tools": [_loose(TOOL)]}, "'additionalProperties' must be explicitly set"),
    "five cache marks": (
        {"system": [{"type": "text", "text": "x", **MARK}] * 5},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "a cache mark's ttl": (
        {"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "2h"}}]},
        "cache_control.ephemeral.ttl",
    ),
}


@pytest.mark.parametrize(("change", "said"), REQUESTS.values(), ids=REQUESTS.keys())
def test_a_request_that_is_refused(server: Loopback, change: dict[str, Any], said: str) -> None:
    body = {name: value for name, value in {**BASE, **change}.items() if value is not ...}
    response = httpx2.post(f"{server.url}/v1/messages", json=body, headers=HEADERS)
    error = response.json()

    assert response.status_code == 400
    assert error["type"] == "error"
    assert error["error"]["type"] == "invalid_request_error"
    assert said in error["error"]["message"]
    assert error["request_id"] == response.headers["request-id"]


HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01"}


def test_an_unknown_model(client: Client) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: claude-nine"):
        client.messages.create(**{**BASE, "model": "claude-nine"})


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        pytest.param("/v1/messages", b"{", HEADERS, 400, id="no JSON"),
        pytest.param("/v1/messages", b"[]", HEADERS, 400, id="no object"),
        pytest.param("/v1/poems", b"{}", HEADERS, 404, id="another path"),
        pytest.param("/v1/messages", b"{}", {"x-api-key": "k"}, 400, id="no version"),
        pytest.param("/v1/messages", b"\xff", HEADERS, 400, id="no UTF-8"),
    ],
)
def test_a_request_that_is_none(server: Loopback, path: str, body: bytes, headers: dict[str, str], status: int) -> None:
    assert httpx2.post(server.url + path, content=body, headers=headers).status_code == status


def test_errors_on_demand(server: Loopback, client: Client) -> None:
    cases = {
        401: faults.unauthorized(),
        402: faults.no_credit(),
        403: faults.forbidden(),
        413: faults.too_large(),
        429: faults.rate_limited(3),
        500: faults.internal(),
        529: faults.overloaded(),
    }
    for status, fault in cases.items():
        server.fail(fault)
        with pytest.raises(anthropic.APIStatusError) as raised:
            client.messages.create(**BASE)
        assert raised.value.status_code == status
        assert raised.value.type == faults.TYPES[status]
    assert client.messages.create(**BASE).content


def test_a_rate_limit_and_a_spend_limit_differ(server: Loopback, client: Client) -> None:
    server.fail(faults.rate_limited(3))
    with pytest.raises(anthropic.RateLimitError) as waits:
        client.messages.create(**BASE)
    server.fail(faults.spend_limit())
    with pytest.raises(anthropic.RateLimitError) as ends:
        client.messages.create(**BASE)

    assert waits.value.response.headers["retry-after"] == "3"
    assert "retry-after" not in ends.value.response.headers
    assert ends.value.error_code == "enforced_spend_limit_reached"


def test_an_overload_within_a_stream_keeps_its_status_of_200(server: Loopback, client: Client) -> None:
    server.fail(faults.overloaded(in_stream=4))
    with pytest.raises(anthropic.APIStatusError) as raised, client.messages.stream(**BASE) as stream:
        stream.until_done()

    assert raised.value.status_code == 200
    assert raised.value.type == "overloaded_error"


@pytest.mark.parametrize("after", [0, 3, 10_000])
def test_a_connection_breaks_within_a_stream(server: Loopback, client: Client, after: int) -> None:
    server.fail(Dropped(after))
    with pytest.raises(httpx2.HTTPError), client.messages.stream(**BASE) as stream:
        stream.until_done()


def test_a_connection_breaks_before_the_answer(server: Loopback, client: Client) -> None:
    server.fail(Dropped())
    with pytest.raises(anthropic.APIConnectionError):
        client.messages.create(**BASE)


def test_a_fault_may_be_meant_for_one_conversation(server: Loopback, client: Client) -> None:
    server.fail(Refused(500, "no"), key="app.g")

    assert client.messages.create(**BASE).content
    with pytest.raises(anthropic.InternalServerError):
        client.messages.create(**{**BASE, "messages": [{"role": "user", "content": "Implement `app.g`."}]})


def test_many_at_once(server: Loopback, client: Client) -> None:
    done: list[str] = []
    threads = [Thread(target=lambda: done.append(continued(client).stop_reason)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == ["end_turn"] * 16


def test_a_slow_server_stops_at_once() -> None:
    with Loopback(answer, pace=Pace(before_reply=3600)) as slow:
        ended: list[bool] = []

        def ask() -> None:
            with anthropic.Anthropic(api_key="k", base_url=slow.url, max_retries=0) as one:
                ended.append(bool(one.messages.create(**BASE).content))

        thread = Thread(target=ask)
        thread.start()
        while not slow.seen:
            thread.join(0.001)
    thread.join(30)

    assert ended == [True]
