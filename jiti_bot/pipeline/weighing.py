"""A proof, and beside it how much the tests notice: small changes of what is proved, each tried for itself."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jiti_bot.errors import JitiError
from jiti_bot.source.model import Spec
from jiti_bot.validation.bench import Bench
from jiti_bot.validation.model import Accepted, Verdict
from jiti_bot.validation.strength import Strength

_SECONDS = 3.0  # after which no further one of several units is begun with

#: What is to be stored, by key.
Batch = Mapping[str, tuple[Spec, Accepted]]


def weigh(bench: Bench, batch: Batch) -> tuple[Mapping[str, Verdict], Mapping[str, Strength]]:
    """Verdicts and strengths by key, side by side: a fresh process takes its time to start."""
    with ThreadPoolExecutor(1, thread_name_prefix="strength") as beside:
        trying = beside.submit(_strengths, bench, batch)
        return bench.prove(batch), trying.result()


def survivors(root: Path, spec: Spec, strength: Strength) -> Iterator[str]:
    """What the reviewer is told of changes that no test notices, each by its line in the committed file."""
    if not strength.survivors:
        return
    text = (root / spec.path).read_text("utf-8")
    header = text.count("\n", 0, text.index("\n\n")) + 2
    for one in strength.survivors:
        yield f"{spec.path}:{header + one.line}: no test notices {one}"


def _strengths(bench: Bench, batch: Batch) -> Mapping[str, Strength]:
    staged = {spec.path: one.text for spec, one in batch.values()}
    found = dict.fromkeys(batch, Strength())
    end = time.monotonic() + _SECONDS
    for key, (spec, one) in batch.items():
        if time.monotonic() > end:
            break
        try:
            found[key] = bench.try_mutants(spec, one, staged)
        except JitiError:  # it is evidence and nothing more: what is wrong with the workers is told by the proof
            break
    return found
