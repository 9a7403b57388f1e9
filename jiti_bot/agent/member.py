"""Several stubs in one conversation: what each may be handed, and a submission made into one part for each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jiti_bot.source.compose import reindented
from jiti_bot.source.members import member_name
from jiti_bot.source.model import Kind, Spec
from jiti_bot.validation.model import Accepted, Base, Candidate
from jiti_bot.validation.sharing import shares
from jiti_bot.validation.together import Part, Standing

_FITS = re.compile(r"[a-zA-Z0-9_.-]{1,64}")  # what the service takes as the name of a field


@dataclass(frozen=True, slots=True)
class Member:
    """One of the stubs.

    ``name`` is what ``bodies`` calls it: its key where the service takes that. ``draft`` is what was written for it
    before and stays where it is left out; ``fixed`` says that it stays in any case, since a person wrote it. ``base``
    is that of a class of which a part is committed.
    """

    spec: Spec
    name: str
    draft: Accepted | None = None
    fixed: bool = False
    base: Base | None = None

    @property
    def fields(self) -> Mapping[str, str]:
        """The units that may be handed in, by what ``bodies`` calls them."""
        stub = self.spec.stub
        if self.fixed:
            return {}
        if stub.kind is not Kind.CLASS:
            return {self.name: stub.unit}
        theirs = self.base.edited if self.base else frozenset()
        names = {f"{self.name}.{member_name(stub, one.unit)}": one.unit for one in stub.members}
        return {name: unit for name, unit in names.items() if unit not in theirs}

    @property
    def optional(self) -> frozenset[str]:
        """Those of the fields that may be left out."""
        if self.draft is not None:
            return frozenset(self.fields)
        kept = self.base.kept if self.base else frozenset()
        return frozenset(name for name, unit in self.fields.items() if unit in kept)

    def part(self, bodies: Mapping[str, str], helpers: str, tests: str, quality: int | None) -> Part:
        """What is to be judged, with ``bodies`` by unit."""
        if not bodies and self.draft is not None:
            return Standing(self.spec, self.draft)
        base = self.base.opened() if self.base else None
        if self.spec.stub.kind is not Kind.CLASS:
            return Candidate(self.spec, bodies[self.spec.stub.unit], helpers, tests, quality)
        if self.draft is not None:
            every = frozenset(one.unit for one in self.spec.stub.members)
            base = replace(base or Base(""), code=self.draft.text, kept=every, missing=frozenset())
        return Candidate(self.spec, bodies, helpers, tests, quality, base)


def named(keys: Sequence[str]) -> Mapping[str, str]:
    """What ``bodies`` calls each of the stubs: its key, or a number where the service would not take that."""
    return {key: key if _FITS.fullmatch(key) and len(key) < 48 else f"stub_{at}" for at, key in enumerate(keys, 1)}


def parts(
    group: Sequence[Member], bodies: Mapping[str, str], helpers: str, tests: str, quality: int | None
) -> tuple[Part, ...]:
    """A submission, taken apart. Each file gets the helpers that it reaches, the first one written gets the tests."""
    given = {
        member.spec.key: {unit: bodies[name] for name, unit in member.fields.items() if name in bodies}
        for member in group
    }
    written = {key: "\n".join(reindented(text, 0) for text in texts.values()) for key, texts in given.items() if texts}
    shared = shares(helpers, written)
    first = next(iter(written), "")
    return tuple(
        member.part(
            given[member.spec.key],
            shared.get(member.spec.key, ""),
            tests if member.spec.key == first else "",
            quality,
        )
        for member in group
    )
