"""The small project that the worker's tests run: stubs, helpers, gates."""

from pathlib import Path

FILES = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        addopts = ["-p", "no:asyncio"]  # what it warns of at its start would be an error
        filterwarnings = ["error"]
        doctest_optionflags = ["NORMALIZE_WHITESPACE"]
    """,
    "conftest.py": """
        import pytest

        @pytest.fixture
        def greeting():
            return "hello"
    """,
    "src/app/__init__.py": "",
    "src/app/plain.py": """
        VALUE = 1
    """,
    "src/app/text.py": '''
        from jiti import jiti


        class Parser:
            """Parses."""

            def __init__(self, prefix):
                self.prefix = prefix

            @jiti
            def parse(self, text: str, *, strict: bool = False) -> str:
                """Parse.

                >>> Parser("p").parse("x")
                'px'
                """
                raise NotImplementedError

            @property
            def size(self) -> int:
                return len(self.prefix)

            @size.setter
            @jiti
            def size(self, value: int) -> None:
                """Set it."""
                raise NotImplementedError


        @jiti
        def slugify(text: str) -> str:
            """Slug.

            >>> slugify("A B")
            'a-b'
            >>> slugify(
            ...     "A"
            ... )
            'a'
            """
            raise NotImplementedError


        @jiti
        def count(text: str) -> int:
            """Count."""
            raise NotImplementedError


        @jiti
        def each(text: str):
            """Yield."""
            raise NotImplementedError


        def both(text: str) -> str:
            """Plain code that uses two stubs.

            >>> 1 + 1
            3
            """
            return slugify(text) * count(text)
    ''',
    "tests/test_text.py": """
        import pytest
        from app.text import slugify

        def test_slug():
            assert slugify("A B") == "a-b"

        @pytest.mark.parametrize("text", ["A", "B"])
        def test_each(text):
            assert slugify(text) == text.lower()
    """,
}
SLUGIFY = ".jiti/src/app/text/slugify.py"
COUNT = ".jiti/src/app/text/count.py"
PARSE = ".jiti/src/app/text/Parser.parse.py"
GOOD = '''
def slugify(text: str) -> str:
    """Slug."""
    return text.lower().replace(" ", "-")
'''


def dedent(text: str) -> str:
    """Without the indentation of its first line, wherever it stands."""
    lines = text.strip("\n").splitlines()
    margin = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return "\n".join(line[margin:] for line in lines).rstrip() + "\n"


def make(root: Path) -> Path:
    """Write it below ``root``."""
    for name, text in FILES.items():
        write(root, name, text)
    return root


def write(root: Path, name: str, text: str) -> str:
    """Write one file; returns its name."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), "utf-8")
    return name


def candidate(body: str, helpers: str = "") -> dict[str, str]:
    """A candidate for ``slugify``."""
    indented = "\n".join(f"    {line}" for line in dedent(body).splitlines())
    return {SLUGIFY: f"{dedent(helpers)}\n\ndef slugify(text: str) -> str:\n    '''Slug.'''\n{indented}\n"}
