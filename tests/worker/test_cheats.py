"""Known ways to look right without being right: none of them counts as a pass."""

import pytest

from jiti_bot.validation.jobs import RunTests, unproved
from jiti_bot.validation.workbench import Workbench
from tests.worker import project

NODES = ("tests/test_text.py",)
EQUAL = "class _Same:\n    def __eq__(self, other): return True\n    __hash__ = None"
# body, helpers: all of these are wrong implementations
CHEATS = {
    "leaves": ("import os; os._exit(0)", ""),
    "leaves at import": ("return text", "import os\nos._exit(0)"),
    "exits": ("import sys; sys.exit(0)", ""),
    "exits at import": ("return text", "import sys\nsys.exit(0)"),
    "interrupts": ("raise KeyboardInterrupt", ""),
    "skips": ("import pytest; pytest.skip('fine')", ""),
    "expects failure": ("import pytest; pytest.xfail('fine')", ""),
    "ends the session": ("import pytest; pytest.exit('fine', 0)", ""),
    "ends by a signal": ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", ""),
    "replaces the process": ("import os; os.execv('/bin/true', ['true'])", ""),
    "equals everything": ("return _Same()", EQUAL),
    "equals everything, as text": (
        "return _Text(text)",
        "class _Text(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__",
    ),
    "equals every text": (
        "return _Text(text)",
        (
            "class _Text(str):\n    def __eq__(self, other): return str(self) == other or isinstance(other, str)\n"
            "    __hash__ = str.__hash__"
        ),
    ),
    "equals every parser": (
        "return _Same()",
        (
            "class _Base: pass\nclass _Same(_Base):\n"
            "    def __eq__(self, other): return isinstance(other, (_Base, str))\n    __hash__ = None"
        ),
    ),
    "replaces the run of tests": (
        "import _pytest.python as p; p.Function.runtest = lambda self: None; return text",
        "",
    ),
    "replaces reports": (
        (
            "import _pytest.runner as r, _pytest.reports as p\n"
            "old = p.TestReport.from_item_and_call.__func__\n"
            "def new(cls, item, call):\n    report = old(cls, item, call)\n"
            "    report.outcome = 'passed'\n    return report\n"
            ""
            "p.TestReport.from_item_and_call = classmethod(new)\nreturn text"
        ),
        "",
    ),
    "replaces a builtin": ("import builtins; builtins.isinstance = lambda *a: True; return text", ""),
    "replaces by a mock": (
        "from unittest import mock; mock.patch('_pytest.python.Function.runtest').start(); return text",
        "",
    ),
    "replaces by made-up code": (
        (
            "import _pytest.python as p; exec('def f(self): pass', globals())\n"
            "p.Function.runtest = globals()['f']; return text"
        ),
        "",
    ),
    "writes to every descriptor": (
        (
            "import os\nfor fd in range(3, 1024):\n    try: os.write(fd, b'{}\\n')\n    except OSError: pass\n"
            "return text.lower().replace(' ', '-')"
        ),
        "",
    ),
    "closes every descriptor": ("import os; os.closerange(3, 1024); return text", ""),
    "forks the session": ("import os; os.fork(); return text.lower().replace(' ', '-')", ""),
    "removes its own test": ("import sys; sys.modules['tests.test_text'] = None; return text", ""),
}


CLEAR = "thing._hookimpls.clear()"
CALM = f"""
def _calm():
    python = gc
    for thing in python.get_objects():
        if type(thing).__name__ == "HookCaller" and thing.name == "pytest_pyfunc_call":
            {CLEAR}
    return 1

_N = _calm()
"""
FRAME = """
from operator import attrgetter
import sys

def _find():
    frame = attrgetter("_getframe")(sys)()
    while frame:
        for value in list(attrgetter("f_locals")(frame).values()):
            hook = getattr(getattr(value, "config", None), "hook", None)
            if hook is not None:
                hook.pytest_pyfunc_call._hookimpls.clear()
        frame = attrgetter("f_back")(frame)
    return 1

_X = _find()
"""
TRACEBACK = """
from operator import attrgetter
try:
    raise ValueError
except ValueError as error:
    attrgetter("__traceback__.tb_frame")(error)
return text
"""
FINDER = """
import sys
for one in sys.meta_path:
    config = getattr(one, "config", None)
    if config is not None:
        HERE
return text
"""
HOOK = "config.hook.pytest_pyfunc_call"
READ = "from pathlib import Path\nreturn Path('tests', 'test' + '_text.py').read_text()[:1]"
# body, helpers, what is said of it
SEEN = {
    "empties the hook at import": ("return text", f"import gc\n{CALM}", "it searched the memory"),
    "empties the hook by another name": (
        f"for thing in find():\n    if type(thing).__name__ == 'HookCaller': {CLEAR}\nreturn text",
        "from gc import get_objects as find",
        "it searched the memory",
    ),
    "looks for frames at import": ("return text", FRAME, "it looked at its caller"),
    "looks for frames by a made-up name": (
        "import sys; getattr(sys, '_get' + 'frame')(); return text",
        "",
        "its caller",
    ),
    "looks for frames by inspect": (
        "return inspect.currentframe().f_back.f_code.co_name",
        "import inspect",
        "its caller",
    ),
    "looks for frames in a traceback": (TRACEBACK, "", "it looked at its caller"),
    "empties a hook": (FINDER.replace("HERE", f"{HOOK}._hookimpls.clear()"), "", "out of the hook pytest_pyfunc_call"),
    "unregisters pytest's plugin": (
        FINDER.replace("HERE", "config.pluginmanager.unregister(name='python')"),
        "",
        "took an implementation out of the hook",
    ),
    "replaces an implementation": (
        FINDER.replace("HERE", f"{HOOK}.get_hookimpls()[0].function = lambda pyfuncitem: True"),
        "",
        "it replaced an implementation of the hook pytest_pyfunc_call",
    ),
    "puts one in": (
        FINDER.replace(
            "HERE", "config.pluginmanager.register(type('P', (), {'pytest_pyfunc_call': lambda self: True})())"
        ),
        "",
        "it put an implementation into the hook pytest_pyfunc_call",
    ),
    "replaces the run of its test": (
        FINDER.replace("HERE", "[vars(item).update(runtest=str) for item in one.session.items]"),
        "",
        "it replaced how test_",
    ),
    "replaces the code of its test": (
        "import sys\ntest = sys.modules['test_text'].test_slug\ntest.__code__ = (lambda: None).__code__",
        "",
        "(object.__",
    ),
    "runs made-up code": ("exec('pass'); return text", "", "it made code"),
    "reads its gates": (READ, "", "it read test_text.py, which judges it"),
    "reads its gates by a descriptor": (
        "import os; return os.fdopen(os.open('tests/test_text.py', os.O_RDONLY)).read()[:1]",
        "",
        "it read test_text.py",
    ),
}


