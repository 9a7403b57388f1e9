"""Recognise a stub by its compiled body.

A body is compared with those of templates that the same interpreter compiled at the same optimisation level:
instructions, the shape of the constants, and names. Instructions alone would take ``return 1`` for a stub. The
templates are functions of this module, and so come from its bytecode: compiling them when the first stub is met would
take longer than loading it.
"""

from types import CodeType, FunctionType


def _empty() -> None: ...


def _empty_documented() -> None:
    """Documented."""


def _raises() -> None:
    raise NotImplementedError


def _raises_documented() -> None:
    """Documented."""
    raise NotImplementedError


def _calls() -> None:
    raise NotImplementedError()  # noqa: RSE102  people write it


def _calls_documented() -> None:
    """Documented."""
    raise NotImplementedError()  # noqa: RSE102  people write it


def _explains() -> None:
    raise NotImplementedError("reason")


def _explains_documented() -> None:
    """Documented."""
    raise NotImplementedError("reason")


async def _async_empty() -> None: ...


async def _async_empty_documented() -> None:
    """Documented."""


async def _async_raises() -> None:
    raise NotImplementedError


async def _async_raises_documented() -> None:
    """Documented."""
    raise NotImplementedError


async def _async_calls() -> None:
    raise NotImplementedError()  # noqa: RSE102  people write it


async def _async_calls_documented() -> None:
    """Documented."""
    raise NotImplementedError()  # noqa: RSE102  people write it


async def _async_explains() -> None:
    raise NotImplementedError("reason")


async def _async_explains_documented() -> None:
    """Documented."""
    raise NotImplementedError("reason")


def _shape(code: CodeType) -> "tuple[object, ...]":
    """Names and constants, any docstring standing for any other, and any reason given with the error."""
    if code.co_names:
        return (code.co_names,)
    return code.co_names, *(str if type(const) is str else const for const in code.co_consts)


def _table(templates: "list[FunctionType]") -> "dict[bytes, list[tuple[object, ...]]]":
    table: dict[bytes, list[tuple[object, ...]]] = {}
    for template in templates:
        table.setdefault(template.__code__.co_code, []).append(_shape(template.__code__))
    return table


_TEMPLATES = _table(
    [
        _empty,
        _empty_documented,
        _raises,
        _raises_documented,
        _calls,
        _calls_documented,
        _explains,
        _explains_documented,
        _async_empty,
        _async_empty_documented,
        _async_raises,
        _async_raises_documented,
        _async_calls,
        _async_calls_documented,
        _async_explains,
        _async_explains_documented,
    ]
)


def is_stub_body(code: CodeType) -> bool:
    """Whether ``code`` is a docstring and/or one of ``...``, ``pass`` and ``raise NotImplementedError``."""
    shapes = _TEMPLATES.get(code.co_code)
    return shapes is not None and not code.co_freevars and _shape(code) in shapes
