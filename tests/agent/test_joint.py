"""Several stubs in one conversation: what is told, what `submit` takes, and what comes of it."""

from dataclasses import replace

import pytest

from jiti_bot.agent import joint
from jiti_bot.agent.brief import Brief, Limits, Material
from jiti_bot.agent.member import Member, named, parts
from jiti_bot.agent.outcome import Done, Postponed
from jiti_bot.loopback import Reply, ToolUse
from jiti_bot.source.model import Spec
from jiti_bot.validation.model import Accepted, Candidate
from jiti_bot.validation.together import Standing
from tests.agent.kit import DIGESTS, FILES, KEY, RIGHT, SPEC, STUB, WRONG, room, script

HEADING = replace(
    STUB, unit="heading", line=20, header="def heading(text: str) -> str:", docstring_source='"""Title case."""'
)
OTHER = Spec("app.text.heading", HEADING, (), (), DIGESTS, ".jiti", ".jiti/src/app/text/heading.py")
DRAFT = Accepted("def heading(text: str) -> str:\n    return text.title()\n", "", ())


def brief(**given: object) -> Brief:
    materials = [Material(spec, lambda file: FILES[file]) for spec in (SPEC, OTHER)]
    return joint.write(materials, Limits(), **{"drafts": {}, **given})  # ty: ignore[invalid-argument-type] a table


def submit(bodies: dict[str, str], helpers: str = "", **more: object) -> Reply:
    return Reply((ToolUse("submit", {"bodies": bodies, "helpers": helpers, "tests": "", "quality": 9, **more}),))


def test_the_first_message_names_all_of_them_the_first_one_first() -> None:
    first = brief().first
    assert first.startswith("Implement `app.text.slugify` and `app.text.heading` together.")
    assert first.count("# The module `src/app/text.py`") == 1
    assert "- the examples in the docstring" in first
    assert "def heading(text: str) -> str:\n" in first


def test_what_there_is_of_them_is_shown() -> None:
    first = brief(drafts={OTHER.key: DRAFT}, report="## app.text.slugify\n\ngates: it fails").first
    assert "return text.title()" in first
    assert "it stays as it is" in first
    assert first.endswith("gates: it fails")


@pytest.mark.parametrize(
    ("given", "names", "required"),
    [
        pytest.param({}, [KEY, OTHER.key], [KEY, OTHER.key], id="nothing-there"),
        pytest.param({"drafts": {OTHER.key: DRAFT}}, [KEY, OTHER.key], [KEY], id="one-may-stay"),
        pytest.param({"drafts": {OTHER.key: DRAFT}, "fixed": {OTHER.key}}, [KEY], [KEY], id="one-has-to-stay"),
    ],
)
def test_submit_takes_bodies_by_key(given: dict[str, object], names: list[str], required: list[str]) -> None:
    definition = next(one for one in brief(**given).definitions() if one["name"] == "submit")
    bodies = definition["input_schema"]["properties"]["bodies"]
    assert (list(bodies["properties"]), bodies["required"]) == (names, required)
    assert "body" not in definition["input_schema"]["properties"]


def test_a_key_that_cannot_name_a_field_gets_a_number() -> None:
    assert named(["app.f", "app/a-b.py::f"]) == {"app.f": "app.f", "app/a-b.py::f": "stub_2"}


def test_a_submission_is_taken_apart() -> None:
    group = (Member(SPEC, KEY), Member(OTHER, OTHER.key))
    bodies = {KEY: "return _joined(text)", OTHER.key: "return text.title()"}
    one, other = parts(group, bodies, "def _joined(text):\n    return text", "def test_x(): ...", 9)
    assert isinstance(one, Candidate)
    assert isinstance(other, Candidate)
    assert (one.body, one.helpers, one.tests) == (
        bodies[KEY],
        "def _joined(text):\n    return text",
        "def test_x(): ...",
    )
    assert (other.body, other.helpers, other.tests) == (bodies[OTHER.key], "", "")


def test_what_is_left_out_stays() -> None:
    group = (Member(SPEC, KEY), Member(OTHER, OTHER.key, DRAFT))
    one, other = parts(group, {KEY: RIGHT}, "", "", 9)
    assert isinstance(one, Candidate)
    assert other == Standing(OTHER, DRAFT)


def test_they_are_done_when_all_pass() -> None:
    answers = script(start=submit({KEY: WRONG}), after_FAILED_1=submit({KEY: RIGHT}))
    with room(answers) as here:
        outcome = here.work(brief(drafts={OTHER.key: DRAFT}))
        assert isinstance(outcome, Done)
        assert outcome.attempts == 2
        assert sorted(outcome.texts) == [OTHER.key, KEY]
        assert outcome.texts[OTHER.key] == DRAFT
        refused = here.results(1)[0]["content"]
        assert refused.startswith("FAILED\n## app.text.slugify\n\ndoctests: ")


def test_they_wait_for_others_together() -> None:
    with room(script(start=submit({KEY: RIGHT}))) as here:
        here.bench.missing = (".jiti/src/app/text/later.py",)
        outcome = here.work(brief(drafts={OTHER.key: DRAFT}))
        assert isinstance(outcome, Postponed)
        assert OTHER.key in outcome.drafts
        done = here.work(resume=outcome, staged={".jiti/src/app/text/later.py": ""})
        assert isinstance(done, Done)
        assert done.spent.turns == 1


def test_a_submission_that_forgets_one_is_told_so() -> None:
    with room(script(start=submit({KEY: RIGHT}), after_submit_1=submit({KEY: RIGHT, OTHER.key: RIGHT}))) as here:
        assert isinstance(here.work(brief()), Done)
        said = here.results(1)[0]
        assert said["is_error"]
        assert "a text for each of: app.text.slugify, app.text.heading" in said["content"]
