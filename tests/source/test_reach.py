"""A gate's digest covers what the gate reaches, and stops at the code under test."""

from collections.abc import Mapping

import pytest

from tests.source.trees import specs

FILES = {
    "app/__init__.py": "",
    "app/money.py": """
        from jiti import jiti
        from app.inner import deep
        LIMIT = 3
        def plain(): return 1
        @jiti
        def f(x):
            '''Doc.'''
            ...
    """,
    "app/inner.py": "def deep(): return 1\n",
    "conftest.py": """
        import pytest
        @pytest.fixture(autouse=True)
        def everywhere(base): return base
        @pytest.fixture
        def base(): return 1
        @pytest.fixture
        def client(base): return base
        @pytest.fixture
        def unused(): return 1
        def pytest_generate_tests(metafunc): pass
    """,
    "tests/conftest.py": """
        import pytest
        from tests.made import imported
        pytest_plugins = ["tests.plugin"]
        @pytest.fixture(name="client")
        def client_fixture(client, token): return client
        @pytest.fixture
        def token(): return 1
    """,
    "tests/plugin.py": """
        import pytest
        @pytest.fixture
        def plugged(): return 1
        @pytest.fixture
        def unplugged(): return 1
    """,
    "tests/made.py": """
        import pytest
        @pytest.fixture
        def imported(): return helper()
        def helper(): return 1
    """,
    "tests/helpers.py": """
        import math
        from app.money import plain
        TOLERANCE = 1
        def check(value): return near(value, TOLERANCE) or plain()
        def near(a, b): return math.isclose(a, b)
        def other(): return 1
    """,
    "tests/test_money.py": """
        import pytest
        from jiti import jiti
        from app.money import f, LIMIT
        from tests import helpers
        from tests.helpers import check
        pytestmark = pytest.mark.usefixtures("token")
        CASES = [1, 2]
        UNUSED = 1
        def local(value): return again(value)
        def again(value): return value
        def unreached(): return 1
        def setup_function(): pass
        @pytest.fixture(autouse=True)
        def always(): return 1
        class Base:
            def shared(self): return local(1)
            def unshared(self): return 1
            def setup_method(self): self.x = 1
        @pytest.mark.usefixtures("plugged")
        class TestF(Base):
            size = 3
            @pytest.fixture
            def own(self): return 1
            def helper(self): return self.more()
            def more(self): return 1
            def test_other(self): assert 1
            @jiti.required_for(f)
            @pytest.mark.parametrize("case", CASES)
            def test_f(self, case, client, own, imported):
                assert check(f(case)) == self.helper() + self.shared() + helpers.TOLERANCE + LIMIT
    """,
}  # fmt: skip


def digest(files: Mapping[str, str]) -> str:
    (gate,) = specs(files)["app.money.f"].gates
    return gate.digest


def changed(file: str, old: str, new: str) -> bool:
    assert old in FILES[file]
    return digest(FILES) != digest({**FILES, file: FILES[file].replace(old, new)})


REACHED = {
    "the test": ("tests/test_money.py", "assert check(f(case)) ==", "assert check(f(case)) !="),
    "parametrization": ("tests/test_money.py", "CASES = [1, 2]", "CASES = [1, 3]"),
    "parameters": ("tests/test_money.py", '"case", CASES', '"case", CASES[:1]'),
    "autouse fixture": ("tests/test_money.py", "def always(): return 1", "def always(): return 2"),
    "set-up function": ("tests/test_money.py", "def setup_function(): pass", "def setup_function(): print()"),
    "module's marks": ("tests/test_money.py", 'usefixtures("token")', 'usefixtures("base")'),
    "class's marks": ("tests/test_money.py", 'usefixtures("plugged")', 'usefixtures("base")'),
    "class's values": ("tests/test_money.py", "size = 3", "size = 4"),
    "class's fixture": ("tests/test_money.py", "def own(self): return 1", "def own(self): return 2"),
    "method it calls": ("tests/test_money.py", "return self.more()", "return self.more() + 1"),
    "method that one calls": ("tests/test_money.py", "def more(self): return 1", "def more(self): return 2"),
    "inherited method": ("tests/test_money.py", "return local(1)", "return local(2)"),
    "function that one calls": ("tests/test_money.py", "return again(value)", "return again(value + 1)"),
    "function after that": ("tests/test_money.py", "def again(value): return value", "def again(value): return 1"),
    "inherited set-up": ("tests/test_money.py", "self.x = 1", "self.x = 2"),
    "helper of another file": ("tests/helpers.py", "return near(value, TOLERANCE)", "return near(value, 5)"),
    "helper of the helper": ("tests/helpers.py", "return math.isclose(a, b)", "return a == b"),
    "value of the helper": ("tests/helpers.py", "TOLERANCE = 1", "TOLERANCE = 2"),
    "where a helper is from": (
        "tests/helpers.py",
        "from app.money import plain",
        "from app.inner import deep as plain",
    ),
    "which module a helper uses": ("tests/helpers.py", "import math", "import cmath as math"),
    "fixture": ("conftest.py", "def client(base): return base", "def client(base): return 2"),
    "fixture of the fixture": ("conftest.py", "def base(): return 1", "def base(): return 2"),
    "overriding fixture": ("tests/conftest.py", "return client", "return token"),
    "fixture by mark": ("tests/conftest.py", "def token(): return 1", "def token(): return 2"),
    "autouse fixture of a conftest": ("conftest.py", "def everywhere(base): return base", "def everywhere(): return 1"),
    "hook of a conftest": ("conftest.py", "(metafunc): pass", "(metafunc): print()"),
    "fixture of a plugin": ("tests/plugin.py", "def plugged(): return 1", "def plugged(): return 2"),
    "imported fixture": ("tests/made.py", "return helper()", "return helper() + 1"),
    "helper of an imported fixture": ("tests/made.py", "def helper(): return 1", "def helper(): return 2"),
}


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in REACHED.items()])
def test_covers_what_it_reaches(change: tuple[str, str, str]) -> None:
    assert changed(*change)


