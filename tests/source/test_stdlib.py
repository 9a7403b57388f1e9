"""All of CPython's standard library goes through discovery: nothing there is a stub, and nothing makes it fail."""

import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiti_bot.source.discover import discover


def files() -> Iterator[Path]:
    root = Path(sysconfig.get_path("stdlib"))
    return (path for path in sorted(root.rglob("*.py")) if "site-packages" not in path.parts)


def is_python(data: bytes) -> bool:
    """Whether Python itself reads it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "x", "exec", dont_inherit=True, flags=0x400)  # PyCF_ONLY_AST
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("prefilter", [True, False], ids=["as it is used", "every file parsed"])
def test_standard_library(prefilter: bool, capsys: pytest.CaptureFixture[str]) -> None:
    count = 0
    for path in files():
        data = path.read_bytes()
        module = discover(path.as_posix(), data, prefilter=prefilter)
        count += 1
        assert (module.stubs, module.gates, module.doctests) == ((), (), ()), path
        if module.findings:
            assert not is_python(data), module.findings
            assert len(module.findings) == 1
    assert count > 500
    with capsys.disabled():
        print(f"\n{count} files of the standard library, prefilter={prefilter}")
