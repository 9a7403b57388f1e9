"""The values that travel between stages, and their JSON (see `jiti_bot.stages.schema`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages import files
from jiti_bot.stages.event import Task


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run is to do: gate's word to all that follow.

    ``base`` is the branch that the pull request is for, ``sha`` the commit of it to work on, ``head_sha`` the head of
    the bot's branch ('' for none). ``number`` and ``comment`` are those of the comment that started it, else 0.
    ``hints`` are wishes by the keys of stubs that are now to be written again, ``remembered`` those for whenever it is
    their turn, ``keep`` the keys of bodies that are to stay as they are; ``retry`` asks for what failed or was closed.
    ``orders`` are the comments that the run is to answer. ``declined`` are short digests, by key, of what was asked for
    when a person closed the pull request, as long as nobody asked for another try, ``tried`` those of what failed.
    """

    task: Task
    reason: str
    base: str = ""
    sha: str = ""
    head_sha: str = ""
    number: int = 0
    comment: int = 0
    hints: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    retry: bool = False
    orders: tuple[int, ...] = ()
    declined: Mapping[str, str] = field(default_factory=dict)
    tried: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The members of gate.json."""
        return {
            "task": self.task.value,
            "reason": self.reason[:2000],
            "base": self.base,
            "sha": self.sha,
            "head_sha": self.head_sha,
            "number": self.number,
            "comment": self.comment,
            "hints": dict(self.hints),
            "remembered": dict(self.remembered),
            "keep": list(self.keep),
            "retry": self.retry,
            "orders": list(self.orders),
            "declined": dict(self.declined),
            "tried": dict(self.tried),
        }


def decision(value: Mapping[str, Any]) -> Decision:
    """A decision from gate.json."""
    parts: dict[str, Any] = {name: value[name] for name in Decision.__match_args__}
    parts |= {"task": Task(value["task"]), "keep": tuple(value["keep"]), "orders": tuple(value["orders"])}
    return Decision(**parts)


@dataclass(frozen=True, slots=True)
class Work:
    """Files of the store with their texts, and what came of each stub; ``error`` is what ended the work early."""

    sha: str
    texts: Mapping[str, str]
    results: tuple[Result, ...]
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The members of shard-N.json and validated.json."""
        return {
            "sha": self.sha,
            "files": [
                {"path": path, "text": text, "sha256": files.sha256(text)} for path, text in sorted(self.texts.items())
            ],
            "results": [result_as_json(one) for one in self.results],
            "error": self.error[:10_000],
        }


def work(value: Mapping[str, Any], where: str) -> Work:
    """Work from a stage file named ``where``. Raises `StageError` for digests that do not match, and for twins."""
    texts: dict[str, str] = {}
    for one in value["files"]:
        path, text = one["path"], one["text"]
        if files.sha256(text) != one["sha256"]:
            raise files.refused(f"The text of {path!r} is not the one that its digest is of", where)
        if path in texts:
            raise files.refused(f"{path!r} is there twice", where)
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise files.refused(f"The text of {path!r} cannot be written as UTF-8", where)
        texts[path] = text
    results = tuple(result(one) for one in value["results"])
    return Work(value["sha"], texts, results, value["error"])


def result_as_json(one: Result) -> dict[str, Any]:
    """A result with all that it holds; texts are cut to what the schema allows."""
    return {
        "key": one.key,
        "outcome": one.outcome.value,
        "path": one.path,
        "attempts": one.attempts,
        "turns": one.turns,
        "seconds": round(one.seconds, 3),
        "usd": one.usd,
        "input_tokens": one.input_tokens,
        "output_tokens": one.output_tokens,
        "cache_read_tokens": one.cache_read_tokens,
        "checks": [{"name": name, "ok": ok} for name, ok in one.checks[:100]],
        "reason": one.reason[:100_000],
        "code": one.code,
        "model": one.model[:1000],
        "flags": [flag[:10_000] for flag in one.flags[:1000]],
    }


def result(value: Mapping[str, Any]) -> Result:
    """A result from its JSON, which fits the schema."""
    parts: dict[str, Any] = {name: value[name] for name in Result.__match_args__}
    parts |= {
        "outcome": Outcome(value["outcome"]),
        "checks": tuple((check["name"], check["ok"]) for check in value["checks"]),
        "flags": tuple(value["flags"]),
    }
    return Result(**parts)


def merged(every: Iterable[Work]) -> Work:
    """The work of several shards as one: of a stub that two worked on, the better result and its files count.

    Raises `StageError` where they are not about one commit.
    """
    sha, texts, best, errors = "", {}, {}, []
    for one in every:
        if sha not in {"", one.sha}:
            raise files.refused("The shards worked on different commits", "shard")
        sha = one.sha
        for found in one.results:
            known = best.get(found.key)
            if known is None or (found.good and not known.good):
                best[found.key] = found
        texts = {**one.texts, **texts}
        errors += [one.error] if one.error else []
    return Work(sha, texts, tuple(best.values()), "; ".join(dict.fromkeys(errors)))
