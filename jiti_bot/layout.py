"""Where a unit's committed file lives, and what its comment header says.

Standard library only, and little of it: the runtime imports this module in production. Paths inside a store are
posix strings; a *unit* is a generated definition named by its qualified name (``slugify``, ``Parser.parse``,
``Parser.v.setter``).
"""

import os

STORE = ".jiti"
TESTS = "tests"


def unit_path(source: str, unit: str) -> str:
    """Path in the store of ``unit`` defined in ``source``, both relative to the store's parent.

    ``src/app/text.py``, ``Parser.parse`` -> ``src/app/text/Parser.parse.py``.
    """
    return f"{source.removesuffix('.py')}/{unit}.py"


def test_path(source: str, unit: str) -> str:
    """Path in the store of a generated test whose stub stands in the test file ``source``."""
    return f"{TESTS}/{unit_path(source, unit)}"


def scratch_path(source: str, unit: str) -> str:
    """Path in the store of the agent's own tests for ``unit`` of ``source``."""
    return f"{TESTS}/{source.removesuffix('.py')}/test_scratch_{unit.replace('.', '_')}.py"


def dotted_key(source: str, unit: str) -> str:
    """The name people use: the path without a leading ``src/`` or a final ``__init__``, dotted, then the unit."""
    module = source.removesuffix(".py").removeprefix("src/")
    module = "" if module == "__init__" else module.removesuffix("/__init__")
    return ".".join(part for part in (module.replace("/", "."), unit) if part)


def is_boundary(folder: str) -> bool:
    """Whether the walk up from a source file ends in ``folder``: a project or a repository starts here."""
    return os.path.exists(os.path.join(folder, "pyproject.toml")) or os.path.exists(os.path.join(folder, ".git"))
