"""More than a hundred candidates, right and wrong, for the bench and the oracle to agree on."""

from collections.abc import Mapping
from dataclasses import dataclass

SLUG = """\
parts = words(text.lower())
if not parts:
    raise ValueError("empty")
return "-".join(parts)[:LIMIT].strip("-")"""
COUNT = """\
found: dict[str, int] = {}
for word in words(text.lower()):
    found[word] = found.get(word, 0) + 1
return found"""
MONEY = 'return f"${self.cents / 100:,.2f}"'
PUSH = "self.items.append(item)"
POP = """\
if not self.items:
    raise IndexError("empty")
return self.items.pop()"""
SET = """\
if value < -273.15:
    raise ValueError("below absolute zero")
self.__kelvin = value + 273.15"""
PARSE = """\
match text.split():
    case [number, "K"]:
        return cls(float(number))
    case [number, "C"]:
        return cls(float(number) + 273.15)
raise ValueError(f"no temperature: {text}")"""
INSIDE = "return self.low <= kelvin <= self.high"
CHUNKS = """\
if size < 1:
    raise ValueError("size has to be positive")
for start in range(0, len(items), size):
    yield items[start : start + size]"""
TOTAL = """\
result = 0
async for number in numbers(until):
    result += number
return result"""

POP_BY_PUSH = """\
if len(self.items) == 0:
    raise IndexError('empty')
self.push(0)
self.items.pop()
return self.items.pop()"""

PARSE_BY_TABLE = """\
number, _, unit = text.partition(" ")
if unit not in _OFFSETS:
    raise ValueError(f"no temperature: {text}")
return cls(float(number) + _OFFSETS[unit])"""

CHUNKS_BY_ISLICE = """\
if size < 1:
    raise ValueError("size")
rest = iter(items)
while chunk := list(islice(rest, size)):
    yield chunk"""

CHUNKS_BY_YIELD_FROM = """\
if size < 1:
    raise ValueError("size")
yield from (items[at : at + size] for at in range(0, len(items), size))"""


@dataclass(frozen=True)
class Case:
    """A candidate for ``unit`` and whether it is to be accepted."""

    name: str
    unit: str
    body: str | Mapping[str, str]
    helpers: str = ""
    ok: bool = False


def stack(push: str = PUSH, pop: str = POP) -> dict[str, str]:
    return {"Stack.push": push, "Stack.pop": pop}


