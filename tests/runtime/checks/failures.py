"""What is missing, stale or broken is told by the call, with a next step; what is no stub is refused at once."""

import inspect
import os

from jiti_bot.errors import ConfigurationError, NotGeneratedError, StaleError, StoreError, StubError
from tests.runtime.site import Site, raised

HEAD = "from jiti import jiti\nimport functools\n"


def check_missing_names_the_stub_and_both_ways(site: Site) -> None:
    host = site.host(
        HEAD + "class P:\n    @property\n    @jiti\n    def v(self): ...\n"
        "    @v.setter\n    @jiti\n    def v(self, x): ...\n"
        "    @jiti\n    def m(self): ...\n@jiti\nasync def f(a, b=1): ...\n"
    )
    for key, call in {
        "host.f": host.f,
        "host.P.m": host.P().m,
        "host.P.v": lambda: host.P().v,
        "host.P.v.setter": lambda: setattr(host.P(), "v", 1),
    }.items():
        error = raised(NotGeneratedError, call)
        assert f"`jiti generate {key}`" in str(error)
        assert "pull request" in str(error)
        assert "host.py:" in str(error)
        assert (error.key, error.file) == (key, str(site.folder / "host.py"))
    assert str(inspect.signature(host.f)) == "(a, b=1)"
    assert issubclass(NotGeneratedError, NotImplementedError)


def check_the_key_drops_src_and_init(site: Site) -> None:
    site.write("pyproject.toml", "")
    site.write("src/app/__init__.py", HEAD + "@jiti\ndef f(): ...\n")
    assert "`jiti generate app.f`" in str(raised(NotGeneratedError, site.load("src.app").f))


def check_changed_parameters_are_stale_at_the_call(site: Site) -> None:
    changes = {
        "(a)": "(a, b)",
        "(a, b)": "(b, a)",
        "(a, b=1)": "(a, b)",
        "(a, *, b)": "(a, b)",
        "(a, *, b=1)": "(a, *, b)",
        "(a, /)": "(a)",
        "(*a)": "(**a)",
        "(*a, b)": "(*c, b)",
    }
    for stub, committed in changes.items():
        host = site.host(
            HEAD + f"@jiti\ndef f{stub}: ...\n@jiti\ndef other(): ...\n",
            f=f"def f{committed}:\n    return 1\n",
            other="def other():\n    return 2\n",
        )
        error = raised(StaleError, host.f)
        assert "parameters changed" in str(error), (stub, committed)
        assert "`jiti generate host.f`" in str(error)
        assert host.other() == 2


def check_async_added_or_dropped_is_stale(site: Site) -> None:
    for stub, committed in (("def", "async def"), ("async def", "def")):
        host = site.host(HEAD + f"@jiti\n{stub} f(): ...\n", f=f"{committed} f():\n    return 1\n")
        raised(StaleError, host.f)


def check_changed_default_values_and_annotations_are_the_stubs(site: Site) -> None:
    host = site.host(HEAD + "@jiti\ndef f(a: int = 1): ...\n", f="def f(a: str = 2):\n    return a\n")
    assert host.f() == 1


def check_a_changed_docstring_runs_unless_strict(site: Site) -> None:
    source = HEAD + "@jiti\ndef f():\n    '''New words.'''\n@jiti\ndef g():\n    '''Same\n    words.'''\n"
    units = {
        "f": "def f():\n    '''Old words.'''\n    return 1\n",
        "g": 'def g():\n    """Same words."""\n    return 2\n',
    }
    host = site.host(source, **units)
    assert (host.f(), host.f.__doc__) == (1, "New words.")
    os.environ["JITI_STRICT"] = "1"
    os.environ["JITI_FROZEN"] = "1"
    try:
        host = site.host(source, **units)
    finally:
        del os.environ["JITI_STRICT"], os.environ["JITI_FROZEN"]
    assert "docstring changed" in str(raised(StaleError, host.f))
    assert host.g() == 2


BROKEN = {
    "syntax": (b"def f(:\n", "f.py:1"),
    "other content": (b"def g():\n    return 1\n", "does not define f"),
    "a class": (b"class f:\n    x = 1\n", "holds no methods"),
    "twice": (b"def f():\n    return 1\ndef f():\n    return 2\n", "defined twice"),
    "decorated": (b"@print\ndef f():\n    return 1\n", "decorators belong on the stub"),
    "NUL": (b"def f():\n    return 1\n\0", "null byte"),
    "latin-1": (b"def f():\n    return '\xe4'\n", "f.py"),
    "future": (b"from __future__ import annotations\ndef f():\n    return 1\n", "__future__"),
    "star": (b"from os import *\ndef f():\n    return 1\n", "import *"),
    "conflict markers": (b"<<<<<<< ours\ndef f():\n", "f.py:1"),
    "deep": (b"def f():\n    return " + b"(" * 5000 + b")" * 5000 + b"\n", "f.py"),
    "failing helper": (b"_X = 1 / 0\ndef f():\n    return 1\n", "ZeroDivisionError"),
    "missing import": (b"import not_there_at_all\ndef f():\n    return 1\n", "not_there_at_all"),
    "missing data": (b"_X = open('/not/there')\ndef f():\n    return 1\n", "/not/there"),
    "empty": (b"", "does not define f"),
}


def check_a_broken_file_is_told_by_the_call(site: Site) -> None:
    for name, (content, expected) in BROKEN.items():
        site.commit("host/f.py", content)
        host = site.host(HEAD + "@jiti\ndef f(): ...\n@jiti\ndef g(): ...\n", g="def g():\n    return 2\n")
        assert host.g() == 2
        message = str(raised(StoreError, host.f))
        assert expected in message, (name, message)
        assert "jiti generate" in message


