"""`jiti generate` and `jiti submit` as processes: a real repository, a loopback model, everything else real."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiti_bot.loopback import Conversation, Loopback, Reply, Text, ToolUse
from jiti_bot.loopback import faults as service
from tests.repo import Done, Repo
from tests.stages.project import STACK, TEXT

GATE = """from jiti import jiti

from app.text import shout


@jiti.required_for(shout)
def test_shout() -> None:
    assert shout("hey") == "HEY!"
"""
STACK_BODY = """class Stack:
    def __init__(self) -> None:
        self._items: list[int] = []

    def push(self, item: int) -> None:
        self._items.append(item)

    @property
    def size(self) -> int:
        return len(self._items)
"""
BODIES = {"app.text.slugify": 'return "-".join(text.lower().split())', "app.text.shout": 'return f"{text.upper()}!"'}
SLUG = ".jiti/app/text/slugify.py"
SHOUT = ".jiti/app/text/shout.py"


def submit(body: str, **more: object) -> Reply:
    return Reply((ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9, **more}),))


def right(conversation: Conversation) -> Reply:
    """A model that knows the answers."""
    return submit(BODIES[conversation.key])


@pytest.fixture
def project(plain: Repo) -> Repo:
    repo = plain
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n')
    repo.write("app/__init__.py", "")
    repo.write("app/text.py", TEXT)
    repo.write("tests/test_text.py", GATE)
    repo.commit()
    return repo


def generate(project: Repo, server: Loopback, *args: str, **env: str) -> Done:
    return project.jiti("generate", *args, ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="sk-test-key", **env)


def outcomes(done: Done) -> dict[str, str]:
    return {one["key"]: one["outcome"] for one in json.loads(done.out)["stubs"]}


def store(project: Repo) -> dict[str, bytes]:
    return {
        path.relative_to(project.path).as_posix(): path.read_bytes()
        for path in (project.path / ".jiti").rglob("*.py")
        if path.is_file()
    }


class TestMainJob:
    def test_from_stubs_to_committed_code(self, project: Repo) -> None:
        with Loopback(right) as server:
            done = generate(project, server, "--json")
        assert done.code == 0, done.err
        rows = {one["key"]: one for one in json.loads(done.out)["stubs"]}
        assert set(rows) == set(BODIES)
        row = rows["app.text.slugify"]
        assert list(row) == [
            "key", "outcome", "path", "attempts", "seconds", "usd", "input_tokens", "output_tokens",
            "cache_read_tokens", "checks", "reason",
        ]  # fmt: skip
        assert (row["outcome"], row["path"], row["attempts"]) == ("generated", SLUG, 1)
        assert row["usd"] > 0
        assert {"name": "doctests", "ok": True} in row["checks"]
        assert project.run(project.python, "-m", "pytest", "-q", "--doctest-modules", "app", "tests").code == 0

    def test_a_second_run_asks_nobody_and_changes_nothing(self, project: Repo) -> None:
        with Loopback(right) as server:
            generate(project, server)
            before, asked = store(project), len(server.seen)
            done = generate(project, server)
        assert (done.code, len(server.seen)) == (0, asked)
        assert done.out == "Nothing to do: 2 of 2 stubs are current.\n"
        assert store(project) == before

    def test_nothing_to_do_imports_no_client(self, project: Repo) -> None:
        with Loopback(right) as server:
            generate(project, server)
        done = project.run(sys.executable, "-X", "importtime", "-m", "jiti_bot", "generate")
        assert done.code == 0
        heavy = {"anthropic", "libcst", "rich", "pytest", "genai_prices"}
        assert heavy.isdisjoint(line.rpartition("|")[2].strip() for line in done.err.splitlines())

    def test_what_people_read_in_a_log(self, project: Repo) -> None:
        def second_time_right(conversation: Conversation) -> Reply:
            return right(conversation) if conversation.states[0] != "start" else submit("return text")

        with Loopback(second_time_right) as server:
            done = generate(project, server, "app.text.shout")
        lines = done.out.splitlines()
        assert lines[:4] == [
            "app.text.shout: submit: 1 line, quality 9",
            "app.text.shout: attempt 1 refused by gates",
            "app.text.shout: submit: 1 line, quality 9",
            "app.text.shout: attempt 2 passed",
        ]
        assert lines[4].startswith("app.text.shout: generated (2 attempts, 2 turns, $")
        assert lines[5].startswith("1 generated; $")
        assert set(store(project)) == {SHOUT}

    def test_no_more_conversations_at_once_than_jobs(self, project: Repo) -> None:
        """However many are getting ready or being proved meanwhile."""
        names = [f"double_{number}" for number in range(3)]
        stubs = [f"@jiti\ndef {name}(number: int) -> int:\n    raise NotImplementedError\n" for name in names]
        project.write("app/many.py", "\n\n".join(["from jiti import jiti\n", *stubs]))
        talking, most, lock = set[str](), list[int](), threading.Lock()
        met = threading.Barrier(2)

        def model(conversation: Conversation) -> Reply:
            if conversation.states[0] == "start":
                with lock:
                    talking.add(conversation.key)
                    most.append(len(talking))
                if conversation.key in {f"app.many.{name}" for name in names[:2]}:
                    met.wait(60.0)
                return Reply((ToolUse("read_file", {"path": "app/many.py", "start": 0, "end": 0}),))
            with lock:
                talking.discard(conversation.key)
            return submit("return 2 * number")

        with Loopback(model) as server:
            done = generate(project, server, "--json", "--jobs", "2", "app.many")
        assert set(outcomes(done).values()) == {"generated"}, done.err
        assert max(most) == 2

    def test_a_dry_run_tells_and_touches_nothing(self, project: Repo) -> None:
        done = project.jiti("generate", "--dry-run")
        assert done.code == 0
        assert done.out.splitlines() == [
            "app.text.slugify: generate (never generated)",
            "app.text.shout: generate (never generated)",
            "2 pending, 0 current; nothing was done.",
        ]
        assert not (project.path / ".jiti").exists()

    def test_only_what_a_diff_touches(self, project: Repo) -> None:
        project.write("app/more.py", TEXT.replace("shout", "whisper"))
        project.commit()
        done = project.jiti("generate", "--dry-run", "--json", "--diff", "HEAD~1..HEAD")
        assert [one["key"] for one in json.loads(done.out)["stubs"]] == ["app.more.slugify", "app.more.whisper"]


class TestLater:
    @pytest.fixture
    def finished(self, project: Repo) -> Repo:
        with Loopback(right) as server:
            assert generate(project, server).code == 0
        return project

    def test_a_new_gate_that_passes_costs_nothing(self, finished: Repo) -> None:
        more = "\n\n@jiti.required_for(shout)\ndef test_again() -> None:\n    assert shout('a') == 'A!'\n"
        finished.write("tests/test_text.py", GATE + more)
        with Loopback(right) as server:
            done = generate(finished, server, "--json")
            assert server.seen == []
        assert outcomes(done) == {"app.text.slugify": "current", "app.text.shout": "revalidated"}
        evidence = rb"\n# evidence: guards ruff ty gates=2 (mutants=\d+/\d+ )?attempts=1\n"  # as many as time allows
        assert re.search(evidence, store(finished)[SHOUT])
        assert finished.jiti("check", "--strict").code == 0

    def test_a_new_gate_that_fails_has_the_body_written_again(self, finished: Repo) -> None:
        finished.write("tests/test_text.py", GATE.replace("HEY!", "HEY!!"))

        def louder(conversation: Conversation) -> Reply:
            assert "What is committed now" in str(conversation.messages[0])
            return submit('return f"{text.upper()}!!"')

        with Loopback(louder) as server:
            done = generate(finished, server, "--json")
        assert outcomes(done)["app.text.shout"] == "generated", done.err
        assert b"!!" in store(finished)[SHOUT]

    def test_a_hand_edit_that_no_longer_passes_is_a_conflict(self, finished: Repo) -> None:
        edited = store(finished)[SHOUT].replace(b"text.upper()", b"text.strip().upper()")
        finished.write(SHOUT, edited)
        finished.write("tests/test_text.py", GATE.replace("HEY!", "HEY!!"))
        with Loopback(right) as server:
            done = generate(finished, server, "--json")
            assert server.seen == []
        assert done.code == 13
        assert outcomes(done)["app.text.shout"] == "conflict"
        assert store(finished)[SHOUT] == edited

    def test_a_hand_edit_that_still_passes_stays_an_edit(self, finished: Repo) -> None:
        finished.write(SHOUT, store(finished)[SHOUT].replace(b"text.upper()", b"text.strip().upper()"))
        finished.write("tests/test_text.py", GATE.replace("hey", "  hey"))
        with Loopback(right) as server:
            done = generate(finished, server, "--json")
        assert outcomes(done)["app.text.shout"] == "revalidated"
        states = {one["key"]: one["state"] for one in json.loads(finished.jiti("status", "--json").out)["stubs"]}
        assert states["app.text.shout"] == "edited"


class TestMeanwhile:
    """What changes on disk while a model thinks is never overwritten."""

    def meddled(self, project: Repo, meddle: Callable[[], object]) -> dict[str, Any]:
        def script(conversation: Conversation) -> Reply:
            meddle()
            return right(conversation)

        with Loopback(script) as server:
            done = generate(project, server, "app.text.shout", "--json")
        assert done.code == 13, done.out
        return json.loads(done.out)["stubs"][0]

    def test_the_stub(self, project: Repo) -> None:
        changed = TEXT.replace("in capitals,", "in capital letters,")
        row = self.meddled(project, lambda: project.write("app/text.py", changed))
        assert "its docstring changed while it was worked on" in row["reason"]
        assert store(project) == {}

    def test_the_stub_is_gone(self, project: Repo) -> None:
        changed = TEXT.replace("@jiti\ndef shout", "def shout")
        changed = 'return f"{text.upper()}!"'.join(changed.rsplit("raise NotImplementedError", 1))
        row = self.meddled(project, lambda: project.write("app/text.py", changed))
        assert "its stub was removed" in row["reason"]
        assert store(project) == {}

    def test_the_committed_file(self, project: Repo) -> None:
        row = self.meddled(project, lambda: project.write(SHOUT, "# mine\n"))
        assert f"{SHOUT} was changed meanwhile; nothing was overwritten" in row["reason"]
        assert store(project)[SHOUT] == b"# mine\n"


class TestBadInput:
    def test_no_key(self, project: Repo) -> None:
        done = project.jiti("generate")
        assert done.code == 9
        assert "there is no key for the model. Set ANTHROPIC_API_KEY" in done.err
        assert store(project) == {}

    @pytest.mark.parametrize(
        ("fault", "code", "said"),
        [
            pytest.param(service.unauthorized(), 9, "ANTHROPIC_API_KEY", id="401"),
            pytest.param(service.forbidden(), 9, "permission", id="403"),
            pytest.param(service.spend_limit(), 11, "usage", id="spend-limit"),
            pytest.param(service.Broken(), 10, "ANTHROPIC_BASE_URL", id="nonsense"),
        ],
    )
    def test_a_service_that_refuses_everybody(self, project: Repo, fault: service.Fault, code: int, said: str) -> None:
        with Loopback(right) as server:
            server.fail(fault, times=100)
            done = generate(project, server, "--json", "--jobs", "1")
        assert done.code == code, done.err
        assert said in done.err
        assert "Traceback" not in done.err
        assert set(outcomes(done).values()) == {"skipped"}

    def test_a_model_that_nobody_has(self, project: Repo) -> None:
        with Loopback(right) as server:
            done = generate(project, server, "--model", "claude-of-tomorrow")
        assert done.code in {3, 10}
        assert "claude-of-tomorrow" in done.err

    def test_what_was_finished_is_kept_and_a_rerun_goes_on(self, project: Repo) -> None:
        def only_slugs(conversation: Conversation) -> Reply:
            return (
                right(conversation) if conversation.key.endswith("slugify") else Reply((Text("I would rather not."),))
            )

        with Loopback(only_slugs) as server:
            done = generate(project, server, "--json")
        assert done.code == 12
        assert outcomes(done) == {"app.text.slugify": "generated", "app.text.shout": "failed"}
        with Loopback(right) as server:
            again = generate(project, server, "--json")
            assert {"app.text.shout"} == {json.dumps(seen.body).split("`")[1] for seen in server.seen}
        assert outcomes(again) == {"app.text.slugify": "current", "app.text.shout": "generated"}

    def test_which_checks_refused_the_last_attempt(self, project: Repo) -> None:
        with (project.path / "pyproject.toml").open("a") as file:
            file.write("[tool.jiti]\nmax_turns = 2\n")
        with Loopback(lambda _: submit("return text")) as server:
            done = generate(project, server, "app.text.shout", "--json")
        assert done.code == 11, done.err
        (row,) = json.loads(done.out)["stubs"]
        assert (row["outcome"], row["attempts"]) == ("failed", 2)
        assert [check["name"] for check in row["checks"] if not check["ok"]] == ["gates"]
        assert {"name": "ruff", "ok": True} in row["checks"]

    def test_money_that_does_not_suffice(self, project: Repo) -> None:
        with Loopback(right) as server:
            done = generate(project, server, "--max-usd", "0.0001", "--json")
            assert server.seen == []
        assert done.code == 11
        assert "max_usd" in done.out

    def test_a_gate_that_cannot_be_imported(self, project: Repo) -> None:
        project.write("tests/test_text.py", "import nothing_of_that_name\n" + GATE)
        with Loopback(right) as server:
            done = generate(project, server, "--json")
            assert all("shout`" not in json.dumps(seen.body)[:200] for seen in server.seen)
        assert done.code == 12
        assert outcomes(done) == {"app.text.slugify": "generated", "app.text.shout": "failed"}
        assert "nothing_of_that_name" in done.out

    @pytest.mark.parametrize("name", ["app.text.slug", "nowhere"])
    def test_a_target_that_is_not_there(self, project: Repo, name: str) -> None:
        done = project.jiti("generate", name)
        assert done.code == 14
        assert name in done.err

    def test_an_interpreter_that_is_not_there(self, project: Repo) -> None:
        project.write("pyproject.toml", '[tool.jiti]\npython = "nowhere/python"\n')
        with Loopback(right) as server:
            done = generate(project, server)
        assert done.code == 7
        assert "nowhere/python" in done.err

    def test_a_project_without_pytest(self, project: Repo) -> None:
        project.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
        with Loopback(right) as server:
            done = generate(project, server, VIRTUAL_ENV="")
            assert server.seen == []
        assert done.code == 7
        assert "pytest" in done.err

    def test_a_source_that_does_not_parse_is_told_and_the_rest_goes_on(self, project: Repo) -> None:
        project.write("app/broken.py", "from jiti import jiti\n\n\n@jiti\ndef f(:\n")
        with Loopback(right) as server:
            done = generate(project, server, "--json")
        assert done.code == 1
        assert "app/broken.py:5: " in done.err
        assert set(outcomes(done).values()) == {"generated"}


class TestStopped:
    @pytest.fixture
    def slow(self) -> Iterator[tuple[Loopback, threading.Event]]:
        """A model that answers for one stub and keeps the other waiting until the test is over."""
        asked, over = threading.Event(), threading.Event()

        def script(conversation: Conversation) -> Reply:
            if conversation.key == "app.text.shout":
                asked.set()
                over.wait(60)
            return right(conversation)

        with Loopback(script) as server:
            yield server, asked
            over.set()

    def test_ctrl_c_keeps_what_is_done(self, project: Repo, slow: tuple[Loopback, threading.Event]) -> None:
        server, asked = slow
        env = {**project.env, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-test-key"}
        process = subprocess.Popen(
            [sys.executable, "-m", "jiti_bot", "generate", "--json", "app.text.slugify", "app.text.shout"],
            cwd=project.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert asked.wait(60)
            _until((project.path / SLUG).exists)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 130, err
        assert b"Traceback" not in err
        assert outcomes(Done(0, out.decode(), "")) == {"app.text.slugify": "generated"}
        assert set(store(project)) == {SLUG}
        assert _children_of(process.pid) == []


def _until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does; the clock only bounds how long a failing test takes."""
    pause = threading.Event()
    for _ in range(2_000):
        if true():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")


