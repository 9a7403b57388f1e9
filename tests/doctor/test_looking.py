"""Real projects, real git, real environments: what is found, and that what is broken becomes a line."""

import os
import shutil
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from jiti_bot.doctor import (
    diagnosis,
    github,
    hook,
    interpreter,
    machine,
    measuring,
    sandbox,
    store,
    tools,
    workflows,
)
from jiti_bot.doctor.ground import host_of, survey
from jiti_bot.errors import JitiError, UsageError
from tests.doctor.kit import BODY, NOTE, OK, PROBLEM, STUB, WARNING, ground, lay
from tests.repo import Repo, make

UNIT = ".jiti/src/app/text/slugify.py"


def with_code(repo: Repo) -> Repo:
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n[tool.jiti]\nmax_usd = 2\n')
    repo.write("src/app/__init__.py", "")
    repo.write("src/app/text.py", STUB)
    repo.write(UNIT, BODY)
    repo.write(".jiti/tests/tests/test_text/test_slug.py", "def test_slug() -> None: ...\n")
    return repo


class TestProject:
    def test_units_are_what_is_no_test(self, repo: Repo) -> None:
        found = ground(with_code(repo))
        assert (found.stores, found.units) == ((".jiti",), (UNIT,))
        assert host_of(UNIT) == "src/app/text.py"
        assert host_of("src/app/.jiti/text/slugify.py") == "src/app/text.py"
        assert [one.what for one in found.said] == ["1 in [tool.jiti]"]

    def test_whether_it_speaks_of_jiti(self, repo: Repo) -> None:
        assert not ground(repo).mentioned
        repo.write("text.py", STUB)
        assert ground(repo).mentioned

    def test_settings_that_cannot_be_read_are_a_line_and_no_end(self, repo: Repo) -> None:
        repo.write("pyproject.toml", '[project]\nname = "app"\n\n[tool.jiti]\nmax_usd = "much"\n')
        found = ground(repo)
        assert [(one.level, one.what[:17]) for one in found.said] == [(PROBLEM, "pyproject.toml:5:")]
        assert found.pyproject["project"]["name"] == "app"

    def test_no_toml(self, repo: Repo) -> None:
        repo.write("pyproject.toml", "[project\n")
        found = ground(repo)
        assert [one.level for one in found.said] == [PROBLEM]
        assert found.pyproject == {}

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            survey(str(tmp_path / "none"), {})


class TestGit:
    def test_a_repository(self, repo: Repo) -> None:
        found = machine.gather(ground(repo))
        assert machine.git(found.git).level is OK
        assert found.repository == "main"

    def test_none(self, folder: Repo) -> None:
        found = machine.gather(ground(folder))
        assert machine.repository(found, "/r").level is WARNING

    def test_git_is_missing(self, repo: Repo, tmp_path: Path) -> None:
        here = ground(repo, PATH=str(tmp_path))
        found = machine.gather(here)
        assert [machine.git(found.git).level, machine.repository(found, "/r").level] == [PROBLEM, PROBLEM]
        assert "Install git" in machine.git(found.git).remedy
        assert hook.judge(hook.gather(here), in_ci=False).level is NOTE
        assert store.judge(store.gather(ground(with_code(repo), PATH=str(tmp_path))), [".jiti"]).level is OK

    def test_git_is_broken(self, repo: Repo, tmp_path: Path) -> None:
        program = tmp_path / "git"
        program.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
        program.chmod(0o755)
        found = machine.gather(ground(repo, PATH=f"{tmp_path}:{os.environ['PATH']}"))
        assert "no such luck" in machine.git(found.git).what
        assert machine.repository(found, "/r").level is PROBLEM

    def test_the_store_is_committed_or_ignored(self, repo: Repo) -> None:
        here = ground(with_code(repo))
        levels = [store.judge(store.gather(here), here.stores).level]
        repo.write(".gitignore", ".jiti/\n")
        said = [store.judge(store.gather(here), here.stores)]
        repo.write(".gitignore", "")
        repo.commit()
        said.append(store.judge(store.gather(here), here.stores))
        assert [*levels, *(one.level for one in said)] == [WARNING, OK, OK]
        assert ["git-ignored" in one.what for one in said] == [True, False]


def environment(folder: Path, *installed: str) -> Path:
    """A `.venv` in which distributions are installed by name; its folder of packages."""
    venv.create(folder / ".venv", symlinks=True)
    scheme = {"base": str(folder / ".venv"), "platbase": str(folder / ".venv")}
    site = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    for name in installed:
        (site / f"{name}.dist-info").mkdir()
    return site


