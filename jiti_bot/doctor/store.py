"""The store: how much is in it, and whether it is committed or left to each machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, warning
from jiti_bot.doctor.ground import Ground
from jiti_bot.errors import JitiError


@dataclass(frozen=True, slots=True)
class Store:
    """Committed files without tests: all, those that git tracks, and those that it ignores. ``git``: it was asked."""

    units: tuple[str, ...]
    tracked: frozenset[str]
    ignored: bool
    git: bool = True


def gather(ground: Ground) -> Store | JitiError:
    """Ask git."""
    if ground.git is None or not ground.units:
        return Store(ground.units, frozenset(), ignored=False, git=ground.git is not None)
    try:
        tracked = frozenset(ground.git.tracked()) & frozenset(ground.units)
        loose = [path for path in ground.units if path not in tracked]
        return Store(ground.units, tracked, ignored=bool(loose) and ground.git.ignores(loose[0]))
    except JitiError as error:
        return error


def judge(found: Store | JitiError, stores: Sequence[str]) -> Diagnosis:
    """Which of the two ways is in force. Both work; half of each does not."""
    if isinstance(found, JitiError):
        return failed("store", found)
    where = ", ".join(stores) or ".jiti"
    if not found.units:
        return note("store", f"no committed code yet in {where}")
    count = f"{len(found.units)} {'unit' if len(found.units) == 1 else 'units'} in {where}"
    if not found.git:
        return ok("store", f"{count}, without a repository")
    loose = len(found.units) - len(found.tracked)
    if not loose:
        return ok("store", f"{count}, committed: everybody runs the same code")
    if not found.ignored:
        had = f"{loose} of which git does not have yet" if found.tracked else "none of which git has yet"
        return warning("store", f"{count}, {had}", f"Run `git add {where}`.")
    if found.tracked:
        what = f"{count}, of which {len(found.tracked)} are committed and {loose} git-ignored"
        return warning("store", what, f"Take {where} out of .gitignore, or run `git rm -r --cached {where}`.")
    return ok("store", f"{count}, git-ignored: each machine generates its own")
