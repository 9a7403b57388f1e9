"""What can happen in a life, as data; and what hypothesis draws lives from."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.life.faults import Fault
from tests.life.model import MOODS


@dataclass(frozen=True, slots=True)
class Edit:
    """A person edits the stub number ``at`` (of all there are, counted round) or what gates it."""

    what: str
    at: int
    value: int


@dataclass(frozen=True, slots=True)
class Hand:
    """A person changes the committed file number ``at``."""

    what: str
    at: int
    value: int


@dataclass(frozen=True, slots=True)
class Repository:
    """git does something; ``value`` chooses among branches, or how conflicts are settled."""

    what: str
    value: int


@dataclass(frozen=True, slots=True)
class Generate:
    """`jiti generate` for everything or the stub number ``target``; ``moods`` are the model's, stub by stub."""

    target: int | None = None
    moods: tuple[int, ...] = (0,)
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """`jiti generate` twice at once, in two processes."""


@dataclass(frozen=True, slots=True)
class Submit:
    """`jiti submit` for the stub number ``at``."""

    at: int
    right: bool
    replace: bool


@dataclass(frozen=True, slots=True)
class Clear:
    """`jiti clear` for the stub number ``at``, or everything."""

    at: int | None


Step = Edit | Hand | Repository | Generate | Both | Submit | Clear

SOURCE = ("signature", "words", "hint", "cached", "layout", "uses", "context", "reorder", "add", "remove", "rename")
GATES = ("gate", "wanted", "worded", "ungate", "helper")
MODULES = ("module",)
HANDS = ("comment", "statement", "breaks", "layout", "header", "delete", "nonsense")
GIT = ("commit", "branch", "checkout", "merge", "merge", "revert")
SYSTEM = ("replace", "fsync", "open", "mkdir", "unlink")

_small = st.integers(0, 7)
_moods = st.lists(st.sampled_from([0, 0, 0, *range(1, len(MOODS))]), min_size=1, max_size=4).map(tuple)
_faults = st.one_of(
    st.builds(Fault, st.just("full"), st.sampled_from(SYSTEM), st.integers(1, 9)),
    st.builds(Fault, st.just("die"), st.sampled_from((*SYSTEM, "turn")), st.integers(1, 6)),
    st.builds(Fault, st.just("stop"), st.just("turn"), st.integers(1, 4)),
)
_edits = st.builds(Edit, st.sampled_from((*SOURCE, *GATES, *GATES, *MODULES)), _small, _small)
_hands = st.builds(Hand, st.sampled_from((*HANDS[:4], *HANDS)), _small, _small)
_git = st.builds(Repository, st.sampled_from(GIT), _small)
_generates = st.builds(
    Generate,
    st.one_of(st.none(), st.none(), _small),
    _moods,
    st.one_of(st.none(), st.none(), st.none(), _faults),
)
_submits = st.builds(Submit, _small, st.booleans(), st.booleans())
_clears = st.builds(Clear, st.one_of(_small, _small, st.none()))
_usual = st.one_of(_edits, _edits, _edits, _hands, _hands, _git, _git, _git, _generates, _generates, _generates)
_rare = st.one_of(_submits, _submits, _clears, st.builds(Both))
_any = st.integers(0, 9).flatmap(lambda one: _rare if one == 9 else _usual)


def lives(steps: int) -> st.SearchStrategy[tuple[Step, ...]]:
    """Lives of up to ``steps`` steps. Most begin with something generated: before that little can go wrong."""
    rest = st.lists(_any, min_size=3, max_size=steps)
    return st.builds(lambda first, rest: (*first, *rest), st.sampled_from([(Generate(),), (Generate(),), ()]), rest)
