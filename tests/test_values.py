import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from jiti_bot import values
from tests.repo import ROOT


@values.dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = ()
    note: str = values.field(default="", compare=False, repr=False)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Standard:
    """A place."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = ()
    note: str = dataclasses.field(default="", compare=False, repr=False)

    @property
    def sum(self) -> int:
        return self.x + self.y


@values.dataclass(slots=True)
class Box:
    """One that changes."""

    items: list[int] = values.field(default_factory=list)
    limit: int = 3

    def __post_init__(self) -> None:
        self.limit += 1


@values.dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """One that equals only itself."""

    x: int


@values.dataclass(frozen=True, slots=True)
class Empty:
    """Nothing."""


# Each gives the same answer for a value of ours and for the standard library's.
SAME: dict[str, Callable[[Any], object]] = {
    "by place": lambda made: made(1, 3, ("a",), "n").tags,
    "by name": lambda made: made(x=1, note="n").note,
    "mixed": lambda made: made(1, tags=("b",)).tags,
    "defaults": lambda made: (made(1).y, made(1).tags, made(1).note),
    "equal": lambda made: made(1) == made(1, note="other"),
    "unequal": lambda made: made(1) == made(2),
    "equal to another type": lambda made: made(1) == (1, 2, (), ""),
    "hash": lambda made: hash(made(1)) == hash(made(1, note="other")) == hash((1, 2, ())),
    "order": lambda made: min([made(2), made(1, 5), made(1)]).y,
    "order of equals": lambda made: (made(1) <= made(1), made(1) < made(1), made(1) >= made(1), made(2) > made(1)),
    "property": lambda made: made(1).sum,
    "representation": lambda made: repr(made(1, tags=("a",))).partition("(")[2],
    "no dictionary": lambda made: hasattr(made(1), "__dict__"),
    "slots": lambda made: made.__slots__,
    "patterns": lambda made: made.__match_args__,
    "document": lambda made: made.__doc__,
    "replaced": lambda made: dataclasses.replace(made(1), y=9).y,
    "fields": lambda made: [(item.name, item.default) for item in dataclasses.fields(made(1))],
    "dictionary": lambda made: dataclasses.asdict(made(1)),
    "is one": dataclasses.is_dataclass,
    "copied": lambda made: copy.deepcopy(made(1)) == copy.copy(made(1)) == made(1),
    "pickled": lambda made: pickle.loads(pickle.dumps(made(1, note="n"))).note,
}


@pytest.mark.parametrize("ask", SAME.values(), ids=SAME)
def test_values_are_as_the_standard_librarys(ask: Callable[[Any], object]) -> None:
    assert ask(Point) == ask(Standard)


REFUSED: dict[str, tuple[Callable[[Any], object], type[Exception] | tuple[type[Exception], ...]]] = {
    "changed": (lambda made: setattr(made(1), "x", 2), dataclasses.FrozenInstanceError),
    "deleted": (lambda made: delattr(made(1), "x"), dataclasses.FrozenInstanceError),
    # The standard library answers with a TypeError about super() here.
    "new attribute": (lambda made: setattr(made(1), "z", 2), (AttributeError, TypeError)),
    "too many": (lambda made: made(1, 2, (), "", 5), TypeError),
    "too few": (lambda made: made(), TypeError),
    "unknown": (lambda made: made(1, z=2), TypeError),
    "twice": (lambda made: made(1, x=2), TypeError),
    "all and a name": (lambda made: made(1, 2, (), "", x=2), TypeError),
    "replaced by what is not there": (lambda made: dataclasses.replace(made(1), z=2), TypeError),
    "compared with another type": (lambda made: made(1) < 3, TypeError),
}


@pytest.mark.parametrize(("ask", "error"), REFUSED.values(), ids=REFUSED)
def test_values_refuse_what_the_standard_librarys_refuse(
    ask: Callable[[Any], object], error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    for made in (Point, Standard):
        with pytest.raises(error):
            ask(made)


def test_our_own_replace() -> None:
    assert values.replace(Point(1, note="n"), y=9) == Point(1, 9)
    assert values.replace(Point(1, note="n"), y=9).note == "n"


def test_values_that_change() -> None:
    one, other = Box(), Box([1])
    one.items.append(1)
    assert one == other
    assert (one.limit, Box(limit=7).limit) == (4, 8)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_values_that_equal_only_themselves() -> None:
    one = Alone(1)
    assert one == one
    assert one != Alone(1)
    assert len({one, Alone(1)}) == 2


def test_a_value_of_nothing() -> None:
    assert Empty() == Empty()
    assert repr(Empty()) == "Empty()"


def test_patterns_match() -> None:
    match Point(1, 5):
        case Point(1, y=found):
            assert found == 5
        case _:
            pytest.fail("it did not match")


def test_the_hook_pays_for_none_of_the_standard_librarys() -> None:
    code = "import sys, jiti_bot.cli, jiti_bot.commands.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert not {"dataclasses", "inspect", "typing", "pathlib", "shutil", "tempfile"} & set(done.stdout.split())
