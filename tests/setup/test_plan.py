"""A project as it is, and the files that setting it up makes of it."""

import tomllib

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.settings import read_project
from jiti_bot.setup.model import Project
from jiti_bot.setup.plan import plan
from jiti_bot.store.paths import IGNORED
from tests.action.workflows import load
from tests.setup.projects import DEV, after, done, project

JITI = "[tool.jiti]\n# US dollars: for one stub, and for one run.\nmax_usd = 1.0\nmax_usd_run = 20.0\n"
HOOK = "repos:\n- repo: https://github.com/jiti-bot/jiti-bot\n  rev: v1\n  hooks:\n  - id: jiti\n"
ALSO = 'exclude_also = ["raise NotImplementedError"]\n'
LINES = "exclude_also =\n    raise NotImplementedError\n"
#: Files of every project: those, unless a row says other ones, are written and not looked at.
ALWAYS = {".jiti/.gitignore", ".gitattributes", ".pre-commit-config.yaml", ".github/workflows/jiti.yml"}

# name: (files, what is written beyond those of every project)
ROWS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "nothing-is-used": ({"pyproject.toml": "[project]\n"}, {"pyproject.toml": f"[project]\n\n{JITI}"}),
    "empty-pyproject": ({"pyproject.toml": ""}, {"pyproject.toml": JITI}),
    "no-pyproject": ({}, {}),
    "own-settings": ({"pyproject.toml": "[tool.jiti]\nmax_usd = 3\n"}, {}),
    "ruff-in-pyproject": (
        {"pyproject.toml": "[tool.jiti]\n[tool.ruff]\n"},
        {"pyproject.toml": '[tool.jiti]\n[tool.ruff]\nextend-exclude = [".jiti"]\n'},
    ),
    "ruff-spares-it-already": ({"pyproject.toml": '[tool.jiti]\n[tool.ruff]\nexclude = ["**/.jiti/**"]\n'}, {}),
    "ruff-in-a-file-of-its-own": (
        {"pyproject.toml": "[tool.jiti]\n[tool.ruff]\n", "ruff.toml": "[lint]\n", ".ruff.toml": ""},
        {".ruff.toml": 'extend-exclude = [".jiti"]\n'},
    ),
    "ruff-is-used-and-not-configured": (
        {"pyproject.toml": "[tool.jiti]\n" + DEV.format("ruff>=0.14")},
        {"pyproject.toml": "[tool.jiti]\n" + DEV.format("ruff>=0.14") + '\n[tool.ruff]\nextend-exclude = [".jiti"]\n'},
    ),
    "ruff-is-used-without-pyproject": (
        {"requirements-dev.txt": "pytest\nruff==0.14\n"},
        {"ruff.toml": 'extend-exclude = [".jiti"]\n'},
    ),
    "ruff-is-only-talked-of": ({"pyproject.toml": "# ruff\n[tool.jiti]\n[project]\nname = 'my-ruff'\n"}, {}),
    "ty-in-pyproject": (
        {"pyproject.toml": "[tool.jiti]\n[tool.ty.environment]\npython-version = '3.11'\n"},
        {
            "pyproject.toml": "[tool.jiti]\n[tool.ty.environment]\npython-version = '3.11'\n\n"
            '[tool.ty.src]\nexclude = [".jiti"]\n'
        },
    ),
    "ty-in-a-file-of-its-own": (
        {"ty.toml": "[src]\ninclude = ['a']\n", "pyproject.toml": "[tool.jiti]\n[tool.ty]\n"},
        {"ty.toml": "[src]\ninclude = ['a']\nexclude = [\".jiti\"]\n"},
    ),
    "ty-is-used-in-a-workflow": (
        {".github/workflows/ci.yml": "jobs: {a: {steps: [{run: uvx ty check}]}}\n"},
        {"ty.toml": '[src]\nexclude = [".jiti"]\n'},
    ),
    "ruff-spares-some-of-it": (
        {"pyproject.toml": '[tool.jiti]\n[tool.ruff]\nextend-exclude = [".jiti/tests"]\n'},
        {"pyproject.toml": '[tool.jiti]\n[tool.ruff]\nextend-exclude = [".jiti/tests", ".jiti"]\n'},
    ),
    "dot-folders-are-spared": (
        {"pyproject.toml": '[tool.jiti]\n[tool.ruff]\nexclude = [".*"]\n[tool.ty.src]\nexclude = ["**/.*/"]\n'},
        {},
    ),
    "flake8-in-setup.cfg": (
        {"setup.cfg": "[flake8]\nextend_exclude = a,b\n", ".flake8": "[flake8]\n"},
        {"setup.cfg": "[flake8]\nextend_exclude = a,b\n    .jiti\n"},
    ),
    "flake8-in-its-own-file": (
        {".flake8": "[flake8]\n# wide\nmax-line-length = 100\n"},
        {".flake8": "[flake8]\n# wide\nmax-line-length = 100\nextend-exclude =\n    .jiti\n"},
    ),
    "flake8-spares-it-already": ({"tox.ini": "[flake8]\nexclude =\n    docs,\n    .jiti\n"}, {}),
    "coverage-in-its-own-toml": (
        {".coveragerc.toml": "[run]\nbranch = true\n", "pyproject.toml": "[tool.jiti]\n[tool.coverage.run]\n"},
        {".coveragerc.toml": f"[run]\nbranch = true\n\n[report]\n{ALSO}"},
    ),
    "coverage-in-pyproject": (
        {"pyproject.toml": "[tool.jiti]\n[tool.coverage.run]\nbranch = true\n"},
        {"pyproject.toml": f"[tool.jiti]\n[tool.coverage.run]\nbranch = true\n\n[tool.coverage.report]\n{ALSO}"},
    ),
    "coverage-leaves-it-out-already": (
        {"pyproject.toml": '[tool.jiti]\n[tool.coverage.report]\nexclude_lines = ["raise (NotImpl|Assert)"]\n'},
        {},
    ),
    "coverage-in-its-own-file": (
        {".coveragerc": "[run]\nbranch = 1\n", "pyproject.toml": "[tool.jiti]\n[tool.coverage.run]\n"},
        {".coveragerc": f"[run]\nbranch = 1\n\n[report]\n{LINES}"},
    ),
    "coverage-in-setup.cfg": (
        {"setup.cfg": "[metadata]\nname = a\n[coverage:report]\nfail_under = 9\n"},
        {"setup.cfg": f"[metadata]\nname = a\n[coverage:report]\nfail_under = 9\n{LINES}"},
    ),
    "coverage-in-tox.ini": (
        {"setup.cfg": "[metadata]\n", "tox.ini": "[coverage:run]\nbranch = 1\n"},
        {"tox.ini": f"[coverage:run]\nbranch = 1\n\n[coverage:report]\n{LINES}"},
    ),
    "pytest-cov-is-used": (
        {"pyproject.toml": "[tool.jiti]\n" + DEV.format("pytest-cov~=7.0")},
        {"pyproject.toml": "[tool.jiti]\n" + DEV.format("pytest-cov~=7.0") + f"\n[tool.coverage.report]\n{ALSO}"},
    ),
    "coverage-is-used-without-pyproject": (
        {"tox.ini": "[testenv]\ndeps = pytest-cov\n"},
        {".coveragerc": f"[report]\n{LINES}"},
    ),
    "windows": (
        {"pyproject.toml": "[tool.jiti]\r\n[tool.ruff]\r\n"},
        {"pyproject.toml": '[tool.jiti]\r\n[tool.ruff]\r\nextend-exclude = [".jiti"]\r\n'},
    ),
}


