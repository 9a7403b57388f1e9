"""How much of the machine a job may use. Sizes in bytes."""

import dataclasses
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one job.

    ``memory`` binds each process (private memory) and the sum over the tree (resident); ``tasks`` are processes and
    threads; ``file`` is one file, ``disk`` the whole scratch folder, ``entries`` the files and folders in it;
    ``output`` is what a job may print, of which the first and last ``shown`` are kept.
    """

    memory: int = 2048 * MIB
    tasks: int = 256
    descriptors: int = 512
    file: int = 64 * MIB
    disk: int = 512 * MIB
    entries: int = 20_000
    output: int = 16 * MIB
    shown: int = 32 * 1024

    def plain(self) -> dict[str, int]:
        """As a mapping that JSON can carry."""
        return dataclasses.asdict(self)


def bind(limits: Limits) -> None:
    """Bind this process and its children. A limit that the system does not know is left out."""
    wanted = {
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_AS": 8 * limits.memory,  # libraries reserve far more than they use
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_NOFILE": limits.descriptors,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": MIB,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in wanted.items():
        lower(name, value)


def bind_time(seconds: float) -> None:
    """Bind the processor time of this process: a second line behind the supervisor's clock."""
    lower("RLIMIT_CPU", int(seconds) + 5)


def lower(name: str, value: int) -> None:
    """Lower a limit, soft and hard; never raises it."""
    import resource  # not everywhere: the bot's side is imported on Windows too

    which = getattr(resource, name, None)
    if which is None:
        return
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (ValueError, OSError):  # macOS refuses some of these
        return
