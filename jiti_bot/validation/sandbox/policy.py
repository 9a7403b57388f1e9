"""Which system calls the sandbox refuses, and why. Landlock rules what can be opened; this rules the rest."""

from jiti_bot.validation.sandbox.seccomp import EAFNOSUPPORT, ENOSYS, ENOTSUP, NOTIFY, Rule, Test, refuse

# Nothing a function body needs: other processes' memory, the kernel's own settings, mounts, namespaces.
NEVER = (
    "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module",
    "fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module", "ioperm", "iopl",
    "kcmp", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "migrate_pages", "modify_ldt", "mount",
    "mount_setattr", "move_mount", "move_pages", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree",
    "open_tree_attr", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise", "process_mrelease",
    "process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "quotactl_fd", "reboot", "request_key",
    "setdomainname", "sethostname", "setns", "settimeofday", "swapoff", "swapon", "syslog", "umount2",
    "unshare", "uselib", "userfaultfd",
    "vhangup",
)  # fmt: skip
# Memory and queues that outlive the process, shared by all of one user.
SHARED = (
    "mq_open", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop",
    "shmat", "shmctl", "shmget",
)  # fmt: skip
# Libraries try these first and do without where the kernel is old. Ring requests pass by seccomp; memory files escape
# the limits on memory and on files; the flags of clone3 cannot be read here, so clone stands in for it.
OLD_KERNEL = ("clone3", "io_uring_enter", "io_uring_register", "io_uring_setup", "memfd_create", "memfd_secret")
NETWORK = ("socket", "connect", "bind", "listen", "accept")
# Landlock does not rule these. The supervisor answers them: yes within the scratch folder, no elsewhere.
MODES = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat",
    "utimensat",
)  # fmt: skip
ATTRIBUTES = (
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
    "file_setattr",
)  # fmt: skip
FORKS = ("clone", "fork", "vfork")

_NAMESPACES = 0x7E020000  # CLONE_NEW*
_SIBLING = 0x8000  # CLONE_PARENT
_STREAM, _SEQPACKET, _SOCKET_TYPE = 1, 5, 0xF
_TYPE_INTO_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_SET_ATTRIBUTES = (0x40086602, 0x40046602, 0x401C5820)  # FS_IOC_SETFLAGS, its 32-bit form, FS_IOC_FSSETXATTR
_OWNER_OF_SIGNALS = (8, 15)  # F_SETOWN, F_SETOWN_EX


def rules(*, notify: bool, landlock: int) -> tuple[Rule, ...]:
    """The worker's rules. ``notify``: a supervisor answers; ``landlock``: the ABI, whose gaps are filled here."""
    return (
        *(Rule(call, refuse()) for call in NEVER + SHARED),
        *(Rule(call, refuse(ENOSYS)) for call in OLD_KERNEL),
        *(Rule(call, refuse(ENOTSUP)) for call in ATTRIBUTES),
        *(Rule("ioctl", refuse(ENOTSUP), (Test(1, code),)) for code in _SET_ATTRIBUTES),
        *_network(),
        *_others(),
        Rule("clone", refuse(), (Test(0, 0, equal=False, mask=_NAMESPACES),)),
        Rule("clone", refuse(), (Test(0, 0, equal=False, mask=_SIBLING),)),
        *(Rule(call, NOTIFY if notify else refuse()) for call in MODES),
        *(Rule(call, NOTIFY) for call in FORKS if notify),
        *(Rule("ioctl", refuse(), (Test(1, code),)) for code in _TYPE_INTO_TERMINAL),
        *((Rule("truncate", refuse()),) if landlock < 3 else ()),
    )


def signal_rules(pid: int) -> tuple[Rule, ...]:
    """Signals to oneself alone, for kernels whose Landlock does not scope signals (ABI below 6)."""
    other = Test(0, pid, equal=False)
    return (
        Rule("kill", refuse(), (other, Test(0, 0, equal=False))),
        *(Rule(call, refuse(), (other,)) for call in ("tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")),
        Rule("pidfd_send_signal", refuse()),
        *(Rule("fcntl", refuse(), (Test(1, code),)) for code in _OWNER_OF_SIGNALS),
    )


def _network() -> tuple[Rule, ...]:
    """No sockets but connected pairs: event loops need those. A datagram pair could still be sent elsewhere."""
    kind = (Test(1, _STREAM, equal=False, mask=_SOCKET_TYPE), Test(1, _SEQPACKET, equal=False, mask=_SOCKET_TYPE))
    addressed = (Test(4, 0, equal=False), Test(4, 0, equal=False, high=True))
    return (
        *(Rule(call, refuse(EAFNOSUPPORT if call == "socket" else 1)) for call in NETWORK),
        Rule("socketpair", refuse(), kind),
        *(Rule("sendto", refuse(), (test,)) for test in addressed),
    )


def _others() -> tuple[Rule, ...]:
    """Priority, affinity and limits: of oneself only (who or pid 0)."""
    me = Test(0, 0, equal=False)
    return (
        *(Rule(call, refuse(), (me,)) for call in (
            "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler",
        )),
        Rule("setpriority", refuse(), (Test(0, 0, equal=False),)),
        Rule("setpriority", refuse(), (Test(1, 0, equal=False),)),
        Rule("ioprio_set", refuse(), (Test(0, 1, equal=False),)),
        Rule("ioprio_set", refuse(), (Test(1, 0, equal=False),)),
        Rule("prlimit64", refuse(), (me, Test(2, 0, equal=False))),
        Rule("prlimit64", refuse(), (me, Test(2, 0, equal=False, high=True))),
    )  # fmt: skip
