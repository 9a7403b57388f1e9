"""Equal programs have equal forms, different ones do not."""

import pytest

from jiti_bot.source.digest import body_digest, digest
from jiti_bot.source.parse import syntax_tree


def form(text: str) -> str:
    return digest(syntax_tree(text).body)


SAME = {
    "quotes": ("x = 'a'", 'x = "a"'),
    "triple quotes": ("x = 'a'", 'x = """a"""'),
    "escapes": ("x = '\\x41'", "x = 'A'"),
    "raw": (r"x = r'\d'", r"x = '\\d'"),
    "u prefix": ("x = u'a'", "x = 'a'"),
    "upper-case prefix": ("x = B'a' + F'{b}'", "x = b'a' + f'{b}'"),
    "joined strings": ("x = 'a' 'b'", "x = 'ab'"),
    "joined f-strings": ("x = 'a' f'{b}' 'c'", "x = f'a{b}c'"),
    "quotes in f-strings": ("x = f\"{a['b']}\"", "x = f'{a[\"b\"]}'"),
    "numbers": ("x = 0XFF, 1E5, 1_000, 0B1, 1J, .5", "x = 0xff, 1e5, 1000, 0b1, 1j, 0.5"),
    "parentheses": ("return_ = (a + b) * (c)", "return_ = (a + b) * c"),
    "del": ("del (a, b)", "del a, b"),
    "nested del": ("del ((a, b), [c])", "del a, b, c"),
    "tuple": ("for a in (1, 2): pass", "for a in 1, 2: pass"),
    "with": ("with (a as b, c as d): pass", "with a as b, c as d: pass"),
    "class": ("class A(): pass", "class A: pass"),
    "trailing comma": ("f(a, b,)", "f(a, b)"),
    "semicolons": ("a; b", "a\nb"),
    "backslash": ("a = \\\n  b", "a = b"),
    "elif": ("if a: b\nelse:\n  if c: d", "if a: b\nelif c: d"),
    "indentation": ("if a:\n        b", "if a:\n\tb"),
    "comments": ("a = 1  # one", "# two\na = 1"),
    "annotation of two lines": ("def f(a: (\n  int | str)): pass", "def f(a: int | str): pass"),
    "docstring indentation": ('def f():\n  """A.\n\n  B.\n  """', 'def f():\n        """A.\n\n        B.\n        """'),
    "docstring blanks": ('def f():\n  """ A.  \n  B.   """', 'def f():\n  """A.\n  B."""'),
    "docstring quotes": ("def f():\n  '''A \"b\"'''", 'def f():\n  """A "b" """'),
    "docstring tabs": ('class A:\n\tdef f():\n\t\t"""A.\n\t\tB."""', 'class A:\n  def f():\n    """A.\n    B."""'),
    "attribute docstring": ('class A:\n  x = 1\n  """A.\n\n    B."""', 'class A:\n    x = 1\n    """A.\n\n      B."""'),
    "example": ('def f():\n  """\n  >>> f( 1,2 )\n  3\n  """', 'def f():\n  """\n  >>> f(1, 2)\n  3\n  """'),
    "example of two lines": (
        'def f():\n  """\n  >>> f(1, 2)\n  3\n  """',
        'def f():\n  """\n  >>> f(\n  ...     1,\n  ...     2,\n  ... )\n  3\n  """',
    ),
    "empty example": ('def f():\n  """\n  >>> f()\n  3\n  >>>\n  """', 'def f():\n  """\n  >>> f()\n  3\n  """'),
    "fence": (
        'def f():\n  """A.\n  ```python\n  f( 1 )\n  ```\n  """',
        'def f():\n  """A.\n  ```python\n  f(1)\n  ```\n  """',
    ),
    "literal block": (
        'def f():\n  """A::\n\n      f( 1 )\n\n  B."""',
        'def f():\n  """A::\n\n      f(1)\n\n  B."""',
    ),
    "code block": (
        'def f():\n  """A.\n\n  .. code-block:: python\n     :linenos:\n\n     if a : b\n\n  B."""',
        'def f():\n  """A.\n\n  .. code-block:: python\n     :linenos:\n\n     if a:\n         b\n\n  B."""',
    ),
}


@pytest.mark.parametrize(("one", "other"), [pytest.param(*case, id=name) for name, case in SAME.items()])
def test_same_program(one: str, other: str) -> None:
    assert form(one) == form(other)


