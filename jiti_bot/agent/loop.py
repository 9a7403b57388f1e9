"""The loop: ask the model, do what it calls for, until a submission is accepted or a limit is met."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from types import MappingProxyType

from jiti_bot.agent import events
from jiti_bot.agent.ask import ask
from jiti_bot.agent.brief import Brief
from jiti_bot.agent.budget import Budget
from jiti_bot.agent.desk import Bench, Desk, Settle
from jiti_bot.agent.files import ProjectFiles
from jiti_bot.agent.outcome import Outcome, Postponed
from jiti_bot.agent.talk import Talk
from jiti_bot.agent.transcript import Transcript
from jiti_bot.agent.turn import Model, Reply, RequestRefusedError
from jiti_bot.errors import BudgetError, InterruptedRunError, JitiError

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_FILES = ProjectFiles(Path(), frozenset())


def work(
    brief: Brief,
    bench: Bench,
    model: Model,
    budget: Budget,
    transcript: Transcript,
    emit: Callable[[events.Event], None],
    *,
    files: ProjectFiles = _NO_FILES,
    staged: Mapping[str, str] = _NOTHING,
    settle: Settle | None = None,
    stop: Flag | None = None,
    resume: Postponed | None = None,
) -> Outcome:
    """Have ``model`` implement the stub of ``brief``, judged by ``bench``; see `jiti_bot.agent.outcome`.

    ``staged`` are texts accepted in this run by committed path, ``settle`` decides disputes, ``stop`` ends the work
    soon after it is set, ``resume`` goes on with a postponed conversation. What fails for every stub alike (key,
    service, sandbox, tools) is raised, unless a submission was accepted before: that is returned.
    """
    talk, desk = _sit_down(brief, resume, bench, emit, files=files, staged=staged, settle=settle)
    flag = stop or Flag()
    outcome: Outcome | None = None
    transcript.begin(brief, model.name, again=resume is not None)
    try:
        while outcome is None:
            if talk.open is None and talk.turns >= brief.limits.max_turns:
                many = "s" * (talk.turns != 1)
                outcome = desk.stop("budget", f"no accepted answer within {talk.turns} turn{many}", talk.spent)
            elif flag.is_set():
                raise InterruptedRunError("the run was stopped.", remedy="Run again: what was finished is kept.")
            else:
                outcome = _step(talk, desk, talk.open or _ask(talk, model, budget, transcript, emit, flag), transcript)
    except (BudgetError, RequestRefusedError) as error:
        outcome = desk.stop(error.code, str(error), talk.spent)
    except JitiError as error:
        if not desk.has_best():
            raise
        outcome = desk.stop(error.code, str(error), talk.spent)
    finally:
        transcript.end(outcome, talk.spent)
        emit(events.Finished(brief.key, outcome))
    return outcome


def _step(talk: Talk, desk: Desk, reply: Reply, transcript: Transcript) -> Outcome | None:
    """Do what a reply calls for."""
    cut = reply.stop == "max_tokens"
    match reply.stop:
        case "refusal":
            return desk.stop("incomplete", f"the model declined{reply.detail and f' ({reply.detail})'}", talk.spent)
        case "model_context_window_exceeded":
            return desk.stop("incomplete", "the conversation grew longer than the model can read", talk.spent)
        case "pause_turn" if not reply.calls:
            return None  # the service wants to be asked again, with what it said so far
    if not reply.calls:
        reminder = desk.remind(cut=cut)
        if reminder is None:
            return desk.stop("incomplete", "the model stopped without submitting anything", talk.spent)
        talk.say(reminder)
        return None
    answers = [(call, desk.use(call, cut=cut)) for call in reply.calls]
    transcript.answers(answers)
    outcome = desk.outcome(talk.spent)
    if isinstance(outcome, Postponed):
        return replace(outcome, resume=(talk, desk.pause()))
    talk.answer(answers)
    return outcome


def _ask(
    talk: Talk, model: Model, budget: Budget, transcript: Transcript, emit: Callable[[events.Event], None], flag: Flag
) -> Reply:
    """One turn, told to those who watch."""
    key = talk.brief.key
    emit(events.TurnStarted(key, talk.turns + 1))

    def wait(seconds: float, reason: str) -> None:
        transcript.waiting(seconds, reason)
        emit(events.Waiting(key, seconds, reason))
        if flag.wait(seconds):
            raise InterruptedRunError("the run was stopped.", remedy="Run again: what was finished is kept.")

    def listen(text: str, thinking: bool) -> None:
        if flag.is_set():
            raise InterruptedRunError("the run was stopped.", remedy="Run again: what was finished is kept.")
        emit(events.Heard(key, text, thinking))

    paid = ask(model, talk.request(), talk.at_most(), budget, listen=listen, wait=wait)
    talk.hear(paid)
    transcript.turn(talk.turns, paid)
    emit(events.Paid(key, paid.usage, paid.usd))
    return paid.reply


def _sit_down(
    brief: Brief,
    resume: Postponed | None,
    bench: Bench,
    emit: Callable[[events.Event], None],
    *,
    files: ProjectFiles,
    staged: Mapping[str, str],
    settle: Settle | None,
) -> tuple[Talk, Desk]:
    if resume is not None:
        assert isinstance(resume.resume, tuple)
        talk, desk = resume.resume
        return talk, desk.go_on(staged)
    return Talk(brief), Desk(brief, bench, emit, files=files, staged=staged, settle=settle)
