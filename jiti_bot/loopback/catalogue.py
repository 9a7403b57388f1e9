"""The models that the loopback server knows, and what each refuses.

Source: the model pages and "What's new" pages of platform.claude.com, read in November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """``thinking`` are the accepted values of ``thinking.type``; ``bound`` models tie thinking to the conversation."""

    id: str
    name: str
    created_at: str
    max_input: int = 1_000_000
    max_output: int = 128_000
    min_cache: int = 512
    thinking: tuple[str, ...] = ("adaptive", "between_tools")
    forced_tools: bool = False
    bound: bool = True


MODELS = {
    model.id: model
    for model in (
        Model("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28T00:00:00Z"),
        Model("claude-opus-5-5", "Claude Opus 5.5", "2026-08-31T00:00:00Z", thinking=("adaptive",)),
        Model("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-21T00:00:00Z"),
    )
}


def listing(models: Mapping[str, Model]) -> dict[str, object]:
    """The answer to ``GET /v1/models``."""
    data = [describe(model) for model in models.values()]
    return {"data": data, "first_id": data[0]["id"], "last_id": data[-1]["id"], "has_more": False}


def describe(model: Model) -> dict[str, object]:
    """The answer to ``GET /v1/models/ID``."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": model.created_at,
        "lifecycle": "active",
        "max_input_tokens": model.max_input,
        "max_tokens": model.max_output,
    }