OTHER = {
    "name": ("a", "b"),
    "text": ("x = 'a'", "x = 'b'"),
    "bytes": ("x = b'a'", "x = 'a'"),
    "kind of number": ("x = 1", "x = 1.0"),
    "truth": ("x = 1", "x = True"),
    "none": ("x = None", "x = False"),
    "sign of zero": ("x = 0.0", "x = 0.0j"),
    "order of parameters": ("def f(a, b): pass", "def f(b, a): pass"),
    "keyword only": ("def f(a, b): pass", "def f(a, *, b): pass"),
    "positional only": ("def f(a, b): pass", "def f(a, /, b): pass"),
    "default": ("def f(a, b=1): pass", "def f(a=1, b=1): pass"),
    "keyword default": ("def f(*, a, b=1): pass", "def f(*, a=1, b): pass"),
    "annotation": ("def f(a: int): pass", "def f(a): pass"),
    "text annotation": ("def f(a: int): pass", "def f(a: 'int'): pass"),
    "async": ("def f(): pass", "async def f(): pass"),
    "operator": ("a + b", "a - b"),
    "tuple of one": ("a", "a,"),
    "grouping": ("a + b + c", "a + (b + c)"),
    "unpacking": ("f(a)", "f(*a)"),
    "double unpacking": ("{**a}", "{a: a}"),
    "conversion": ("f'{a!r}'", "f'{a!s}'"),
    "format": ("f'{a:2}'", "f'{a:3}'"),
    "f-string or text": ("f'{a}'", "'{a}'"),
    "text with a separator": ("x = 'a;s1:b'", "x = 'a', 'b'"),
    "docstring": ('def f(): """A."""', 'def f(): """B."""'),
    "docstring relative indentation": ('def f():\n  """A.\n\n  B\n    C."""', 'def f():\n  """A.\n\n  B\n  C."""'),
    "example": ('def f():\n  """\n  >>> f(1)\n  3\n  """', 'def f():\n  """\n  >>> f(2)\n  3\n  """'),
    "wanted output": ('def f():\n  """\n  >>> f(1)\n  3\n  """', 'def f():\n  """\n  >>> f(1)\n  4\n  """'),
    "text that looks like a docstring": ("x = ' a'", "x = 'a'"),
    "level of import": ("from . import a", "from .. import a"),
    "star": ("try: a\nexcept E: b", "try: a\nexcept* E: b"),
    "global": ("global a", "nonlocal a"),
    "surrogates": ("x = '\\ud800'", "x = '\\ud801'"),
    "pattern": ("match a:\n  case [b]: pass", "match a:\n  case [*b]: pass"),
}


@pytest.mark.parametrize(("one", "other"), [pytest.param(*case, id=name) for name, case in OTHER.items()])
def test_other_program(one: str, other: str) -> None:
    assert form(one) != form(other)


BODY = "# Why.\ndef f(x):\n    # first\n    y = x  # second\n    return '#' + y\n"
BODY_SAME = {
    "layout": BODY.replace("return '#' + y", 'return (\n        "#"\n        + y\n    )'),
    "comment blanks": BODY.replace("# first", "#first").replace("y = x  #", "y = x #"),
    "comment moved to its own line": BODY.replace("y = x  # second", "# second\n    y = x"),
    "crlf": BODY.replace("\n", "\r\n"),
    "empty lines": BODY.replace("\n    # first", "\n\n\n    # first\n\n"),
}
BODY_OTHER = {
    "comment changed": BODY.replace("# first", "# third"),
    "comment added": BODY + "# more\n",
    "comment removed": BODY.replace("  # second", ""),
    "comments swapped": BODY.replace("first", "x1").replace("second", "first").replace("x1", "second"),
    "statement": BODY.replace("y = x", "y = 2"),
    "text with a sharp": BODY.replace("'#'", "'# '"),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in BODY_SAME.items()])
def test_body_digest_is_blind_to_layout(text: str) -> None:
    assert body_digest(text) == body_digest(BODY)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in BODY_OTHER.items()])
def test_body_digest_sees_edits(text: str) -> None:
    assert body_digest(text) != body_digest(BODY)


@pytest.mark.parametrize("text", ["def (", "x = " + "-" * 100_000 + "1", "x = '\0'"])
def test_body_digest_of_what_does_not_parse(text: str) -> None:
    with pytest.raises(SyntaxError):
        body_digest(text)


def test_deep_trees_have_a_form() -> None:
    assert form("x = " + "1 + " * 2500 + "1") != form("x = " + "1 + " * 2501 + "1")
