"""Where guides come from, and what is said of one that cannot be used."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.pipeline.guides import MAX_GUIDE, guide
from jiti_bot.settings import Settings
from tests.repo import Repo

SET = Settings().overlay({"style": "docs/style.md"}, {"style": "pyproject.toml:4"})
OWN = Settings().overlay({"style": "docs/style.md"}, {"style": "JITI_STYLE"})


def wrote(text: str | bytes, name: str = "docs/style.md") -> Callable[[Path], object]:
    def make(root: Path) -> None:
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    return make


def linked(target: str) -> Callable[[Path], object]:
    def make(root: Path) -> None:
        (root / "docs").mkdir()
        (root / "inside.md").write_text("Inside.")
        (root.parent / "outside.md").write_text("Outside.")
        (root / "docs/style.md").symlink_to(target)

    return make


READ = {
    "none": (lambda _root: None, Settings(), None),
    "the usual file": (wrote("Usual.", "jiti.style.md"), Settings(), "Usual."),
    "an empty one": (wrote(" \n", "jiti.style.md"), Settings(), None),
    "a setting": (wrote("Set."), SET, "Set."),
    "with a byte order mark": (wrote("\ufeffSet."), SET, "Set."),
    "as long as may be": (wrote("x" * MAX_GUIDE), SET, "x" * MAX_GUIDE),
    "a link inside": (linked("../inside.md"), SET, "Inside."),
    "one's own link outside": (linked("../../outside.md"), OWN, "Outside."),
}
REFUSED = {
    "missing": (lambda _root: None, SET, "cannot be read: No such file"),
    "too long": (wrote("x" * (MAX_GUIDE + 1)), SET, "more than 100,000 bytes"),
    "too long and cut in a letter": (wrote("x" + "é" * MAX_GUIDE), SET, "more than 100,000 bytes"),
    "not UTF-8": (wrote(b"One.\n\xff\n"), SET, "not UTF-8 in its line 2"),
    "a folder": (lambda root: (root / "docs/style.md").mkdir(parents=True), SET, "it is no regular file"),
    "a link outside": (linked("../../outside.md"), SET, "leads out of the project"),
    "a link in a circle": (linked("style.md"), SET, "cannot be read"),
    "a link to nothing": (linked("nothing.md"), SET, "cannot be read: No such file"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("make", "settings", "text"), READ.values(), ids=READ)
def test_what_is_read(root: Path, make: Callable[[Path], object], settings: Settings, text: str | None) -> None:
    make(root)
    assert guide(root, settings, "style") == text


@pytest.mark.parametrize(("make", "settings", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(root: Path, make: Callable[[Path], object], settings: Settings, said: str) -> None:
    make(root)
    with pytest.raises(ConfigurationError, match=said) as caught:
        guide(root, settings, "style")
    assert caught.value.where == "pyproject.toml:4"
    assert caught.value.remedy


TRACKED = Settings().overlay({"style": "docs/style.md"}, {"style": "app.py:3"})
# What git knows of the file that is named, or linked to.
SENT: dict[str, tuple[tuple[str, ...], str, Settings, str]] = {
    "tracked": (("docs/style.md",), "docs/style.md", TRACKED, ""),
    "not tracked": ((), "docs/style.md", TRACKED, "is not tracked by git"),
    "ignored": ((".gitignore",), "docs/style.md", TRACKED, "is not tracked by git"),
    "a name that holds secrets": ((".env",), ".env", TRACKED, "has the name of a file that holds secrets"),
    "a link to what is not tracked": (("docs/style.md",), "notes.md", TRACKED, "is not tracked by git"),
    "the usual file, not tracked yet": ((), "jiti.style.md", Settings(), ""),
    "a person's own": ((), ".env", OWN, ""),
}


@pytest.mark.parametrize(("tracked", "real", "settings", "said"), SENT.values(), ids=SENT)
def test_only_what_git_tracks_is_sent(
    repo: Repo, tracked: tuple[str, ...], real: str, settings: Settings, said: str
) -> None:
    repo.write(".gitignore", "docs/\n")
    repo.write(real, "Set.")
    if real not in {"docs/style.md", "jiti.style.md"}:
        (repo.path / "docs").mkdir()
        (repo.path / "docs/style.md").symlink_to(f"../{real}")
    if tracked:
        repo.git("add", "-f", "--", *tracked)
    if not said:
        assert guide(repo.path, settings, "style") == "Set."
        return
    with pytest.raises(ConfigurationError, match=said) as caught:
        guide(repo.path, settings, "style")
    assert caught.value.where == "app.py:3"


def test_a_guide_of_a_submodule_is_tracked_there(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    """As the guides are that several projects share. What is not tracked there either is sent from nowhere."""
    shared = Repo(tmp_path_factory.mktemp("shared"), repo.env)
    shared.git("init", "-q")
    shared.write("style.md", "Set.")
    shared.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(shared.path), "docs")
    assert guide(repo.path, TRACKED, "style") == "Set."

    repo.write("docs/other.md", "Other.")
    with pytest.raises(ConfigurationError, match="is not tracked by git"):
        guide(repo.path, Settings().overlay({"style": "docs/other.md"}, {"style": "app.py:3"}), "style")


def test_the_usual_file_has_to_be_one(root: Path) -> None:
    (root / "jiti.tests.md").mkdir()
    with pytest.raises(ConfigurationError, match="no regular file") as caught:
        guide(root, Settings(), "test_guide")
    assert caught.value.where == "jiti.tests.md"
