import ast
from dataclasses import replace

import pytest

from jiti_bot.source.model import Stub
from jiti_bot.validation.yielding import hosts, shown, yielding
from tests.validation.specs import spec, stub

HEADER = "async def ticks() -> AsyncIterator[int]:"


def ticks(line: int = 1, file: str = "app/clock.py") -> Stub:
    return replace(stub(HEADER, unit="ticks", file=file, line=line), is_generator=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("async def other(): ...\n", "async def other(): ...\n", id="another definition stays"),
        pytest.param(f"{HEADER} ...\n", f"{HEADER} raise NotImplementedError; yield\n", id="on the line of the def"),
        pytest.param(
            f"{HEADER}\n    pass  # é\n",
            f"{HEADER}\n    raise NotImplementedError; yield  # é\n",
            id="pass and a comment",
        ),
        pytest.param(
            f'{HEADER}\n    """É."""\n    raise NotImplementedError\n',
            f'{HEADER}\n    """É."""\n    raise NotImplementedError; yield\n',
            id="below a docstring",
        ),
        pytest.param(
            f'{HEADER}\n    """One.\n\n    Two. É"""  # end\n',
            f'{HEADER}\n    """One.\n\n    Two. É"""; raise NotImplementedError; yield  # end\n',
            id="a docstring alone",
        ),
        pytest.param(
            f'{HEADER}\n    raise NotImplementedError(\n        "later"\n    )\n',
            f'{HEADER}\n    raise NotImplementedError(\n        "later"\n    ); yield\n',
            id="over several lines",
        ),
    ],
)
def test_a_stub_is_shown_with_a_yield(before: str, after: str) -> None:
    line = 1 if "ticks" in before else 7
    assert shown(before, [ticks(line)]) == after
    ast.parse(after)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        ("async def ticks(:", set()),
        ("async def ticks():\n    return iter(())\n", set()),
        ("def ticks():\n    async def inner():\n        yield 1\n    return inner()\n", set()),
        ("async def ticks():\n    yield 1\n", {"ticks"}),
        ("class Clock:\n    async def ticks(self):\n        yield 1\n    def stop(self): yield 1\n", {"ticks"}),
    ],
)
def test_generators_are_told_by_their_yield(text: str, names: set[str]) -> None:
    assert yielding(text) == names


def test_only_hosts_of_others_that_yield_are_shown() -> None:
    own, other, waits, plain = (
        replace(spec(one), key=key)
        for key, one in {
            "app.clock.own": replace(ticks(9), unit="own"),
            "app.clock.ticks": ticks(),
            "app.late.ticks": ticks(file="app/late.py"),
            "app.text.f": stub(),
        }.items()
    )
    found = hosts(
        own,
        {one.key: one for one in (own, other, waits, plain)},
        {"app/clock.py": f"{HEADER} ...\n"}.__getitem__,
        lambda one: f"{HEADER}\n    yield 1\n" if one is other else "",
    )
    assert found == {"app/clock.py": f"{HEADER} raise NotImplementedError; yield\n"}
