"""The gates of a unit, run red before a token is spent."""

from dataclasses import dataclass

from jiti_bot.source.model import Kind, Spec
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.flags import UNREACHED
from jiti_bot.validation.model import Flag


@dataclass(frozen=True, slots=True)
class Tried:
    """``notes`` are for the reviewer, ``doubts`` worth telling if the unit fails; ``broken`` makes it hopeless."""

    notes: tuple[Flag, ...] = ()
    doubts: str = ""
    broken: str = ""


def try_gates(bench: Bench, spec: Spec, then: str = "so nothing was asked of the model") -> Tried:
    """Run the gates of ``spec`` against bodies that implement nothing; ``then`` goes with what makes it hopeless."""
    if spec.stub.kind is Kind.TEST:
        return Tried()
    flags = bench.red(spec)
    broken = "\n".join(flag.detail for flag in flags if flag.code == "broken-gate")
    return Tried(
        tuple(flag for flag in flags if flag.code not in {"broken-gate", UNREACHED}),
        "".join(f"\n{flag.detail}" for flag in flags if flag.code == UNREACHED),
        f"its gates cannot be run, {then}:\n{broken}" if broken else "",
    )
