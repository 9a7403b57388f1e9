"""Lives by the thousand with replayed verdicts, or a few in full; counted."""

import contextlib
import gc
import itertools
import os
import tempfile
import traceback
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from jiti_bot.agent.client import connect_own
from jiti_bot.loopback import Loopback
from jiti_bot.pipeline import connect, generate, submit
from jiti_bot.validation.project import Project, open_project
from tests import lean
from tests.life import model, verdicts
from tests.life.life import Life
from tests.life.steps import Step, lives
from tests.life.world import World, template
from tests.repo import environment

LIGHT, FULL = 6, 4  # steps of a life, at most
_SELDOM = 100_000  # new objects until garbage is looked for: a command makes less, and leaves little
_SHARED_MEMORY = Path("/dev/shm")


def light(number: int, count: int, tally: Counter[str]) -> None:
    """``count`` lives from the seed ``number``, with verdicts replayed at validation's door."""
    with _folder() as folder, _environment(folder, ANTHROPIC_API_KEY="none"), _replayed():
        often = gc.get_threshold()
        gc.collect()
        gc.freeze()  # the SDK and its like, which every collection would look through
        gc.set_threshold(_SELDOM, *often[1:])
        try:
            _live(folder, template(folder), number, count, LIGHT, tally)
        finally:
            gc.set_threshold(*often)
            gc.unfreeze()


def told(sequence: Sequence[Step], tally: Counter[str]) -> None:
    """One life that is told step by step, with verdicts replayed."""
    with _folder() as folder, _environment(folder, ANTHROPIC_API_KEY="none"), _replayed():
        one(folder / "told", template(folder), sequence, tally)


def full(number: int, count: int, tally: Counter[str]) -> None:
    """``count`` lives from the seed ``number``: sandbox, ruff, ty, pytest, and the SDK over a socket."""
    with (
        _folder() as folder,
        Loopback(model.answer) as server,
        _environment(folder, ANTHROPIC_API_KEY="none", ANTHROPIC_BASE_URL=server.url, **lean.variables()),
    ):
        _live(folder, template(folder), number, count, FULL, tally)


def lived(kind: str, number: int, count: int) -> tuple[Counter[str], str]:
    """The same for a process of its own: what it met, and what failed. ``kind`` is "replayed" or "in full"."""
    tally: Counter[str] = Counter()
    try:
        (light if kind == "replayed" else full)(number, count, tally)
    except BaseException:  # noqa: BLE001 - told by whoever started this
        return tally, f"\nseed {number}:\n{traceback.format_exc()}"
    return tally, ""


def table(tally: Counter[str]) -> str:
    """The counts, for people."""
    return "\n".join(f"{count:8}  {name}" for name, count in sorted(tally.items()))


def _live(folder: Path, made: Path, number: int, count: int, steps: int, tally: Counter[str]) -> None:
    numbers = itertools.count()

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(lives(steps))
    def test(sequence: Sequence[Step]) -> None:
        one(folder / str(next(numbers)), made, sequence, tally)

    test()


def one(folder: Path, made: Path, sequence: Sequence[Step], tally: Counter[str]) -> None:
    """One life in ``folder``, which is removed if it goes well."""
    import shutil

    folder.mkdir()
    try:
        Life(World.copy(made, folder / "repo"), tally).live(sequence)
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _replayed() -> Generator[None]:
    """Put the replayed verdicts where the pipeline takes its bench from; the interpreter is asked once for all."""
    asked: dict[Any, Project] = {}

    def opened(root: Path, chosen: Any, environ: Any) -> Project:
        if not asked:
            asked[None] = open_project(root, chosen, environ)
        found = asked[None]
        return replace(found, root=root, settings=chosen, environment=replace(found.environment, root=root))

    def connected(name: str, _env: Any) -> Any:
        return connect_own(name, model.Client, "the model's stand-in")

    doors: dict[tuple[Any, str], Any] = {(connect, "connect"): connected}
    doors |= {(module, "Bench"): verdicts.Bench for module in (generate, submit)}
    doors |= {(module, "open_project"): opened for module in (generate, submit)}
    before = {door: getattr(*door) for door in doors}
    try:
        for door, value in doors.items():
            setattr(*door, value)
        yield
    finally:
        for door, value in before.items():
            setattr(*door, value)


@contextlib.contextmanager
def _folder() -> Generator[Path]:
    """Where projects are made: in memory, if there is such a place. fsync is asked for thousands of times."""
    parent = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="jiti-life-", dir=parent) as name:
        yield Path(name)


@contextlib.contextmanager
def _environment(folder: Path, **more: str) -> Generator[None]:
    """The process's environment holds nothing of the machine."""
    before, wanted = dict(os.environ), {**environment(folder), **more}
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
