"""Which store a stub belongs to, how its bytecode is kept, and how candidates take the place of what is committed."""

import os
import sys

import jiti
from jiti_bot import bytecode, layout, loader, runtime, transform, unit
from jiti_bot.errors import NotGeneratedError, StoreError
from tests.runtime.site import Site, raised

STUB = "from jiti import jiti\n@jiti\ndef f(): ...\n"
ONE = "def f():\n    return 1\n"
TWO = "def f():\n    return 2\n"


def check_the_first_store_on_the_way_up_wins(site: Site) -> None:
    site.write("app/text.py", STUB)
    site.write("app/__init__.py", "")
    site.commit("app/text/f.py", ONE)
    assert site.load("app.text").f() == 1
    site.write("app/.jiti/text/f.py", TWO)
    unit._parents.clear()  # another process: within one, a store is looked for again only when a file is missing
    assert site.load("app.text").f() == 2


def check_the_walk_stops_at_projects_and_installed_code(site: Site) -> None:
    for stop in ("pyproject.toml", ".git/HEAD"):
        site.write(f"outer{stop[:2]}/dep/{stop}", "")
        site.write(f"outer{stop[:2]}/.jiti/dep/mod/f.py", ONE)
        folder = site.folder / f"outer{stop[:2]}/dep"
        assert layout.store_parent(str(folder)) is None
    for installed in ("site-packages", "dist-packages"):
        site.commit("x.py", "")
        assert layout.store_parent(str(site.folder / f".venv/lib/{installed}/dep")) is None
    assert layout.store_parent(str(site.folder / "a/b")) == str(site.folder)


def check_a_store_of_another_user_is_not_run(site: Site) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or sys.platform == "emscripten":
        return  # only root can give a folder away
    site.write("shared/mine/text.py", STUB)
    planted = site.write("shared/.jiti/mine/text/f.py", ONE).parents[2]
    os.chown(planted, 12345, 12345)
    assert layout.store_parent(str(site.folder / "shared/mine")) is None
    os.chown(site.folder / "shared/mine", 12345, 12345)
    assert layout.store_parent(str(site.folder / "shared/mine")) == str(site.folder / "shared")


def check_a_dependency_without_a_store_runs_nothing_of_ours(site: Site) -> None:
    place = ".venv/lib/python3/site-packages"
    site.write(f"{place}/text.py", STUB)
    for name in ("text/f.py", f"{place}/text/f.py"):
        site.commit(name, ONE)
    sys.path.insert(0, str(site.folder / place))
    try:
        raised(NotGeneratedError, site.load("text").f)
    finally:
        del sys.path[0]


def check_a_store_that_appears_or_moves_is_found(site: Site) -> None:
    site.write("app/text.py", STUB)
    raised(NotGeneratedError, site.load("app.text").f)
    site.commit("app/text/f.py", ONE)
    assert site.load("app.text").f() == 1
    (site.folder / ".jiti").rename(site.folder / "gone")
    site.write("app/.jiti/text/f.py", TWO)
    assert site.load("app.text").f() == 2


def check_bytecode_has_a_name_of_its_own(site: Site) -> None:
    assert loader.VERSION == transform.VERSION
    writing, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        site.host(STUB, f=ONE)
        site.host("from __future__ import annotations\n" + STUB, f=ONE)
        names = sorted(path.name for path in (site.folder / ".jiti/host/__pycache__").iterdir())
        tag = sys.implementation.cache_tag
        assert names == [f"f.{tag}.jiti{loader.VERSION}.pyc", f"f.{tag}.jiti{loader.VERSION}f.pyc"]
        for path in (site.folder / ".jiti/host/__pycache__").iterdir():
            path.write_bytes(b"damaged")
        assert site.load().f() == 1
    finally:
        sys.dont_write_bytecode = writing


def check_bytecode_made_ahead_is_used_and_checked(site: Site) -> None:
    site.host(STUB, f=ONE)
    store = str(site.folder / ".jiti")
    made = bytecode.compile_store(store)
    assert [type(one).__name__ for one in made] == ["Compiled"]
    (site.folder / ".jiti/host/f.py").write_text(ONE)  # another time
    code = loader.UnitLoader(str(site.folder / ".jiti/host/f.py"), "f")
    vars(code)["source_to_code"] = raises_if_called
    assert code.get_code(code.name) is not None
    assert site.load().f() == 1
    site.commit("host/f.py", TWO)
    assert site.load().f() == 2


def raises_if_called(*_args: object, **_kwargs: object) -> None:
    raise AssertionError("compiled again")


def check_compiling_ahead_goes_past_what_is_broken(site: Site) -> None:
    site.host(STUB, f=ONE)
    site.commit("host/g.py", "def g(:\n")
    site.commit("host/h.py", "def other(): ...\n")
    site.commit("tests/tests/test_x/test_y.py", "def test_y(): ...\n")
    site.commit("host/__pycache__/old.py", "no")
    made = bytecode.compile_store(str(site.folder / ".jiti"))
    assert [type(one).__name__ for one in made] == ["Compiled", "Refused", "Refused"]
    where = [one.where for one in made if isinstance(one, bytecode.Refused)]
    assert [name.rpartition("host/")[2].rpartition("host\\")[2] for name in where] == ["g.py:1", "h.py:1"]
    assert list(bytecode.stores_below(str(site.folder))) == [str(site.folder / ".jiti")]
    raised(StoreError, bytecode.compile_store, str(site.folder / "nowhere"))


