"""The bench as its callers see it: real worker, real ruff and ty, a project on disk."""

import threading
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jiti_bot.errors import ToolError
from jiti_bot.settings import Settings
from jiti_bot.source.model import Spec
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Candidate, Refused, Verdict, Waits
from tests import lean
from tests.validation import projects
from tests.validation.cases import CHUNKS, COUNT, MONEY, SLUG

HYPHEN = 'for size in range(60):\n    slug = slugify("ab " * size + "x")\n    assert slug == slug.strip("-")'
TITLE = 'return slugify(text).replace("-", " ").title()'
MORE = '''

@jiti
def lonely(text: str) -> str:
    """Nobody tests this."""
    ...


@jiti
def weak(text: str) -> str:
    """Tested by what nothing can fail, and by what cannot run."""
    ...
'''
MORE_TESTS = """

@jiti.required_for(weak)
def test_vacuous() -> None:
    assert weak is not None


@jiti.required_for(weak)
def test_broken(no_such_fixture: int) -> None:
    assert weak("a") == "a"


@jiti.required_for(weak)
@pytest.mark.skip(reason="not today")
def test_skipped() -> None:
    assert weak("a") == "a"


@jiti.required_for(weak)
def test_fails_for_trivial_bodies() -> None:
    assert weak("a") == "a"
"""


@dataclass(frozen=True)
class Site:
    root: Path
    bench: Bench
    specs: dict[str, Spec]

    def judge(
        self,
        unit: str,
        body: str | Mapping[str, str],
        helpers: str = "",
        tests: str = "",
        staged: Mapping[str, str] | None = None,
    ) -> Verdict:
        return self.bench.judge(Candidate(self.specs[unit], body, helpers, tests), staged or {})


def open_site(root: Path, seconds: float = 20.0) -> Iterator[Site]:
    specs = projects.specs(root)
    project = projects.project(root, Settings(python=str(lean.python()), execution_timeout=seconds))
    with Bench(project, level="auto", specs={spec.key: spec for spec in specs.values()}) as bench:
        yield Site(root, bench, specs)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    text = projects.TEXT + MORE
    tests = projects.TESTS.replace("slugify, title", "slugify, title, weak") + MORE_TESTS
    files = {**projects.FILES, "src/app/text.py": text, "tests/test_text.py": tests}
    yield from open_site(projects.write(tmp_path_factory.mktemp("site"), files))


@pytest.fixture(scope="module")
def hyphen(site: Site) -> dict[str, str]:
    """The jiti-test in place, which slugify's gates need."""
    verdict = site.judge("test_never_ends_in_a_hyphen", HYPHEN)
    assert isinstance(verdict, Accepted)
    return {site.specs["test_never_ends_in_a_hyphen"].path: verdict.text}


def report(verdict: Verdict) -> str:
    assert isinstance(verdict, Refused), verdict
    return verdict.report


def test_accepted_is_what_will_be_committed(site: Site, hyphen: dict[str, str]) -> None:
    tests = "def test_more():\n  assert slugify('A') == 'a' and LIMIT\n  with pytest.raises(ValueError): slugify('')\n"
    verdict = site.judge("slugify", SLUG.replace(" = ", "="), "import sys", tests, hyphen)
    assert isinstance(verdict, Accepted)
    assert verdict.text == (
        'def slugify(text: str) -> str:\n    """A lower-case slug: words joined by single hyphens, at most `LIMIT` '
        'characters.\n\n    >>> slugify("Hello, World!")\n    \'hello-world\'\n    """\n'
        '    parts = words(text.lower())\n    if not parts:\n        raise ValueError("empty")\n'
        '    return "-".join(parts)[:LIMIT].strip("-")\n'
    )
    assert verdict.tests.startswith(
        "import pytest\n\nfrom app.text import LIMIT, slugify\n\n\ndef test_more():\n    assert"
    )
    assert [check.name for check in verdict.checks] == ["guards", "ruff", "ty", "doctests", "gates", "tests"]
    assert all(check.ok for check in verdict.checks)


def test_what_is_not_there_yet_is_waited_for(site: Site, hyphen: dict[str, str]) -> None:
    verdict = site.judge("title", TITLE)
    assert isinstance(verdict, Waits)
    assert verdict.keys == ("app.text.slugify",)
    slug = site.judge("slugify", SLUG, staged=hyphen)
    assert isinstance(slug, Accepted)
    assert isinstance(site.judge("title", TITLE, staged={site.specs["slugify"].path: slug.text}), Accepted)


def test_a_wrong_candidate_is_refused_even_where_it_would_have_to_wait(site: Site) -> None:
    assert "unsupported-operator" in report(site.judge("title", f"{TITLE} + 1"))


def test_a_report_gathers_what_is_wrong(site: Site, hyphen: dict[str, str]) -> None:
    body = "unused = 1\n" + SLUG.replace("words(text.lower())", "words(1)")
    said = report(site.judge("slugify", body, staged=hyphen))
    for part in ("ruff: 1 finding\nF841", "ty: 1 finding", "gates: 6 of 6 did not pass", "the same in: "):
        assert part in said
    assert str(site.root) not in said
    assert "/jobs/" not in said