class TestInterpreter:
    def look(self, repo: Repo, **env: str) -> dict[str, diagnosis.Diagnosis]:
        here = ground(repo, PYTHONPATH="", **env)
        found = interpreter.gather(here)
        inside = found if isinstance(found, JitiError) else found[0]
        return {one.about: one for one in interpreter.judge(inside, here.pyproject, used=True)}

    def test_the_projects_own(self, repo: Repo) -> None:
        site = environment(repo.path, "pytest-9.2.0", "jiti_bot-0.1.0", "attrs-26.1")
        (site / "jiti.py").write_text("")
        (site / "jiti_bot").mkdir()
        (site / "jiti_bot" / "runtime.py").write_text("")
        repo.write("pyproject.toml", '[project]\nname = "a"\ndependencies = ["attrs>=20", "jiti-bot"]\n')
        said = self.look(repo)
        assert {one.level for one in said.values()} == {OK}
        assert "the project's .venv" in said["Python"].what

    def test_nothing_is_installed(self, repo: Repo) -> None:
        environment(repo.path)
        repo.write("pyproject.toml", '[project]\nname = "a"\ndependencies = ["attrs>=20"]\n')
        said = self.look(repo)
        levels = [said[name].level for name in ("Python", "pytest", "dependencies", "import jiti")]
        assert levels == [OK, PROBLEM, WARNING, PROBLEM]
        python = repo.path / ".venv" / "bin" / "python"
        assert str(python) in said["pytest"].remedy
        assert said["pytest"].remedy.endswith(" install pytest`.") or "uv pip install --python" in said["pytest"].remedy
        assert "jiti-bot" in said["import jiti"].remedy

    def test_the_published_package_stands_before_ours(self, repo: Repo) -> None:
        site = environment(repo.path, "pytest-9.2.0", "jiti_bot-0.1.0", "jiti-1.5.1")
        for name in ("jiti.py", "jiti/__init__.py", "jiti_bot/runtime.py"):
            (site / name).parent.mkdir(exist_ok=True)
            (site / name).write_text("FOUND = __file__\n")
        said = self.look(repo)["import jiti"]
        assert said.level is PROBLEM
        found = repo.run(str(repo.path / ".venv/bin/python"), "-c", "import jiti; print(jiti.FOUND)", PYTHONPATH="")
        assert found.out.strip() in said.what  # Python itself sees it so
        shutil.rmtree(site / "jiti")
        assert self.look(repo)["import jiti"].level is WARNING

    def test_a_module_of_the_project_stands_before_ours(self, repo: Repo) -> None:
        repo.write("src/jiti.py", "")
        said = self.look(repo)["import jiti"]
        assert said.level is PROBLEM
        assert said.remedy.startswith("Rename it")

    @pytest.mark.parametrize("text", ["#!/bin/sh\necho boom >&2; exit 7\n", "#!/bin/sh\nkill -9 $$\n", "no program"])
    def test_one_that_does_not_start(self, repo: Repo, text: str) -> None:
        repo.write(".venv/bin/python", text).chmod(0o755)
        said = self.look(repo)
        assert [one.level for one in said.values()] == [PROBLEM]
        assert said["Python"].remedy

    def test_one_that_is_not_there(self, repo: Repo) -> None:
        assert self.look(repo, VIRTUAL_ENV="/nowhere")["Python"].level is PROBLEM

    def test_ours_for_want_of_another(self, repo: Repo) -> None:
        assert self.look(repo)["Python"].level is NOTE


