"""The filter between a box's programs and the kernel: which calls are made, as a program of classic BPF. Pure.

The rules, which the tests run instruction by instruction:

- What is listed as needed in ``syscalls`` is made; what is listed as refused fails with the error given there; what is
  not listed fails with ENOSYS, as on a kernel that does not have it. So a new call is closed until somebody opens it.
- A few calls depend on their arguments (``CHECKS``).
- For a program that is to think it is root, the calls by which root gives files and identities away (``PRETENDED``) are
  answered as done and not made. Nothing else differs: it has no power to pretend with.
- A call by another architecture's convention (32-bit code on x86-64) kills the program: its numbers mean other calls.

The format is that of ``linux/filter.h`` and ``linux/seccomp.h``; bubblewrap installs it just before the program starts,
and then neither the program nor what it starts can take it off.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .syscalls import CHECKED, MACHINES, NEEDED, REFUSED

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
# x86-64's numbers with 32-bit pointers begin at 0x40000000, beyond every number of ours, and so do not exist.

_LOAD, _JUMP, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000  # SECCOMP_RET_*
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; both architectures are little-endian

# CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET} of linux/sched.h
_NEW_NAMESPACES = 0x00000080 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_TCP, _UDP, _ROUTE = 6, 17, 0
_TIOCSTI, _TIOCLINUX, _TIOCCONS, _TIOCSETD = 0x5412, 0x541C, 0x541D, 0x5423
_QUERY, _NO_RANDOMISED_ADDRESSES = 0xFFFFFFFF, 0x00040000  # personality(2); ThreadSanitizer asks for the second


@dataclass(frozen=True, slots=True)
class Among:
    """The argument's lower half is one of ``values``."""

    argument: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotAmong:
    argument: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The argument's lower half has none of ``bits``."""

    argument: int
    bits: int


Test = Among | NotAmong | Without


@dataclass(frozen=True, slots=True)
class Check:
    """The call is made if every test of one of ``ways`` holds, and else fails with ``error``."""

    ways: tuple[tuple[Test, ...], ...]
    error: int


CHECKS: Mapping[str, Check] = {
    "clone": Check(((Without(0, _NEW_NAMESPACES),),), errno.EPERM),
    "clone3": Check((), errno.ENOSYS),  # its flags lie in memory, where a filter cannot look; libc falls back to clone
    "socket": Check(
        (
            (Among(0, (_UNIX,)),),
            (Among(0, (_INET, _INET6)), Among(2, (0, _TCP, _UDP))),
            (Among(0, (_NETLINK,)), Among(2, (_ROUTE,))),  # how libc lists addresses
        ),
        errno.EAFNOSUPPORT,
    ),
    "socketpair": Check(((Among(0, (_UNIX,)),),), errno.EAFNOSUPPORT),
    "ioctl": Check(((NotAmong(1, (_TIOCSTI, _TIOCLINUX, _TIOCCONS, _TIOCSETD)),),), errno.EPERM),
    "personality": Check(((Among(0, (0, _QUERY, _NO_RANDOMISED_ADDRESSES)),),), errno.EPERM),
}


PRETENDED = frozenset(
    {
        *("chown", "fchown", "lchown", "fchownat", "mknod", "mknodat", "setxattr", "lsetxattr", "fsetxattr"),
        *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid"),
        *("setgroups", "capset"),
    }
)


def program(machine: str, *, pretending: bool = False) -> bytes | None:
    """The filter for ``machine`` (as ``platform.machine()`` says it); ``None`` where we have no table of numbers."""
    if machine not in MACHINES:
        return None
    tree = _tree(_ranges(MACHINES.index(machine), PRETENDED if pretending else frozenset()))
    return b"".join(
        (
            _code(_LOAD, _ARCHITECTURE),
            _code(_EQUAL, _AUDIT_ARCH[machine], then=1),
            _code(_RETURN, _KILL),
            _code(_LOAD, _NUMBER),
            *tree,
        )
    )


def _ranges(machine: int, pretended: frozenset[str]) -> list[tuple[int, list[bytes]]]:
    """Where the answer changes: (first number, the code that answers from there on), ascending from 0."""
    answers: dict[int, list[bytes]] = {}
    for group in (NEEDED, *REFUSED):
        for name, numbers in group.calls.items():
            if (number := numbers[machine]) is not None:
                answers[number] = [_code(_RETURN, _ERRNO) if name in pretended else _answer(group.error)]
    for name, numbers in CHECKED.calls.items():
        if (number := numbers[machine]) is not None:
            answers[number] = _checking(CHECKS[name])
    unknown = [_answer(errno.ENOSYS)]
    found: list[tuple[int, list[bytes]]] = []
    for number in range(max(answers) + 2):
        code = answers.get(number, unknown)
        if not found or found[-1][1] != code:
            found.append((number, code))
    return found


def _tree(ranges: Sequence[tuple[int, list[bytes]]]) -> list[bytes]:
    """A binary search for the number in the accumulator."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    low, high = _tree(ranges[:middle]), _tree(ranges[middle:])
    # A conditional jump reaches 255 instructions, an unconditional one as far as need be.
    return [_code(_AT_LEAST, ranges[middle][0], otherwise=1), _code(_JUMP, len(low)), *low, *high]


def _checking(check: Check) -> list[bytes]:
    code: list[bytes] = []
    for way in check.ways:
        part = [_answer(0)]
        for test in reversed(way):
            part = [*_testing(test, len(part)), *part]
        code += part
    return [*code, _answer(check.error)]


def _testing(test: Test, rest: int) -> list[bytes]:
    """Fall through to the ``rest`` instructions that follow if ``test`` holds, else skip them."""
    load = _code(_LOAD, _ARGUMENTS + 8 * test.argument)
    if isinstance(test, Without):
        return [load, _code(_ANY_BIT, test.bits, then=rest)]
    many = len(test.values)
    if isinstance(test, NotAmong):
        return [load, *(_code(_EQUAL, value, then=rest + many - at - 1) for at, value in enumerate(test.values))]
    *most, last = test.values
    return [
        load,
        *(_code(_EQUAL, value, then=many - at - 1) for at, value in enumerate(most)),
        _code(_EQUAL, last, otherwise=rest),
    ]


def _answer(error: int) -> bytes:
    return _code(_RETURN, _ERRNO | error if error else _ALLOW)


def _code(operation: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One ``struct sock_filter``."""
    return struct.pack("<HBBI", operation, then, otherwise, value)
