"""Specs made by hand for tests that need no project on disk."""

from jiti_bot.source.model import Digests, Kind, Spec, Stub, Use

NONE = Digests("0" * 16)


def stub(
    header: str = "def f(x):",
    *,
    unit: str = "f",
    file: str = "app/text.py",
    kind: Kind = Kind.FUNCTION,
    line: int = 1,
    docstring: str | None = None,
) -> Stub:
    return Stub(
        file=file,
        unit=unit,
        kind=kind,
        line=line,
        end_line=line + 1,
        header=header,
        docstring=docstring,
        hints=(),
        decorators=(),
        uses=(),
        engine=None,
        is_async=header.startswith("async"),
        is_generator=False,
        body_lines=(line + 1, line + 1),
        members=(),
        digests=NONE,
    )


def spec(one: Stub | None = None, *, uses: tuple[Use, ...] = ()) -> Spec:
    one = one or stub()
    return Spec(
        key=f"app.text.{one.unit}",
        stub=one,
        gates=(),
        uses=uses,
        digests=NONE,
        store=".jiti",
        path=f".jiti/app/text/{one.unit}.py",
    )
