"""What was proved goes into the store, stamped with the spec as it stands at that moment."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jiti_bot.errors import StoreError
from jiti_bot.pipeline.evidence import OF_GATES, STRENGTH, lasting_words
from jiti_bot.pipeline.looking import Latest
from jiti_bot.planning.plan import Step
from jiti_bot.planning.reuse import Former
from jiti_bot.source.digest import stub_interface
from jiti_bot.source.model import Gate, GateKind, Kind, Spec, Stub
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.store.header import Part
from jiti_bot.store.survey import Standing, scratch_of
from jiti_bot.store.write import MAX_FILE, ChangedMeanwhile, Drop, Put, commit, compose, parts_of
from jiti_bot.validation.model import Accepted

#: A spec, and what to write for it as it stands at that moment.
Order = tuple[Spec, Callable[[Spec], Sequence[Put | Drop]]]


class Keeper:
    """Writes committed files. ``look`` gives all units as they stand now, ``known`` as they were seen before."""

    def __init__(self, root: Path, look: Callable[[], Latest], known: Mapping[str, Standing]) -> None:
        self._root = root
        self._look = look
        stubs = [one.spec.stub for one in known.values()]
        self._known = {f"{stub.file}::{stub.unit}": stub_interface(stub) for stub in stubs}
        self._lock = threading.Lock()  # the store has its own; this one keeps looking and writing together
        self._latest: Latest | None = None

    def store(
        self,
        step: Step,
        seen: Entry | Broken | None,
        accepted: Accepted,
        *,
        model: str,
        attempts: int,
        afresh: bool = False,
    ) -> str:
        """Write a new body and the agent's own tests; why not, in words, if something changed meanwhile.

        With ``afresh`` nothing that stands in a class counts as edited by hand any more.
        """
        return self.write([self.fresh(step, seen, accepted, model=model, attempts=attempts, afresh=afresh)])

    def fresh(
        self,
        step: Step,
        seen: Entry | Broken | None,
        accepted: Accepted,
        *,
        model: str,
        attempts: int,
        afresh: bool = False,
    ) -> Order:
        """What `store` writes."""
        spec = step.spec

        def changes(now: Spec) -> list[Put | Drop]:
            evidence = describe(now, accepted, attempts)
            before = seen if isinstance(seen, Entry) and now.stub.members and not afresh else None
            parts = parts_of(now.stub, accepted.text, before)
            body = before.header.body if before and _is_edited(now.stub, accepted.text, parts) else ""
            text = compose(
                now.key,
                now.digests,
                accepted.text,
                model=model,
                evidence=evidence,
                body=body,
                parts=parts,
                dependencies=self._dependencies(now, accepted.text),
            )
            puts: list[Put | Drop] = [Put(str(self._root / spec.path), text, seen.raw if seen else None)]
            if accepted.tests:
                path = self._root / scratch_of(spec)
                puts.append(Put(str(path), accepted.tests, path.read_bytes() if path.is_file() else None))
            return puts

        return spec, changes

    def restamp(self, step: Step, entry: Entry, accepted: Accepted) -> str:
        """Give a body that passed again the digests of today's spec; the digest of the generated body stays."""
        return self.write([self.again(step, entry, accepted)])

    def again(self, step: Step, entry: Entry, accepted: Accepted) -> Order:
        """What `restamp` writes."""

        def changes(now: Spec) -> list[Put | Drop]:
            unchanged = accepted.text == entry.code or entry.is_edited
            text = compose(
                now.key,
                now.digests,
                accepted.text,
                model=entry.header.model,
                evidence=describe(now, _noted(now, accepted, entry), 0, before=_earlier(now, entry)),
                body=entry.header.body if unchanged else "",
                parts=parts_of(now.stub, accepted.text, entry),
                dependencies=self._dependencies(now, accepted.text),
            )
            return [Put(str(self._root / step.spec.path), text, entry.raw)]

        return step.spec, changes

    def adopt(self, step: Step, seen: Entry | Broken | None, former: Former, accepted: Accepted) -> str:
        """Write an implementation that was found, and remove what it left behind; why not, in words.

        A hand edit in it stays recognisable as one.
        """
        return self.write([self.adopted(step, seen, former, accepted)])

    def adopted(self, step: Step, seen: Entry | Broken | None, former: Former, accepted: Accepted) -> Order:
        """What `adopt` writes."""
        entry = former.entry

        def changes(now: Spec) -> list[Put | Drop]:
            text = compose(
                now.key,
                now.digests,
                accepted.text,
                model=entry.header.model,
                evidence=describe(now, _noted(now, accepted, entry), 0, before=_earlier(now, entry)),
                body=entry.header.body if entry.is_edited or accepted.text == entry.code else "",
                parts=_carried(now.stub, accepted.text, entry),
                dependencies=self._dependencies(now, accepted.text),
            )
            wanted: list[Put | Drop] = [Put(str(self._root / now.path), text, seen.raw if seen else None)]
            path = self._root / scratch_of(now)
            if accepted.tests and committed_tests(self._root, now) != accepted.tests:
                wanted.append(Put(str(path), accepted.tests, path.read_bytes() if path.is_file() else None))
            wanted += [Drop(str(self._root / gone), raw) for gone, raw in former.gone]
            return wanted

        return step.spec, changes

    def write(self, orders: Sequence[Order]) -> str:
        """Write what several units need, all of it or nothing; why not, in words."""
        with self._lock:
            self._latest = self._look()
            wanted: dict[str, list[Put | Drop]] = {}
            for spec, changes in orders:
                now = self._now(spec, self._latest)
                if isinstance(now, str):
                    return now if len(orders) == 1 else f"{spec.key}: {now}"
                wanted.setdefault(spec.store, []).extend(changes(now))
            return self._commit(wanted)

    def _now(self, spec: Spec, latest: Latest) -> Spec | str:
        """The spec as it stands now; why it is not what was worked on, in words, if it is not."""
        now = latest.spec(spec.key)
        if now is None:
            return "its stub was removed while it was worked on; nothing was written"
        changed = set(spec.digests.changed(now.digests))
        if "gates" in changed and _by_people(spec) == _by_people(now):
            changed.remove("gates")  # a generated test that was written first, in this run
        if changed:
            return f"its {' and '.join(sorted(changed))} changed while it was worked on; run again"
        return now

    def _dependencies(self, spec: Spec, code: str) -> tuple[tuple[str, str], ...]:
        """What the code uses, as it was known when it was judged: what changes meanwhile has to be told later."""
        assert self._latest is not None, "it was looked whether the spec still stands"
        found = self._latest.dependencies(spec, code)
        return tuple((spec.told(name), self._known.get(name, digest)) for name, digest in found)

    def _commit(self, wanted: Mapping[str, Sequence[Put | Drop]]) -> str:
        """Make the changes in each store; where one refuses, those before it are taken back."""
        texts = [change.text for changes in wanted.values() for change in changes if isinstance(change, Put)]
        longest = max(map(len, texts))
        if longest > MAX_FILE:
            return f"a file of {longest:,} characters would come of it, and {MAX_FILE:,} are allowed"
        done: dict[str, Sequence[Put | Drop]] = {}
        try:
            for store, changes in wanted.items():
                match commit(str(self._root / store), changes):
                    case ChangedMeanwhile(paths=paths):
                        names = ", ".join(str(Path(path).relative_to(self._root)) for path in paths)
                        self._take_back(done)
                        return f"{names} was changed meanwhile; nothing was overwritten"
                done[store] = changes
        except StoreError:
            self._take_back(done)
            raise
        return ""

    def _take_back(self, done: Mapping[str, Sequence[Put | Drop]]) -> None:
        for store, changes in done.items():
            commit(str(self._root / store), [_undone(change) for change in changes])


