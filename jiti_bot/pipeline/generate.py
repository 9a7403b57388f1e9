"""The main job: from a plan to results, with everything that it takes opened before and closed behind."""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from jiti_bot.agent.budget import Budget
from jiti_bot.agent.events import Event
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.pipeline.connect import Models
from jiti_bot.pipeline.implement import Implementer
from jiti_bot.pipeline.looking import Looking
from jiti_bot.pipeline.pending import Pending
from jiti_bot.pipeline.run import Failure, run
from jiti_bot.pipeline.shop import Shop
from jiti_bot.planning.plan import Action, Plan
from jiti_bot.planning.result import Result
from jiti_bot.redact import secrets_in
from jiti_bot.store.claims import Claims
from jiti_bot.store.write import open_store
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.project import open_project
from jiti_bot.workspace import Workspace


@dataclass(slots=True)
class Session:
    """A run that is ready to go. ``shield`` says in words what the sandbox holds."""

    shield: str
    stop: threading.Event
    results: Iterator[Result | Failure]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told: of events, and of log lines. What people ask for and the calls that were seen, by key."""

    emit: Callable[[Event], None] = lambda _event: None
    log: Callable[[str], None] = lambda _line: None
    hints: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@contextmanager
def session(workspace: Workspace, pending: Pending, watch: Watch) -> Generator[Session]:
    """Open what it takes to work on ``pending``: the project's interpreter, the sandboxed bench, connections.

    Raises `ToolError`, `SandboxError`, `ExtraMissingError` or `CredentialsError` before anything is spent.
    """
    settings = workspace.settings
    root = Path(workspace.root)
    stop = threading.Event()
    with ExitStack() as stack:
        models = Models(root, workspace.env)
        stack.callback(models.close)
        asked = [step.spec for step in pending.plan.pending if step.action is Action.GENERATE]
        general = any(spec.stub.engine is None for spec in asked)
        if general:
            models.expect(settings)  # no key: said before a worker is started
        for store in sorted({step.spec.store for step in pending.plan.pending}):
            open_store(str(root / store))  # before the sandbox is: it grants what it sees
        project = open_project(root, settings, workspace.env)
        specs = {key: one.spec for key, one in pending.standings.items()}
        bench = stack.enter_context(
            Bench(project, level=settings.sandbox, specs=specs, observed=watch.observed, proofs_first=not asked)
        )
        if general:
            models(settings)
        allowance = Budget(Decimal(str(settings.max_usd_run)))
        stack.callback(allowance.close)
        stack.callback(stop.set)
        shop = Shop(
            root=root,
            settings=settings,
            bench=bench,
            connect=models,
            look=Looking(workspace),
            files=_files(workspace, root),
            allowance=allowance,
            emit=watch.emit,
            stop=stop,
            secrets=secrets_in(workspace.env),
            log=watch.log,
            hints=watch.hints,
            python="{}.{}".format(*project.environment.version[:2]),
        )
        claims = Claims(str(root))
        stack.callback(claims.close)
        implement = Implementer(shop, pending.standings)
        yield Session(str(bench.workbench.shield), stop, _rounds(pending, implement, settings.jobs, stop, claims))


def _rounds(
    pending: Pending, implement: Implementer, jobs: int, stop: threading.Event, claims: Claims
) -> Iterator[Result | Failure]:
    """The plan, then what was judged by a test that was rewritten meanwhile.

    Where several are worked on, as many again may be getting ready or being proved while those talk to a model.
    """
    failed: set[str] = set()
    under_way = 2 * jobs if jobs > 1 else 1
    plan, spare = pending.plan, pending.spare
    while plan.pending:
        for one in run(plan, implement, under_way, stop, spare, claims, implement.together):
            if isinstance(one, Result) and not one.good:
                failed.add(one.key)
            yield one
        plan, spare = Plan(()) if stop.is_set() else implement.disputes.left(failed), {}
    yield from implement.disputes.results()


def _files(workspace: Workspace, root: Path) -> ProjectFiles:
    """What the model may read: what git tracks, and without git what discovery would walk over."""
    if workspace.git is not None:
        return ProjectFiles.of(root, workspace.git.tracked())
    return ProjectFiles.of(root, workspace.work_tree().names())
