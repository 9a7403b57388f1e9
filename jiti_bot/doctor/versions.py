"""Versions: read from what programs print and from the names of installed packages, compared with what is tested. Pure.

The ranges are those of the extra `bot`, which `tests/doctor` compares with pyproject.toml.
"""

import re
from collections.abc import Iterable, Mapping

from jiti_bot.doctor.diagnosis import Diagnosis, ok, warning

#: By program: the oldest version that works, and the first that is too new, '' for none.
RANGES: Mapping[str, tuple[str, str]] = {"pytest": ("8.4", "10"), "ruff": ("0.14", ""), "ty": ("0.0.30", "")}


def version_in(text: str) -> str:
    """The first version number in what a program prints; '' for none."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else ""


def numbers(version: str) -> tuple[int, ...]:
    """A version for comparison: its leading numbers; those of ``1.2.3rc1`` are 1, 2, 3."""
    return tuple(int(part) for part in re.findall(r"(?<![A-Za-z\d])\d+", version.partition("+")[0])[:4])


def in_range(name: str, version: str) -> bool:
    """Whether a version is one that we are tested with."""
    oldest, too_new = RANGES[name]
    return numbers(version) >= numbers(oldest) and (not too_new or numbers(version) < numbers(too_new))


def judged(name: str, version: str, where: str, install: str) -> Diagnosis:
    """A program's version against its range. ``install`` is the command that installs what follows it."""
    oldest, too_new = RANGES[name]
    if not version:
        return warning(name, f"{where} does not tell its version", f"Run `{install} {name}`.")
    if in_range(name, version):
        return ok(name, f"{version}, {where}")
    wanted = f"{name}>={oldest}" + (f",<{too_new}" if too_new else "")
    return warning(
        name,
        f"{version}, {where}: jiti is tested with {oldest} or newer{f', before {too_new}' if too_new else ''}",
        f"Run `{install} '{wanted}'`.",
    )


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(entries: Iterable[str]) -> dict[str, str]:
    """Installed distributions and their versions, by the names of what stands in folders of packages."""
    found: dict[str, str] = {}
    for entry in entries:
        named = re.fullmatch(r"([\w.]+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info", entry)
        if named:
            found.setdefault(canonical(named[1]), named[2])
    return found
