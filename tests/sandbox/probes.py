"""The table of probes: what must not be possible inside, each a few lines that end well only if it was.

``outside`` marks those that any user can do outside a sandbox on any Linux: they are run there too, which proves that
the probe tries what it says. ``{names}`` are filled in from `kit.surroundings`.
"""

from dataclasses import dataclass

PRELUDE = """
import ctypes, mmap, os, pathlib, signal, socket, struct, subprocess, sys
from jiti_bot.validation.sandbox.calls import CALLS, number
os.chdir(os.environ["HOME"])
libc = ctypes.CDLL(None, use_errno=True)
def call(nr, *arguments):
    nr = nr if isinstance(nr, int) else number(nr)
    result = libc.syscall(ctypes.c_long(nr), *(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def open_descriptors():
    found, output = [], os.fstat(1)
    for descriptor in range(3, 1024):
        try:
            if os.path.samestat(os.fstat(descriptor), output):
                continue  # where it says at which line it hangs
        except OSError:
            continue
        found.append(descriptor)
    return found
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """``code`` raises where it is held back. ``undo`` is run outside after a success there."""

    name: str
    code: str
    outside: bool = True


PROBES = (
    Probe("nothing", "pass"),
    # environment and /proc
    Probe("secret in the environment", "assert '{secret}' in os.environ['JITI_TEST_SECRET']"),
    Probe("environment of another process", "assert b'{secret}' in open('/proc/{pid}/environ', 'rb').read()"),
    Probe("environment of the parent", "open(f'/proc/{{os.getppid()}}/environ', 'rb').read()"),
    Probe("environment of init", "open('/proc/1/environ', 'rb').read()", outside=False),
    Probe("command line of another process", "open('/proc/{pid}/cmdline').read()"),
    Probe("memory of another process", "open('/proc/{pid}/mem', 'rb')", outside=False),
    Probe("working folder of another process", "os.listdir('/proc/{pid}/cwd')"),
    Probe("descriptors of another process", "os.listdir('/proc/{pid}/fd')"),
    # reading
    Probe("file outside", "open('{outside}/victim').read()"),
    Probe("listing outside", "os.listdir('{outside}')"),
    Probe("file outside through a link", "os.symlink('{outside}/victim', 'link'); open('link').read()"),
    Probe("file outside through /proc/self/root", "open('/proc/self/root{outside}/victim').read()"),
    Probe("dot env of the project", "open('{root}/.env').read()"),
    Probe("dot env deeper in the project", "open('{root}/config/.env.local').read()"),
    Probe("ignored key of the project", "open('{root}/config/deploy.key').read()"),
    Probe("git configuration", "open('{root}/.git/config').read()"),
    Probe("shadow passwords", "open('/etc/shadow').read()", outside=False),
    # writing
    Probe("write outside", "open('{outside}/victim', 'w').write('x')"),
    Probe("append outside", "open('{outside}/victim', 'a').write('x')"),
    Probe("create outside", "open('{outside}/new', 'x')"),
    Probe("make a folder outside", "os.mkdir('{outside}/made')"),
    Probe("remove outside", "os.unlink('{outside}/victim')"),
    Probe("rename outside", "os.rename('{outside}/victim', '{outside}/renamed')"),
    Probe("link outside", "os.symlink('x', '{outside}/symlink')"),
    Probe("hard link of a file outside", "os.link('{outside}/victim', 'hard')"),
    Probe("hard link into outside", "open('mine', 'w'); os.link('mine', '{outside}/hard')"),
    Probe("truncate outside", "os.truncate('{outside}/victim', 0)"),
    Probe("write in the project", "open('{root}/app/data.txt', 'a')"),
    Probe("create in the project", "open('{root}/app/new.py', 'x')"),
    Probe("write in /tmp", "open('/tmp/jiti-test-{pid}', 'w')"),
    Probe("shared memory file", "open('/dev/shm/jiti-test-{pid}', 'w')", outside=False),
    # what belongs to files and is no content
    Probe("mode outside", "os.chmod('{outside}/victim', 0o600)"),
    Probe("mode outside by a descriptor", "os.fchmod(os.open('{outside}/folder', 0), 0o700)"),
    Probe("mode of a readable file", "os.fchmod(os.open('{root}/app/data.txt', os.O_RDONLY), 0o600)"),
    Probe("mode through a link", "os.symlink('{outside}/victim', 'link'); os.chmod('link', 0o600)"),
    Probe("mode through a relative path", "os.chmod(os.path.relpath('{outside}/victim'), 0o600)"),
    Probe("mode through a folder descriptor",
          "os.chmod('victim', 0o600, dir_fd=os.open('{outside}', os.O_PATH))"),
    Probe("mode by a name in a readable folder",
          "os.chmod('data.txt', 0o600, dir_fd=os.open('{root}/app', os.O_RDONLY))"),
    Probe("owner outside", "os.chown('{outside}/victim', os.getuid(), os.getgid())"),
    Probe("owner of a readable file", "os.fchown(os.open('{root}/app/data.txt', os.O_RDONLY), os.getuid(), -1)"),
    Probe("times outside", "os.utime('{outside}/victim', (1, 1))"),
    Probe("times of a readable file", "os.utime(os.open('{root}/app/data.txt', os.O_RDONLY), (1, 1))"),
    Probe("attribute outside", "os.setxattr('{outside}/victim', 'user.jiti', b'x')", outside=False),
    Probe("device node", "os.mknod('device', 0o600 | 0o020000, os.makedev(1, 3))", outside=False),
    # network and sockets
    Probe("TCP out", "socket.create_connection(('127.0.0.1', {tcp}), 5)"),
    Probe("TCP in", "socket.create_server(('127.0.0.1', 0))"),
    Probe("UDP", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp}))"),
    Probe("unix socket", "socket.socket(socket.AF_UNIX).connect('{outside}/stream')"),
    Probe("unix datagram", "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '{outside}/datagram')"),
    Probe("abstract unix socket", "socket.socket(socket.AF_UNIX).connect('\\0{abstract}')"),
    Probe("datagram pair turned outside",
          "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', '{outside}/datagram')"),
    Probe("docker's socket", "socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')", outside=False),
    Probe("netlink socket", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)"),
    # other processes
    Probe("signal to another process", "os.kill({pid}, 0)"),
    Probe("signal to the parent", "os.kill(os.getppid(), 0)"),
    Probe("signal to a group", "os.killpg({pid}, 0)"),
    Probe("signal to a thread", "call('tgkill', {pid}, {pid}, 0)"),
    Probe("signal by descriptor", "signal.pidfd_send_signal(os.pidfd_open({pid}), 0)"),
    Probe("queued signal",
          "call('rt_sigqueueinfo', {pid}, 0, ctypes.create_string_buffer(struct.pack('3i', 0, 0, -1), 128))"),
    Probe("priority of another process", "os.setpriority(os.PRIO_PROCESS, {pid}, 5)"),
    Probe("priority of all of a user's processes", "os.setpriority(os.PRIO_USER, 0, 0)", outside=False),
    Probe("affinity of another process", "os.sched_setaffinity({pid}, os.sched_getaffinity({pid}))"),
    Probe("scheduling of another process", "os.sched_setscheduler({pid}, os.SCHED_BATCH, os.sched_param(0))"),
    Probe("input and output priority of another process", "call('ioprio_set', 1, {pid}, (2 << 13) | 7)"),
    Probe("limits of another process",
          "import resource; resource.prlimit({pid}, resource.RLIMIT_CORE, (0, resource.prlimit({pid}, "
          "resource.RLIMIT_CORE)[1]))"),
    Probe("trace another process", "call('ptrace', 0x4206, {pid}, 0, 0)", outside=False),
    Probe("read another process's memory",
          "call('process_vm_readv', {pid}, 0, 0, 0, 0, 0)", outside=False),
    # shared between processes of a user
    Probe("SysV shared memory", "call('shmctl', call('shmget', 0x{pid}, 4096, 0o1600), 0, 0)"),
    Probe("SysV queue", "call('msgctl', call('msgget', 0x{pid}, 0o1600), 0, 0)"),
    Probe("SysV semaphore", "call('semctl', call('semget', 0x{pid}, 1, 0o1600), 0, 0)"),
    Probe("POSIX queue", "call('mq_open', b'jiti-{pid}', os.O_CREAT, 0o600, 0)", outside=False),
    Probe("memory file", "os.memfd_create('x')"),
    Probe("memory file run as a program",
          "fd = os.memfd_create('x'); os.write(fd, open('/bin/true', 'rb').read()); "
          "subprocess.run([f'/proc/self/fd/{{fd}}'], pass_fds=[fd], check=True)", outside=False),
    # the kernel
    Probe("io_uring", "call('io_uring_setup', 1, ctypes.create_string_buffer(120))", outside=False),
    Probe("user namespace", "call('unshare', 0x10000000)", outside=False),
    Probe("user namespace by clone", "pid = call('clone', 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)\n"
          "if pid == 0: os._exit(0)", outside=False),
    Probe("mount", "call('mount', b'none', b'.', b'tmpfs', 0, 0)", outside=False),
    Probe("key ring", "call('add_key', b'user', b'jiti', b'x', 1, ctypes.c_long(-2))", outside=False),
    Probe("programs in the kernel", "call('bpf', 0, 0, 0)", outside=False),
    Probe("performance events", "call('perf_event_open', 0, 0, -1 & 0xffffffff, -1 & 0xffffffff, 0)", outside=False),
    Probe("new privileges", "assert libc.prctl(39, 0, 0, 0, 0) == 0"),
    Probe("capabilities", "data = ctypes.create_string_buffer(24)\n"
          "assert libc.capget(ctypes.create_string_buffer(struct.pack('Ii', 0x20080522, 0)), data) == 0\n"
          "assert any(data.raw)", outside=False),
    # the worker's own
    Probe("another job's folder", "os.mkdir(os.path.join(os.environ['HOME'], '..', 'other'))", outside=False),
    Probe("our own code", "open(sys.modules['jiti_bot'].__file__, 'a')"),
    Probe("the worker's canary", "open(os.path.join(os.environ['HOME'], '../../canary')).read()", outside=False),
    Probe("more descriptors than for output and results", "assert len(open_descriptors()) > 1", outside=False),
)  # fmt: skip
