"""Facts and what is said of them: tables, without a look at anything."""

import errno
import tomllib
from dataclasses import replace
from typing import Any

import pytest

from jiti_bot.doctor import github, hook, interpreter, machine, model, sandbox, store, versions, workflows
from jiti_bot.doctor.diagnosis import Group, Level, ok, without_secrets
from jiti_bot.errors import ConfigurationError, RepositoryError, SandboxError
from jiti_bot.validation.shield import Shield
from tests.doctor.kit import NOTE, OK, PROBLEM, WARNING
from tests.repo import ROOT


class TestVersions:
    def test_the_ranges_are_those_of_the_extra(self) -> None:
        listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["bot"]
        for name, (oldest, too_new) in versions.RANGES.items():
            assert f"{name}>={oldest}" + (f",<{too_new}" if too_new else "") in listed

    @pytest.mark.parametrize(
        ("name", "version", "level"),
        [
            ("pytest", "9.2.0", OK),
            ("pytest", "8.4.0", OK),
            ("pytest", "8.3.5", WARNING),
            ("pytest", "10.0", WARNING),
            ("pytest", "10.0.0rc1", WARNING),
            ("ty", "0.0.105", OK),
            ("ty", "0.0.1a8", WARNING),
            ("ruff", "0.14.0", OK),
            ("ruff", "0.9.10", WARNING),
            ("ruff", "", WARNING),
        ],
    )
    def test_a_version(self, name: str, version: str, level: Level) -> None:
        said = versions.judged(name, version, "the project's", "pip install")
        assert said.level is level
        assert not said.remedy or f"`pip install {name}`" in said.remedy or f"pip install '{name}>=" in said.remedy

    @pytest.mark.parametrize(
        ("printed", "version"),
        [("git version 2.39.5 (Apple Git-154)", "2.39.5"), ("ruff 0.17.6\n", "0.17.6"), ("nothing", ""), ("7", "")],
    )
    def test_what_programs_print(self, printed: str, version: str) -> None:
        assert versions.version_in(printed) == version

    def test_installed_distributions(self) -> None:
        entries = ("jiti_bot-0.1.0.dist-info", "PyYAML-6.0.3.dist-info", "old-1.0-py3.11.egg-info", "jiti", "x.py")
        assert versions.distributions(entries) == {"jiti-bot": "0.1.0", "pyyaml": "6.0.3", "old": "1.0"}


class TestMachine:
    HERE = machine.Machine("0.1.0", "Python 3.13.0 (/p)", (), "git version 2.45.0", "main")

    def test_all_there(self) -> None:
        assert {one.level for one in machine.judge(self.HERE, "/r", elsewhere=False)} == {OK}

    @pytest.mark.parametrize(("elsewhere", "level"), [(False, WARNING), (True, NOTE)])
    def test_without_the_extra(self, elsewhere: bool, level: Level) -> None:
        said = machine.jiti_bot(replace(self.HERE, missing=("anthropic", "libcst")), elsewhere=elsewhere)
        assert said.level is level
        assert "anthropic, libcst" in said.what
        assert "pip install 'jiti-bot[bot]'" in said.remedy

    @pytest.mark.parametrize("printed", ["git version 2.29.3", "what?", ""])
    def test_no_git_to_use(self, printed: str) -> None:
        assert machine.git(printed).level is PROBLEM

    def test_an_error_is_a_line(self) -> None:
        said = machine.git(RepositoryError("git could not be started.", remedy="Install git."))
        assert (said.level, said.remedy) == (PROBLEM, "Install git.")


