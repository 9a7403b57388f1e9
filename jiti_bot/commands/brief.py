"""Print what a model would be told about a stub, for you or another agent to work from.

Needs no key and no network. `jiti submit` takes what comes of it.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from jiti_bot.agent.brief import Brief, write
from jiti_bot.errors import OK, UsageError
from jiti_bot.pipeline.looking import look
from jiti_bot.pipeline.material import gather, limits_of, settings_of
from jiti_bot.validation.environment import find_python, inspect_environment
from jiti_bot.workspace import Workspace, open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("target", metavar="TARGET", help="the key of a stub")
    parser.add_argument("--json", action="store_true", help="print it with the tools and limits as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the brief of one stub."""
    workspace = open_workspace(arguments.directory, os.environ)
    brief = brief_of(workspace, arguments.target)
    print(json.dumps(_facts(brief), ensure_ascii=False, indent=2) if arguments.json else brief)
    return OK


def brief_of(workspace: Workspace, target: str) -> Brief:
    """The brief of the one stub that ``target`` names. Raises `TargetError` and `UsageError`."""
    tree = workspace.work_tree()
    found = workspace.index(tree).find(target)
    if len(found) > 1:
        keys = ", ".join(spec.key for spec in found)
        raise UsageError(f"{target} names several stubs: {keys}.", remedy="Name one of them.")
    spec = found[0]
    root = Path(workspace.root)
    settings = settings_of(spec, workspace.settings)
    material = gather(root, look(workspace), spec.key, settings, python=_python(workspace), tree=tree)
    return write(material, limits_of(settings))


def _python(workspace: Workspace) -> str:
    """The version of the project's interpreter."""
    root = Path(workspace.root)
    interpreter = find_python(root, workspace.settings.python, workspace.env)
    if interpreter == Path(sys.executable):
        return "{}.{}".format(*sys.version_info[:2])
    return "{}.{}".format(*inspect_environment(root, interpreter, workspace.env).version[:2])


def _facts(brief: Brief) -> dict[str, object]:
    limits = {name: getattr(brief.limits, name) for name in brief.limits.__dataclass_fields__}
    return {
        "key": brief.key,
        "system": list(brief.system),
        "first": brief.first,
        "tools": list(brief.definitions()),
        "limits": limits,
    }
