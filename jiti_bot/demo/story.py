"""The demo as a straight line: what a person wrote, what is missing, how it is written and proved, what is left."""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jiti_bot import process
from jiti_bot.commands import status, terminal
from jiti_bot.demo import excerpt, review, scratch
from jiti_bot.demo.screen import Screen
from jiti_bot.errors import EXIT_CODES, OK
from jiti_bot.forge.body import render
from jiti_bot.forge.sections import sections
from jiti_bot.loopback import Loopback, Pace, Sessions
from jiti_bot.pipeline.generate import Watch, session
from jiti_bot.pipeline.looking import look
from jiti_bot.pipeline.pending import Pending, pending
from jiti_bot.pipeline.run import Failure
from jiti_bot.planning.result import Result
from jiti_bot.source.model import Kind
from jiti_bot.workspace import Workspace, open_workspace

#: How fast the words come for people, in seconds: quick reading.
HUMAN = Pace(before_reply=0.25, between_deltas=0.01)
_SHOWN = "semver.ranges.caret"
_SUITE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for. ``keep`` is the folder that stays; None for one that goes."""

    pace: Pace
    keep: Path | None = None


def tell(screen: Screen, options: Options, env: Mapping[str, str]) -> int:
    """Tell the whole story; the exit code says whether every stub was proved and the example's own suite passes."""
    example = scratch.example()
    clean = scratch.environment(env)
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiti-demo-")), "semver")
        scratch.make(example, folder, clean)
        workspace = open_workspace(str(folder), clean, {"jobs": 1})
        todo = pending(workspace)
        _introduce(screen, todo)
        _written(screen, folder, todo)
        _missing(screen, workspace)
        results = _generated(screen, workspace, todo, Sessions.read(scratch.replies(example)), options.pace)
        if not all(one.good for one in results):
            return EXIT_CODES["incomplete"][0]
        units = look(workspace)
        text = render(sections(units, results, units.dependencies))
        _left(screen, folder)
        _reviewed(screen, text)
        passes = _committed(screen, folder, clean)
        if options.keep:
            (folder / "PULL_REQUEST.md").write_text(text, "utf-8")
        _yours(screen, options.keep)
    return OK if passes else EXIT_CODES["findings"][0]


def _introduce(screen: Screen, todo: Pending) -> None:
    screen.chapter("jiti demo: from stub to proved code")
    kinds = [step.spec.stub.kind for step in todo.plan.pending]
    tests = kinds.count(Kind.TEST)
    screen.say(
        "A small library for semantic versions is almost done. A person wrote its types, its signatures, its "
        f"docstrings and its tests; [bold]{len(kinds) - tests} bodies and {tests} tests[/] are still missing. A model "
        "writes them now, and ruff, ty and pytest decide what is good enough.\n"
    )
    screen.say(
        "[yellow]The model's words are stored[/]: they come from a server on this machine, so this needs no key and "
        "costs nothing. Everything else is real: finding the stubs, the agent's loop through the Anthropic SDK, the "
        "sandbox, ruff, ty, pytest, git, and every file it writes. Prices are what those words would cost."
    )


def _written(screen: Screen, folder: Path, todo: Pending) -> None:
    screen.chapter("What a person wrote")
    stub = todo.standings[_SHOWN].spec.stub
    screen.code(excerpt.definition((folder / stub.file).read_text("utf-8"), stub.unit), f"{stub.file}:{stub.line}")
    screen.say("The examples are tests. So is this: it says what done means for that stub.\n")
    gate = next(gate for gate in todo.standings[_SHOWN].spec.gates if gate.file != stub.file)
    screen.code(excerpt.definition((folder / gate.file).read_text("utf-8"), gate.name), f"{gate.file}:{gate.line}")


def _missing(screen: Screen, workspace: Workspace) -> None:
    screen.chapter("What is missing")
    screen.command("jiti status")
    shown = terminal.Screen(screen.coloured, screen.glyphs.ok != "ok", screen.console.width - 2)
    screen.ansi("\n".join(status.render(status.look(workspace), shown)))
    screen.console.print()
    _suite(screen, Path(workspace.root), workspace.env)


