"""What the stage with the write token believes: files that the commit in its hands accounts for, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jiti_bot.errors import JitiError, StageError
from jiti_bot.forge.model import Publication
from jiti_bot.planning.result import Outcome, Result
from jiti_bot.stages.model import Decision, Work
from jiti_bot.stages.publish import publication
from jiti_bot.store.paths import IGNORED
from tests.repo import Repo, make
from tests.stages import project
from tests.stages.events import OTHER
from tests.stages.project import CLASS, CLASS_FILE, SHOUT, SHOUT_FILE, SLUG_FILE, SLUGIFY, claims, decision, opened

IGNORE_FILE = ".jiti/.gitignore"
OWN = ".jiti/tests/app/text/test_scratch_shout.py"


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return project.write(repo)


def published(repo: Repo, proved: Work, asked: Decision | None = None) -> Publication:
    return publication(opened(repo), asked or decision(repo), proved, "https://github.com/acme/demo/actions/runs/1")


def test_nothing_gives_nothing(repo: Repo) -> None:
    found = published(repo, Work(project.head(repo), {}, ()))
    assert (found.files, found.sections) == ((), ())
    assert set(found.specs) == {SLUGIFY, SHOUT, CLASS}


def test_what_fits_is_proposed(repo: Repo) -> None:
    found = published(repo, claims(repo))
    assert [file.path for file in found.files] == [IGNORE_FILE, CLASS_FILE, SHOUT_FILE, SLUG_FILE]
    assert (found.base, found.base_sha, found.head_sha) == ("main", project.head(repo), "")
    shout = next(one for one in found.sections if one.result.key == SHOUT)
    assert shout.place == "app/text.py:17"
    assert shout.gates == ("test_shout",)
    assert 'return f"{text.upper()}!"' in shout.came
    assert "Return the text in capitals" in shout.asked
    assert "seal" not in shout.came


def test_a_store_that_is_there_keeps_its_own_list_of_what_git_ignores(repo: Repo) -> None:
    repo.write(IGNORE_FILE, "# ours\n")
    repo.commit()
    assert IGNORE_FILE not in [file.path for file in published(repo, claims(repo)).files]


@pytest.mark.parametrize("same", [True, False], ids=["taken over", "written anew"])
def test_what_a_stub_that_moved_left_behind_goes(repo: Repo, same: bool) -> None:
    for path, content in claims(repo, SHOUT).texts.items():
        repo.write(path, content)
    repo.git("mv", "app/text.py", "app/words.py")
    for test in (repo.path / "tests").glob("*.py"):
        test.write_text(test.read_text().replace("app.text", "app.words"))
    repo.commit()
    body = project.BODIES[SHOUT] if same else 'return "".join(text.upper()) + "!"'
    found = published(repo, claims(repo, "app.words.shout", shout=body))
    files = {file.path: file.text is None for file in found.files}
    assert files == {IGNORE_FILE: False, ".jiti/app/words/shout.py": False, **({SHOUT_FILE: True} if same else {})}


def test_a_hand_edit_that_came_back_as_a_models_work_stays(repo: Repo) -> None:
    for path, content in claims(repo, SHOUT).texts.items():
        repo.write(path, content.replace("{text.upper()}!", "{text.upper()}!!"))
    repo.git("mv", "app/text.py", "app/words.py")
    for test in (repo.path / "tests").glob("*.py"):
        test.write_text(test.read_text().replace("app.text", "app.words"))
    repo.commit()
    found = published(repo, claims(repo, "app.words.shout", shout='return f"{text.upper()}!!"'))
    assert SHOUT_FILE not in {file.path for file in found.files}


def test_a_part_is_proposed_with_what_failed(repo: Repo) -> None:
    proved = claims(repo, SLUGIFY)
    failed = Result(SHOUT, Outcome.FAILED, SHOUT_FILE, reason="it would not")
    found = published(repo, replace(proved, results=(*proved.results, failed)))
    assert [file.path for file in found.files] == [IGNORE_FILE, SLUG_FILE]
    assert [one.result.key for one in found.sections if not one.result.good] == [SHOUT]


def test_a_spec_s_digest_says_what_was_asked_whatever_was_generated(repo: Repo) -> None:
    before = published(repo, Work(project.head(repo), {}, ())).specs
    assert published(repo, claims(repo)).specs == before
    repo.write("app/text.py", project.TEXT.replace("in capitals", "in large letters"))
    repo.commit("app/text.py")
    after = published(repo, Work(project.head(repo), {}, ())).specs
    assert {key for key in before if before[key] != after[key]} == {SHOUT}


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    outer = make(tmp_path)
    inner = Repo(outer.path / "services" / "api", outer.env)
    inner.path.mkdir(parents=True)
    for path, text in project.FILES.items():
        inner.write(path, text or "")
    outer.commit()
    found = published(inner, claims(inner, SHOUT))
    assert [file.path for file in found.files] == [f"services/api/{IGNORE_FILE}", f"services/api/{SHOUT_FILE}"]
    assert found.sections[0].place == "services/api/app/text.py:17"


def text(path: str, change: Callable[[str], str]) -> Callable[[Work], Work]:
    return lambda work: replace(work, texts={**work.texts, path: change(work.texts[path])})


def put(path: str, content: str = "x = 1\n") -> Callable[[Work], Work]:
    return lambda work: replace(work, texts={**work.texts, path: content})


def drop(path: str) -> Callable[[Work], Work]:
    return lambda work: replace(work, texts={name: one for name, one in work.texts.items() if name != path})


def more(result: Result) -> Callable[[Work], Work]:
    return lambda work: replace(work, results=(*work.results, result))


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        pytest.param(put("../outside.py"), "place of no stub", id="outside"),
        pytest.param(put("/etc/passwd"), "place of no stub", id="absolute"),
        pytest.param(put(".jiti/../app/text.py"), "place of no stub", id="out-of-the-store"),
        pytest.param(put("app/text.py"), "place of no stub", id="source"),
        pytest.param(put(".github/workflows/own.yml"), "place of no stub", id="workflow"),
        pytest.param(put(".git/hooks/post-checkout"), "place of no stub", id="git-hook"),
        pytest.param(put(".jiti/.gitignore"), "place of no stub", id="gitignore-of-the-store"),
        pytest.param(put(".jiti/conftest.py"), "place of no stub", id="conftest-in-the-store"),
        pytest.param(put(".jiti/app/text/other.py"), "place of no stub", id="unit-that-is-none"),
        pytest.param(put(".jiti/app/text/Shout.py"), "place of no stub", id="other-case"),
        pytest.param(put(".jiti/app/text/shout.py\n"), "place of no stub", id="newline-in-path"),
        pytest.param(put(".jiti//app/text/shout.py"), "place of no stub", id="two-slashes"),
        pytest.param(text(SHOUT_FILE, lambda one: one.replace("upper()", "lower()")), "header was written for",
                     id="body-changed"),
        pytest.param(text(SHOUT_FILE, lambda one: one + "import os\n"), "header was written for", id="body-added-to"),
        pytest.param(text(SHOUT_FILE, lambda one: one.replace("# signature: ", "# signature: 0", 1)),
                     "no committed file", id="header-changed"),
        pytest.param(text(SHOUT_FILE, lambda one: one.split("\n\n", 1)[1]), "no committed file", id="no-header"),
        pytest.param(text(SHOUT_FILE, lambda one: ""), "no committed file", id="empty"),
        pytest.param(text(SHOUT_FILE, lambda one: one + "("), "no committed file", id="no-python"),
        pytest.param(lambda work: put(SHOUT_FILE, work.texts[SLUG_FILE])(work), "no committed file",
                     id="of-another-stub"),
        pytest.param(drop(SHOUT_FILE), "its file did not come", id="file-missing"),
        pytest.param(put(OWN), "", id="own-tests-are-fine"),
        pytest.param(put(OWN, "("), "does not parse", id="own-tests-no-python"),
        pytest.param(put(OWN, "\0"), "does not parse", id="own-tests-binary"),
        pytest.param(put(OWN, "-" * 100_000 + "1"), "does not parse",
                     id="own-tests-nested"),
        pytest.param(lambda work: put(OWN)(drop(SHOUT_FILE)(work)),
                     "no committed file", id="own-tests-alone"),
        pytest.param(more(Result("app.text.nobody", Outcome.FAILED, "x")), "no stub 'app.text.nobody'",
                     id="unknown-key"),
        pytest.param(lambda work: replace(work, sha=OTHER), "is about a1b2c3d4e5f6", id="other-commit"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_publishes_nothing(repo: Repo, forge: Callable[[Work], Work], said: str) -> None:
    proved = forge(claims(repo))
    if not said:
        assert len(published(repo, proved).files) == 5
        return
    with pytest.raises(StageError) as refused:
        published(repo, proved)
    assert said in str(refused.value)
    assert "Nothing was published" in refused.value.remedy


def test_a_file_for_a_stub_that_changed_is_refused(repo: Repo) -> None:
    old = claims(repo)
    repo.write("app/text.py", project.TEXT.replace("in capitals", "in large letters"))
    repo.commit("app/text.py")
    with pytest.raises(StageError, match="does not fit its stub: changed since: docstring"):
        published(repo, replace(old, sha=project.head(repo)))


def test_a_checkout_of_another_commit_is_refused(repo: Repo) -> None:
    asked, proved = decision(repo), claims(repo)
    repo.write("README.md", "More.\n")
    repo.commit("README.md")
    with pytest.raises(StageError, match="This checkout is at") as refused:
        published(repo, proved, asked)
    assert "needs.gate.outputs.sha" in refused.value.remedy


@pytest.mark.parametrize("where", [".jiti", ".jiti/app", ".jiti/app/text/shout.py"])
def test_nothing_is_written_through_a_link(repo: Repo, tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "there.py").write_text("mine\n")
    link = repo.path / where
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "there.py" if where.endswith(".py") else outside)
    proved = claims(repo)
    repo.commit()
    with pytest.raises(JitiError):
        published(repo, replace(proved, sha=project.head(repo)))
    assert (outside / "there.py").read_text() == "mine\n"
    assert len(list(outside.iterdir())) == 1


class TestTheBotsBranch:
    """What lies on the bot's branch counts as far as it was proved again, or bears a person's hand."""

    @pytest.fixture
    def proposed(self, repo: Repo) -> Work:
        """All three on the bot's branch, and main checked out again."""
        proved = claims(repo)
        repo.git("checkout", "-q", "-b", "jiti-bot-main")
        for path, content in proved.texts.items():
            repo.write(path, content)
        repo.commit()
        repo.git("checkout", "-q", "main")
        return proved

    def asked(self, repo: Repo) -> Decision:
        return decision(repo, head_sha=project.head(repo, "jiti-bot-main"))

    def edit(self, repo: Repo) -> str:
        """A person's commit on the bot's branch."""
        repo.git("checkout", "-q", "jiti-bot-main")
        content = (repo.path / SHOUT_FILE).read_text().replace('f"{text.upper()}!"', 'text.upper() + "!"')
        repo.write(SHOUT_FILE, content)
        repo.commit()
        repo.git("checkout", "-q", "main")
        return content

    def test_is_proposed_again_where_it_was_proved(self, repo: Repo, proposed: Work) -> None:
        found = published(repo, proposed, self.asked(repo))
        assert {file.path: file.text for file in found.files} == {**proposed.texts, IGNORE_FILE: IGNORED}
        assert found.head_sha == project.head(repo, "jiti-bot-main")

    def test_is_not_where_it_was_not(self, repo: Repo, proposed: Work) -> None:
        found = published(repo, Work(project.head(repo), {}, ()), self.asked(repo))
        assert found.files == ()

    def test_a_person_s_edit_there_is_one(self, repo: Repo, proposed: Work) -> None:
        content = self.edit(repo)
        found = published(repo, put(SHOUT_FILE, content)(proposed), self.asked(repo))
        assert content in [file.text for file in found.files]

    def test_an_edit_that_nobody_made_there_is_none(self, repo: Repo, proposed: Work) -> None:
        content = self.edit(repo)
        with pytest.raises(StageError, match="header was written for"):
            published(repo, put(SHOUT_FILE, content.replace("!", "?"))(proposed), self.asked(repo))

    def test_a_history_that_is_not_there_is_asked_for(self, repo: Repo) -> None:
        with pytest.raises(JitiError) as refused:
            published(repo, claims(repo), decision(repo, head_sha=OTHER))
        assert "fetch-depth: 0" in refused.value.remedy
