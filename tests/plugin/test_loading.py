"""What it costs a project to have the plugin installed, and that it disturbs nothing there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin.shop import ALL, names, pytest_run
from tests.repo import ROOT, Repo, environment

METADATA = "Metadata-Version: 2.1\nName: jiti-bot\nVersion: 0.1.0\n"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A folder with the package as a wheel leaves it: pytest knows its files, and would rewrite them."""
    folder = tmp_path / "installed"
    shutil.copytree(ROOT / "jiti_bot", folder / "jiti_bot", ignore=shutil.ignore_patterns("__pycache__", "_examples"))
    shutil.copy(ROOT / "jiti.py", folder / "jiti.py")
    about = folder / "jiti_bot-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(METADATA)
    (about / "entry_points.txt").write_text("[pytest11]\njiti = jiti_bot.pytest_plugin\n")
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return folder


def test_importing_it_loads_next_to_nothing() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import jiti_bot.pytest_plugin as plugin;"
        "print(plugin.__name__, *(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert set(done.stdout.split()) == {"jiti_bot", "jiti_bot.runtime", "jiti_bot.pytest_plugin"}


def test_a_run_without_gates_reads_no_project(folder: Repo) -> None:
    folder.write(
        "test_x.py",
        "import sys\n\n\ndef test_x():\n"
        "    loaded = {name for name in sys.modules if name.startswith('jiti_bot.')}\n"
        "    assert loaded <= {'jiti_bot.runtime', 'jiti_bot.layout', 'jiti_bot.pytest_plugin',\n"
        "        'jiti_bot.pytest_plugin.session', 'jiti_bot.pytest_plugin.gates', 'jiti_bot.pytest_plugin.lacking'}\n",
    )
    done = pytest_run(folder, "-q", "--doctest-modules")
    assert done.code == 0, done.out


def test_a_wheel_warns_of_nothing_though_imported_before_pytest(project: Repo, wheel: Path) -> None:
    code = "import jiti, pytest; raise SystemExit(pytest.main(['-rA', '-W', 'error', '-p', 'no:asyncio']))"
    done = project.run(sys.executable, "-c", code, PYTHONPATH=os.pathsep.join([str(wheel), str(project.path)]))
    assert done.code == 0, done.out + done.err
    assert "jiti-bot-0.1.0" in done.out
    assert names(done) == {*ALL, "test_plain"}


def test_it_can_be_switched_off(project: Repo) -> None:
    done = pytest_run(project, "-p", "no:jiti")
    assert done.code == 0
    assert "jiti:" not in done.out


def test_it_needs_no_git(tmp_path: Path, project: Repo) -> None:
    shutil.rmtree(project.path / ".git")
    alone = Repo(project.path, environment(tmp_path, PATH=str(Path(sys.executable).parent)))
    assert "jiti: 3 of 4 stubs proved" in pytest_run(alone).out


def test_it_stands_beside_a_folder_without_project_files(folder: Repo) -> None:
    folder.write("m.py", 'from jiti import jiti\n\n\n@jiti\ndef f() -> int:\n    """One."""\n')
    folder.write(".jiti/m/f.py", "def f() -> int:\n    return 1\n")
    folder.write(
        "test_m.py",
        "from jiti import jiti\nfrom m import f\n\n\n@jiti.required_for(f)\ndef test_f():\n    assert f() == 1\n",
    )
    out = pytest_run(folder).out
    assert "jiti: 1 stub proved" in out
    assert "proved   m.f  1 gate" in out