class TestTools:
    def test_the_bundled_ones(self, repo: Repo) -> None:
        for name in ("ruff", "ty"):
            said = tools.version(name, tools.gather(name, Path(sys.executable), ground(repo)), "pip install")
            assert said.level is OK, said

    @pytest.mark.parametrize("text", ["#!/bin/sh\nexit 2\n", "not a program"])
    def test_one_that_is_broken(self, repo: Repo, text: str) -> None:
        repo.write("bin/ruff", text).chmod(0o755)
        found = tools.gather("ruff", repo.path / "bin" / "python", ground(repo))
        assert tools.version("ruff", found, "pip install").level is PROBLEM
        assert tools.version("ruff", found, "pip install", wanted=False).level is NOTE

    @pytest.mark.parametrize(
        ("file", "text", "levels"),
        [
            ("pyproject.toml", "", []),
            ("pyproject.toml", "[tool.ruff]\n", [WARNING]),
            ("pyproject.toml", '[tool.ruff]\nextend-exclude = [".jiti"]\n', [OK]),
            ("ruff.toml", 'exclude = [".jiti"]\n', [OK]),
            (".ruff.toml", "line-length = 99\n", [WARNING]),
            ("pyproject.toml", '[tool.ruff]\nextend-exclude = [".jiti/tests"]\n', [WARNING]),
            ("ruff.toml", "line-length = \n", [PROBLEM]),
            ("pyproject.toml", "[tool.ruff\n", []),  # which is told of the settings
            ("requirements-dev.txt", "ruff\nty\n", [WARNING, WARNING]),
            ("setup.cfg", "[flake8]\nexclude = docs, .jiti\n", [OK]),
            (".flake8", "[flake8]\nexclude = docs\n", [WARNING]),
        ],
    )
    def test_configurations(self, repo: Repo, file: str, text: str, levels: list[diagnosis.Level]) -> None:
        repo.write(UNIT, BODY)
        repo.write(file, text)
        assert [one.level for one in tools.configured(ground(repo))] == levels

    def test_hooks_that_judge_each_file(self, repo: Repo) -> None:
        repo.write(UNIT, BODY)
        hooks = "repos: [{repo: x, hooks: [{id: mypy}, {id: flake8, exclude: docs}, {id: black}]}]\n"
        repo.write(".pre-commit-config.yaml", hooks)
        said = tools.configured(ground(repo))
        assert [(one.level, one.remedy) for one in said] == [
            (WARNING, "Run `jiti init`."),
            (WARNING, "Add `(^|/)\\.jiti/` to its `exclude`."),
        ]
        repo.write(".pre-commit-config.yaml", hooks.replace("repos:", "exclude: ^\\.jiti/\nrepos:"))
        assert tools.configured(ground(repo)) == ()

    def test_one_further_up_and_what_belongs_to_others(self, repo: Repo) -> None:
        repo.write("ruff.toml", "")
        repo.write("api/pyproject.toml", "[tool.jiti]\n")
        repo.write(f"api/{UNIT}", BODY)
        assert tools.configured(ground(repo)) == ()
        (said,) = tools.configured(survey(str(repo.path / "api"), repo.env))
        assert said.remedy == 'Run `jiti init`, or write `extend-exclude = [".jiti"]` in ../ruff.toml.'

    def test_a_store_that_init_does_not_know(self, repo: Repo) -> None:
        repo.write(f"examples/a/{UNIT}", BODY)
        repo.write("ty.toml", "[src]\nexclude = ['.jiti']\n")
        (said,) = tools.configured(ground(repo))
        assert said.remedy == 'Write `exclude = ["**/.jiti"]` in [src] of ty.toml.'

    def test_ruff_sees_it_so(self, repo: Repo) -> None:
        """What is told of ruff holds for ruff."""
        repo.write(UNIT, "def f() -> str:\n    return undefined\n")
        for text, code in (("[tool.ruff]\n", 1), ('[tool.ruff]\nextend-exclude = [".jiti"]\n', 0)):
            repo.write("pyproject.toml", text)
            assert repo.run(sys.executable, "-m", "ruff", "check", "--no-cache").code == code


