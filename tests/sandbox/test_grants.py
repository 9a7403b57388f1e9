"""What of a project may be read: everything but its secrets, wherever they stand."""

import subprocess
import sys
from pathlib import Path

import pytest

from jiti_bot.validation import grants
from jiti_bot.validation.environment import Environment

NEW = (
    ".netrc", ".npmrc", ".pypirc", "id_rsa", "key.pem", "credentials.json", "prod.env", "secrets.toml",
    "terraform.tfvars", "service-account.json", "deploy/.kube/config", "home/.aws/credentials",
)  # fmt: skip
# Files of a project, those that must stay closed, and those that git tracks. `ignored` is what .gitignore names.
# A plus before a file's name: git tracks it.
CASES: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "no secrets": (("app/text.py", "README.md"), "", ()),
    "git": ((".git/config", "app/text.py"), "", (".git",)),
    "nested repository": (("vendor/x/.git/config", "vendor/x/y.py"), "", ("vendor/x/.git",)),
    "dot env": ((".env", ".env.local", ".envrc", "env.py"), "", (".env", ".env.local", ".envrc")),
    "dot env deeper": (("a/b/.env", "a/b/c.py", "a/d.py"), "", ("a/b/.env",)),
    "folder of that name": ((".env/bin/python", "x.py"), "", (".env",)),
    "ignored key": (("deploy.pem", "x.py"), "*.pem\n", ("deploy.pem",)),
    "new key": (("tests/key.pem", "x.py"), "", ("tests/key.pem",)),
    "tracked key": (("tests/+key.pem", "x.py"), "", ()),
    "new secrets of every kind": ((*NEW, "x.py"), "", (*NEW[:-2], "deploy/.kube", "home/.aws")),
    "tracked secrets of every kind": (tuple(f"+{name}" for name in NEW), "", ()),
    "a folder that is tracked in part": ((".aws/+config", ".aws/keys"), "", (".aws/keys",)),
    "ignored credentials": (("a/credentials.json", "a/x.py"), "credentials.json\n", ("a/credentials.json",)),
    "code with a telling name": (("secret.py", "tokens.py"), "*.py\n", ()),
    "ignored folder": ((".aws/config", "x.py"), ".aws/\n", (".aws",)),
    "ignored, no secret": (("build/x.txt",), "build/\n", ()),
    "in an environment": ((".venv/pyvenv.cfg", ".venv/lib/site-packages/certifi/cacert.pem"), ".venv/\n", ()),
}


def make(root: Path, files: tuple[str, ...], ignored: str) -> Environment:
    tracked = [name.replace("+", "") for name in files if "+" in name]
    for name in files:
        path = root / name.replace("+", "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    if not (root / ".git" / "HEAD").exists():
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    if tracked:
        subprocess.run(["git", "-C", str(root), "add", "-f", *tracked], check=True)
    (root / ".gitignore").write_text(ignored)
    return Environment(root, Path(sys.executable), (3, 11, 0), (), (), (), (), None, Path(__file__).parents[2])


def readable(policy: dict[str, list[str]], path: Path) -> bool:
    granted = {Path(place) for place in policy["read"]}
    return bool(granted & {path, *path.parents})


@pytest.mark.parametrize(("files", "ignored", "closed"), CASES.values(), ids=CASES)
def test_policy(tmp_path: Path, files: tuple[str, ...], ignored: str, closed: tuple[str, ...]) -> None:
    root = tmp_path / "project"
    root.mkdir()
    environment = make(root, files, ignored)

    policy = grants.policy(environment, tmp_path / "scratch" / "shim", [tmp_path / "scratch" / "jobs"])

    for name in (one.replace("+", "") for one in files):
        hidden = any(name == one or name.startswith(f"{one}/") for one in closed)
        assert readable(policy, root / name) is not hidden, name
    assert not readable(policy, root / ".git" / "config")
    assert set(policy["hidden"]) == {str(root / one) for one in (*closed, ".git")}
    assert policy["write"] == [str(tmp_path / "scratch" / "jobs")]


def test_a_link_that_leads_out_opens_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "project"
    root.mkdir()
    (root / "link").symlink_to(outside)
    environment = make(root, ("x.py",), "")

    policy = grants.policy(environment, tmp_path / "scratch" / "shim", [tmp_path / "scratch" / "jobs"])

    assert not readable(policy, outside)
    assert not readable(policy, root / "link")


def test_a_path_as_wide_as_the_home_folder_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    root = tmp_path / "work" / "project"
    root.mkdir(parents=True)
    made = make(root, ("x.py",), "")
    environment = Environment(
        root, made.python, made.version, (), (), (tmp_path, Path("/")), (tmp_path / "work",), None, made.ours
    )

    policy = grants.policy(environment, tmp_path / "scratch" / "shim", [tmp_path / "scratch" / "jobs"])

    assert str(tmp_path) not in policy["read"]
    assert "/" not in policy["read"]
    assert readable(policy, root / "x.py")


def test_outside_of_git_whatever_looks_like_a_secret_is_closed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "deploy.pem").touch()
    (root / "x.py").touch()

    assert grants.secrets(root) == {root / "deploy.pem"}