RIGHT = [
    Case("slugify as meant", "slugify", SLUG),
    Case("slugify indented", "slugify", "\n".join(f"    {line}" for line in SLUG.splitlines())),
    Case("slugify unformatted", "slugify", SLUG.replace(" = ", "=").replace('"', "'")),
    Case("slugify with its docstring", "slugify", f'"""Again."""\n{SLUG}'),
    Case("slugify with a comment", "slugify", f"# first the words\n{SLUG}"),
    Case(
        "slugify with a helper",
        "slugify",
        'return _join(text)[:LIMIT].strip("-")',
        "def _join(text: str) -> str:\n    parts = words(text.lower())\n    if not parts:\n"
        '        raise ValueError("empty")\n    return "-".join(parts)',
    ),
    Case(
        "slugify with a constant",
        "slugify",
        SLUG.replace("words(text.lower())", "_WORD.findall(text.lower())"),
        'import re\n\n_WORD = re.compile(r"[a-z0-9]+")',
    ),
    Case("slugify by the host's import", "slugify", SLUG.replace("words(", 're.findall(r"[a-z0-9]+", ')),
    Case(
        "slugify with an import of its own",
        "slugify",
        SLUG.replace("text.lower()", 'unicodedata.normalize("NFKD", text).lower()'),
        "import unicodedata",
    ),
    Case(
        "slugify with an import inside", "slugify", f"import string\n\nassert string.capwords(text) is not None\n{SLUG}"
    ),
    Case("slugify with an unused import, which is fixed", "slugify", SLUG, "import math"),
    Case(
        "slugify with imports out of order, which is fixed",
        "slugify",
        f"assert json.dumps(text) != base64.b16encode(b'').decode()\n{SLUG}",
        "import json\nimport base64",
    ),
    Case(
        "slugify with a lambda",
        "slugify",
        f"lower = lambda: text.lower()  # noqa: E731\n{SLUG.replace('text.lower()', 'lower()')}",
    ),
    Case(
        "slugify with a nested function",
        "slugify",
        f"def lower() -> str:\n    return text.lower()\n\n{SLUG.replace('text.lower()', 'lower()')}",
    ),
    Case(
        "slugify with a helper class",
        "slugify",
        f"assert _Box(1).value == 1\n{SLUG}",
        "class _Box:\n    def __init__(self, value: int) -> None:\n        self.value = value",
    ),
    Case(
        "slugify with a dataclass the host imports",
        "slugify",
        f"assert _Box(1).value == 1\n{SLUG}",
        "@dataclass\nclass _Box:\n    value: int",
    ),
    Case(
        "slugify with a multi-line string",
        "slugify",
        f'note = """\nnot indented\n"""\nassert note.count("\\n") == 2\n{SLUG}',
    ),
    Case("count as meant", "count", COUNT),
    Case("count by Counter", "count", "return dict(Counter(words(text.lower())))", "from collections import Counter"),
    Case("count through an alias", "count", COUNT.replace("for", "split = words\nfor").replace("in words", "in split")),
    Case(
        "count through a helper",
        "count",
        "return _count(words(text.lower()))",
        "def _count(found: list[str]) -> dict[str, int]:\n    return {one: found.count(one) for one in found}",
    ),
    Case("money as meant", "Money.text", MONEY),
    Case("money by divmod", "Money.text", 'whole, rest = divmod(self.cents, 100)\nreturn f"${whole:,}.{rest:02d}"'),
    Case("money by the class", "Money.text", 'assert isinstance(self, Money)\nreturn f"${self.cents / 100:,.2f}"'),
    Case("stack as meant", "Stack", stack()),
    Case(
        "stack, one calling the other",
        "Stack",
        stack(pop=POP_BY_PUSH),
    ),
    Case(
        "stack with a helper",
        "Stack",
        stack(push="_put(self.items, item)"),
        "def _put(items: list[int], item: int) -> None:\n    items.append(item)",
    ),
    Case("setter as meant", "Temperature.celsius.setter", SET),
    Case(
        "setter through the class",
        "Temperature.celsius.setter",
        SET.replace("self.__kelvin =", "kelvin =") + "\nTemperature.__init__(self, kelvin)",
    ),
    Case("parse as meant", "Temperature.parse", PARSE),
    Case(
        "parse by a table",
        "Temperature.parse",
        PARSE_BY_TABLE,
        '_OFFSETS = {"K": 0.0, "C": 273.15}',
    ),
    Case("range as meant", "Temperature.Range.__contains__", INSIDE),
    Case("range by not", "Temperature.Range.__contains__", "return not (kelvin < self.low or kelvin > self.high)"),
    Case("chunks as meant", "chunks", CHUNKS),
    Case(
        "chunks by islice",
        "chunks",
        CHUNKS_BY_ISLICE,
        "from itertools import islice",
    ),
    Case(
        "chunks by yield from",
        "chunks",
        CHUNKS_BY_YIELD_FROM,
    ),
    Case("total as meant", "total", TOTAL),
    Case("total by a comprehension", "total", "return sum([number async for number in numbers(until)])"),
    Case("total by arithmetic", "total", "return until * (until - 1) // 2"),
    Case(
        "total with a helper coroutine",
        "total",
        "return await _sum(until)",
        "async def _sum(until: int) -> int:\n    return sum(range(until))",
    ),
]

