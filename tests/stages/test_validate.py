"""A fresh machine proves what shards claim: what does not pass is taken out, what a person wrote is left as it is."""

from dataclasses import replace

import pytest

from jiti_bot.errors import StageError
from jiti_bot.pipeline.looking import look
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages.model import Decision, Work, merged
from jiti_bot.stages.validate import validate
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.write import compose
from tests.repo import Repo
from tests.stages import project
from tests.stages.events import OTHER
from tests.stages.project import (
    CLASS,
    CLASS_FILE,
    SHOUT,
    SHOUT_FILE,
    SLUG_FILE,
    SLUGIFY,
    claims,
    decision,
    opened,
    outcomes,
)


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


def proved(repo: Repo, said: Work, asked: Decision | None = None) -> Work:
    return validate(opened(repo), asked or decision(repo), said)


def result(work: Work, key: str) -> Result:
    return next(one for one in work.results if one.key == key)


def test_without_any_claim_everything_is_still_to_do(repo: Repo) -> None:
    found = proved(repo, merged([]))
    assert found.texts == {}
    assert outcomes(found) == dict.fromkeys((SLUGIFY, SHOUT, CLASS), "skipped")


def test_what_is_right_passes_with_facts_of_our_own(repo: Repo) -> None:
    said = claims(repo)
    boasting = replace(said, results=tuple(replace(one, checks=(("everything", True),)) for one in said.results))
    found = proved(repo, boasting)
    assert found.texts == said.texts
    assert outcomes(found) == dict.fromkeys((SLUGIFY, SHOUT, CLASS), "generated")
    assert dict(result(found, SHOUT).checks) == dict.fromkeys(("guards", "ruff", "ty", "gates"), True)
    assert dict(result(found, CLASS).checks) == dict.fromkeys(("guards", "ruff", "ty", "doctests"), True)
    assert result(found, SHOUT).usd == 0.01


@pytest.mark.parametrize(
    ("body", "check"),
    [
        pytest.param("return text", "gates", id="wrong"),
        pytest.param("return 1", "ty", id="of-another-type"),
        pytest.param("import os\n    os._exit(0)", "guards", id="exits-early"),
        pytest.param("global x\n    return text", "guards", id="not-allowed"),
        pytest.param('return {"hey": "HEY!", "": "!"}[text]', "guards", id="hard-coded"),
    ],
)
def test_what_is_wrong_is_taken_out_and_the_rest_stays(repo: Repo, body: str, check: str) -> None:
    found = proved(repo, claims(repo, SHOUT, SLUGIFY, shout=body))
    assert set(found.texts) == {SLUG_FILE}
    assert outcomes(found) == {SLUGIFY: "generated", SHOUT: "failed", CLASS: "skipped"}
    failed = result(found, SHOUT)
    assert "did not pass on a fresh machine" in failed.reason
    assert next(name for name, ok in failed.checks if not ok) == check
    assert not (repo.path / SHOUT_FILE).exists()


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("(", id="no-python"),
        pytest.param("\0", id="binary"),
        pytest.param("-" * 100_000 + "1", id="nested"),
        pytest.param("import os\n\nos.remove('x')\n\n\ndef test_it() -> None:\n    assert True\n", id="at-import"),
        pytest.param("class TestIt:\n    def test_it(self) -> None:\n        import os\n\n        os._exit(0)\n",
                     id="in-a-class"),
    ],
)  # fmt: skip
def test_the_agent_s_own_tests_are_judged_whole(repo: Repo, own: str) -> None:
    said = claims(repo, SHOUT)
    found = proved(repo, replace(said, texts={**said.texts, ".jiti/tests/app/text/test_scratch_shout.py": own}))
    assert found.texts == {}
    assert result(found, SHOUT).checks == (("guards", False),)
    assert "tests" in result(found, SHOUT).reason


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        pytest.param(SHOUT, "def shout", "@print\ndef shout", id="decorator"),
        pytest.param(SHOUT, "text: str)", "text: str = input())", id="default"),
        pytest.param(SHOUT, "text: str)", "text: str, *more: str)", id="parameter"),
        pytest.param(CLASS, "class Stack:", "@print\nclass Stack:", id="decorator-of-a-class"),
        pytest.param(CLASS, "class Stack:", "class Stack(print() or object):", id="base"),
        pytest.param(CLASS, "class Stack:", "class Stack(metaclass=print() or type):", id="metaclass"),
        pytest.param(CLASS, "    def push", "    @print\n    def push", id="decorator-of-a-method"),
        pytest.param(CLASS, "item: int)", "item: int, more: int = 0)", id="parameter-of-a-method"),
    ],
)
def test_around_a_body_stands_what_the_stub_says(repo: Repo, key: str, old: str, new: str) -> None:
    standing = look(opened(repo))[key]
    spec, entry = standing.spec, parse_entry(standing.spec.path, project.text_of(standing).encode())
    assert isinstance(entry, Entry)
    assert old in entry.code
    forged = compose(spec.key, spec.digests, entry.code.replace(old, new), model="-", evidence="ruff")
    found = proved(repo, replace(claims(repo, key), texts={spec.path: forged}))
    assert found.texts == {}
    assert "the stub decides what is around it" in result(found, key).reason


