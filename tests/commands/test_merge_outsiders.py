"""What files that do not mention jiti take from those that do, when everything is merged."""

import shutil
import sys

import pytest

from jiti_bot.cli import main
from tests.committed import implement
from tests.repo import Repo

OUTSIDERS = {
    "by name": ({}, "from app.text import T\nfrom app.conf import FAST\n"),
    "as attributes": ({}, "import app.text\nfrom app import conf\n\nprint(app.text.T, conf.FAST)\n"),
    "of a package that has loaded them": (
        {"app/__init__.py": "from . import conf, text\n"},
        "import app\n\nprint(app.text.T, app.conf.FAST)\n",
    ),
    "by way of stars": (
        {"app/all.py": "from app.text import *\nfrom app.conf import *\n", "app/most.py": "from app.all import *\n"},
        "from app.most import FAST, T\n",
    ),
    "by words": (
        {},
        (
            "from unittest import mock\n\nimport app.conf\n\n"
            "mock.patch('app.text.T', 1).start()\nmock.patch.object(app.conf, 'FAST').start()\n"
        ),
    ),
}


@pytest.mark.parametrize(("name", "tracked"), [*((name, True) for name in OUTSIDERS), ("by way of stars", False)])
def test_a_name_that_a_file_takes_which_knows_nothing_of_jiti_stays(repo: Repo, name: str, *, tracked: bool) -> None:
    others, user = OUTSIDERS[name]
    repo.write("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n')
    repo.write("app/conf.py", 'from jiti import Engine\n\nFAST = Engine(model="a")\n')
    repo.write("app/consts.py", "class T: ...\n")
    marked = "@jiti(engine=FAST, uses=[T])\ndef f() -> int:\n    raise NotImplementedError\n"
    repo.write("app/text.py", f"from jiti import jiti\n\nfrom .conf import FAST\nfrom .consts import T\n\n\n{marked}")
    for file, text in (others or {"app/__init__.py": ""}).items():
        repo.write(file, text)
    repo.write("user.py", user)
    implement(repo, "app.text.f", body="return 1")
    if not tracked:
        shutil.rmtree(repo.path / ".git")
    assert main(["-C", str(repo.path), "merge", "--all"]) == 0
    assert "@jiti" not in (repo.path / "app/text.py").read_text()
    done = repo.run(sys.executable, "user.py")
    assert done.code == 0, done