BROKEN = {
    "open bracket": "return (",
    "open string": 'return "',
    "bad indentation": "if text:\nreturn text",
    "not Python": "function f() { return 1; }",
    "unmatched": "return text)",
    "markdown": "```python\nreturn text\n```",
    "keyword": "return = 1",
    "two statements": "x = 1 y = 2",
}
WRONG_SLUG = {
    "underscores": SLUG.replace('"-".join', '"_".join'),
    "no limit": SLUG.replace("[:LIMIT]", ""),
    "upper case": SLUG.replace(".lower()", ".upper()"),
    "no error for nothing": SLUG.replace('if not parts:\n    raise ValueError("empty")\n', ""),
    "another error": SLUG.replace("ValueError", "KeyError"),
    "another message": SLUG.replace('"empty"', '"nothing"'),
    "raises": 'raise RuntimeError("broken")',
    "returns its argument": "return text",
    "returns a constant": 'return "a-b"',
    "recursion without end": "return slugify(text)",
    "assertion": f"assert not text\n{SLUG}",
    "index error": f"assert words(text)[5]\n{SLUG}",
    "exits": f"raise SystemExit(0)\n{SLUG}",
    "keyboard interrupt": f"raise KeyboardInterrupt\n{SLUG}",
    "skips nothing, stops early": f"raise StopIteration\n{SLUG}",
}
WRONG_TYPES = {
    "none": SLUG.replace("return ", "result = ") + "\nassert result\nreturn None",
    "list": f"{SLUG.replace('return ', 'result = ')}\nreturn [result]",
    "forgets to return": SLUG.replace("return ", "result = ") + "\nprint(result)",
    "wrong argument": SLUG.replace("words(text.lower())", "words(len(text))"),
    "too many arguments": SLUG.replace("words(text.lower())", "words(text.lower(), 1)"),
    "no such attribute": SLUG.replace(".lower()", ".lowercase()"),
    "no such attribute of a module": f"assert re.nothing\n{SLUG}",
    "adds a number": f"text = text + 1\n{SLUG}",
    "wrong annotation": f"length: int = text\nassert length\n{SLUG}",
}
UNCLEAN = {
    "unused variable": f"unused = 1\n{SLUG}",
    "undefined name": SLUG.replace("LIMIT", "LIMITS"),
    "undefined name on another path": f"if len(text) > 10**9:\n    return missing\n{SLUG}",
    "line too long": f'note = "{"x" * 120}"\nassert note\n{SLUG}',
    "bare except": f"try:\n    text = text.strip()\nexcept:\n    return text\n{SLUG}",
    "mutable default": f"def go(found=[]):\n    return found\n\nassert go() == []\n{SLUG}",
    "comparison to None": f"assert (text == None) is False\n{SLUG}",
    "too complex": "".join(f"if len(text) == {n} + 10**9:\n    return str({n})\n" for n in range(9)) + SLUG,
    "loop variable unused": f"for index in range(3):\n    assert text is not None\n{SLUG}",
}
OTHERS = [
    Case("missing import", "slugify", SLUG.replace("words(", "findall(")),
    Case("import of a missing name", "slugify", SLUG.replace("words(", "_nope("), "from app.lib import nope as _nope"),
    Case(
        "import of a missing module", "slugify", SLUG.replace("words(", "_nope("), "from app.nope import words as _nope"
    ),
    Case("helper raises at import", "slugify", SLUG, '_TABLE = {}["missing"]'),
    Case("helper with a type error", "slugify", f"assert _two()\n{SLUG}", 'def _two() -> int:\n    return "two"'),
    Case("helper with an undefined name", "slugify", f"assert _two()\n{SLUG}", "def _two() -> int:\n    return two"),
    Case("helper does not parse", "slugify", SLUG, "def _two(:"),
    Case("helper called wrongly", "slugify", f"assert _two(1)\n{SLUG}", "def _two() -> int:\n    return 2"),
    Case("count empty", "count", "return dict.fromkeys(words(text), 0)"),
    Case("count in upper case", "count", COUNT.replace("text.lower()", "text.upper()")),
    Case("count a list", "count", "return words(text.lower())"),
    Case("count off by one", "count", COUNT.replace("+ 1", "+ 2")),
    Case("money without commas", "Money.text", 'return f"${self.cents / 100:.2f}"'),
    Case("money in another currency", "Money.text", MONEY.replace("$", "€")),
    Case("money as a number", "Money.text", "return self.cents / 100"),
    Case("money by a missing field", "Money.text", MONEY.replace("cents", "pence")),
    Case("money for nothing", "Money.text", 'raise ValueError("no")'),
    Case("stack as a queue", "Stack", stack(pop=POP.replace(".pop()", ".pop(0)"))),
    Case("stack that never empties", "Stack", stack(pop=POP.replace(".pop()", "[-1]"))),
    Case("stack without the message", "Stack", stack(pop="return self.items.pop(0 - 1) if self.items else 0")),
    Case("stack of text", "Stack", stack(push="self.items.append(str(item))")),
    Case("stack by a missing field", "Stack", stack(push="self.values.append(item)")),
    Case("stack does not parse", "Stack", stack(pop="return (")),
    Case("setter that does nothing", "Temperature.celsius.setter", "assert value is not None"),
    Case("setter without the check", "Temperature.celsius.setter", "self.__kelvin = value + 273.15"),
    Case("setter of another name", "Temperature.celsius.setter", SET.replace("__kelvin", "_kelvin")),
    Case("setter that returns", "Temperature.celsius.setter", f"{SET}\nreturn value"),
    Case("parse always kelvin", "Temperature.parse", "return cls(float(text.split()[0]))"),
    Case("parse without a class", "Temperature.parse", PARSE.replace("return cls(", "return (")),
    Case("parse with a wrong error", "Temperature.parse", PARSE.replace("raise ValueError", "raise KeyError")),
    Case("parse of self", "Temperature.parse", PARSE.replace("cls(", "self.__class__(")),
    Case("range exclusive", "Temperature.Range.__contains__", INSIDE.replace("<=", "<")),
    Case("range inverted", "Temperature.Range.__contains__", f"{INSIDE.replace('return ', 'return not (')})"),
    Case("range as text", "Temperature.Range.__contains__", f"{INSIDE.replace('return ', 'return str(')})"),
    Case("range of the outer class", "Temperature.Range.__contains__", "return self.kelvin == kelvin"),
    Case("chunks as a list", "chunks", "return [items]"),
    Case(
        "chunks without the check",
        "chunks",
        CHUNKS.replace('if size < 1:\n    raise ValueError("size has to be positive")\n', ""),
    ),
    Case("chunks that overlap", "chunks", CHUNKS.replace("start + size", "start + size + 1")),
    Case("chunks that lose the rest", "chunks", CHUNKS.replace("len(items), size", "len(items) - 1, size")),
    Case(
        "chunks of tuples",
        "chunks",
        CHUNKS.replace("yield items[start : start + size]", "yield tuple(items[start : start + size])"),
    ),
    Case("chunks of nothing", "chunks", "yield from ()"),
    Case("total of one more", "total", TOTAL.replace("numbers(until)", "numbers(until + 1)")),
    Case(
        "total not awaited",
        "total",
        "return _sum(until)",
        "async def _sum(until: int) -> int:\n    return sum(range(until))",
    ),
    Case("total without async", "total", TOTAL.replace("async for", "for")),
    Case("total as text", "total", f"{TOTAL.replace('return result', 'return str(result)')}"),
    Case("hangs", "slugify", f"while text:\n    pass\n{SLUG}"),
    Case("sleeps", "slugify", f"time.sleep(60)\n{SLUG}", "import time"),
    Case("eats memory", "slugify", f"block = [bytes(1 << 20) for _ in range(1 << 14)]\nassert block\n{SLUG}"),
]

CASES = [
    *[Case(case.name, case.unit, case.body, case.helpers, ok=True) for case in RIGHT],
    *[Case(f"does not parse: {name}", "slugify", body) for name, body in BROKEN.items()],
    *[Case(f"wrong: {name}", "slugify", body) for name, body in WRONG_SLUG.items()],
    *[Case(f"type: {name}", "slugify", body) for name, body in WRONG_TYPES.items()],
    *[Case(f"unclean: {name}", "slugify", body) for name, body in UNCLEAN.items()],
    *OTHERS,
]
