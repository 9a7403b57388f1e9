"""A small project with a function, a gated function and a class, its right answers, and decisions about it."""

from dataclasses import replace

from jiti_bot.loopback import Conversation, Reply, ToolUse
from jiti_bot.pipeline.looking import look
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages.event import Task
from jiti_bot.stages.ground import places
from jiti_bot.stages.model import Decision, Work
from jiti_bot.store.survey import Standing
from jiti_bot.store.write import compose, parts_of
from jiti_bot.workspace import Workspace, open_workspace
from tests import lean
from tests.committed import code
from tests.repo import Repo

TEXT = '''"""Text helpers."""

from jiti import jiti


@jiti
def slugify(text: str) -> str:
    """Make a slug.

    >>> slugify("Hello  World")
    'hello-world'
    """
    raise NotImplementedError


@jiti
def shout(text: str) -> str:
    """Return the text in capitals, with an exclamation mark."""
    raise NotImplementedError
'''
GATE = """from jiti import jiti

from app.text import shout


@jiti.required_for(shout)
def test_shout() -> None:
    assert shout("hey") == "HEY!"
    assert shout("") == "!"
"""
STACK = """from jiti import jiti


@jiti
class Stack:
    \'\'\'A stack of numbers.

    >>> stack = Stack()
    >>> stack.push(3)
    >>> stack.size
    1
    \'\'\'

    def __init__(self) -> None:
        raise NotImplementedError

    def push(self, item: int) -> None:
        raise NotImplementedError

    @property
    def size(self) -> int:
        raise NotImplementedError
"""
FILES: dict[str, str | None] = {
    "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n',
    "app/__init__.py": "",
    "app/text.py": TEXT,
    "app/stack.py": STACK,
    "tests/test_text.py": GATE,
}
SLUGIFY, SHOUT, CLASS = "app.text.slugify", "app.text.shout", "app.stack.Stack"
SLUG_FILE, SHOUT_FILE, CLASS_FILE = ".jiti/app/text/slugify.py", ".jiti/app/text/shout.py", ".jiti/app/stack/Stack.py"
BODIES = {SLUGIFY: 'return "-".join(text.lower().split())', SHOUT: 'return f"{text.upper()}!"'}
STACK_CODE = """class Stack:
    def __init__(self) -> None:
        self._items: list[int] = []

    def push(self, item: int) -> None:
        self._items.append(item)

    def size(self) -> int:
        return len(self._items)
"""
MEMBERS = {
    "Stack.__init__": "self._items: list[int] = []",
    "Stack.push": "self._items.append(item)",
    "Stack.size": "return len(self._items)",
}


def right(conversation: Conversation) -> Reply:
    """A model that knows the answers."""
    more = {"bodies": MEMBERS} if conversation.key == CLASS else {"body": BODIES[conversation.key]}
    return Reply((ToolUse("submit", {"helpers": "", "tests": "", "quality": 9, **more}),))


def write(repo: Repo) -> Repo:
    """The project, committed."""
    for path, text in FILES.items():
        repo.write(path, text or "")
    repo.commit()
    return repo


def opened(repo: Repo, **env: str) -> Workspace:
    """The project as a stage opens it."""
    return open_workspace(str(repo.path), {**lean.within(repo).env, **env}, {"sandbox": "required"})


def head(repo: Repo, revision: str = "HEAD") -> str:
    return repo.git("rev-parse", revision).strip()


def decision(repo: Repo, **more: object) -> Decision:
    """To work on what is checked out."""
    return replace(Decision(Task.GENERATE, "main was pushed to", "main", head(repo)), **more)


def text_of(standing: Standing, body: str = "") -> str:
    """A committed file for a stub with its right body, or another one."""
    spec = standing.spec
    written = STACK_CODE if spec.key == CLASS and not body else code(spec, body or BODIES[spec.key])
    parts = parts_of(spec.stub, written)
    evidence = "ruff ty attempts=2"
    return compose(spec.key, spec.digests, written, model="claude-sonnet-5-5", evidence=evidence, parts=parts)


def claims(repo: Repo, *keys: str, **bodies: str) -> Work:
    """What a shard says that wrote the right bodies for ``keys``; ``bodies`` are others, by the stub's own name."""
    wanted = keys or (SLUGIFY, SHOUT, CLASS)
    standings = {key: one for key, one in look(opened(repo)).items() if key in wanted}
    texts = {places(one)[0]: text_of(one, bodies.get(key.rpartition(".")[2], "")) for key, one in standings.items()}
    results = tuple(
        Result(key, Outcome.GENERATED, one.spec.path, attempts=2, turns=3, usd=0.01, model="claude-sonnet-5-5")
        for key, one in standings.items()
    )
    return Work(head(repo), texts, results)


def outcomes(work: Work) -> dict[str, str]:
    return {one.key: one.outcome.value for one in work.results}
