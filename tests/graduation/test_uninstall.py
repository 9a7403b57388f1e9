"""What can go with jiti, as tables."""

import pytest

from jiti_bot.graduation.uninstall import removals
from jiti_bot.setup.model import Project
from jiti_bot.setup.plan import plan
from jiti_bot.templates import RELEASE, workflow

PROJECT = """\
[project]
name = "app"
dependencies = [
  "jiti-bot>=1", # the decorator
  "rich", # for tables
]

[project.optional-dependencies]
dev = ["jiti-bot[bot]", "pytest"]
bot = ["pytest", "jiti-bot[bot]>=0.1 ; python_version > '3.10'"]

# how much
[tool.jiti]
max_usd = 2.0
test_paths = [
  "tests",
]

[tool.hatch.build.targets.wheel.force-include]
".jiti/src/app" = "app/.jiti"

[tool.ruff]
extend-exclude = [".jiti"]
line-length = 100
"""
LEFT = """\
[project]
name = "app"
dependencies = [
  "rich", # for tables
]

[project.optional-dependencies]
dev = ["pytest"]
bot = ["pytest"]

[tool.hatch.build.targets.wheel.force-include]

[tool.ruff]
extend-exclude = []
line-length = 100
"""
HOOKS = """\
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v1
    hooks:
      - id: ruff

  - repo: https://github.com/jiti-bot/jiti-bot
    rev: v0.1.0
    hooks:
      - id: jiti

      - id: jiti-strict

  - repo: local
    hooks: []
"""
BOT = "- repo: https://github.com/jiti-bot/jiti-bot\n  rev: v1\n  hooks:\n  - id: jiti\n"
LOCAL = "- repo: local\n  hooks:\n  - id: jiti-generate\n    entry: jiti generate\n"
OWN = "jobs:\n  check:\n    steps:\n      - run: jiti check\n"
CASES = {
    "pyproject.toml": (PROJECT, LEFT),
    "requirements-dev.txt": ("rich\njiti-bot[bot]==1.0  # x\njitiless\n", "rich\njitiless\n"),
    "requirements.txt": (
        "rich==1\njiti-bot==1.0 \\\n    --hash=sha256:a \\\n    --hash=b\n    # via app\nzip==2\n    # via app\n",
        "rich==1\nzip==2\n    # via app\n",
    ),
    "poetry/pyproject.toml": (
        '[tool.poetry.dependencies]\npython = "^3"\njiti-bot = { version = "^1" }\n\n[tool.x]\n".jiti/**" = ["E501"]\n',
        '[tool.poetry.dependencies]\npython = "^3"\n\n[tool.x]\n',
    ),
    ".pre-commit-config.yaml": (
        HOOKS.replace("/jiti-bot\n", "/jiti-bot # ours\n"),
        HOOKS.partition("  - repo: https://github.com/jiti")[0] + "\n  - repo: local\n    hooks: []\n",
    ),
    ".gitattributes": (
        "*.x binary\nsrc/.jiti/** text eol=lf\nsrc/.jiti/tests/**/test_scratch_*.py linguist-generated\n",
        "*.x binary\n",
    ),
    "ruff.toml": (
        'line-length = 100\nextend-exclude = [".jiti", "build"]\n',
        'line-length = 100\nextend-exclude = ["build"]\n',
    ),
    ".github/workflows/jiti.yml": ("jobs:\n  a:\n    uses: jiti-bot/jiti-bot/.github/workflows/bot.yml@v1\n", None),
}


