"""What a step of the action does: stage after stage as a process of its own, and then what the runner has to hear."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from action import protocol, stages
from action.inputs import Inputs
from action.stages import Runner

_MAX_ERROR = 2_000  # characters of a failure that are shown as a note
Start = Callable[[Sequence[str], Mapping[str, str]], "Ended"]


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: its exit code, what it wrote to standard output where that was kept, its complaint."""

    code: int
    out: str = ""
    complaint: str = ""


@dataclass(slots=True)
class Step:
    """One step. ``program`` starts jiti; ``start`` runs a process, what it prints going to the log."""

    inputs: Inputs
    env: Mapping[str, str]
    program: Sequence[str]
    write: protocol.Write
    start: Start

    def run(self) -> int:
        """Do what the input `stage` says; the step's exit code."""
        self.write("".join(protocol.masks(secret) for secret in self.inputs.secrets))
        match self.inputs.stage:
            case "all":
                return self._all()
            case "check":
                return self._check()
            case stage:
                return self._told(self._stage(stage))

    @property
    def _runner(self) -> Runner:
        return stages.runner(self.env)

    @property
    def _folder(self) -> Path:
        return Path(stages.stage_files(self.inputs, self._runner))

    def _all(self) -> int:
        """The whole work in one job. What was finished is published even where the rest failed."""
        for left in self._folder.glob("*.json"):
            left.unlink()  # an earlier step's
        code = self._stage("gate")
        if code:
            return self._told(code)
        gate = self._file("gate")
        task = gate.get("task")
        if gate.get("orders") or gate.get("comment"):
            self._stage("acknowledge")  # a courtesy: nothing depends on it
        if task == "check":
            return self._told(self._check())
        if task == "answer":
            return self._told(self._stage("publish"))
        if task != "generate":
            return self._told(0)
        code = self._stage("plan")
        if code:
            return self._told(code)
        count = len(self._file("plan").get("shards", ()))
        codes = [self._stage("generate", str(number)) for number in range(1, count + 1)]
        for stage in ("validate", "publish"):
            codes.append(self._stage(stage))
            if codes[-1]:
                break
        codes.append(self._stage("report"))
        return self._told(next((code for code in codes if code), 0))

    def _stage(self, stage: str, shard: str = "") -> int:
        ended = self._process(stage, stages.arguments(stage, self.inputs, self._runner, shard=shard))
        return ended.code

    def _check(self) -> int:
        """Judge the checkout, offline and from syntax alone; nothing of it runs."""
        ended = self._process("check", stages.arguments("check", self.inputs, self._runner))
        try:
            found = json.loads(ended.out)["findings"] if ended.out else []
        except (ValueError, KeyError, TypeError):
            found = []
        prefix = stages.prefix(self.inputs)
        notes = [
            {
                "level": "error" if one["level"] == "error" else "warning",
                "file": f"{prefix}{one['file']}",
                "line": one["line"],
                "title": f"jiti: {one['code']}",
                "message": f"{one['message']} {one['remedy']}",
            }
            for one in found
        ]
        for note in notes[:10]:
            self.write(protocol.note(note))
        said = "Nothing needs a person." if not found else f"{len(found)} findings: see the notes and the log."
        self._summary(f"## jiti-bot\n\n{said}\n" if not ended.code or found else "")
        return ended.code

    def _process(self, stage: str, line: Sequence[str]) -> Ended:
        """Run jiti; whatever it prints is no command, and its complaint becomes a note."""
        with protocol.quoting(self.write):
            ended = self.start([*self.program, *line], stages.environment(stage, self.inputs, self.env))
        complaint = ended.complaint.strip().splitlines()
        if ended.code and complaint and stage not in {"report", "check"}:
            self.write(protocol.command("error", complaint[-1][:_MAX_ERROR], title=f"jiti: {stage}"))
        return ended

    def _told(self, code: int) -> int:
        """Hand the runner the outputs, notes and summary that the stages left."""
        gate, plan, published, report = (self._file(name) for name in ("gate", "plan", "published", "report"))
        outputs = {name: str(gate[name]) for name in ("task", "base", "sha") if name in gate}
        outputs["comment"] = str(gate.get("comment") or next(iter(gate.get("orders", ())), ""))
        if plan:
            outputs["shards"] = json.dumps(list(range(1, len(plan["shards"]) + 1)))
            if not plan["shards"] and not gate.get("head_sha"):
                outputs["task"] = "nothing"
        if published:
            outputs |= {"outcome": published["outcome"], "pull-request-url": published["url"]}
            outputs["pull-request-number"] = str(published["number"] or "")
        outputs |= report.get("outputs", {})
        target = self.env.get("GITHUB_OUTPUT")
        for name, value in outputs.items():
            if target:
                protocol.set_output(Path(target), name, value)
        for note in report.get("notes", ()):
            self.write(protocol.note(note))
        self._summary(report.get("summary", ""))
        return code

    def _summary(self, text: str) -> None:
        target = self.env.get("GITHUB_STEP_SUMMARY")
        if target and text:
            protocol.add_summary(Path(target), text)

    def _file(self, name: str) -> dict[str, Any]:
        """A stage file that jiti has just written or read here, and checked; empty where there is none."""
        if not self._is_ours(name):
            return {}
        try:
            value = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _is_ours(self, name: str) -> bool:
        """Whether a stage file was written by this very step: what came from other machines is not read here."""
        made = {
            "gate": {"gate"},
            "plan": {"gate", "plan"},
            "publish": {"published"},
            "report": {"report"},
            "all": {"gate", "plan", "published", "report"},
        }
        return name in made.get(self.inputs.stage, set())


def start(line: Sequence[str], env: Mapping[str, str]) -> Ended:
    """Run a process to its end. Its standard output goes to the log and is kept, its last complaint as well."""
    import threading

    with subprocess.Popen(
        list(line), env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        heard: list[bytes] = []
        complaint: list[bytes] = []

        def listen() -> None:
            for piece in process.stderr or ():
                complaint[:] = [*complaint[-50:], piece]
                sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        for piece in process.stdout:
            heard.append(piece)
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        thread.join()
        code = process.wait()
    return Ended(code, b"".join(heard).decode("utf-8", "replace"), b"".join(complaint).decode("utf-8", "replace"))
