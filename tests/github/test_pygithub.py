"""The real client library, through everything that a bot does."""

from collections.abc import Iterator

import pytest
from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    InputGitTreeElement,
    RateLimitExceededException,
)
from github.GitCommit import GitCommit
from github.Repository import Repository

from tests.github.faults import PrimaryLimit, SecondaryLimit
from tests.github.hub import GitHub


@pytest.fixture
def library(hub: GitHub) -> Iterator[Github]:
    """PyGithub with a bot's token, without its pauses and retries."""
    with _library(hub, hub.token()) as library:
        yield library


@pytest.fixture
def repository(library: Github, hub: GitHub) -> Repository:
    return library.get_repo(hub.full_name)


def _library(hub: GitHub, token: str) -> Github:
    return Github(
        base_url=hub.url,
        auth=Auth.Token(token),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def _commit(repository: Repository, files: dict[str, str | None], parent: str) -> GitCommit:
    base = repository.get_git_commit(parent)
    elements = [
        InputGitTreeElement(path, "100644", "blob", sha=None)
        if text is None
        else InputGitTreeElement(path, "100644", "blob", sha=repository.create_git_blob(text, "utf-8").sha)
        for path, text in files.items()
    ]
    tree = repository.create_git_tree(elements, base_tree=base.tree)
    return repository.create_git_commit("Implement shout", tree, [base])


def test_from_blobs_to_a_pull_request(hub: GitHub, repository: Repository) -> None:
    main = repository.get_branch("main").commit.sha
    commit = _commit(repository, {".jiti/src/app/text/shout.py": "def shout(): ...\n", "README.md": None}, main)
    assert commit.verification.verified
    repository.create_git_ref("refs/heads/jiti-main", commit.sha)
    pull = repository.create_pull("main", "jiti-main", title="Implement shout", body="Text")

    assert (pull.number, pull.user.login, pull.changed_files, pull.mergeable) == (1, "jiti-bot[bot]", 2, True)
    assert sorted((file.filename, file.status) for file in pull.get_files()) == [
        (".jiti/src/app/text/shout.py", "added"),
        ("README.md", "removed"),
    ]
    assert [found.commit.message for found in pull.get_commits()] == ["Implement shout"]
    assert [found.number for found in repository.get_pulls(state="all", head="acme:jiti-main", base="main")] == [1]
    assert hub.files("jiti-main", ".jiti/") == {".jiti/src/app/text/shout.py": "def shout(): ...\n"}


def test_moving_a_branch(hub: GitHub, repository: Repository) -> None:
    main = hub.branches()["main"]
    ref = repository.create_git_ref("refs/heads/bot", main)
    ref.edit(_commit(repository, {"x.py": "x = 1\n"}, main).sha)
    other = _commit(repository, {"y.py": "y = 1\n"}, main).sha
    with pytest.raises(GithubException) as refused:
        ref.edit(other)
    assert (refused.value.status, refused.value.message) == (422, "Update is not a fast forward")
    ref.edit(other, force=True)
    assert repository.get_git_ref("heads/bot").object.sha == other
    assert [found.ref for found in repository.get_git_matching_refs("heads/")] == ["refs/heads/bot", "refs/heads/main"]
    assert repository.compare("main", "bot").ahead_by == 1
    ref.delete()
    assert set(hub.branches()) == {"main"}


def test_talking(hub: GitHub, repository: Repository) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    pull = repository.get_pull(hub.open_pull("bot", "main").number)
    said = pull.create_issue_comment("Seen")
    said.create_reaction("eyes")
    said.edit("Done")
    assert [(found.body, found.user.login) for found in pull.get_issue_comments()] == [("Done", "jiti-bot[bot]")]
    assert [found.content for found in repository.get_pull(1).get_issue_comment(said.id).get_reactions()] == ["eyes"]

    line = hub.review_comment(1, "x.py", 1, "/jiti shorter")
    found = next(iter(pull.get_review_comments()))
    assert (found.id, found.path, found.line, found.user.login) == (line.id, "x.py", 1, "alice")
    found.create_reaction("+1")
    pull.create_review_comment_reply(found.id, "Will do")
    assert hub.review_comments[0].reactions[0].content == "+1"
    assert hub.review_comments[1].reply_to == line.id
    hub.review(1, "CHANGES_REQUESTED", login="bob", body="Not yet")
    assert [(review.state, review.user.login) for review in pull.get_reviews()][-1] == ("CHANGES_REQUESTED", "bob")
    said.delete()
    assert hub.comments == []


def test_labels_are_sent_as_a_bare_array(hub: GitHub, repository: Repository) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    pull = repository.get_pull(hub.open_pull("bot", "main").number)
    pull.add_to_labels("jiti", "generated")
    pull.set_labels("jiti")
    assert hub.log[-1].body == ["jiti"]
    assert [label.name for label in pull.get_labels()] == ["jiti"]
    pull.remove_from_labels("jiti")
    assert hub.labels(1) == []


def test_checks_and_people(hub: GitHub, repository: Repository) -> None:
    main = hub.branches()["main"]
    run = repository.create_check_run("jiti", main, status="in_progress")
    run.edit(conclusion="success", output={"title": "Fine", "summary": "2 stubs"})
    assert [(found.name, found.conclusion) for found in repository.get_commit(main).get_check_runs()] == [
        ("jiti", "success")
    ]
    assert repository.get_collaborator_permission("alice") == "write"
    assert repository.get_collaborator_role_name(hub.person("bob", "triage")) == "triage"


def test_asking_again(hub: GitHub, repository: Repository) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    pull = repository.get_pull(hub.open_pull("bot", "main").number)
    assert pull.update() is False
    assert hub.log[-1].status == 304
    hub.close(1)
    assert pull.update() is True
    assert pull.state == "closed"


def test_many_pages(hub: GitHub, repository: Repository) -> None:
    hub.commit("bot", {"x.py": "x = 1\n"})
    pull = repository.get_pull(hub.open_pull("bot", "main").number)
    for number in range(35):
        hub.comment(1, str(number))
    comments = pull.get_issue_comments()
    assert comments.totalCount == 35
    assert [said.body for said in comments] == [str(number) for number in range(35)]
    assert comments.reversed[0].body == "34"


def test_files_by_path(repository: Repository) -> None:
    found = repository.get_contents("src/app/text.py", ref="main")
    assert not isinstance(found, list)
    assert found.decoded_content == b"def shout(text):\n    return text.upper()\n"
    listed = repository.get_contents("src")
    assert isinstance(listed, list)
    assert [(entry.type, entry.path) for entry in listed] == [("dir", "src/app")]


def test_tokens(hub: GitHub) -> None:
    with _library(hub, hub.token(kind="expired")) as library, pytest.raises(BadCredentialsException):
        library.get_repo(hub.full_name)
    with _library(hub, hub.token(kind="fork")) as library:
        repository = library.get_repo(hub.full_name)
        with pytest.raises(GithubException) as refused:
            repository.create_git_blob("x", "utf-8")
        assert (refused.value.status, refused.value.message) == (403, "Resource not accessible by integration")
    with _library(hub, hub.token("alice", kind="pat")) as library:
        assert library.get_user().login == "alice"


@pytest.mark.parametrize("fault", [PrimaryLimit(), SecondaryLimit()])
def test_limits_are_recognised(hub: GitHub, library: Github, fault: PrimaryLimit | SecondaryLimit) -> None:
    hub.fail(fault)
    with pytest.raises(RateLimitExceededException):
        library.get_repo(hub.full_name)
    assert library.get_repo(hub.full_name).full_name == "acme/demo"
    assert library.get_rate_limit().rate.limit == 5000
