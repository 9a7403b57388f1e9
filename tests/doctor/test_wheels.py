"""Reading and building agree: what is said of a project by reading is what a wheel of it holds."""

import os
import sys
from pathlib import Path

import pytest

from jiti_bot.doctor import packaging, wheel
from jiti_bot.doctor.diagnosis import Diagnosis, Level
from jiti_bot.doctor.ground import Ground, survey
from jiti_bot.errors import JitiError
from tests.doctor.kit import BODY, NOTE, OK, PROBLEM, STUB, WARNING, lay
from tests.packaging.backends import BACKENDS, PACKAGE_STORE, ROOT_STORE, Backend
from tests.repo import Repo

BY_NAME = {backend.name: backend for backend in BACKENDS}
PDM = '[build-system]\nbuild-backend = "pdm.backend"\n'
BIN = str(Path(sys.executable).parent)


def project(folder: Path, backend: Backend, store: str) -> Ground:
    return lay(folder, backend.files(store), PATH=os.pathsep.join((BIN, os.environ["PATH"])), PYTHONPATH="")


def read(ground: Ground) -> Diagnosis:
    return packaging.judge(packaging.gather(ground), ignored=False)


def silent(backend: Backend) -> Backend:
    """The same that says nothing of a store."""
    return Backend(backend.name, backend.module, plain=backend.plain)


@pytest.mark.parametrize(
    ("name", "store", "told", "level"),
    [
        ("hatchling", ROOT_STORE, True, OK),
        ("hatchling", ROOT_STORE, False, WARNING),
        ("hatchling", PACKAGE_STORE, False, OK),
        ("setuptools", ROOT_STORE, True, NOTE),
        ("setuptools", ROOT_STORE, False, WARNING),
        ("setuptools", PACKAGE_STORE, True, OK),
        ("setuptools", PACKAGE_STORE, False, WARNING),
        ("poetry-core", ROOT_STORE, True, OK),
        ("poetry-core", ROOT_STORE, False, WARNING),
        ("poetry-core", PACKAGE_STORE, True, OK),
        ("uv_build", ROOT_STORE, False, WARNING),
        ("uv_build", PACKAGE_STORE, False, OK),
        ("flit", ROOT_STORE, False, WARNING),
        ("flit", PACKAGE_STORE, False, OK),
    ],
)
def test_by_reading(tmp_path: Path, name: str, store: str, told: bool, level: Level) -> None:
    backend = BY_NAME[name] if told else silent(BY_NAME[name])
    said = read(project(tmp_path, backend, store))
    assert said.level is level, said
    assert said.what.startswith(name)
    assert said.remedy


