"""Generated modules: merging changes the stubs' own nodes and the imports, nothing else, and once."""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.graduation.dissect import dissect
from jiti_bot.graduation.host import Unit, graft
from jiti_bot.graduation.plan import Graduation, Planner, Wishes
from jiti_bot.settings import Settings
from jiti_bot.source.discover import discover
from jiti_bot.source.model import Digests, Stub
from jiti_bot.store.entry import Entry, parse_entry
from jiti_bot.store.write import compose
from jiti_bot.workspace import Workspace

NOISE = st.sampled_from(
    [
        "X   =  1  # as it is",
        "# a comment\n\n\n# and another",
        'TEXT = """\n  kept\n\tas it is\n"""',
        "def plain( a,b ) :\n{i}return a  # odd",
        "class Plain( object ) :\n{i}y=2\n\n{i}def z( self ): return 'jiti'",
        "if X:\n{i}import this as that\nelse:\n{i}that = None",
        "\x0c",
        "for _ in ():\n{i}pass;",
    ]
)
IMPORTS = st.lists(
    st.sampled_from(["import re", "from os import path", "import sys, os", "from a.b import (\n{i}c,\n{i}d,\n)"]),
    max_size=3,
)
BRINGS = st.lists(
    st.sampled_from(
        [
            "import re",
            "import math as m",
            "from os import path, sep",
            "_ONE = 1",
            "_TABLE = {1: 2}",
            "def _help(x):\n    return x",
        ]
    ),
    max_size=4,
    unique=True,
)
BODIES = st.sampled_from(
    [
        "return {n}",
        "if x:\n    # why\n    return {n}\nreturn -{n}",
        'text = """\n kept {n}\n"""\nreturn text',
        "for one in (x,):\n    if one:\n        return {n}",
        "pass",
    ]
)
PLACEHOLDERS = st.sampled_from(
    [
        "...",
        "pass",
        "raise NotImplementedError",
        '"""Words."""',
        '"""Words."""\n{i}# a hint\n{i}...  # here',
        '"""\n{i}More\n{i}"""\n{i}raise NotImplementedError',
    ]
)


@dataclass(frozen=True)
class Made:
    """A stub's number, whether it is a method, its placeholder, its committed body, and what that brings along."""

    is_method: bool
    is_async: bool
    placeholder: str
    body: str
    brings: list[str]
    above: str


STUBS = st.lists(
    st.builds(
        Made,
        st.booleans(),
        st.booleans(),
        PLACEHOLDERS,
        BODIES,
        BRINGS,
        st.sampled_from(["", "# glued\n", "\n", "@other\n"]),
    ),
    min_size=1,
    max_size=4,
)


def indented(text: str, margin: str) -> str:
    inside = False
    lines = []
    for line in text.split("\n"):
        lines.append(line if inside or not line else margin + line)
        inside ^= line.count('"""') % 2 == 1
    return "\n".join(lines)


def host_of(noise: list[str], imports: list[str], stubs: list[Made], step: str) -> str:
    parts = [*imports, "from jiti import jiti", ""]
    for number, (made, between) in enumerate(zip(stubs, noise, strict=False)):
        parts.append(between)
        margin = step if made.is_method else ""
        head = "async def" if made.is_async else "def"
        if made.is_method:
            parts.append(f"class C{number}:\n{step}'''Own.'''\n")
        above = made.above.replace("@other\n", "")
        deco = f"{margin}@other\n" if "@other" in made.above else ""
        placeholder = made.placeholder.replace("{i}", margin + step)
        parts.append(
            f"{indented(above, margin) if above.strip() else above}{deco}{margin}@jiti\n"
            f"{margin}{head} f{number}(x):\n{margin}{step}{placeholder}"
        )
    parts += noise[len(stubs) :]
    return "\n".join(parts).replace("{i}", step) + "\n"


def unit_of(number: int, made: Made) -> str:
    head = "async def" if made.is_async else "def"
    body = indented(made.body.replace("{n}", str(number)), "        " if made.is_method else "    ")
    definition = f"    {head} f{number}(x):\n{body}\n" if made.is_method else f"{head} f{number}(x):\n{body}\n"
    skeleton = f"class C{number}:\n" if made.is_method else ""
    return "\n\n".join([*made.brings, skeleton + definition]) if made.brings else skeleton + definition


def entry(stub: Stub, text: str) -> Entry:
    found = parse_entry(".jiti/m/x.py", compose("m.x", Digests("0" * 16), text, model="m", evidence="ruff").encode())
    assert isinstance(found, Entry)
    return found


