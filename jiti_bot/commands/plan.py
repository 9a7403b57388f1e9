"""Print what would be generated, in order, divided into shards that machines can work on apart.

Nothing is generated and nothing of yours is executed. With --json: the matrix of a GitHub Actions job.
"""

import argparse
import json
import os
import sys

from jiti_bot.errors import OK, UsageError
from jiti_bot.workspace import open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="a key, a dotted module or a file")
    parser.add_argument("--shards", type=int, default=1, metavar="N", help="at most N shards (1 to 256)")
    parser.add_argument("--json", action="store_true", help='print {"include": [{"shard": 1, "keys": "a b"}, ...]}')


def run(arguments: argparse.Namespace) -> int:
    """Plan and print."""
    from jiti_bot.pipeline.former import Lookout
    from jiti_bot.pipeline.pending import pending
    from jiti_bot.stages.plan import MOST_SHARDS, shards

    if not 1 <= arguments.shards <= MOST_SHARDS:
        raise UsageError(f"There cannot be {arguments.shards} shards.", remedy=f"Give --shards 1 to {MOST_SHARDS}.")
    workspace = open_workspace(arguments.directory, os.environ)
    todo = pending(workspace, arguments.targets, out=Lookout())
    plan, undecided = todo.plan, len(todo.undecided)
    for one in todo.obstacles:
        print(one, file=sys.stderr)
    steps = {step.spec.key: step for step in plan.pending}
    groups = shards(plan.pending, arguments.shards)
    if arguments.json:
        rows = [{"shard": number, "keys": " ".join(keys)} for number, keys in enumerate(groups, 1)]
        print(json.dumps({"include": rows}))
        return OK
    for number, keys in enumerate(groups, 1):
        print(f"shard {number}: {len(keys)} stub{'s' * (len(keys) != 1)}")
        for key in keys:
            after = f", after {', '.join(sorted(steps[key].needs))}" if steps[key].needs else ""
            print(f"  {key}: {steps[key].action.value}{after}")
    rest = f"{len(plan.steps) - len(steps) - undecided} need nothing"
    print(f"{len(steps)} pending, {rest}{f', {undecided} need you' if undecided else ''}; nothing was done.")
    return OK