@pytest.mark.parametrize(
    ("files", "level", "words"),
    [
        ({}, NOTE, "builds none"),
        ({"pyproject.toml": '[project]\nname = "a"\n'}, NOTE, "builds none"),
        ({"setup.py": "", "src/app/.jiti/text/slugify.py": BODY}, WARNING, "setuptools would leave"),
        ({"pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n'}, OK, "no committed code"),
        (
            {"pyproject.toml": '[build-system]\nbuild-backend = "mesonpy"\n', ".jiti/app/text/f.py": BODY},
            NOTE, "mesonpy: whether",
        ),
        (
            {"pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n', ".jiti/text/f.py": BODY},
            NOTE, "text.py is in no package",
        ),
        (
            {"pyproject.toml": '[build-system]\nbuild-backend = "flit_core.buildapi"\n', ".jiti/tests/x/f.py": BODY},
            OK, "no committed code",
        ),
        (
            {"pyproject.toml": PDM, "src/app/text.py": STUB, ".jiti/src/app/text/f.py": BODY},
            WARNING, "pdm-backend would leave",
        ),
        ({"pyproject.toml": PDM, "src/app/.jiti/text/f.py": BODY}, OK, "pdm-backend takes"),
        (
            {"pyproject.toml": f"{PDM}[tool.pdm.build]\nincludes = []\n", ".jiti/src/app/text/f.py": BODY},
            NOTE, "pdm-backend: whether",
        ),
        ({"pyproject.toml": "[build-system]\nbuild-backend = 3\n[tool]\nhatch = 4\n"}, OK, "setuptools"),
    ],
)  # fmt: skip
def test_other_projects(tmp_path: Path, files: dict[str, str], level: Level, words: str) -> None:
    said = read(lay(tmp_path, files))
    assert said.level is level, said
    assert words in said.what


def test_an_ignored_store_is_in_no_fresh_wheel(tmp_path: Path) -> None:
    found = packaging.gather(project(tmp_path, BY_NAME["hatchling"], ROOT_STORE))
    assert packaging.judge(found, ignored=True).level is WARNING


@pytest.mark.parametrize(
    ("name", "store", "level"),
    [("hatchling", ROOT_STORE, OK), ("hatchling", "", PROBLEM)],
)
def test_by_building(tmp_path: Path, name: str, store: str, level: Level) -> None:
    backend = BY_NAME[name] if store else silent(BY_NAME[name])
    ground = project(tmp_path, backend, store or ROOT_STORE)
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    said = wheel.judge(wheel.build(ground, sys.executable))
    assert [one.level for one in said] == [level], said
    assert ("all 2 units" in said[0].what) == (level is OK)
    assert {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts} == before


def test_what_reading_asks_for_is_what_building_needs(tmp_path: Path) -> None:
    """The remedy, written where it says, mends it."""
    backend = silent(BY_NAME["hatchling"])
    files = backend.files(ROOT_STORE)
    remedy = read(project(tmp_path, backend, ROOT_STORE)).remedy
    line, table = remedy.removeprefix("Write `").removesuffix(".").split("` under ")
    files["pyproject.toml"] += f"\n{table}\n{line}\n"
    mended = lay(tmp_path, files)
    assert read(mended).level is OK
    assert (table, line) == ("[tool.hatch.build.targets.wheel.force-include]", '".jiti/src/app" = "app/.jiti"')


def test_poetry_is_told_of_the_package_too(tmp_path: Path) -> None:
    backend = silent(BY_NAME["poetry-core"])
    files = backend.files(ROOT_STORE)
    remedy = read(project(tmp_path, backend, ROOT_STORE)).remedy
    line, table = remedy.removeprefix("Write `").removesuffix(".").split("` under ")
    files["pyproject.toml"] += f"\n{table}\n{line}\n"
    mended = lay(tmp_path, files, PYTHONPATH="")
    assert read(mended).level is OK
    assert [one.level for one in wheel.judge(wheel.build(mended, sys.executable))] == [OK]


def test_a_build_that_fails_is_a_line(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "setuptools.build_meta"\n'}
    ground = lay(tmp_path, {**files, "setup.py": "raise ValueError('no wheels on Mondays')\n"}, PYTHONPATH="")
    (said,) = wheel.judge(wheel.build(ground, sys.executable))
    assert said.level is PROBLEM
    assert "ValueError: no wheels on Mondays" in said.what
    assert "-m build --wheel" in said.remedy


def test_what_a_build_lacks_is_looked_for_as_anybody_would(tmp_path: Path) -> None:
    pyproject = '[build-system]\nrequires = ["jiti-lacks-this"]\nbuild-backend = "setuptools.build_meta"\n'
    ground = lay(tmp_path, {"pyproject.toml": pyproject}, PYTHONPATH="", PIP_NO_INDEX="1")
    (said,) = wheel.judge(wheel.build(ground, sys.executable))
    assert "No matching distribution found for jiti-lacks-this" in said.what


def test_a_wheel_is_judged_by_where_the_runtime_looks(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    units = {
        ".jiti/src/app/text/slugify.py": "app/.jiti/text/slugify.py",  # as it should be
        ".jiti/src/app/lost/f.py": "elsewhere/.jiti/lost/f.py",  # taken along to where nobody looks
        ".jiti/src/app/bad/f.py": "app/.jiti/bad/f.py",  # no Python
        ".jiti/tools/script/f.py": "",  # for a file that is not in the wheel
    }
    lay(site, {"app/text.py": STUB, "app/lost.py": STUB, "app/bad.py": STUB})
    for unit, place in units.items():
        if place:
            (site / place).parent.mkdir(parents=True, exist_ok=True)
            (site / place).write_text("def (:\n" if "bad" in unit else BODY, "utf-8")
    found = wheel.look("app.whl", str(site), tuple(units))
    assert found.left == (".jiti/tools/script/f.py",)
    assert [unit for unit, place in found.found.items() if not place] == [".jiti/src/app/lost/f.py"]
    assert list(found.refused) == [".jiti/src/app/bad/f.py"]
    said = wheel.judge(found)
    assert [one.level for one in said] == [PROBLEM, PROBLEM]
    assert "lacks 1 of 3 units, first .jiti/src/app/lost/f.py" in said[0].what


def test_an_error_is_a_line() -> None:
    assert wheel.judge(JitiError("no room", remedy="Make some."))[0].level is PROBLEM


def test_a_checkout_is_copied_without_what_git_ignores(repo: Repo, tmp_path: Path) -> None:
    repo.write(".gitignore", "secret\n.jiti/\n")
    repo.write("secret", "sesame")
    repo.write("new.py", "")
    repo.write(".jiti/new/f.py", BODY)
    wheel._copy(survey(str(repo.path), repo.env), str(tmp_path / "copy"))
    copied = {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*.*")}
    assert copied == {".gitignore", "new.py", ".jiti", ".jiti/new/f.py"}
