"""Docstring examples as gates: in the host's namespace, with the host's lines."""

from pathlib import Path

import pytest

from jiti_bot.validation.jobs import Examples, Outcome, RunTests, unproved
from jiti_bot.validation.workbench import Workbench
from tests.worker import project

TEXT = "src/app/text.py"


def line_of(root: Path, text: str) -> int:
    return (root / TEXT).read_text().splitlines().index(text) + 1


def test_examples_pass(bench: Workbench) -> None:
    job = RunTests(examples=(Examples(TEXT, "slugify"),), staged={project.SLUGIFY: project.GOOD})

    assert unproved(bench.run(job, timeout=20.0), ("src/app/text.py::slugify::doctest",)) == ()


def test_a_failure_names_the_hosts_line(bench: Workbench, root: Path) -> None:
    job = RunTests(examples=(Examples(TEXT, "slugify"),), staged=project.candidate("return text.lower()"))

    (test,) = bench.run(job, timeout=20.0).tests

    line = line_of(root, '    >>> slugify("A B")')
    assert test.outcome is Outcome.FAILED
    assert f'File "{root / TEXT}", line {line}, in slugify' in test.detail
    assert "Expected:\n    'a-b'\nGot:\n    'a b'" in test.detail
    assert test.detail.count("Failed example") == 1


def test_examples_that_are_set_aside_do_not_run(bench: Workbench, root: Path) -> None:
    skip = (line_of(root, '    >>> slugify("A B")'),)
    job = RunTests(examples=(Examples(TEXT, "slugify", skip),), staged=project.candidate("return text.lower()"))

    assert unproved(bench.run(job, timeout=20.0), (job.examples[0].id,)) == ()


def test_a_method(bench: Workbench) -> None:
    text = "class Parser:\n    def parse(self, text: str, *, strict: bool = False):\n        return self.prefix + text"
    job = RunTests(examples=(Examples(TEXT, "Parser.parse"),), staged={project.PARSE: text})

    assert unproved(bench.run(job, timeout=20.0), (job.examples[0].id,)) == ()


BRANCHES = '''import sys

if sys.version_info >= (3, 11):
    def f():
        """F.

        >>> 1 + 1
        2
        """
        raise NotImplementedError
else:
    def f():
        return None
'''


def test_of_several_branches_the_stub_is_meant(bench: Workbench, root: Path) -> None:
    job = RunTests(examples=(Examples(project.write(root, "src/app/branches.py", BRANCHES), "f"),))

    assert unproved(bench.run(job, timeout=20.0), (job.examples[0].id,)) == ()


def test_a_host_in_another_encoding(bench: Workbench, root: Path) -> None:
    name = project.write(root, "src/app/latin.py", "")
    text = "# coding: latin-1\ndef größe():\n    '''>>> 'ö'\n    'ö'\n    '''\n"
    (root / name).write_bytes(text.encode("latin-1"))
    job = RunTests(examples=(Examples(name, "größe"),))

    assert unproved(bench.run(job, timeout=20.0), (job.examples[0].id,)) == ()


NOT_PROVED = {
    "plain code, wrong example": ("both", "Expected:\n    3\nGot:\n    2"),
    "no example": ("count", "no example"),
    "no such unit": ("nowhere", "no example"),
    "accessor without one": ("Parser.size.setter", "no example"),
}


@pytest.mark.parametrize(("unit", "complaint"), NOT_PROVED.values(), ids=NOT_PROVED)
def test_no_pass_without_an_example_that_ran(bench: Workbench, unit: str, complaint: str) -> None:
    (test,) = bench.run(RunTests(examples=(Examples(TEXT, unit),)), timeout=20.0).tests

    assert test.outcome is Outcome.FAILED
    assert complaint in test.detail


def test_options_of_the_project_hold(bench: Workbench, root: Path) -> None:
    name = project.write(root, "src/app/spaced.py", 'def f():\n    """F.\n\n    >>> print("a   b")\n    a b\n    """')

    result = bench.run(RunTests(examples=(Examples(name, "f"),)), timeout=20.0)

    assert unproved(result, (f"{name}::f::doctest",)) == ()


def test_a_host_that_cannot_be_imported(bench: Workbench, root: Path) -> None:
    name = project.write(root, "src/app/broken.py", 'import nowhere_at_all\ndef f():\n    """>>> 1\n    1\n    """')

    (test,) = bench.run(RunTests(examples=(Examples(name, "f"),)), timeout=20.0).tests

    assert test.outcome is Outcome.ERROR  # no body can help: nothing is asked of a model
    assert "nowhere_at_all" in test.detail


def test_a_missing_stub_in_an_example_is_named(bench: Workbench) -> None:
    (test,) = bench.run(RunTests(examples=(Examples(TEXT, "slugify"),)), timeout=20.0).tests

    assert test.missing == ("app.text.slugify",)
