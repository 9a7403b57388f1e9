"""What tokens cost: the one door to genai-prices. Dollars are exact decimals; None means that nobody knows."""

from decimal import Decimal

from jiti_bot.agent.outcome import Usage

_PROVIDERS = {"bedrock": "aws", "vertex": "google"}


def price(model: str, usage: Usage) -> Decimal | None:
    """Dollars for what was used."""
    return _calculate(model, usage.input, usage.written, usage.written_1h, usage.read, usage.output)


def worst(model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """The most that a call can cost: all its input written to the cache for five minutes, or none of it."""
    plain = _calculate(model, input_tokens, 0, 0, 0, output_tokens)
    written = _calculate(model, input_tokens, input_tokens, 0, 0, output_tokens)
    return None if plain is None or written is None else max(plain, written)


def _calculate(model: str, given: int, written: int, written_1h: int, read: int, output: int) -> Decimal | None:
    import genai_prices

    where, slash, name = model.partition("/")
    usage = genai_prices.Usage(
        input_tokens=given,
        cache_write_tokens=written + written_1h,
        cache_write_1h_tokens=written_1h or None,
        cache_read_tokens=read,
        output_tokens=output,
    )
    provider = _PROVIDERS.get(where, "anthropic") if slash else "anthropic"
    try:
        return genai_prices.calc_price(usage, name or model, provider_id=provider).total_price
    except LookupError:
        return None
