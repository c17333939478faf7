"""Attempts to get out of a box: each is Python that runs to its end only if it got out, or further than it should.

What stops one is an ``OSError`` or a ``ValueError``, or an ``AssertionError`` by which it says itself that it gained
nothing. The lines of ``PRELUDE`` run before it; names in capitals are what it is after (see ``Outside``).
"""

from __future__ import annotations

import platform

from seatrial.sandbox.core.syscalls import CHECKED, MACHINES, NEEDED, REFUSED

PRELUDE = """
import ctypes, fcntl, glob, mmap, os, resource, signal, socket, stat, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def do(result):
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
def call(number, *arguments):
    as_passed = [one if isinstance(one, bytes) else ctypes.c_long(one) for one in arguments]
    return do(libc.syscall(ctypes.c_long(number), *as_passed))
def put(path, text):
    os.write(os.open(path, os.O_WRONLY), text.encode())
"""


def _number(name: str) -> int:
    """The number of a kernel's call here; one that this architecture lacks fails like one that is refused."""
    if platform.machine() not in MACHINES:
        return 1 << 20
    every = {name: numbers for group in (NEEDED, CHECKED, *REFUSED) for name, numbers in group.calls.items()}
    return every[name][MACHINES.index(platform.machine())] or 1 << 20


FILES = {
    "read a file of the host": "assert 'of the host' in open(SECRET).read()",
    "write a file of the host": "open(SECRET, 'w').write('mine')",
    "through the root of the first process": "open('/proc/1/root' + SECRET).read()",
    "above the work folder": "os.chdir('/box'); open('../' * 20 + SECRET).read()",
    "through a symbolic link": "os.symlink(SECRET, 'link'); open('link').read()",
    "through a hard link": "os.link(SECRET, 'hard'); open('hard').read()",
    "write the system's files through a hard link": "os.link('/etc/passwd', 'hard'); open('hard', 'a').write('x')",
    "through somebody's descriptors": (
        "found = [os.readlink(f) for f in glob.glob('/proc/[0-9]*/fd/*') + glob.glob('/proc/[0-9]*/cwd')]\n"
        "assert any(place.startswith(os.path.dirname(SECRET)) for place in found)"
    ),
    "by a handle past all paths": f"call({_number('open_by_handle_at')}, -100, bytes(64), 0)",
    "by mounting": f"call({_number('mount')}, b'/proc/1/root', b'/tmp', b'none', 4096, 0)",
    "by the new way of mounting": f"call({_number('open_tree')}, -100, b'/', 1)",
    "make the system writable": f"call({_number('mount')}, b'none', b'/usr', b'none', 32 | 4096, 0)",
    "by another root": "os.chroot('/proc/1/root')",
    "by exchanging the root": f"call({_number('pivot_root')}, b'/box', b'/box')",
    "plant a program": "open('/usr/bin/mine', 'w').write('x')",
    "plant a library": "open('/etc/ld.so.preload', 'w').write('/box/mine.so')",
    "add a user": "open('/etc/passwd', 'a').write('mine::0:0::/:/bin/sh')",
    "write anything outside box and tmp": (
        "found = [p for p in glob.glob('/*') + glob.glob('/*/*') if os.path.isdir(p) and os.access(p, os.W_OK)]\n"
        "found = [p for p in found if not p.startswith(('/box', '/tmp', '/proc', '/dev/shm', '/dev/pts', '/dev/fd'))]\n"
        "assert found, found\n"
    ),
}

DEVICES = {
    **{f"open {name}": f"open('{name}', 'rb').read(16)" for name in ("/dev/mem", "/dev/kmem", "/dev/vda", "/dev/kmsg")},
    "the machine's memory as a file": "open('/proc/kcore', 'rb').read(16)",
    "make a device": "os.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(254, 0)); open('disk', 'rb').read(16)",
    "the ports of the processor": "open('/dev/port', 'rb').read(1)",
    "type into the terminal": "fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')",
    "type into the standard input": "fcntl.ioctl(0, 0x5412, b'x')",
    "type into the console": "fcntl.ioctl(os.open('/dev/console', os.O_RDWR), 0x541C, b'x')",
}