def _generated(
    screen: Screen, workspace: Workspace, todo: Pending, sessions: Sessions, pace: Pace
) -> tuple[Result, ...]:
    """The main job. Raises what ended it early."""
    screen.chapter("The model writes, the tools judge")
    screen.command("jiti generate --jobs 1")
    screen.say("[dim]One at a time, so that it can be read; usually several at once.[/]")
    results: list[Result] = []
    started = time.monotonic()
    with Loopback(sessions, pace=pace) as server, screen.watch(len(todo.plan.pending)) as watcher:
        served = Workspace(workspace.root, _served(workspace.env, server.url), workspace.settings, workspace.git)
        with session(served, todo, Watch(watcher.event)) as work:
            screen.say(f"[dim]Sandbox: {work.shield}.[/]")
            for one in work.results:
                if isinstance(one, Failure):
                    raise one.error
                results.append(one)
                watcher.result(one)
    screen.console.print()
    screen.say(
        f"[bold]{watcher.proved} of {len(todo.plan.pending)} proved[/] in {time.monotonic() - started:.0f} s; "
        f"[bold]{watcher.caught}[/] wrong answers were caught and mended on the way. With a real model: "
        f"about [bold]${watcher.usd:.2f}[/]."
    )
    return tuple(results)


def _served(env: Mapping[str, str], url: str) -> dict[str, str]:
    """The environment in which the loopback server stands for the service."""
    return {**env, "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "stored-replies-need-no-key"}


def _left(screen: Screen, folder: Path) -> None:
    screen.chapter("What it left: plain Python, beside the source")
    store = folder / ".jiti"
    paths = [str(path.relative_to(folder)) for path in store.rglob("*") if path.is_file()]
    kept = [path for path in paths if "/.cache/" not in path and "__pycache__" not in path]
    screen.output("\n".join(excerpt.tree(kept)), last=len(kept) * 2)
    screen.console.print()
    shown = store / "src/semver/ranges/caret.py"
    screen.code(shown.read_text("utf-8"), str(shown.relative_to(folder)))
    screen.say(
        "The header says what it was written from. If the stub, its tests or this file change, [bold]jiti status[/] "
        "says so; an edit by hand is kept."
    )


def _reviewed(screen: Screen, text: str) -> None:
    screen.chapter("What a reviewer gets: the pull request")
    screen.markdown(review.for_terminal(review.opening(text)))
    shown = text.count("<summary>")
    screen.say(f"[dim]... and {shown} parts: what was asked, what came, which tests gate it.[/]")


def _committed(screen: Screen, folder: Path, env: Mapping[str, str]) -> bool:
    """Commit, and run the example with nothing but its committed code; whether its suite passes."""
    screen.chapter("No model, no key, no network")
    screen.command('git add .jiti && git commit -m "Implement what was declared"')
    scratch.commit(folder, env, "Implement what was declared")
    passes = _suite(screen, folder, env)
    screen.command('python -m semver max "^1.2.0" 1.2.5 1.9.0 2.0.0')
    ran = _python(folder, env, "-m", "semver", "max", "^1.2.0", "1.2.5", "1.9.0", "2.0.0")
    screen.output(ran.stdout.decode() + ran.stderr.decode())
    return passes and ran.ok


def _yours(screen: Screen, kept: Path | None) -> None:
    screen.chapter("Now in a repository of your own")
    lines: list[tuple[str, str]] = [
        ("pip install 'jiti-bot[bot]' pytest", "what generates; the code itself needs jiti-bot alone"),
        ("jiti status", "after you put @jiti on a function that has a docstring and no body"),
        ("export ANTHROPIC_API_KEY=...", "or ANTHROPIC_BASE_URL for a server of your own"),
        ("jiti generate", "read what it wrote, then commit .jiti/"),
    ]
    for line, why in lines:
        screen.command(line)
        screen.say(f"  [dim]{why}[/]")
    if kept:
        screen.console.print()
        screen.say(f"Everything you saw is in [bold]{kept}[/]; [bold]jiti log[/] there shows each conversation.")
    screen.console.print()


def _suite(screen: Screen, folder: Path, env: Mapping[str, str]) -> bool:
    """Run the example's own tests; whether they pass."""
    screen.command("python -m pytest -q")
    ran = _python(folder, env, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider")
    screen.output(ran.stdout.decode("utf-8", "replace"), last=1)
    screen.console.print()
    return ran.ok


def _python(folder: Path, env: Mapping[str, str], *args: str) -> process.Completed:
    """Run this interpreter in ``folder``, where the example and this package can be imported."""
    ours = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(filter(None, ("src", str(ours), env.get("PYTHONPATH"))))
    return process.run((sys.executable, *args), env={**env, "PYTHONPATH": path}, cwd=folder, timeout=_SUITE_SECONDS)
