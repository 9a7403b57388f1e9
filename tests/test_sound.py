"""A tree that was found sound is judged again as soon as any answer differs that the verdict rests on."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jiti_bot import cli, known, sound
from jiti_bot.git import Git
from jiti_bot.store.write import compose
from jiti_bot.trees import WorkTree
from jiti_bot.workspace import open_workspace
from tests.committed import implement
from tests.repo import Repo, make

if TYPE_CHECKING:
    from collections.abc import Callable

STUB = 'from jiti import jiti\n\n\n@jiti\ndef f(x: int) -> int:\n    """Half of x."""\n    raise NotImplementedError\n'
GATE = (
    "from app import f\nfrom jiti import jiti\n\n\n@jiti.required_for(f)\ndef test_f() -> None:\n    assert f(2) == 1\n"
)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo = make(tmp_path)
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app.py", STUB)
    repo.write("test_app.py", GATE)
    repo.write("plain.py", "x = 1\n")
    implement(repo)
    repo.commit()
    for name in [name for name in os.environ if name.startswith(("GIT_", "JITI"))]:
        monkeypatch.delenv(name)
    for name, value in repo.env.items():
        monkeypatch.setenv(name, value)
    return repo


def _kept(repo: Repo) -> Path:
    return repo.path / ".git" / known.FOLDER / sound.NAME


def _check(repo: Repo, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = cli.main(["-C", str(repo.path), "check", "--json", *args])
    return code, capsys.readouterr().out


def _verdicts(repo: Repo, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What is said with what is remembered; without, it has to be the same."""
    with_memory = _check(repo, capsys)
    _kept(repo).unlink(missing_ok=True)
    assert _check(repo, capsys) == with_memory
    return with_memory