def test_uses_is_checked(site: Site) -> None:
    inline = COUNT.replace("words(text.lower())", "text.lower().split()")
    assert report(site.judge("count", inline)) == (
        "uses: `words` is listed in uses=[...] and has to be called, passed on or read: it is not"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("assert slugify is not None", "it passes although app.text.slugify is not implemented"),
        ('with pytest.raises(Exception):\n    slugify("a")', "it passes although app.text.slugify is not implemented"),
        ('assert nothing == slugify("a")', "F821"),
        ('assert [][0] == slugify("a")', "it fails before it calls app.text.slugify"),
        ('pytest.skip("not now")\nassert slugify("a") == "a"', "it is skipped"),
        ('slugify("a")', "a test has to assert something"),
        ('assert "a" == "b"', "`slugify` is listed in uses"),
    ],
)
def test_a_test_that_is_none_is_refused(site: Site, body: str, message: str) -> None:
    assert message in report(site.judge("test_never_ends_in_a_hyphen", body))


@pytest.mark.parametrize(
    ("body", "refused", "flags"),
    [
        ('assert slugify("a") in {slugify("a")}', "", ["vacuous-test"]),
        ('assert slugify(slugify("a")) == slugify("a")', "", ["vacuous-test"]),
        ('slug = slugify("a")\nassert slug is not None or slug is None', "whatever app.text.slugify returns", []),
        ('before = "a"\nslugify(before)\nassert before == "a"', "", ["vacuous-test"]),
        ('assert slugify("A") == "a"', "", []),
        (HYPHEN, "", []),
    ],
)
def test_a_test_is_weighed(site: Site, body: str, refused: str, flags: list[str]) -> None:
    verdict = site.judge("test_never_ends_in_a_hyphen", body)
    assert not isinstance(verdict, Waits)
    assert refused in (verdict.report if isinstance(verdict, Refused) else "")
    assert isinstance(verdict, Refused) == bool(refused)
    assert [flag.code for flag in verdict.flags] == flags


def test_a_neighbours_helper_is_not_redefined(site: Site) -> None:
    other = {site.specs["count"].path: "_N = 1\n\n\ndef count(text: str) -> dict[str, int]:\n    return {text: _N}\n"}
    helpers = "_N = 2"
    assert "_N means something else in count" in report(site.judge("slugify", f"assert _N\n{SLUG}", helpers, "", other))


def test_red_tells_what_gates_are_worth(site: Site) -> None:
    assert site.bench.red(site.specs["slugify"]) == ()
    flags = {flag.detail.split()[1]: flag for flag in site.bench.red(site.specs["weak"])}
    assert {name: flag.code for name, flag in flags.items()} == {
        "test_vacuous": "vacuous-gate",
        "test_broken": "broken-gate",
        "test_skipped": "broken-gate",
    }
    assert "no_such_fixture" in flags["test_broken"].detail


def test_no_gates_is_said(site: Site) -> None:
    verdict = site.judge("lonely", "return text")
    assert isinstance(verdict, Accepted)
    assert [flag.code for flag in verdict.flags] == ["no-gates"]
    assert site.bench.red(site.specs["lonely"]) == ()


def test_what_a_reviewer_should_know_is_flagged(site: Site) -> None:
    verdict = site.judge("lonely", "return text + str(time.time())", "import time")
    assert isinstance(verdict, Accepted)
    assert {flag.code for flag in verdict.flags} == {"reads-clock", "no-gates"}


def test_code_is_run_and_calls_are_seen(site: Site) -> None:
    assert site.bench.run_python("print(6 * 7)", 10).strip() == "42"
    assert "ZeroDivisionError" in site.bench.run_python("1 / 0", 10)
    assert "2 seconds" in site.bench.run_python("while True: pass", 2)
    assert len(site.bench.run_python("print('x' * 10**6)", 10)) < 9_000
    seen = site.bench.observe(site.specs["count"])
    assert seen == "app.text.count(text='a b A')  # tests/test_text.py::TestCount::test_counts"


def test_a_fresh_process_proves_a_batch(site: Site, hyphen: dict[str, str]) -> None:
    batch: dict[str, tuple[Spec, Accepted]] = {}
    staged = dict(hyphen)
    for unit, body in (("slugify", SLUG), ("title", TITLE), ("count", COUNT), ("Money.text", MONEY)):
        verdict = site.judge(unit, body, tests="def test_own():\n    assert True is not None\n", staged=staged)
        assert isinstance(verdict, Accepted), verdict
        staged[site.specs[unit].path] = verdict.text
        batch[unit] = (site.specs[unit], verdict)
    test = site.judge("test_never_ends_in_a_hyphen", HYPHEN)
    assert isinstance(test, Accepted)
    batch["test"] = (site.specs["test_never_ends_in_a_hyphen"], test)
    wrong = replace(batch["count"][1], text=batch["count"][1].text.replace("+ 1", "+ 2"))
    proved = site.bench.prove(batch)
    assert {key: type(verdict) for key, verdict in proved.items()} == dict.fromkeys(batch, Accepted)
    mixed = site.bench.prove({**batch, "count": (site.specs["count"], wrong)})
    assert {key for key, verdict in mixed.items() if isinstance(verdict, Refused)} == {"count"}


