"""What the next commit stands on: the trees under the stores, fetched, and the tree and parents it takes."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jiti_bot.errors import RepositoryError, StoreError
from jiti_bot.forge.hub import Hub
from jiti_bot.forge.merge import Content, Settled, Trees, settle
from jiti_bot.forge.model import File, Publication
from jiti_bot.forge.remote import Commit, Comparison, Entry
from jiti_bot.layout import STORE

_TREE = re.compile(r"^Jiti-Tree: ([0-9a-f]{40})$", re.MULTILINE)
_BASE = re.compile(r"^Jiti-Base: ([0-9a-f]{40})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ground:
    """The bot's branch as it stands, and what it is to hold.

    ``head`` is None where there is no branch, ``last`` the bot's own last commit on it; ``ahead`` says that it has
    commits that the base lacks, ``spent`` that nothing on it waits to be merged. ``tip_files`` stand on the base as it
    is by now. ``moved`` are people's files outside of the stores that have to be carried over when the base is merged
    in; None where that takes a person.
    """

    base: Commit
    head: Commit | None
    last: Commit | None
    ahead: bool
    behind: bool
    spent: bool
    settled: Settled
    base_files: Mapping[str, Entry]
    head_files: Mapping[str, Entry]
    tip_files: Mapping[str, Entry]
    moved: Mapping[str, Content] | None

    @property
    def pending(self) -> bool:
        """Whether the branch has to change."""
        return self.spent or bool(self.settled.over(self.head_files))

    @property
    def parents(self) -> list[str]:
        """The parents of a commit that starts from the base: a head that is part of the base adds nothing."""
        return [self.head.sha, self.base.sha] if self.head and self.ahead else [self.base.sha]

    def unknown(self, aside: Mapping[str, str]) -> list[str]:
        """The paths at which the branch proposes what the publication never saw; ``aside``: what it saw there."""
        return [
            path
            for path, seen in sorted(aside.items())
            if (there := self.head_files.get(path)) not in {None, self.base_files.get(path)} and there.sha != seen
        ]

    @property
    def judged_on(self) -> str:
        """The base that the bot's last commit was judged on, '' where there is none."""
        return trailer_base(self.last)


def own(commits: Iterable[Commit], ours: Callable[[Commit], bool]) -> Commit | None:
    """The last commit that the bot made, and that nobody changed since: it names its own tree, and ``ours`` agrees."""
    found = None
    for commit in commits:
        named = _TREE.findall(commit.message)
        if named and named[-1] == commit.tree and ours(commit):
            found = commit
    return found


def is_by_us(hub: Hub, opener: str) -> Callable[[Commit], bool]:
    """Whether a commit is by a bot, by the token's account, or by ``opener`` of the pull request.

    An address that belongs to no account tells nothing: then the commit's own trailer counts.
    """
    return lambda commit: commit.by_bot or not commit.author or commit.author in {opener, hub.login}


def trailer_base(commit: Commit | None) -> str:
    """The base that a commit of the bot was judged on."""
    named = _BASE.findall(commit.message) if commit else []
    return named[-1] if named else ""


