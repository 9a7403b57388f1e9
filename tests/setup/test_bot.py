"""The workflow that setting a project up gives it, and how the project is installed there."""

from dataclasses import replace

import pytest

from jiti_bot.setup.plan import plan
from tests.action.workflows import load
from tests.setup.projects import DEV, after, done, project

OURS = "jobs: {a: {steps: [{uses: jiti-bot/jiti-bot@v0}]}}\n"
WORKFLOWS: dict[str, tuple[dict[str, str], set[str], str]] = {
    "none": ({}, {"jiti.yml"}, ""),
    "the-name-is-taken": ({"jiti.yml": "on: push\n"}, {"jiti-bot.yml"}, ""),
    "both-names-are-taken": ({"jiti.yml": "on: push\n", "jiti-bot.yml": "on: push\n"}, set(), "a name of your own"),
    "there-under-another-name": (
        {"stubs.yaml": "jobs:\n  a:\n    uses: jiti-bot/jiti-bot/.github/x.yml@v1\n"},
        set(),
        "",
    ),
    "in-a-comment": ({"ci.yml": "# uses: jiti-bot/jiti-bot@v0\n"}, {"jiti.yml"}, ""),
    "changed-by-hand": ({"jiti.yml": OURS}, set(), ""),
}


@pytest.mark.parametrize(("files", "written", "by_hand"), WORKFLOWS.values(), ids=WORKFLOWS)
def test_the_workflow(files: dict[str, str], written: set[str], by_hand: str) -> None:
    found = plan(project({f".github/workflows/{name}": text for name, text in files.items()}))
    paths = {path.rpartition("/")[2] for path in after(found) if path.startswith(".github/")}
    assert paths == written
    assert bool(by_hand) == bool(found.by_hand)
    assert all(by_hand in one.what for one in found.by_hand)


INSTALL: dict[str, tuple[dict[str, str], str]] = {
    "a-project": ({"pyproject.toml": "[project]\n"}, "--editable . pytest"),
    "an-extra": ({"pyproject.toml": '[project.optional-dependencies]\ntest = ["x"]\n'}, "--editable '.[test]' pytest"),
    "requirements": (
        {"requirements.txt": "", "requirements-dev.txt": ""},
        "-r requirements.txt -r requirements-dev.txt pytest",
    ),
    "setup.py": ({"setup.py": "", "requirements/dev.txt": ""}, "--editable . -r requirements/dev.txt pytest"),
    "settings-alone": ({"pyproject.toml": "[tool.ruff]\n"}, "pytest"),
}


@pytest.mark.parametrize(("files", "expected"), INSTALL.values(), ids=INSTALL)
def test_how_the_project_is_installed(files: dict[str, str], expected: str) -> None:
    assert _install(files) == f"python -m pip install {expected}"


UV = "UV_PROJECT_ENVIRONMENT=$pythonLocation uv sync --inexact --python $pythonLocation/bin/python"
OTHERS: dict[str, tuple[dict[str, str], str]] = {
    "uv": ({"pyproject.toml": "[project]\n[tool.uv]\n[dependency-groups]\ndev = []\n"}, f"uv pytest && {UV}"),
    "uv-by-its-lock": (
        {
            "pyproject.toml": "[project.optional-dependencies]\ntest = []\n[dependency-groups]\ntests = []",
            "uv.lock": "",
        },
        f"uv pytest && {UV} --extra test --group tests",
    ),
    "poetry": (
        {"pyproject.toml": "[tool.poetry.group.dev.dependencies]\npytest = '*'\n"},
        "poetry pytest && POETRY_VIRTUALENVS_CREATE=false poetry install",
    ),
}


@pytest.mark.parametrize(("files", "expected"), OTHERS.values(), ids=OTHERS)
def test_what_pip_cannot_install(files: dict[str, str], expected: str) -> None:
    """Seen to install into a Python that is no virtual environment: uv 0.13, poetry 2."""
    assert _install(files) == f"python -m pip install {expected}"


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[project]\n[tool.hatch.envs.default]\ndependencies = ['x']\n"}, "[tool.hatch.envs]"),
        ({"pyproject.toml": "[project]\n[tool.pdm.dev-dependencies]\na = ['x']\n"}, "[tool.pdm.dev-dependencies]"),
        ({"Pipfile": ""}, "Pipfile"),
    ],
)
def test_what_the_workflow_does_not_install_is_told(files: dict[str, str], where: str) -> None:
    assert any(f"not what stands in {where}: add" in one for one in plan(project(files)).notes)


