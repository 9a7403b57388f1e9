"""A small real bench, a stub, and conversations with the loopback server, for the tests of this room."""

import doctest
import io
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiti_bot.agent import brief as briefs
from jiti_bot.agent.brief import Brief, Limits, Material
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.client import connect
from jiti_bot.agent.events import Event
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.loop import work
from jiti_bot.agent.outcome import Outcome, Postponed
from jiti_bot.agent.transcript import Transcript
from jiti_bot.agent.turn import Model
from jiti_bot.loopback import Conversation, Loopback, Reply, Text, Thinking, ToolUse
from jiti_bot.source.compose import compose
from jiti_bot.source.model import Digests, Gate, GateKind, Kind, Spec, Stub
from jiti_bot.validation.model import Accepted, Candidate, Check, Refused, Verdict, Waits
from jiti_bot.validation.together import Part, Standing, Verdicts

KEY = "app.text.slugify"
HOST = '''"""Texts."""

from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug.

    >>> slugify("Hello  World")
    'hello-world'
    """
    raise NotImplementedError
'''
RIGHT = 'return "-".join(text.lower().split())\n'
WRONG = 'return text.replace(" ", "-")\n'
BROKEN = "return (\n"
DIGESTS = Digests("0" * 16)
STUB = Stub(
    file="src/app/text.py",
    unit="slugify",
    kind=Kind.FUNCTION,
    line=7,
    end_line=13,
    header="def slugify(text: str) -> str:",
    docstring="Make a slug.\n\n>>> slugify(\"Hello  World\")\n'hello-world'",
    hints=(),
    decorators=(),
    uses=(),
    engine=None,
    is_async=False,
    is_generator=False,
    body_lines=(8, 13),
    members=(),
    digests=DIGESTS,
    docstring_source='"""Make a slug.\n\n>>> slugify("Hello  World")\n\'hello-world\'\n"""',
)
DOCTEST = Gate("slugify", GateKind.DOCTEST, "src/app/text.py", 8, (KEY,), "1" * 16)
SPEC = Spec(KEY, STUB, (DOCTEST,), (), DIGESTS, ".jiti", ".jiti/src/app/text/slugify.py")
FILES = {"src/app/text.py": HOST}


@dataclass(slots=True)
class SmallBench:
    """Compiles a candidate and runs the examples of its docstring, in this process."""

    missing: tuple[str, ...] = ()  # stubs without which nothing can be judged
    judged: list[Candidate] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def judge(self, candidate: Candidate, staged: Mapping[str, str]) -> Verdict:
        if not set(self.missing) <= set(staged):
            return Waits(self.missing, (), "It calls stubs that are not there yet.")
        self.judged.append(candidate)
        stub = candidate.spec.stub
        text = compose(stub, candidate.body, candidate.helpers)
        try:
            code = compile(text, "<candidate>", "exec")
        except SyntaxError as error:
            return Refused((Check("guards", ok=False),), f"guards: it does not parse: {error.msg}")
        names: dict[str, object] = {}
        exec(code, names)
        wrong = io.StringIO()
        runner = doctest.DocTestRunner()
        for test in doctest.DocTestFinder().find(names[stub.name], stub.name, module=False, globs=names):
            runner.run(test, out=wrong.write)
        if wrong.getvalue():
            checks = (Check("guards", ok=True), Check("doctests", ok=False))
            return Refused(checks, f"doctests: {wrong.getvalue()}")
        return Accepted(text, candidate.tests, (Check("guards", ok=True), Check("doctests", ok=True)))

    def judge_together(self, parts: Sequence[Part], staged: Mapping[str, str]) -> Verdicts:
        whole = {**staged, **{part.spec.path: "" for part in parts}}
        return {part.spec.key: part.draft if isinstance(part, Standing) else self.judge(part, whole) for part in parts}

    def run_python(self, code: str, timeout: float) -> str:
        self.ran.append(code)
        out = io.StringIO()
        with redirect_stdout(out):
            exec(code, {})
        return f"{out.getvalue()}(within {timeout:g} s)"

    def observe(self, spec: Spec) -> str:
        return f"{spec.stub.name}('Hello  World')"


def brief(**changes: Any) -> Brief:
    """The brief of the stub; ``changes`` are those of `Limits`, or ``spec`` and others of `Material`."""
    limits = {name: changes.pop(name) for name in list(changes) if name in Limits.__dataclass_fields__}
    material = replace(Material(SPEC, lambda file: FILES[file]), **changes)
    return briefs.write(material, replace(Limits(), **limits))


def submit(body: str = RIGHT, **more: Any) -> Reply:
    return Reply(
        (Thinking("I see."), ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9, **more}))
    )


def says(text: str = "Done.") -> Reply:
    return Reply((Text(text),))


def call(name: str, **given: object) -> Reply:
    return Reply((Thinking("Hm."), ToolUse(name, given)))


def script(**replies: Reply) -> Callable[[Conversation], Reply]:
    """Replies by state; spaces are written as underscores: ``after_FAILED_1``. ``otherwise`` is for all others."""

    def answer(conversation: Conversation) -> Reply:
        for state in conversation.states:
            if state.replace(" ", "_") in replies:
                return replies[state.replace(" ", "_")]
        return replies["otherwise"]

    return answer


@dataclass(slots=True)
class Room:
    """A server, a bench and everything else that `work` takes, with what came of it."""

    server: Loopback
    model: Model
    bench: SmallBench = field(default_factory=SmallBench)
    budget: Budget = field(default_factory=lambda: Budget(Decimal(1)))
    events: list[Event] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    files: ProjectFiles = field(default_factory=lambda: ProjectFiles(Path(), frozenset()))
    path: Path | None = None
    level: str = "debug"
    stop: Any = None
    watch: Callable[[Event], None] | None = None

    def work(self, given: Brief | None = None, *, resume: Postponed | None = None, **more: Any) -> Outcome:
        transcript = Transcript(self.path, secrets=("sk-very-secret",), log=self.logged.append, level=self.level)
        options: dict[str, Any] = {"files": self.files, "stop": self.stop, "resume": resume, **more}
        return work(
            given or brief(),
            self.bench,
            self.model,
            self.budget,
            transcript,
            self.watch or self.events.append,
            **options,
        )

    def named(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def asked(self, index: int = -1) -> dict:
        """The body of a request that arrived."""
        return self.server.seen[index].body

    def results(self, index: int = -1) -> list[dict]:
        """The tool results in the last message of a request."""
        return [block for block in self.asked(index)["messages"][-1]["content"] if block["type"] == "tool_result"]


@contextmanager
def room(answer: Callable[[Conversation], Reply], model: str = "claude-sonnet-5-5", **options: Any) -> Generator[Room]:
    """A room whose server answers with ``answer``."""
    with Loopback(answer, **options) as server:
        client = connect(model, {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-very-secret"})
        try:
            yield Room(server, client)
        finally:
            client.close()


class Patience:
    """In place of the flag that stops a run: notes what it would have waited and waits not at all."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.waits: list[float] = []
        self._stop_after = stop_after

    def is_set(self) -> bool:
        return self._stop_after is not None and len(self.waits) > self._stop_after

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.is_set()
