"""What two listings differ in is found without taking both apart: compared with the plain way."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jiti_bot import records

# Long enough to be passed over in pieces.
MANY = [b"100644 %040d 0\tpackage/module_%04d.py" % (number * 7919, number) for number in range(600)]
STEPS = st.tuples(st.sampled_from(["change", "insert", "remove", "remove many"]), st.integers(0, len(MANY)))


def _told(old: list[bytes], new: list[bytes]) -> tuple[set[bytes], set[bytes]] | None:
    return records.differing(*(b"".join(b"%b\0" % line for line in lines) for lines in (old, new)))


@settings(deadline=None)
@example(count=0, steps=[("insert", 0)])
@example(count=600, steps=[("change", 599), ("change", 0)])
@example(count=600, steps=[("remove", 0), ("insert", 600)])
@given(count=st.integers(0, len(MANY)), steps=st.lists(STEPS, max_size=12))
def test_as_sets_tell(count: int, steps: list[tuple[str, int]]) -> None:
    old = MANY[:count]
    new = list(old)
    for number, (what, where) in enumerate(steps):
        at = where % (len(new) + 1)
        match what:
            case "change":
                new[at : at + 1] = [b"100644 %040d 0\tother_%d.py" % (where, number)]
            case "insert":
                new.insert(at, b"100644 1 0\tnew_%d.py" % number)
            case "remove":
                del new[at : at + 1]
            case _:
                del new[at : at + 200]
    found = _told(old, new)
    if found is not None:
        assert found == ({*new} - {*old}, {*old} - {*new})


@pytest.mark.parametrize("changed", [1, 20])
def test_few_changes_are_always_found(changed: int) -> None:
    new = [line.replace(b"module", b"changed") if number < changed else line for number, line in enumerate(MANY)]
    assert _told(MANY, new) == ({*new[:changed]}, {*MANY[:changed]})


def test_what_has_little_in_common_is_not_compared() -> None:
    assert _told(MANY, [line.replace(b"package", b"elsewhere") for line in MANY]) is None


@pytest.mark.parametrize("whole", [0, 1, 70, -2])
@pytest.mark.parametrize("left", [0, 1, 600])
def test_what_ends_in_zeros_is_no_listing(whole: int, left: int) -> None:
    raw = b"".join(b"%b\0" % line for line in MANY)
    damaged = raw[:whole].ljust(len(raw), b"\0")
    assert records.differing(damaged, b"".join(b"%b\0" % line for line in MANY[:left])) is None
