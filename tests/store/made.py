"""Specs and committed files for tests of the store."""

from dataclasses import replace
from pathlib import Path

from jiti_bot.source.model import Digests, Kind, Spec, Stub
from jiti_bot.store.write import compose

DIGESTS = Digests(*(f"{number:016x}" for number in range(1, 8)))
CODE = (
    'def slugify(text: str) -> str:\n    """Make a slug."""\n    # one word after the other\n    return text.lower()\n'
)


def stub(unit: str = "slugify", kind: Kind = Kind.FUNCTION, file: str = "src/app/text.py") -> Stub:
    return Stub(
        file=file, unit=unit, kind=kind, line=4, end_line=6, header="def slugify(text: str) -> str:", docstring=None,
        hints=(), decorators=(), uses=(), engine=None, is_async=False, is_generator=False, body_lines=(5, 6),
        members=(), digests=DIGESTS,
    )  # fmt: skip


def spec(unit: str = "slugify", kind: Kind = Kind.FUNCTION, digests: Digests = DIGESTS) -> Spec:
    return Spec(
        key=f"app.text.{unit}", stub=stub(unit, kind), gates=(), uses=(), digests=digests, store=".jiti",
        path=f".jiti/src/app/text/{unit}.py",
    )  # fmt: skip


def text(code: str = CODE, key: str = "app.text.slugify", **parts: str) -> str:
    """A committed file, for the digests above with ``parts`` in their place."""
    return compose(key, replace(DIGESTS, **parts), code, model="claude-sonnet-5-5", evidence="ruff ty gates=1")


def put(root: Path, content: str | bytes, unit: str = "slugify") -> Path:
    """Write a committed file as an editor would."""
    file = root / spec(unit).path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file