def check_candidates_take_the_place_of_committed_files(site: Site) -> None:
    site.host(STUB, f=ONE)
    real = str(site.folder / ".jiti/host/f.py")
    candidate = str(site.write("scratch/anything.py", TWO))
    try:
        runtime.stage({real: candidate})
        assert site.load().f() == 2
        assert not (site.folder / "scratch/__pycache__").exists()
        site.write("scratch/anything.py", TWO.replace("2", "3"))
        assert site.load().f() == 3
        runtime.stage({real: None})
        raised(NotGeneratedError, site.load().f)
    finally:
        runtime.stage({})
    assert site.load().f() == 1


def check_a_candidate_needs_no_store_on_disk(site: Site) -> None:
    site.write("src/app/text.py", STUB)
    site.write("pyproject.toml", "")
    real = str(site.folder / ".jiti/src/app/text/f.py")
    try:
        runtime.stage({real: str(site.write("scratch/0/f.py", TWO))})
        assert site.load("src.app.text").f() == 2
    finally:
        runtime.stage({})
    raised(NotGeneratedError, site.load("src.app.text").f)


def check_generated_tests_stand_in_and_fail_when_missing(site: Site) -> None:
    source = (
        "from jiti import jiti\n"
        "@jiti.required_for(len)\ndef test_real(): return 'kept'\n"
        "@jiti.required_for(len)\ndef test_made(tmp_path):\n    '''It works.'''\n"
        "@jiti.required_for(len)\ndef test_missing(tmp_path): ...\n"
        "@jiti.required_for(len)\nclass TestAll:\n    def test_real(self): return 'kept'\n"
        "class TestIt:\n    @jiti.required_for(len, max)\n    def test_method(self): ...\n"
    )
    site.write("checks/test_it.py", source)
    site.commit(
        "tests/checks/test_it/test_made.py", "def test_made(tmp_path):\n    assert tmp_path == 1\n    return 2\n"
    )
    site.commit(
        "tests/checks/test_it/TestIt.test_method.py",
        "@jiti.required_for(len)\nclass TestAll:\n    def test_real(self): return 'kept'\n"
        "class TestIt:\n    def test_method(self):\n        return TestIt\n",
    )
    module = site.load("checks.test_it")
    assert module.test_real() == "kept"
    assert module.TestAll().test_real() == "kept"
    assert module.test_made(1) == 2
    assert module.TestIt().test_method() is module.TestIt
    assert "checks.test_it.test_missing" in str(raised(NotGeneratedError, module.test_missing, 1))


def check_the_store_of_tests_may_be_configured(site: Site) -> None:
    site.write("pyproject.toml", "[tool.jiti]\nstore = 'src/app/.jiti'\n")
    site.write("checks/test_it.py", "from jiti import jiti\n@jiti.required_for(len)\ndef test_made(): ...\n")
    site.write("src/app/.jiti/tests/checks/test_it/test_made.py", "def test_made():\n    return 2\n")
    assert site.load("checks.test_it").test_made() == 2
    for text in ("[tool.jiti\nbroken", "[tool.jiti]\nstore = 3\n", "tool = 1\n", b"\xff"):
        site.write("pyproject.toml", text)
        raised(NotGeneratedError, site.load("checks.test_it").test_made)
    site.write("inner/pyproject.toml", "[tool.jiti]\nstore = '../src/app/.jiti'\n")
    assert layout.configured_store(str(site.folder / "inner")) is None


def check_clear_drops_the_store_of_the_calling_file(site: Site) -> None:
    site.write("app/text.py", STUB + "import jiti as j\ndef drop(): j.clear()\ndef drop2(): jiti.clear()\n")
    for name in ("drop", "drop2"):
        site.commit("app/text/f.py", ONE)
        getattr(site.load("app.text"), name)()
        assert not (site.folder / ".jiti").exists()
    site.load("app.text").drop()
    site.write("kept/file", "")
    (site.folder / ".jiti").symlink_to(site.folder / "kept")
    raised(StoreError, site.load("app.text").drop)
    assert (site.folder / "kept/file").exists()


def check_the_short_module_offers_everything(site: Site) -> None:
    import jiti_bot

    del site
    for name in jiti_bot.__all__:
        assert getattr(jiti, name) is getattr(jiti_bot, name)
    assert jiti.__all__ == jiti_bot.__all__
    assert jiti.Engine is jiti_bot.Engine
    assert jiti.FrozenError is jiti_bot.NotGeneratedError
    assert repr(jiti.jiti) == "<jiti>"
    raised(AttributeError, getattr, jiti, "nothing")
