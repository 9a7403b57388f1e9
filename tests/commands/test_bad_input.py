"""Whatever a repository may hold: a message with file, line, cause and next step, the right exit code, no traceback."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.committed import implement
from tests.repo import Done, Repo

HEAD = "from jiti import jiti\n\n\n"
STUB = f'{HEAD}@jiti\ndef slugify(text: str) -> str:\n    """Make a slug."""\n    raise NotImplementedError\n'
SLUG = ".jiti/app/slugify.py"


@dataclass(frozen=True, slots=True)
class Bad:
    """What stands in a project; how the message begins, words it holds, and the exit code of ``jiti check``."""

    make: Callable[[Repo], object]
    where: str
    words: tuple[str, ...]
    code: int = 1
    others: tuple[str, ...] = ()  # findings that come with it


def source(text: str | bytes, file: str = "app.py") -> Callable[[Repo], object]:
    return lambda repo: repo.write(file, text)


def both(first: Callable[[Repo], object], second: Callable[[Repo], object]) -> Callable[[Repo], object]:
    def make(repo: Repo) -> None:
        first(repo)
        second(repo)

    return make


def committed(change: Callable[[str], str]) -> Callable[[Repo], object]:
    """A stub whose committed file was changed."""

    def make(repo: Repo) -> None:
        repo.write("app.py", STUB)
        implement(repo)
        repo.write(SLUG, change((repo.path / SLUG).read_text()))

    return make


def replaced_by_folder(repo: Repo) -> None:
    repo.write("app.py", STUB)
    repo.write(f"{SLUG}/file.txt", "")


def replaced_by_link(repo: Repo) -> None:
    repo.write("app.py", STUB)
    implement(repo)
    (repo.path / SLUG).rename(repo.path / "elsewhere.txt")
    (repo.path / SLUG).symlink_to("../../elsewhere.txt")


def store_is_a_file(repo: Repo) -> None:
    repo.write("app.py", STUB)
    repo.write(".jiti", "")


def moved(repo: Repo) -> None:
    repo.write("app.py", STUB)
    implement(repo)
    repo.write("app.py", STUB.replace("slugify", "f"))
    (repo.path / SLUG).rename(repo.path / ".jiti/app/f.py")


def link_loop(repo: Repo) -> None:
    repo.write(
        "app.py",
        "from jiti import jiti\nfrom loop import target\n\n\n@jiti.required_for(target)\ndef test_x(): assert 1\n",
    )
    (repo.path / "loop.py").symlink_to("loop.py")


def gate(target: str, imported: str = "from app import slugify, plain") -> Callable[[Repo], object]:
    def make(repo: Repo) -> None:
        repo.write("app.py", STUB + "\n\ndef plain() -> int:\n    return 1\n")
        repo.write(
            "test_app.py",
            f"{imported}\n{HEAD}@jiti.required_for({target})\ndef test_it() -> None:\n    assert slugify\n",
        )

    return make


TABLE: dict[str, Bad] = {
    "real body": Bad(source(f"{HEAD}@jiti\ndef f():\n    return 1\n"), "app.py:5: ", ("f", "has a body", "Leave only")),
    "nested in a function": Bad(source(f"{HEAD}def g():\n    @jiti\n    def f(): ...\n"), "app.py:6: ", ("g", "Move")),
    "class without stubs": Bad(source(f"{HEAD}@jiti\nclass A:\n    x = 1\n"), "app.py:5: ", ("A",)),
    "gate for what is no stub": Bad(gate("plain"), "test_app.py:5: ", ("`plain`", "no stub", "Put `@jiti`")),
    "gate for what is not there": Bad(gate("gone"), "test_app.py:5: ", ("`gone`", "not bound", "Import the stub")),
    "gate for what cannot be followed": Bad(
        gate("other.f", "import other\nfrom app import slugify"),
        "test_app.py:6: ",
        ("`other.f`", "not among the project's files"),
    ),
    "duplicate definitions": Bad(
        source(f"{HEAD}@jiti\ndef f(): ...\n\n\n@jiti\ndef f(): ...\n"),
        "app.py:",
        ("f", "line 5", "Rename one"),
    ),
    "keys that differ by case": Bad(
        source(f"{HEAD}@jiti\ndef f(): ...\n\n\n@jiti\ndef F(): ...\n"),
        "app.py:",
        ("case", "Rename"),
    ),
    "files that differ by case": Bad(
        both(source(STUB, "text.py"), source(STUB, "Text.py")), "text.py:5: ", ("case", "Rename")
    ),
    "does not parse": Bad(source(f"{HEAD}@jiti\ndef f(:\n"), "app.py:5: ", ("invalid syntax",)),
    "not UTF-8": Bad(source(HEAD.encode() + b"# \xff\n"), "app.py:4: ", ("UTF-8",)),
    "UTF-16": Bad(source(("\ufeff" + STUB).encode("utf-16-le") + b"jiti"), "app.py:1: ", ("UTF-16",)),
    "NUL bytes": Bad(source(f"{HEAD}x = 1\0\n"), "app.py:4: ", ("NUL",)),
    "5,000 levels of nesting": Bad(source(f"{HEAD}x = {'(' * 5000}1{')' * 5000}\n"), "app.py:", ("nest", "Python")),
    "5,000 levels of calls": Bad(source(f"{HEAD}x = {'f(' * 5000}1{')' * 5000}\n"), "app.py:", ("nest", "Python")),
    "a loop of links": Bad(link_loop, "app.py:5: ", ("`target`",)),
    "broken header": Bad(
        committed(lambda text: text[30:]), f"{SLUG}:1: ", ("header", "does not begin", "Restore the file")
    ),
    "header changed by hand": Bad(
        committed(lambda text: text.replace("ruff", "ruf")), f"{SLUG}:1: ", ("by hand", "Restore")
    ),
    "newer format": Bad(
        committed(lambda text: text.replace("jiti 1", "jiti 9")), f"{SLUG}:1: ", ("format 9", "Upgrade")
    ),
    "wrong key": Bad(
        moved,
        ".jiti/app/f.py:1: ",
        ("app.slugify", "app.f", "Move it back"),
    ),
    "conflict markers": Bad(
        committed(lambda text: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n"),
        f"{SLUG}:1: ",
        ("conflict marker", "--ours"),
    ),
    "committed code that does not parse": Bad(committed(lambda text: text + "def f(:\n"), f"{SLUG}:17: ", ("syntax",)),
    "committed code without its definition": Bad(
        committed(lambda text: text.replace("def slugify", "def slug")),
        f"{SLUG}:12: ",
        ("does not define slugify", "Restore"),
    ),
    "a folder in place of committed code": Bad(replaced_by_folder, f"{SLUG}:1: ", ("folder", "Remove the folder")),
    "a link in place of committed code": Bad(replaced_by_link, f"{SLUG}:1: ", ("symbolic link", "Replace it")),
    "unknown setting": Bad(
        source("[tool.jiti]\n\nmodle = 'x'\n", "pyproject.toml"),
        "pyproject.toml:3: ",
        ("'modle'", "Did you mean 'model'?"),
        3,
    ),
    "a setting of the wrong type": Bad(
        source("[tool.jiti]\nmax_turns = 'x'\n", "pyproject.toml"),
        "pyproject.toml:2: ",
        ("whole number", "Correct"),
        3,
    ),
    "broken pyproject": Bad(source("[project\n", "pyproject.toml"), "pyproject.toml:1: ", ("not TOML", "Correct"), 3),
    "pyproject that is not UTF-8": Bad(
        source(b"[tool.jiti]\n# \xff\n", "pyproject.toml"), "pyproject.toml:2: ", ("UTF-8",), 3
    ),
}

NEWER: dict[str, tuple[tuple[int, int], str, str]] = {
    "type parameters": ((3, 12), f"{HEAD}@jiti\ndef f[T](x: T) -> T: ...\n", "3.12"),
    "a type statement": ((3, 12), f"{HEAD}type X = int\n", "3.12"),
    "except without parentheses": ((3, 14), f"{HEAD}try:\n    pass\nexcept A, B:\n    pass\n", "3.14"),
}


def sound(done: Done) -> None:
    assert "Traceback" not in done.out + done.err
    assert done.err.count("\n") <= 1, "one message"


@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE)
def test_check_names_file_line_cause_and_next_step(repo: Repo, bad: Bad) -> None:
    bad.make(repo)
    done = repo.jiti("check")
    sound(done)
    assert done.code == bad.code, done
    lines = [line for line in (done.out + done.err).splitlines() if line.startswith(bad.where)]
    assert lines, done
    assert all(any(word in line for line in lines) for word in bad.words), lines
    assert all(line.endswith((".", "?")) for line in lines)


@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE)
def test_check_of_what_is_staged_says_the_same(repo: Repo, bad: Bad) -> None:
    bad.make(repo)
    repo.git("add", "-A")
    done = repo.jiti("check", "--staged")
    sound(done)
    assert done.code == bad.code, done
    assert any(line.startswith(bad.where) for line in (done.out + done.err).splitlines()), done


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--json"], ["check", "--strict"], ["check", "--json"]], ids=" ".join
)
@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE)
def test_no_command_breaks(repo: Repo, bad: Bad, command: list[str]) -> None:
    bad.make(repo)
    done = repo.jiti(*command)
    sound(done)
    assert done.code == (bad.code if bad.code == 3 else 1 if command[0] == "check" else 0), done


@pytest.mark.parametrize(("version", "text", "needs"), NEWER.values(), ids=NEWER)
def test_a_file_that_needs_a_newer_python(repo: Repo, version: tuple[int, int], text: str, needs: str) -> None:
    repo.write("app.py", text)
    done = repo.jiti("check")
    sound(done)
    if sys.version_info >= version:
        assert done.code == 0, done
        return
    assert done.code == 1
    assert done.out.startswith("app.py:")
    assert needs in done.out
    assert "language_version" in done.out


HARMLESS = {
    "a byte order mark": "\ufeff" + STUB,
    "CRLF": STUB.replace("\n", "\r\n"),
    "old line ends": STUB.replace("\n", "\r"),
    "50,000 lines": STUB + "x = 1\n" * 50_000,
    "a declared encoding": f"# -*- coding: latin-1 -*-\n{STUB}".encode() + b"# \xe9\n",
    "no newline at the end": STUB.rstrip(),
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_python_reads_is_read(repo: Repo, text: str | bytes) -> None:
    repo.write("app.py", text)
    implement(repo)
    repo.git("add", "-A")
    for arguments in (["check"], ["check", "--staged"], ["check", "--strict"], ["check", "--staged", "--strict"]):
        assert repo.jiti(*arguments) == Done(0, "", "")
    assert repo.jiti("status").out.startswith("current    app.slugify")


def test_what_is_not_ours_may_be_as_broken_as_it_likes(repo: Repo) -> None:
    repo.write("a.py", "def f(:\n")
    repo.write("b.py", b"\xff\xfe\0")
    (repo.path / "c.py").symlink_to("c.py")
    (repo.path / "d.py").mkdir()
    repo.write("e.py", "# jiti is mentioned only\n")
    repo.git("add", "-A")
    assert repo.jiti("check") == repo.jiti("check", "--staged") == Done(0, "", "")


# Where a command is run.


def test_no_repository(folder: Repo) -> None:
    folder.write("app.py", STUB)
    assert folder.jiti("check") == Done(0, "", "")
    assert folder.jiti("status").code == 0
    for arguments in (["check", "--staged"], ["check", "--diff", "a..b"]):
        done = folder.jiti(*arguments)
        sound(done)
        assert done.code == 4
        assert "is not in a git repository. Run `git init` here" in done.err


def test_a_bare_repository(folder: Repo) -> None:
    folder.git("init", "-q", "--bare", ".")
    for arguments in (["check"], ["check", "--staged"], ["status"], ["clear", "--yes"]):
        done = folder.jiti(*arguments)
        sound(done)
        assert done.code == 4, done
        assert "has no work tree. Run jiti in a checkout" in done.err


def test_no_git_program(repo: Repo) -> None:
    done = repo.jiti("check", PATH="/nowhere")
    sound(done)
    assert done.code == 4
    assert "git could not be started" in done.err


def test_a_folder_that_is_not_there(repo: Repo) -> None:
    done = repo.jiti("-C", "nowhere", "check")
    sound(done)
    assert (done.code, done.err) == (2, "jiti: nowhere is no folder. Give -C the folder of a project.\n")


COMMANDS = {
    "an unknown command": (["chekc"], 2, "Did you mean `jiti check`?"),
    "a command like no other": (["xyzzy"], 2, "The commands are: "),
    "an unknown option": (["--frobnicate"], 2, "unrecognized arguments"),
    "a key that is missing": (["show"], 2, "required"),
    "a key that is none": (["diff", "nothing"], 14, "There is no stub named 'nothing'."),
    "a wrong variable": (["status"], 3, "JITI_LOG: log must be one of"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), COMMANDS.values(), ids=COMMANDS)
def test_the_command_line(repo: Repo, arguments: list[str], code: int, words: str) -> None:
    env = {"JITI_LOG": "trace"} if code == 3 else {}
    done = repo.jiti(*arguments, **env)
    assert "Traceback" not in done.err
    assert done.code == code
    assert words in done.err


def test_help_promises_only_what_there_is(repo: Repo) -> None:
    done = repo.jiti("--help")
    assert done.code == 0
    offered = [line.split()[0] for line in done.out.partition("commands:\n")[2].splitlines() if line.startswith("  ")]
    assert {"status", "check", "show", "diff", "clear"} <= set(offered)
    for name in offered:
        assert repo.jiti(name, "--help").code == 0, name
    assert repo.jiti().out == done.out
    assert repo.jiti("--version").out.startswith("jiti-bot ")


def test_a_bug_of_ours_is_one_line_unless_asked_for(repo: Repo) -> None:
    code = (
        "import jiti_bot.commands.status as s\n"
        "s.open_workspace = None\n"
        "from jiti_bot.cli import main; raise SystemExit(main(['status']))"
    )
    done = repo.run(sys.executable, "-c", code)
    assert done.code == 70
    assert done.err.startswith("jiti: this is a bug in jiti-bot: TypeError: ")
    assert done.err.count("\n") == 1
    assert "Traceback" in repo.run(sys.executable, "-c", code, JITI_LOG="debug").err


def test_ctrl_c_is_quiet(repo: Repo) -> None:
    code = (
        "import jiti_bot.commands.status as s\n"
        "def stop(*_, **__): raise KeyboardInterrupt\n"
        "s.open_workspace = stop\n"
        "from jiti_bot.cli import main; raise SystemExit(main(['status']))"
    )
    assert repo.run(sys.executable, "-c", code) == Done(130, "", "jiti: stopped.\n")
