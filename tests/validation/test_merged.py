"""ruff and ty over merged views: real programs, a small project on disk."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jiti_bot.errors import ToolError
from jiti_bot.source.model import Kind, Stub
from jiti_bot.validation import merged, report
from jiti_bot.validation.model import Tool
from jiti_bot.validation.ruff import Ruff
from jiti_bot.validation.ty import Ty
from tests.validation.specs import stub

PYPROJECT = """
[project]
name = "app"
version = "1"

[tool.ruff]
line-length = 60

[tool.ruff.lint]
select = ["E", "F", "I", "B", "UP", "ARG", "C901", "RET", "D4"]

[tool.ruff.lint.mccabe]
max-complexity = 2
"""
HOST = '''"""Host."""

import os
from typing import Optional

from app.lib import twice
from jiti import jiti


class Shape:
    sides: int = 0

    @jiti
    def area(self) -> float:
        """Doc."""
        raise NotImplementedError


@jiti
def f(x: Optional[int], unused: str = "") -> int:
    """doc without a capital"""
    raise NotImplementedError


def bad() -> int:
    return "already wrong"
'''
PATH = ".jiti/app/text/f.py"


def programs() -> tuple[str, str]:
    folder = Path(sys.executable).parent
    found = [shutil.which(name, path=f"{folder}{os.pathsep}{os.environ['PATH']}") for name in ("ruff", "ty")]
    assert found[0]
    assert found[1]
    return found[0], found[1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "app").mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "jiti.py").write_text("def jiti[F](f: F) -> F:\n    return f\n")
    (root / "app" / "__init__.py").write_text("")
    (root / "app" / "lib.py").write_text("def twice(x: int) -> int:\n    return x * 2\n")
    (root / "app" / "text.py").write_text(HOST)
    return root


@pytest.fixture(scope="module")
def tools(root: Path) -> Iterator[tuple[Ruff, Ty]]:
    ruff, ty = programs()
    env = {"PATH": os.environ["PATH"]}
    with Ty(ty, root, sys.executable, env) as server:
        yield Ruff(ruff, root, env), server


FUNCTION = stub('def f(x: Optional[int], unused: str = "") -> int:', line=20)


def unit(body: str, helpers: str = "") -> str:
    header = 'def f(x: Optional[int], unused: str = "") -> int:\n    """doc without a capital"""\n'
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{helpers}\n\n\n{header}{lines}" if helpers else f"{header}{lines}"


def opinions(
    tools: tuple[Ruff, Ty], one: Stub, text: str, host_text: str = HOST
) -> tuple[merged.Opinion, merged.Opinion]:
    views = merged.Views(*tools)
    with ThreadPoolExecutor(4) as pool:
        host = views.host("app/text.py", host_text, pool)
    view = views.fold(one, host, text)
    return views.ruff(one, host, view), views.ty(one, host, view)


def codes(found: merged.Opinion) -> list[str]:
    return [one.diagnostic.code for one in found.refusals]


BODIES = {
    "clean": ("return twice(x or 0)", "", [], []),
    "host import used": ("return len(os.sep)", "", [], []),
    "helper import": ("return math.floor(x or 1)", "import math", [], []),
    "helper": ("return _go(x or 1)", "def _go(y: int) -> int:\n    return y", [], []),
    "undefined name": ("return y", "", ["F821"], ["unresolved-reference"]),
    "unused variable": ("y = 1\nreturn 2", "", ["F841"], []),
    "unused helper import": ("return 2", "import math", ["F401"], []),
    "line too long": ("return " + " + ".join(["1234567"] * 8), "", ["E501"], []),
    "wrong type": ('return "a"', "", [], ["invalid-explicit-return"]),
    "wrong argument": ('return twice("a")', "", [], ["invalid-argument-type"]),
    "wrong import": ("return nope(1)", "from app.lib import nope", [], ["missing-module-member"]),
    "too complex": ("if x:\n    return 1\nif unused:\n    return 2\nreturn 3", "", ["C901"], []),
}


@pytest.mark.parametrize(("body", "helpers", "ruff", "ty"), BODIES.values(), ids=BODIES)
def test_what_refuses(tools: tuple[Ruff, Ty], body: str, helpers: str, ruff: list[str], ty: list[str]) -> None:
    lint, types = opinions(tools, FUNCTION, unit(body, helpers))
    assert codes(lint) == ruff
    assert codes(types) == ty


def test_the_users_own_lines_are_told_and_refuse_nothing(tools: tuple[Ruff, Ty]) -> None:
    host = HOST.replace(
        "raise NotImplementedError\n\n\ndef bad", "print(x, unused)\n    raise NotImplementedError\n\n\ndef bad"
    )
    lint, types = opinions(tools, FUNCTION, unit("return 1"), host)
    assert codes(lint) == codes(types) == []
    assert report.remarks(lint.remarks, "app/text.py") == (
        "app/text.py:20 ARG001 Unused function argument: `x`; app/text.py:20 ARG001 Unused function argument: `unused`"
    )


def test_a_methods_findings_carry_its_lines(tools: tuple[Ruff, Ty]) -> None:
    method = stub("def area(self) -> float:", unit="Shape.area", kind=Kind.METHOD, line=14)
    text = 'class Shape:\n    def area(self) -> float:\n        """Doc."""\n        return self.side\n'
    _, types = opinions(tools, method, text)
    assert codes(types) == ["missing-attribute"]
    assert types.refusals[0].origin.line == 4
    said = report.diagnostics(types.refusals, "app/text.py")
    assert said.startswith("1 finding\nmissing-attribute ")
    assert said.endswith("    return self.side")


def test_tidy_fixes_formats_and_leaves_the_spec_alone(tools: tuple[Ruff, Ty]) -> None:
    text = unit("y = list( [1] )\nreturn len(y)", "import sys, math")
    tidied = merged.tidy(tools[0], FUNCTION, text, PATH)
    assert tidied == (
        'def f(x: Optional[int], unused: str = "") -> int:\n'
        '    """doc without a capital"""\n    y = list([1])\n    return len(y)\n'
    )
    assert merged.tidy(tools[0], FUNCTION, tidied, PATH) == tidied


def test_the_server_sees_the_disk_between_questions(tools: tuple[Ruff, Ty]) -> None:
    broken = "def twice(x: str) -> str:\n    return x\n"
    assert tools[1].check(broken, "app/lib.py") == ()
    assert [one.code for one in tools[1].check("from app.lib import twice\n\ny: int = twice(1)\n", "app/new.py")] == []


def test_one_server_for_many_threads(tools: tuple[Ruff, Ty]) -> None:
    answers: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        text = "\n" * number + 'x: int = "a"\n'
        answers[number] = [one.line for one in tools[1].check(text, f"app/n{number}.py")]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [number + 1] for number in range(12)}


def test_a_server_that_was_killed_is_started_again(root: Path) -> None:
    with Ty(programs()[1], root, sys.executable, {"PATH": os.environ["PATH"]}) as server:
        assert [one.tool for one in server.check('x: int = "a"\n', "app/n.py")] == [Tool.TY]
        running = server._server
        assert running is not None
        assert running._process is not None
        running._process.kill()
        running._process.wait()
        assert len(server.check('x: int = "a"\n', "app/n.py")) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", "ty failed: its server ended"),
        (r"printf 'nonsense\r\n\r\n'; cat >/dev/null", "ty failed: its server spoke nonsense"),
    ],
)
def test_a_broken_ty_says_so(root: Path, tmp_path: Path, script: str, message: str) -> None:
    program = tmp_path / "ty"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    server = Ty(str(program), root, sys.executable, {"PATH": os.environ["PATH"]})
    with server, pytest.raises(ToolError, match=message):
        server.check("x = 1\n", "app/n.py")


def test_missing_programs_say_so(root: Path) -> None:
    with pytest.raises(ToolError, match="could not be started"):
        Ruff("/nowhere/ruff", root, {}).check("x = 1\n", "a.py")
    with Ty("/nowhere/ty", root, sys.executable, {}) as server, pytest.raises(ToolError, match="could not be started"):
        server.check("x = 1\n", "a.py")


def test_a_broken_ruff_configuration_says_so(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["ZZZ9"]\n')
    with pytest.raises(ToolError, match="ZZZ9"):
        Ruff(programs()[0], tmp_path, {}).check("x = 1\n", "a.py")


def test_a_store_that_ruff_leaves_out_is_formatted_like_its_host(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nforce-exclude = true\nextend-exclude = [".jiti"]\n')
    ruff = Ruff(programs()[0], tmp_path, {})
    views = merged.Views(ruff, Ty(programs()[1], tmp_path, sys.executable, {}))
    one = stub("def f(x):")
    assert views.style_path(one, PATH) == "app/text.py"
    assert merged.tidy(ruff, one, "def f(x):\n    return  x\n", views.style_path(one, PATH)).endswith("return x\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 90\n")
    assert merged.Views(ruff, Ty("ty", tmp_path, "", {})).style_path(one, PATH) == PATH


def test_closing_does_not_wait_for_a_server_that_hangs(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "ty"
    program.write_text("#!/bin/sh\nexec cat > /dev/null\n")
    program.chmod(0o755)
    server = Ty(str(program), root, sys.executable, {"PATH": os.environ["PATH"]})
    errors: list[str] = []

    def ask() -> None:
        try:
            server.check("x = 1\n", "app/n.py")
        except ToolError as error:
            errors.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    while server._running is None:
        thread.join(0.01)
    server.close()
    thread.join()
    assert errors == ["ty failed: its server ended. Run `ty check` in the project to see the same."]
