"""What a request's tokens cost: cache writes, cache reads and the rest."""

from typing import Any

import pytest

from jiti_bot.loopback.cache import PromptCache, Usage

MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> PromptCache:
    return PromptCache(clock)


def text(size: int, mark: dict[str, Any] | None = None, letter: str = "x") -> dict[str, Any]:
    """A block of that many tokens."""
    return {"type": "text", "text": letter * (4 * (size - 3)), **(mark or {})}


def body(*system: dict[str, Any], messages: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    told = [{"role": "user", "content": [block]} for block in messages]
    return {"model": "claude-sonnet-5-5", "system": list(system), "messages": told, **more}


def use(cache: PromptCache, request: dict[str, Any]) -> tuple[int, int, int, int]:
    usage = cache.use(request, 512)
    return usage.plain, usage.written_5m, usage.written_1h, usage.read


def test_without_marks_all_is_plain(cache: PromptCache) -> None:
    request = body(text(1000))

    assert use(cache, request) == use(cache, request) == (1000, 0, 0, 0)


def test_what_ends_in_a_mark_is_written_once_and_read_from_then_on(cache: PromptCache) -> None:
    request = body(text(1000, MARK), messages=(text(50),))

    assert use(cache, request) == (50, 1000, 0, 0)
    assert use(cache, request) == (50, 0, 0, 1000)


def test_what_is_too_short_is_never_kept(cache: PromptCache) -> None:
    request = body(text(511, MARK))

    assert use(cache, request) == use(cache, request) == (511, 0, 0, 0)


def test_a_conversation_reads_what_its_last_turn_wrote(cache: PromptCache) -> None:
    first = body(text(1000, MARK), messages=(text(100, MARK),))
    second = body(text(1000, MARK), messages=(text(100), text(40, MARK, "y")))

    assert use(cache, first) == (0, 1100, 0, 0)
    assert use(cache, second) == (0, 40, 0, 1100)


def test_another_system_prompt_shares_nothing(cache: PromptCache) -> None:
    use(cache, body(text(1000, MARK)))

    assert use(cache, body(text(1000, MARK, "z"))) == (0, 1000, 0, 0)


def test_another_model_shares_nothing(cache: PromptCache) -> None:
    use(cache, body(text(1000, MARK)))

    assert use(cache, {**body(text(1000, MARK)), "model": "claude-opus-5-5"}) == (0, 1000, 0, 0)


def test_another_thinking_setting_keeps_the_system_prompt(cache: PromptCache) -> None:
    request = body(text(1000, MARK), messages=(text(100, MARK),))
    use(cache, request)

    assert use(cache, {**request, "thinking": {"type": "adaptive"}}) == (0, 100, 0, 1000)


def test_tools_come_first(cache: PromptCache) -> None:
    tool = {"name": "look", "description": "d" * 4000, "input_schema": {"type": "object"}, **MARK}
    assert use(cache, body(text(10), tools=[tool]))[1] > 1000
    assert use(cache, body(text(20), tools=[tool]))[3] > 1000


def test_entries_end_after_five_minutes_and_reading_renews_them(cache: PromptCache, clock: Clock) -> None:
    request = body(text(1000, MARK))
    use(cache, request)
    clock.now += 299
    assert use(cache, request) == (0, 0, 0, 1000)
    clock.now += 299
    assert use(cache, request) == (0, 0, 0, 1000)
    clock.now += 301
    assert use(cache, request) == (0, 1000, 0, 0)


def test_entries_for_an_hour_live_for_an_hour(cache: PromptCache, clock: Clock) -> None:
    request = body(text(1000, HOUR), messages=(text(100, MARK),))
    assert use(cache, request) == (0, 100, 1000, 0)
    clock.now += 3599
    assert use(cache, request) == (0, 100, 0, 1000)


@pytest.mark.parametrize(("blocks", "read"), [(19, 1000), (20, 0)])
def test_a_mark_looks_back_twenty_blocks(cache: PromptCache, blocks: int, read: int) -> None:
    use(cache, body(text(1000, MARK)))
    later = body(text(1000), *[text(10, letter=str(n % 10)) for n in range(blocks - 1)], text(10, MARK))

    assert use(cache, later)[3] == read


def test_a_mark_for_the_whole_request(cache: PromptCache) -> None:
    request = body(text(1000), messages=(text(100),), **MARK)

    assert use(cache, request) == (0, 1100, 0, 0)
    assert use(cache, request) == (0, 0, 0, 1100)


def test_usage_as_it_is_told() -> None:
    told = Usage(1, 2, 3, 4).json(5, 1)

    assert told["cache_creation_input_tokens"] == 5
    assert told["cache_creation"] == {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3}
    assert (told["input_tokens"], told["cache_read_input_tokens"], told["output_tokens"]) == (1, 4, 5)
