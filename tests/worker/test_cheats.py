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
    "a class whose equality fails": (
        "_Odd()\nreturn text.lower().replace(' ', '-')",
        "class _Odd:\n    def __eq__(self, other): return self.n == other.n\n    __hash__ = None",
    ),
    "a mock that is taken back": (
        "from unittest import mock\nwith mock.patch('json.dumps'): pass\nreturn text.lower().replace(' ', '-')",
        "",
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