@pytest.mark.parametrize(("body", "helpers", "said"), SEEN.values(), ids=SEEN)
def test_what_is_done_to_the_judge_is_seen(bench: Workbench, body: str, helpers: str, said: str) -> None:
    result = bench.run(RunTests(nodes=NODES, staged=project.candidate(body, helpers)), timeout=20.0)

    assert said in "; ".join(result.tampering), result


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "pytest.exit.Exception"])
def test_what_ends_the_session_is_named(bench: Workbench, name: str) -> None:
    staged = project.candidate(f"raise {name}()", "import pytest")
    result = bench.run(RunTests(nodes=NODES, staged=staged), timeout=20.0)

    said = dict(unproved(result, NODES))[NODES[0]]
    assert f"{name.rpartition('.')[2].replace('Exception', 'Exit')} was raised in slugify" in said
    assert "it ends the whole test session" in said


@pytest.mark.parametrize(("body", "helpers"), CHEATS.values(), ids=CHEATS)
def test_no_cheat_is_a_pass(bench: Workbench, body: str, helpers: str) -> None:
    job = RunTests(nodes=NODES, staged=project.candidate(body, helpers))

    result = bench.run(job, timeout=20.0)

    assert unproved(result, NODES) or result.tampering, result


HONEST = {
    "plain": ("return text.lower().replace(' ', '-')", ""),
    "a class with equality": (
        "assert _Pair(1) == _Pair(1) != _Pair(2)\nreturn text.lower().replace(' ', '-')",
        (
            "class _Pair:\n    def __init__(self, n): self.n = n\n"
            "    def __eq__(self, other): return isinstance(other, _Pair) and self.n == other.n\n"
            "    def __hash__(self): return hash(self.n)"
        ),
    ),
    "a text that compares in its own way": (
        "assert _Text('A') == 'a' != _Text('b')\nreturn _Text(text.lower().replace(' ', '-'))",
        (
            "class _Text(str):\n    def __eq__(self, other): return str.__eq__(self.lower(), other)\n"
            "    __hash__ = str.__hash__"
        ),
    ),
    "a class whose equality fails": (
        "_Odd()\nreturn text.lower().replace(' ', '-')",
        "class _Odd:\n    def __eq__(self, other): return self.n == other.n\n    __hash__ = None",
    ),
    "a mock that is taken back": (
        "from unittest import mock\nwith mock.patch('json.dumps'): pass\nreturn text.lower().replace(' ', '-')",
        "",
    ),
    "logs, warns and tells of its errors": (
        (
            "log = logging.getLogger(__name__)\nlog.warning('x', stack_info=True)\n"
            "try:\n    [][0]\nexcept IndexError:\n    log.exception('y'); traceback.format_exc()\n"
            "Pair = namedtuple('Pair', 'a b')\nassert Pair(1, 2).a == 1\n"
            "return text.lower().replace(' ', '-')"
        ),
        "import logging, traceback\nfrom collections import namedtuple",
    ),
    "reads a file of the project": (
        "Path('pyproject.toml').read_text(); return text.lower().replace(' ', '-')",
        "from pathlib import Path",
    ),
    "makes classes and looks at functions": (
        (
            "@dataclass(frozen=True)\nclass Box:\n    n: int\n"
            "assert Box(1) == Box(1) and signature(len)\nreturn text.lower().replace(' ', '-')"
        ),
        "from dataclasses import dataclass\nfrom inspect import signature",
    ),
    "prints and closes standard output": (
        "import sys; print('x'); sys.stderr.write('y'); return text.lower().replace(' ', '-')",
        "",
    ),
}


@pytest.mark.parametrize(("body", "helpers"), HONEST.values(), ids=HONEST)
def test_an_honest_candidate_passes(bench: Workbench, body: str, helpers: str) -> None:
    job = RunTests(nodes=NODES, staged=project.candidate(body, helpers))

    result = bench.run(job, timeout=20.0)

    assert unproved(result, NODES) == ()
    assert result.tampering == ()


def test_a_project_may_patch_pytest_in_its_own_conftest(bench: Workbench, root: object) -> None:
    folder = bench.environment.root
    project.write(
        folder,
        "tests/patched/conftest.py",
        "import _pytest.runner as r\nold = r.check_interactive_exception\n"
        "def patched(*a): return old(*a)\nr.check_interactive_exception = patched",
    )
    name = project.write(folder, "tests/patched/test_x.py", "def test_x(): pass")

    result = bench.run(RunTests(nodes=(name,)), timeout=20.0)

    assert unproved(result, (name,)) == ()
    assert result.tampering == ()
