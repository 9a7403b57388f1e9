"""What git lists is found without taking it all apart: compared with the plain way, over odd names."""

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.listing import SYMLINK, Blob, Listing
from tests.repo import make

OID = "0123456789abcdef0123456789abcdef01234567"
PARTS = st.sampled_from(
    ["a", "b.py", ".jiti", "a.b", "jiti", "x.jiti", "a\tb", "é.py", "\udcff.py", "\uffff", "B.py", " 0"]
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
METAS = st.sampled_from([f"100644 {OID} 0", f"120000 {OID} 0", f"160000 {OID} 0", "2", "13"])
ENTRIES = st.dictionaries(PATHS, METAS, max_size=12)


def _raw(entries: dict[str, str]) -> bytes:
    """An index as git prints it: sorted by bytes, files in conflict once for each side."""
    lines = []
    for path, meta in sorted((path.encode("utf-8", "surrogateescape"), meta) for path, meta in entries.items()):
        metas = [meta] if len(meta) > 2 else [f"100644 {OID} {stage}" for stage in meta]
        lines += [each.encode() + b"\t" + path + b"\0" for each in metas]
    return b"".join(lines)


def _store(path: str) -> str:
    at = f"/{path}/".find("/.jiti/")
    return path[: at + 5] if at >= 0 else ""


@settings(deadline=None)
@given(entries=ENTRIES, asked=PATHS, dropped=st.lists(PATHS, max_size=2))
def test_every_question_is_answered_as_from_a_dictionary(
    entries: dict[str, str], asked: str, dropped: list[str]
) -> None:
    listing = Listing(_raw(entries))
    listing.drop(dropped)
    left = {path: meta for path, meta in entries.items() if path not in dropped}
    assert sorted(listing.paths) == sorted(left)
    for path in (asked, *left):
        meta = left.get(path)
        blob = None if meta is None else Blob(meta[:6] if len(meta) > 2 else "100644", OID, merged=len(meta) > 2)
        assert listing.get(path) == blob
        assert listing.under(path) == sorted(each for each in left if each.startswith(f"{path}/"))
        assert listing.is_folder(path) is bool(listing.under(path))
        inside = [each for each in left if each.startswith(f"{path}/") and "/" not in each[len(path) + 1 :]]
        assert listing.inside(path) == sorted(inside)
    assert listing.stores() == {_store(path) for path in left} - {""}
    assert sorted(listing.unmerged()) == sorted(path for path, meta in left.items() if len(meta) <= 2)
    assert listing.links() == {path: OID for path, meta in left.items() if meta.startswith(SYMLINK)}
    python = {path for path, meta in left.items() if path.endswith(".py") and meta.startswith("100644")}
    expected = {path.encode("utf-8", "surrogateescape"): OID.encode() for path in python if not _store(path)}
    assert listing.python() == expected
    assert listing.python({OID.encode()}) == {}


@settings(deadline=None)
@given(old=ENTRIES, new=ENTRIES)
def test_what_was_seen_before_changes_no_answer(old: dict[str, str], new: dict[str, str]) -> None:
    seen = Listing(_raw(old)).seen(())
    torn = any(len(meta) <= 2 for meta in old.values())
    assert (seen is None) is torn
    plain, recalled = Listing(_raw(new)), Listing(_raw(new), lambda: seen)
    assert recalled.links() == plain.links()
    assert sorted(recalled.unmerged()) == sorted(plain.unmerged())
    again = recalled.seen(())
    assert (again and {*again.odd}) == ((first := Listing(_raw(new)).seen(())) and {*first.odd})


def test_git_sorts_as_we_expect(tmp_path: Path) -> None:
    repo = make(tmp_path)
    for name in ("a/b.py", "a.py", "a-b.py", "ab/c.py", "A.py", "é.py", ".jiti/a/f.py", "a/.jiti/b/g.py", "a b/c.py"):
        repo.write(name, f"{name}\n")
    (repo.path / "link.py").symlink_to("a.py")
    repo.commit()
    whole = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repo.path, capture_output=True, check=True).stdout
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{whole.decode().strip()},a.d")
    repo.commit("a.py")
    for command in (["ls-files", "--stage", "-z"], ["ls-tree", "-r", "-z", "HEAD"]):
        raw = subprocess.run(["git", *command], cwd=repo.path, capture_output=True, check=True).stdout
        listing = Listing(raw)
        assert len(listing.paths) == 11
        for path in listing.paths:
            assert listing.get(path) is not None, path
        assert listing.stores() == {".jiti", "a/.jiti"}
        assert list(listing.links()) == ["link.py"]
        assert listing.unmerged() == []
        assert len(listing.python()) == 7
        assert listing.inside("a") == ["a/b.py"]


def test_nothing() -> None:
    listing = Listing(b"")
    assert (listing.paths, listing.get("a"), listing.under("a"), listing.stores()) == ([], None, [], set())
    assert (listing.python(), listing.links(), listing.unmerged(), listing.count) == ({}, {}, [], 0)
