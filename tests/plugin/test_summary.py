"""What a run says at its end, in real runs of every shape."""

import sys

import pytest

from tests.plugin import shop
from tests.plugin.shop import CONFTEST, MADE, PARSE, PYPROJECT, SHOW, TESTS, make, pytest_run, section
from tests.repo import Repo

WHOLE = ["--doctest-modules", "src", "tests"]
PROVED = [
    "jiti: 4 stubs proved",
    "proved shop.money.Purse.add 1 gate",
    "proved shop.money.Purse.total 2 gates",
    "proved shop.money.parse 3 gates",
    "proved shop.money.show 2 gates",
]
EXAMPLES = "not the docstring's examples (--doctest-modules)"
ALL_BUT_PARSE = ["jiti: 3 of 4 stubs proved", *PROVED[1:3], PROVED[4]]
ALL_BUT_SHOW = ["jiti: 3 of 4 stubs proved", *PROVED[1:4]]
MORE = "tests/test_more.py"
FAILING = """
from jiti import jiti
from shop.money import show


@jiti.required_for(show)
def test_more():
    assert show(0) == "nothing"
"""
SKIPPING = TESTS.replace("    assert show(", "    pytest.skip()\n    assert show(")
FLAKY = TESTS.replace("    assert show(", "    TRIES.append(1)\n    assert len(TRIES) > 1\n    assert show(")
FLAKY += "\n\nTRIES = []\n"
XFAIL = TESTS.replace(
    "@jiti.required_for(show)\ndef test_c", "@pytest.mark.xfail\n@jiti.required_for(show)\ndef test_c"
)
SUBTESTS = TESTS.replace(
    'self.assertEqual(Purse().total, "0.00")',
    'for text in ("0.00", "x"):\n            with self.subTest(text):\n'
    "                self.assertEqual(Purse().total, text)",
)
CLOSING = """

@pytest.fixture(autouse=True)
def closing(request):
    yield
    assert request.node.name != "test_cents"
"""
# Changes to the project and options -> the section.
RUNS: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "everything": ({}, WHOLE, PROVED),
    "without docstring examples": ({}, [], [*ALL_BUT_PARSE, f"partly shop.money.parse 2 of 3 gates ran, {EXAMPLES}"]),
    "examples that are only shown": (
        {"pyproject.toml": f'{PYPROJECT}\n[tool.jiti]\ndoctests = "show"\n'},
        [],
        [*PROVED[:3], "proved shop.money.parse 2 gates", PROVED[4]],
    ),
    "one test": (
        {},
        ["tests/test_money.py::test_cents"],
        ["jiti: 0 of 1 stub proved", "partly shop.money.show 1 of 2 gates ran"],
    ),
    "one set of parameters": (
        {},
        [*WHOLE[:2], "tests/test_money.py::test_parse[1-100]", "tests/test_money.py::test_round_trip"],
        [
            "jiti: 0 of 2 stubs proved",
            "partly shop.money.parse 2 of 3 gates ran, 1 in part",
            "partly shop.money.show 1 of 2 gates ran",
        ],
    ),
    "one method of a class": (
        {},
        ["tests/test_money.py::TestPurse::test_adds"],
        [
            "jiti: 0 of 2 stubs proved",
            "partly shop.money.Purse.add 0 of 1 gates ran, 1 in part",
            "partly shop.money.Purse.total 0 of 2 gates ran, 1 in part",
        ],
    ),
    "chosen by words": (
        {},
        ["-k", "TestPurse"],
        ["jiti: 1 of 2 stubs proved", PROVED[1], "partly shop.money.Purse.total 1 of 2 gates ran"],
    ),
    "deselected by name": (
        {},
        [*WHOLE, "--deselect", "tests/test_money.py::test_parse[1-100]"],
        [*ALL_BUT_PARSE, "partly shop.money.parse 2 of 3 gates ran, 1 in part"],
    ),
    "one stub": ({}, [*WHOLE, "--jiti-target", "shop.money.show"], ["jiti: 1 stub proved", PROVED[4]]),
    "a failure": ({MORE: FAILING}, WHOLE, [*ALL_BUT_SHOW, "failed shop.money.show 1 of 3 gates failed"]),
    "a file that cannot be collected": (
        {MORE: f"import nowhere\n{FAILING}"},
        ["--continue-on-collection-errors", *WHOLE],
        [*ALL_BUT_SHOW, f"failed shop.money.show 1 of 3 gates failed: {MORE} could not be collected"],
    ),
    "a file that was left out": (
        {MORE: FAILING},
        ["--doctest-modules", "src", "tests/test_money.py"],
        [*ALL_BUT_SHOW, "partly shop.money.show 2 of 3 gates ran"],
    ),
    "a skip": (
        {"tests/test_money.py": SKIPPING},
        WHOLE,
        [
            "jiti: 2 of 4 stubs proved",
            *PROVED[1:3],
            "partly shop.money.parse 2 of 3 gates ran, 1 skipped",
            "partly shop.money.show 1 of 2 gates ran, 1 skipped",
        ],
    ),
    "an expected failure": (
        {"tests/test_money.py": XFAIL, MADE: "def test_cents():\n    assert 0\n"},
        WHOLE,
        [*ALL_BUT_SHOW, "partly shop.money.show 1 of 2 gates ran, 1 skipped"],
    ),
    "an unexpected pass": (
        {"tests/test_money.py": XFAIL},
        WHOLE,
        [*ALL_BUT_SHOW, "partly shop.money.show 1 of 2 gates ran, 1 skipped"],
    ),
    "a tear-down that fails": (
        {"conftest.py": CONFTEST + CLOSING},
        WHOLE,
        [*ALL_BUT_SHOW, "failed shop.money.show 1 of 2 gates failed"],
    ),
    "the first failure ends it": (
        {PARSE: "def parse(raw: str) -> int:\n    return 0\n"},
        ["-x", "tests"],
        [
            "jiti: 0 of 4 stubs proved",
            "not run 3 stubs their gates did not come to run",
            "failed shop.money.parse 1 of 3 gates failed",
        ],
    ),
    "a flaky gate, run again": (
        {"tests/test_money.py": FLAKY},
        [*WHOLE, "--reruns", "2"],
        [
            "jiti: 4 stubs proved",
            *PROVED[1:3],
            "proved shop.money.parse 3 gates, 1 after a rerun",
            "proved shop.money.show 2 gates, 1 after a rerun",
        ],
    ),
    "a gate that fails again and again": (
        {SHOW: "def show(cents: int) -> str:\n    return '0.00'\n"},
        [*WHOLE, "--reruns", "1"],
        [
            "jiti: 2 of 4 stubs proved",
            *PROVED[1:3],
            "failed shop.money.parse 1 of 3 gates failed",
            "failed shop.money.show 2 of 2 gates failed",
        ],
    ),
    "subtests": (
        {"tests/test_money.py": SUBTESTS},
        WHOLE,
        ["jiti: 3 of 4 stubs proved", PROVED[1], *PROVED[3:], "failed shop.money.Purse.total 1 of 2 gates failed"],
    ),
}


