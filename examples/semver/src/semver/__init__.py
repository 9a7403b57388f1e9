"""Semantic versions: parse them, order them, choose among them."""

from semver.parsing import parse_version
from semver.ranges import Comparator, Operator, Range, caret, parse_range, tilde
from semver.selection import available_upgrades, max_satisfying
from semver.version import Part, Precedence, Version

__all__ = [
    "Comparator",
    "Operator",
    "Part",
    "Precedence",
    "Range",
    "Version",
    "available_upgrades",
    "caret",
    "max_satisfying",
    "parse_range",
    "parse_version",
    "tilde",
]
