"""Examples that are set aside: found by their code, known by number, absent from what is judged."""

from pathlib import Path

import pytest

from jiti_bot.source import aside
from jiti_bot.source.index import Index
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.trees import WorkTree
from jiti_bot.validation import evidence

HOST = '''from jiti import jiti


@jiti
class Shelf:
    """

    Items.

    >>> Shelf().size()
    0
    """

    def size(self) -> int:
        """How many.

        >>> Shelf().size()  # doctest: +SKIP
        1
        >>> one = Shelf()
        >>> one.size(
        ... )
        2
        """
        ...
'''


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    (tmp_path / "app.py").write_text(HOST)
    with WorkTree(str(tmp_path)) as tree:
        (found,) = Index(tree, store_of=lambda _: ".jiti").specs()
    return found


SAID = {
    "nothing": ("", None),
    "another unit": ("Desk", None),
    "one that is skipped": (">>> Shelf().size()  # doctest: +SKIP", None),
    "code": (">>> one = Shelf()", ("Shelf.size", (1,))),
    "code without its prompt": ("one = Shelf()", ("Shelf.size", (1,))),
    "the first line of some": (">>> one.size(", ("Shelf.size", (2,))),
    "the whole of some": ("`>>> one.size(\n)`", ("Shelf.size", (2,))),
    "of the class": ("Shelf().size()", ("Shelf", (1,))),
    "a unit": ("app.py::Shelf.size", ("Shelf.size", (1, 2))),
    "a unit's last name": ("size", ("Shelf.size", (1, 2))),
}


@pytest.mark.parametrize(("said", "found"), SAID.values(), ids=SAID)
def test_find(spec: Spec, said: str, found: tuple[str, tuple[int, ...]] | None) -> None:
    got = aside.find(spec, said)
    assert (got and (got[0].name, got[1])) == found


WITHOUT = {
    "one of a method": ((">>> one = Shelf()",), "aside=Shelf.size:1", {"Shelf": (), "Shelf.size": (19,)}),
    "all of the class": (("Shelf",), "aside=Shelf:1", {"Shelf.size": ()}),
    "one after the other": (("one.size(", "one = Shelf()"), "aside=Shelf.size:1,Shelf.size:2", {"Shelf": ()}),
}


@pytest.mark.parametrize(("said", "words", "left"), WITHOUT.values(), ids=WITHOUT)
def test_without(spec: Spec, said: tuple[str, ...], words: str, left: dict[str, tuple[int, ...]]) -> None:
    changed = spec
    for one in said:
        found = aside.find(changed, one)
        assert found is not None
        changed = aside.without(changed, *found)

    assert aside.words(changed) == words
    wanted = evidence.expected(changed, doctests=True, tests=False)
    assert {one.unit: one.skip for one in wanted.examples} == left
    assert aside.as_judged(spec, f"guards {words} attempts=1") == changed
    assert changed.digests == spec.digests


@pytest.mark.parametrize("words", ["", "ruff ty", "aside=", "aside=Shelf:9", "aside=Desk:1", "aside=Shelf:x"])
def test_evidence_that_sets_nothing_aside(spec: Spec, words: str) -> None:
    assert aside.as_judged(spec, words) == spec
    assert [gate.kind for gate in spec.gates] == [GateKind.DOCTEST] * 2
