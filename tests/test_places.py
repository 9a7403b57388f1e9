import pytest

from jiti_bot.places import Place, Places
from jiti_bot.trees import WorkTree
from tests.repo import Repo

STORE = '[tool.jiti]\nstore = "src/app/.jiti"\n'
PLAIN = '[project]\nname = "x"\n'

# What is there (a name ending in / is a folder), the file, the unit, whether it is a test; store, path, key.
TABLE: dict[str, tuple[dict[str, str], str, str, bool, str, str, str]] = {
    "nothing there": ({}, "text.py", "f", False, ".jiti", ".jiti/text/f.py", "text.f"),
    "src layout": ({}, "src/app/text.py", "f", False, ".jiti", ".jiti/src/app/text/f.py", "app.text.f"),
    "a package": ({}, "app/__init__.py", "A.b", False, ".jiti", ".jiti/app/__init__/A.b.py", "app.A.b"),
    "an accessor": ({}, "a.py", "P.v.setter", False, ".jiti", ".jiti/a/P.v.setter.py", "a.P.v.setter"),
    "a test": (
        {}, "tests/test_a.py", "test_x", True, ".jiti", ".jiti/tests/tests/test_a/test_x.py", "tests.test_a.test_x",
    ),
    "a nested store": (
        {"src/app/.jiti/": ""}, "src/app/text.py", "f", False, "src/app/.jiti", "src/app/.jiti/text/f.py", "text.f",
    ),
    "beside a nested store": (
        {"src/app/.jiti/": ""}, "src/other/text.py", "f", False, ".jiti", ".jiti/src/other/text/f.py", "other.text.f",
    ),
    "a configured store that is not there yet": (
        {"pyproject.toml": STORE}, "src/app/s/t.py", "f", False, "src/app/.jiti", "src/app/.jiti/s/t/f.py", "s.t.f",
    ),
    "beside a configured store": (
        {"pyproject.toml": STORE}, "src/other/t.py", "f", False, ".jiti", ".jiti/src/other/t/f.py", "other.t.f",
    ),
    "a test beside a configured store": (
        {"pyproject.toml": STORE}, "tests/test_a.py", "test_x", True, "src/app/.jiti",
        "src/app/.jiti/tests/tests/test_a/test_x.py", "tests.test_a.test_x",
    ),
    "a test inside a configured store's parent": (
        {"pyproject.toml": STORE}, "src/app/tests/test_a.py", "test_x", True, "src/app/.jiti",
        "src/app/.jiti/tests/tests/test_a/test_x.py", "tests.test_a.test_x",
    ),
    "a configured store, and one at the root": (
        {"pyproject.toml": STORE, ".jiti/": ""}, "tests/test_a.py", "test_x", True, ".jiti",
        ".jiti/tests/tests/test_a/test_x.py", "tests.test_a.test_x",
    ),
    "a project inside": (
        {"libs/a/pyproject.toml": PLAIN, ".jiti/": ""}, "libs/a/src/m.py", "f", False, "libs/a/.jiti",
        "libs/a/.jiti/src/m/f.py", "m.f",
    ),
    "a project inside with a store of its own choice": (
        {"libs/a/pyproject.toml": STORE}, "libs/a/src/app/m.py", "f", False, "libs/a/src/app/.jiti",
        "libs/a/src/app/.jiti/m/f.py", "m.f",
    ),
    "a repository inside": ({"sub/.git/": ""}, "sub/m.py", "f", False, "sub/.jiti", "sub/.jiti/m/f.py", "m.f"),
    "a submodule": ({"sub/.git": "gitdir: x"}, "sub/m.py", "f", False, "sub/.jiti", "sub/.jiti/m/f.py", "m.f"),
    "a folder without a project": (
        {".jiti/": ""}, "a/b/c/m.py", "f", False, ".jiti", ".jiti/a/b/c/m/f.py", "a.b.c.m.f",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("there", "file", "unit", "is_test", "store", "path", "key"), TABLE.values(), ids=TABLE)
def test_where_a_unit_belongs(
    folder: Repo, there: dict[str, str], file: str, unit: str, is_test: bool, store: str, path: str, key: str
) -> None:
    for name, content in there.items():
        if name.endswith("/"):
            (folder.path / name).mkdir(parents=True)
        else:
            folder.write(name, content)
    place = Places(WorkTree(str(folder.path))).of(file, unit, is_test=is_test)
    assert (place.store, place.path, place.key) == (store, path, key)


def test_a_place_says_where_the_agents_tests_go(folder: Repo) -> None:
    place = Places(WorkTree(str(folder.path))).of("src/app/text.py", "Parser.v.setter")
    assert place == Place(
        store=".jiti",
        path=".jiti/src/app/text/Parser.v.setter.py",
        scratch=".jiti/tests/src/app/text/test_scratch_Parser_v_setter.py",
        key="app.text.Parser.v.setter",
        source="src/app/text.py",
    )


def test_a_store_may_be_given(folder: Repo) -> None:
    places = Places(WorkTree(str(folder.path)), configured="pkg/.jiti")
    assert places.store("pkg/a.py") == "pkg/.jiti"
    assert places.store("other/a.py") == ".jiti"
    assert places.test_store("other/test_a.py") == "pkg/.jiti"