class TestSandbox:
    def test_the_system(self) -> None:
        found = sandbox.look()
        assert found.name in {"Linux", "Darwin"}
        assert found.kernel

    def test_bubblewrap_that_fails_tells_why(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program = tmp_path / "bwrap"
        program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert sandbox.look().bubblewrap == "bwrap: No permissions to create new namespace"


class TestHook:
    CONFIG = "repos:\n- repo: x\n  hooks:\n  - id: jiti\n"

    def level(self, repo: Repo, folder: str = "") -> diagnosis.Level:
        here = survey(str(repo.path / folder), repo.env)
        return hook.judge(hook.gather(here), in_ci=False).level

    def test_installed_by_pre_commit_itself(self, repo: Repo) -> None:
        repo.write(".pre-commit-config.yaml", self.CONFIG)
        assert self.level(repo) is WARNING
        assert repo.run(sys.executable, "-m", "pre_commit", "install").code == 0
        assert self.level(repo) is OK
        repo.write("services/api/pyproject.toml", "[project]\n")
        assert self.level(repo, "services/api") is OK
        script = repo.path / ".git/hooks/pre-commit"
        script.write_text(script.read_text().replace(f"={sys.executable}", "=/no/python"))
        found = hook.gather(ground(repo))
        assert found is not None
        assert found.gone == "/no/python"
        repo.git("config", "core.hooksPath", "elsewhere")
        assert self.level(repo) is WARNING

    @pytest.mark.parametrize(
        ("text", "ids", "stages"),
        [
            ("default_stages: [pre-push]\n" + CONFIG, ("jiti",), ("pre-commit", "pre-push", "pre-merge-commit")),
            (CONFIG + "    stages: [push, manual]\n", ("jiti",), ("pre-push",)),
            (
                "default_stages: [manual]\nrepos: [{repo: local, hooks: [{id: a, entry: uv run jiti check}]}]",
                ("jiti",),
                (),
            ),
            ("repos: [\n", (), ()),
        ],
    )
    def test_when_it_runs(self, repo: Repo, text: str, ids: tuple[str, ...], stages: tuple[str, ...]) -> None:
        repo.write(".pre-commit-config.yaml", text)
        found = hook.gather(ground(repo))
        assert found is not None
        assert (found.ids, found.stages, bool(found.broken)) == (ids, stages, text == "repos: [\n")

    def test_a_worktree_has_the_hooks_of_its_repository(self, repo: Repo) -> None:
        repo.write(".pre-commit-config.yaml", self.CONFIG)
        repo.commit()
        repo.write(".git/hooks/pre-commit", "# File generated by pre-commit\n").chmod(0o755)
        repo.git("worktree", "add", "-q", "../other")
        assert self.level(Repo(repo.path.parent / "other", repo.env)) is OK


class TestWorkflows:
    def test_those_on_disk(self, repo: Repo) -> None:
        repo.write(".github/workflows/ci.yml", "jobs: {}\n")
        assert github.workflows(github.gather(ground(repo)))[0].level is NOTE
        repo.write(".github/workflows/bot.yaml", "jobs:\n  a:\n    steps:\n    - uses: jiti-bot/jiti-bot@v1\n")
        repo.write("services/api/pyproject.toml", "[project]\n")
        for folder in ("", "services/api"):
            found = github.gather(survey(str(repo.path / folder), repo.env))
            assert found.generates
            assert [one.level for one in github.workflows(found)] == [WARNING, PROBLEM, WARNING]

    def test_without_the_parser(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.write(".github/workflows/bot.yaml", "jobs:\n  a:\n    steps:\n    - uses: jiti-bot/jiti-bot@v1\n")
        monkeypatch.setitem(sys.modules, "ruamel", None)
        monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
        found = github.gather(ground(repo))
        assert found.generates
        (said,) = github.workflows(found)
        assert said.level is NOTE
        assert "pip install 'jiti-bot[bot]'" in said.remedy

    def test_the_address_of_origin(self, repo: Repo) -> None:
        url = "https://me:sesame@github.com/acme/app.git"
        said = github.judge(github.Bot((), (), None), {}, url)
        assert said[0].what == "acme/app on github.com"
        assert workflows.mentions("      - uses: acme/jiti-bot@v1\n")


@pytest.mark.parametrize(
    ("files", "level", "words"),
    [
        ({}, NOTE, "not configured"),
        ({".coveragerc": "[run]\nsource = src\n"}, NOTE, "does not measure"),
        ({".coveragerc": "[run]\nsource =\n    src\n    .jiti\n"}, OK, "measures committed code; stubs count"),
        ({".coveragerc": "[run]\nsource = .\nomit = .jiti/*\n"}, OK, "leaves committed code out"),
        ({".coveragerc": "[run]\nbranch = True\n"}, OK, "measures"),
        ({".coveragerc": "[run\n"}, NOTE, "not configured"),
        ({".coveragerc.toml": "[run]\nsource = ['src']\n"}, NOTE, ".coveragerc.toml does not measure"),
        ({".coveragerc.toml": "[tool.coverage.run]\nomit = ['*/.jiti/*']\n"}, OK, ".coveragerc.toml leaves"),
        ({"setup.cfg": "[coverage:run]\nsource = app\n"}, OK, "setup.cfg measures"),
        ({"tox.ini": "[coverage:run]\nomit = */.jiti/*\n"}, OK, "tox.ini leaves"),
        ({"pyproject.toml": '[tool.coverage.run]\nsource = ["app"]\n'}, OK, "measures"),
        (
            {"pyproject.toml": '[tool.coverage.report]\nexclude_also = ["raise NotImplementedError"]\n'},
            OK, "of pyproject.toml measures committed code",
        ),
        ({"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-q --cov=app"\n'}, OK, "--cov measures"),
        ({"pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--cov=src"]\n'}, NOTE, "does not measure"),
        ({"pytest.ini": "[pytest]\naddopts = -q\n    --cov\n"}, OK, "measures"),
    ],
)  # fmt: skip
def test_coverage(tmp_path: Path, files: dict[str, str], level: diagnosis.Level, words: str) -> None:
    here = lay(tmp_path, {"src/app/text.py": STUB, UNIT: BODY, **files})
    said = measuring.judge(measuring.gather(here), here.units)
    assert said.level is level
    assert words in said.what


def test_coverage_of_a_store_in_the_package(tmp_path: Path) -> None:
    files = {".coveragerc": "[run]\nsource = app\n", "src/app/.jiti/text/slugify.py": BODY, "src/app/text.py": STUB}
    here = lay(tmp_path, files)
    assert measuring.judge(measuring.gather(here), here.units).level is OK


def test_a_folder_that_is_no_project(tmp_path: Path) -> None:
    here = ground(make(tmp_path, "empty", git=False))
    assert [one.level for one in here.said] == [NOTE]
    assert store.judge(store.gather(here), here.stores).level is NOTE
