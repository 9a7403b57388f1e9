"""The machine: jiti-bot itself and its extra, git and the repository."""

import importlib.util
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, problem, warning
from jiti_bot.doctor.ground import Ground
from jiti_bot.doctor.versions import numbers, version_in
from jiti_bot.errors import EXTRA, JitiError, RepositoryError
from jiti_bot.git import Begun, NoRepositoryError, locate

_OLDEST_GIT = "2.30"  # whose rev-parse has --end-of-options


@dataclass(frozen=True, slots=True)
class Machine:
    """What stands here. ``git`` is what it says of its version, or the error that kept it from saying so.

    ``repository`` is the checked out branch ('' for none), or the error.
    """

    version: str
    python: str
    missing: tuple[str, ...]
    git: str | JitiError
    repository: str | JitiError


def gather(ground: Ground) -> Machine:
    """Look."""
    return Machine(
        version=_version(),
        python=f"Python {platform.python_version()} ({sys.executable})",
        missing=lacking(),
        git=_git(ground),
        repository=_repository(ground),
    )


def lacking() -> tuple[str, ...]:
    """The packages of the extra that are not installed beside us."""
    return tuple(sorted(name for name in EXTRA if "." not in name and importlib.util.find_spec(name) is None))


def judge(machine: Machine, root: str, *, elsewhere: bool) -> tuple[Diagnosis, ...]:
    """All of it. ``elsewhere``: a workflow generates, so that nothing has to be generated here."""
    return (jiti_bot(machine, elsewhere=elsewhere), git(machine.git), repository(machine, root))


def jiti_bot(machine: Machine, *, elsewhere: bool) -> Diagnosis:
    """What generates lives in an extra; the runtime and the hook do without."""
    own = f"{machine.version}, {machine.python}"
    if not machine.missing:
        return ok("jiti-bot", f"{own}, with the extra that generates")
    lacking = f"{own}, without the extra that generates ({_listed(machine.missing)})"
    remedy = "Install it with: pip install 'jiti-bot[bot]'"
    if elsewhere:
        return note("jiti-bot", f"{lacking}; the workflow has its own", remedy)
    return warning("jiti-bot", lacking, remedy)


def git(said: str | JitiError) -> Diagnosis:
    """Its version."""
    if isinstance(said, JitiError):
        return failed("git", said)
    version = version_in(said)
    if not version:
        return problem("git", f"`git --version` said {said!r}", "Install git.")
    if numbers(version) < numbers(_OLDEST_GIT):
        return problem("git", f"{version}, which is too old", f"Install git {_OLDEST_GIT} or newer.")
    return ok("git", version)


def repository(machine: Machine, root: str) -> Diagnosis:
    """The work tree."""
    if isinstance(machine.repository, NoRepositoryError):
        return warning("repository", machine.repository.message, machine.repository.remedy)
    if isinstance(machine.repository, JitiError):
        return failed("repository", machine.repository)
    branch = f"on {machine.repository}" if machine.repository else "on no branch"
    return ok("repository", f"{root}, {branch}")


def _version() -> str:
    try:
        return metadata.version("jiti-bot")
    except metadata.PackageNotFoundError:
        return "not installed, run from its source"


def _git(ground: Ground) -> str | JitiError:
    try:
        done = Begun(("--version",), ground.root, ground.env).done()
    except JitiError as error:
        return error
    if not done.ok:
        return RepositoryError(f"git does not start: {done.complaint}.", remedy="Install it again.")
    return done.stdout.decode("utf-8", "replace").strip()


def _repository(ground: Ground) -> str | JitiError:
    try:
        git = locate(ground.root, ground.env)
        git.prefix()  # which says what is wrong with a repository that git does not trust
        return git.branch()
    except JitiError as error:
        return error


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} packages: {', '.join(names)}"
