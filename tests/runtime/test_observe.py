"""What `jiti run` has written down: calls as they were, bounded and without secrets, and nothing else changed."""

import os
import stat
import subprocess
import sys
import threading
from base64 import b64encode
from collections import namedtuple
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import pytest

from jiti_bot import observe
from jiti_bot.redact import HIDDEN, hide, is_secret_name, secrets_in
from jiti_bot.shown import Show
from tests.repo import ROOT


@dataclass
class Login:
    user: str
    password: str
    tries: list[int] = field(default_factory=list)


class Loud:
    """Everything that it defines itself must stay unused."""

    __slots__ = ("inner",)

    def __init__(self, inner: object) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        raise AssertionError("a repr was called")

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(name)


class Colour(Enum):
    RED = 1


class Words(list[str]):
    def __iter__(self):  # noqa: ANN204 - it must not be called
        raise AssertionError("iterated")


Point = namedtuple("Point", "x y")  # noqa: PYI024 - one without types is what is shown
LOOP: list[object] = [1]
LOOP.append(LOOP)

VALUES = {
    "plain": ((None, True, 1.5, "a'b", b"\x00"), "(None, True, 1.5, \"a'b\", b'\\x00')"),
    "one in a tuple": ((1,), "(1,)"),
    "empty": ([[], {}, set(), frozenset(), ()], "[[], {}, set(), frozenset({}), ()]"),
    "a long list": (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]"),
    "a huge number": (1 << 5_000, "<int of 5001 bits>"),
    "in itself": (LOOP, "[1, ...]"),
    "deep": ([[[[[[1]]]]]], "[[[[...]]]]"),
    "data": (Login("ada", "hunter2", [1]), f"Login(user='ada', password={HIDDEN}, tries=[1])"),
    "a named tuple": (Point(1, 2), "Point((1, 2))"),
    "an enum": (Colour.RED, "Colour.RED"),
    "slots, and a repr that raises": (Loud([1]), "<Loud inner=[1]>"),
    "a list of one's own": (Words(["a"]), "Words(['a'])"),
    "a time": (datetime(2026, 1, 2, tzinfo=UTC), "datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.timezone.utc)"),
    "a path": (Path("a/b"), f"{type(Path()).__name__}('a/b')"),
    "a class and a function": ([Login, len], "[<type Login>, <builtin_function_or_method>]"),
    "a lock": (threading.Lock(), "<lock>"),
    "by the name of a key": ({"api_key": "x", "name": "y"}, f"{{'api_key': {HIDDEN}, 'name': 'y'}}"),
    "no secret is none": ({"token": None, "password": False}, "{'token': None, 'password': False}"),
}


@pytest.mark.parametrize(("value", "shown"), VALUES.values(), ids=VALUES)
def test_a_value_in_a_few_words(value: object, shown: str) -> None:
    assert Show().value(value) == shown


def test_a_long_string_is_cut_after_its_secrets_are_gone() -> None:
    secret = b64encode(bytes(range(256)) * 20).decode()
    shown = Show().value(f"{'x' * 150} {secret}")
    assert shown == repr(f"{'x' * 150} {HIDDEN}... ({151 + len(secret)} in all)")


SECRETS = {
    "a provider's key": "sk-ant-api03-abcdefghijklmnop",
    "a forge's token": "ghp_0123456789abcdefghij",
    "a cloud's id": "AKIAIOSFODNN7EXAMPLE",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015",
    "base64": "q8Zt1LxR0vKpYw3Nn5BdGh7Js2Mf",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_looks_like_a_secret_is_hidden(secret: str) -> None:
    assert hide(f"before {secret} after") == f"before {HIDDEN} after"


PARTLY = {
    "in an address": ("postgres://ada:hunter2@db/app", f"postgres://ada:{HIDDEN}@db/app"),
    "in a header": ("Authorization: Bearer abcdef123456", f"Authorization: {HIDDEN} {HIDDEN}"),
    "in text": ("user=ada password=hunter2;", f"user=ada password={HIDDEN};"),
    "in JSON": ('{"client_secret": "abcd1234"}', f'{{"client_secret": "{HIDDEN}"}}'),
}


@pytest.mark.parametrize(("text", "shown"), PARTLY.values(), ids=PARTLY)
def test_what_stands_behind_a_name_is_hidden(text: str, shown: str) -> None:
    assert "hunter2" not in hide(text)
    assert hide(text) in {shown, shown.replace(f"{HIDDEN} {HIDDEN}", f"Bearer {HIDDEN}")}


@pytest.mark.parametrize(
    "text",
    [
        "the quick brown fox jumps over the lazy dog",
        "/usr/lib/python3.11/site-packages/app/models/customer_address.py",
        "test_parametrized_names_are_kept_as_they_are",
        "https://example.org/a/long/path?page=2&sort=name",
        "key=value max_tokens=16000 author=Ada",
        "20240102T030405Z",
        "=" * 60,
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide(text) == text


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("userPassword", True), ("GITHUB_TOKEN", True), ("apiKey", True), ("X-Api-Key", True),
     ("session_id", True), ("key", False), ("tokens", False), ("author", False), ("max_tokens", False), ("", False)],
)  # fmt: skip
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


def test_the_environment_s_own_secrets_are_known() -> None:
    env = {"DB_PASSWORD": "correct horse", "HOME": "/home/ada", "PWD": "/home/ada/app", "TOKEN": "short"}
    assert secrets_in(env) == ("correct horse",)
    assert hide("it is correct horse!", secrets_in(env)) == f"it is {HIDDEN}!"


APP = "from jiti import jiti\n\n\n@jiti\ndef f(a, b=2, *rest, c, **more):\n    '''Doc.'''\n    ...\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "calls"
    path.write_bytes(observe.MAGIC)
    path.chmod(0o600)
    return path


def call(project: Path, notes: Path | None, code: str, **env: str) -> str:
    """The last line that a program which calls the stub writes to standard error."""
    found = {name: value for name, value in os.environ.items() if name != observe.VARIABLE} | env
    found["PYTHONPATH"] = str(ROOT)
    if notes is not None:
        found[observe.VARIABLE] = str(notes)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=found, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1]


