"""What validation knows of a project before anything runs."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.errors import RepositoryError, ToolError
from jiti_bot.validation.project import Project, find_tool
from tests.validation import projects


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = projects.write(tmp_path_factory.mktemp("project"))
    extra = {
        "flat.py": "",
        "pkg/__init__.py": "",
        "pkg/deep/__init__.py": "",
        "pkg/deep/mod.py": "",
        "src/space/mod.py": "",
        "services/one/src/one/__init__.py": "",
        "services/one/src/one/mod.py": "",
        "latin.py": "x = '\xe9'\n",
        ".jiti/src/app/text/count.py": "# jiti 1 app.text.count\ndef count(text): ...\n",
        ".jiti/src/app/text/test_scratch_count.py": "",
    }
    projects.write(root, {name: text for name, text in extra.items() if name != "latin.py"})
    (root / "latin.py").write_bytes(extra["latin.py"].encode("latin-1"))
    (root / "bom.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    return projects.project(root)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("src/app/text.py", "app.text"),
        ("src/app/__init__.py", "app"),
        ("flat.py", "flat"),
        ("pkg/deep/mod.py", "pkg.deep.mod"),
        ("src/space/mod.py", "space.mod"),
        ("services/one/src/one/mod.py", "one.mod"),
        ("tests/test_text.py", "tests.test_text"),
    ],
)
def test_import_names(project: Project, file: str, name: str) -> None:
    assert project.import_name(file) == name


def test_what_can_be_imported(project: Project) -> None:
    modules = project.importable("src/app/text.py")
    assert {"os", "pytest", "app", "pkg", "flat", "space", "jiti"} <= modules
    assert "one" not in modules
    assert "one" in project.importable("services/one/src/one/mod.py")
    assert "nowhere" not in modules


def test_committed_units_of_a_host(project: Project) -> None:
    assert [unit for unit, _ in project.committed(".jiti", "src/app/text.py")] == ["count"]
    assert list(project.committed("src/app/.jiti", "src/app/text.py")) == []


def test_reading(project: Project) -> None:
    assert project.read("bom.py") == "x = 1\n"
    with pytest.raises(RepositoryError, match=r"latin\.py:1"):
        project.read("latin.py")
    with pytest.raises(RepositoryError, match="cannot be read"):
        project.read("gone.py")


def test_tools_are_the_projects_before_ours(tmp_path: Path) -> None:
    theirs = tmp_path / "ruff"
    theirs.write_text("#!/bin/sh\n")
    theirs.chmod(0o755)
    assert find_tool("ruff", tmp_path / "python", {}) == str(theirs)
    assert find_tool("ty", tmp_path / "python", os.environ) == str(Path(sys.executable).parent / "ty")
    with pytest.raises(ToolError, match="nothing-like-it is not installed"):
        find_tool("nothing-like-it", tmp_path / "python", {"PATH": str(tmp_path)})


def test_a_project_is_a_value(project: Project) -> None:
    assert replace(project, ruff="other").ruff == "other"