class TestInterpreter:
    HERE = interpreter.Interpreter(
        "/p/bin/python", "3.13.0", "the project's .venv", False,
        {"pytest": "9.0", "jiti-bot": "0.1.0", "pip": "26.3"}, (interpreter.Found("/s/jiti.py", True),),
    )  # fmt: skip

    def test_all_there(self) -> None:
        pyproject = {"project": {"dependencies": ["jiti-bot", "PyTest>=8"]}}
        assert {one.level for one in interpreter.judge(self.HERE, pyproject, used=True)} == {OK}

    @pytest.mark.parametrize(
        ("jitis", "installed", "level", "words"),
        [
            ((("/s/jiti/__init__.py", False),), {"jiti": "1.5.1", "jiti-bot": "0.1.0"}, PROBLEM, "package jiti 1.5.1"),
            ((("/r/jiti.py", False), ("/s/jiti.py", True)), {"jiti-bot": "0.1.0"}, PROBLEM, "/r/jiti.py"),
            ((("/s/jiti.py", True),), {"jiti": "1.5.1", "jiti-bot": "0.1.0"}, WARNING, "installed as well"),
            ((("/s/jiti.py", True),), {"jiti-bot": "0.1.0"}, OK, "/s/jiti.py"),
            ((), {"jiti-bot": "0.1.0"}, OK, "jiti-bot 0.1.0"),
            ((), {}, PROBLEM, "not installed"),
        ],
    )
    def test_whose_jiti(self, jitis: tuple[Any, ...], installed: dict[str, str], level: Level, words: str) -> None:
        found = replace(self.HERE, installed=installed, jitis=tuple(interpreter.Found(*one) for one in jitis))
        said = interpreter.shadowing(found, used=True)
        assert said.level is level
        assert words in said.what
        assert said.remedy or level is OK

    def test_the_published_package_is_replaced_whole(self) -> None:
        """Both packages may have written the same file, so that removing the one can harm the other."""
        found = replace(
            self.HERE, installed={"jiti": "1.5.1", "pip": "26.3"}, jitis=(interpreter.Found("/s/jiti.py", False),)
        )
        remedy = interpreter.shadowing(found, used=True).remedy
        assert "/p/bin/python -m pip uninstall -y jiti && " in remedy  # which asks nothing
        assert "--force-reinstall --no-deps jiti-bot" in remedy

    @pytest.mark.parametrize(
        ("installed", "has_uv", "command"),
        [
            ({"pip": "26.3"}, True, "/p/bin/python -m pip install"),
            ({}, True, "uv pip install --python /p/bin/python"),
            ({}, False, "/p/bin/python -m ensurepip && /p/bin/python -m pip install"),
        ],
    )
    def test_what_installs(self, installed: dict[str, str], has_uv: bool, command: str) -> None:
        assert replace(self.HERE, installed=installed, has_uv=has_uv).install == command

    @pytest.mark.parametrize(
        ("pyproject", "names"),
        [
            ({}, None),
            ({"project": {"dynamic": ["dependencies"]}}, None),
            ({"project": {}}, ()),
            ({"project": {"dependencies": ["a", "b[x]>=1", "c; python_version < '3'", "jiti-bot"]}}, ("a", "b")),
            ({"project": {"dependencies": [3, "-x"]}}, ()),
            ({"tool": {"poetry": {"dependencies": {"python": "^3.11", "a": "1", "b": {"optional": True}}}}}, ("a",)),
        ],
    )
    def test_what_a_project_needs(self, pyproject: dict[str, Any], names: tuple[str, ...] | None) -> None:
        assert interpreter.needed(pyproject) == names

    def test_another_package_of_that_name_is_asked_for(self) -> None:
        said = interpreter.dependencies(self.HERE, ("attrs", "Jiti"))
        assert (said.level, said.remedy) == (PROBLEM, "Write jiti-bot in its place, and install that.")

    def test_missing_dependencies_have_a_command(self) -> None:
        said = interpreter.dependencies(replace(self.HERE, python="/my p/python"), ("Left_Pad", "pytest"))
        assert (said.level, said.what) == (WARNING, "not installed there: Left_Pad")
        assert said.remedy == "Run `'/my p/python' -m pip install -e .`."