def test_one_that_hangs_does_not_take_others_with_it(site: Site) -> None:
    loop = replace(site.specs["count"], stub=replace(site.specs["count"].stub, engine=None))
    good = site.judge("Money.text", MONEY)
    assert isinstance(good, Accepted)
    text = "def count(text: str) -> dict[str, int]:\n    while words(text):\n        pass\n    return {}\n"
    quick = replace(site.bench.project.settings, execution_timeout=4.0)
    project = replace(site.bench.project, settings=quick)
    with Bench(project, level="auto") as bench:
        proved = bench.prove({"loop": (loop, replace(good, text=text)), "good": (site.specs["Money.text"], good)})
    assert isinstance(proved["good"], Accepted)
    assert "did not end within 4 seconds" in report(proved["loop"])


MEAN = {
    "exits": ("import os\n\ngetattr(os, '_ex' + 'it')(0)", "would end the process"),
    "prints a lot": ("for _ in range(1 << 20):\n    print('x' * 1024)", ""),
    "forks": ("import multiprocessing as m\n\nwhile True:\n    m.Process(target=str).start()", ""),
    "eats memory": ("return {text: len([bytes(1 << 20) for _ in range(1 << 15)])}", ""),
    "hangs": ("while text:\n    pass", "did not end within"),
}


@pytest.mark.parametrize(("body", "message"), MEAN.values(), ids=MEAN)
def test_mean_candidates_are_refused_and_the_next_is_judged(site: Site, body: str, message: str) -> None:
    mean = f"if words(text):\n{''.join(f'    {line}{chr(10)}' for line in body.splitlines())}{COUNT}"
    quick = replace(site.bench.project.settings, execution_timeout=5.0)
    with Bench(replace(site.bench.project, settings=quick), level="auto") as bench:
        said = report(bench.judge(Candidate(site.specs["count"], mean)))
        assert message in said
        assert len(said) < 6_000
        assert isinstance(bench.judge(Candidate(site.specs["count"], COUNT)), Accepted)


def test_what_the_agents_tests_do_helps_no_gate(site: Site) -> None:
    """They patch what the gates look at; the gates do not see it."""
    tests = (
        "import pytest\n\n\n@pytest.fixture(autouse=True, scope='session')\ndef _helped():\n"
        "    with pytest.MonkeyPatch.context() as patch:\n"
        "        patch.setattr('app.text.count', lambda text: {'a': 2, 'b': 1})\n        yield\n\n\n"
        "def test_own():\n    assert count('a') is not None\n"
    )
    said = report(site.judge("count", COUNT.replace("+ 1", "+ 2"), tests=tests))
    assert said.startswith("gates: it did not pass")


def test_many_threads_share_a_bench(site: Site) -> None:
    verdicts: dict[int, Verdict] = {}

    def work(number: int) -> None:
        body = COUNT if number % 2 else COUNT.replace("+ 1", "+ 2")
        verdicts[number] = site.judge("count", body)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(verdicts[number]) for number in range(6)] == [Refused, Accepted] * 3


def test_a_gate_file_that_cannot_be_imported_says_why(tmp_path: Path) -> None:
    tests = f"{projects.TESTS}\n\nraise RuntimeError('broken at import')\n"
    root = projects.write(tmp_path, {**projects.FILES, "tests/test_text.py": tests})
    for site in open_site(root):
        flags = site.bench.red(site.specs["count"])
        assert [flag.code for flag in flags] == ["broken-gate"]
        assert "broken at import" in flags[0].detail
        assert "broken at import" in report(site.judge("count", COUNT))


def test_a_project_without_pytest_says_so(tmp_path: Path) -> None:
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=True)
    with pytest.raises(ToolError, match="has no pytest"):
        projects.project(tmp_path, Settings(python=".venv/bin/python"))


def test_a_missing_interpreter_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="is no program that can be run"):
        projects.project(tmp_path, Settings(python="nowhere/python-of-ours"))


def test_small_changes_show_what_no_test_notices(site: Site) -> None:
    verdict = site.judge("chunks", CHUNKS)
    assert isinstance(verdict, Accepted)
    found = site.bench.try_mutants(site.specs["chunks"], verdict)
    first, *_ = found.survivors  # how many are tried depends on the time that they take
    assert str(first) == "`size < 1` -> `size <= 1`"
    assert verdict.text.splitlines()[first.line - 1] == "    if size < 1:"
    assert found.words[0] == f"mutants={found.noticed}/{found.tried}"
    assert found.noticed < found.tried


def test_where_the_body_itself_does_not_pass_nothing_is_said_of_its_tests(site: Site) -> None:
    tried = Accepted("def chunks(items, size):\n    return items[size:]\n", "", ())
    assert site.bench.try_mutants(site.specs["chunks"], tried).words == ()
    assert site.bench.try_mutants(site.specs["lonely"], tried).words == ()