def arrange(repo: Repo, case: str) -> list[str]:
    changes, options, _ = RUNS[case]
    make(repo)
    for name, text in changes.items():
        repo.write(name, text)
    return options


@pytest.mark.parametrize("case", RUNS)
def test_section(repo: Repo, case: str) -> None:
    done = pytest_run(repo, *arrange(repo, case))
    assert section(done) == RUNS[case][2], done.out


# What the controller has to be told by its workers: what they collected, and phases that no report of a pass shows.
BETWEEN_PROCESSES = (
    "everything",
    "one set of parameters",
    "one method of a class",
    "deselected by name",
    "one stub",
    "a file that cannot be collected",
    "a skip",
    "an unexpected pass",
    "a tear-down that fails",
    "a flaky gate, run again",
    "subtests",
)


@pytest.mark.parametrize("case", BETWEEN_PROCESSES)
def test_section_under_xdist(repo: Repo, case: str) -> None:
    done = pytest_run(repo, "-n2", *arrange(repo, case))
    assert section(done) == RUNS[case][2], done.out


def test_the_same_test_on_two_machines_of_xdist(project: Repo) -> None:
    assert section(pytest_run(project, "--dist=each", "--tx=2*popen", *WHOLE)) == PROVED


def test_the_last_failures_prove_only_their_own(project: Repo) -> None:
    project.write(PARSE, "def parse(raw: str) -> int:\n    return 100\n")
    command = (sys.executable, "-m", "pytest", "-p", "no:asyncio")
    project.run(*command)
    project.write(PARSE, shop.FILES[PARSE])
    done = project.run(*command, "--lf", COLUMNS="160")
    # One of two sets of parameters, the other of which `--lf` takes out before anybody else sees it.
    assert section(done) == [
        "jiti: 0 of 2 stubs proved",
        "partly shop.money.parse 1 of 3 gates ran, 1 in part",
        "partly shop.money.show 1 of 2 gates ran",
    ]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one process", "xdist"])
def test_missing_ones_say_who_waits_for_them(project: Repo, workers: tuple[str, ...]) -> None:
    (project.path / SHOW).unlink()
    done = pytest_run(project, *WHOLE, *workers)
    assert section(done) == [
        "jiti: 0 of 4 stubs proved",
        "failed shop.money.Purse.add 1 of 1 gates failed: needs shop.money.show",
        "failed shop.money.Purse.total 2 of 2 gates failed: needs shop.money.show",
        "failed shop.money.parse 1 of 3 gates failed: needs shop.money.show",
        "missing shop.money.show no implementation yet, src/shop/money.py:16",
    ]