def _children_of(pid: int) -> list[str]:
    """Command lines of processes whose environment or parent leads back to ``pid``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
            parent = int(stat.rpartition(")")[2].split()[1])
            if parent == pid:
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


class TestSubmit:
    def test_a_right_body(self, project: Repo) -> None:
        project.write("shout.py", 'def shout(text: str) -> str:\n    return text.upper() + "!"\n')
        done = project.jiti("submit", "app.text.shout", "shout.py", "--by", "Ada")
        assert done.code == 0, done.out + done.err
        assert b"# model: Ada\n" in store(project)[SHOUT]

    def test_a_wrong_body_is_refused_and_nothing_stored(self, project: Repo) -> None:
        project.write("shout.py", "return text")
        done = project.jiti("submit", "app.text.shout", "shout.py")
        assert done.code == 12
        assert "gates" in done.out
        assert "'HEY!'" in done.out
        assert store(project) == {}

    def test_a_hand_edit_is_replaced_only_when_asked(self, project: Repo) -> None:
        project.write("shout.py", 'return text.upper() + "!"')
        assert project.jiti("submit", "app.text.shout", "shout.py").code == 0
        edited = store(project)[SHOUT].replace(b"text.upper()", b"text.strip().upper()")
        project.write(SHOUT, edited)
        done = project.jiti("submit", "app.text.shout", "shout.py")
        assert (done.code, store(project)[SHOUT]) == (13, edited)
        assert "is edited" in done.err
        assert project.jiti("submit", "app.text.shout", SHOUT).code == 0  # as it stands
        assert b"text.strip().upper()" in store(project)[SHOUT]
        project.write(SHOUT, edited.replace(b"strip", b"lstrip"))
        assert project.jiti("submit", "app.text.shout", "shout.py", "--replace").code == 0
        assert b"strip" not in store(project)[SHOUT]

    def test_a_class_stub(self, project: Repo) -> None:
        project.write("app/stack.py", STACK)
        project.write("stack.py", STACK_BODY)
        done = project.jiti("submit", "app.stack.Stack", "stack.py")
        assert done.code == 0, done.out + done.err

    def test_gates_that_cannot_run_are_told_once(self, project: Repo) -> None:
        project.write("tests/test_text.py", "import nothing_of_that_name\n" + GATE)
        project.write("shout.py", 'return text.upper() + "!"')
        done = project.jiti("submit", "app.text.shout", "shout.py")
        assert done.code == 12
        assert "its gates cannot be run, whatever the body is" in done.out
        assert done.out.count("No module named") == 1

    def test_a_file_that_is_not_there(self, project: Repo) -> None:
        done = project.jiti("submit", "app.text.shout", "nowhere.py")
        assert done.code == 2
        assert "nowhere.py: it cannot be read" in done.err
