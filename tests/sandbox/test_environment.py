"""Which interpreter, and what is asked of it before anything runs."""

import json
import os
import sys
from pathlib import Path

import pytest

from jiti_bot.errors import ToolError
from jiti_bot.validation import inspection
from jiti_bot.validation.environment import clean_variables, find_python, inspect_environment


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_our_own_where_nothing_is_named(tmp_path: Path) -> None:
    assert find_python(tmp_path, None, {}) == Path(sys.executable)


def test_the_order_of_what_names_one(tmp_path: Path) -> None:
    configured = program(tmp_path / "tools" / "python")
    active = program(tmp_path / "active" / "bin" / "python")
    local = program(tmp_path / ".venv" / "bin" / "python")
    activated = {"VIRTUAL_ENV": str(tmp_path / "active")}

    assert find_python(tmp_path, "tools/python", activated) == configured
    assert find_python(tmp_path, str(configured), activated) == configured
    assert find_python(tmp_path, None, activated) == active
    assert find_python(tmp_path, None, {}) == local


def test_one_on_the_path_by_its_bare_name(tmp_path: Path) -> None:
    found = program(tmp_path / "bin" / "python9")

    assert find_python(tmp_path, "python9", {"PATH": str(tmp_path / "bin")}) == found


MISSING = {
    "setting": ("nowhere/python", {}, "`python` setting"),
    "bare name": ("python-that-is-not-there", {"PATH": os.defpath}, "`python` setting"),
    "a folder": (".", {}, "`python` setting"),
    "activated": (None, {"VIRTUAL_ENV": "/nowhere"}, "VIRTUAL_ENV"),
}


@pytest.mark.parametrize(("configured", "environ", "words"), MISSING.values(), ids=MISSING)
def test_one_that_is_missing(tmp_path: Path, configured: str | None, environ: dict[str, str], words: str) -> None:
    with pytest.raises(ToolError, match=words) as caught:
        find_python(tmp_path, configured, environ)

    assert caught.value.remedy


UNFIT = {
    "no interpreter": ("#!/bin/sh\necho no; echo broken >&2; exit 1\n", "broken"),
    "silent": ("#!/bin/sh\n", "no Python"),
    "not even a program": ("\x7fELF", "could not be started"),
    "too old": (
        f"#!/bin/sh\necho '{json.dumps({'version': [3, 10, 4]})}'\n",
        r"is Python 3\.10; jiti needs 3\.11",
    ),
    "without pytest": (
        "#!/bin/sh\necho '"
        + json.dumps({"version": [3, 12, 0], "prefixes": [], "packages": [], "editable": [], "user_site": None})
        + "'\n",
        "has no pytest",
    ),
}


@pytest.mark.parametrize(("text", "words"), UNFIT.values(), ids=UNFIT)
def test_one_that_cannot_serve(tmp_path: Path, text: str, words: str) -> None:
    python = program(tmp_path / "python", text)

    with pytest.raises(ToolError, match=words) as caught:
        inspect_environment(tmp_path, python, {"PATH": os.defpath})

    assert caught.value.remedy


def test_our_own_is_understood(tmp_path: Path) -> None:
    environment = inspect_environment(tmp_path, Path(sys.executable), {"PATH": os.defpath, "PYTHONPATH": "lib:/opt/x"})

    assert environment.version == sys.version_info[:3]
    assert Path(sys.prefix) in environment.prefixes
    assert environment.python_path == (tmp_path / "lib", Path("/opt/x"))
    assert any((place / "pytest").is_dir() for place in environment.packages)


FINDER = "import __editable___app_finder\n"
DIRECT = "app.dist-info/direct_url.json"
IN_PLACE = {
    "nothing": ({}, []),
    "path": ({"app.pth": "{code}\n"}, ["code"]),
    "path relative to the packages": ({"app.pth": "../code\n"}, ["code"]),
    "comment and missing path": ({"app.pth": "# x\n/nowhere/at/all\n\n"}, []),
    "line that would run": ({"app.pth": "import os; os.makedirs('{code}/ran')\n"}, []),
    "finder": (
        {
            "__editable__.app.pth": "import __editable___app_finder; __editable___app_finder.install()\n",
            "__editable___app_finder.py": "MAPPING: dict[str, str] = {{'app': '{code}'}}\nNAMESPACES = {{}}\n",
        },
        ["code"],
    ),
    "broken finder": (
        {"__editable__.app.pth": FINDER, "__editable___app_finder.py": "("},
        [],
    ),
    "direct url": (
        {DIRECT: '{{"url": "file://{code}", "dir_info": {{"editable": true}}}}'},
        ["code"],
    ),
    "direct url, not editable": ({DIRECT: '{{"url": "file://{code}", "dir_info": {{}}}}'}, []),
    "broken direct url": ({DIRECT: "["}, []),
    "not UTF-8": ({"app.pth": "\udcff\n"}, []),
}


@pytest.mark.parametrize(("files", "expected"), IN_PLACE.values(), ids=IN_PLACE)
def test_code_that_is_installed_in_place(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    packages = tmp_path / "packages"
    (tmp_path / "code").mkdir()
    for name, text in files.items():
        path = packages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.format(code=tmp_path / "code").encode("utf-8", "surrogateescape"))

    assert inspection.in_place(packages) == [tmp_path / name for name in expected]
    assert list((tmp_path / "code").iterdir()) == []


@pytest.mark.parametrize(("shared", "isolated"), [("false", True), ("true", False)])
def test_an_environment_and_its_base(tmp_path: Path, shared: str, isolated: bool) -> None:
    python = program(tmp_path / "env" / "bin" / "python")
    (tmp_path / "env" / "pyvenv.cfg").write_text(f"home = /usr/bin\ninclude-system-site-packages = {shared}\n")

    assert inspection.environment_of(python, Path("/usr")) == (tmp_path / "env", isolated)
    assert inspection.environment_of(Path("/usr/bin/python3"), Path("/usr")) == (Path("/usr"), False)


def test_the_clean_environment_holds_nothing_of_the_callers(tmp_path: Path) -> None:
    environment = inspect_environment(
        tmp_path, Path(sys.executable), {"PATH": os.defpath}, variables={"DATABASE_URL": "sqlite://"}
    )
    around = {"ANTHROPIC_API_KEY": "x", "GITHUB_TOKEN": "x", "PATH": "/secret/bin", "TZ": "UTC", "PYTEST_ADDOPTS": "-x"}

    variables = clean_variables(environment, around, "/scratch/home", "/scratch/shim")

    assert {"ANTHROPIC_API_KEY", "GITHUB_TOKEN", "PYTEST_ADDOPTS"}.isdisjoint(variables)
    assert (variables["TZ"], variables["DATABASE_URL"]) == ("UTC", "sqlite://")
    assert "/secret/bin" not in variables["PATH"]
    assert variables["PYTHONPATH"].split(os.pathsep)[0] == "/scratch/shim"