def test_a_crash_proves_nothing(project: Repo) -> None:
    project.write(SHOW, "import os\n\n\ndef show(cents: int) -> str:\n    os._exit(1)\n")
    title, *lines = section(pytest_run(project, "-n1", "--max-worker-restart=9", *WHOLE))
    assert title == "jiti: 0 of 4 stubs proved"
    assert [line.split()[:2] for line in lines] == [
        ["failed", "shop.money.Purse.add"],
        ["failed", "shop.money.Purse.total"],
        ["failed", "shop.money.parse"],
        ["failed", "shop.money.show"],
    ]


@pytest.mark.parametrize(
    "options",
    [("-qq",), ("--collect-only",), ("tests/test_money.py::test_plain",), ("-k", "plain"), ("-m", "not jiti_gate")],
    ids=" ".join,
)
def test_nothing_is_said(project: Repo, options: tuple[str, ...]) -> None:
    assert "jiti:" not in pytest_run(project, *options).out


def test_nothing_is_said_of_projects_without_jiti(folder: Repo) -> None:
    folder.write("tests/test_x.py", "def test_x():\n    pass\n")
    done = pytest_run(folder, "--doctest-modules", "-v")
    assert "1 passed" in done.out
    assert "jiti:" not in done.out
    folder.write("tests/test_x.py", "import nowhere\n")
    assert "jiti:" not in pytest_run(folder).out


def test_less_is_said_in_quiet_runs(project: Repo) -> None:
    assert section(pytest_run(project, "-q", *WHOLE)) == PROVED[:1]
    (project.path / SHOW).unlink()
    assert len(section(pytest_run(project, "-q", *WHOLE))) == 1 + 4


def test_set_up_alone_proves_nothing(project: Repo) -> None:
    for option in ("--setup-only", "--setup-plan"):
        title, *_ = section(pytest_run(project, option, *WHOLE))
        assert title == "jiti: 0 of 4 stubs proved"


def test_many_stubs_are_not_listed_unless_asked_for(project: Repo) -> None:
    units = range(20)
    stubs = "".join(f'@jiti\ndef f{n}() -> int:\n    """Is {n}."""\n\n\n' for n in units)
    project.write("src/shop/many.py", f"from jiti import jiti\n\n\n{stubs}")
    for n in units:
        project.write(f".jiti/src/shop/many/f{n}.py", f"def f{n}() -> int:\n    return {n}\n")
    gates = "".join(
        f"@jiti.required_for(many.f{n})\ndef test_{n}():\n    assert many.f{n}() == {n}\n\n\n" for n in units
    )
    project.write(MORE, f"from jiti import jiti\nfrom shop import many\n\n\n{gates}")
    title, *lines = section(pytest_run(project, MORE))
    assert title == "jiti: 20 stubs proved"
    assert len(lines) == 13
    assert lines[-1] == "proved and 8 more (-v names them)"
    assert len(section(pytest_run(project, "-v", MORE))) == 21


def test_stubs_that_lack_only_their_examples_are_one_line(project: Repo) -> None:
    for n in range(3):
        stub = f'@jiti\ndef f() -> int:\n    """Is {n}.\n\n    >>> f()\n    {n}\n    """\n'
        gate = f"@jiti.required_for(f)\ndef test_f():\n    assert f() == {n}\n"
        project.write(f"src/shop/a{n}.py", f"from jiti import jiti\n\n\n{stub}")
        project.write(f".jiti/src/shop/a{n}/f.py", f"def f() -> int:\n    return {n}\n")
        project.write(f"tests/test_a{n}.py", f"from jiti import jiti\nfrom shop.a{n} import f\n\n\n{gate}")
    last = section(pytest_run(project, "tests"))[-1]
    assert last == "partly 4 stubs all gates but the docstring's examples (--doctest-modules)"
    assert len(section(pytest_run(project, "-v", "tests"))) == 1 + 7


def test_settings_that_cannot_be_read_fail_no_run(project: Repo) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}\n[tool.jiti]\nmax_turns = 'many'\n")
    done = pytest_run(project)
    assert done.code == 0
    assert "jiti: which stubs are proved cannot be told: " in done.out
    assert "max_turns" in done.out


def test_it_is_coloured(project: Repo) -> None:
    out = pytest_run(project, "--color=yes", *WHOLE).out
    assert "\x1b[32mproved   \x1b[0mshop.money.show" in out


def test_it_is_aligned(project: Repo) -> None:
    (project.path / SHOW).unlink()
    lines = [line for line in pytest_run(project, "tests").out.splitlines() if line.startswith(shop.STATUSES)]
    assert lines == [
        "failed   shop.money.Purse.add    1 of 1 gates failed: needs shop.money.show",
        "failed   shop.money.Purse.total  2 of 2 gates failed: needs shop.money.show",
        "failed   shop.money.parse        1 of 3 gates failed: needs shop.money.show",
        "missing  shop.money.show         no implementation yet, src/shop/money.py:16",
    ]
