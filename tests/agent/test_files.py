"""What the model may read, and what it may not."""

from pathlib import Path

import pytest

from jiti_bot.agent.files import MAX_ANSWER, MAX_HITS, ProjectFiles

TEXTS = {
    "src/app/text.py": "one\ntwo\nthree\n",
    "src/app/__init__.py": "",
    "src/app/secrets.py": "def choose(): ...\n",
    "docs/long.md": "Zwölf words here.\n" * 4000,
    ".jiti/src/app/text/slugify.py": "def slugify(text): return text\n",
    ".env": "TOKEN=abc\n",
    "config/.env.production": "TOKEN=abc\n",
    "deploy.pem": "-----BEGIN\n",
    "config/secrets.yml": "token: abc\n",
    "home/.ssh/config": "Host *\n",
    "untracked.py": "token = 1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "p" / "image.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "outside.py").write_text("token = 2\n")
    (tmp_path / "p" / "link.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "p" / "plain.txt").symlink_to(".env")
    (tmp_path / "p" / "loop.py").symlink_to("loop.py")
    (tmp_path / "p" / "way_in.py").symlink_to(".jiti/src/app/text/slugify.py")
    return tmp_path / "p"


@pytest.fixture
def files(root: Path) -> ProjectFiles:
    tracked = (*TEXTS, "image.png", "link.py", "plain.txt", "loop.py", "way_in.py", "gone.py", "../outside.py")
    return ProjectFiles.of(root, [name for name in tracked if name != "untracked.py"])


LINES = {
    "all": (0, 0, "src/app/text.py, lines 1 to 3 of 3:\none\ntwo\nthree"),
    "from": (2, 0, "src/app/text.py, lines 2 to 3 of 3:\ntwo\nthree"),
    "to": (0, 1, "src/app/text.py, lines 1 to 1 of 3:\none"),
    "past the end": (3, 99, "src/app/text.py, lines 3 to 3 of 3:\nthree"),
    "negative": (-5, 2, "src/app/text.py, lines 1 to 2 of 3:\none\ntwo"),
    "beyond the end": (7, 9, "src/app/text.py has 3 lines."),
}


@pytest.mark.parametrize(("start", "end", "text"), LINES.values(), ids=LINES.keys())
def test_lines_of_a_file(files: ProjectFiles, start: int, end: int, text: str) -> None:
    assert files.read("src/app/text.py", start, end).text == text


@pytest.mark.parametrize("path", ["./src/app/text.py", " src/app/text.py ", "src//app/text.py"])
def test_other_spellings(files: ProjectFiles, path: str) -> None:
    assert "two" in files.read(path, 0, 0).text


def test_an_empty_file(files: ProjectFiles) -> None:
    answer = files.read("src/app/__init__.py", 0, 0)

    assert (answer.text, answer.is_error) == ("src/app/__init__.py has 0 lines.", False)


def test_a_long_file_is_cut(files: ProjectFiles) -> None:
    answer = files.read("docs/long.md", 0, 0)

    assert len(answer.text) < MAX_ANSWER + 100
    assert "cut after line" in answer.text


NEVER = {
    "untracked": "untracked.py",
    "absent": "gone.py",
    "absolute": "/etc/passwd",
    "above": "../outside.py",
    "above, in the middle": "src/../../outside.py",
    "environment": ".env",
    "another environment": "config/.env.production",
    "a key": "deploy.pem",
    "secrets": "config/secrets.yml",
    "git's own": ".git/config",
    "ssh's own": "home/.ssh/config",
    "no text": "image.png",
    "a link out": "link.py",
    "a link to a secret": "plain.txt",
    "a link to itself": "loop.py",
    "a folder": "src",
    "nothing": "",
    "NUL": "src/app/text.py\0",
}


@pytest.mark.parametrize("path", NEVER.values(), ids=NEVER.keys())
def test_never_shown(files: ProjectFiles, path: str) -> None:
    answer = files.read(path, 0, 0)

    assert answer.is_error
    assert "is no text file of this project" in answer.text


def test_a_module_named_secrets_is_source(files: ProjectFiles) -> None:
    assert not files.read("src/app/secrets.py", 0, 0).is_error


def test_a_wrong_folder_is_put_right(files: ProjectFiles) -> None:
    assert files.read("app/text.py", 0, 0).text.endswith("Did you mean `src/app/text.py`?")


@pytest.mark.parametrize("path", [".jiti/src/app/text/slugify.py", "way_in.py"])
def test_who_writes_tests_never_sees_implementations(files: ProjectFiles, path: str) -> None:
    assert not files.read(path, 0, 0).is_error
    assert files.without(".jiti").read(path, 0, 0).is_error
    assert "return text" in files.search("return text", "").text
    assert "No tracked file" in files.without(".jiti").search("return text", "").text


FOUND = {
    "a word": ("TWO", "", "src/app/text.py:2: two"),
    "in files of a kind": ("choose", "*.py", "src/app/secrets.py:1: def choose(): ..."),
    "in a folder": ("two", "app/*", "src/app/text.py:2: two"),
    "not in others": ("two", "*.md", "No tracked file contains `two`; it is searched for literally."),
    "no pattern": ("t.o", "", "No tracked file contains `t.o`; it is searched for literally."),
    "never secrets": ("TOKEN", "", "No tracked file contains `TOKEN`; it is searched for literally."),
}


@pytest.mark.parametrize(("text", "glob", "said"), FOUND.values(), ids=FOUND.keys())
def test_search(files: ProjectFiles, text: str, glob: str, said: str) -> None:
    assert files.search(text, glob).text == said


def test_search_for_nothing(files: ProjectFiles) -> None:
    assert files.search("  ", "").is_error


def test_many_hits_are_cut(files: ProjectFiles) -> None:
    lines = files.search("words", "").text.splitlines()

    assert len(lines) == MAX_HITS + 1
    assert "narrow it" in lines[-1]