def check_what_must_not_stand_in_a_skeleton(site: Site) -> None:
    host = site.host(
        HEAD + "class P:\n    @jiti\n    def m(self): ...\n",
        P__m="class P:\n    def _help(self):\n        return 1\n    def m(self):\n        return self._help()\n",
    )
    assert "only the generated method" in str(raised(StoreError, host.P().m))


def check_a_mended_file_works_without_a_new_import(site: Site) -> None:
    host = site.host(HEAD + "@jiti\ndef f(): ...\n", f="def f(:\n")
    raised(StoreError, host.f)
    site.commit("host/f.py", "def f():\n    return 1\n")
    assert host.f() == 1
    site.commit("host/f.py", "def f(:\n")
    assert host.f() == 1
    host = site.load()
    (site.folder / ".jiti/host/f.py").unlink()
    raised(NotGeneratedError, host.f)


def check_a_folder_or_link_loop_in_place_of_a_file(site: Site) -> None:
    (site.folder / ".jiti/host/f.py").mkdir(parents=True)
    (site.folder / ".jiti/host/g.py").symlink_to("g.py")
    host = site.host(HEAD + "@jiti\ndef f(): ...\n@jiti\ndef g(): ...\n")
    raised(StoreError, host.f)
    raised(StoreError, host.g)


def check_a_file_in_place_of_the_store(site: Site) -> None:
    site.write(".jiti", "no folder")
    host = site.host(HEAD + "@jiti\ndef f(): ...\n")
    raised(NotGeneratedError, host.f)


def check_bom_and_crlf_are_no_trouble(site: Site) -> None:
    site.commit("host/f.py", b"\xef\xbb\xbfdef f():\r\n    return '\xc3\xa4'\r\n")
    host = site.host(HEAD + "@jiti\ndef f(): ...\n")
    assert host.f() == "ä"


STUBS = (
    "...",
    "pass",
    "'''Doc.'''",
    "'''Doc.'''\n    ...",
    "'''Doc.'''\n    # a hint\n    pass",
    "raise NotImplementedError",
    "raise NotImplementedError()",
    "raise NotImplementedError('why')",
    "'''Doc.'''\n    raise NotImplementedError",
    "'''Doc.'''\n    raise NotImplementedError()",
    "'''Doc.'''\n    raise NotImplementedError('why ' 'so')",
    "'''Doc.'''\n    raise NotImplementedError(404)",
)
BODIES = (
    "return 1",
    "return ...",
    "return 'Doc.'",
    "'''Doc.'''\n    return 'x'",
    "'''Doc.'''\n    return True",
    "raise ValueError",
    "raise NotImplementedError from None",
    "raise NotImplemented",
    "yield",
    "print()",
    "x = 1",
    "return a",
    "assert a",
)


def check_stub_bodies_are_told_from_real_ones(site: Site) -> None:
    for keyword in ("def", "async def"):
        for head in ("f(a=1)", "f(a, *b, c=2, **d)"):
            for body in STUBS:
                host = site.host(HEAD + f"@jiti\n{keyword} {head}:\n    {body}\n")
                raised(NotGeneratedError, host.f, 1)
            for body in BODIES:
                error = raised(StubError, site.host, HEAD + f"@jiti\n{keyword} {head}:\n    {body}\n")
                assert "host.py:4" in str(error), body
                assert "Remove @jiti" in str(error)


def check_what_is_no_stub_at_all(site: Site) -> None:
    for source, expected in {
        "@jiti\n@staticmethod\ndef f(): ...\n": "directly above the `def`",
        "@jiti\n@property\ndef f(): ...\n": "directly above the `def`",
        "@jiti\n@functools.lru_cache\ndef f(): ...\n": "directly above the `def`",
        "@jiti\n@functools.wraps(len)\ndef f(): return 1\n": "directly above the `def`",
        "@jiti\n@jiti\ndef f(): ...\n": "directly above the `def`",
        "jiti(3)\n": "neither a function nor a class",
        "jiti(uses=3)\n": "takes a list",
        "jiti(engine='fast')\n": "takes an Engine",
        "def f():\n    @jiti\n    def g(): ...\nf()\n": "host.py:5: f.<locals>.g is defined inside a function",
        "@jiti.required_for()\ndef test_f(): ...\n": "names no target",
        "@jiti.required_for(len)\n@functools.lru_cache\ndef test_f(): ...\n": "directly above the `def`",
    }.items():
        error = raised(StubError, site.host, HEAD + source)
        assert expected in str(error), (source, str(error))


def check_engine_is_a_frozen_value(site: Site) -> None:
    import copy
    import pickle

    from jiti import Engine

    del site
    engine = Engine(model="claude-sonnet-5-5", max_usd=0.5, test_paths=["tests"])
    same = Engine(model="claude-sonnet-5-5", max_usd=0.5, test_paths=("tests",))
    assert engine == same
    assert hash(engine) == hash(same)
    assert engine != Engine()
    assert repr(engine) == "Engine(model='claude-sonnet-5-5', max_usd=0.5, test_paths=('tests',))"
    assert pickle.loads(pickle.dumps(engine)) == copy.deepcopy(engine) == engine
    raised(AttributeError, setattr, engine, "model", "other")
    raised(AttributeError, delattr, engine, "model")
    raised(TypeError, Engine, bogus=1)
    for settings in (
        {"model": 3},
        {"model": " "},
        {"quality_threshold": 11},
        {"quality_threshold": 5.5},
        {"max_turns": 0},
        {"max_turns": True},
        {"frozen": 1},
        {"max_usd": -1},
        {"max_usd": float("nan")},
        {"test_paths": "tests"},
        {"client": "no_colon"},
    ):
        raised(ConfigurationError, Engine, **settings)
