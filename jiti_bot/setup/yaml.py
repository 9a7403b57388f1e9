"""YAML as it is written: what it says, and where each thing stands. The door to ruamel.yaml.

Its round trip rewrites indentation, quotes and line ends, so only its reading is used; text is inserted by place.
"""

import re
from typing import Any, Protocol

from jiti_bot.errors import ConfigurationError, without_extra
from jiti_bot.setup.text import Text


class Mark(Protocol):
    """A place in a text: counted in characters, and its column."""

    index: int
    column: int


class Node(Protocol):
    """A value with its place. ``value`` is a text, a list of nodes or, for a mapping, a list of pairs of them."""

    value: Any
    start_mark: Mark
    end_mark: Mark


#: Depth of what is looked at: a configuration that goes deeper is somebody's joke.
_DEEP = 100
# ruamel takes no tab between a value and what follows, which YAML allows and pre-commit's reader takes. A blank in its
# place leaves everything where it stands.
_TABS = re.compile(r"(?<=\S)[ \t]*\t[ \t]*")


def parse(text: Text, path: str, *, strict: bool = False) -> Any:
    """What a file says. Raises `ConfigurationError` with its line, `ExtraMissingError` without the library.

    ``strict``: a key that is there twice is an error, as it is to GitHub; pre-commit takes it.
    """
    return _read(text, path, "load", strict=strict)


def compose(text: Text, path: str) -> Node | None:
    """The file as nodes with their places; None for a file that holds nothing. Raises as `parse`."""
    return _read(text, path, "compose")


def says(text: str, wanted: Any) -> bool:
    """Whether a text says exactly that; not of what holds itself, which nothing can be compared with."""
    try:
        return parse(Text(text), "") == wanted
    except (ConfigurationError, RecursionError):
        return False


def entry(node: Node | None, key: str) -> tuple[Node, Node] | None:
    """The key and the value of a mapping's entry."""
    if node is None or not is_mapping(node):
        return None
    return next(((name, found) for name, found in node.value if name.value == key), None)


def is_mapping(node: Node) -> bool:
    """Whether a node is a mapping."""
    from ruamel.yaml.nodes import MappingNode

    return isinstance(node, MappingNode)


def is_flow(node: Node) -> bool:
    """Whether a mapping or sequence is written in brackets."""
    return bool(getattr(node, "flow_style", False))


def items(node: Node | None) -> list[Node]:
    """What a sequence holds."""
    from ruamel.yaml.nodes import SequenceNode

    return list(node.value) if isinstance(node, SequenceNode) else []


def end(node: Node, depth: int = 0) -> int:
    """Where the last thing that a node holds ends: the node's own end lies after the comments that follow it."""
    if depth < _DEEP and isinstance(node.value, list) and node.value and not is_flow(node):
        last = node.value[-1]
        if not isinstance(last, tuple):
            return end(last, depth + 1)
        # An alias is the node that it names, which stands further above.
        return max(last[0].end_mark.index, end(last[1], depth + 1))
    return node.end_mark.index


def _read(text: Text, path: str, how: str, *, strict: bool = False) -> Any:
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
    except ImportError as error:
        raise without_extra(error, f"reading {path}") from None
    reader = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = not strict
    try:
        return getattr(reader, how)(_TABS.sub(lambda found: found[0].replace("\t", " "), text.body))
    except RecursionError:
        raise ConfigurationError("This is nested too deep.", remedy="Write it flatter.", where=path) from None
    except YAMLError as error:
        mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
        raise ConfigurationError(
            f"This is not YAML: {problem}.",
            remedy="Correct the line.",
            where=f"{path}:{mark.line + 1 if mark else 1}",
        ) from None
    except ValueError as error:  # a date that is none
        raise ConfigurationError(
            f"This is not YAML: {error}.", remedy="Correct the value.", where=f"{path}:1"
        ) from None
