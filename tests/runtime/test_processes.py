"""What only a process of its own shows: how a host is run, where it lies, and what Python may write."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.repo import ROOT, Repo

STUB = '''from jiti import jiti


@jiti
def f(n: int = 1) -> int:
    """Twice ``n``."""
    raise NotImplementedError


class Box:
    @property
    @jiti
    def v(self) -> int:
        """Seven."""
        raise NotImplementedError
'''
TWICE = 'def f(n: int = 1) -> int:\n    """Twice ``n``."""\n    return n * 2\n'
SEVEN = "class Box:\n    def v(self) -> int:\n        return f(3) + 1\n"
SHOW = "\nif __name__ == '__main__':\n    print(f(4), Box().v)\n"
SHOWN = "8 7\n"
PRINT = "print(text.f(4), text.Box().v)"


def commit(folder: Repo, module: str, store: str = ".jiti") -> None:
    folder.write(f"{store}/{module}/f.py", TWICE)
    folder.write(f"{store}/{module}/Box.v.py", SEVEN)


def python(folder: Repo, *args: str, **env: str) -> str:
    """What Python prints. Warnings are errors."""
    done = folder.run(sys.executable, "-W", "error", *args, **env)
    assert done.code == 0, done.err
    return done.out.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["text.py"], id="file"),
        pytest.param(["./text.py"], id="relative"),
        pytest.param(["-m", "text"], id="module"),
        pytest.param(["-c", f"import text; {PRINT}"], id="import"),
        pytest.param(["-O", "text.py"], id="optimised"),
        pytest.param(["-OO", "text.py"], id="without docstrings"),
        pytest.param(["-B", "text.py"], id="no bytecode"),
        pytest.param(["-bb", "text.py"], id="bytes compared strictly"),
        pytest.param(["-X", "dev", "text.py"], id="development mode"),
        pytest.param(["-c", "import runpy; runpy.run_path('text.py', run_name='__main__')"], id="runpy"),
    ],
)
def test_flat_layout(folder: Repo, args: list[str]) -> None:
    folder.write("text.py", STUB + SHOW)
    commit(folder, "text")
    for _ in range(2):  # the second time from bytecode
        assert python(folder, *args) == SHOWN


def test_from_another_working_directory(folder: Repo) -> None:
    folder.write("text.py", STUB + SHOW)
    commit(folder, "text")
    elsewhere = folder.write("elsewhere/.jiti/text/f.py", "def f(n: int = 1) -> int:\n    return -1\n").parents[2]
    done = subprocess.run(
        [sys.executable, "../text.py"], cwd=elsewhere, env=folder.env, capture_output=True, text=True, check=True
    )
    assert done.stdout == SHOWN


@pytest.mark.parametrize("init", [pytest.param(True, id="package"), pytest.param(False, id="namespace package")])
@pytest.mark.parametrize("store", [".jiti", "src/app/.jiti"])
def test_src_layout(folder: Repo, init: bool, store: str) -> None:
    folder.write("pyproject.toml", "")
    folder.write("src/app/text.py", STUB + SHOW)
    if init:
        folder.write("src/app/__init__.py", "")
    commit(folder, "src/app/text" if store == ".jiti" else "text", store)
    path = os.pathsep.join((str(folder.path / "src"), str(ROOT)))
    assert python(folder, "-m", "app.text", PYTHONPATH=path) == SHOWN
    assert python(folder, "-c", f"from app import text; {PRINT}", PYTHONPATH=path) == SHOWN


def test_stubs_in_an_init_file(folder: Repo) -> None:
    folder.write("text/__init__.py", STUB)
    commit(folder, "text/__init__")
    assert python(folder, "-c", f"import text; {PRINT}") == SHOWN


def test_a_namespace_package_in_two_folders(folder: Repo) -> None:
    for name in ("one", "two"):
        folder.write(f"{name}/pyproject.toml", "")
        folder.write(f"{name}/space/{name}.py", STUB)
        commit(folder, f"space/{name}", f"{name}/.jiti")
    path = os.pathsep.join((str(folder.path / "one"), str(folder.path / "two"), str(ROOT)))
    source = "import space.one, space.two; print(space.one.f(1), space.two.Box().v)"
    assert python(folder, "-c", source, PYTHONPATH=path) == "2 7\n"


def test_a_script_without_an_ending(folder: Repo) -> None:
    folder.write("tool", STUB + SHOW)
    commit(folder, "tool")
    assert python(folder, "tool") == SHOWN


def test_code_without_a_file_takes_no_store_from_the_working_directory(folder: Repo) -> None:
    folder.write(".jiti/<string>/f.py", "def f(): return 1\n")
    folder.write("pyproject.toml", "")
    source = "from jiti import jiti\n@jiti\ndef f(): ...\nf()"
    assert "`jiti generate __main__.f`" in folder.run(sys.executable, "-c", source).err


def test_through_a_symbolic_link(folder: Repo) -> None:
    folder.write("real/text.py", STUB)
    commit(folder, "text", "real/.jiti")
    (folder.path / "linked").symlink_to(folder.path / "real")
    assert python(folder, "-c", f"import sys; sys.path.insert(0, 'linked'); import text; {PRINT}") == SHOWN


@pytest.mark.parametrize("inside", ["", "app/"])
@pytest.mark.parametrize("ahead", [False, True])
def test_zip_archive(folder: Repo, inside: str, ahead: bool) -> None:
    tree = folder.path / "tree"
    folder.write("tree/app/text.py", STUB)
    folder.write("tree/app/__init__.py", "")
    folder.write("tree/__main__.py", f"from app import text\n{PRINT}\n")
    commit(folder, "text" if inside else "app/text", f"tree/{inside}.jiti")
    if ahead:
        assert folder.jiti("compile", "tree").code == 0
    with zipfile.ZipFile(folder.path / "app.pyz", "w") as archive:
        for file in sorted(tree.rglob("*")):
            archive.write(file, file.relative_to(tree))
    assert python(folder, "app.pyz") == SHOWN
    source = "import sys; sys.path.insert(0, 'app.pyz'); from app import text; "
    assert python(folder, "-c", f"{source}{PRINT}") == SHOWN
    # Shown by the traceback module, which takes lines from linecache on every version.
    failing = "import traceback\ntry:\n    text.f({})\nexcept TypeError:\n    traceback.print_exc()"
    assert "\n    return n * 2\n" in folder.run(sys.executable, "-c", f"{source}{failing}").err


def test_an_archive_takes_no_store_from_outside(folder: Repo) -> None:
    commit(folder, "app/text")
    commit(folder, "app.pyz/app/text")
    with zipfile.ZipFile(folder.path / "app.pyz", "w") as archive:
        archive.writestr("app/__init__.py", "")
        archive.writestr("app/text.py", STUB)
    source = "import sys; sys.path.insert(0, 'app.pyz'); from app import text; text.f()"
    assert "NotGeneratedError" in folder.run(sys.executable, "-c", source).err


def test_bytecode_without_source(folder: Repo) -> None:
    folder.write("build/text.py", STUB)
    compiled = "import py_compile; py_compile.compile('build/text.py', 'text.pyc')"
    python(folder, "-c", compiled)
    (folder.path / "build/text.py").unlink()
    commit(folder, "text")
    assert python(folder, "-c", f"import text; {PRINT}") == SHOWN


def test_no_bytecode_allowed(folder: Repo) -> None:
    folder.write("text.py", STUB + SHOW)
    commit(folder, "text")
    assert python(folder, "text.py", PYTHONDONTWRITEBYTECODE="1") == SHOWN
    assert not list(folder.path.rglob("*.pyc"))


def test_bytecode_elsewhere(folder: Repo, tmp_path: Path) -> None:
    folder.write("text.py", STUB + SHOW)
    commit(folder, "text")
    for _ in range(2):
        assert python(folder, "text.py", PYTHONPYCACHEPREFIX=str(tmp_path / "cache")) == SHOWN
    assert not list(folder.path.rglob("*.pyc"))
    assert len(list((tmp_path / "cache").rglob(".jiti/text/*.jiti1.pyc"))) == 2


def test_folders_that_cannot_be_written(folder: Repo) -> None:
    # A file where the cache folder would be stops even root, as a read-only mount does.
    folder.write("text.py", STUB + SHOW)
    commit(folder, "text")
    folder.write(".jiti/text/__pycache__", "")
    for _ in range(2):
        assert python(folder, "text.py") == SHOWN


def test_compiled_ahead_for_folders_that_cannot_be_written(folder: Repo) -> None:
    folder.write("text.py", STUB + SHOW)
    folder.write("future.py", "from __future__ import annotations\n" + STUB + SHOW)
    for module in ("text", "future"):
        commit(folder, module)
    done = folder.jiti("compile")
    assert (done.code, done.err) == (0, "")
    assert ".jiti: compiled 4 of 4 units for Python" in done.out
    forbid = "import sys; sys.modules['ast'] = sys.modules['jiti_bot.transform'] = None; "
    for module in ("text", "future"):
        run = f"{forbid}import {module} as text; {PRINT}"
        assert python(folder, "-c", run, PYTHONDONTWRITEBYTECODE="1") == SHOWN


def test_compile_tells_what_is_broken(folder: Repo) -> None:
    commit(folder, "text")
    folder.write(".jiti/text/g.py", "def g(:\n")
    done = folder.jiti("compile")
    assert done.code == 5
    assert f"{Path('.jiti/text/g.py')}:1" in done.err
    assert "compiled 2 of 3" in done.out
    assert folder.jiti("compile", "nowhere").code == 14
    assert folder.jiti("compile", ".jiti/text").code == 14


def test_compile_for_machines(folder: Repo) -> None:
    commit(folder, "text")
    found = json.loads(folder.jiti("compile", "--json", ".").out)
    assert [Path(one["source"]).name for one in found["compiled"]] == ["Box.v.py", "f.py"]
    assert all(Path(one["bytecode"]).exists() for one in found["compiled"])
    assert found["refused"] == []
    assert found["stores"] == [str(folder.path / ".jiti")]


def test_threads_that_import_and_call_at_once(folder: Repo) -> None:
    folder.write("text.py", STUB)
    folder.write("right.py", "from jiti import jiti\n@jiti\ndef g(n): ...\n")
    commit(folder, "text")
    folder.write(".jiti/text/f.py", "from right import g\n\n\ndef f(n: int = 1) -> int:\n    return g(n)\n")
    folder.write(".jiti/right/g.py", "from text import f\n\n\ndef g(n):\n    return n * 2\n")
    folder.write(
        "many.py",
        "import threading, importlib\n"
        "start = threading.Barrier(8)\nseen = []\n"
        "def work(name):\n    start.wait()\n    module = importlib.import_module(name)\n"
        "    seen.append(getattr(module, 'f' if name == 'text' else 'g')(4))\n"
        "threads = [threading.Thread(target=work, args=(name,)) for name in ['text', 'right'] * 4]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(seen)\n",
    )
    for _ in range(5):
        assert python(folder, "many.py") == f"{[8] * 8}\n"


def test_pickling_into_another_process(folder: Repo) -> None:
    folder.write("text.py", STUB)
    folder.write(".jiti/text/f.py", "def _one(n):\n    return n * 2\n\n\ndef f(n: int = 1) -> int:\n    return _one\n")
    folder.write(
        "pool.py",
        "import multiprocessing, text\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with context.Pool(1) as pool:\n"
        "        print(pool.map(text.f(), [1, 2]))\n",
    )
    assert python(folder, "pool.py") == "[2, 4]\n"


def test_doctest_runs_the_stubs_examples(folder: Repo) -> None:
    source = STUB.replace(
        "Twice ``n``.", "Twice ``n``.\n\n    >>> f(2)\n    4\n    >>> f(2) == Box().v - 3\n    True\n    "
    )
    folder.write("text.py", source)
    commit(folder, "text")
    assert "2 passed" in python(folder, "-m", "doctest", "-v", "text.py")


def test_import_of_jiti_is_light(folder: Repo) -> None:
    source = "import sys; before = set(sys.modules); import jiti; print(sorted(set(sys.modules) - before))"
    assert python(folder, "-S", "-c", source) == "['jiti', 'jiti_bot', 'jiti_bot.runtime']\n"


def test_the_first_stub_imports_little(folder: Repo) -> None:
    folder.write("text.py", STUB)
    commit(folder, "text")
    heavy = "{'ast', 're', 'typing', 'inspect', 'dataclasses', 'functools', 'enum', 'json', 'linecache', 'tomllib'}"
    source = f"import sys; before = set(sys.modules); import text; print(({heavy} - before) & set(sys.modules))"
    python(folder, "-c", "import text", PYTHONDONTWRITEBYTECODE="")
    assert python(folder, "-S", "-c", source) == "set()\n"


@pytest.mark.parametrize("where", ["src/app/.jiti", ".jiti"])
def test_clear_is_seen_by_the_next_process(folder: Repo, where: str) -> None:
    folder.write("pyproject.toml", "")
    folder.write("src/app/text.py", STUB + "\nprint(f())\nfrom jiti import clear\nclear()\n")
    commit(folder, "text" if "app" in where else "src/app/text", where)
    assert python(folder, "src/app/text.py") == "2\n"
    assert not (folder.path / where).exists()
    assert "NotGeneratedError" in folder.run(sys.executable, "src/app/text.py").err
