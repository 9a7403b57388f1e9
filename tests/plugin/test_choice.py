"""Gates as a mark, by stub, and the tests that a model wrote for itself."""

import sys

import pytest

from tests.plugin.shop import ALL, CONFTEST, MADE, OF_PARSE, OF_PURSE, OF_SHOW, PYPROJECT, names, pytest_run, section
from tests.repo import Repo

XDIST = pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one process", "xdist"])
UNKNOWN = {
    "shop.money.pars": "Did you mean shop.money.parse",
    "src/shop/money.py::shwo": "Did you mean shop.money.show",
    "nothing.alike": "`jiti status` lists them all",
}
# What is asked for -> the gates that run.
TARGETS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "a function": (("shop.money.parse",), set(OF_PARSE)),
    "by file and unit": (("src/shop/money.py::show",), set(OF_SHOW)),
    "two": (("shop.money.parse", "shop.money.show"), {*OF_PARSE, *OF_SHOW}),
    "a method": (("shop.money.Purse.add",), set(OF_PURSE[:2])),
    "a class": (("shop.money.Purse",), set(OF_PURSE)),
    "a module": (("shop.money",), set(ALL)),
    "a file": (("src/shop/money.py",), set(ALL)),
    "a test to be written": (("tests.test_money.test_cents",), {"test_cents"}),
}


@XDIST
def test_gates_are_selected_by_their_mark(project: Repo, workers: tuple[str, ...]) -> None:
    done = pytest_run(project, "-rA", "-m", "jiti_gate", *workers)
    assert (done.code, names(done)) == (0, set(ALL))
    assert names(pytest_run(project, "-rA", "-m", "not jiti_gate", *workers)) == {"test_plain"}


def test_the_mark_is_documented(project: Repo) -> None:
    assert "@pytest.mark.jiti_gate: a test that an implementation under @jiti has to pass" in (
        pytest_run(project, "--markers").out
    )


def test_docstring_examples_of_stubs_are_gates(project: Repo) -> None:
    project.write("src/shop/plain.py", 'def one():\n    """\n    >>> one()\n    1\n    """\n    return 1\n')
    options = ("-rA", "--doctest-modules", "src", "tests")
    assert "shop.money.parse" in names(pytest_run(project, *options, "-m", "jiti_gate"))
    rest = names(pytest_run(project, *options, "-m", "not jiti_gate"))
    assert rest == {"shop.plain.one", "test_plain"}
    asked = names(pytest_run(project, *options, "--jiti-target", "shop.money.parse"))
    assert asked == {*OF_PARSE, "shop.money.parse"}


def test_gates_below_other_decorators(project: Repo) -> None:
    project.write(
        "tests/test_layers.py",
        "import functools\nfrom unittest import mock\nfrom hypothesis import given, settings, strategies as st\n"
        "from jiti import jiti\nfrom shop.money import parse, show\n\n\n"
        "def logged(test):\n    @functools.wraps(test)\n    def run(*args, **kwargs):\n"
        "        return test(*args, **kwargs)\n    return run\n\n\n"
        "@logged\n@jiti.required_for(show)\ndef test_wrapped():\n    assert show(1) == '0.01'\n\n\n"
        "@settings(max_examples=3, database=None)\n@given(st.integers(0, 9))\n@jiti.required_for(show)\n"
        "def test_given(cents):\n    assert show(cents) == f'0.0{cents}'\n\n\n"
        "@jiti.required_for(show)\n@given(st.integers(0, 9))\n"
        "def test_above(cents):\n    assert show(cents) == f'0.0{cents}'\n\n\n"
        "@mock.patch('shop.money.show', lambda cents: 'x')\n@jiti.required_for(parse)\n"
        "def test_patched():\n    assert parse('1') == 100\n\n\n"
        "class Base:\n    @jiti.required_for(show)\n"
        "    def test_inherited(self):\n        assert show(self.cents)\n\n\n"
        "class TestOne(Base):\n    cents = 1\n\n\nclass TestTwo(Base):\n    cents = 2\n\n\n"
        "@jiti.required_for(show)\nclass TestOuter:\n    class TestInner:\n"
        "        def test_inside(self):\n            assert show(3) == '0.03'\n",
    )
    done = pytest_run(project, "-rA", "tests/test_layers.py", "-m", "jiti_gate", "-p", "no:hypothesispytest")
    inherited = {"TestOne::test_inherited", "TestTwo::test_inherited", "TestOuter::TestInner::test_inside"}
    assert names(done) == {"test_wrapped", "test_given", "test_above", "test_patched", *inherited}, done.out
    assert section(done)[1:] == [
        "partly shop.money.parse 1 of 4 gates ran",
        "partly shop.money.show 5 of 7 gates ran",
    ]


