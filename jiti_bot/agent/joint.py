"""What the agent is told about several stubs that are written together. Pure, over the material of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from jiti_bot.agent import prompts
from jiti_bot.agent.brief import MAX_HOST, Brief, Limits, Material, built_on, fenced, gates, system, wishes
from jiti_bot.agent.excerpt import excerpt
from jiti_bot.agent.member import Member, named
from jiti_bot.source.compose import interface
from jiti_bot.source.model import Kind
from jiti_bot.validation.model import Accepted

_TOOLS = ("read_file", "search", "run_python", "observed_calls", "submit", "dispute")


def write(
    materials: Sequence[Material],
    limits: Limits,
    *,
    drafts: Mapping[str, Accepted],
    fixed: Collection[str] = (),
    report: str = "",
) -> Brief:
    """Write the brief of several stubs.

    ``drafts`` are what was written before, by key; those of ``fixed`` stay. ``report`` is what was said of the drafts.
    """
    names = named([one.spec.key for one in materials])
    group = tuple(
        Member(one.spec, names[one.spec.key], drafts.get(one.spec.key), one.spec.key in fixed, one.base)
        for one in materials
    )
    told = prompts.fill(
        "together",
        keys=_listed(one.spec.key for one in materials),
        names=_listed(name for member in group for name in member.fields),
    )
    parts = [told, *(_about(one, member) for one, member in zip(materials, group, strict=True)), *_hosts(materials)]
    parts += gates(_merged(materials))
    if report:
        parts.append(f"# What was said of them together, as they are\n\n{report.rstrip()}")
    parts += [f"# What a person asked for\n\n{one.hint.strip()}" for one in materials if one.hint]
    first = materials[0]
    return Brief(first.spec, system(first), "\n\n".join(parts), _TOOLS, limits, group=group)


def _about(material: Material, member: Member) -> str:
    """One of the stubs, and what there is of it."""
    spec, stub = material.spec, material.spec.stub
    where = f"`{stub.file}` from line {stub.line}"
    if member.name != spec.key and not member.fixed:
        where += f"; `bodies` calls it `{member.name}`"
    parts = [f"# `{spec.key}`\n\nIn {where}.", fenced(interface(stub))]
    parts += wishes(material) if stub.kind is not Kind.CLASS else []
    parts += built_on(material)
    if member.draft is not None:
        parts += [prompts.read("fixed" if member.fixed else "draft"), fenced(member.draft.text)]
    elif material.committed:
        changed = ", ".join(material.changed) or "something that it depends on"
        parts.append(prompts.fill("committed", changed=changed, committed=material.committed.rstrip()))
        if member.optional:
            parts.append(f"These may be left out of `bodies` and stay as they are: {_listed(sorted(member.optional))}.")
    return "\n\n".join(parts)


def _hosts(materials: Sequence[Material]) -> list[str]:
    """The modules around them, each once."""
    files = dict.fromkeys(one.spec.stub.file for one in materials)
    found = []
    for file in files:
        units = tuple(one.spec.stub.unit for one in materials if one.spec.stub.file == file)
        shown, whole = excerpt(materials[0].read(file), units, MAX_HOST // len(files))
        part = "" if whole else ", in part; `read_file` shows the rest"
        found.append(f"# The module `{file}`\n\nAs it is{part}:\n\n{fenced(shown)}")
    return found


def _merged(materials: Sequence[Material]) -> Material:
    """The gates of all as those of one."""
    first = materials[0]
    every = {(gate.file, gate.name, gate.kind): gate for one in materials for gate in one.spec.gates}
    generated = {file: text for one in materials for file, text in one.generated.items()}
    return replace(first, spec=replace(first.spec, gates=tuple(every.values())), generated=generated)


def _listed(names: Iterable[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last
