"""The filter as the kernel reads it: its program is interpreted here, for both machines that it knows."""

import struct

import pytest

from jiti_bot.validation.sandbox import policy
from jiti_bot.validation.sandbox.calls import CALLS, audit_architecture, number
from jiti_bot.validation.sandbox.seccomp import (
    ALLOW,
    EAFNOSUPPORT,
    ENOSYS,
    ENOTSUP,
    KILL,
    NOTIFY,
    Rule,
    compile_rules,
    refuse,
)

MACHINES = ("x86_64", "aarch64")
FULL = policy.rules(notify=True, landlock=7)
READ = {"x86_64": 0, "aarch64": 63}


def decide(rules: tuple[Rule, ...], machine: str, nr: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would do with a call."""
    return interpret(compile_rules(rules, machine), nr, audit_architecture(machine), arguments)


def interpret(program: bytes, nr: int, architecture: int, arguments: tuple[int, ...] = ()) -> int:
    filled = tuple(argument & 0xFFFFFFFFFFFFFFFF for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6])
    data = struct.pack("=iIQ6Q", nr, architecture, 0, *filled)
    instructions = list(struct.iter_unpack("=HBBI", program))
    at = accumulator = 0
    while True:
        code, yes, no, value = instructions[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x15:
            at += yes if accumulator == value else no
        elif code == 0x35:
            at += yes if accumulator >= value else no
        else:
            assert code == 0x06
            return value


DECISIONS = {
    "fork for a thread": ("clone", (0x3D0F00,), NOTIFY),
    "fork": ("clone", (17,), NOTIFY),
    "fork into a namespace": ("clone", (0x10000011,), refuse()),
    "fork as a sibling": ("clone", (0x8011,), refuse()),
    "clone3": ("clone3", (), refuse(ENOSYS)),
    "socket": ("socket", (1, 1, 0), refuse(EAFNOSUPPORT)),
    "stream pair": ("socketpair", (1, 1, 0), ALLOW),
    "stream pair, non-blocking": ("socketpair", (1, 1 | 0o4000 | 0o2000000, 0), ALLOW),
    "packet pair": ("socketpair", (1, 5, 0), ALLOW),
    "datagram pair": ("socketpair", (1, 2, 0), refuse()),
    "datagram pair, non-blocking": ("socketpair", (1, 2 | 0o4000, 0), refuse()),
    "send without address": ("sendto", (5, 1, 1, 0, 0), ALLOW),
    "send with address": ("sendto", (5, 1, 1, 0, 0x1000), refuse()),
    "send with a high address": ("sendto", (5, 1, 1, 0, 0x7F0000000000), refuse()),
    "own affinity": ("sched_setaffinity", (0,), ALLOW),
    "another's affinity": ("sched_setaffinity", (77,), refuse()),
    "own priority": ("setpriority", (0, 0, 5), ALLOW),
    "another's priority": ("setpriority", (0, 77, 5), refuse()),
    "a user's priority": ("setpriority", (2, 0, 5), refuse()),
    "own input priority": ("ioprio_set", (1, 0, 5), ALLOW),
    "a group's input priority": ("ioprio_set", (2, 0, 5), refuse()),
    "own limits": ("prlimit64", (0, 7, 0x7F0000000000, 0), ALLOW),
    "another's limits read": ("prlimit64", (77, 7, 0, 0x7F0000000000), ALLOW),
    "another's limits set": ("prlimit64", (77, 7, 0x7F0000000000, 0), refuse()),
    "another's limits set from low memory": ("prlimit64", (77, 7, 0x1000, 0), refuse()),
    "mode": ("fchmodat", (), NOTIFY),
    "times": ("utimensat", (), NOTIFY),
    "attribute": ("setxattr", (), refuse(ENOTSUP)),
    "typing into a terminal": ("ioctl", (0, 0x5412), refuse()),
    "file attributes": ("ioctl", (3, 0x40086602), refuse(ENOTSUP)),
    "asking a terminal": ("ioctl", (0, 0x5401), ALLOW),
    "trace": ("ptrace", (), refuse()),
    "truncate, which Landlock rules": ("truncate", (), ALLOW),
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("call", "arguments", "action"), DECISIONS.values(), ids=DECISIONS)
def test_decision(machine: str, call: str, arguments: tuple[int, ...], action: int) -> None:
    nr = number(call, machine)
    assert nr is not None

    assert decide(FULL, machine, nr, arguments) == action


@pytest.mark.parametrize("machine", MACHINES)
def test_what_no_rule_names_is_allowed(machine: str) -> None:
    assert decide(FULL, machine, READ[machine]) == ALLOW
    assert decide((), machine, READ[machine]) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_machine_end_the_process(machine: str) -> None:
    i386 = 0x40000003

    assert interpret(compile_rules(FULL, machine), 0, i386) == KILL


def test_the_second_table_of_x86_64_is_refused() -> None:
    assert decide(FULL, "x86_64", 0x40000000 | READ["x86_64"]) == refuse()


@pytest.mark.parametrize("machine", MACHINES)
def test_without_a_supervisor_modes_are_refused_and_forks_allowed(machine: str) -> None:
    rules = policy.rules(notify=False, landlock=7)

    for call, action in (("fchmodat", refuse()), ("clone", ALLOW)):
        nr = number(call, machine)
        assert nr is not None
        assert decide(rules, machine, nr, (0x11,) if call == "clone" else ()) == action


@pytest.mark.parametrize("machine", MACHINES)
def test_what_an_older_landlock_misses_is_refused(machine: str) -> None:
    nr = number("truncate", machine)
    assert nr is not None

    assert decide(policy.rules(notify=True, landlock=2), machine, nr) == refuse()


SIGNALS = {
    "to oneself": ("kill", (42, 9), ALLOW),
    "to one's group": ("kill", (0, 9), ALLOW),
    "to another": ("kill", (43, 9), refuse()),
    "to all": ("kill", (-1, 9), refuse()),
    "to another group": ("kill", (-43, 9), refuse()),
    "to a thread of oneself": ("tgkill", (42, 44, 6), ALLOW),
    "to a thread of another": ("tgkill", (43, 43, 6), refuse()),
    "by a descriptor": ("pidfd_send_signal", (3, 9), refuse()),
    "by a file's owner": ("fcntl", (3, 8, 43), refuse()),
    "a file's flags": ("fcntl", (3, 4, 0), ALLOW),
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("call", "arguments", "action"), SIGNALS.values(), ids=SIGNALS)
def test_signals_without_landlock(machine: str, call: str, arguments: tuple[int, ...], action: int) -> None:
    nr = number(call, machine)
    assert nr is not None

    assert decide(policy.signal_rules(42), machine, nr, arguments) == action


def test_every_rule_names_a_known_call() -> None:
    assert {rule.call for rule in (*FULL, *policy.signal_rules(1))} <= set(CALLS)


def test_no_two_calls_share_a_number() -> None:
    for column in (0, 1):
        numbers = [numbers[column] for numbers in CALLS.values() if numbers[column] is not None]
        assert len(numbers) == len(set(numbers))