def survey(hub: Hub, publication: Publication, head_sha: str | None, tip: str, *, opener: str, spent: bool) -> Ground:
    """Fetch what stands under the stores and settle what is to stand there.

    ``tip``: where the base is by now. ``opener``: who opened the pull request, '' for nobody yet. ``spent``: all that
    is on the branch was merged already.
    """
    base = _commit(hub, publication.base_sha)
    head = _commit(hub, head_sha) if head_sha else None
    apart = _compare(hub, base, head) if head else None
    stores = _stores(publication.files, apart)
    base_files = under(hub, base, stores)
    tip_files = base_files if tip == base.sha else under(hub, _commit(hub, tip), stores)
    if head is None or apart is None or spent or not apart.ahead:
        settled = settle(Trees(base_files, base_files, base_files, base_files, base_files), publication.files)
        head_files = under(hub, head, stores) if head else base_files
        return Ground(
            base=base,
            head=head,
            last=None,
            ahead=apart is not None and apart.ahead,
            behind=head is not None,
            spent=True,
            settled=settled,
            base_files=base_files,
            head_files=head_files,
            tip_files=tip_files,
            moved={},
        )
    last = own(apart.commits if apart.complete else hub.history(head.sha), is_by_us(hub, opener))
    fork_files = under(hub, _commit(hub, apart.merge_base), stores)
    head_files = under(hub, head, stores)
    seen = hub.commit(publication.head_sha) if publication.head_sha else None
    trees = Trees(
        base=base_files,
        head=head_files,
        fork=fork_files,
        put=under(hub, last, stores) if last else fork_files,
        seen=under(hub, seen, stores) if seen else {},
    )
    settled = settle(trees, publication.files)
    behind = apart.behind > 0
    moved = _carried(hub, base, head, apart, stores) if behind and settled.over(head_files) else {}
    return Ground(
        base=base,
        head=head,
        last=last,
        ahead=True,
        behind=behind,
        spent=False,
        settled=settled,
        base_files=base_files,
        head_files=head_files,
        tip_files=tip_files,
        moved=moved,
    )


def under(hub: Hub, commit: Commit, stores: Iterable[str]) -> dict[str, Entry]:
    """The entries of a commit under ``stores``, by their whole path."""
    found: dict[str, Entry] = {}
    for store in stores:
        folder = _entry(hub, commit.tree, store)
        if folder is None:
            continue
        if folder.kind != "tree":
            raise StoreError(
                "what stands here is no folder.",
                remedy="Make it one: nothing is published through a link.",
                where=store,
            )
        inside = hub.folder(folder.sha, deep=True)
        found.update({f"{store}/{path}": entry for path, entry in inside.items() if entry.kind != "tree"})
    return found


def store_of(path: str) -> str:
    """The store that a path lies in, '' for none."""
    head, found, rest = f"/{path}".partition(f"/{STORE}/")
    return f"{head}/{STORE}".lstrip("/") if found and rest else ""


def _stores(files: Iterable[File], apart: Comparison | None) -> tuple[str, ...]:
    paths = [file.path for file in files] + [one.path for one in (apart.files if apart else ())]
    return tuple(sorted({store for path in paths for store in [store_of(path)] if store}))


def _carried(
    hub: Hub, base: Commit, head: Commit, apart: Comparison, stores: Iterable[str]
) -> Mapping[str, Content] | None:
    """What people changed on the branch outside of the stores, to be laid over the base."""
    ours = {one.path: one.sha for one in apart.files if store_of(one.path) not in set(stores)}
    if not apart.complete:
        return None
    if not ours:
        return {}
    theirs = hub.compare(head.sha, base.sha)
    if theirs is None or not theirs.complete:
        return None
    changed = {one.path: one.sha for one in theirs.files}
    if any(changed.get(path, sha) != sha for path, sha in ours.items()):
        return None
    return {path: _entry(hub, head.tree, path) for path in ours if path not in changed}


def _entry(hub: Hub, tree: str, path: str) -> Entry | None:
    """What stands at ``path`` of a tree."""
    *folders, name = path.split("/")
    for folder in folders:
        found = hub.folder(tree).get(folder)
        if found is None or found.kind != "tree":
            return found if found is not None and found.kind != "tree" and name == STORE else None
        tree = found.sha
    return hub.folder(tree).get(name)


def _commit(hub: Hub, sha: str) -> Commit:
    found = hub.commit(sha)
    if found is None:
        raise RepositoryError(f"GitHub has no commit {sha[:12]}.", remedy="Push it first.")
    return found


def _compare(hub: Hub, base: Commit, head: Commit) -> Comparison:
    found = hub.compare(base.sha, head.sha)
    if found is None:
        raise RepositoryError(
            "the bot's branch has no commit in common with its base.", remedy="Delete the branch: it is made again."
        )
    return found
