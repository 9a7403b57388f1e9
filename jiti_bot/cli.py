"""The command line: one parser, one module for each verb, and the one boundary that turns errors into messages.

Only the verb that was asked for is imported: the hook runs at every commit.
"""

import gc
import os
import sys

from jiti_bot.errors import EXIT_CODES, OK, SITE, JitiError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

# In the order in which a newcomer meets them. A verb is offered when its module is there.
COMMANDS = {
    "demo": "watch stubs become proved code, with stored model replies",
    "init": "set a repository up",
    "status": "show every stub and where it stands",
    "check": "find what needs a person: malformed stubs and gates, conflicts, tampered files",
    "generate": "implement what is missing or stale",
    "run": "run a command, implement what it missed, run it again",
    "show": "print the committed code of a stub and its evidence",
    "diff": "show what changed between a stub and its committed code",
    "log": "show what the model was told and what it did",
    "brief": "print what the model would be told",
    "submit": "validate and store a body that somebody else wrote",
    "merge": "fold committed code back into the source and drop @jiti",
    "test": "prune or keep the agent's own tests",
    "clear": "drop committed code",
    "compile": "write the runtime's bytecode ahead",
    "plan": "print what would be generated, in order, as shards",
    "ci": "run one stage of the bot, on a machine of CI",
    "pr": "publish finished work as a pull request",
    "doctor": "look for what could go wrong here",
}


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command; its exit code (see `errors.EXIT_CODES`). Never raises."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as we run
    for stream in (sys.stdout, sys.stderr):
        # File names may hold what the terminal cannot show.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except SystemExit as done:  # argparse has printed its help
        return done.code if isinstance(done.code, int) else OK
    except JitiError as error:
        return _complained(error, sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        _say("jiti: stopped.")
        return EXIT_CODES["interrupted"][0]
    except BrokenPipeError:
        _unread()
        return EXIT_CODES["findings"][0]
    except Exception as error:  # noqa: BLE001 - the boundary: nobody should meet a traceback they did not ask for
        return _internal(error)
    return code


def console() -> None:
    """The program `jiti`.

    A check collects no garbage and ends at once: taking down what it has read would cost a hook a tenth of its time.
    """
    is_check = sys.argv[1:2] == ["check"]
    if is_check:
        gc.disable()
    code = main()
    sys.stderr.flush()
    if is_check:
        os._exit(code)
    sys.exit(code)


def _run(argv: list[str]) -> int:
    own, rest = _split(argv)
    if own or not rest:
        directory, done = _own(own, alone=not rest)
        if done:
            return OK
    else:
        directory = "."
    name, *arguments = rest
    module = _module(name)
    # A hook's own command line is understood without argparse, which would cost it a tenth of its time.
    parsed = module.quick(arguments) if hasattr(module, "quick") else None
    if parsed is None:
        parsed = _parsed(name, module, arguments)
    parsed.directory = directory
    return module.run(parsed)


def _module(name: str) -> "ModuleType":
    if name == "check":
        from jiti_bot.commands import check

        return check
    import importlib

    return importlib.import_module(f"jiti_bot.commands.{_known(name)}")


def _own(argv: list[str], *, alone: bool) -> tuple[str, bool]:
    """What the options before the command say: where to run, and whether that was all."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.version:
        print(f"jiti-bot {_version()}")
    elif alone:
        parser.print_help()
    return options.directory, options.version or alone


def _parsed(name: str, module: "Any", arguments: list[str]) -> "Namespace":
    import argparse

    from jiti_bot.commands.arguments import Parser

    verb = Parser(
        prog=f"jiti {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(verb)
    return verb.parse_args(arguments)


def _parser() -> "ArgumentParser":
    import argparse

    from jiti_bot.commands.arguments import Parser

    width = max(map(len, COMMANDS))
    offered = "\n".join(f"  {name:{width}}  {COMMANDS[name]}" for name in _offered())
    parser = Parser(
        prog="jiti",
        usage="jiti [-C DIR] COMMAND ...",
        description="Write the signature and the docstring; review the body as a pull request.",
        epilog=f"commands:\n{offered}\n\n`jiti COMMAND --help` says more about each, {SITE} all there is.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-C", "--directory", metavar="DIR", default=".", help="run as if started in DIR")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """The options before the command, and the command with its own arguments."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in {"-C", "--directory"} else 1
    return argv[:at], argv[at:]


def _offered() -> list[str]:
    folder = os.path.join(os.path.dirname(__file__), "commands")
    return [name for name in COMMANDS if os.path.exists(os.path.join(folder, f"{name}.py"))]


def _known(name: str) -> str:
    offered = _offered()
    if name in offered:
        return name
    import difflib

    close = difflib.get_close_matches(name, offered, n=1)
    raise UsageError(
        f"There is no command {name!r}.",
        remedy=f"Did you mean `jiti {close[0]}`?" if close else f"The commands are: {', '.join(offered)}.",
    )


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("jiti-bot")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _complained(error: JitiError, argv: "Sequence[str]") -> int:
    from jiti_bot.commands.complain import complain

    try:
        complain(error, argv, os.environ)
    except BrokenPipeError:
        _unread()
    return error.exit_code


def _unread() -> None:
    """The reader went away; Python must not meet the closed pipe again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _internal(error: Exception) -> int:
    if os.environ.get("JITI_LOG") == "debug":
        import traceback

        traceback.print_exception(error)
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(f"jiti: this is a bug in jiti-bot: {said}. Run it again with JITI_LOG=debug and report what it shows.")
    return EXIT_CODES["internal"][0]


def _say(text: str) -> None:
    print(text, file=sys.stderr)
