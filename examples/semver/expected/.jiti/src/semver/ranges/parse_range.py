# jiti 1 semver.ranges.parse_range
# signature: ea4c84ab39ba035a
# docstring: 835ca66d795aa3cb
# hints: -
# decorators: -
# context: -
# gates: 089dbdd35d2a051a
# uses: f716be13f7442f70
# body: f29fbbab78d685cd
# model: claude-sonnet-5-5
# evidence: guards ruff ty uses doctests=1 gates=2 tests=1 attempts=3
# seal: f7a88ded952bfedc

def _read_alternative(text: str) -> tuple[Comparator, ...]:
    """Return the comparators of one alternative."""
    match text.split():
        case []:
            raise ValueError("a range has an empty alternative")
        case [low, "-", high]:
            return (
                Comparator(Operator.GE, parse_version(low)),
                Comparator(Operator.LE, parse_version(high)),
            )
        case terms:
            return tuple(found for term in terms for found in _read_term(term))


def _read_term(term: str) -> tuple[Comparator, ...]:
    """Return the comparators that one term stands for."""
    if term == "*":
        return ()
    bound = term.lstrip("<=>^~")
    match term.removesuffix(bound):
        case "^":
            return caret(parse_version(bound))
        case "~":
            return tilde(parse_version(bound))
        case symbol:
            return (Comparator(Operator(symbol or "="), parse_version(bound)),)


def parse_range(text: str) -> Range:
    """Read a range: alternatives separated by ``||``.

    An alternative is two versions around a hyphen with spaces, both included, as in
    ``1.2.3 - 2.0.0``; or terms separated by spaces, all of which have to hold:

    - ``<``, ``<=``, ``=``, ``>=`` or ``>`` with a version right behind it;
    - ``^`` or ``~`` with a version right behind it, see `caret` and `tilde`;
    - a version alone, which means ``=``;
    - ``*``, which adds no comparator.

    >>> str(parse_range("~1.4.2 || >=2.1.0 <3.0.0"))
    '>=1.4.2 <1.5.0 || >=2.1.0 <3.0.0'

    Raises:
        ValueError: A term or a version cannot be read, or an alternative is empty. The
            message quotes what could not be read.
    """
    return Range(tuple(_read_alternative(part) for part in text.split("||")))
