"""The level in force: what is said of it, and what is refused without it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from jiti_bot.errors import SandboxError
from jiti_bot.validation.jobs import RunCode
from jiti_bot.validation.sandbox import bwrap, macos
from jiti_bot.validation.shield import judge
from tests.sandbox import kit

POLICY = {
    "read": ["/project/a", '/project/odd "name"\\'],
    "list": ["/project"],
    "write": ["/scratch/jobs"],
    "devices": ["/dev/null"],
    "mounts": ["/usr/lib", "/usr", "/project"],
    "hidden": [],
}


def test_required_is_content_with_a_sandbox_that_holds(tmp_path: Path) -> None:
    with kit.bench(kit.make_project(tmp_path / "p"), level="required") as bench:
        assert bench.shield.level == "full"
        assert str(bench.shield).startswith("full (")


def test_required_refuses_one_that_leaks() -> None:
    ready = {"landlock": 0, "seccomp": False, "notify": False, "leaks": ["the network can be reached"], "pytest": "9"}

    with pytest.raises(SandboxError, match="the network can be reached") as caught:
        judge(ready, "required", wrapped=False)

    assert caught.value.remedy
    assert judge(ready, "auto", wrapped=True).level == "partial"


def test_off_says_so_and_still_limits(tmp_path: Path) -> None:
    with kit.bench(kit.make_project(tmp_path / "p"), level="off") as bench:
        assert bench.shield.level == "off"
        assert "files outside can be read" in bench.shield.leaks
        assert "leaks" in str(bench.shield)
        secret = bench.run(RunCode("import os; print(os.environ.get('JITI_TEST_SECRET'))"), timeout=20.0)
        endless = bench.run(RunCode("while True: pass"), timeout=0.5)

    assert secret.output == "None\n"
    assert "did not end" in str(endless)


def test_bubblewrap_is_used_only_where_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert bwrap.prefix(POLICY)[0] == str(broken)
    assert not bwrap.works(POLICY, "/usr/bin/true")


def test_bubblewrap_mounts_parents_first() -> None:
    if shutil.which("bwrap") is None:
        assert bwrap.prefix(POLICY) == []
        return
    command = bwrap.prefix(POLICY)

    assert command.index("/usr") < command.index("/usr/lib")
    assert command[-4:] == ["--bind", "/scratch/jobs", "/scratch/jobs", "--"]


def test_the_profile_of_macos_names_each_path_quoted() -> None:
    text = macos.profile(POLICY)

    assert text.startswith("(version 1)\n(deny default)")
    assert '(subpath "/project/odd \\"name\\"\\\\")' in text
    assert '(literal "/project")' in text
    assert "(deny network*)" in text
    assert text.count("(") == text.count(")")


def test_our_package_is_all_that_the_project_sees_of_our_environment(tmp_path: Path) -> None:
    with kit.bench(kit.make_project(tmp_path / "p")) as bench:
        code = "import os, jiti, jiti_bot, sys; print(sorted(os.listdir(os.path.dirname(jiti.__file__))), sys.path[0])"
        result = bench.run(RunCode(code), timeout=20.0)

    assert result.output.startswith("['jiti.py', 'jiti_bot']")


def test_scratch_is_gone_when_starting_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    root = kit.make_project(tmp_path / "p")
    subprocess.run(["rm", "-rf", str(root / ".git")], check=True)
    with pytest.raises(SandboxError), kit.bench(root) as bench:
        raise SandboxError(str(bench.shield))

    assert list((tmp_path / "temporary").iterdir()) == []
