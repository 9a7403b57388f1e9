"""The bare repository, through git's plumbing alone."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{40}")
_ZERO = "0" * 40


class GitError(Exception):
    """Git refused."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit and when (ISO 8601, UTC)."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git stores it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree; ``size`` is None for what is no blob."""

    path: str
    mode: str
    type: str
    sha: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare repository; every method is one or two processes."""

    path: Path

    def run(
        self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, fine: tuple[int, ...] = (0,)
    ) -> tuple[int, bytes]:
        """The exit code and output of git.

        Raises `GitError`: a code that is not among ``fine``.
        """
        done = subprocess.run(
            ["git", "-c", "gc.auto=0", "--git-dir", str(self.path), *args],
            input=stdin,
            env={**_environment(), **(env or {})},
            capture_output=True,
            check=False,
        )
        if done.returncode not in fine:
            raise GitError(done.stderr.decode("utf-8", "replace").strip())
        return done.returncode, done.stdout

    def text(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What git prints, without the line end."""
        return self.run(*args, stdin=stdin, env=env)[1].decode("utf-8", "replace").rstrip("\n")

    # Refs.

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full names and shas of the refs whose name begins so, sorted."""
        lines = self.text("for-each-ref", "--format=%(refname)%00%(objectname)").splitlines()
        found = dict(line.split("\0") for line in lines)
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def ref(self, name: str) -> str | None:
        """The sha of the ref with exactly this full name."""
        return self.refs(name).get(name) if name.startswith("refs/") else None

    def valid(self, name: str) -> bool:
        """Whether git allows the name."""
        return "\n" not in name and "\0" not in name and self.run("check-ref-format", name, fine=(0, 1))[0] == 0

    def move(self, name: str, sha: str | None, old: str | None = None) -> None:
        """Create, move or delete (None) a ref, expecting ``old`` when given ("" for nothing).

        Raises `GitError`: it stood elsewhere, or another ref's name is in the way.
        """
        expected = [] if old is None else [old or _ZERO]
        if sha is None:
            self.run("update-ref", "-d", "--", name, *expected)
        else:
            self.run("update-ref", "--", name, sha, *expected)

    def find(self, revision: str) -> str | None:
        """The commit that a sha, branch, tag, or ``heads/x`` names, as GitHub reads them."""
        if _SHA.fullmatch(revision):
            return revision if self.kind(revision) == "commit" else None
        refs = self.refs()
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", f"refs/{revision}", revision):
            if name in refs:
                return self.peel(refs[name])
        if re.fullmatch(r"[0-9a-f]{7,39}", revision):
            return self.peel(revision)
        return None

    def peel(self, sha: str) -> str | None:
        """The commit that a tag or an abbreviation leads to."""
        code, out = self.run("rev-parse", "--verify", "-q", f"{sha}^{{commit}}", fine=(0, 1, 128))
        return None if code else out.decode().strip()

    # Objects.

    def kind(self, sha: str) -> str | None:
        """blob, tree, commit, tag, or None."""
        return self.kinds([sha])[0]

    def kinds(self, shas: Sequence[str]) -> list[str | None]:
        """The same for many."""
        if not all(_SHA.fullmatch(sha) for sha in shas):
            return [self.kind(sha) if _SHA.fullmatch(sha) else None for sha in shas]
        out = self.text("cat-file", "--batch-check=%(objecttype)", stdin="".join(f"{sha}\n" for sha in shas).encode())
        return [None if line.endswith("missing") else line for line in out.splitlines()]

    def blob(self, sha: str) -> bytes:
        """The bytes of a blob that is known to be there."""
        return self.run("cat-file", "blob", sha)[1]

    def write_blob(self, data: bytes) -> str:
        """Store bytes."""
        return self.text("hash-object", "-w", "--stdin", stdin=data)

    def tree_of(self, sha: str) -> str | None:
        """The tree that a commit or tree stands for."""
        code, out = self.run("rev-parse", "--verify", "-q", f"{sha}^{{tree}}", fine=(0, 1, 128))
        return None if code else out.decode().strip()

    def entries(self, tree: str, *, recursive: bool = False, path: str = "") -> list[Entry]:
        """The lines of a tree, with trees among them when recursive, as GitHub lists them."""
        deep = ["-r", "-t"] if recursive else []
        where = ["--", f":(literal){path}"] if path else []
        out = self.run("ls-tree", "-z", "-l", "--full-tree", *deep, tree, *where)[1]
        found = []
        for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            meta, name = line.split("\t", 1)
            mode, kind, sha, size = meta.split()
            found.append(Entry(name, mode, kind, sha, None if size == "-" else int(size)))
        return found

    def commits(self, shas: Sequence[str]) -> list[Commit]:
        """Commits that are known to be there."""
        if not shas:
            return []
        out = self.run("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in shas).encode())[1]
        found = []
        for _ in shas:
            head, _, rest = out.partition(b"\n")
            sha, _, size = head.decode().split()
            found.append(_parse(sha, rest[: int(size)].decode("utf-8", "replace")))
            out = rest[int(size) + 1 :]
        return found

    def commit(self, sha: str) -> Commit:
        """One of them."""
        return self.commits([sha])[0]

    def write_commit(
        self, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
    ) -> str:
        """Store a commit, its message to the byte."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {_stamp(author)}", f"committer {_stamp(committer)}", "", message]
        return self.text("hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join(lines).encode())

    # History.

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether ``new`` holds all of ``old``."""
        return self.run("merge-base", "--is-ancestor", old, new, fine=(0, 1))[0] == 0

    def merge_base(self, left: str, right: str) -> str | None:
        """Where two commits part."""
        code, out = self.run("merge-base", left, right, fine=(0, 1))
        return None if code else out.decode().split()[0]

    def between(self, old: str | None, new: str, *, path: str = "") -> list[str]:
        """The commits of ``new`` that are not in ``old``, newest first."""
        limits = [f"^{old}"] if old else []
        return self.text("rev-list", "--topo-order", new, *limits, "--", *([path] if path else [])).split()

    def merge_tree(self, base: str, head: str) -> str | None:
        """The tree of a merge; None when it conflicts."""
        code, out = self.run("merge-tree", "--write-tree", base, head, fine=(0, 1))
        return None if code else out.decode().split()[0]


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "LC_ALL": "C",
    }


def _parse(sha: str, raw: str) -> Commit:
    head, _, message = raw.partition("\n\n")
    parents, fields = [], {}
    for line in head.split("\n"):
        name, _, value = line.partition(" ")
        if name == "parent":
            parents.append(value)
        elif name:  # a signature's continuation lines begin with a space
            fields[name] = value
    return Commit(sha, fields["tree"], tuple(parents), _signed(fields["author"]), _signed(fields["committer"]), message)


def _signed(text: str) -> Signature:
    who, _, rest = text.rpartition("> ")
    name, _, email = who.partition(" <")
    moment = datetime.fromtimestamp(int(rest.split()[0]), UTC)
    return Signature(name, email, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _stamp(signature: Signature) -> str:
    moment = datetime.fromisoformat(signature.date)
    name = re.sub(r"[<>\n\0]", "", signature.name).strip()
    email = re.sub(r"[<>\n\0 ]", "", signature.email)
    return f"{name} <{email}> {int(moment.timestamp())} +0000"