class TestSandbox:
    FULL = Shield("full", ("Landlock 7", "seccomp"), ())
    LEAKS = Shield("partial", ("seccomp",), ("files outside can be read",))
    HERE = sandbox.System("Linux", "6.8.0", True, 4, "", "", {}, False, ("debian",))
    OLD = replace(HERE, kernel="5.4.0", landlock=-errno.ENOSYS, bubblewrap=None)

    def test_full(self) -> None:
        said = sandbox.judge(self.FULL, self.HERE, required=True)
        assert (said.level, said.what, said.remedy) == (OK, "full (Landlock 7 + seccomp)", "")

    @pytest.mark.parametrize(("required", "level"), [(True, PROBLEM), (False, WARNING)])
    def test_a_leak(self, required: bool, level: Level) -> None:
        said = sandbox.judge(self.LEAKS, self.OLD, required=required)
        assert said.level is level
        assert "files outside can be read" in said.what
        assert "Use a kernel with Landlock, 5.19 or newer: this is 5.4.0." in said.remedy
        assert "sudo apt-get install bubblewrap" in said.remedy

    @pytest.mark.parametrize(
        ("system", "words"),
        [
            (replace(OLD, landlock=-errno.EOPNOTSUPP, modules="lockdown,yama"), "`lsm=landlock,lockdown,yama`"),
            (replace(OLD, landlock=-errno.EPERM, container=True), "seccomp profile"),
            (replace(OLD, distribution=("rocky", "rhel", "fedora")), "sudo dnf install bubblewrap"),
            (replace(OLD, distribution=("nixos",)), "Install bubblewrap."),
            (
                replace(OLD, bubblewrap="no", sysctls={"kernel.apparmor_restrict_unprivileged_userns": "1"}),
                "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`",
            ),
            (
                replace(OLD, bubblewrap="no", sysctls={"kernel.unprivileged_userns_clone": "0"}),
                "`sudo sysctl -w kernel.unprivileged_userns_clone=1`",
            ),
            (
                replace(OLD, bubblewrap="no", sysctls={"user.max_user_namespaces": "0"}),
                "`sudo sysctl -w user.max_user_namespaces=15000`",
            ),
            (replace(OLD, bubblewrap="Creating new namespace failed"), "'Creating new namespace failed'"),
            (replace(OLD, bubblewrap="denied", container=True), "Let the container make user namespaces"),
            (replace(HERE, known_machine=False, landlock=0), "on x86_64 or aarch64"),
            (replace(HERE, name="Darwin"), "sandbox-exec"),
        ],
    )
    def test_what_would_mend_it(self, system: sandbox.System, words: str) -> None:
        assert words in sandbox.judge(self.LEAKS, system, required=False).remedy

    def test_windows(self) -> None:
        said = sandbox.judge(None, replace(self.HERE, name="Windows"), required=False)
        assert said.level is PROBLEM
        assert "WSL" in said.remedy

    def test_an_error_is_a_line(self) -> None:
        assert sandbox.judge(SandboxError("no", remedy="do"), self.HERE, required=False).level is PROBLEM

    def test_not_tried(self) -> None:
        assert sandbox.judge(None, self.HERE, required=False).level is WARNING


