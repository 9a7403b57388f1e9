"""The pytest plugin: gates as a mark, by stub; one line for a missing implementation; what a run has proved.

Pytest loads it in every project that has jiti-bot installed, so importing it loads next to nothing. All that a session
needs beyond options and marks is in `session`, and reads the project only once there is a gate.
"""

import sys
from collections.abc import Generator

import pytest

from jiti_bot.runtime import GATE

_MARKER = f"{GATE}: a test that an implementation under @jiti has to pass; set by @jiti.required_for."


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; validation knows them too, so that a project may keep them in its configuration."""
    group = parser.getgroup("jiti")
    group.addoption(
        "--jiti-target",
        action="append",
        default=[],
        metavar="KEY",
        help="run only the gates of this stub: app.text.slugify, src/app/text.py::slugify, or a class, module or "
        "folder for all in it; may be repeated.",
    )
    group.addoption(
        "--jiti-scratch",
        action="store_true",
        help="also run the tests that a model wrote for itself: test_scratch_*.py under .jiti/tests/.",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """A conftest file that needs a missing implementation is told in one line."""
    try:
        return (yield)
    except Exception as error:
        if is_judged(early_config) or "jiti_bot.errors" not in sys.modules:
            raise
        from jiti_bot.pytest_plugin import lacking

        lines = lacking.lines_of(error)
        if not lines:
            raise
        raise pytest.UsageError(f"conftest.py could not be imported: {lines[0].long}") from error


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark; all else is for sessions that nobody but their user looks at."""
    config.addinivalue_line("markers", _MARKER)
    if not is_judged(config):
        from jiti_bot.pytest_plugin.session import JitiSession

        config.pluginmanager.register(JitiSession(config), "jiti-session")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the gates, in validation as well: conftest files may go by marks."""
    if "jiti_bot.dispatch" in sys.modules and isinstance(item, pytest.Function):
        from jiti_bot.pytest_plugin import gates

        if gates.found(item):
            item.add_marker(GATE)


def is_judged(config: pytest.Config) -> bool:
    """Whether this is validation's own session: nothing here may come between it and pytest's reports."""
    return any(getattr(plugin, "judges_candidates", False) is True for plugin in config.pluginmanager.get_plugins())
