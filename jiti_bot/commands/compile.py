"""Write the runtime's bytecode ahead of the first import, for images and packages that cannot write it later.

Every unit of the stores below each FOLDER is compiled; the bytecode is checked by hash, not by time.
"""

import argparse
import json
import os
import sys

from jiti_bot.bytecode import Compiled, Refused, compile_store, stores_below
from jiti_bot.errors import EXIT_CODES, TargetError

HELP = "write the runtime's bytecode ahead, for images and packages that cannot write it later"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "folders",
        nargs="*",
        metavar="FOLDER",
        help="a project, an installed package, site-packages, or a .jiti folder (default: here)",
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(args: argparse.Namespace) -> int:
    """Compile every store found below the folders; 0 when all went well."""
    folders = args.folders or ["."]
    stores = sorted({os.path.abspath(store) for folder in folders for store in _stores(folder)})
    if not stores:
        places = ", ".join(os.path.abspath(folder) for folder in folders)
        raise TargetError(
            f"there is no store in {places}.",
            remedy="Name a project, an installed package or a .jiti folder.",
        )
    outcomes = {store: compile_store(store) for store in stores}
    refused = [one for found in outcomes.values() for one in found if isinstance(one, Refused)]
    if args.json:
        print(json.dumps(_summary(outcomes), indent=2))
    else:
        for store, found in outcomes.items():
            count = sum(isinstance(one, Compiled) for one in found)
            print(f"{os.path.relpath(store)}: compiled {count} of {len(found)} units for {_interpreter()}")
        for one in refused:
            print(f"{one.where}: {one.reason} Mend the file, or generate it again.", file=sys.stderr)
    return EXIT_CODES["store"][0] if refused else 0


def _stores(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        raise TargetError(f"{folder} is no folder.", remedy="Name a project, an installed package or a .jiti folder.")
    return list(stores_below(folder))


def _interpreter() -> str:
    optimised = f" -{'O' * sys.flags.optimize}" if sys.flags.optimize else ""
    return f"Python {sys.version_info.major}.{sys.version_info.minor}{optimised}"


def _summary(outcomes: dict[str, list[Compiled | Refused]]) -> dict[str, object]:
    every = [one for found in outcomes.values() for one in found]
    return {
        "compiled": [{"source": one.source, "bytecode": one.bytecode} for one in every if isinstance(one, Compiled)],
        "refused": [{"where": one.where, "reason": one.reason} for one in every if isinstance(one, Refused)],
        "stores": list(outcomes),
    }
