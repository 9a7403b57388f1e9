"""A person's body through all stages: stamped anew when it passes by the spec of today, never written over."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jiti_bot.planning.result import Outcome
from jiti_bot.stages import files, model
from jiti_bot.stages.model import Decision, Work
from jiti_bot.stages.publish import publication
from jiti_bot.store.entry import Entry, parse_entry
from tests.repo import Repo
from tests.stages import project
from tests.stages.project import SHOUT, SHOUT_FILE, claims, decision, opened, outcomes

EDIT = 'text.upper() + "!"'
BOT = "jiti-bot-main"
OWN = ".jiti/tests/app/text/test_scratch_shout.py"


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


def implement(repo: Repo, expression: str = EDIT) -> None:
    """Commit bodies for everything, one of them rewritten by a person."""
    for path, text in claims(repo).texts.items():
        repo.write(path, text)
    text = (repo.path / SHOUT_FILE).read_text()
    repo.write(SHOUT_FILE, text.replace('f"{text.upper()}!"', expression))
    repo.commit()


def on_main(repo: Repo, change: Callable[[Repo], None]) -> Decision:
    implement(repo)
    change(repo)
    return decision(repo)


def on_the_bots_branch(repo: Repo, change: Callable[[Repo], None]) -> Decision:
    repo.git("checkout", "-q", "-b", BOT)
    implement(repo)
    repo.git("checkout", "-q", "main")
    change(repo)
    return decision(repo, head_sha=project.head(repo, BOT))


def another_gate(repo: Repo) -> None:
    repo.write("tests/test_text.py", f'{project.GATE}    assert shout("a") == "A!"\n')
    repo.commit("tests/test_text.py")


def a_gate_it_fails(repo: Repo) -> None:
    repo.write("tests/test_text.py", f'{project.GATE}    assert shout("a") == "a"\n')
    repo.commit("tests/test_text.py")


def another_docstring(repo: Repo) -> None:
    repo.write("app/text.py", project.TEXT.replace("in capitals", "in large letters"))
    repo.commit("app/text.py")


def through(repo: Repo, asked: Decision) -> Work:
    """plan, generate, validate, each as a process; what was proved. No model is asked."""
    folder = repo.path.parent / "stages"
    files.write(folder, "gate", "gate", asked.as_json())
    for stage in ("plan", "generate", "validate"):
        done = repo.jiti("ci", stage, "--dir", str(folder), CI="true")
        assert done.code == 0, done.err
    return model.work(files.read(folder, "validated", "validated"), "validated.json")


def proposed(repo: Repo, asked: Decision, proved: Work) -> str:
    found = publication(opened(repo), asked, proved)
    return next((file.text or "" for file in found.files if file.path == SHOUT_FILE), "")


WHERE = pytest.mark.parametrize("where", [on_main, on_the_bots_branch])


@WHERE
@pytest.mark.parametrize(
    ("change", "keep"),
    [
        pytest.param(another_gate, (), id="gate-changed"),
        pytest.param(another_docstring, (SHOUT,), id="docstring-changed-and-kept"),
    ],
)
def test_a_body_that_passes_is_stamped_anew(
    repo: Repo, where: Callable[..., Decision], change: Callable[[Repo], None], keep: tuple[str, ...]
) -> None:
    asked = where(repo, change)
    asked = Decision(asked.task, asked.reason, asked.base, asked.sha, asked.head_sha, keep=keep)
    proved = through(repo, asked)
    assert outcomes(proved)[SHOUT] == "revalidated"
    text = proposed(repo, asked, proved)
    entry = parse_entry(SHOUT_FILE, text.encode())
    assert isinstance(entry, Entry)
    assert entry.is_edited
    assert f"return {EDIT}" in entry.code


@WHERE
def test_a_body_that_does_not_pass_is_left_as_it_is_and_told(repo: Repo, where: Callable[..., Decision]) -> None:
    asked = where(repo, a_gate_it_fails)
    before = repo.git("show", f"{asked.head_sha or asked.sha}:{SHOUT_FILE}")
    proved = through(repo, asked)
    assert outcomes(proved)[SHOUT] == "conflict"
    assert proposed(repo, asked, proved) == (before if asked.head_sha else "")


@WHERE
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda texts: {SHOUT_FILE: texts[SHOUT_FILE].replace('"!"', '"?"')}, id="another-body"),
        pytest.param(lambda texts: {**texts, OWN: "def test_it() -> None:\n    assert True\n"}, id="own-tests-beside"),
    ],
)
def test_a_hand_that_nobody_saw_is_none(
    repo: Repo, where: Callable[..., Decision], forge: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    asked = where(repo, another_gate)
    good = through(repo, asked)
    forged = Work(good.sha, forge({SHOUT_FILE: good.texts[SHOUT_FILE]}), good.results)
    with pytest.raises(model.files.StageError, match="header was written for"):
        publication(opened(repo), asked, forged)


def test_a_body_that_nobody_edited_is_not_called_edited(repo: Repo) -> None:
    implement(repo, project.BODIES[SHOUT].removeprefix("return "))
    another_docstring(repo)
    a_gate_it_fails(repo)
    proved = through(repo, replace(decision(repo), keep=(SHOUT,)))
    (told,) = [one for one in proved.results if one.key == SHOUT]
    assert told.outcome is Outcome.CONFLICT
    assert told.reason.startswith("it does not pass as it stands; nothing was changed\n")
