"""Specs made by hand for tests of plans and runs."""

from jiti_bot.source.model import Digests, Gate, GateKind, Kind, Spec, Stub, Use


def spec(unit: str, *, uses: tuple[str, ...] = (), tests: tuple[str, ...] = (), kind: Kind = Kind.FUNCTION) -> Spec:
    """A spec in app.py that uses other units of app.py and is gated by generated tests there."""
    digests = Digests("0" * 16)
    stub = Stub(
        file="app.py", unit=unit, kind=kind, line=1, end_line=2, header=f"def {unit}():", docstring="Do.", hints=(),
        decorators=(), uses=uses, engine=None, is_async=False, is_generator=False, body_lines=(2, 2), members=(),
        digests=digests,
    )  # fmt: skip
    gates = tuple(Gate(name, GateKind.TEST, "app.py", 1, (f"app.{unit}",), "0" * 16) for name in tests)
    used = tuple(Use(name, f"app.py::{name}") for name in uses)
    return Spec(f"app.{unit}", stub, gates, used, digests, ".jiti", f".jiti/app/{unit}.py")