class TestModel:
    URL = "ANTHROPIC_BASE_URL"

    @pytest.mark.parametrize(
        ("env", "elsewhere", "levels"),
        [
            ({}, False, [OK, WARNING]),
            ({}, True, [OK, NOTE]),
            ({"ANTHROPIC_API_KEY": "sk-ant-1"}, False, [OK, OK]),
            ({"ANTHROPIC_AUTH_TOKEN": "t"}, False, [OK, OK]),
            ({"ANTHROPIC_API_KEY": " "}, False, [OK, PROBLEM]),
            ({"ANTHROPIC_API_KEY": "sk\nant"}, False, [OK, PROBLEM]),
            ({URL: "http://127.0.0.1:11434"}, False, [OK, OK, NOTE]),
            ({URL: "localhost:11434"}, False, [OK, PROBLEM, NOTE]),
            ({URL: "http://[::1"}, False, [OK, PROBLEM, NOTE]),
            ({URL: "http://h:99999"}, False, [OK, PROBLEM, NOTE]),
        ],
    )
    def test_a_key(self, env: dict[str, str], elsewhere: bool, levels: list[Level]) -> None:
        assert [one.level for one in model.judge("claude-x", env, elsewhere=elsewhere)] == levels

    @pytest.mark.parametrize(
        ("name", "env", "level"),
        [
            ("bedrock/claude", {}, WARNING),
            ("bedrock/claude", {"AWS_REGION": "eu", "AWS_PROFILE": "me"}, OK),
            ("vertex/claude", {"CLOUD_ML_REGION": "eu", "ANTHROPIC_VERTEX_PROJECT_ID": "p"}, OK),
            ("vertex/claude", {"ANTHROPIC_API_KEY": "k"}, WARNING),
        ],
    )
    def test_a_cloud(self, name: str, env: dict[str, str], level: Level) -> None:
        assert [one.level for one in model.judge(name, env, elsewhere=False)] == [OK, level]

    def test_an_address_is_shown_by_its_host_alone(self) -> None:
        found = model.judge("m", {self.URL: "https://me:sesame@proxy.example:8443/v1?key=sesame"}, elsewhere=False)
        assert found[1].what == "ANTHROPIC_BASE_URL leads to proxy.example:8443"
        assert "sesame" not in str(found)
        (_, told, _) = model.judge("m", {self.URL: "https://me:p@sesame/w@proxy.example"}, elsewhere=False)
        assert (told.level, "sesame" in told.what) == (PROBLEM, False), "a slash in a password ends the host"


class TestStore:
    UNITS = (".jiti/a/f.py", ".jiti/a/g.py")

    @pytest.mark.parametrize(
        ("found", "level", "words"),
        [
            (store.Store((), frozenset(), ignored=False), NOTE, "no committed code"),
            (store.Store(UNITS, frozenset(UNITS), ignored=False), OK, "2 units in .jiti, committed"),
            (store.Store(UNITS, frozenset(), ignored=True), OK, "git-ignored: each machine generates its own"),
            (store.Store(UNITS, frozenset(UNITS[:1]), ignored=False), WARNING, "1 of which git does not have yet"),
            (store.Store(UNITS, frozenset(UNITS[:1]), ignored=True), WARNING, "1 are committed and 1 git-ignored"),
            (store.Store(UNITS, frozenset(), ignored=False, git=False), OK, "without a repository"),
            (RepositoryError("x", remedy="y"), PROBLEM, "x"),
        ],
    )
    def test_which_way_is_in_force(self, found: store.Store, level: Level, words: str) -> None:
        said = store.judge(found, [".jiti"])
        assert said.level is level
        assert words in said.what


OURS = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n"


