"""The bench and the slow judge agree on every candidate of a long table."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from tests.validation.oracle import Oracle

SECONDS = 12.0  # until the bench ends a candidate


@dataclass(frozen=True)
class Courts:
    bench: Bench
    oracle: Oracle
    specs: dict[str, Spec]

    def candidate(self, case: Case) -> Candidate:
        return Candidate(self.specs[case.unit], case.body, case.helpers)


@pytest.fixture(scope="module")
def courts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courts]:
    root = projects.write(tmp_path_factory.mktemp("judged"))
    shim = tmp_path_factory.mktemp("path") / "shim"
    project = projects.project(root, Settings(python=str(lean.python()), execution_timeout=SECONDS))
    make_shim(shim, project.environment.ours)
    found = {
        unit: replace(spec, gates=tuple(gate for gate in spec.gates if gate.kind is not GateKind.TEST))
        for unit, spec in projects.specs(root).items()
    }
    with Bench(project, level="auto", specs={spec.key: spec for spec in found.values()}) as bench:
        yield Courts(bench, Oracle(project, shim), found)


def test_the_table_is_long_and_names_are_unique() -> None:
    right = sum(case.ok for case in CASES)
    print(f"{len(CASES)} candidates: {right} right, {len(CASES) - right} wrong")
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_they_agree(courts: Courts, case: Case) -> None:
    with ThreadPoolExecutor(1) as beside:
        judged = beside.submit(courts.oracle.judge, courts.candidate(case))
        verdict = courts.bench.judge(courts.candidate(case))
        opinion = judged.result()
    said = verdict.report if isinstance(verdict, Refused) else str(type(verdict))
    assert (isinstance(verdict, Accepted), opinion.ok) == (case.ok, case.ok), f"{said}\n{opinion.why}"
    assert isinstance(verdict, Accepted | Refused)
    if isinstance(verdict, Refused):
        assert verdict.report
        assert len(verdict.report) < 6000
