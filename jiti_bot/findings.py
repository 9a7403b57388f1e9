"""What ``jiti check`` can find, each with the sentence a user reads and the next step.

Standard library only. One table, so that messages, documentation and tests cannot drift apart.
"""

from __future__ import annotations

from jiti_bot.values import dataclass

# code -> (message, remedy); both are str.format templates over the finding's details.
CATALOGUE: dict[str, tuple[str, str]] = {
    # Files that cannot be read.
    "file-syntax": (
        "This file mentions jiti and does not parse on Python {running}: {reason}.",
        "Mend the syntax; until then its stubs and gates are not seen.",
    ),
    "file-newer-python": (
        "This file uses {feature}, which needs Python {version}; jiti runs on Python {running} here.",
        "Run jiti on Python {version} or newer; for the pre-commit hook set `language_version: python{version}`.",
    ),
    "file-encoding": (
        "This file mentions jiti and is not valid {encoding}: {reason}.",
        "Save it as UTF-8, or declare its encoding in the first line: `# -*- coding: latin-1 -*-`.",
    ),
    "file-nul": (
        "This file mentions jiti and holds a NUL byte, which Python source must not.",
        "Remove the byte, or save the file again as UTF-8 text.",
    ),
    "file-too-deep": (
        "This file mentions jiti and is nested deeper than Python's parser allows.",
        "Split the nested expression or block, or move the stubs and gates to a file of their own.",
    ),
    "file-unreadable": (
        "This file cannot be read: {reason}.",
        "Make it a regular, readable file, or leave it out.",
    ),
    # Stubs.
    "stub-real-body": (
        "`@jiti` stands on {unit}, which has a body already.",
        "Leave only the docstring and `raise NotImplementedError`, or remove `@jiti` to keep the body.",
    ),
    "stub-nested": (
        "The stub {unit} stands inside of the function {function}, where its committed body could not be found.",
        "Move it to the module or to a class.",
    ),
    "stub-name": (
        "The name of {unit} is longer than the {longest} bytes that a committed file's name has room for.",
        "Shorten it.",
    ),
    "class-without-stubs": (
        "`@jiti` stands on the class {unit}, which has no stub methods.",
        "Give at least one method an empty body (`raise NotImplementedError`), or remove `@jiti`.",
    ),
    "class-member-early": (
        "{unit} is called by Python while it makes the class, before `@jiti` on the class can give it a body.",
        "Put `@jiti` on that method itself, directly above its `def`.",
    ),
    "class-member-decorator": (
        "{unit} is a stub method of a class under `@jiti` and bears `@{decorator}`, which jiti cannot see through.",
        "Put `@jiti` on that method itself, directly above its `def`.",
    ),
    "duplicate-stub": (
        "There is more than one stub named {unit} (the first at line {first}); they would share one committed file.",
        "Rename one, or make all but one a plain definition.",
    ),
    "duplicate-definition": (
        "The stub {unit} replaces another definition of that name at line {other} of the same block.",
        "Remove or rename one of them.",
    ),
    "duplicate-overridden": (
        "The stub {unit} is replaced by another definition of that name at line {other}.",
        "Remove or rename one of them.",
    ),
    "case-collision": (
        "{unit} and {other} differ only by case; their committed files would be one on macOS and Windows.",
        "Rename one of them.",
    ),
    "mark-module": (
        "The decorator on {unit} is the module jiti, which cannot be called.",
        "Write `from jiti import jiti`, or decorate with `@jiti.jiti`.",
    ),
    "mark-both": (
        "{unit} bears `@jiti` and `@jiti.required_for(...)`.",
        "Remove `@jiti`: an empty body under `@jiti.required_for(...)` is written by itself.",
    ),
    "mark-twice": (
        "{unit} bears `@jiti` more than once.",
        "Leave one.",
    ),
    "mark-above": (
        "`@jiti` stands above `@{decorator}` on {unit}, and sees what that returns instead of the function.",
        "Put `@jiti` directly above the `def`, below all others.",
    ),
    "mark-arguments": (
        "`@jiti(...)` on {unit} has {argument}; it takes `uses=[...]` and `engine=Engine(...)` only.",
        "Remove it, or say it in the docstring.",
    ),
    "mark-call": (
        "`{name}(...)` is called with a function here: stubs are found as decorators, so this one is not seen.",
        "Write `@{name}` above the function's `def`.",
    ),
    "doctest-syntax": (
        "An example in the docstring of {unit} does not parse on Python {running}: `>>> {source}`.",
        "Mend it, or mark it `# doctest: +SKIP`; it gates nothing like this.",
    ),
    "left-out": (
        "{unit} cannot be worked on here: this sparse checkout does without {lacking}.",
        "Bring it here: `{command}`.",
    ),
    # What stubs ask for.
    "uses-form": (
        "`uses=` of {unit} is not a plain list of names.",
        "Write `uses=[function, Class, module.name]`: it is read from the text, never executed.",
    ),
    "uses-unbound": (
        "`uses=` of {unit} names {name}, which this module does not bind.",
        "Import or define it, or correct the name.",
    ),
    "uses-absent": (
        "`uses=` of {unit} names {name}, and {place} has no {missing}.",
        "Define it, or correct the name.",
    ),
    "uses-later": (
        "`uses=` of {unit} names {name}, which is bound only at line {below}: importing this module fails.",
        "Move that definition or import above the stub.",
    ),
    "uses-itself": (
        "`uses=` of {unit} names the stub itself, which is not there yet: importing this module fails.",
        "Leave it out. A stub may always call itself; where it has to, say so in the docstring.",
    ),
    "uses-cycle": (
        "`uses=` of {unit} leads back to it: {cycle}.",
        "Take one of these out of `uses=`: each would have to be there before the other.",
    ),
    "engine-not-literal": (
        "`engine=` is no literal `Engine(...)` and no name of one.",
        "Write `Engine(...)` with plain values here, or a name that is assigned once to such a literal.",
    ),
    "engine-unresolved": (
        "`{name}` cannot be read as an `Engine(...)`: {reason}.",
        "Assign it once, at the top of a module, to a literal `Engine(...)` with plain values.",
    ),
    "engine-value": (
        "`Engine(...)` holds {name}, which is no plain value under a name: it is read from the text, never executed.",
        "Give each setting by name as a string, a number, or a tuple of strings.",
    ),
    "engine-setting": (
        "`Engine(...)` cannot be used: {problem}.",
        "Correct the setting.",
    ),
    "engine-store": (
        "`Engine(store=...)` names {store}, and the committed file of {unit} belongs to {place}.",
        "Leave it out: a store is found by the place of the source, and set with `store` in `[tool.jiti]`.",
    ),
    # Gates.
    "gate-form": (
        "`@jiti.required_for(...)` takes its targets by name: functions, methods, properties or classes.",
        "Write `@jiti.required_for(target)` with an imported name, such as `parse_money` or `Parser.parse`.",
    ),
    "gate-nested": (
        "The gate {unit} stands inside of the function {function}, where pytest does not find it.",
        "Move it to the module or to a test class.",
    ),
    "duplicate-gate": (
        "The gate {unit} is replaced by another definition of that name at line {other}: pytest never runs it.",
        "Rename one of them.",
    ),
    "gate-empty": (
        "The test {unit} is empty, and `@jiti.required_for(...)` on its class writes no tests: it would always pass.",
        "Put `@jiti.required_for(...)` directly above its `def` to have it written, or give it a body.",
    ),
    "gate-idle": (
        "The test {unit} checks nothing: what stands in it cannot fail.",
        "Assert something of its target, or leave nothing but a docstring and `...` to have it written.",
    ),
    "gate-unresolved": (
        "The gate {gate} is for `{target}`, which cannot be followed to a definition: {reason}.",
        "Import the stub by name from the module that defines it.",
    ),
    "gate-not-stub": (
        "The gate {gate} is for `{target}`, which is no stub ({place}).",
        "Put `@jiti` on the target, or remove `@jiti.required_for` to keep a plain test.",
    ),
    "gate-excluded": (
        "The gate {gate} is for `{target}`, and `exclude` in `[tool.jiti]` leaves out {excluded}.",
        "Exclude this file too, or take that one out of `exclude`.",
    ),
}

