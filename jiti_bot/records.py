"""NUL-ended records, as git prints them in order, compared with those it printed before.

Standard library only. Two listings of ten thousand paths are alike but for a few: what is alike is passed over in
large pieces, and only what is not is taken apart.
"""

_PIECE = 1 << 13
_HOLE = b"\0\0"  # a file of which the end never reached the disk has zeros there


def differing(old: bytes, new: bytes) -> tuple[set[bytes], set[bytes]] | None:
    """Records of ``new`` that ``old`` lacks, and of ``old`` that ``new`` lacks, without the NUL.

    None where they differ so much that taking both apart is as quick, and where ``old`` is no listing.
    """
    added: set[bytes] = set()
    gone: set[bytes] = set()
    at = was = 0
    while at < len(new) and was < len(old):
        piece = new[at : at + _PIECE]
        if old.startswith(piece, was):
            at, was = at + len(piece), was + len(piece)
            continue
        # Up to here both are the same, so that the record in which they part begins in both as far back.
        back = at - new.rfind(b"\0", 0, at) - 1
        at, was = at - back, was - back
        ends = _together(old, new, was, at)
        if ends is None or _HOLE in old[was : ends[0]]:
            return None
        now, then = {*new[at : ends[1]].split(b"\0")}, {*old[was : ends[0]].split(b"\0")}
        added |= now - then
        gone |= then - now
        was, at = ends
    if _HOLE in old[was:]:
        return None
    added.update(new[at:].split(b"\0"))
    gone.update(old[was:].split(b"\0"))
    both = added & gone | {b""}
    return added - both, gone - both


def _together(old: bytes, new: bytes, was: int, at: int) -> tuple[int, int] | None:
    """Where, soon after, the same record ends in both; the ends of both where nothing follows; None if not soon."""
    if len(new) - at <= _PIECE and len(old) - was <= 4 * _PIECE:
        return len(old), len(new)
    end = at + _PIECE // 4
    for _ in range(64):
        start = new.find(b"\0", end)
        end = new.find(b"\0", start + 1) + 1
        if start < 0 or end <= 0:
            return None
        found = old.find(new[start:end], was, was + 4 * _PIECE)
        if found >= 0:
            return found + end - start, end
    return None
