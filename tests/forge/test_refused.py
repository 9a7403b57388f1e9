"""What GitHub or we refuse: nothing is half published, and the message says what to do."""

from dataclasses import replace

import pytest

from jiti_bot.errors import CredentialsError, JitiError, StoreError
from jiti_bot.forge.model import (
    File,
)
from jiti_bot.forge.publish import publish
from tests.forge.kit import (
    SLUG,
    Naps,
    one,
    open_hub,
    path_of,
)
from tests.github.faults import Answer
from tests.github.hub import GitHub


class TestRefused:
    """Nothing half published, and the message says what to do."""

    @pytest.mark.parametrize(
        "said",
        [
            "Protected branch update failed for refs/heads/jiti-bot-main.",
            "Changes must be made through a pull request.",
            "6 of 6 required status checks are expected.",
            "At least 1 approving review is required by reviewers with write access.",
            "This branch must not contain merge commits.",
        ],
    )
    def test_rules_in_other_words(self, github: GitHub, said: str) -> None:
        publish(open_hub(github), one(github))
        github.fail(Answer(422, said), on="git/update-ref", times=99)
        naps = Naps()
        with pytest.raises(CredentialsError, match="rule of the repository forbids"):
            publish(open_hub(github, naps=naps), one(github, {SLUG: "2"}))
        assert naps.slept == []

    def check(self, github: GitHub, token: str, kind: type[JitiError], message: str, remedy: str) -> None:
        before = github.snapshot()
        with pytest.raises(kind, match=message) as caught:
            publish(open_hub(github, token), one(github))
        assert remedy in caught.value.remedy
        assert github.snapshot() == before

    def test_expired(self, github: GitHub) -> None:
        token = github.token()
        github.expire(token)
        self.check(github, token, CredentialsError, "refused the token", "wrong or has expired")

    def test_of_a_fork(self, github: GitHub) -> None:
        self.check(github, github.token(kind="fork"), CredentialsError, "does not let this token", "from a fork")

    @pytest.mark.parametrize(
        "permissions",
        [
            pytest.param({"contents": "read", "pull_requests": "write"}, id="no contents"),
            pytest.param({"contents": "write", "pull_requests": "read"}, id="no pull requests"),
        ],
    )
    def test_without_permission(self, github: GitHub, permissions: dict[str, str]) -> None:
        token = github.token(permissions=permissions)  # ty: ignore[invalid-argument-type] a table of permissions
        self.check(github, token, CredentialsError, "does not let this token", "write access")

    def test_pull_requests_not_allowed_to_actions(self, github: GitHub) -> None:
        github.actions_open_pulls = False
        token = github.token(kind="github_token")
        self.check(github, token, CredentialsError, "open pull requests", "Settings > Actions")

    @pytest.mark.parametrize("allowed", ["create", "update"])
    def test_protected_branch(self, github: GitHub, allowed: str) -> None:
        if allowed == "create":
            publish(open_hub(github), one(github))
        github.protect("jiti-bot-*", create=allowed == "create", update=allowed == "update")
        before = github.snapshot()
        with pytest.raises(CredentialsError, match="rule of the repository forbids") as caught:
            publish(open_hub(github), one(github, {SLUG: "2"}))
        assert "bypass" in caught.value.remedy
        assert github.snapshot() == before

    @pytest.mark.parametrize(
        "path",
        [
            "src/app/text.py",
            ".jiti/../src/app/text.py",
            ".jiti",
            "/etc/.jiti/x.py",
            ".jiti//x.py",
            ".jiti/.git/hooks/x",
            ".jiti/a\nb.py",
            "..\\.jiti/x.py",
            "",
        ],
    )
    def test_file_outside_of_a_store(self, github: GitHub, path: str) -> None:
        with pytest.raises(StoreError, match="lies in no store"):
            publish(open_hub(github), replace(one(github), files=(File(path, "x\n"),)))
        assert github.log == []

    @pytest.mark.parametrize(
        "files",
        [
            (File(path_of(SLUG), "x\n"), File(path_of(SLUG), "y\n")),
            (File(path_of(SLUG), "\ud800"),),
            (File(path_of(SLUG), "x" * 1_000_001),),
        ],
    )
    def test_file_that_cannot_be(self, github: GitHub, files: tuple[File, ...]) -> None:
        with pytest.raises(StoreError):
            publish(open_hub(github), replace(one(github), files=files))
        assert github.log == []
