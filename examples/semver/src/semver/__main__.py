"""The command line: ``python -m semver max "^1.2.0" 1.2.5 1.9.0 2.0.0``."""

import argparse
import sys
from collections.abc import Sequence
from typing import get_args

from semver.parsing import parse_version
from semver.ranges import parse_range
from semver.selection import available_upgrades, max_satisfying
from semver.version import Part


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 for success, 1 for no match, 2 for bad input."""
    options = _parser().parse_args(argv)
    try:
        lines = list(_run(options))
    except ValueError as error:
        print(f"semver: {error}", file=sys.stderr)
        return 2
    print(*lines, sep="\n", end="\n" if lines else "")
    return 0 if lines else 1


def _run(options: argparse.Namespace) -> list[str]:
    """Return the lines to print."""
    versions = [parse_version(text) for text in options.versions]
    match options.command:
        case "sort":
            return [str(version) for version in sorted(versions)]
        case "bump":
            return [str(version.bump(options.part)) for version in versions]
        case "max":
            best = max_satisfying(versions, parse_range(options.range))
            return [] if best is None else [str(best)]
        case _:
            current, *published = versions
            upgrades = available_upgrades(current, published)
            return [f"{part}: {version}" for part, version in upgrades.items()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="semver", description="Semantic versions.")
    commands = parser.add_subparsers(dest="command", required=True)
    sort = commands.add_parser("sort", help="print versions, oldest first")
    bump = commands.add_parser("bump", help="print the next release of each version")
    bump.add_argument("part", choices=get_args(Part))
    best = commands.add_parser("max", help="print the newest version in a range")
    best.add_argument("range", metavar="RANGE")
    upgrades = commands.add_parser("upgrades", help="print steps up from the first")
    for command in (sort, bump, best, upgrades):
        command.add_argument("versions", nargs="+", metavar="VERSION")
    return parser


if __name__ == "__main__":
    sys.exit(main())