SETTINGS = {
    "a program for core files": "put('/proc/sys/kernel/core_pattern', '|/box/mine')",
    "a program for modules": "put('/proc/sys/kernel/modprobe', '/box/mine')",
    "the key that reboots": "put('/proc/sysrq-trigger', 'h')",
    "any setting of the kernel": (
        "places = [os.path.join(p, f) for p, _, fs in os.walk('/proc/sys') for f in fs]\n"
        "assert len(places) > 100\n"
        "own = ('fs/mqueue/', 'kernel/msg', 'kernel/sem', 'kernel/shm', 'kernel/auto_msgmni')\n"
        "own += ('kernel/ns_last_pid', 'kernel/pid_max')\n"
        "own = tuple('/proc/sys/' + name for name in own)  # of its namespaces alone\n"
        "assert any(os.access(place, os.W_OK) for place in places if not place.startswith(own))"
    ),
    "the addresses of the kernel": ("assert any(int(line.split()[0], 16) for line in open('/proc/kallsyms'))"),
    "the kernel's log": f"call({_number('syslog')}, 3, bytes(4096), 4096)",
    "the clock": f"call({_number('clock_settime')}, 0, struct.pack('qq', 0, 0))",
    "the name of the machine": "socket.sethostname('mine')",
    "the restart": f"call({_number('reboot')}, 0xfee1dead, 672274793, 0, 0)",
    "a module": f"call({_number('init_module')}, bytes(64), 64, b'')",
    "control groups": "os.makedirs('/sys/fs/cgroup/mine')",
    "a file system of control groups": f"call({_number('mount')}, b'none', b'/tmp', b'cgroup2', 0, 0)",
    "be spared when memory is short": "put('/proc/self/oom_score_adj', '-1000')",
}

POWERS = {
    "become root": "os.setuid(0)",
    "join a group": "os.setgroups([0])",
    "map root into the namespace": "put('/proc/self/uid_map', '0 0 1')",
    "a program with the bits of root": (
        "open('id', 'wb').write(open('/usr/bin/id', 'rb').read()); os.chmod('id', 0o6755)\n"
        "assert subprocess.check_output(['./id', '-u']).strip() == b'0'"
    ),
    "root by su": (
        "assert b'uid=0' in subprocess.run(['su', '-c', 'id'], stdin=subprocess.DEVNULL, capture_output=True).stdout"
    ),
    "a capability": "do(libc.prctl(47, 2, 21, 0, 0))",
    "a namespace of its own": f"call({_number('unshare')}, 0x10000000)",
    "a namespace by a new process": (
        f"child = call({_number('clone')}, 0x10000000 | 17, 0, 0, 0, 0)\nif child == 0: os._exit(0)"
    ),
    "a namespace by the new call": f"call({_number('clone3')}, struct.pack('11Q', 1 << 28, *[0] * 10), 88)",
    "the namespaces of the first process": "do(libc.setns(os.open('/proc/1/ns/mnt', os.O_RDONLY), 0))",
    "more processes": "resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096))",
    "more memory": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "larger files": "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))",
    "core files": "resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))",
    "precedence": "os.setpriority(os.PRIO_PROCESS, 0, -20)",
    "real time": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))",
    "another convention of calls": f"call({_number('personality')}, 0x0400000)",
    "the calls of x32": "call(0x40000000 + 39)",
    "calls by 32-bit code": (
        "assert os.uname().machine == 'x86_64'\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        " page = mmap.mmap(-1, 4096, prot=7); page.write(bytes.fromhex('b814000000cd80c3'))\n"
        " address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        " ctypes.CFUNCTYPE(ctypes.c_int)(address)(); os._exit(0)\n"
        "assert os.WIFEXITED(os.waitpid(child, 0)[1])"
    ),
}