def test_the_mark_adds_nothing_else_to_what_words_find(project: Repo) -> None:
    assert names(pytest_run(project, "-rA", "-k", "target or required")) == set()


@pytest.mark.parametrize("case", TARGETS)
def test_gates_are_selected_by_their_stub(project: Repo, case: str) -> None:
    keys, expected = TARGETS[case]
    done = pytest_run(project, "-rA", *(part for key in keys for part in ("--jiti-target", key)))
    assert (done.code, names(done)) == (0, expected)


def test_a_path_is_taken_from_where_it_is_typed(project: Repo) -> None:
    command = (sys.executable, "-m", "pytest", "-rA", "-p", "no:asyncio", "--jiti-target", "shop/money.py::show")
    inside = Repo(project.path / "src", project.env)
    assert names(inside.run(*command, "../tests", COLUMNS="160")) == set(OF_SHOW)


def test_a_stub_is_selected_under_xdist_with_other_options(project: Repo) -> None:
    done = pytest_run(project, "-rA", "-n2", "--jiti-target=shop.money.parse", "-k", "not round")
    assert names(done) == set(OF_PARSE[:2])
    assert section(done)[1:] == ["partly shop.money.parse 1 of 3 gates ran"]


@XDIST
@pytest.mark.parametrize("target", UNKNOWN)
def test_an_unknown_stub_is_an_error_of_usage(project: Repo, target: str, workers: tuple[str, ...]) -> None:
    done = pytest_run(project, "--jiti-target", target, *workers)
    assert done.code == 4
    assert f"ERROR: --jiti-target {target}: There is no stub named {target!r}. {UNKNOWN[target]}" in done.err
    assert "Traceback" not in done.out + done.err


def test_a_stub_without_gates_runs_nothing_and_says_so(project: Repo) -> None:
    project.write("src/shop/other.py", 'from jiti import jiti\n\n\n@jiti\ndef lone() -> int:\n    """Alone."""\n')
    done = pytest_run(project, "--jiti-target", "shop.other.lone")
    assert done.code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert section(done) == ["jiti: 0 of 1 stub proved", "no gates shop.other.lone nothing to prove it by"]


def test_settings_that_cannot_be_read_are_an_error_of_usage(project: Repo) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}\n[tool.jiti]\nmax_turns = 'many'\n")
    done = pytest_run(project, "--jiti-target", "shop.money.parse")
    assert done.code == 4
    assert "max_turns" in done.err
    assert "Traceback" not in done.out + done.err


def test_scratch_tests_run_on_request_only(project: Repo) -> None:
    project.write("pyproject.toml", PYPROJECT + "norecursedirs = []\npython_files = ['test_m*.py']\n")
    assert names(pytest_run(project, "-rA")) == {*ALL, "test_plain"}
    assert names(pytest_run(project, "-rA", "--jiti-scratch")) == {*ALL, "test_plain", "test_zero"}
    assert names(pytest_run(project, "-rA", "--jiti-scratch", "-n2")) == {*ALL, "test_plain", "test_zero"}


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_scratch_tests_of_one_name_are_kept_apart(project: Repo, mode: str) -> None:
    project.write(".jiti/tests/src/shop/other/test_scratch_parse.py", "def test_other():\n    assert [] == [1]\n")
    project.write("src/shop/deep/.jiti/tests/text/test_scratch_parse.py", "def test_deep():\n    pass\n")
    options = ("-rA", "--jiti-scratch", f"--import-mode={mode}", "--doctest-modules", "tests/test_money.py")
    done = pytest_run(project, *options)
    assert names(done) >= {"test_zero", "test_other", "test_deep"}, done.out
    assert "E       assert [] == [1]" in done.out  # rewritten, as any test


def test_scratch_tests_of_one_stub(project: Repo) -> None:
    project.write(".jiti/tests/src/shop/money/test_scratch_show.py", "def test_show():\n    pass\n")
    done = pytest_run(project, "-rA", "--jiti-scratch", "--jiti-target", "shop.money.parse")
    assert names(done) == {*OF_PARSE, "test_zero"}


def test_scratch_tests_see_the_conftest_files_above_them(project: Repo) -> None:
    project.write("conftest.py", CONFTEST.replace("return 5", "return 6"))
    assert names(pytest_run(project, "-rf", "--jiti-scratch")) == {"test_zero", "test_plain"}


def test_committed_tests_are_not_collected_twice(project: Repo) -> None:
    done = pytest_run(project, "-rA", "--jiti-scratch", "--doctest-modules", ".")
    assert MADE not in done.out
    assert done.out.count("PASSED .jiti/tests/src/shop/money/test_scratch_parse.py::test_zero") == 1
