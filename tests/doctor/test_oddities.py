"""Whatever stands in a project's files, there is an answer."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from jiti_bot.doctor import github, hook, interpreter, measuring, packaging, tools, workflows
from jiti_bot.doctor.ground import Ground
from tests.doctor.kit import BODY, STUB, lay

NAMES = (
    "project", "tool", "dependencies", "dynamic", "build-system", "build-backend", "hatch", "build", "targets", "wheel",
    "force-include", "setuptools", "package-data", "poetry", "packages", "from", "to", "ruff", "ty", "src", "exclude",
    "extend-exclude", "coverage", "run", "report", "source", "omit", "exclude_also", "pytest", "ini_options", "addopts",
    ".jiti/src/app",
)  # fmt: skip
WORDS = ("", ".jiti", "app", "hatchling.build", "setuptools.build_meta", "flit_core", "--cov", "--cov='", "poetry", "[")
STEPS = (
    "on", "permissions", "jobs", "a", "steps", "uses", "with", "stage", "token", "secrets", "contents", "id",
)  # fmt: skip
SAYINGS = (
    "push", "pull_request_target", "jiti-bot/jiti-bot@v1", "jiti-bot/jiti-bot/.github/workflows/bot.yml@v1", "./",
    "${{ github.token }}", "${{ steps.a.outputs.token }}", "write", "write-all", "publish", "inherit", "",
)  # fmt: skip


def documents(names: tuple[str, ...], words: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    leaves = st.sampled_from(words) | st.integers(-1, 3) | st.booleans()
    key = st.sampled_from(names)
    return st.dictionaries(
        key,
        st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=4)),
        max_size=5,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return lay(tmp_path_factory.mktemp("odd"), {"src/app/text.py": STUB, ".jiti/src/app/text/slugify.py": BODY})


@settings(deadline=None, max_examples=80)
@given(documents(NAMES, WORDS), st.booleans())
def test_any_pyproject(project: Ground, document: dict[str, Any], nested: bool) -> None:
    odd = replace(project, pyproject={"tool": document} if nested else document)
    told = packaging.gather(odd)
    said = [
        packaging.judge(told, ignored=False),
        measuring.judge(measuring.gather(odd), odd.units),
    ]
    interpreter.needed(odd.pyproject)
    assert all(one.what for one in said)
    assert all(one.remedy for one in said if not one.is_well)


@settings(deadline=None, max_examples=40)
@given(documents(STEPS, SAYINGS))
def test_any_workflow(document: dict[str, Any]) -> None:
    text = StringIO()
    YAML(typ="safe", pure=True).dump(document, text)
    assert _answers(text.getvalue())


@settings(deadline=None, max_examples=80)
@given(
    st.text(alphabet="-:{}[]'\"#&*!|> \n\tab0@./")
    | st.sampled_from(("\x00", "\ud800", "a: *b", "? ", "%", "2026-99-99"))
)
def test_any_text(text: str) -> None:
    assert _answers(text)
    hook.ids(text)


def _answers(text: str) -> bool:
    found = workflows.read("w.yml", text)
    said = github.workflows(github.Bot((found,), (), None))
    return all(one.what and (one.is_well or one.remedy) for one in said)


@pytest.mark.parametrize(
    "name",
    [
        ".coveragerc",
        ".coveragerc.toml",
        "setup.cfg",
        "tox.ini",
        "pytest.ini",
        "ruff.toml",
        ".flake8",
        "setup.py",
        "MANIFEST.in",
    ],
)
@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"[run\n", b"=\n", b"[a]\n[a]\n", b"[tool:pytest]\naddopts = '\n"])
def test_any_other_file(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    odd = lay(tmp_path, {".jiti/src/app/text/slugify.py": BODY})
    assert measuring.judge(measuring.gather(odd), odd.units).what
    assert packaging.judge(packaging.gather(odd), ignored=False).what
    assert all(one.what for one in tools.configured(odd))