KERNEL = {
    name: f"call({_number(call)}, {arguments})"
    for name, call, arguments in (
        ("a program in the kernel", "bpf", "5, bytes(128), 128"),
        ("the counters of the processor", "perf_event_open", "bytes(128), 0, -1, -1, 0"),
        ("faults of its own", "userfaultfd", "1"),
        ("calls past the filter", "io_uring_setup", "4, bytes(128)"),
        ("a key in the kernel", "add_key", "b'user', b'mine', b'x', 1, -4"),
        ("the session's keys", "keyctl", "0, -3, 0"),
        ("somebody's memory", "process_vm_readv", "1, bytes(16), 1, bytes(16), 1, 0"),
        ("somebody's descriptor", "pidfd_getfd", "0, 0, 0"),
        ("memory that nobody counts", "memfd_create", "b'x', 0"),
        ("shared memory of System V", "shmget", "0, 4096, 0o1600"),
        ("watch all files", "fanotify_init", "0, 0"),
        ("another kernel", "kexec_load", "0, 0, 0, 0"),
        ("swap", "swapon", "b'/box/x', 0"),
        ("segments of its own", "modify_ldt", "1, bytes(16), 16"),
    )
}

PROCESSES = {
    "end a process of the host": "os.kill(VICTIM, 9)",
    "end all processes": "os.kill(-1, 9); assert False",
    "hold a process of the host": "os.pidfd_open(VICTIM)",
    "trace a process of the host": f"call({_number('ptrace')}, 16, VICTIM, 0, 0)",
    "trace the first process": f"call({_number('ptrace')}, 16, 1, 0, 0)",
    "write the first process's memory": "put('/proc/1/mem', 'x')",
    "what processes the host has": (
        "lines = b''.join(open(f, 'rb').read() for f in glob.glob('/proc/[0-9]*/cmdline'))\n"
        "assert b'py' + b'test' in lines"
    ),
    "the host's secrets from the environment": (
        "others = b''.join(open(f, 'rb').read() for f in glob.glob('/proc/[0-9]*/environ'))\n"
        "assert TOKEN.encode() in repr(os.environ).encode() + others"
    ),
    "descriptors left open": (
        "found = []\n"
        "for number in range(3, 256):\n"
        " try: os.fstat(number); found.append(number)\n"
        " except OSError: pass\n"
        "assert found"
    ),
}

NETWORK = {
    "the host's loopback": "socket.create_connection(('127.0.0.1', PORT), 1)",
    "the host by its address": "socket.create_connection((ADDRESS, PORT), 1)",
    "the world": "socket.create_connection(('192.0.2.1', 80), 1)",
    "datagrams": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', (ADDRESS, PORT))",
    "abstract names": "socket.socket(socket.AF_UNIX).connect('\\0' + ABSTRACT)",
    "sockets by path": "socket.socket(socket.AF_UNIX).connect(SOCKET)",
    "raw packets": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
    "frames": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)",
    "the hypervisor": "socket.socket(40, socket.SOCK_STREAM).connect((2, 1))",
    "bluetooth": "socket.socket(31, socket.SOCK_RAW, 1)",
    "the kernel's ciphers": "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)",
    "the firewall": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)",
    "the audit": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)",
    "an interface": "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0))",
    "a tunnel": "os.open('/dev/net/tun', os.O_RDWR)",
}

ATTEMPTS = {
    f"{kind}: {name}": code
    for kind, attempts in (
        ("files", FILES),
        ("devices", DEVICES),
        ("settings", SETTINGS),
        ("powers", POWERS),
        ("kernel", KERNEL),
        ("processes", PROCESSES),
        ("network", NETWORK),
    )
    for name, code in attempts.items()
}
