"""The bench and the slow judge agree on every candidate of a long table."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from jiti_bot.settings import Settings
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.environment import make_shim
from jiti_bot.validation.model import Accepted, Candidate, Refused
from tests import lean
from tests.validation import projects
from tests.validation.cases import CASES, Case
from tests.validation.oracle import Opinion, Oracle

SECONDS = 12.0  # until the bench ends a candidate


@dataclass(frozen=True)
class Courts:
    bench: Bench
    opinions: dict[str, Future[Opinion]]  # of the slow judge, by case, worked out beside the bench
    specs: dict[str, Spec]

    def candidate(self, case: Case) -> Candidate:
        return Candidate(self.specs[case.unit], case.body, case.helpers)


@pytest.fixture(scope="module")
def courts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courts]:
    root = projects.write(tmp_path_factory.mktemp("judged"))
    shim = tmp_path_factory.mktemp("path") / "shim"
    project = projects.project(root, Settings(python=str(lean.python()), execution_timeout=SECONDS))
    make_shim(shim, project.environment.ours)
    found = {
        unit: replace(spec, gates=tuple(gate for gate in spec.gates if gate.kind is not GateKind.TEST))
        for unit, spec in projects.specs(root).items()
    }
    oracle = Oracle(project, shim)
    chosen = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    pool = ThreadPoolExecutor(2)
    with Bench(project, level="auto", specs={spec.key: spec for spec in found.values()}) as bench:
        courts = Courts(bench, {}, found)
        for case in CASES:
            if case.name in chosen:
                courts.opinions[case.name] = pool.submit(oracle.judge, courts.candidate(case))
        yield courts
        pool.shutdown(cancel_futures=True)


def test_the_table_is_long_and_names_are_unique() -> None:
    right = sum(case.ok for case in CASES)
    print(f"{len(CASES)} candidates: {right} right, {len(CASES) - right} wrong")
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_they_agree(courts: Courts, case: Case) -> None:
    verdict = courts.bench.judge(courts.candidate(case))
    opinion = courts.opinions[case.name].result()
    said = verdict.report if isinstance(verdict, Refused) else str(type(verdict))
    assert (isinstance(verdict, Accepted), opinion.ok) == (case.ok, case.ok), f"{said}\n{opinion.why}"
    assert isinstance(verdict, Accepted | Refused)
    if isinstance(verdict, Refused):
        assert verdict.report
        assert len(verdict.report) < 6000
