"""Which helpers of two units become one, and which names a module must not get, as tables."""

import ast
from textwrap import dedent

import pytest

from jiti_bot.errors import StoreError
from jiti_bot.graduation.fold import Part, Place, fold_all, prepare
from jiti_bot.graduation.meet import Guest, settle
from jiti_bot.graduation.sharing import may_be_shared
from jiti_bot.graduation.takers import exposed
from tests.graduation.test_leftovers import resolver

# A helper _K, and how a function uses it.
SHARED = [
    ("_K = 1", "_K + x"),
    ("_K: int = -1", "x < _K"),
    ("_K = 'a b'.split()", "x in _K"),
    ("_K = frozenset('ab')", "g(_K)"),
    ("_A = 60\n_K = 24 * _A", "g(_K)"),
    ("_K = 2 * math.pi", "g(_K)"),
    ("_K = a * 60", "x % _K"),
    ("_K = re.compile('a')", "_K.sub('', x)"),
    ("_K = {'a': 1, **base}", "_K.get(x, _K['a'])"),
    ("_K = {'a': ('b', 2)}", "[k for k in _K.items()]"),
    ("_K = {c: i for i, c in enumerate('0123')}", "_K[x]"),
    ("_K = MappingProxyType({'a': 1})", "g(_K)"),
    ("_K = lambda x, n=1: x + n", "_K(x)"),
    ("def _K(x, n=1): return x", "_K(x)"),
    ("class _K:\n    def m(self): setattr(self, 'n', type(self).__name__)", "_K(x)"),
    ("class _K:\n    limit: int = 3\n    names: list = field(default_factory=list)", "_K(x)"),
    ("@dataclass(frozen=True)\nclass _K:\n    x: int\n    def m(self): self.head.next = 1", "_K(x)"),
]
OWN = [
    ("_K = []", "_K.append(x)"),
    ("_K = {}", "_K.setdefault(x, x)"),
    ("_K = [1]", "g(_K)"),
    ("_K = {'a': []}", "_K['a'].append(x)"),
    ("_K = [[] for _ in 'ab']", "_K[0]"),
    ("_K = tuple([] for _ in 'ab')", "_K[0]"),
    ("_K = (x for x in 'ab')", "[y for y in _K]"),
    ("_K = map(str, 'ab')", "list(_K)"),
    ("_K = defaultdict(list)", "_K[x]"),
    ("_K = a + b", "_K.append(x)"),
    ("_K = random.Random(0)", "_K.random()"),
    ("_K = lambda x, seen=[]: seen.append(x)", "_K(x)"),
    ("def _K(x, seen={}): return seen.setdefault(x, x)", "_K(x)"),
    ("@cache\ndef _K(): return []", "_K().append(x)"),
    ("@functools.lru_cache(maxsize=None)\ndef _K(x): return [x]", "_K(x)"),
    ("def _K(x): return x", "setattr(_K, 'seen', x)"),
    ("def _K(x): return x", "_K.__dict__.update(seen=x)"),
    ("class _K:\n    seen = {}", "_K(x)"),
    ("class _K:\n    seen = make()", "_K(x)"),
    ("class _K:\n    def m(self): type(self).n = 1", "_K(x)"),
    ("class _K:\n    def m(self): setattr(type(self), 'n', 1)", "_K(x)"),
    ("class _K:\n    def m(self): delattr(self.__class__, 'n')", "_K(x)"),
    ("class _K:\n    def m(self): type.__setattr__(__class__, 'n', 1); __class__.n", "_K(x)"),
    ("class _K:\n    @classmethod\n    def m(cls): vars(cls)['n'].append(1)", "_K(x)"),
    ("class _K:\n    def m(self):\n        kind = type(self)\n        kind.n = 1", "_K(x)"),
    ("class _K:\n    def m(self, no=object()): return no", "_K(x)"),
    ("_K = object()", "x is _K"),
    ("class _K:\n    @cached\n    def m(self): ...", "_K(x)"),
]


@pytest.mark.parametrize(
    ("helper", "use", "wanted"), [*((*one, True) for one in SHARED), *((*one, False) for one in OWN)]
)
def test_what_nobody_changes_may_be_shared(helper: str, use: str, *, wanted: bool) -> None:
    tree = ast.parse(f"{helper}\ndef f(x):\n    return {use}\n")
    piece = tree.body[-2]
    assert may_be_shared(piece, "_K", [tree, tree]) is wanted