BEYOND = {
    "other test": ("tests/test_money.py", "def test_other(self): assert 1", "def test_other(self): assert 2"),
    "unused function": ("tests/test_money.py", "def unreached(): return 1", "def unreached(): return 2"),
    "unused value": ("tests/test_money.py", "UNUSED = 1", "UNUSED = 2"),
    "unused inherited method": ("tests/test_money.py", "def unshared(self): return 1", "def unshared(self): return 2"),
    "unused helper": ("tests/helpers.py", "def other(): return 1", "def other(): return 2"),
    "unused fixture": ("conftest.py", "def unused(): return 1", "def unused(): return 2"),
    "unused fixture of a plugin": ("tests/plugin.py", "def unplugged(): return 1", "def unplugged(): return 2"),
    "code under test": ("app/money.py", "def plain(): return 1", "def plain(): return 2"),
    "value under test": ("app/money.py", "LIMIT = 3", "LIMIT = 4"),
    "deep code under test": ("app/inner.py", "return 1", "return 2"),
    "the stub": ("app/money.py", "'''Doc.'''", "'''Other.'''"),
    "comment": ("tests/test_money.py", "CASES = [1, 2]", "CASES = [1, 2]  # two"),
    "layout": ("tests/test_money.py", "CASES = [1, 2]", "CASES = [\n            1,\n            2,\n        ]"),
    "another target": (
        "tests/test_money.py",
        "@jiti.required_for(f)",
        "@jiti.required_for(f)\n            @jiti.required_for(f)",
    ),
    "import order": (
        "tests/test_money.py",
        "from tests import helpers\n        from tests.helpers import check",
        "from tests.helpers import check\n        from tests import helpers",
    ),
}


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in BEYOND.items()])
def test_does_not_cover_the_rest(change: tuple[str, str, str]) -> None:
    assert not changed(*change)


SAME_FILE = """
    from jiti import jiti
    def helper(): return 1
    @jiti
    def f(x):
        '''Doc.'''
        ...
    @jiti.required_for(f)
    def test_f(): assert f(1) == helper()
"""


def test_stub_in_the_test_file_counts_by_its_name() -> None:
    def gates(text: str) -> str:
        return specs({"test_a.py": text})["test_a.f"].digests.gates

    assert gates(SAME_FILE) == gates(SAME_FILE.replace("Doc", "Other"))
    assert gates(SAME_FILE) != gates(SAME_FILE.replace("helper(): return 1", "helper(): return 2"))


JITI_TEST = {
    "a.py": "from jiti import jiti\n@jiti\ndef f(x): ...\n",
    "test_a.py": """
        from jiti import jiti
        from a import f
        def helper(): return 1
        @jiti.required_for(f)
        def test_f():
            '''It works.'''
            # try zero
            ...
    """,
}
COMMITTED = ".jiti/tests/test_a/test_f.py"


def test_jiti_test_counts_with_its_committed_body() -> None:
    body = "# jiti 1 test_a.test_f\n# seal: 1\n\n\ndef test_f():\n    '''It works.'''\n    assert f(0) == helper()\n"
    without = specs(JITI_TEST)["a.f"].digests.gates
    having = specs({**JITI_TEST, COMMITTED: body})["a.f"].digests.gates
    assert without != having
    assert having == specs({**JITI_TEST, COMMITTED: body.replace("seal: 1", "seal: 2")})["a.f"].digests.gates
    assert having != specs({**JITI_TEST, COMMITTED: body.replace("f(0)", "f(1)")})["a.f"].digests.gates
    reached = {**JITI_TEST, "test_a.py": JITI_TEST["test_a.py"].replace("return 1", "return 2")}
    assert having != specs({**reached, COMMITTED: body})["a.f"].digests.gates
    assert without == specs(reached)["a.f"].digests.gates


def test_jiti_test_counts_with_its_words_not_its_placeholder() -> None:
    def gates(old: str, new: str) -> str:
        return specs({**JITI_TEST, "test_a.py": JITI_TEST["test_a.py"].replace(old, new)})["a.f"].digests.gates

    same = specs(JITI_TEST)["a.f"].digests.gates
    assert gates("...", "raise NotImplementedError") == same
    assert gates("It works.", "It fails.") != same


def test_unittest_cases() -> None:
    files = {
        "a.py": "from jiti import jiti\n@jiti\ndef f(x): ...\n",
        "test_a.py": """
            import unittest
            from jiti import jiti
            from a import f
            class TestA(unittest.TestCase):
                def setUp(self): self.x = 1
                def test_other(self): self.assertTrue(0)
                @jiti.required_for(f)
                def test_f(self): self.assertEqual(f(self.x), 1)
        """,
    }

    def gates(old: str, new: str) -> str:
        return specs({**files, "test_a.py": files["test_a.py"].replace(old, new)})["a.f"].digests.gates

    same = specs(files)["a.f"].digests.gates
    assert gates("self.x = 1", "self.x = 2") != same
    assert gates("assertTrue(0)", "assertTrue(1)") == same
