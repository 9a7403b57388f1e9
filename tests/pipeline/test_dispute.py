"""A test rewritten while another unit that it gates is proved: that one is judged by what is there in the end."""

import os
import threading
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from jiti_bot.agent.budget import Budget
from jiti_bot.agent.client import connect
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.outcome import Dispute
from jiti_bot.loopback import Conversation, Loopback, Reply, ToolUse
from jiti_bot.pipeline.implement import Implementer
from jiti_bot.pipeline.looking import Looking, look
from jiti_bot.pipeline.pending import pending
from jiti_bot.pipeline.shop import Shop
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.source.model import GateKind, Spec
from jiti_bot.store.paths import make_store
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Verdict
from jiti_bot.validation.project import open_project
from jiti_bot.workspace import open_workspace
from tests.repo import Repo

HOST = '''from jiti import jiti


@jiti
def cents(text: str) -> int:
    """The cents of an amount such as ``1.25``; what a negative one is depends on the day."""
    raise NotImplementedError
'''
TESTS = '''import pytest

from app import cents
from jiti import jiti

assert pytest


@jiti.required_for(cents)
def test_negative() -> None:
    """What cents does with a negative amount."""
    ...
'''
TEST = "tests.test_app.test_negative"
OLD = 'assert cents("1.00") == 100'
NEW = 'with pytest.raises(ValueError):\n    cents("-1.00")'
LENIENT = "return int(float(text) * 100)"
STRICT = f'if text[:1] == "-":\n    raise ValueError(text)\n{LENIENT}'


class _Meddled(Bench):
    """A real bench; after the first proof of ``cents``, and before that is stored, its test is rewritten."""

    implement: Implementer | None = None
    done = False

    def prove(self, accepted: Mapping[str, tuple[Spec, Accepted]]) -> Mapping[str, Verdict]:
        verdicts = super().prove(accepted)
        replies = self.project.root / ".jiti/.cache/replies"
        assert {f"{key}.jsonl" for key in accepted} <= {path.name for path in replies.iterdir()}, "paid for and kept"
        if "app.cents" in accepted and not self.done and self.implement is not None:
            self.done = True
            spec = accepted["app.cents"][0]
            gate = next(gate for gate in spec.gates if gate.kind is GateKind.TEST)
            settled = self.implement.disputes.settle(spec, gate, (), Dispute(gate.name, "It says too little."))
            assert NEW.splitlines()[0] in settled.said
        return verdicts


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(STRICT, Outcome.GENERATED, id="it passes the new one as well"),
        pytest.param(LENIENT, Outcome.FAILED, id="it does not pass the new one"),
    ],
)
def test_rewritten_between_proof_and_store(repo: Repo, body: str, outcome: Outcome) -> None:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n')
    repo.write("app.py", HOST)
    repo.write("tests/test_app.py", TESTS)
    bodies = iter([OLD, NEW])

    def script(conversation: Conversation) -> Reply:
        if conversation.key == TEST:
            return Reply((ToolUse("submit_test", {"body": next(bodies), "helpers": ""}),))
        return Reply((ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9}),))

    with Loopback(script) as server:
        ended = _run(repo.path, server.url)

    assert [one.outcome for one in ended] == [Outcome.GENERATED, outcome]
    assert not list((repo.path / ".jiti/.cache/replies").iterdir())
    assert NEW.splitlines()[0] in (repo.path / ".jiti/tests/tests/test_app/test_negative.py").read_text()
    assert (repo.path / ".jiti/app/cents.py").is_file() is ended[1].good
    states = {key: one.state.condition.value for key, one in look(open_workspace(str(repo.path), repo.env)).items()}
    assert states == {TEST: "current", "app.cents": "current" if ended[1].good else "missing"}


def _run(root: Path, url: str) -> list[Result]:
    """The test, then the stub that it gates."""
    env = {"PATH": os.environ["PATH"], "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-test"}
    workspace = open_workspace(str(root), env)
    todo = pending(workspace)
    make_store(str(root / ".jiti"))
    specs = {key: one.spec for key, one in todo.standings.items()}
    project = open_project(root, workspace.settings, env)
    model = connect("claude-sonnet-5-5", env)
    with _Meddled(project, level="auto", specs=specs) as bench:
        shop = Shop(
            root,
            workspace.settings,
            bench,
            lambda _settings: model,
            Looking(workspace),
            ProjectFiles(root, frozenset()),
            Budget(Decimal(1)),
            lambda _event: None,
            threading.Event(),
        )
        implement = Implementer(shop, todo.standings)
        bench.implement = implement
        ended = [implement(step, None) for step in todo.plan.pending]
    model.close()
    results = [one for one in ended if isinstance(one, Result)]
    assert [one.key for one in implement.disputes.results()] == [TEST]
    return results
