"""Many stubs at once, and one after the other, against a model that takes two seconds for a reply.

    python benchmarks/concurrency.py [LATENCY]

32 independent stubs of two turns each with 16 jobs, and a chain of 8 that use each other: `jiti generate` as a person
runs it, over a loopback server through the real SDK, every check and the sandbox as always. The clock starts when the
first request arrives. The ideal is the time that the replies alone take; beside it stands what it took to send the very
same requests again with nothing between them. Targets: at most 1.3 and 1.2 times the ideal.
"""

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from jiti_bot.loopback import Conversation, Loopback, Reply, ToolUse
from jiti_bot.loopback.server import Pace, Seen
from jiti_bot.validation.sandbox import privileges
from tests.repo import Repo, environment

JOBS = 16
TURNS = 2
PYPROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'


@dataclass(slots=True)
class Model:
    """Looks at the module, then submits; knows when it was asked first and last."""

    latency: float
    answered: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, conversation: Conversation) -> Reply:
        """The next reply."""
        with self.lock:
            self.answered.append(time.perf_counter())
        if conversation.states[0] == "start":
            return Reply((ToolUse("read_file", {"path": "pyproject.toml", "start": 0, "end": 0}),))
        number = int(conversation.key.rpartition("_")[2])
        body = (
            f"return step_{number - 1}(number) + 1" if "chain" in conversation.key and number else "return number + 1"
        )
        return Reply((ToolUse("submit", {"body": body, "helpers": "", "tests": "", "quality": 9}),))

    @property
    def began(self) -> float:
        """When the first request arrived."""
        return min(self.answered) - self.latency


def independent(count: int) -> dict[str, str]:
    """A module for each four stubs."""
    return {
        f"app/part_{at // 4}.py": "from jiti import jiti\n"
        + "".join(_stub(f"task_{n}", "", "2") for n in range(at, at + 4))
        for at in range(0, count, 4)
    }


def chain(count: int) -> dict[str, str]:
    """One module in which each stub has to use the one before."""
    stubs = [_stub(f"step_{n}", f"(uses=[step_{n - 1}])" if n else "", str(n + 2)) for n in range(count)]
    return {"app/chain.py": "from jiti import jiti\n" + "".join(stubs)}


def _stub(name: str, called: str, result: str) -> str:
    head = f"\n\n@jiti{called}\ndef {name}(number: int) -> int:\n"
    docstring = f'    """Count on.\n\n    >>> {name}(1)\n    {result}\n    """\n'
    return f"{head}{docstring}    raise NotImplementedError\n"


def measure(name: str, files: dict[str, str], stubs: int, ideal: float, latency: float, target: float) -> bool:
    """Print one comparison; whether the target was met."""
    model = Model(latency)
    with tempfile.TemporaryDirectory() as folder, Loopback(model, pace=Pace(latency)) as server:
        root = Path(folder)
        (root / "repo").mkdir()
        repo = Repo(root / "repo", environment(root, ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="sk-test-key"))
        repo.git("init", "-q")
        for file, text in {"pyproject.toml": PYPROJECT, **files}.items():
            repo.write(file, text)
        repo.git("add", "-A")
        before = os.times()
        done = repo.run(sys.executable, "-m", "jiti_bot", "generate", "--jobs", str(JOBS))
        ended = time.perf_counter()
        _reap()
        after = os.times()
        assert done.code == 0, done.out + done.err
        assert done.out.count(": generated (") == stubs, done.out
        took = ended - model.began
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        again = _again(server, [one for one in server.seen if one.path.endswith("/messages")])
    ratio = took / ideal
    print(f"{name}")
    print(f"  jiti generate         {took:6.2f} s from the first request, {spent:.1f} s of processor time in all")
    print(f"  processors, if idle   {spent / (os.cpu_count() or 1):6.2f} s")
    print(f"  the replies alone     {ideal:6.2f} s;  the same requests with nothing between them {again:.2f} s")
    print(f"  ratio                 {ratio:6.2f}  (target: at most {target}) {'ok' if ratio <= target else 'OVER'}")
    print(f"  to the requests alone {took / again:6.2f}")
    return ratio <= target


def _reap() -> None:
    """Count what workers used too: they outlive those who started them, and are handed on to us."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _again(server: Loopback, seen: list[Seen]) -> float:
    """Send the same requests: those of a conversation in order, as many conversations at once as there were."""

    def first(one: Seen) -> str:
        messages = one.body["messages"]
        assert isinstance(messages, list)
        return json.dumps(messages[0])

    talks = [list(group) for _, group in groupby(sorted(seen, key=first), key=first)]
    serial = "chain" in first(seen[0])

    def talk(requests: list[Seen]) -> None:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        for one in requests:
            headers = {name: value for name, value in one.headers.items() if name.lower() != "content-length"}
            connection.request("POST", one.path, json.dumps(one.body), headers)
            connection.getresponse().read()
        connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(1 if serial else JOBS) as pool:
        list(pool.map(talk, talks))
    return time.perf_counter() - started


def main(latency: float) -> int:
    """Both comparisons; 1 where a target is missed."""
    if sys.platform.startswith("linux"):
        privileges.adopt_orphans()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {latency:g} s a reply, {JOBS} jobs")
    met = [
        measure("32 independent stubs, 2 turns each", independent(32), 32, 32 * TURNS * latency / JOBS, latency, 1.3),
        measure("a chain of 8, 2 turns each", chain(8), 8, 8 * TURNS * latency, latency, 1.2),
    ]
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
