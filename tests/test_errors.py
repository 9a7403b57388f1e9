"""Errors about packages: an extra that is missing is said to be, and a bug of ours is not."""

import tomllib
from importlib.metadata import packages_distributions

import pytest

from jiti_bot.errors import EXTRA, without_extra
from tests.repo import ROOT


@pytest.mark.parametrize("name", sorted(EXTRA))
def test_a_package_of_the_extra(name: str) -> None:
    error = without_extra(ModuleNotFoundError(f"No module named {name!r}", name=name), "this stage")
    assert str(error) == f"this stage needs the package {name}. Install it with: pip install 'jiti-bot[bot]'"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ModuleNotFoundError("No module named 'jiti_bot.gone'", name="jiti_bot.gone"), id="ours"),
        pytest.param(ImportError("cannot import name 'Gone'", name="jiti_bot.store.header"), id="name-in-ours"),
        pytest.param(ImportError("cannot import name 'Gone'", name="rich"), id="name-in-an-installed-package"),
        pytest.param(ImportError("no name at all"), id="nameless"),
    ],
)
def test_any_other_import_stays_what_it_is(error: ImportError) -> None:
    with pytest.raises(ImportError) as raised:
        without_extra(error, "this stage")
    assert raised.value is error


def test_the_extra_is_that_of_the_project() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {line.partition(">=")[0] for line in table["project"]["optional-dependencies"]["bot"]}
    packages = packages_distributions()
    imported = {name for name, where in packages.items() if wanted & set(where) and name.isidentifier()}
    tools = {"ruff", "ty"}  # run as programs
    assert {name for name in imported if not name.startswith("_")} - tools - {"py"} <= EXTRA