def merged(host: str, units: dict[str, str], seen: frozenset[str] = frozenset()) -> str:
    prepared = prepare(host)
    guests = []
    for name, text in units.items():
        stub = prepared.anatomy.find(name)
        assert stub is not None
        guests.append(Guest(Part(Place(name), text, f"{name}.py"), stub.attached, stub.is_conditional))
    return fold_all(prepared, settle(host, guests, ("app",), seen)).text


HOST = "from jiti import jiti\n" + "".join(f"@jiti\ndef {name}(x): ...\n" for name in "abcd")


def test_a_helper_that_got_another_name_is_shared_by_it() -> None:
    units = {
        name: f"_K = {value}\n\n\ndef _help(x):\n    return _K + x\n\n\ndef {name}(x):\n    return _help(x)\n"
        for name, value in zip("abcd", (0, 1, 2, 1), strict=True)
    }
    wanted = """
        _K = 0


        def _help(x):
            return _K + x


        def a(x):
            return _help(x)
        _b_K = 1


        def _b_help(x):
            return _b_K + x


        def b(x):
            return _b_help(x)
        _c_K = 2


        def _c_help(x):
            return _c_K + x


        def c(x):
            return _c_help(x)
        def d(x):
            return _b_help(x)
        """
    assert merged(HOST, units) == dedent(wanted).lstrip("\n")


def test_a_helper_is_not_shared_where_what_it_uses_is_not() -> None:
    units = {
        name: f"_SEEN = {{}}\n\n\ndef _help(x):\n    return _SEEN.setdefault(x, {value})\n\n\n"
        f"def {name}(x):\n    return _help(x)\n"
        for name, value in zip("abcd", (0, 1, 1, 1), strict=True)
    }
    text = merged(HOST, units)
    for name in "bcd":
        assert f"_{name}_SEEN = {{}}\n" in text
        assert f"    return _{name}_help(x)\n" in text


def test_one_import_by_another_name_serves_all() -> None:
    host = "re = 1\n" + HOST
    text = merged(host, {name: f"import re\n\n\ndef {name}(x):\n    return re\n" for name in "ab"})
    assert text.count("import re as _a_re") == 1
    assert text.count("return _a_re") == 2


@pytest.mark.parametrize(
    ("host", "seen", "wanted"),
    [
        ("", {"re", "_own"}, "import re as _a_re"),
        ("", {"math"}, "import re\n"),
        ("from other import *\n", set(), "import re as _a_re"),
        ("import re\ndel re\n", set(), "import re as _a_re"),
        ("import re\n", {"re"}, "import re\n"),
    ],
    ids=["starred where it means something", "starred where not", "a star may bring it", "deleted", "there"],
)
def test_names_that_would_mean_something_to_others(host: str, seen: set[str], wanted: str) -> None:
    text = merged(host + HOST, {"a": "import re\n\n_own = 1\n\n\ndef a(x):\n    return re, _own\n"}, frozenset(seen))
    assert wanted in text
    assert "return _a_re, _own" in text or "as _a_re" not in wanted


def test_names_arrive_through_stars_of_stars() -> None:
    files = {
        "m.py": b"",
        "x.py": b"from m import *\nopen(1)\n",
        "y.py": b"from x import *\nfrom m import *\n'sep'\n",
        "z.py": b"from y import re\nre\n",
    }
    assert exposed(files, resolver(files)) == {"m.py": {"open", "sep"}, "x.py": {"sep"}}


@pytest.mark.parametrize("second", ["import math as re", "re = 1", "def re(): ..."])
def test_an_imported_name_that_means_something_else_too_is_refused(second: str) -> None:
    with pytest.raises(StoreError, match="re is imported here, and means something else") as caught:
        merged(HOST, {"a": f"import re\n{second}\n\n\ndef a(x):\n    return re\n"})
    assert caught.value.where == "a.py:2"


def test_a_module_imported_twice_is_one() -> None:
    text = merged(HOST, {"a": "import os\nimport os.path\n\n\ndef a(x):\n    return os\n"})
    assert text.startswith("import os\nimport os.path\n")


def test_what_is_bound_twice_is_shared_with_nobody() -> None:
    text = merged(HOST, {name: f"_K = 1\n_K += 1\n\n\ndef {name}(x):\n    return _K\n" for name in "ab"})
    assert "_b_K = 1\n_b_K += 1\n" in text
