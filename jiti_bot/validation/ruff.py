"""ruff over texts that are not on disk: stdin with the path at which the text stands or will stand.

The project's own configuration holds, since ruff looks for it from that path. Effects: one short process per call.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jiti_bot import process
from jiti_bot.errors import ToolError
from jiti_bot.validation.model import Diagnostic, Tool

TIMEOUT = 60.0
# Fixes that would add what a unit's file must not hold (`from __future__`), since it is compiled as part of its host.
UNFIXABLE = "I002,FA100,FA102"


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

    def sort_imports(self, text: str, path: str) -> str:
        """``text`` with its imports where the project's settings want them, whatever else its rules find."""
        done = self._run("check", "--fix", "--exit-zero", "--quiet", "--select", "I001", text=text, path=path)
        return done.decode() or text

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
