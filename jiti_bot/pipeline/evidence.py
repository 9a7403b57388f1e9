"""What a committed file's evidence still says when its spec or its gates have changed since."""

from jiti_bot.source import aside
from jiti_bot.source.model import Spec
from jiti_bot.store.entry import Broken, Entry
from jiti_bot.validation.order import ORDERED

STRENGTH = ("mutants=", "unnoticed=")
OF_GATES = ("no-gates", "shares-literals", "vacuous-gate", ORDERED)  # flags that other gates take away


def judged(spec: Spec, entry: Entry | Broken | None) -> Spec:
    """``spec`` as what is committed for it is judged: without the examples that were set aside, if they still stand."""
    if not isinstance(entry, Entry) or entry.header.digests.docstring != spec.digests.docstring:
        return spec
    return aside.as_judged(spec, entry.header.evidence)


def lasting_words(spec: Spec, entry: Entry) -> tuple[str, ...]:
    """Words for the header of the same code, judged again by ``spec``: how strong other gates were says nothing."""
    set_aside = aside.words(judged(spec, entry))
    same = entry.header.digests.gates == spec.digests.gates and not entry.is_edited
    strength = [word for word in entry.header.evidence.split() if same and word.startswith(STRENGTH)]
    return (*([set_aside] if set_aside else []), *strength)