class TestHook:
    BASE = hook.Hook(True, ("jiti",), "/r/.git/hooks", "", {}, True)

    @pytest.mark.parametrize(
        ("found", "level", "words"),
        [
            (None, NOTE, ""),
            (replace(BASE, scripts={"pre-commit": (OURS, True)}), OK, ""),
            (replace(BASE, scripts={"pre-push": (OURS, True)}), OK, ""),
            (replace(BASE, scripts={"pre-commit": ("#!/bin/sh\nexec pre-commit run\n", True)}), OK, ""),
            (replace(BASE, scripts={"pre-commit": (OURS, False)}), PROBLEM, "chmod +x /r/.git/hooks/pre-commit"),
            (replace(BASE, scripts={"pre-commit": (OURS, True)}, gone="/old/python"), OK, ""),
            (
                replace(BASE, scripts={"pre-commit": (OURS, True)}, gone="/old/python", program=False),
                PROBLEM,
                "pip install pre-commit && pre-commit install",
            ),
            (BASE, WARNING, "`pre-commit install`"),
            (replace(BASE, stages=("pre-push",)), WARNING, "`pre-commit install --hook-type pre-push`"),
            (
                replace(BASE, scripts={"pre-commit": (OURS, True)}, stages=("pre-push",)),
                WARNING,
                "`pre-commit install --hook-type pre-push`",
            ),
            (replace(BASE, scripts={"pre-push": (OURS, True)}, stages=("pre-push",)), OK, ""),
            (replace(BASE, stages=()), NOTE, "Take `stages` off"),
            (replace(BASE, broken=ConfigurationError("no", remedy="Mend it.")), PROBLEM, "Mend it."),
            (replace(BASE, program=False), WARNING, "pip install pre-commit && pre-commit install"),
            (
                replace(BASE, configured=".husky"),
                WARNING,
                "git config --unset-all core.hooksPath && pre-commit install",
            ),
            (replace(BASE, scripts={"pre-commit": ("#!/bin/sh\nmake lint\n", True)}), WARNING, "`pre-commit install`"),
            (replace(BASE, ids=()), NOTE, "`jiti init`"),
            (replace(BASE, ids=("jiti-generate",)), NOTE, "`jiti init`"),
            (replace(BASE, ids=(), config=False), NOTE, "`jiti init`"),
            (replace(BASE, ids=(), scripts={"pre-commit": ("jiti check --staged\n", True)}), OK, ""),
        ],
    )
    def test_whether_commits_are_checked(self, found: hook.Hook | None, level: Level, words: str) -> None:
        said = hook.judge(found, in_ci=False)
        assert said.level is level
        assert words in said.remedy

    def test_ci_installs_no_hooks(self) -> None:
        assert hook.judge(self.BASE, in_ci=True).level is OK

    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("hooks:\n- id: jiti\n  args: []\n- id: 'jiti-strict'  # all\n", ("jiti", "jiti-strict")),
            ("hooks: [{id: jiti}, {id: other}]\n", ("jiti",)),
            ("  - id: jiti-generate\n", ("jiti-generate",)),
            ("  - id: stubs\n    entry: .venv/bin/jiti check --staged\n", ("jiti",)),
            ("# - id: jiti\n- id: jiti-bot\n- id: my-jiti\n", ()),
            ("", ()),
        ],
    )
    def test_our_ids_in_a_configuration(self, text: str, ids: tuple[str, ...]) -> None:
        assert hook.ids(text) == ids


RELEASE = "a" * 40
HEAD = "on: push\njobs:\n  bot:\n"
STEP = f"    steps:\n    - uses: jiti-bot/jiti-bot@{RELEASE}\n      with: {{anthropic-api-key: k, token: '%s'}}\n"
GRANTED = "    permissions: {contents: write, issues: write, pull-requests: write}\n"
APP = (
    "    permissions: {contents: read}\n    steps:\n    - id: app\n      uses: actions/create-github-app-token@v3\n"
    f"    - uses: jiti-bot/jiti-bot@{RELEASE}\n"
    "      with: {anthropic-api-key: k, token: '${{ steps.app.outputs.token }}'}\n"
)
PLAIN = STEP % "${{ github.token }}"
CALLED = f"    uses: jiti-bot/jiti-bot/.github/workflows/bot.yml@{RELEASE}\n"


def bot(*texts: str) -> github.Bot:
    found = tuple(workflows.read(f"w{number}.yml", text) for number, text in enumerate(texts))
    return github.Bot(found, (), None)


