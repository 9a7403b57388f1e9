"""ruff over texts that are not on disk: stdin with the path at which the text stands or will stand.

The project's own configuration holds, since ruff looks for it from that path. Effects: one short process per call.
"""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from jiti_bot import process
from jiti_bot.errors import ToolError
from jiti_bot.graduation.anatomy import split_lines
from jiti_bot.validation.model import Diagnostic, Tool

TIMEOUT = 60.0
# Fixes that would add what a unit's file must not hold (`from __future__`), since it is compiled as part of its host.
UNFIXABLE = "I002,FA100,FA102"
_ENDS = ("location", "end_location")


@dataclass(frozen=True, slots=True)
class Ruff:
    """A ruff program, the project it serves, and the environment it is run in."""

    program: str
    root: Path
    env: Mapping[str, str]

    def fix(self, text: str, path: str) -> str:
        """``text`` with every safe fix that the project's rules ask for.

        Raises:
            ToolError: ruff is missing or its configuration cannot be read.

        """
        done = self._run(
            "check", "--fix", "--exit-zero", "--quiet", "--extend-unfixable", UNFIXABLE, text=text, path=path
        )
        return done.decode() or text

    def sort_imports(self, text: str, path: str, spared: Container[int] = ()) -> str:
        """``text`` with its imports where the project's settings want them; those at lines that are ``spared`` stay."""
        options = ("--exit-zero", "--quiet", "--select", "I001", "--output-format", "json")
        found = json.loads(self._run("check", *options, text=text, path=path) or b"[]")
        lines = split_lines(text)
        begins = [0, *accumulate(map(len, lines)), len(text)]
        for item in sorted(found, key=lambda item: -item["location"]["row"]):
            if item["code"] != "I001" or item["fix"] is None or item["location"]["row"] in spared:
                continue
            for edit in item["fix"]["edits"]:
                first, last = (begins[edit[end]["row"] - 1] + edit[end]["column"] - 1 for end in _ENDS)
                text = text[:first] + edit["content"] + text[last:]
        return text

    def format(self, text: str, path: str) -> str:
        """``text`` as the project's formatter writes it."""
        return self._run("format", "--quiet", text=text, path=path).decode() or text

    def check(self, text: str, path: str) -> tuple[Diagnostic, ...]:
        """What the project's rules find in ``text``."""
        found = self._run("check", "--exit-zero", "--quiet", "--output-format", "json", text=text, path=path)
        return tuple(
            Diagnostic(
                Tool.RUFF,
                item["code"] or "invalid-syntax",
                item["message"],
                item["location"]["row"],
                item["end_location"]["row"],
            )
            for item in json.loads(found or b"[]")
        )

    def _run(self, *args: str, text: str, path: str) -> bytes:
        done = process.run(
            [self.program, *args, "--no-cache", "--stdin-filename", str(self.root / path), "-"],
            env=self.env,
            cwd=self.root,
            stdin=text.encode(),
            timeout=TIMEOUT,
        )
        if not done.ok:
            raise ToolError(
                f"ruff failed: {_cause(done)}.",
                remedy="Run `ruff check` in the project to see the same.",
            )
        return done.stdout


def _cause(done: process.Completed) -> str:
    lines = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return " ".join(lines[:3]) or done.complaint
