"""Lives one sequence of steps and holds it, after each of them, to what is promised."""

import contextlib
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.life import faults, model
from tests.life.faults import Done
from tests.life.model import Script
from tests.life.oracle import Oracle, normal
from tests.life.steps import Both, Clear, Edit, Generate, Hand, Repository, Step, Submit
from tests.life.world import World

GOOD = frozenset({"generated", "revalidated", "restored", "moved", "current"})
_NOT_OURS = ("git", "show-ref", "--head")


@dataclass(slots=True)
class Life:
    """One project's life. ``tally`` counts what is met."""

    world: World
    tally: Counter[str]
    script: Script = field(init=False)
    oracle: Oracle = field(init=False)

    def __post_init__(self) -> None:
        self.script = Script(self.world.path.parent / "asked")
        self.oracle = Oracle(self.world.path)

    def live(self, steps: Sequence[Step]) -> None:
        """Do all of it, then have everything generated, and look that nothing more is done the second time."""
        self.tally["sequences"] += 1
        for step in steps:
            self.tally["steps"] += 1
            if self._step(step):
                self._compare()
        self._generate(Generate())
        self._compare()
        self._again()

    def _step(self, step: Step) -> bool:
        """Do one step; whether anything can have changed."""
        match step:
            case Edit():
                return self._count("edit", step.what, done=self.world.edit(step))
            case Hand():
                return self._count("hand", step.what, done=self.world.hand(step))
            case Repository():
                return self._count("git", step.what, done=self.world.repository(step))
            case Generate(fault=None):
                self._generate(step)
            case Generate(fault=faults.Fault() as fault):
                self._faulty(step, fault)
            case Both():
                self._both()
            case Submit():
                self._submit(step)
            case Clear():
                self._clear(step)
        return True

    def _generate(self, step: Generate) -> dict[str, str]:
        """A whole run; what came of each unit."""
        states = {state for state, _ in self.oracle.states().values()}
        feasible = "malformed" not in states and self.world.is_feasible()
        # What a model in another mood said before a run was ended is heard again, and may lead to a failure again.
        resumed = any((self.world.path / ".jiti/.cache/replies").glob("*"))
        with self._held(step) as asked:
            done = self._jiti(*self._command(step))
            assert done.out, done.err
        outcomes = {one["key"]: one["outcome"] for one in json.loads(done.out)["stubs"]}
        self.tally.update(f"outcome {one}" for one in outcomes.values())
        if feasible and not any(step.moods) and not resumed:
            sure = outcomes if states <= {"missing", "stale", "current"} else asked  # no orphan by hand either
            assert all(outcomes[key] in GOOD for key in sure), (done.out, asked)
            self.tally["runs in which all had to succeed"] += 1
        return outcomes

    def _faulty(self, step: Generate, fault: faults.Fault) -> None:
        with self._held(step):
            command = self._command(step)
            if fault.kind == "full":
                with faults.failing(fault):
                    self._jiti(*command)
                self.tally["fault full"] += 1
                return
            model.current = self.script
            victim: list[int] = []  # where the model answers in the process that runs, that one
            if fault.call == "turn":
                self.script.turn = lambda number: (
                    faults.strike(fault, *victim or [os.getpid()]) if number == fault.number else None
                )
            prepare = (lambda: None) if fault.call == "turn" else lambda: faults.deadly(fault)
            victim.append(faults.begin(str(self.world.path), *command, prepare=prepare))
            done = faults.end(victim[0])
            self.script.turn = lambda _number: None
            self.tally[{-9: "killed", 130: "stopped"}.get(done.code, f"{fault.kind} not met")] += 1

    def _both(self) -> None:
        """Two runs at once: together they ask for each stub once."""
        with self._held(Generate()) as asked:
            model.current = self.script
            for one in [faults.begin(str(self.world.path), "generate") for _ in range(2)]:
                faults.end(one)
        assert max(Counter(asked).values(), default=1) == 1, asked
        self.tally["two at once"] += 1

    def _submit(self, step: Submit) -> None:
        keys = self.world.keys()
        if not keys:
            return
        key = keys[step.at % len(keys)]
        path = self._path(key)
        body = self.world.answer(key) if step.right else "return x - 1000"
        (self.world.path.parent / "body").write_text(body)
        with self._kept(dropped=(path,) if step.replace else (), rewritten=path), self._only_the_store():
            options = ("--replace",) if step.replace else ()
            done = self._jiti("submit", key, str(self.world.path.parent / "body"), "--json", *options)
        self.tally["submit stored" if done.code == 0 else "submit refused"] += 1

    def _clear(self, step: Clear) -> None:
        keys = self.world.keys()
        chosen = () if step.at is None or not keys else (keys[step.at % len(keys)],)
        dropped = tuple(map(self._path, chosen)) or tuple(self.oracle.stored())
        with self._kept(dropped=dropped), self._only_the_store():
            done = self._jiti("clear", "--yes", *chosen)
        if done.code == 0:
            assert not [path for path in dropped if (self.world.path / path).exists()]
        self.tally["clear"] += 1

    @contextlib.contextmanager
    def _held(self, step: Generate) -> Generator[list[str]]:
        """What holds for every run, however it ends; the keys that were asked for come to stand in the list."""
        states = self.oracle.states()
        keys = self.world.keys()
        self.world.number += 1
        moods = {key: step.moods[number % len(step.moods)] for number, key in enumerate(keys)}
        self.tally.update(f"model {model.MOODS[one]}" for one in moods.values())
        self.script.answers = {key: self.world.answer(key) for key in keys}
        self.script.leaning = {key: self.world.answer(key, leaning=True) for key in keys}
        self.script.moods = moods
        self.script.meddle = self._meddle
        self.script.log.unlink(missing_ok=True)
        asked: list[str] = []
        with self._kept(), self._only_the_store():
            yield asked
            asked += self.script.asked()
        settled = {self._path(key) for key in keys} & {
            path for path, (state, changed) in states.items() if state not in {"missing", "stale"}
        }
        wrong = [key for key in asked if self._path(key) in settled]
        assert not wrong, f"{wrong} asked for, though they are {[states[self._path(key)] for key in wrong]}"
        self.tally["conversations"] += len(asked)

    @contextlib.contextmanager
    def _kept(self, *, dropped: Sequence[str] = (), rewritten: str = "") -> Generator[None]:
        """Nothing that a person wrote is lost, the store stays whole, and what the machine writes is remembered."""
        before = self.oracle.stored()
        states = self.oracle.states()
        self._meanwhile.unlink(missing_ok=True)
        yield
        meddled = self._meddled()
        after = self.oracle.stored()
        self.oracle.note({**before, **meddled})
        by_hand = {path: data for path, data in before.items() if path not in dropped and self.oracle.is_by_hand(data)}
        texts = {path: _below(data) for path, data in after.items()}
        for path, data in {**by_hand, **meddled}.items():
            whole = after.get(path) == data or _below(data) in texts.values()
            assert whole, f"what a person wrote in {path} is lost:\n{data.decode()}"
            self.tally["hand edits kept"] += 1
        for path, (state, _) in states.items():
            same = after.get(path) == before.get(path)
            assert (
                same or state not in {"current", "conflict", "malformed"} or path in {rewritten, *dropped, *meddled}
            ), path
        self._whole()

    def _whole(self) -> None:
        """No temporary file is left where people or git would see it."""
        left = [path for path in (self.world.path / ".jiti").rglob("*") if path.name.endswith(".jiti-tmp")]
        if left:
            self.tally["leftovers, ignored by git"] += 1
            listed = subprocess.run(
                ("git", "status", "--porcelain", "-uall"),
                cwd=self.world.path,
                env=self.world.env,
                capture_output=True,
                check=True,
            )
            assert b".jiti-tmp" not in listed.stdout
            assert ".jiti-tmp" not in self._jiti("status").out

    @contextlib.contextmanager
    def _only_the_store(self) -> Generator[None]:
        """Only the store changes: neither sources nor what git knows."""
        before = dict(self._outside())
        yield
        assert dict(self._outside()) == before

    def _outside(self) -> Iterator[tuple[str, bytes]]:
        root = self.world.path
        names = [".gitignore", "pyproject.toml", ".git/HEAD", ".git/index", ".git/packed-refs"]
        folders = [root / "app", root / "tests", root / ".git/refs"]
        for path in [root / name for name in names] + [
            path for folder in folders for path in sorted(folder.rglob("*"))
        ]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield str(path), path.read_bytes()
        yield "root", "\n".join(sorted(path.name for path in root.iterdir() if path.name != ".jiti")).encode()

    def _compare(self) -> None:
        """`jiti status` and the oracle agree on every file."""
        done = self._jiti("status", "--json")
        assert done.code == 0, done.err
        said = {one["path"]: (one["state"], tuple(one["stale_parts"])) for one in json.loads(done.out)["stubs"]}
        expected = self.oracle.states()
        assert said == expected, {
            path: (said.get(path), expected.get(path))
            for path in {**said, **expected}
            if said.get(path) != expected.get(path)
        }
        self.tally.update(f"state {state}" for state, _ in said.values())

    def _again(self) -> None:
        """What is good is not asked for again, and a run that has nothing to do does nothing."""
        states = self.oracle.states()
        before = self.oracle.stored()
        outcomes = self._generate(Generate())
        pending = [path for path, (state, changed) in states.items() if state in {"missing", "stale"} or changed]
        if not pending:
            assert not self.script.asked()
            assert self.oracle.stored() == before
            self.tally["second runs without a call"] += 1
        assert set(self.script.asked()) <= {key for key in outcomes if self._path(key) in pending}

    def _command(self, step: Generate) -> tuple[str, ...]:
        keys = self.world.keys()
        target = () if step.target is None or not keys else (keys[step.target % len(keys)],)
        return "generate", "--json", "--jobs", "2", *target

    def _meddle(self, key: str) -> None:
        """A person writes while the model thinks; told in a file, for this may be another process.

        That may end at any moment: it is told before, and that it was done after.
        """
        name = self._path(key)
        path = self.world.path / name
        text = f"{path.read_text() if path.exists() else ''}# meanwhile {self.world.number}\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Several stubs' conversations go on at once, in several processes where two runs do.
        draft = self.world.path.parent / f"draft-{os.getpid()}-{key}"
        draft.write_text(text)
        self._tell(name, text, done=False)
        draft.replace(path)
        self._tell(name, text, done=True)

    def _tell(self, *what: str, done: bool) -> None:
        with self._meanwhile.open("a") as file:
            file.write(json.dumps([*what, done]) + "\n")

    def _meddled(self) -> dict[str, bytes]:
        """What people wrote while the machine worked, by path."""
        lines = self._meanwhile.read_text().splitlines() if self._meanwhile.exists() else []
        told = [json.loads(line) for line in lines if line.endswith("]")]
        found = {name: text.encode() for name, text, done in told if done or self._holds(name, text)}
        self.tally.update(["edits meanwhile"] * len(found))
        return found

    def _holds(self, name: str, text: str) -> bool:
        path = self.world.path / name
        return path.exists() and path.read_text() == text

    @property
    def _meanwhile(self) -> Path:
        return self.world.path.parent / "meanwhile"

    def _path(self, key: str) -> str:
        _, module, unit = key.split(".", 2)
        return f".jiti/app/{module}/{unit}.py"

    def _count(self, kind: str, what: str, *, done: bool) -> bool:
        self.tally[f"{kind} {what}" if done else "nothing to do"] += 1
        return done

    def _jiti(self, *args: str) -> Done:
        model.current = self.script
        done = faults.run(str(self.world.path), *args)
        assert "this is a bug" not in done.err, done.err
        return done


def _below(data: bytes) -> str:
    """A file's code without layout and header, or all of it where it has none. A renamed stub's is the same."""
    text = re.sub(r"\bdef \w+", "def it", data.decode())
    _head, seal, rest = text.partition("\n# seal: ")
    return normal(rest.partition("\n")[2]) if seal else normal(text)
