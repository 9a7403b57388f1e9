"""Play a case: a real repository, real commands, the model's words over a loopback server."""

import difflib
import doctest
import hashlib
import re
import shlex
import sys
from collections import defaultdict, deque
from pathlib import Path

from jiti_bot.loopback import Conversation, Loopback, NoReplyError, Reply, Text, ToolUse
from jiti_bot.store.header import HeaderError, split
from tests.cases.case import Answer, Case, Command, File, Stored
from tests.repo import Done, Repo

# What pytest-asyncio says at its start to every project that does not configure it.
_QUIET = "ignore:The configuration option"
# How many small changes are tried depends on the machine's speed: a case that is about them sets it itself.
PLAIN = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n\n[tool.jiti]\nmutants = 0\n'
_RESULT = re.compile(r"[\w.]+: (generated|failed|revalidated|restored|conflict|skipped)\b")
_BIN = Path(sys.executable).parent
_OURS = ("jiti", "pytest")  # commands that must leave the user's files alone


class Stage:
    """One repository and the model that answers in it."""

    def __init__(self, case: Case, repo: Repo, server: Loopback, answers: dict[str, deque[Answer]]) -> None:
        self.case = case
        self.repo = repo
        self.server = server
        self.answers = answers
        self.generated: Done | None = None

    def play(self) -> None:
        """All steps, then what holds after every case."""
        if not any(isinstance(step, File) and step.path == "pyproject.toml" for step in self.case.steps):
            self.repo.write("pyproject.toml", PLAIN)
        for step in self.case.steps:
            match step:
                case File(path=path, text=None):
                    (self.repo.path / path).unlink()
                case File():
                    self.repo.write(step.path, step.data())
                case Answer():
                    self.answers[step.key].append(step)
                case Command():
                    self._command(step)
                case Stored():
                    self._stored(step)
        left = {key: len(waiting) for key, waiting in self.answers.items() if waiting}
        assert not left, f"{self.case.name}: the model was not asked for these replies: {left}"
        if self.generated is not None and self.generated.code == 0:
            self._settled()

    def run(self, line: str) -> Done:
        """Run a command; git has everything that was written until now."""
        given, (name, *words) = _assignments(shlex.split(line))
        self._add()
        env = {"ANTHROPIC_BASE_URL": self.server.url, "ANTHROPIC_API_KEY": "sk-test-key"} if name == "jiti" else {}
        env |= given
        env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": _QUIET, **env}
        match name:
            case "jiti":
                return self.repo.jiti(*words, **env)
            case "pytest":
                command = [self.repo.python, "-m", "pytest", "-p", "no:cacheprovider", *words]
            case "python":
                command = [self.repo.python, *words]
            case "git":
                command = ["git", *words]
            case _:
                command = [str(_BIN / name), *words]
        return self.repo.run(*command, **env)

    def _add(self) -> None:
        self.repo.git("add", "-A", "--", ":!.jiti")

    def _command(self, command: Command) -> None:
        self._add()
        before = self._files()
        done = self.run(command.line)
        got = done.out + done.err
        where = f"{self.case.name}.md:{command.at}: $ {command.line}"
        assert done.code == command.code, f"{where} ended with {done.code}, not {command.code}:\n{got}"
        if command.shown.strip():
            got = _as_told(command.shown, got)
            same = doctest.OutputChecker().check_output(command.shown, got, doctest.ELLIPSIS)
            assert same, f"{where} printed something else:\n{_difference(command.shown, got)}"
        name = _assignments(shlex.split(command.line))[1][0]
        if name in _OURS:
            assert self._files() == before, f"{where} changed files outside the store"
        if command.line.startswith("jiti generate"):
            self.generated = done

    def _stored(self, stored: Stored) -> None:
        path = self.repo.path / stored.path
        if stored.text is None:
            assert not path.exists(), f"{self.case.name}: {stored.path} is there:\n{path.read_text('utf-8')}"
            return
        assert path.exists(), f"{self.case.name}: there is no {stored.path}, but {sorted(self._store())}"
        parts = split(path.read_text("utf-8"))
        assert not isinstance(parts, HeaderError), f"{stored.path}: {parts}"
        code = parts[1].lstrip("\n")
        assert code == stored.text, f"{self.case.name}: {stored.path}\n{_difference(stored.text, code)}"

    def _settled(self) -> None:
        """What is generated is proved, complete, and not done twice."""
        asked, store = len(self.server.seen), self._store()
        for line in ("jiti generate", "jiti check --strict"):
            done = self.run(line)
            assert done.code == 0, f"{self.case.name}: $ {line} ended with {done.code}:\n{done.out}{done.err}"
        assert len(self.server.seen) == asked, f"{self.case.name}: a second `jiti generate` asked the model"
        assert self._store() == store, f"{self.case.name}: a second `jiti generate` changed the store"

    def _store(self) -> dict[str, bytes]:
        folder = self.repo.path
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*.py")
            if ".jiti" in path.parts
        }

    def _files(self) -> dict[str, str]:
        # git refreshes its index when it is asked what changed, and beside that stands what we know of its blobs; all
        # else in its folder is its user's.
        skipped = {".jiti", "__pycache__", "index"}
        found = ((path, path.relative_to(self.repo.path)) for path in self.repo.path.rglob("*") if path.is_file())
        return {
            name.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path, name in found
            if skipped.isdisjoint(name.parts) and name.parts[:2] != (".git", "jiti")
        }


def play(case: Case, repo: Repo) -> None:
    """Play ``case`` in an empty repository. Raises AssertionError with what came otherwise than written."""
    answers: dict[str, deque[Answer]] = defaultdict(deque)

    def script(conversation: Conversation) -> Reply:
        waiting = answers[conversation.key]
        if not waiting:
            raise NoReplyError(f"{case.name}: no reply is left for `{conversation.key}`.")
        answer = waiting.popleft()
        arguments = dict(answer.arguments)
        if answer.tool == "submit":
            arguments = {"helpers": "", "tests": "", "quality": 9, **arguments}
        elif answer.tool == "submit_test":
            arguments = {"helpers": "", **arguments}
        elif answer.tool == "says":
            return Reply((Text(str(arguments["text"])),))
        elif answer.tool == "refuses":
            return Reply((Text(str(arguments["text"])),), "refusal", "policy")
        return Reply((ToolUse(answer.tool, arguments),))

    with Loopback(script) as server:
        Stage(case, repo, server, answers).play()


def _assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """``JITI_STRICT=1 jiti check`` as what is set for the command, and the command."""
    count = next(index for index, word in enumerate(words) if not re.match(r"[A-Z_]+=", word))
    return dict(word.split("=", 1) for word in words[:count]), words[count:]


def _as_told(shown: str, got: str) -> str:
    """What was printed with its results in the order of ``shown``: they are printed as they come, side by side.

    Where one stub has two results, as a test that is rewritten has, the order is what is shown.
    """
    told = [line.partition(":")[0] for line in shown.splitlines() if _RESULT.match(line)]
    if len(set(told)) < len(told):
        return got
    parts = re.split(r"(?m)^(?=\S)", got)
    places = [at for at, part in enumerate(parts) if _RESULT.match(part) and part.partition(":")[0] in told]
    results = sorted((parts[at] for at in places), key=lambda part: told.index(part.partition(":")[0]))
    for at, part in zip(places, results, strict=True):
        parts[at] = part
    return "".join(parts)


def _difference(want: str, got: str) -> str:
    return "\n".join(difflib.ndiff(want.splitlines(), got.splitlines()))
