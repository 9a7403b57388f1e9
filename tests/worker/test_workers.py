"""The life of workers: warm, learned, fresh, lost, several at once, in another Python."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jiti_bot.errors import ToolError
from jiti_bot.validation.environment import inspect_environment
from jiti_bot.validation.jobs import Cause, Outcome, Ran, RunCode, RunTests, Stopped, unproved
from jiti_bot.validation.sandbox import tree
from jiti_bot.validation.workbench import Workbench
from tests.sandbox import kit
from tests.worker import project
from tests.worker.pythons import another_python

NODES = ("tests/test_text.py",)
JOB = RunTests(nodes=NODES, staged={project.SLUGIFY: project.GOOD})


def test_no_module_of_the_project_is_imported_before_the_fork(bench: Workbench) -> None:
    bench.run(JOB, timeout=20.0, learn=True)
    bench.run(JOB, timeout=20.0, learn=True)

    result = bench.run(
        RunCode("import sys; print([m for m in sys.modules if m.split('.')[0] in ('app', 'tests')])"), timeout=20.0
    )

    assert result.output == "[]\n"


def test_third_party_code_seen_in_a_job_is_imported_ahead(bench: Workbench, root: Path) -> None:
    """Under warnings as errors too: pytest warns of plugins that were imported past its rewriting."""
    text = "import wave, hypothesis\n@hypothesis.given(hypothesis.strategies.none())\ndef test_x(n): assert n is None"
    name = project.write(root, "tests/test_third.py", text)
    ask = RunCode("import sys; print('wave' in sys.modules)")
    core = RunCode("import sys; print('hypothesis.core' in sys.modules)")

    before = bench.run(ask, timeout=20.0)
    first = bench.run(RunTests(nodes=(name,)), timeout=60.0, learn=True)
    after = bench.run(ask, timeout=20.0)
    second = bench.run(RunTests(nodes=(name,)), timeout=60.0)

    assert (before.output, after.output) == ("False\n", "True\n")
    assert bench.run(core, timeout=20.0).output == "True\n"
    assert unproved(first, (name,)) == unproved(second, (name,)) == ()


def test_a_fresh_process_proves_the_same(bench: Workbench) -> None:
    good = bench.prove(JOB, timeout=60.0)
    wrong = bench.prove(RunTests(nodes=NODES, staged=project.candidate("return text")), timeout=60.0)
    early = bench.prove(RunTests(nodes=NODES, staged=project.candidate("import os; os._exit(0)")), timeout=60.0)

    assert unproved(good, NODES) == ()
    assert unproved(wrong, NODES)
    assert isinstance(early, Stopped)


def test_a_fresh_process_hashes_otherwise(bench: Workbench) -> None:
    code = RunCode("print(hash('x'))")

    warm = {bench.run(code, timeout=20.0).output for _ in range(2)}
    fresh = {bench.prove(code, timeout=60.0).output for _ in range(2)}

    assert (len(warm), len(fresh)) == (1, 1)
    assert warm != fresh


def test_proofs_are_forks_of_a_worker_that_runs_nothing_else(bench: Workbench, root: Path) -> None:
    name = project.write(root, "tests/test_learned.py", "import wave\ndef test_x(): assert wave")
    code = RunCode("import os, sys; print(os.getppid(), 'wave' in sys.modules, 'app' in sys.modules)")

    bench.run(RunTests(nodes=(name,)), timeout=60.0, learn=True)
    bench.prove(JOB, timeout=60.0)
    proofs = [bench.prove(code, timeout=60.0).output.split() for _ in range(2)]
    warm = bench.run(code, timeout=20.0).output.split()

    assert proofs[0] == proofs[1] == [proofs[0][0], "False", "False"]
    assert warm == [warm[0], "True", "False"]
    assert warm[0] != proofs[0][0]


def test_each_proof_has_a_worker_of_its_own_where_forks_are_not_parted(root: Path) -> None:
    code = RunCode("import os; print(os.getppid())")
    with kit.bench(root, level="off") as bench:
        bench.expect_proofs()
        assert bench.prove(code, timeout=60.0).output != bench.prove(code, timeout=60.0).output


def test_a_proof_is_not_lost_with_the_worker_for_proofs(bench: Workbench) -> None:
    bench.prove(JOB, timeout=60.0)
    (handle,) = bench._provers
    handle.supervisor.kill()

    assert unproved(bench.prove(JOB, timeout=60.0), NODES) == ()


def test_the_worker_for_proofs_is_ended_while_it_starts(root: Path) -> None:
    with kit.bench(root) as bench:
        bench.expect_proofs()

    assert bench._expected is not None
    assert not bench._expected.is_alive()


def test_a_worker_that_was_killed_is_replaced(bench: Workbench) -> None:
    everyone = tree.alive(tree.descendants(os.getpid()))
    workers = [pid for pid in everyone if b"jiti_bot.validation.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)

    lost = bench.run(JOB, timeout=20.0)
    after = bench.run(JOB, timeout=20.0)

    assert workers
    assert isinstance(lost, Stopped)
    assert lost.cause is Cause.DIED
    assert unproved(after, NODES) == ()


def test_a_supervisor_that_was_killed_is_replaced(bench: Workbench) -> None:
    bench.run(JOB, timeout=20.0)
    (handle, _), *_ = bench._idle
    handle.supervisor.kill()

    lost = bench.run(JOB, timeout=20.0)
    after = bench.run(JOB, timeout=20.0)

    assert isinstance(lost, Stopped)
    assert "worker was lost" in lost.reason
    assert unproved(after, NODES) == ()


def test_closing_stops_a_job_at_work(root: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    with kit.bench(root, level="off") as bench, ThreadPoolExecutor(1) as pool:
        code = RunCode(f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(60)")
        at_work = pool.submit(bench.run, code, timeout=60.0)
        started.read_text()
        bench.close()
        result = at_work.result(10.0)
        with pytest.raises(ToolError, match="closed"):
            bench.run(JOB, timeout=20.0)

    assert isinstance(result, Stopped)


def test_bytecode_is_kept_by_jobs_that_learn_alone(root: Path) -> None:
    name = project.write(root, "tests/test_kept.py", "def test_x(): pass")
    show = RunCode(
        "import app.plain, os\nprint(os.path.exists(app.plain.__cached__))\nopen(app.plain.__cached__, 'wb')"
    )
    with kit.bench(root) as bench:
        before = bench.run(show, timeout=20.0)
        bench.run(RunTests(nodes=(name, *NODES)), timeout=20.0, learn=True)
        bench.run(RunCode("import app.plain"), timeout=20.0, learn=True)
        after = bench.run(show, timeout=20.0)
        assert bench._launcher is not None
        kept = {path.name.partition(".")[0] for path in bench._launcher.scratch.glob("bytecode/**/*.pyc")}

    assert before.output.startswith("False\n")
    assert after.output.startswith("True\n")
    assert "PermissionError" in after.output
    assert {"plain", "text", "test_kept"} <= kept
    assert not list(root.rglob("*.pyc"))


def test_no_room_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(root / "nowhere"))

    with pytest.raises(ToolError, match="scratch folder") as caught, kit.bench(root):
        pass

    assert "TMPDIR" in caught.value.remedy


def test_several_threads_share_it(root: Path) -> None:
    with kit.bench(root) as bench:
        jobs = [
            RunTests(nodes=NODES, staged=project.candidate(f"return text.lower().replace(' ', '{c}')")) for c in "-_-_"
        ]
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda job: bench.run(job, timeout=60.0), jobs))

    assert [not unproved(result, NODES) for result in results] == [True, False, True, False]


OPTIONS = {
    "stop early": "-x --maxfail=1",
    "leave out": '-m "not slow" -k nothing',
    "report file": "--junitxml=report.xml",
    "debugger": "--pdb",
    "show locals": "-l -vv --showlocals",
    "no capture": "-s",
    "only the last failures": "--lf",
    "other processes": "-n 2 -p xdist",
    "once more on failure": "--reruns 2",
    "random names": "--strict-markers -ra",
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options_of_the_project_that_are_in_the_way(tmp_path: Path, options: str) -> None:
    root = project.make(tmp_path)
    project.write(root, "pytest.ini", f"[pytest]\naddopts = {options}\nmarkers = slow\n")
    name = project.write(
        root, "tests/test_case.py", "import pytest\ndef test_a(): assert 0\n@pytest.mark.slow\ndef test_b(): pass"
    )

    with kit.bench(root) as bench:
        result = bench.run(RunTests(nodes=(name,)), timeout=60.0)

    assert {test.id: test.outcome for test in result.tests} == {
        f"{name}::test_a": Outcome.FAILED,
        f"{name}::test_b": Outcome.PASSED,
    }, result
    assert not (root / "report.xml").exists()


def test_a_project_of_another_python(tmp_path: Path) -> None:
    root = project.make(tmp_path / "project")
    other = another_python(tmp_path / "environment")

    with kit.bench(root, python=str(other.python)) as bench:
        version = bench.run(RunCode("import sys; print(sys.version_info[:2], 'libcst' in sys.modules)"), timeout=60.0)
        unseen = bench.run(RunCode("import libcst"), timeout=60.0)
        result = bench.run(JOB, timeout=60.0)
        proof = bench.prove(JOB, timeout=60.0)

    assert version.output == f"({other.version[0]}, {other.version[1]}) False\n"
    assert "No module named 'libcst'" in unseen.output
    assert unproved(result, NODES) == unproved(proof, NODES) == ()
    assert isinstance(result, Ran)


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    root = project.make(tmp_path)
    fake = root / "python"
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *inspection*) exec {sys.executable} "$@";; esac\necho no luck >&2; exit 3\n'
    )
    fake.chmod(0o755)
    environment = inspect_environment(root, fake, {"PATH": os.defpath})

    with pytest.raises(ToolError, match="no luck"), Workbench(environment):
        pass