@pytest.mark.parametrize("path", CASES)
def test_table(path: str) -> None:
    text, left = CASES[path]
    (found,) = removals({path: text.encode()})
    assert found.after == (left.encode() if left is not None else None)
    assert not found.by_hand
    if found.after is not None:
        assert list(removals({path: found.after})) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["rich"]\n'),
        ("pyproject.toml", "[project\n"),
        ("requirements.txt", "jitijiti\n"),
        (".github/workflows/ci.yml", "jobs: {}\n"),
        (".pre-commit-config.yaml", "repos: []\n"),
        ("setup.py", "install_requires=['jitibot', 'my.jiti']\n"),
    ],
)
def test_nothing_to_do(path: str, text: str) -> None:
    assert list(removals({path: text.encode()})) == []


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["""jiti-bot"""]\n', 2),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-p jiti_bot.pytest_plugin"\n', 2),
        ("Makefile", "all:\n\tjiti check --strict\n", 2),
        ("pytest.ini", "[pytest]\naddopts = --jiti-scratch\n", 2),
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "jiti-bot"\n', 4),
        ("setup.cfg", "[options]\ninstall_requires =\n  jiti-bot\n", 3),
        (".gitattributes", "*.x binary\n*.py linguist-generated # but .jiti\n", 2),
        (".coveragerc", "[report]\nexclude_also =\n    raise NotImplementedError\n", 3),
        (".pre-commit-config.yaml", "repos: []\nci:\n  skip: [mypy, jiti]\n", 3),
        ("noxfile.py", "session.run(\n'jiti doctor')\n", 2),
        ("Makefile", "all:\n\tuv run jiti --version\n", 2),
        ("pyproject.toml", '[tool.uv.sources.jiti-bot]\ngit = "x"\n', 1),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: jiti check --strict\n", 4),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - uses: jiti-bot/jiti-bot@v1\n", 4),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: pip install jiti-bot\n", 4),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: python -m jiti_bot check\n", 4),
        (".github/workflows/jiti.yml", OWN + "  deploy:\n    steps: [{run: ./deploy}]\n", 4),
        (".github/workflows/jiti.yml", OWN + "  deploy:\n    steps:\n      - run: ./deploy\n", 4),
        (".github/workflows/jiti.yml", OWN + "  tests:\n    steps:\n      - run: pip install .\n", 4),
        (".github/workflows/jiti.yml", OWN + "      - run: ./deploy\n", 4),
        (".github/workflows/jiti.yml", OWN + "      - run: |\n          jiti check\n          ./deploy\n", 4),
        (".github/workflows/jiti.yml", OWN + "      - run: jiti check\n          && ./deploy\n", 4),
        (".github/workflows/jiti.yml", OWN + "      - run: jiti run -- ./deploy\n", 4),
        (".github/workflows/jiti.yml", OWN + "      - uses: actions/deploy-pages@v4\n", 4),
        (".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks:\n      - id: jiti\n", 4),
    ],
)
def test_what_is_left_to_a_person(path: str, text: str, line: int) -> None:
    (found,) = removals({path: text.encode()})
    assert (found.by_hand, found.line, found.after) == (True, line, text.encode())


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        OWN + "      - uses: actions/checkout@v4 # before\n  all:\n    uses: jiti-bot/jiti-bot/x.yml@v1\n",
        workflow(RELEASE),
        workflow(RELEASE, "python -m pip install poetry && POETRY_VIRTUALENVS_CREATE=false poetry install"),
        workflow(
            RELEASE,
            "python -m pip install uv pytest && UV_PROJECT_ENVIRONMENT=$pythonLocation "
            "uv sync --inexact --python $pythonLocation/bin/python --extra test",
        ),
        workflow(RELEASE, "python -m pip install --upgrade pip && python -m pip install -e '.[test]' pytest", "a b"),
    ],
)
def test_a_workflow_whose_jobs_are_all_ours_goes(text: str) -> None:
    (found,) = removals({".github/workflows/jiti.yml": text.encode()})
    assert (found.after, found.by_hand) == (None, False)


def test_every_block_of_hooks_goes_and_a_local_hook_is_told() -> None:
    first, second = removals({".pre-commit-config.yaml": f"repos:\n{BOT}{BOT}{LOCAL}".encode()})
    assert (first.line, first.after, first.by_hand) == (2, f"repos:\n{LOCAL}".encode(), False)
    assert (second.line, second.words, second.by_hand) == (12, "a local hook that runs jiti", True)


@pytest.mark.parametrize(("rest", "left"), [("# hooks\n", None), ("ci: {}\n", b"repos: []\nci: {}\n")])
def test_a_configuration_of_no_other_hook_goes_unless_it_says_more(rest: str, left: bytes | None) -> None:
    (found,) = removals({".pre-commit-config.yaml": f"repos:\n{BOT}{rest}".encode()})
    assert (found.after, found.by_hand) == (left, False)
    assert "`pre-commit uninstall`" in found.words


def test_what_setting_up_wrote_goes() -> None:
    before = {
        "pyproject.toml": "[project]\n",
        "requirements-dev.txt": "ty\n",
        ".ruff.toml": "line-length = 100\n",
        ".coveragerc": "[run]\nbranch = true\n",
        ".gitattributes": "*.x binary\n",
        ".pre-commit-config.yaml": "repos:\n  - repo: https://x.org/mypy\n    rev: v1\n    hooks:\n      - id: mypy\n",
    }
    files = {path: text.encode() for path, text in before.items()}
    found = plan(Project("", files, ".jiti", "1"))
    made = files | {edit.path: edit.after for edit in found.edits if not edit.path.startswith(".jiti/")}
    gone = {one.path: one.after for one in removals(made) if not one.by_hand}
    assert gone.pop(".github/workflows/jiti.yml") is None
    assert gone.pop(".ruff.toml") == b"line-length = 100\nextend-exclude = []\n"
    assert gone.pop("pyproject.toml") == b"[project]\n\n[tool.ty.src]\nexclude = []\n"
    assert gone == {path: files[path] for path in (".gitattributes", ".pre-commit-config.yaml")}
    assert [one.path for one in removals(made) if one.by_hand] == [".coveragerc"]


def test_a_line_that_goes_on_naming_jiti_is_told() -> None:
    first, second = removals({"pyproject.toml": b'[project]\ndependencies = ["jiti-bot", "rich"] # jiti-bot\n'})
    assert (first.after, first.by_hand) == (b'[project]\ndependencies = ["rich"] # jiti-bot\n', False)
    assert (second.line, second.by_hand) == (2, True)


def test_a_file_that_names_nothing_but_the_store_goes() -> None:
    (found,) = removals({"ty.toml": b'[src]\nexclude = [".jiti"]\n'})
    assert (found.after, found.by_hand) == (None, False)


def test_what_is_left_of_a_file_is_told_beside_what_goes() -> None:
    rest = '\n[tool.pytest.ini_options]\naddopts = "--jiti-scratch"\n'
    first, second = removals({"pyproject.toml": (PROJECT + rest).encode()})
    assert (first.after, first.by_hand) == ((LEFT + rest).encode(), False)
    assert (second.line, second.by_hand) == (PROJECT.count("\n") + 3, True)
