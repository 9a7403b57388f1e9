"""Writing trees: through an index of their own, as git would."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.github.bare import Bare

_ZERO = "0" * 40
MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


@dataclass(frozen=True, slots=True)
class Change:
    """What stands at a path afterwards; ``sha`` None: nothing."""

    path: str
    mode: str
    sha: str | None


class AbsentError(Exception):
    """A path to remove is not there."""


def malformed(path: str) -> bool:
    """Whether git would not keep such a path."""
    parts = path.split("/")
    return any(part in {"", ".", ".."} or part.lower() == ".git" or "\0" in part for part in parts)


def write(bare: Bare, base: str | None, changes: Iterable[Change]) -> str:
    """The tree that ``base`` becomes with the changes.

    Raises `AbsentError`: a path to remove is not in it; `GitError`: git refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        if base is None:
            bare.run("read-tree", "--empty", env=env)
        else:
            bare.run("read-tree", base, env=env)
        present = _present(bare, env)
        lines, subtrees = [], []
        for change in changes:
            below = [path for path in present if path == change.path or path.startswith(f"{change.path}/")]
            if change.sha is None and not below:
                raise AbsentError(change.path)
            if change.sha is None or change.mode == "040000":
                lines += [f"0 {_ZERO}\t{path}" for path in below]
            if change.sha and change.mode == "040000":
                subtrees.append(change)
            elif change.sha:
                lines.append(f"{change.mode} {change.sha}\t{change.path}")
        data = "".join(f"{line}\0" for line in lines).encode()
        bare.run("update-index", "--replace", "-z", "--index-info", stdin=data, env=env)
        for change in subtrees:
            bare.run("read-tree", "-i", f"--prefix={change.path}/", str(change.sha), env=env)
        return bare.text("write-tree", env=env)


def write_files(bare: Bare, base: str | None, files: Mapping[str, str | None]) -> str:
    """The tree that ``base`` becomes with texts written and, for None, removed."""
    changes = [
        Change(path, "100644", None if text is None else bare.write_blob(text.encode())) for path, text in files.items()
    ]
    return write(bare, base, changes)


def _present(bare: Bare, env: Mapping[str, str]) -> list[str]:
    return bare.run("ls-files", "-z", "--cached", env=env)[1].decode("utf-8", "surrogateescape").split("\0")[:-1]