def describe(spec: Spec, accepted: Accepted, attempts: int, *, before: str = "") -> str:
    """The header's line of evidence: the checks that passed, how many gates and examples, what a reviewer was told.

    A flag is ``flag:touches-files``: what was seen of the body stays beside it after the pull request is closed.
    """
    counts = {
        "gates": sum(gate.kind is not GateKind.DOCTEST for gate in spec.gates),
        "doctests": sum(gate.kind is GateKind.DOCTEST and gate.runs for gate in spec.gates),
        "tests": sum(line.startswith(("def test_", "async def test_")) for line in accepted.tests.splitlines()),
    }
    words = [
        f"{check.name}={counts[check.name]}" if check.name in counts else check.name
        for check in accepted.checks
        if check.ok
    ]
    if spec.stub.kind is Kind.TEST:
        words = [check.name if check.name != "tests" else "red" for check in accepted.checks if check.ok]
    earlier = before.split()
    words = ["guards", *words] if "guards" in earlier and "guards" not in words else words
    words += sorted({f"flag:{flag.code}" for flag in accepted.flags} | {one for one in earlier if one[:5] == "flag:"})
    words += accepted.notes
    if attempts:
        words.append(f"attempts={attempts}")
    words += [word for word in earlier if word.startswith("attempts=")]
    return " ".join(words)


def _noted(spec: Spec, accepted: Accepted, entry: Entry) -> Accepted:
    """What passed again, with the words of ``entry`` that still hold and that nothing was found out about now."""
    known = [word for word in lasting_words(spec, entry) if not _is_told(word, accepted.notes)]
    return replace(accepted, notes=(*accepted.notes, *known))


def _is_told(word: str, notes: Sequence[str]) -> bool:
    same = STRENGTH if word.startswith(STRENGTH) else f"{word.partition('=')[0]}="
    return any(note.startswith(same) for note in notes)


def _earlier(spec: Spec, entry: Entry) -> str:
    """The evidence of a body that is stamped anew, as far as it still holds.

    What the guards said holds for the words that they read, what was seen of gates for those gates.
    """
    same = entry.header.digests.gates == spec.digests.gates
    gone = {*(["guards"] if entry.is_edited else []), *([] if same else [f"flag:{code}" for code in OF_GATES])}
    return " ".join(word for word in entry.header.evidence.split() if word not in gone)


def _carried(stub: Stub, code: str, entry: Entry) -> tuple[Part, ...]:
    """The header's lines for a class and its methods, taken over from ``entry``: what was edited there still is."""
    if entry.is_edited and not entry.header.parts:
        return ()
    generated = {part.name: part.body for part in entry.header.parts if part.name in entry.edited}
    return tuple(replace(part, body=generated.get(part.name, part.body)) for part in parts_of(stub, code))


def _is_edited(stub: Stub, code: str, parts: tuple[Part, ...]) -> bool:
    """Whether some of a class's code is not what its header says was generated."""
    return {part.name: part.body for part in parts_of(stub, code)} != {part.name: part.body for part in parts}


def committed_tests(root: Path, spec: Spec) -> str:
    """The agent's own tests of a unit as they are committed, '' for none."""
    own = scratch_of(spec)
    path = root / own
    return path.read_text(encoding="utf-8") if own and path.is_file() else ""


def _undone(change: Put | Drop) -> Put | Drop:
    """What puts back what was there before."""
    left = change.text.encode() if isinstance(change, Put) else None
    return Drop(change.path, left) if change.seen is None else Put(change.path, change.seen.decode(), left)


def _by_people(spec: Spec) -> frozenset[Gate]:
    return frozenset(gate for gate in spec.gates if gate.kind is GateKind.HUMAN)
