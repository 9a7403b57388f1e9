"""Files between stages: what does not fit its schema, or is no file at all, is one message and nothing more."""

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiti_bot.errors import StageError
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages import files, model, schema
from jiti_bot.stages.event import Task
from jiti_bot.stages.model import Decision, Work
from tests.stages.events import OTHER, SHA

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry, Resource

DECISION = Decision(
    Task.GENERATE,
    "main was pushed to",
    "main",
    SHA,
    OTHER,
    7,
    501,
    {"a.f": "shorter"},
    {"a.g": ""},
    ("a.h",),
    True,
    (501,),
    {"a.i": "0123456789ab"},
    {"a.j": "ba9876543210"},
)
RESULT = Result(
    "a.f", Outcome.FAILED, ".jiti/a/f.py", 2, 5, 1.25, None, 10, 20, 30, (("ruff", True), ("gates", False)), "why",
    "incomplete", "claude-sonnet-5-5", ("reads the clock",),
)  # fmt: skip
WORK = Work(SHA, {".jiti/a/f.py": "def f():\n    return 'ä'\n"}, (RESULT,), "it ended early")
DOCUMENTS = {
    "gate": DECISION.as_json(),
    "shard": WORK.as_json(),
    "validated": WORK.as_json(),
    "published": {"outcome": "opened", "number": 3, "url": "https://x/3", "sha": SHA, "reason": ""},
    "report": {"summary": "## x", "notes": [], "outputs": {"done": "1"}},
    "plan": {
        "base": "main", "sha": SHA, "shards": [["a.f"]], "findings": [{"file": "a.py", "line": 1, "message": "?"}],
        "stubs": [
            {"key": "a.f", "action": "generate", "state": "?", "file": "a.py", "line": 3, "path": "x", "needs": []},
        ],
    },
}  # fmt: skip


# Who writes these files has no reason to write 3.0 for 3: ours takes no such number for an integer.
WHOLE = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)
Strict: Any = extend(Draft202012Validator, type_checker=WHOLE)


def oracle(kind: str) -> Any:
    pairs = [(f"{name}.json", Resource.from_contents(schema.load(name))) for name in schema.kinds()]
    return Strict(schema.load(kind), registry=Registry().with_resources(pairs))


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_what_is_written_is_read_again(tmp_path: Path, kind: str) -> None:
    path = files.write(tmp_path / "new", kind, kind, DOCUMENTS[kind])
    found = files.read(tmp_path / "new", kind, kind)
    assert found == {"format": 1, **DOCUMENTS[kind]}
    assert list(oracle(kind).iter_errors(json.loads(path.read_text()))) == []
    assert [one.name for one in path.parent.iterdir()] == [f"{kind}.json"]


def test_values_survive_the_journey(tmp_path: Path) -> None:
    files.write(tmp_path, "gate", "gate", DECISION.as_json())
    assert model.decision(files.read(tmp_path, "gate", "gate")) == DECISION
    files.write(tmp_path, "shard-1", "shard", WORK.as_json())
    assert model.work(files.read(tmp_path, "shard-1", "shard"), "shard-1") == WORK


@pytest.mark.parametrize("kind", schema.kinds())
def test_schemas_are_schemas(kind: str) -> None:
    Draft202012Validator.check_schema(schema.load(kind))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.floats(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Any]:
    """A document of some kind with one place of it replaced, removed or added to."""
    kind = draw(st.sampled_from(sorted(DOCUMENTS)))
    document = json.loads(json.dumps({"format": 1, **DOCUMENTS[kind]}))
    at: Any = document
    while True:
        inside = list(at) if isinstance(at, dict) else list(range(len(at)))
        where = draw(st.sampled_from(inside)) if inside else None
        deeper = where is not None and isinstance(at[where], dict | list) and draw(st.booleans())
        if not deeper:
            break
        at = at[where]
    match draw(st.sampled_from(("replace", "remove", "add"))):
        case "replace" if where is not None:
            at[where] = draw(JSON)
        case "remove" if where is not None:
            del at[where]
        case _ if isinstance(at, dict):
            at[draw(st.text(max_size=5))] = draw(JSON)
        case _:
            at.append(draw(JSON))
    return kind, document


@given(damaged())
def test_our_check_says_what_json_schema_says(case: tuple[str, Any]) -> None:
    kind, document = case
    assert (schema.check(document, kind) == "") is oracle(kind).is_valid(document)


