"""What a header's line of evidence says for people."""


def remarks(evidence: str) -> tuple[str, ...]:
    """What a reviewer wants to know beside the checks: how much the tests notice, what is aside, what was flagged."""
    values = dict(word.split("=", 1) for word in evidence.split() if "=" in word)
    flags = [word.removeprefix("flag:") for word in evidence.split() if word.startswith("flag:")]
    told = [f"{found} noticed"] if (found := strength(evidence)) else []
    if values.get("aside"):
        told.append(f"set aside {values['aside'].replace(',', ', ')}")
    if flags:
        told.append(f"flagged {', '.join(flags)}")
    return tuple(told)


def strength(evidence: str) -> str:
    """``mutants=9/12`` as ``9 of 12 mutants``; '' where there is no such count."""
    word = next((word for word in evidence.split() if word.startswith("mutants=")), "")
    some, _, every = word.removeprefix("mutants=").partition("/")
    if not (some.isdecimal() and every.isdecimal() and len(word) < len("mutants=999/999") + 1):
        return ""
    return f"{int(some)} of {int(every)} mutant{'s' * (every != '1')}"


def unnoticed(evidence: str) -> tuple[int, ...]:
    """The lines, counted below the header, where a change was made that no test notices."""
    said = next((word.partition("=")[2] for word in evidence.split() if word.startswith("unnoticed=")), "")
    return tuple(int(line) for line in said.split(",") if line.isdecimal())
