"""Changes to several files, stopped by Ctrl-C at any call that changes the disk, after that call has done its work."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.store import journal
from jiti_bot.store.journal import JOURNAL, Change

STORE = ".jiti"
CHANGES = (
    Change("m.py", b"stub", b"merged"),
    Change("kept.py", None, b"new"),
    Change(".jiti/m/f.py", b"body", None),
    Change(".jiti/m/g.py", b"other", None),
)
OLD = {change.path: change.before for change in CHANGES}
NEW = {change.path: change.after for change in CHANGES}


@pytest.fixture(autouse=True)
def power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes end here, machines do not: no waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@contextmanager
def stopped_after(numbers: tuple[int, ...], why: Callable[[], BaseException]) -> Generator[list[str]]:
    """Raise behind those calls that change the disk, counted from 1; the calls made so far."""
    calls: list[str] = []

    def late(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            done = real(*args, **options)
            calls.append(f"{name} {args[-1]}")
            if len(calls) in numbers:
                raise why()
            return done

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "unlink", "rmdir"):
            patch.setattr(os, name, late(name, getattr(os, name)))
        yield calls


def written(root: Path) -> None:
    for path, data in OLD.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            (root / path).unlink(missing_ok=True)
        else:
            (root / path).write_bytes(data)


def now(root: Path) -> dict[str, bytes | None]:
    return {path: (root / path).read_bytes() if (root / path).exists() else None for path in OLD}


def is_waiting(root: Path) -> bool:
    return journal.unfinished(str(root), [STORE]) == (STORE,)


def stopped(root: Path, numbers: tuple[int, ...], why: Callable[[], BaseException]) -> int:
    """Make the changes and be stopped; the number of calls that were made."""
    with journal.alone(str(root), STORE), stopped_after(numbers, why) as calls:
        try:
            journal.apply(str(root), STORE, CHANGES)
        except (KeyboardInterrupt, StoreError):
            assert min(numbers) <= len(calls)
        return len(calls)


def ended(root: Path, numbers: tuple[int, ...]) -> None:
    """Nothing is lost: all is old or new or the journal knows the rest, and no text is left beside its place."""
    found = now(root)
    if is_waiting(root):
        assert all(found[path] in {OLD[path], NEW[path]} for path in OLD), numbers
        with journal.alone(str(root), STORE):
            journal.finish(str(root), STORE, None)
        found = now(root)
        assert found == NEW, numbers
    assert found in (OLD, NEW), numbers
    assert not (root / STORE / JOURNAL).exists()
    assert not [path for path in root.rglob("*.jiti-tmp") if not path.name.startswith(".gitignore")], numbers


@pytest.mark.parametrize(
    "why", [KeyboardInterrupt, lambda: OSError(5, "Input/output error")], ids=["stopped", "failed"]
)
def test_stopped_after_each_change(tmp_path: Path, why: Callable[[], BaseException]) -> None:
    number, most = 0, 1
    while number < most:
        number += 1
        written(tmp_path)
        most = max(most, stopped(tmp_path, (number,), why))
        ended(tmp_path, (number,))
    assert most > len(CHANGES) * 2


def test_stopped_again_while_it_is_put_back(tmp_path: Path) -> None:
    waited = 0
    for first in range(1, 20):
        for second in range(first + 1, first + 9):
            written(tmp_path)
            stopped(tmp_path, (first, second), KeyboardInterrupt)
            waited += is_waiting(tmp_path)
            ended(tmp_path, (first, second))
    assert waited > 10


def test_what_somebody_wrote_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    written(tmp_path)
    real = os.unlink

    def edited(path: str) -> None:
        if path.endswith("g.py"):
            (tmp_path / "kept.py").write_bytes(b"mine")
            raise KeyboardInterrupt
        real(path)

    with pytest.MonkeyPatch.context() as patch, journal.alone(str(tmp_path), STORE):
        patch.setattr(os, "unlink", edited)
        with pytest.raises(KeyboardInterrupt):
            journal.apply(str(tmp_path), STORE, CHANGES)
    assert now(tmp_path) == {**OLD, "kept.py": b"mine"}