def link(folder: Path) -> None:
    (folder / "elsewhere.json").write_text(json.dumps({"format": 1, **DOCUMENTS["published"]}))
    (folder / "published.json").symlink_to(folder / "elsewhere.json")


def huge(folder: Path) -> None:
    with (folder / "published.json").open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)


def text(data: str | bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "published.json").write_bytes(data.encode() if isinstance(data, str) else data)


def document(**changes: object) -> Callable[[Path], object]:
    return text(json.dumps({"format": 1, **DOCUMENTS["published"], **changes}))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda folder: None, "no such file", id="missing"),
        pytest.param(link, "symbolic link", id="symlink"),
        pytest.param(lambda folder: (folder / "published.json").mkdir(), "regular file", id="folder"),
        pytest.param(lambda folder: os.mkfifo(folder / "published.json"), "regular file", id="pipe"),
        pytest.param(huge, "bytes", id="huge"),
        pytest.param(text(""), "not JSON", id="empty"),
        pytest.param(text('{"format": 1, "outcome": "ope'), "cut off", id="truncated"),
        pytest.param(text(b"\xff\xfe{"), "not JSON", id="binary"),
        pytest.param(text("[" * 200_000), "not JSON", id="nested"),
        pytest.param(text("[1]"), "is not of type object", id="list"),
        pytest.param(text('{"format": 1, "format": 1}'), "two members", id="twins"),
        pytest.param(text('{"number": NaN}'), "NaN", id="nan"),
        pytest.param(text('{"number": 1' + "0" * 5000 + "}"), "not JSON", id="endless-number"),
        pytest.param(document(format=2), "is not 1", id="other-format"),
        pytest.param(document(format=True), "is not 1", id="true-is-not-1"),
        pytest.param(document(number=True), "integer", id="true-is-no-number"),
        pytest.param(document(number=1e400), "is not JSON", id="infinity"),
        pytest.param(document(outcome="owned"), "none of", id="unknown-word"),
        pytest.param(document(sha=SHA + "\n"), "does not match", id="newline-after-sha"),
        pytest.param(document(more=1), "not part of the format", id="more-than-known"),
        pytest.param(document(url="x" * 5000), "more than 4000", id="long"),
    ],
)
def test_bad_files(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    make(tmp_path)
    with pytest.raises(StageError) as refused:
        files.read(tmp_path, "published", "published")
    assert said.lower() in str(refused.value).lower()
    assert refused.value.remedy
    assert refused.value.where == "published.json"


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    files.write(tmp_path / "there", "published", "published", DOCUMENTS["published"])
    (tmp_path / "here").symlink_to(tmp_path / "there")
    with pytest.raises(StageError, match="symbolic link"):
        files.read(tmp_path / "here", "published", "published")


def test_what_does_not_fit_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(StageError):
        files.write(tmp_path, "published", "published", {"outcome": "owned"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"text": "def f(): evil()\n"}, "digest", id="text-changed"),
        pytest.param({"sha256": "0" * 64}, "digest", id="digest-changed"),
    ],
)
def test_a_text_has_to_be_the_one_of_its_digest(change: dict[str, str], said: str) -> None:
    value = WORK.as_json()
    value["files"][0] |= change
    with pytest.raises(StageError, match=said):
        model.work(value, "shard-1.json")


def test_a_text_has_to_be_one_that_can_be_written() -> None:
    value = Work(SHA, {"p": "half \ud800"}, ()).as_json()
    with pytest.raises(StageError, match="cannot be written as UTF-8"):
        model.work(json.loads(json.dumps(value)), "shard-1.json")


def test_a_path_comes_once() -> None:
    value = WORK.as_json()
    value["files"] *= 2
    with pytest.raises(StageError, match="twice"):
        model.work(value, "shard-1.json")


def test_shards_are_about_one_commit() -> None:
    with pytest.raises(StageError, match="different commits"):
        model.merged([Work(OTHER, {}, ()), Work(SHA, {}, ())])


def test_of_two_shards_the_better_result_counts() -> None:
    good = Work(SHA, {"p": "good"}, (Result("a.f", Outcome.GENERATED, "p"),))
    bad = Work(SHA, {}, (Result("a.f", Outcome.SKIPPED, "p"), Result("a.g", Outcome.FAILED, "q")), "no key")
    for pair in ((good, bad), (bad, good)):
        both = model.merged(pair)
        assert {one.key: one.outcome for one in both.results} == {"a.f": Outcome.GENERATED, "a.g": Outcome.FAILED}
        assert both.texts == {"p": "good"}
        assert both.error == "no key"