@pytest.mark.parametrize(("files", "written"), ROWS.values(), ids=ROWS)
def test_tools_and_settings(files: dict[str, str], written: dict[str, str]) -> None:
    before = project(files)
    found = plan(before)
    assert {path: text for path, text in after(found).items() if path not in ALWAYS} == written
    assert found.by_hand == ()
    assert all(_adds(edit.before or b"", edit.after) for edit in found.edits)
    again = plan(done(before, found))
    assert again.edits == ()
    assert {one.path for one in again.kept} >= ALWAYS | set(written)


def _adds(before: bytes, after: bytes) -> bool:
    """Whether nothing of ``before`` was taken away or moved."""
    rest = iter(after)
    return all(byte in rest for byte in before)


def test_the_settings_that_are_written_are_the_defaults() -> None:
    written = read_project(JITI)
    assert written.overlay({}, {}).max_usd == read_project("").max_usd
    assert written.max_usd_run == read_project("").max_usd_run


def test_who_builds_wheels_is_told_where_the_store_can_be() -> None:
    files = {"pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n', "src/app/__init__.py": ""}
    found = after(plan(project(files)))["pyproject.toml"]
    assert found.endswith(
        '# To ship the implementations in a wheel, keep them in the package:\n# store = "src/app/.jiti"\n'
    )


def test_a_store_of_its_own_place() -> None:
    files = {"pyproject.toml": '[tool.jiti]\nstore = "src/app/.jiti"\n[tool.ty]\n'}
    found = after(plan(project(files, store="src/app/.jiti")))
    assert found["src/app/.jiti/.gitignore"] == IGNORED
    assert 'exclude = ["**/.jiti"]' in found["pyproject.toml"]
    assert "\nsrc/app/.jiti/** text eol=lf\n" in found[".gitattributes"]


@pytest.mark.parametrize(
    ("store", "excluded", "expected"),
    [
        (".jiti", [".jiti"], None),
        (".jiti", ["./.jiti/**", "a"], None),
        (".jiti", ["**/.jiti/"], None),
        (".jiti", ["src/app/.jiti"], ["src/app/.jiti", ".jiti"]),
        ("src/app/.jiti", [".jiti"], [".jiti", "**/.jiti"]),
        ("src/app/.jiti", ["src/app/.jiti/"], None),
    ],
)
def test_to_ty_a_name_is_that_beside_its_configuration(
    store: str, excluded: list[str], expected: list[str] | None
) -> None:
    found = after(plan(project({"pyproject.toml": f"[tool.jiti]\n[tool.ty.src]\nexclude = {excluded}\n"}, store=store)))
    written = found.get("pyproject.toml")
    assert (tomllib.loads(written)["tool"]["ty"]["src"]["exclude"] if written else None) == expected


FILES: dict[str, tuple[str, str, str | None]] = {
    "gitignore-of-the-store": (".jiti/.gitignore", "mine\n.cache/\n", "mine\n.cache/\n\n__pycache__/\n*.jiti-tmp\n"),
    "gitignore-of-everything": (".jiti/.gitignore", "*\n", None),
    "attributes": (".gitattributes", "*.py text\n", "*.py text\n\n# "),
    "attributes-in-a-comment": (".gitattributes", "# .jiti/x\n", "# .jiti/x\n\n# "),
    "attributes-of-the-store": (".gitattributes", ".jiti/** -text\n", None),
}


@pytest.mark.parametrize(("path", "before", "expected"), FILES.values(), ids=FILES)
def test_files_that_are_there(path: str, before: str, expected: str | None) -> None:
    found = after(plan(project({path: before}))).get(path)
    assert (found is None) if expected is None else (found or "").startswith(expected)


def test_attributes_leave_the_code_open_for_review() -> None:
    found = after(plan(project({})))[".gitattributes"]
    rules = [line for line in found.splitlines() if not line.startswith("#")]
    assert rules == [".jiti/** text eol=lf", ".jiti/tests/**/test_scratch_*.py linguist-generated"]


def test_a_project_below_the_top() -> None:
    files = {
        "pyproject.toml": "[tool.ruff]\n",
        "services/an api/pyproject.toml": '[project]\nname = "api"\n[tool.ty]\n',
        ".pre-commit-config.yaml": "repos: []\n",
    }
    before = project(files, "services/an api")
    found = plan(before)
    texts = after(found)
    assert set(texts) == {
        "pyproject.toml",
        ".pre-commit-config.yaml",
        ".github/workflows/jiti.yml",
        *(f"services/an api/{name}" for name in ("pyproject.toml", ".jiti/.gitignore", ".gitattributes")),
    }
    assert texts["pyproject.toml"] == '[tool.ruff]\nextend-exclude = [".jiti"]\n', "which holds for folders below"
    assert "[tool.jiti]" in texts["services/an api/pyproject.toml"]
    assert '[tool.ty.src]\nexclude = [".jiti"]' in texts["services/an api/pyproject.toml"]
    assert "\n.jiti/** text" in texts["services/an api/.gitattributes"]
    jobs = load(texts[".github/workflows/jiti.yml"])["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert {step["with"]["directory"] for step in steps if step.get("uses", "").startswith("jiti-bot/")} == {
        "services/an api"
    }
    assert {step["working-directory"] for step in steps if "run" in step} == {"services/an api"}
    assert plan(done(before, found)).edits == ()


@pytest.mark.parametrize(
    ("there", "note", "missing"),
    [
        (project({}, origin="git@gitlab.com:a/b.git"), "The remote is on gitlab", ".github/workflows/jiti.yml"),
        (project({}, ignored=True), "git ignores .jiti", ".gitattributes"),
        (project({}, ignored=True), "git ignores .jiti", ".github/workflows/jiti.yml"),
    ],
)
def test_what_would_be_of_no_use_is_left_out(there: Project, note: str, missing: str) -> None:
    found = plan(there)
    assert any(one.startswith(note) for one in found.notes)
    assert missing not in after(found)


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[a\n"}, "pyproject.toml:1"),
        ({"ruff.toml": "a = 1\nb\n"}, "ruff.toml:2"),
        ({".coveragerc": "[run]\nx\n"}, ".coveragerc:2"),
        ({".pre-commit-config.yaml": "a: [\n"}, ".pre-commit-config.yaml:2"),
        ({".pre-commit-config.yaml": "a: \udcff\n"}, ".pre-commit-config.yaml:1"),
    ],
)
def test_a_broken_file_stops_everything(files: dict[str, str], where: str) -> None:
    data = {path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}
    with pytest.raises(ConfigurationError) as caught:
        plan(Project("", data, ".jiti", "1"))
    assert caught.value.where == where


def test_what_finds_no_place_is_told_with_the_text_to_add() -> None:
    found = plan(
        project({"pyproject.toml": "[tool]\nruff = {}\njiti = {}\n", ".pre-commit-config.yaml": "{fail_fast: true}\n"})
    )
    assert {one.where: one.text for one in found.by_hand} == {
        "pyproject.toml": '[tool.ruff]\nextend-exclude = [".jiti"]',
        ".pre-commit-config.yaml": HOOK.replace("- ", "  - ", 1)
        .replace("\n  rev", "\n    rev")
        .replace("\n  hooks", "\n    hooks")
        .replace("\n  - id", "\n      - id"),
    }
    assert {".pre-commit-config.yaml", "pyproject.toml"}.isdisjoint(after(found))