def test_what_is_said_and_not_brought_is_not_done(repo: Repo) -> None:
    said = claims(repo, SLUGIFY, SHOUT)
    found = proved(repo, replace(said, texts={SLUG_FILE: said.texts[SLUG_FILE]}))
    assert outcomes(found)[SHOUT] == "failed"
    assert "no file of it came" in result(found, SHOUT).reason


def test_failures_of_shards_are_passed_on(repo: Repo) -> None:
    said = claims(repo, SLUGIFY)
    gave_up = Result(SHOUT, Outcome.FAILED, SHOUT_FILE, attempts=3, reason="it gave up", code="incomplete")
    found = proved(repo, replace(said, results=(*said.results, gave_up), error="the budget is used up"))
    assert result(found, SHOUT) == gave_up
    assert found.error == "the budget is used up"


def test_what_is_there_already_needs_no_proof(repo: Repo) -> None:
    said = claims(repo)
    for path, text in said.texts.items():
        repo.write(path, text)
    repo.commit()
    found = proved(repo, merged([]))
    assert (found.texts, found.results) == ({}, ())


def test_a_path_that_no_stub_has_is_refused(repo: Repo) -> None:
    said = claims(repo)
    with pytest.raises(StageError, match="the place of no stub") as refused:
        proved(repo, replace(said, texts={**said.texts, ".jiti/conftest.py": "boom = 1\n"}))
    assert refused.value.where == "shard"


def test_work_on_another_commit_is_refused(repo: Repo) -> None:
    with pytest.raises(StageError, match="another commit"):
        proved(repo, replace(claims(repo), sha=OTHER))


def test_what_lay_in_the_work_tree_does_not_count(repo: Repo) -> None:
    asked, said = decision(repo), claims(repo, SLUGIFY)
    repo.write(SHOUT_FILE, "left by an earlier step\n")
    repo.write(".jiti/app/text/gone.py", "left as well\n")
    found = proved(repo, said, asked)
    assert set(found.texts) == {SLUG_FILE}
    assert not (repo.path / ".jiti/app/text/gone.py").exists()


class TestTheBotsBranch:
    @pytest.fixture
    def asked(self, repo: Repo) -> Decision:
        """All three lie on the bot's branch, shout rewritten there by a person; nothing is on main."""
        said = claims(repo)
        repo.git("checkout", "-q", "-b", "jiti-bot-main")
        for path, text in said.texts.items():
            repo.write(path, text)
        repo.commit()
        self.rewrite(repo, 'text.upper() + "!"')
        repo.git("checkout", "-q", "main")
        return decision(repo, head_sha=project.head(repo, "jiti-bot-main"))

    def rewrite(self, repo: Repo, expression: str) -> None:
        head, _, _ = (repo.path / SHOUT_FILE).read_text().rpartition("    return ")
        repo.write(SHOUT_FILE, f"{head}    return {expression}\n")
        repo.commit()

    def test_is_restored_and_proved_again(self, repo: Repo, asked: Decision) -> None:
        found = proved(repo, merged([]), asked)
        assert outcomes(found) == dict.fromkeys((SLUGIFY, SHOUT, CLASS), "restored")
        assert 'text.upper() + "!"' in found.texts[SHOUT_FILE]
        assert result(found, SLUGIFY).attempts == 2
        assert result(found, SLUGIFY).model == "claude-sonnet-5-5"

    def test_a_person_s_edit_that_does_not_pass_is_left_and_told(self, repo: Repo, asked: Decision) -> None:
        repo.git("checkout", "-q", "jiti-bot-main")
        self.rewrite(repo, "text")
        repo.git("checkout", "-q", "main")
        found = proved(repo, merged([]), replace(asked, head_sha=project.head(repo, "jiti-bot-main")))
        assert outcomes(found)[SHOUT] == "conflict"
        assert "'HEY!'" in result(found, SHOUT).reason
        assert "    return text\n" in found.texts[SHOUT_FILE]

    def test_what_became_stale_there_is_taken_out(self, repo: Repo, asked: Decision) -> None:
        repo.write("app/stack.py", project.STACK.replace("A stack of numbers.", "A pile of numbers."))
        repo.commit("app/stack.py")
        found = proved(repo, merged([]), replace(asked, sha=project.head(repo)))
        assert outcomes(found) == {SLUGIFY: "restored", SHOUT: "restored", CLASS: "failed"}
        assert CLASS_FILE not in found.texts
        assert "changed since: docstring" in result(found, CLASS).reason

    def test_what_the_base_has_by_now_is_the_base_s(self, repo: Repo, asked: Decision) -> None:
        repo.write(SLUG_FILE, repo.git("show", f"jiti-bot-main:{SLUG_FILE}"))
        repo.commit(SLUG_FILE)
        found = proved(repo, merged([]), replace(asked, sha=project.head(repo)))
        assert SLUG_FILE not in found.texts
        assert SLUGIFY not in outcomes(found)
