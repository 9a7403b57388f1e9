"""Projects in memory."""

from collections.abc import Mapping, Sequence
from textwrap import dedent

from jiti_bot.source.index import Index
from jiti_bot.source.model import Spec
from jiti_bot.source.roots import Home


class MemoryTree:
    """Files by name; ``reads`` tells which were opened."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {name: text if isinstance(text, bytes) else dedent(text).encode() for name, text in files.items()}
        self.reads: list[str] = []

    def read(self, file: str) -> bytes | None:
        self.reads.append(file)
        return self.files.get(file)

    def exists(self, file: str) -> bool:
        return file in self.files

    def candidates(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, data in self.files.items()
            if b"jiti" in data and name.endswith(".py") and ".jiti/" not in name
        )


def root_store(_file: str) -> str:
    """One store at the project root."""
    return ".jiti"


def index(
    files: Mapping[str, str | bytes],
    *,
    only: Sequence[str] | None = None,
    doctests: str = "gate",
    pythonpath: tuple[str, ...] = (),
) -> Index:
    home = Home(pythonpath=pythonpath, doctests=doctests)
    return Index(MemoryTree(files), store_of=root_store, only=only, home_of=lambda _file: home)


def specs(files: Mapping[str, str | bytes]) -> dict[str, Spec]:
    """All specs by key."""
    return {spec.key: spec for spec in index(files).specs()}


def gated(files: Mapping[str, str | bytes]) -> dict[str, list[str]]:
    """The names of the gates of each stub that has any."""
    return {key: [gate.name for gate in spec.gates] for key, spec in specs(files).items() if spec.gates}