def rest(text: str, numbers: range, imports: Collection[str]) -> list[tuple[str, int | None]]:
    """The lines that merging must not touch, each with the blank ones above it; None beside what may come and go.

    That is all but the stubs, what the units bring, and the imports that are not among ``imports``, a host's own.
    """
    anatomy = dissect(text)
    gone: set[int] = set()
    for one in anatomy.definitions:
        if one.name in {f"f{number}" for number in numbers} or one.name.endswith("_help"):
            gone |= set(range(one.first, one.last + 1))
    for one in anatomy.imports:
        if "".join(anatomy.lines[one.first - 1 : one.last]).strip() not in imports:
            gone |= set(range(one.first, one.last + 1))
    lines: list[tuple[str, int | None]] = []
    blanks: int | None = 0
    for number, line in enumerate(anatomy.lines, 1):
        if number in gone or re.match(r"_\w*(ONE|TABLE) = ", line):
            blanks = None
        elif line.strip(" \t\r\n"):
            lines.append((line, blanks))
            blanks = 0
        elif blanks is not None:
            blanks += 1
    return lines


def same(before: list[tuple[str, int | None]], after: list[tuple[str, int | None]]) -> bool:
    """Whether both are the same lines with the same blank ones between, where nothing came or went."""
    return [line for line, _ in before] == [line for line, _ in after] and all(
        one == other for (_, one), (_, other) in zip(before, after, strict=True) if None not in {one, other}
    )


def imported(text: str) -> list[str]:
    """What a module's own lines import, name by name."""
    return [str(alias) for one in dissect(text).imports for alias in one.aliases if not alias.is_ours]


def merged_again(data: bytes) -> Graduation:
    """What `jiti merge --all` would do to a project of this one module."""
    with TemporaryDirectory() as folder:
        Path(folder, "m.py").write_bytes(data)
        workspace = Workspace(folder, {}, Settings(), None)
        planner = Planner(workspace, workspace.work_tree(), Wishes(), lambda _file, _before, after: after)
        return planner.plan([one.spec for one in planner.standings.values()])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(NOISE, min_size=1, max_size=5),
    IMPORTS,
    STUBS,
    st.sampled_from(["    ", "\t", "  "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["", "# coding: latin-1\n# \xe9\n", "\ufeff"]),
)
def test_only_stubs_and_imports_change(
    noise: list[str], imports: list[str], stubs: list[Made], step: str, end: str, cut: bool, head: str
) -> None:
    noise = [*noise, *["Y = 2"] * (len(stubs) - len(noise))]
    text = (head + host_of(noise, imports, stubs, step)).replace("\n", end)
    text = text.removesuffix(end) if cut else text
    codec = "latin-1" if "latin" in head else "utf-8"
    data = text.encode(codec)
    found = {stub.name: stub for stub in discover("m.py", data).stubs}
    numbers = range(len(stubs))
    assert set(found) == {f"f{number}" for number in numbers}
    units = [
        Unit(found[f"f{number}"], entry(found[f"f{number}"], unit_of(number, made)))
        for number, made in enumerate(stubs)
    ]

    merged = graft("m.py", data, units, {})

    after = merged.decode(codec)
    assert discover("m.py", merged).stubs == ()
    plain, bare = text.removeprefix("\ufeff"), after.removeprefix("\ufeff")
    own = {one.replace("{i}", step).replace("\n", end) for one in imports}
    assert same(rest(plain, numbers, own), rest(bare, numbers, own))
    assert plain[:1] in {"\r", "\n"} or bare[:1] not in {"\r", "\n"}
    assert [one for one in imported(bare) if one in imported(plain)] == imported(plain)
    brought = imported("\n".join(line for made in stubs for line in made.brings))
    assert set(imported(bare)) == {*imported(plain), *brought}
    assert after.startswith(head.replace("\n", end))
    assert ("\r\n" in after) == (end == "\r\n")
    assert "\n" not in after.replace("\r\n", "") or end == "\n"
    assert merged_again(merged).changes == ()
    tree = ast.parse(merged)
    names = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for number, made in enumerate(stubs):
        node = names[f"f{number}"]
        (wanted,) = ast.parse(
            f"{'async ' * made.is_async}def f(x):\n" + indented(made.body.replace("{n}", str(number)), "    ")
        ).body
        assert isinstance(wanted, ast.FunctionDef | ast.AsyncFunctionDef)
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        assert [ast.dump(one) for one in body] == [ast.dump(one) for one in wanted.body]
