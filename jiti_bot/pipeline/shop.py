"""What the work on units shares, and the small things that all of it needs."""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from jiti_bot.agent.budget import Budget
from jiti_bot.agent.events import Event
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.outcome import Spent
from jiti_bot.agent.replies import Remembering, Replies
from jiti_bot.agent.transcript import Transcript, path_of
from jiti_bot.agent.turn import Model
from jiti_bot.errors import JitiError, SandboxError, ToolError
from jiti_bot.pipeline.looking import Latest
from jiti_bot.planning.result import Result
from jiti_bot.settings import Settings
from jiti_bot.source.model import Spec
from jiti_bot.store.write import MAX_CODE
from jiti_bot.validation.bench import Bench


@dataclass(slots=True)
class Shop:
    """What the work on units shares.

    ``connect`` gives the model for a stub's settings, ``look`` the project's units as they stand on disk now, by key.
    ``hints`` are people's wishes by key. ``allowance`` is the run's. Who talks to a model holds one of ``talks``, of
    which there are as many as jobs; to have a test rewritten meanwhile takes no other.
    """

    root: Path
    settings: Settings
    bench: Bench
    connect: Callable[[Settings], Model]
    look: Callable[[], Latest]
    files: ProjectFiles
    allowance: Budget
    emit: Callable[[Event], None]
    stop: threading.Event
    secrets: tuple[str, ...] = ()
    log: Callable[[str], None] | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    python: str = "3.11"
    talks: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self.talks = threading.BoundedSemaphore(self.settings.jobs)

    def model(self, spec: Spec, settings: Settings, *, together: bool = False) -> Model:
        """The model that is asked about a unit, or about several ``together``; what was answered is kept meanwhile."""
        return Remembering(self.connect(settings), self._replies(spec, together=together))

    def forget(self, spec: Spec, *, together: bool = False) -> None:
        """The work on a unit has ended: another time the model is asked anew."""
        self._replies(spec, together=together).forget()

    @contextmanager
    def doubting(self, spec: Spec, *, together: bool = False) -> Generator[None]:
        """Have the last reply about a unit asked for again, by another run, if a tool or we fail: it may be why."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, JitiError) or isinstance(error, ToolError | SandboxError):
                self._replies(spec, together=together).doubt()
            raise

    def _replies(self, spec: Spec, *, together: bool) -> Replies:
        store, tracked = self.root / spec.store, self.files.names
        return Replies(store, spec.key, secrets=self.secrets, together=together, root=self.root, tracked=tracked)

    def transcript(self, spec: Spec, settings: Settings, together: Sequence[str] = ()) -> Transcript:
        """Where it is written down what was said about a unit; with ``together`` after what was said about it alone."""
        path = path_of(self.root / spec.store, spec.key)
        return Transcript(path, secrets=self.secrets, log=self.log, level=settings.log, together=together)


def too_large(what: str, text: str) -> str:
    """Why a text is not worked on, in words: what cannot be published is not paid for either."""
    return f"{what} has {len(text):,} characters, and {MAX_CODE:,} are allowed" if len(text) > MAX_CODE else ""


def spent_on(result: Result, spent: Spent, model: str) -> Result:
    """A result with what its conversation has cost."""
    return replace(
        result,
        turns=spent.turns,
        usd=None if spent.usd is None else float(spent.usd),
        input_tokens=spent.usage.input,
        output_tokens=spent.usage.output,
        cache_read_tokens=spent.usage.read,
        model=model,
    )
