"""`jiti init` as people run it, in real repositories."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jiti_bot.errors import EXIT_CODES
from tests.repo import ROOT, Repo

CONFIG = "# ours\nrepos:\n-   repo: https://x/ruff\n    rev: 'v1'  # keep\n    hooks:\n    -   id: ruff\n"
PYPROJECT = "[project]\nname = 'app'\ndependencies = ['jiti-bot']\n\n[tool.ruff]\nline-length = 100  # wide\n"
BIN = Path(sys.executable).parent


def start(repo: Repo, folder: str = "") -> None:
    repo.write(f"{folder}pyproject.toml", PYPROJECT)
    repo.write(".pre-commit-config.yaml", CONFIG.replace("\n", "\r\n"))
    repo.write(".gitattributes", "*.lock -diff")
    repo.commit()


def apply(repo: Repo, patch: bytes, *options: str) -> None:
    done = subprocess.run(
        ["git", "apply", *options], cwd=repo.path, env=repo.env, input=patch, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("folder", ["", "services/an api/"])
def test_the_patch_that_is_shown_is_what_is_written(repo: Repo, folder: str) -> None:
    start(repo, folder)
    shown = repo.jiti("-C", folder or ".", "init", "--dry-run")
    assert (shown.code, shown.err) == (0, "")
    assert repo.git("status", "--porcelain") == ""
    assert "\r\n" in shown.out
    apply(repo, shown.out.encode(), "--check")
    done = repo.jiti("-C", folder or ".", "init")
    assert (done.code, done.err) == (0, "")
    assert "Next:\n  1. Write a stub" in done.out
    apply(repo, shown.out.encode(), "--reverse", "--check")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Set up")
    again = repo.jiti("-C", folder or ".", "init")
    assert (again.code, again.out.splitlines()) == (0, ["Nothing to change: jiti is set up here."])
    empty = repo.jiti("-C", folder or ".", "init", "--dry-run")
    assert (empty.code, empty.out, empty.err) == (0, "", "Nothing to change.\n")
    assert repo.git("status", "--porcelain") == ""


def test_json(repo: Repo) -> None:
    start(repo)
    first = json.loads(repo.jiti("init", "--json", "--dry-run").out)
    assert first["written"] is False
    assert {"path": ".gitattributes", "new": False} in [
        {key: one[key] for key in ("path", "new")} for one in first["changes"]
    ]
    assert json.loads(repo.jiti("init", "--json").out) == {**first, "written": True}
    second = json.loads(repo.jiti("init", "--json").out)
    assert (second["written"], second["changes"]) == (False, [])
    assert {one["path"] for one in second["unchanged"]} == {one["path"] for one in first["changes"]}


def test_what_is_left_to_a_person(repo: Repo) -> None:
    repo.write("pyproject.toml", "[tool]\nruff = {}\njiti = {}\n")
    done = repo.jiti("init")
    assert done.code == EXIT_CODES["findings"][0]
    assert "nothing else: ruff leaves committed code out. Add by hand:\n    [tool.ruff]\n" in done.out


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("pyproject.toml", b"[project\n", "pyproject.toml:1: This is not TOML"),
        (".pre-commit-config.yaml", b"repos: [\n", ".pre-commit-config.yaml:2: This is not YAML"),
        (".gitattributes", b"\n\xff\n", ".gitattributes:2: This is not UTF-8"),
        ("tox.ini", b"[coverage:run]\nx\n", "tox.ini:2: This file cannot be read"),
    ],
)
def test_a_broken_file_stops_everything(repo: Repo, name: str, data: bytes, said: str) -> None:
    repo.write("pyproject.toml", "[project]\n")
    repo.write(name, data)
    repo.commit()
    done = repo.jiti("init")
    assert done.code == EXIT_CODES["configuration"][0]
    assert done.err.startswith(said)
    assert done.out == ""
    assert repo.git("status", "--porcelain") == ""


def test_from_a_repository_of_several_projects(repo: Repo) -> None:
    start(repo, "services/api/")
    done = repo.jiti("init")
    assert done.code == 0
    assert "There are projects in services/api: `jiti -C services/api init` sets up the first" in done.out
    written = repo.git("status", "--porcelain", "-uall").split("\n")
    assert [line.split()[-1] for line in written if line] == [".pre-commit-config.yaml"], "the rest is each project's"
    repo.write("tool.py", "")
    repo.git("add", "tool.py")
    assert repo.jiti("init").code == 0
    assert (repo.path / ".github/workflows/jiti.yml").is_file(), "which runs the bot for what stands at the top"


def test_by_a_link_to_the_project(repo: Repo) -> None:
    start(repo, "services/api/")
    (repo.path.parent / "link").symlink_to(repo.path / "services" / "api")
    assert repo.jiti("-C", "../link", "init").code == 0
    assert (repo.path / ".github" / "workflows" / "jiti.yml").is_file()
    assert (repo.path / "services" / "api" / ".jiti" / ".gitignore").is_file()


def test_without_git(folder: Repo) -> None:
    done = folder.jiti("init")
    assert done.code == EXIT_CODES["repository"][0]
    assert "is not in a git repository. Run `git init` here" in done.err
    assert list(folder.path.iterdir()) == []


def test_a_read_only_file(repo: Repo) -> None:
    start(repo)
    (repo.path / "pyproject.toml").chmod(0o444)
    for arguments in (["init"], ["init", "--dry-run"]):
        done = repo.jiti(*arguments)
        assert done.code == EXIT_CODES["store"][0]
        assert done.err.startswith("pyproject.toml: This file is read-only. Allow writing: chmod u+w pyproject.toml.")
    assert repo.git("status", "--porcelain") == ""


def test_without_the_library_that_reads_yaml(repo: Repo) -> None:
    start(repo)
    # The runtime alone, as `pip install jiti-bot` leaves it: neither packages nor the way to them.
    done = repo.run(sys.executable, "-S", "-m", "jiti_bot", "init")
    assert done.code == EXIT_CODES["extra"][0]
    assert "needs the package ruamel" in done.err
    assert "pip install 'jiti-bot[bot]'" in done.err
    assert repo.git("status", "--porcelain") == ""


def test_where_no_yaml_is_read_nothing_more_is_needed(repo: Repo) -> None:
    done = repo.run(sys.executable, "-S", "-m", "jiti_bot", "init")
    assert (done.code, done.err) == (0, "")
    assert "added  .pre-commit-config.yaml" in done.out


def test_afterwards_the_tools_find_nothing_in_committed_code(repo: Repo) -> None:
    """What each exclude is for, and that it is enough: ruff, ty and coverage themselves, before and after."""
    for name in ("src", "tests"):
        shutil.copytree(ROOT / "examples" / "semver" / name, repo.path / name)
    shutil.copytree(ROOT / "examples" / "semver" / "expected" / ".jiti", repo.path / ".jiti")
    repo.write(
        "pyproject.toml",
        "[tool.ruff]\n[tool.ty.environment]\npython-version = '3.11'\n[tool.coverage.run]\nbranch = true\n",
    )
    repo.commit()
    uses = "from semver.parsing import parse_version\nfrom jiti import jiti\nprint(parse_version('1.2.3'))\n"
    repo.write("../use.py", uses)

    def found() -> tuple[bool, bool, set[str]]:
        ruff = repo.run(str(BIN / "ruff"), "check", "--no-cache", ".")
        ty = repo.run(str(BIN / "ty"), "check", "--python", sys.prefix)
        path = f"{repo.path / 'src'}:{ROOT}"
        coverage = (sys.executable, "-m", "coverage")
        ran = repo.run(*coverage, "run", "../use.py", PYTHONPATH=path)
        assert ran.code == 0, ran.err
        assert repo.run(*coverage, "json", "-q", "--include=src/semver/parsing.py,.jiti/**").code == 0
        report = json.loads((repo.path / "coverage.json").read_text())["files"]
        missed = {
            (repo.path / file).read_text().splitlines()[line - 1].strip()
            for file, told in report.items()
            for line in told["missing_lines"]
        }
        assert ".jiti/src/semver/parsing/parse_version.py" in report, "committed code is measured"
        return ".jiti" in ruff.out, ".jiti" in ty.out, missed & {"raise NotImplementedError"}

    assert found() == (True, True, {"raise NotImplementedError"})
    assert repo.jiti("init").code == 0
    assert found() == (False, False, set())
