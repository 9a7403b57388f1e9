"""What the service refuses, in its own words. `check` raises the first complaint about a request."""

import re
from collections.abc import Iterator, Mapping

from jiti_bot.loopback import signing
from jiti_bot.loopback.catalogue import MODELS, Model
from jiti_bot.loopback.faults import Refused
from jiti_bot.loopback.state import Json, blocks

_FIELDS = frozenset(
    {
        *("model", "max_tokens", "messages", "system", "tools", "tool_choice", "thinking", "stream", "metadata"),
        *("stop_sequences", "output_config", "cache_control", "service_tier", "temperature", "top_p", "top_k"),
        *("container", "inference_geo", "speed", "diagnostics"),
    }
)
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


class RefusedError(Exception):
    """The request is refused."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


def check(
    body: object, issued: Mapping[str, bool], *, models: Mapping[str, Model] = MODELS, counting: bool = False
) -> Model:
    """Check a request body; ``issued`` tells for each tool call that this server made whether thinking preceded it.

    Raises `RefusedError`: with the answer of the service.
    """
    if not isinstance(body, dict):
        raise _bad("The request body is not valid JSON: expected an object")
    for field in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if field not in body:
            raise _bad(f"{field}: Field required")
    for field in body:
        if field not in _FIELDS:
            raise _bad(f"{field}: Extra inputs are not permitted")
    model = models.get(str(body["model"]))
    if model is None:
        raise RefusedError(Refused(404, f"model: {body['model']}"))
    if not counting:
        _check_sampling(body, model)
    _check_thinking(body, model)
    _check_tools(body, model)
    _check_cache_marks(body)
    _check_messages(body, model, issued)
    return model


def _bad(message: str) -> RefusedError:
    return RefusedError(Refused(400, message))


def _check_sampling(body: Json, model: Model) -> None:
    limit = body["max_tokens"]
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise _bad("max_tokens: Input should be a valid integer")
    if limit < 0:
        raise _bad("max_tokens: Input should be greater than or equal to 0")
    if limit > model.max_output:
        raise _bad(
            f"max_tokens: {limit} > {model.max_output}, which is the maximum allowed number of output tokens "
            f"for {model.id}"
        )
    for field in ("temperature", "top_p", "top_k"):
        if field in body:
            raise _bad(f"`{field}` is deprecated for this model.")


def _check_thinking(body: Json, model: Model) -> None:
    thinking = body.get("thinking")
    config = body.get("output_config")
    effort = config.get("effort") if isinstance(config, Mapping) else None
    if effort is not None and effort not in _EFFORTS:
        raise _bad("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    if not isinstance(thinking, Mapping):
        return
    kind = str(thinking.get("type"))
    if kind not in model.thinking:
        use = '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        if kind == "disabled" and "between_tools" in model.thinking:
            use = '"thinking.type.between_tools" for the lowest thinking setting.'
        raise _bad(f'"thinking.type.{kind}" is not supported for this model. Use {use}')
    if kind == "between_tools" and effort in {"xhigh", "max"}:
        raise _bad('"thinking.type.between_tools" is not supported at "xhigh" or "max" effort.')
    for field in set(thinking) - ({"type", "display", "block_binding"} if kind == "adaptive" else {"type"}):
        raise _bad(f"thinking.{kind}.{field}: Extra inputs are not permitted")


def _check_tools(body: Json, model: Model) -> None:
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping) and choice.get("type") in {"any", "tool"} and not model.forced_tools:
        raise _bad('tool_choice: type "tool" and "any" are not supported for this model.')
    tools = body.get("tools") or []
    names = []
    for index, tool in enumerate(tools if isinstance(tools, list) else []):
        where = f"tools.{index}.custom"
        schema = tool.get("input_schema")
        if not _TOOL_NAME.fullmatch(str(tool.get("name", ""))):
            raise _bad(f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if not isinstance(schema, Mapping):
            raise _bad(f"{where}.input_schema: Field required")
        if schema.get("type") != "object":
            raise _bad(f"{where}.input_schema.type: Input should be 'object'")
        if tool.get("strict") and any(part.get("additionalProperties") is not False for part in _objects(schema)):
            raise _bad(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
        names.append(tool["name"])
    if len(set(names)) < len(names):
        raise _bad("tools: Tool names must be unique.")


def _objects(schema: Json) -> Iterator[Json]:
    if schema.get("type") == "object":
        yield schema
    parts = schema.get("properties")
    for part in parts.values() if isinstance(parts, Mapping) else [schema.get("items")]:
        if isinstance(part, Mapping):
            yield from _objects(part)


def _check_cache_marks(body: Json) -> None:
    marks = [body] if body.get("cache_control") else []
    for part in (body.get("tools"), body.get("system"), *_contents(body)):
        marks += [block for block in blocks(part or []) if block.get("cache_control")]
    if len(marks) > 4:
        raise _bad(f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}.")
    for mark in marks:
        control = mark["cache_control"]
        if not isinstance(control, Mapping) or control.get("type") != "ephemeral":
            raise _bad("cache_control.type: Input should be 'ephemeral'")
        if control.get("ttl", "5m") not in {"5m", "1h"}:
            raise _bad("cache_control.ephemeral.ttl: Input should be '5m' or '1h'")


def _contents(body: Json) -> list[object]:
    messages = body.get("messages")
    return (
        [message.get("content") for message in messages if isinstance(message, dict)]
        if isinstance(messages, list)
        else []
    )


def _check_messages(body: Json, model: Model, issued: Mapping[str, bool]) -> None:
    messages = body["messages"]
    if not isinstance(messages, list):
        raise _bad("messages: Input should be a valid array")
    if not messages:
        raise _bad("messages: at least one message is required")
    asked: list[str] = []  # tool calls that the next message has to answer
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or "content" not in message:
            raise _bad(f"messages.{index}.content: Field required")
        if message.get("role") not in {"user", "assistant", "system"}:
            raise _bad(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
        content = blocks(message["content"])
        if not content:
            raise _bad(f"messages.{index}: all messages must have non-empty content")
        _check_answers(index, content, asked)
        asked = [str(block["id"]) for block in content if block.get("type") == "tool_use"]
        if message["role"] == "assistant":
            _check_assistant(body, model, index, issued)
    if messages[0]["role"] != "user":
        raise _bad('messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant":
        raise _bad(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def _check_answers(index: int, content: list[dict[str, object]], asked: list[str]) -> None:
    """Tool results and calls belong together, in neighbouring messages."""
    answered = [str(block.get("tool_use_id")) for block in content if block.get("type") == "tool_result"]
    missing = [call for call in asked if call not in answered]
    if missing:
        raise _bad(
            f"messages.{index - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the next "
            "message."
        )
    for position, block in enumerate(content):
        if block.get("type") == "text" and not str(block.get("text", "")).strip():
            raise _bad("messages: text content blocks must contain non-whitespace text")
        if block.get("type") != "tool_result":
            continue
        call = str(block.get("tool_use_id"))
        if call not in asked:
            raise _bad(
                f"messages.{index}.content.{position}: unexpected `tool_use_id` found in `tool_result` blocks: {call}. "
                "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
        if answered.count(call) > 1:
            raise _bad(
                f"messages.{index}.content.{position}: each tool_use must have a single result. Found multiple "
                f"`tool_result` blocks with id: {call}"
            )


def _check_assistant(body: Json, model: Model, index: int, issued: Mapping[str, bool]) -> None:
    messages = body["messages"]
    assert isinstance(messages, list)
    content = blocks(messages[index]["content"])
    thought = [block for block in content if block.get("type") in {"thinking", "redacted_thinking"}]
    for position, block in enumerate(content):
        if block.get("type") == "thinking":
            complaint = signing.fault(block, body, index) if model.bound else None
            if complaint:
                raise _bad(f"messages.{index}.content.{position}: {complaint}")
        if block.get("type") == "tool_use" and issued.get(str(block.get("id"))) and not thought:
            raise _bad(
                f"messages.{index}.content.{position}: `thinking` or `redacted_thinking` blocks in the latest "
                "assistant message cannot be modified. These blocks must remain as they were in the original response."
            )
