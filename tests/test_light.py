"""The light forms of standard modules do what their namesakes do."""

import ast
import contextlib
import copy
import enum
import pickle
import re
from pathlib import Path

import pytest

from jiti_bot import light
from jiti_bot.source.model import Kind

HERE = Path(__file__)


class Heavy(enum.StrEnum):
    """The namesake."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    TEST = "jiti-test"


def test_the_tree_is_the_same() -> None:
    for file in (HERE, HERE.parent / "test_walls.py"):
        text = file.read_text(encoding="utf-8")
        found, expected = light.ast.parse(text), ast.parse(text)
        assert ast.dump(found, include_attributes=True) == ast.dump(expected, include_attributes=True)
        walked = [type(node) for node in light.ast.walk(found)]
        assert walked == [type(node) for node in ast.walk(expected)]
        assert list(light.ast.iter_child_nodes(found)) == list(ast.iter_child_nodes(found))


def test_older_syntax_is_refused_where_that_is_asked_for() -> None:
    newer = "try:\n    pass\nexcept* ValueError:\n    pass\n"
    assert isinstance(light.ast.parse(newer, feature_version=(3, 11)), ast.Module)
    with pytest.raises(SyntaxError):
        light.ast.parse(newer, feature_version=(3, 10))
    assert isinstance(light.ast.parse("1 + 1", mode="eval"), ast.Expression)


def test_what_is_not_here_comes_from_the_module_itself() -> None:
    assert light.ast.unparse is ast.unparse
    assert light.ast.FunctionDef is ast.FunctionDef
    assert light.re.compile is re.compile
    with pytest.raises(AttributeError):
        getattr(light.re, "nothing_of_that_name")  # noqa: B009 - there is none


def test_members_are_as_those_of_an_enum() -> None:
    assert [str(kind) for kind in Kind] == [str(kind) for kind in Heavy] == [kind.value for kind in Kind]
    assert [kind.name for kind in Kind] == [kind.name for kind in Heavy]
    assert len(Kind) == len(Heavy)
    assert f"{Kind.TEST}" == f"{Heavy.TEST}" == "jiti-test"
    assert repr(Kind.TEST) == repr(Heavy.TEST).replace("Heavy", "Kind")
    assert Kind("class") is Kind.CLASS
    assert isinstance(Kind.CLASS, Kind)
    assert hash(Kind.CLASS) == hash(Heavy.CLASS)
    assert {Kind.CLASS: 1}["class"] == 1
    for same in (copy.copy(Kind.CLASS), copy.deepcopy(Kind.CLASS), pickle.loads(pickle.dumps(Kind.CLASS))):
        assert same is Kind.CLASS
    for wrong in ("absent", None, 3, []):
        with pytest.raises(ValueError, match="is not a valid Kind"):
            Kind(wrong)


def test_what_is_suppressed() -> None:
    for suppress in (light.suppress, contextlib.suppress):
        with suppress(KeyError, OSError):
            raise FileNotFoundError
        with pytest.raises(ValueError, match="other"), suppress(KeyError, OSError):
            raise ValueError("other")
        with suppress():
            pass