def test_a_call_is_written_down_with_its_arguments(project: Path, notes: Path) -> None:
    said = call(project, notes, "from app import f; f(1, 'x', 3, c=[4], password='p')", MY_SECRET="not for others")
    (seen,) = observe.read(notes.read_bytes())
    assert str(seen) == f"app.f(a=1, b='x', *rest=(3,), c=[4], password={HIDDEN})"
    assert (seen.file, seen.unit) == (str(project / "app.py"), "f")
    assert said == call(project, None, "from app import f; f(1, c=2)")


def test_a_caught_error_is_written_down_as_well(project: Path, notes: Path) -> None:
    call(
        project,
        notes,
        "import sys\nfrom app import f\ntry:\n    f(1, c=2)\nexcept NotImplementedError:\n    sys.exit('x')",
    )
    assert [str(one) for one in observe.read(notes.read_bytes())] == ["app.f(a=1, c=2)"]


def test_a_loop_of_calls_is_bounded(project: Path, notes: Path) -> None:
    code = (
        "from app import f\nfor i in range(1000):\n    try:\n        f('x' * i, 'y' * 10000, c=list(range(i)))\n"
        "    except NotImplementedError:\n        pass\nraise SystemExit('x')"
    )
    call(project, notes, code)
    assert len(observe.read(notes.read_bytes())) == 20
    assert notes.stat().st_size < 100_000


def test_a_full_file_takes_no_more(project: Path, notes: Path) -> None:
    full = observe.MAGIC + b"\n" * observe.MAX_FILE
    notes.write_bytes(full)
    call(project, notes, "from app import f; f(1, c=2)")
    assert notes.read_bytes() == full


def others(notes: Path, kind: str) -> Path:
    """A file that is not to be written to."""
    match kind:
        case "absent":
            notes.unlink()
        case "of another kind":
            notes.write_bytes(b"export PATH=x\n")
        case "readable by others":
            notes.chmod(0o644)
        case "with another name":
            os.link(notes, notes.with_name("other"))
        case "a link":
            notes.rename(notes.with_name("real"))
            notes.symlink_to(notes.with_name("real"))
        case "a folder":
            notes.unlink()
            notes.mkdir()
        case "a pipe":
            notes.unlink()
            os.mkfifo(notes, 0o600)
    return notes


KINDS = ["absent", "of another kind", "readable by others", "with another name", "a link", "a folder", "a pipe"]


@pytest.mark.parametrize("kind", KINDS)
def test_other_files_are_left_alone(project: Path, notes: Path, kind: str) -> None:
    place = others(notes, kind)
    mode = place.lstat().st_mode if place.is_symlink() or place.exists() else None
    content = place.read_bytes() if place.is_file() else None
    said = call(project, place, "from app import f; f(1, c=2)")
    assert said == call(project, None, "from app import f; f(1, c=2)")
    assert (place.lstat().st_mode if mode is not None else None) == mode
    assert (place.read_bytes() if mode is not None and stat.S_ISREG(mode) else content) == content
    assert place.exists() is (mode is not None)


def test_what_is_no_call_is_passed_over() -> None:
    data = observe.MAGIC + b'["app.f", "app.py", "f", [["a", "1"]]]\n{}\n[1, 2, 3, []]\nx\n\xff\n["app.f", "app.py'
    assert [str(one) for one in observe.read(data)] == ["app.f(a=1)"]
