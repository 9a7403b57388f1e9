"""A class in which a person wrote one method and the bot another, on the fresh machine and in the pull request."""

from dataclasses import replace

import pytest

from jiti_bot.errors import StageError
from jiti_bot.pipeline.looking import look
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages.model import Work
from jiti_bot.stages.publish import publication
from jiti_bot.stages.validate import validate
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.write import compose, parts_of
from tests.repo import Repo
from tests.stages import project
from tests.stages.project import CLASS, CLASS_FILE, claims, decision, opened, outcomes

# A model may not touch `input`: a person may.
BY_HAND = ("self._items.append(item)", "self._items = [*self._items, item if callable(input) else 0]")
PEEK = "    def peek(self) -> int:\n        return self._items[-1]\n"
ADDED = "\n    def peek(self) -> int:\n        raise NotImplementedError\n"


@pytest.fixture
def repo(repo: Repo) -> Repo:
    """A class with an edited method, and a new stub."""
    project.write(repo)
    repo.write(CLASS_FILE, claims(repo, CLASS).texts[CLASS_FILE].replace(*BY_HAND))
    repo.write("app/stack.py", project.STACK + ADDED)
    repo.commit()
    return repo


def claim(repo: Repo, *, edit: tuple[str, str] = ("", ""), peek: str = PEEK) -> Work:
    """What a shard says that wrote the new method."""
    standing = look(opened(repo))[CLASS]
    spec, before = standing.spec, standing.committed
    assert isinstance(before, Entry)
    code = before.code + "\n" + peek
    parts = parts_of(spec.stub, code, before)
    text = compose(spec.key, spec.digests, code, model="m", evidence="ruff", body=before.header.body, parts=parts)
    told = Result(CLASS, Outcome.GENERATED, spec.path, attempts=1, turns=1, usd=0.01, model="m")
    return Work(project.head(repo), {spec.path: text.replace(*edit)}, (told,))


def test_the_edit_stays_and_the_new_method_is_judged(repo: Repo) -> None:
    said = claim(repo)
    found = validate(opened(repo), decision(repo), said)
    assert outcomes(found)[CLASS] == "generated", [one.reason for one in found.results]
    assert found.texts == said.texts
    (file,) = [one for one in publication(opened(repo), decision(repo), found).files if one.path == CLASS_FILE]
    entry = parse_entry(CLASS_FILE, (file.text or "").encode())
    assert isinstance(entry, Entry)
    assert entry.edited == ("push",)


def test_what_a_person_may_write_a_model_may_not(repo: Repo) -> None:
    peek = PEEK.replace("self._items[-1]", "self._items[-1 if callable(input) else 0]")
    found = validate(opened(repo), decision(repo), claim(repo, peek=peek))
    assert outcomes(found)[CLASS] == "failed"


@pytest.mark.parametrize("edit", [("[*self._items, ", "["), ("return len(", "return 0 * len(")])
def test_an_edit_that_nobody_made_is_none(repo: Repo, edit: tuple[str, str]) -> None:
    said = claim(repo, edit=edit)
    assert outcomes(validate(opened(repo), decision(repo), said))[CLASS] == "failed"
    with pytest.raises(StageError, match="header was written for"):
        publication(opened(repo), decision(repo), replace(said, results=said.results))
