"""Every code block of the README and of docs/ is run, compared or validated; what cannot be run says why, visibly."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from jiti_bot import settings
from tests.action.workflows import load
from tests.docs.blocks import PAGES, Block, blocks, commands, inline, name_of
from tests.docs.generated import offered, parser_of, subparsers
from tests.docs.stages import SET_UP, model, stage
from tests.repo import ROOT

# A page whose commands another test runs, one by one, with what it shows.
ELSEWHERE = {"docs/pytest.md": "tests/plugin/test_docs.py"}
_BIN = Path(sys.executable).parent
NAMES = [name_of(page) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_page(page: Path, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    found, name = list(blocks(page)), name_of(page)
    done: Counter[str] = Counter()
    with model(name) as server:
        scene = stage(name, tmp_path, server) if name in SET_UP else None
        for block in found:
            if block.not_run:
                looked_at(block)
                done["not run, for the reason beside it"] += 1
            elif block.is_measured:
                looked_at(block)
                done["benchmarks, which take minutes"] += 1
            elif block.is_shell and name in ELSEWHERE:
                assert f"docs/{page.name}" in (ROOT / ELSEWHERE[name]).read_text("utf-8")
                looked_at(block)
                done["run by a test of their own"] += 1
            elif block.is_shell:
                assert scene is not None, (
                    f"{block}: no stage for it in tests/docs/stages.py, nor `<!-- not run: why -->`"
                )
                scene.run(block)
                done["run"] += 1
            elif block.path and scene is not None:
                validated(block, tmp_path)
                done[scene.file(block)] += 1
            else:
                validated(block, tmp_path)
                done["validated"] += 1
        if scene is not None:
            scene.settle()
    assert done.total() == len(found), name
    record_property("docs", {f"blocks {word}": count for word, count in done.items()})


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_in_sentences_are_offered(page: Path) -> None:
    for line in inline(page):
        offers(line, name_of(page))


def looked_at(block: Block) -> None:
    """The form of commands that are not run: a shell can read them, their programs are known, ours take the options."""
    for command in commands(block):
        read = subprocess.run(["bash", "-n", "-c", command.line], capture_output=True, text=True, check=False)
        assert read.returncode == 0, f"{block}: {read.stderr}"
        for words in _parts(command.line):
            program = Path(words[0]).name
            assert program in {"cd", "export", "."} or shutil.which(program) or (_BIN / program).exists(), (
                f"{block}: {program}"
            )
            if program == "jiti":
                offers(shlex.join(words), str(block))


def _parts(line: str) -> Iterator[list[str]]:
    """The commands of a line, without what is set for them."""
    for part in re.split(r"&&|\|\||;|\|", line):
        words = [word for word in shlex.split(part, comments=True) if not re.match(r"[A-Z_]+=", word)]
        if words:
            yield words


def offers(line: str, where: str) -> None:
    """A command line of ours names a command that there is, with options that it takes."""
    words = line.replace("...", "").split()[1:]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] == "-C" else words[1:]
    if not words or not words[0].isalpha() or words[0].isupper():
        return
    assert words[0] in offered(), f"{where}: `{line}`"
    parser = parser_of(words[0])
    if len(words) > 1 and words[1] in subparsers(parser):
        parser = subparsers(parser)[words[1]]
    known = {option for action in parser._actions for option in action.option_strings}
    mine = words[: words.index("--")] if "--" in words else words
    for word in mine[1:]:
        if re.match(r"--?[a-z]", word):
            assert word.partition("=")[0] in known, f"{where}: `{line}` has no {word}"


def validated(block: Block, folder: Path) -> None:
    """Text that is no command, by the rules of whoever reads it; ``folder`` is for files of our own."""
    match block.language:
        case "python":
            ast.parse(block.text if not block.path.startswith(".jiti/") else _dedented(block.text))
        case "toml":
            tomllib.loads(block.text)
            settings.read_project(block.text, thorough=True)
        case "json":
            jsonschema.Draft202012Validator.check_schema(json.loads(block.text))
        case "yaml":
            _yaml(block, folder)
        case "text":
            assert block.page == "docs/benchmarks.md", f"{block}: say which language it is"
        case other:
            pytest.fail(f"{block}: nobody knows how to validate {other!r}")


def _dedented(text: str) -> str:
    """Lines of a body, as a function."""
    return f"def body():\n{text}" if text.startswith(" ") else text


def _yaml(block: Block, folder: Path) -> None:
    value = load(block.text)
    if isinstance(value, dict) and "repos" in value:
        _pre_commit(block, value, folder)
        return
    # A step or a job on its own is put where it would stand.
    job = {"runs-on": "ubuntu-latest"}
    if isinstance(value, list):
        value = {"on": "push", "jobs": {"publish": {**job, "steps": value}}}
    elif "jobs" not in value:
        value = {"on": "push", "jobs": {"jiti": {**job, **value}}}
    jsonschema.validate(value, _schema("github-workflows"))


def _schema(name: str) -> Any:
    """A schema that check-jsonschema carries."""
    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def _pre_commit(block: Block, value: dict[str, Any], folder: Path) -> None:
    file = folder / ".pre-commit-config.yaml"
    file.write_text(block.text, "utf-8")
    done = subprocess.run([_BIN / "pre-commit", "validate-config", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block}: {done.stdout}"
    manifest = load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    used = {hook["id"] for one in value["repos"] for hook in one["hooks"]}
    assert used <= {hook["id"] for hook in manifest}, block


def test_a_block_that_nobody_runs_is_found() -> None:
    """The harness itself: what a page shows and a command does not print is told, and so is the other way round."""
    from tests.docs.blocks import Command
    from tests.docs.stages import unshown

    assert unshown(Command("x", "a 1.5 s\n", 0), "a 2.25 s\n") == []
    assert unshown(Command("x", "a\n", 0), "a\nb\n") == ["+ b"]
    assert unshown(Command("x", "...\na\nc\n", 0), "a\nb\n") == ["c"]
