"""One small project for every build backend, with its store in the root or inside the package."""

from dataclasses import dataclass

STUB = '''"""Text."""

from jiti import jiti


@jiti
def slugify(text: str, sep: str = "-") -> str:
    """Lowered words joined by ``sep``."""
    raise NotImplementedError


class Parser:
    """Parses."""

    @property
    @jiti
    def words(self) -> list[str]:
        """Two words."""
        raise NotImplementedError
'''
SLUGIFY = '''import re

_WORD = re.compile("[a-z]+")


def slugify(text: str, sep: str = "-") -> str:
    """Lowered words joined by ``sep``."""
    return sep.join(_WORD.findall(text.lower()))
'''
WORDS = '''class Parser:
    def words(self) -> list[str]:
        """Two words."""
        return slugify("One two").split("-")
'''
ROOT_STORE = ".jiti/src/app"
PACKAGE_STORE = "src/app/.jiti"
PROJECT = '[project]\nname = "app"\nversion = "1.0"\ndescription = "An app."\nrequires-python = ">=3.11"\n'
SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "{}"\n'


@dataclass(frozen=True, slots=True)
class Backend:
    """A build backend, and what a project has to say to it for the store to be in the wheel."""

    name: str
    module: str
    plain: str = ""
    inside: str = ""
    root: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def files(self, store: str) -> dict[str, str]:
        """The project's files, with its store at ``store``."""
        more = self.inside if store == PACKAGE_STORE else self.root or ""
        return {
            "pyproject.toml": f"{PROJECT}\n{SYSTEM.format(self.module)}\n{self.plain}\n{more}",
            "src/app/__init__.py": '"""An app."""\n',
            "src/app/text.py": STUB,
            f"{store}/text/slugify.py": SLUGIFY,
            f"{store}/text/Parser.words.py": WORDS,
            **(dict(self.extra) if store == ROOT_STORE else {}),
        }


_SETUP = '''"""Copy the store beside the package it belongs to."""

import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class WithStore(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            shutil.copytree(".jiti/src/app", f"{self.build_lib}/app/.jiti", dirs_exist_ok=True)


setup(cmdclass={"build_py": WithStore})
'''

BACKENDS = (
    Backend(
        "hatchling",
        "hatchling.build",
        plain='[tool.hatch.build]\ndev-mode-dirs = ["src"]\n[tool.hatch.build.targets.wheel]\npackages = ["src/app"]\n',
        root='[tool.hatch.build.targets.wheel.force-include]\n".jiti/src/app" = "app/.jiti"\n',
    ),
    Backend(
        "setuptools",
        "setuptools.build_meta",
        plain='[tool.setuptools.packages.find]\nwhere = ["src"]\n',
        inside='[tool.setuptools.package-data]\napp = [".jiti/**/*.py"]\n',
        root="",
        extra=(("setup.py", _SETUP), ("MANIFEST.in", "graft .jiti\n")),
    ),
    Backend(
        "poetry-core",
        "poetry.core.masonry.api",
        inside='[tool.poetry]\npackages = [{include = "app", from = "src"}]\n',
        root=(
            '[tool.poetry]\npackages = [{include = "app", from = "src"}, '
            '{include = "**/*.py", from = ".jiti/src/app", to = "app/.jiti"}]\n'
        ),
    ),
    Backend("uv_build", "uv_build"),
    Backend("flit", "flit_core.buildapi"),
)
