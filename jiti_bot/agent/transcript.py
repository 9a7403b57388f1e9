"""What was said and what it cost, one JSON object a line, in a file that git ignores. Secrets never enter it."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from jiti_bot.agent import tools
from jiti_bot.agent.tools import Answer
from jiti_bot.agent.turn import ToolCall

if TYPE_CHECKING:
    from jiti_bot.agent.ask import Paid
    from jiti_bot.agent.brief import Brief
    from jiti_bot.agent.outcome import Outcome, Spent


def path_of(store: Path, key: str) -> Path:
    """Where the transcript of the stub ``key`` lies in a store."""
    return store / ".cache" / "transcripts" / f"{key.replace('::', '..').replace('/', '.')}.jsonl"


class Transcript:
    """Writes one stub's transcript; without a path it only logs.

    ``log`` gets lines for people: ``level`` "info" has each turn, "debug" each tool call too. A disk that is full costs
    the transcript, not the work. What is said of several stubs ``together`` comes after what was said of the one alone.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        secrets: Sequence[str] = (),
        log: Callable[[str], None] | None = None,
        level: str = "off",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        together: Sequence[str] = (),
    ) -> None:
        self._path = path
        self._secrets = tuple(secrets)
        self._log = log
        self._level = level
        self._now = now
        self._together = tuple(together)
        self._key = ""

    def begin(self, brief: "Brief", model: str, *, again: bool = False) -> None:
        """The work begins; ``again`` that it goes on where it was postponed."""
        self._key = brief.key
        told = {"key": brief.key, "model": model, "system": list(brief.system), "first": brief.first}
        if again:
            self._write("again")
        elif self._together:
            self._write("together", **told, keys=list(self._together))
        else:
            self._write("begin", **told)

    def refer(self, key: str, first: str, *, fresh: bool) -> None:
        """What is said about ``key`` from now on is told under ``first``; ``fresh`` that nothing was said before."""
        self._write("together", fresh=fresh, key=key, keys=[first, key])

    def turn(self, number: int, paid: "Paid") -> None:
        """The model answered."""
        reply = paid.reply
        tokens = {
            "input": paid.usage.plain,
            "cache_write": paid.usage.written + paid.usage.written_1h,
            "cache_read": paid.usage.read,
            "output": paid.usage.output,
        }
        calls = [{"id": call.id, "tool": call.name, "input": call.input, "raw": call.raw} for call in reply.calls]
        for call in calls:
            call.pop("raw" if call["input"] is not None else "input")
        self._write(
            "turn",
            turn=number,
            thinking=reply.text("thinking"),
            text=reply.text(),
            calls=calls,
            stop=reply.stop,
            tokens=tokens,
            usd=_dollars(paid.usd),
            request_id=reply.request_id,
        )
        cost = "cost unknown" if paid.usd is None else f"${paid.usd:.4f}"
        cached = f" ({paid.usage.read:,} cached)" if paid.usage.read else ""
        self._say("info", f"turn {number}: {paid.usage.input:,} in{cached}, {paid.usage.output:,} out, {cost}")

    def answers(self, answers: Sequence[tuple[ToolCall, Answer]]) -> None:
        """The tools answered."""
        for call, answer in answers:
            self._write("result", id=call.id, tool=call.name, error=answer.is_error, text=answer.text)
            said = answer.text.strip().partition("\n")[0]
            self._say("debug", f"{call.name}({tools.summary(call)}): {said[:100]}")

    def waiting(self, seconds: float, reason: str) -> None:
        """The service asks for patience."""
        self._write("waiting", seconds=round(seconds, 3), reason=reason)
        self._say("info", f"waiting {seconds:.0f} s: {reason}")

    def end(self, outcome: "Outcome | None", spent: "Spent") -> None:
        """It is over; ``outcome`` is None when an error ended it."""
        name = type(outcome).__name__.lower() if outcome else "error"
        reason = getattr(outcome, "reason", "") or getattr(outcome, "note", "")
        total = {"turns": spent.turns, "input": spent.usage.input, "output": spent.usage.output}
        self._write("end", outcome=name, reason=reason, **total, usd=_dollars(spent.usd))
        self._say("info", f"{name} after {spent.turns} turns{reason and f': {reason}'}")

    def _write(self, event: str, **values: object) -> None:
        if self._path is None:
            return
        line = json.dumps(
            {"at": self._now().isoformat(timespec="seconds"), "event": event, **values}, ensure_ascii=False
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = (
                os.O_WRONLY | os.O_APPEND | os.O_CREAT | (os.O_TRUNC if event == "begin" or values.get("fresh") else 0)
            )
            with os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
                file.write(self._redact(line) + "\n")
        except OSError as error:
            self._path = None
            self._say("info", f"no transcript: {error.strerror}")

    def _redact(self, line: str) -> str:
        for secret in self._secrets:
            for form in (secret, json.dumps(secret, ensure_ascii=False)[1:-1]):
                line = line.replace(form, "[secret]")
        return line

    def _say(self, level: str, text: str) -> None:
        if self._log is not None and (self._level == "debug" or self._level == level):
            self._log(self._redact(f"jiti: {self._key}: {text}"))


def _dollars(usd: Decimal | None) -> float | None:
    return None if usd is None else float(round(usd, 6))
