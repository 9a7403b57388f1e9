"""Which files patterns leave out: as real ruff says."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from jiti_bot.globs import Globs, normal

FILES = (
    "top.py",
    "a/x.py",
    "a/b/y.py",
    "a/b/c/z.py",
    "ab/q.py",
    "src/vendor/n.py",
    "tests/data/[x].py",
    "tests/data/bad.py",
    "tests/test_a.py",
    "vendor/a/m.py",
)
# A pattern, and the files of which it leaves nothing.
COVERED = {
    "vendor": {"src/vendor/n.py", "vendor/a/m.py"},
    "./vendor": {"vendor/a/m.py"},
    "vendor/": {"vendor/a/m.py"},
    "vendor/a": {"vendor/a/m.py"},
    "b": {"a/b/y.py", "a/b/c/z.py"},
    "**/b": {"a/b/y.py", "a/b/c/z.py"},
    "a//b/.": {"a/b/y.py", "a/b/c/z.py"},
    "b/y.py": set(),
    "x.py": {"a/x.py"},
    "A": set(),
    "a/*": {"a/x.py", "a/b/y.py", "a/b/c/z.py"},
    "a/*.py": {"a/x.py", "a/b/y.py", "a/b/c/z.py"},
    "a/**": {"a/x.py", "a/b/y.py", "a/b/c/z.py"},
    "a/**/z.py": {"a/b/c/z.py"},
    "a/**/x.py": {"a/x.py"},
    "**/data/*.py": {"tests/data/[x].py", "tests/data/bad.py"},
    "a?": {"ab/q.py"},
    "a**": {"a/x.py", "a/b/y.py", "a/b/c/z.py", "ab/q.py", "vendor/a/m.py"},
    "*b": {"a/b/y.py", "a/b/c/z.py", "ab/q.py"},
    "test_*": {"tests/test_a.py"},
    "[a-b][!c]": {"ab/q.py"},
    "tests/data/[[]x].py": {"tests/data/[x].py"},
    "tests/data/\\[x\\].py": {"tests/data/[x].py"},
    "{a/b,ab}": {"a/b/y.py", "a/b/c/z.py", "ab/q.py"},
    "{src,vendor}/{a,vendor}": {"src/vendor/n.py", "vendor/a/m.py"},
    "{,a}b": {"ab/q.py"},
    "top.py,": set(),
    "a/**/**/x.py": {"a/x.py"},
    "**/**/b": {"a/b/y.py", "a/b/c/z.py"},
    "a/**/**": {"a/x.py", "a/b/y.py", "a/b/c/z.py"},
    "*{src/vendor,vendor}*m.py": {"vendor/a/m.py"},
    "a*b*/*.py": {"a/b/y.py", "a/b/c/z.py", "ab/q.py"},
    "[w||x].py": {"a/x.py"},
    "[+--x].py": {"a/x.py"},
    "[a-c-x].py": {"a/x.py", "ab/q.py", "src/vendor/n.py", "vendor/a/m.py"},
    "*": {*FILES},
}


@pytest.mark.parametrize(("pattern", "covered"), COVERED.items(), ids=COVERED)
def test_what_a_pattern_covers(pattern: str, covered: set[str]) -> None:
    globs = Globs("", (normal(pattern),))
    assert {file for file in FILES if globs.cover(file)} == covered
    below = Globs("libs/app", (normal(pattern),))
    assert {file for file in FILES if below.cover(f"libs/app/{file}")} == covered


@pytest.mark.parametrize("pattern", COVERED)
def test_ruff_leaves_out_the_same(pattern: str, tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "ruff.toml").write_text(f"exclude = ['{pattern}']\n")
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    shown = subprocess.run(
        [ruff, "check", "--show-files", "--no-cache"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    left = {Path(line).relative_to(tmp_path.resolve()).as_posix() for line in shown.stdout.split("\n") if line}
    assert {*FILES} - left == COVERED[pattern]


@pytest.mark.parametrize("pattern", ["", " ", "/", ".", "..", "a/../b", "/a", "[a", "[]", "{a", "a}", "[b-a]"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        normal(pattern)


def test_several_patterns_and_none() -> None:
    globs = Globs("", ("top.py", "src"))
    assert {file for file in FILES if globs.cover(file)} == {"top.py", "src/vendor/n.py"}
    assert not any(Globs("", ()).cover(file) for file in FILES)


def test_many_stars_are_settled_at_once() -> None:
    path = f"{'a' * 5000}.py"
    assert Globs("", (f"{'*a' * 30}*.py",)).cover(path)
    assert not Globs("", (f"{'*a' * 30}*b", f"{{{'*a' * 30},x}}*b")).cover(path)


def test_braces_that_leave_too_many_choices_are_no_pattern() -> None:
    assert normal("{a,b}" * 9)
    with pytest.raises(ValueError, match=r"^$"):
        normal("{a,b}" * 30)
