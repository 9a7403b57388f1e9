"""What the model may read: tracked text files of the project, bounded, and never what looks like a secret."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from jiti_bot.agent.tools import Answer

MAX_FILE = 2_000_000  # bytes; nothing longer is source text
MAX_ANSWER = 24_000  # characters
MAX_HITS = 60
_SECRET = (
    *(".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "id_rsa*", "id_ed25519*"),
    *(".netrc", ".npmrc", ".pypirc", ".htpasswd", "credentials", "credentials.json", "*.tfstate"),
    *(f"secrets.{suffix}" for suffix in ("json", "toml", "yaml", "yml", "ini", "txt")),
)
_SECRET_FOLDERS = frozenset({"..", ".git", ".ssh", ".aws", ".gnupg"})


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """Files under ``root``: ``names`` are the tracked ones, posix, relative; ``hidden`` folders are not shown."""

    root: Path
    names: frozenset[str]
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path, names: Iterable[str], hidden: tuple[str, ...] = ()) -> "ProjectFiles":
        """Those of ``names`` that may be shown."""
        return cls(root, frozenset(name for name in names if not is_withheld(name)), hidden)

    def without(self, folder: str) -> "ProjectFiles":
        """The same files but for those under ``folder`` (a posix path, or the name of a folder anywhere)."""
        return ProjectFiles(self.root, self.names, (*self.hidden, folder))

    def read(self, path: str, start: int, end: int) -> Answer:
        """Lines ``start`` to ``end`` of a file, 1-based and inclusive; 0 is its beginning and its end."""
        name = str(PurePosixPath(path.strip().removeprefix("./")))
        text = self._text(name)
        if text is None:
            return Answer(f"`{path}` is no text file of this project that git tracks.{self._near(name)}", is_error=True)
        lines = text.splitlines()
        first, last = max(1, start), min(end or len(lines), len(lines))
        if first > last:
            return Answer(f"{name} has {len(lines)} lines.", is_error=bool(lines))
        chosen = "\n".join(lines[first - 1 : last])
        head = f"{name}, lines {first} to {last} of {len(lines)}:\n"
        if len(chosen) > MAX_ANSWER:
            shown = chosen[:MAX_ANSWER]
            head = f"{name}, cut after line {first + shown.count(chr(10))} of {len(lines)}:\n"
            chosen = shown
        return Answer(head + chosen)

    def search(self, text: str, glob: str) -> Answer:
        """Lines that contain ``text``, letter case ignored, in files whose path matches ``glob``."""
        wanted = text.strip().lower()
        if not wanted:
            return Answer("`text` is empty: say what to look for.", is_error=True)
        hits: list[str] = []
        for name in sorted(self.names):
            if glob and not fnmatch(name, glob) and not fnmatch(name, f"*/{glob}"):
                continue
            found = self._text(name) or ""
            if wanted not in found.lower():
                continue
            for number, line in enumerate(found.splitlines(), 1):
                if wanted in line.lower():
                    hits.append(f"{name}:{number}: {line.strip()[:200]}")
                if len(hits) == MAX_HITS:
                    return Answer("\n".join(hits) + f"\n(the first {MAX_HITS}; narrow it with `glob`)")
        return Answer("\n".join(hits) or f"No tracked file contains `{text.strip()}`; it is searched for literally.")

    def _text(self, name: str) -> str | None:
        if name not in self.names or is_withheld(name) or any(_under(name, folder) for folder in self.hidden):
            return None
        path = self.root / name
        try:
            # pathlib's resolve raises RuntimeError for a link in a circle, realpath an OSError
            real = os.path.relpath(os.path.realpath(path, strict=True), os.path.realpath(self.root)).replace(
                os.sep, "/"
            )
            if is_withheld(real) or any(_under(real, folder) for folder in self.hidden):
                return None  # a link out of the project, or to what is not shown
            if path.stat().st_size > MAX_FILE:
                return None
            return path.read_bytes().decode("utf-8-sig")
        except (OSError, ValueError):
            return None

    def _near(self, name: str) -> str:
        last = PurePosixPath(name).name
        same = sorted(one for one in self.names if PurePosixPath(one).name == last and self._text(one) is not None)
        return f" Did you mean {', '.join(f'`{one}`' for one in same[:3])}?" if same else " `search` finds files."


def is_withheld(name: str) -> bool:
    """Whether a file, by its posix path, looks like one that holds secrets."""
    path = PurePosixPath(name.lower())
    return bool(_SECRET_FOLDERS.intersection(path.parts)) or any(fnmatch(path.name, secret) for secret in _SECRET)


def _under(name: str, folder: str) -> bool:
    return name.startswith(f"{folder}/") or folder in PurePosixPath(name).parts[:-1]
