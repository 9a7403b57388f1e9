"""Seccomp from the standard library: rules over system calls, compiled to classic BPF and installed for good.

See the kernel's ``Documentation/userspace-api/seccomp_filter.rst``. Both machines that are supported are little-endian,
so the low half of an argument comes first.
"""

import ctypes
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from jiti_bot.validation.sandbox.calls import audit_architecture, number, syscall

ALLOW, KILL, NOTIFY = 0x7FFF0000, 0x80000000, 0x7FC00000
EPERM, ENOSYS, EAFNOSUPPORT, ENOTSUP = 1, 38, 97, 95
X32_BIT = 0x40000000

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NEW_LISTENER = 1 << 3


def refuse(code: int = EPERM) -> int:
    """The action that lets a call fail with ``code``."""
    return 0x00050000 | code


@dataclass(frozen=True, slots=True)
class Test:
    """Whether ``argument & mask`` equals ``value`` (or does not). ``high`` looks at the upper 32 bits."""

    __test__ = False

    argument: int
    value: int
    equal: bool = True
    mask: int = 0xFFFFFFFF
    high: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to a call when all of ``tests`` hold. The first rule that fits decides; none means allow."""

    call: str
    action: int
    tests: tuple[Test, ...] = ()


def compile_rules(rules: Iterable[Rule], machine: str = "") -> bytes:
    """The program, as an array of ``struct sock_filter``."""
    architecture = audit_architecture(machine)
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, KILL)]
    if architecture == audit_architecture("x86_64"):
        program += [(_LOAD, 0, 0, 0), (_AT_LEAST, 0, 1, X32_BIT), (_RETURN, 0, 0, refuse())]
    for rule in rules:
        nr = number(rule.call, machine)
        if nr is not None:
            program += _block(rule, nr)
    program.append((_RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def install(rules: Iterable[Rule], *, listen: bool = False) -> int | None:
    """Install the rules; with ``listen`` return the descriptor on which `NOTIFY` calls arrive. Raises OSError."""
    program = compile_rules(rules)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(code)))
    result = syscall("seccomp", 1, _NEW_LISTENER if listen else 0, ctypes.addressof(header))
    return result if listen else None


def _block(rule: Rule, nr: int) -> list[tuple[int, int, int, int]]:
    body: list[tuple[int, int, int, int]] = []
    for test in reversed(rule.tests):
        rest = len(body) + 1  # to the end of the block, over the return
        jump = (_EQUAL, 0, rest, test.value) if test.equal else (_EQUAL, rest, 0, test.value)
        body = [(_LOAD, 0, 0, 16 + 8 * test.argument + 4 * test.high), (_AND, 0, 0, test.mask), jump, *body]
    body.append((_RETURN, 0, 0, rule.action))
    return [(_LOAD, 0, 0, 0), (_EQUAL, 0, len(body), nr), *body]