@pytest.mark.parametrize(
    ("top", "is_uvs"),
    [
        ("", False),
        ("[tool.uv]\n", False),
        ("[tool.uv.workspace]\nmembers = ['libs/*', 'svc/*/b']\n", False),
        ("[tool.uv.workspace]\nmembers = ['*']\n", False),
        ("[tool.uv.workspace]\nmembers = ['./svc/*/']\n", True),
        ("[tool.uv.workspace]\nmembers = ['svc/**']\n", True),
        ("[tool.uv.workspace]\nmembers = ['svc/*']\nexclude = ['svc/a']\n", False),
        ("[tool.uv.workspace]\nmembers = 'svc/a'\n", False),
    ],
)
def test_a_lock_further_up_is_for_the_members_of_its_workspace(top: str, is_uvs: bool) -> None:
    files = {"uv.lock": "", "pyproject.toml": top, "svc/a/pyproject.toml": "[project]\n", "svc/a/requirements.txt": ""}
    pip = "--editable . -r requirements.txt pytest"
    assert _install(files, "svc/a") == f"python -m pip install {f'uv pytest && {UV}' if is_uvs else pip}"


def test_groups_need_a_pip_that_knows_them() -> None:
    found = _install({"pyproject.toml": "[project]\n" + DEV.format("pytest")})
    upgrade = "python -m pip install --upgrade pip"
    assert found == f"{upgrade} && python -m pip install --editable . --group dev pytest"


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        ("", "3.13"),
        (">=3.11", "3.13"),
        (">=3.11,<3.13", "3.12"),
        (">=3.11, <=3.12", "3.12"),
        ("<3.12.4", "3.12"),
        ("==3.11.*", "3.11"),
        ("~=3.11", "3.13"),
        ("~=3.12.1", "3.12"),
        ("!=3.13.*,<4", "3.12"),
        ("<3.5", "3.13"),
        ("whatever", "3.13"),
        ("^3.11", "3.13"),
        ("^3.11,<3.13", "3.12"),
        ("~3.12", "3.12"),
    ],
)
def test_the_python_that_the_project_takes(requires: str, expected: str) -> None:
    table = "[tool.poetry.dependencies]\npython" if requires[:1] in {"^", "~"} else "[project]\nrequires-python"
    found = after(plan(project({"pyproject.toml": f'{table} = "{requires}"\n'})))
    jobs = load(found[".github/workflows/jiti.yml"])["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert {step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")} == {expected}


def _install(files: dict[str, str], folder: str = "") -> str:
    jobs = load(after(plan(project(files, folder)))[".github/workflows/jiti.yml"])["jobs"]
    commands = {step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    (found,) = commands
    return found


def test_a_second_project_gets_a_bot_of_its_own() -> None:
    files = {f"services/{name}/pyproject.toml": f'[project]\nname = "{name}"\n' for name in ("api", "web")}
    first = project(files, "services/api")
    second = replace(done(first, plan(first)), folder="services/web", store="services/web/.jiti")
    found = plan(second)
    written = {path: text for path, text in after(found).items() if path.startswith(".github/")}
    assert set(written) == {".github/workflows/jiti-services-web.yml"}
    texts = [*after(plan(first)).values(), *written.values()]
    bots = [load(text) for text in texts if text.startswith("# jiti-bot:")]
    assert [bot["name"] for bot in bots] == ["jiti, services/api", "jiti, services/web"]
    assert len({bot["concurrency"]["group"].split("-$")[0] for bot in bots}) == 2, "or they would wait for each other"
    again = plan(done(second, found))
    assert (again.edits, again.by_hand) == ((), ())
    every = {".github/workflows/bots.yml": "- uses: jiti-bot/jiti-bot@v1\n  with: {\n  directory: ${{ matrix.a }}\n"}
    assert not any(path.startswith(".github/") for path in after(plan(project({**files, **every}, "services/web"))))