# The states of the store, and what can be wrong with a committed file.
_STORE: dict[str, tuple[str, str]] = {
    "missing": (
        "{key} has no committed implementation.",
        "Run `jiti generate {key}`, or let the bot's pull request bring it.",
    ),
    "stale": (
        "{key} changed since it was generated: {parts}.",
        "Run `jiti generate {key}`, or let the bot's pull request bring it.",
    ),
    "conflict": (
        "{key} was edited by hand at {path}, and its stub changed since: {parts}.",
        "See both with `jiti diff {key}`: `jiti submit` adapted code, undo the stub's change, or `jiti clear {key}`.",
    ),
    "orphan": (
        "This is the implementation of {key}, and no such stub exists.",
        "Delete it with `jiti clear {key}`, or bring the stub back.",
    ),
    "orphan-excluded": (
        "This is the implementation of {key}, and `exclude` in `[tool.jiti]` leaves out {excluded}.",
        "Delete it with `jiti clear {key}`, or take that file out of `exclude`.",
    ),
    "misplaced": (
        "This is the implementation of {key}, and stands where none is looked for.",
        "Move it to {path}.",
    ),
    "merge-unfinished": (
        "A merge was stopped half way, or is at work right now: some files are as it leaves them, others are not.",
        "Run `jiti merge`, which does the rest.",
    ),
    "scratch-orphan": (
        "These are the agent's own tests for a stub that does not exist.",
        "Delete the file, or bring the stub back.",
    ),
    "store-link": (
        "A symbolic link stands where committed code belongs.",
        "Replace it by the file itself: code is never read or written through links.",
    ),
    "store-folder": (
        "A folder stands where the committed code of {key} belongs.",
        "Remove the folder and run `jiti generate {key}`.",
    ),
    "store-unreadable": ("The committed file cannot be read: {reason}.", "Correct its permissions."),
    "store-conflict-markers": (
        "The committed file holds a conflict marker of git.",
        "Keep one side whole, header included: `git checkout --ours` or `--theirs`.",
    ),
    "store-header": (
        "The header of this committed file is broken: {reason}.",
        "Restore the file from git, or `jiti clear` and generate it anew.",
    ),
    "store-version": (
        "The file is written in format {version}; this jiti-bot knows format {known}.",
        "Upgrade jiti-bot (in a hook: `pre-commit autoupdate`).",
    ),
    "store-seal": (
        "The header of this committed file was changed by hand or mixed by a merge.",
        "Restore it from git, from one side whole; the code below it may be edited freely.",
    ),
    "store-key": (
        "The file says that it holds {found}, and this is the place of {key}.",
        "Move it back, or `jiti clear` and generate it anew.",
    ),
    "store-target": (
        "The committed file does not define {name}.",
        "Restore it from git, or run `jiti clear {key}` and generate it anew.",
    ),
}
CATALOGUE.update(_STORE)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that a person has to look at.

    ``file`` is a posix path relative to the project root, ``line`` is 1-based.
    """

    file: str
    line: int
    code: str
    message: str
    remedy: str
    level: str = "error"

    def __str__(self) -> str:
        line = f"{self.file}:{self.line}: {self.message} {self.remedy}"
        # A name may hold a line feed, and what follows it would be a line of its own: in CI, a command.
        return line if line.isprintable() else "".join(map(_printable, line))


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in the order of files and lines, and how many stubs were looked at.

    ``is_settled`` says that nothing was found and nothing is missing or stale either, as far as that was looked for.
    """

    findings: tuple[Finding, ...] = ()
    stubs: int = 0
    is_settled: bool = False


def finding(code: str, file: str, line: int, *, level: str = "error", **details: object) -> Finding:
    """Make a finding from the catalogue."""
    message, remedy = CATALOGUE[code]
    return Finding(file, line, code, message.format(**details), remedy.format(**details), level)