CHANGES = {
    "a real body": lambda repo: repo.write("app.py", STUB.replace("raise NotImplementedError", "return x // 2")),
    "another name": lambda repo: repo.write("app.py", STUB.replace("def f", "def g")),
    "a header changed by hand": lambda repo: repo.write(
        ".jiti/app/f.py", (repo.path / ".jiti/app/f.py").read_text().replace("claude", "someone")
    ),
    "committed code for nothing": lambda repo: repo.write(
        ".jiti/app/g.py", (repo.path / ".jiti/app/f.py").read_bytes()
    ),
    "a gate for nothing": lambda repo: repo.write("test_app.py", GATE.replace("(f)\n", "(plain)\n")),
    "a new file with an error": lambda repo: repo.write("new.py", "from jiti import jiti\n\n@jiti\nclass C: pass\n"),
    "a plain file with an error": lambda repo: repo.write(
        "plain.py", "from jiti import jiti\n\n@jiti\nclass C: pass\n"
    ),
    "a module in front of the one imported": lambda repo: repo.write("app/__init__.py", "f = 1\n"),
    "a link in the store": lambda repo: (repo.path / ".jiti/app/link.py").symlink_to("f.py"),
    "a store below": lambda repo: repo.write("below/.jiti/x/f.py", "x = 1\n"),
    "no file": lambda repo: (repo.path / "app.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen(repo: Repo, capsys: pytest.CaptureFixture[str], change: "Callable[[Repo], object]") -> None:
    assert _check(repo, capsys)[0] == 0
    assert _kept(repo).exists()
    assert _check(repo, capsys)[0] == 0
    change(repo)
    assert _verdicts(repo, capsys)[0] == 1


def test_settings_count(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("app.py", STUB.replace("Half", "A half"))
    assert _verdicts(repo, capsys)[0] == 0
    assert _check(repo, capsys, "--strict")[0] == 1
    assert _check(repo, capsys)[0] == 0
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n[tool.jiti]\nabsent = true\n')
    assert _check(repo, capsys)[0] == 3


def test_the_same_is_said_from_memory(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    first = _check(repo, capsys)
    assert '"stubs": 1' in first[1]
    before = _kept(repo).stat().st_mtime_ns
    assert _check(repo, capsys) == first
    assert _kept(repo).stat().st_mtime_ns == before


def test_what_is_found_is_never_kept(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    CHANGES["a link in the store"](repo)
    for _ in range(2):
        assert _check(repo, capsys)[0] == 1
        assert not _kept(repo).exists()


@pytest.mark.parametrize("damage", [b"", b"garbage", b"cut"])
def test_a_damaged_memory_is_none(repo: Repo, capsys: pytest.CaptureFixture[str], damage: bytes) -> None:
    first = _check(repo, capsys)
    data = _kept(repo).read_bytes()
    _kept(repo).write_bytes(data[:-3] if damage == b"cut" else damage)
    assert _check(repo, capsys) == first
    CHANGES["a link in the store"](repo)
    _kept(repo).write_bytes(data.replace(b" candidates", b" candidate"))
    assert _check(repo, capsys)[0] == 1


def test_another_place_or_other_rules_have_their_own(repo: Repo) -> None:
    home = known.home(Git(str(repo.path), repo.env))
    root = str(repo.path)
    tree = sound.Witness(root, None)
    assert tree.read("app.py") == STUB.encode()
    sound.keep(tree, home, 7, strict=False)
    assert sound.was_sound(WorkTree(root), home, strict=False) == 7
    assert sound.was_sound(WorkTree(root), home, strict=True) is None
    assert sound.was_sound(WorkTree(f"{root}/.jiti"), home, strict=False) is None
    assert sound.was_sound(WorkTree(root), None, strict=False) is None
    sound.keep(tree, home, 8, strict=True)
    assert [sound.was_sound(WorkTree(root), home, strict=strict) for strict in (False, True)] == [8, 8]


def test_a_file_that_cannot_be_named_on_one_line_or_read_leaves_no_memory(repo: Repo) -> None:
    home = known.home(Git(str(repo.path), repo.env))
    tree = sound.Witness(str(repo.path), None)
    tree.read("a\nb\tc d\udcff")
    sound.keep(tree, home, 0, strict=False)
    assert sound.was_sound(WorkTree(str(repo.path)), home, strict=False) == 0
    repo.write("a\nb\tc d\udcff", "here now")
    assert sound.was_sound(WorkTree(str(repo.path)), home, strict=False) is None
    tree.said["doubt"] = "x"
    _kept(repo).unlink()
    sound.keep(tree, home, 0, strict=False)
    assert not _kept(repo).exists()


PENDING = {
    "another docstring": lambda repo: repo.write("app.py", STUB.replace("Half", "A half")),
    "another gate": lambda repo: repo.write("test_app.py", GATE.replace("f(2) == 1", "f(4) == 2")),
    "one gate more": lambda repo: repo.write("test_more.py", GATE.replace("def test_f", "def test_more")),
    "one stub more": lambda repo: repo.write("more.py", STUB),
    "no code": lambda repo: (repo.path / ".jiti/app/f.py").unlink(),
    "a setting": lambda repo: repo.write(
        "pyproject.toml", '[project]\nname = "app"\nversion = "1"\n[tool.jiti]\ntest_paths = ["tests"]\n'
    ),
}


def _dry_run(repo: Repo, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """What `jiti generate` would do, which has to be the same without what is remembered."""
    said = []
    for _ in range(2):
        code = cli.main(["-C", str(repo.path), "generate", "--dry-run"])
        said.append((code, *capsys.readouterr()))
        shutil.rmtree(repo.path / ".git" / known.FOLDER, ignore_errors=True)
    assert said[0] == said[1]
    return said[0]


@pytest.mark.parametrize("change", {**CHANGES, **PENDING}.values(), ids=[*CHANGES, *PENDING])
def test_generate_sees_a_change(
    repo: Repo, capsys: pytest.CaptureFixture[str], change: "Callable[[Repo], object]"
) -> None:
    assert _check(repo, capsys)[0] == 0
    change(repo)
    said = _dry_run(repo, capsys)
    assert not (said[1].startswith("0 pending") and change in PENDING.values())


def test_generate_trusts_a_check_that_found_nothing_to_do(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["-C", str(repo.path), "generate"]) == 0
    assert capsys.readouterr().out == "Nothing to do: 1 of 1 stubs are current.\n"
    assert not _kept(repo).parent.exists()
    _check(repo, capsys)
    head, _, payload = _kept(repo).read_bytes().partition(b"\n")
    assert payload.startswith(b"1\0strict\0")
    known.save(str(repo.path / ".git"), sound.NAME, head.decode().rpartition(" ")[0], b"7" + payload[1:])
    assert cli.main(["-C", str(repo.path), "generate"]) == 0
    assert capsys.readouterr().out == "Nothing to do: 7 of 7 stubs are current.\n"
    assert cli.main(["-C", str(repo.path), "generate", "--dry-run"]) == 0
    assert capsys.readouterr().out == "0 pending, 7 current; nothing was done.\n"
    for whole in (["app.f"], ["--diff", "HEAD..HEAD"], ["--json"]):
        cli.main(["-C", str(repo.path), "generate", *whole])
        assert "7" not in capsys.readouterr().out


def test_a_check_that_found_nothing_may_leave_something_to_do(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    PENDING["another docstring"](repo)
    assert _check(repo, capsys)[0] == 0
    assert _kept(repo).read_bytes().partition(b"\n")[2].startswith(b"1\0\0")
    assert _dry_run(repo, capsys)[1].startswith("app.f: generate (")


def test_what_the_committed_code_uses_is_looked_at(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("used.py", STUB.replace("def f", "def used"))
    repo.write("app.py", STUB.replace("import jiti\n", "import jiti\n\nfrom used import used\n", 1))
    implement(repo)
    workspace = open_workspace(str(repo.path), repo.env)
    index = workspace.index(workspace.work_tree())
    (spec,) = index.find("app.f")
    code = "def f(x: int) -> int:\n    return used(x)\n"
    uses = tuple((spec.told(name), digest) for name, digest in index.dependencies(spec, code))
    assert len(uses) == 1
    text = compose(spec.key, spec.digests, code, model="m", evidence="ty", dependencies=uses)
    repo.write(spec.path, text)
    assert _check(repo, capsys)[0] == 0
    assert _dry_run(repo, capsys)[1].startswith("0 pending, 2 current")
    repo.write("used.py", STUB.replace("def f", "def used").replace("Half", "A half"))
    implement(repo, "used.used")
    assert _check(repo, capsys)[0] == 0
    assert _dry_run(repo, capsys)[1].startswith("app.f: revalidate (")


def test_settings_count_where_nothing_else_was_read(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("app.py", "test_app.py"):
        (repo.path / name).unlink()
    shutil.rmtree(repo.path / ".jiti")
    assert _verdicts(repo, capsys)[0] == 0
    assert _check(repo, capsys)[0] == 0
    repo.write("pyproject.toml", "[project\n")
    assert _verdicts(repo, capsys)[0] == 3