class TestWorkflows:
    @pytest.mark.parametrize(
        ("text", "levels", "words"),
        [
            (HEAD + GRANTED + PLAIN, [OK, NOTE], "permissions as they should be"),
            (HEAD + APP, [OK, OK], "start by themselves"),
            (HEAD + STEP % "${{ secrets.PAT }}", [OK, OK], "a secret's token"),
            (HEAD + PLAIN, [WARNING, NOTE], "the repository's default"),
            (HEAD + "    permissions: {contents: read}\n" + PLAIN, [PROBLEM, NOTE], "may not write contents, issues"),
            (HEAD + "    permissions: read-all\n" + PLAIN, [PROBLEM, NOTE], "may not write"),
            (HEAD + "    permissions: write-all\n" + PLAIN, [OK, NOTE], ""),
            ("permissions: {}\n" + HEAD + PLAIN, [PROBLEM, NOTE], "may not write"),
            (HEAD + STEP % "", [PROBLEM], "gets no token"),
            (HEAD + GRANTED + PLAIN.replace(RELEASE, "0" * 40), [PROBLEM, NOTE], "forty zeros"),
            (HEAD + GRANTED + PLAIN.replace(RELEASE, "v1"), [WARNING, NOTE], "can be moved"),
            (HEAD + GRANTED + PLAIN.replace("anthropic-api-key: k, ", ""), [WARNING, NOTE], "no job a key"),
            (HEAD.replace("push", "[push, pull_request_target]") + GRANTED + PLAIN, [PROBLEM, NOTE], "fork's code"),
            (HEAD + GRANTED + CALLED + "    secrets: inherit\n", [OK, NOTE], ""),
            (HEAD + GRANTED + CALLED, [WARNING, NOTE], "no job a key"),
            (HEAD + "   - [", [PROBLEM], "w0.yml:4: This is not YAML"),
        ],
    )
    def test_a_workflow(self, text: str, levels: list[Level], words: str) -> None:
        said = github.workflows(bot(text))
        assert [one.level for one in said] == levels
        assert words in " ".join(one.what for one in said)
        assert all(one.remedy for one in said if not one.is_well)

    @pytest.mark.parametrize("text", ["", "[]", "jobs: 3", "jobs: {a: {steps: 4}}", "jobs: {a: [1]}", "a: &a [*a]"])
    def test_no_workflow_of_ours(self, text: str) -> None:
        found = workflows.read("w.yml", text)
        assert isinstance(found, workflows.Workflow)
        assert found.uses == ()

    def test_none(self) -> None:
        assert [one.level for one in github.workflows(bot())] == [NOTE]

    def test_the_template_and_the_reusable_workflow(self) -> None:
        for place in ("jiti_bot/templates/workflow.yml", ".github/workflows/bot.yml"):
            text = (ROOT / place).read_text("utf-8")
            said = github.workflows(bot(text.replace("0" * 40, RELEASE)))
            assert [one.level for one in said] == [OK, NOTE], place
        said = github.workflows(bot((ROOT / "jiti_bot/templates/workflow.yml").read_text("utf-8")))
        assert [one.level for one in said] == [PROBLEM, NOTE]

    @pytest.mark.parametrize(
        ("env", "level", "words"),
        [
            ({}, NOTE, "no GITHUB_TOKEN"),
            ({"GITHUB_TOKEN": "ghp_sesame"}, OK, "a personal access token"),
            ({"GH_TOKEN": "github_pat_sesame"}, OK, "fine-grained"),
            ({"GITHUB_TOKEN": "ghs_sesame"}, OK, "shown as verified"),
            ({"GITHUB_TOKEN": "ghs_sesame", "GITHUB_ACTIONS": "true"}, OK, "wait for somebody's approval before"),
            ({"GITHUB_TOKEN": "sesame"}, OK, "is a token"),
        ],
    )
    def test_a_token(self, env: dict[str, str], level: Level, words: str) -> None:
        said = github.token(env)
        assert said.level is level
        assert words in said.what
        assert "sesame" not in said.what


def test_no_secret_is_shown_whoever_says_it() -> None:
    said = ok("x", "see https://me:pass@host/p and ghp_abcdefgh", "Run `curl https://tok@host`.")
    (group,) = without_secrets([Group("g", (said,))], ["ghp_abcdefgh"])
    assert group.diagnoses[0].what == "see https://host/p and [secret]"
    assert group.diagnoses[0].remedy == "Run `curl https://host`."
