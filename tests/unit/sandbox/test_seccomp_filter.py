"""The filter between a box and the kernel, run instruction by instruction as the kernel would."""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.sandbox.core.seccomp import PRETENDED, program
from seatrial.sandbox.core.syscalls import CHECKED, MACHINES, NEEDED, REFUSED

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}
EVERY = {name: numbers for group in (NEEDED, CHECKED, *REFUSED) for name, numbers in group.calls.items()}
ALLOW, KILL = "allow", "kill"


def answer(
    machine: str,
    number: int,
    arguments: Sequence[int] = (),
    architecture: int | None = None,
    *,
    pretending: bool = False,
) -> int | str:
    """What the kernel would do: ``ALLOW``, ``KILL`` or the error's number. An interpreter of what the filter uses."""
    code = program(machine, pretending=pretending)
    assert code is not None
    data = struct.pack(
        "<IIQ6Q",
        number,
        ARCHITECTURE[machine] if architecture is None else architecture,
        0,
        *(value & 0xFFFFFFFFFFFFFFFF for value in (*arguments, *[0] * (6 - len(arguments)))),
    )
    instructions = [struct.unpack("<HBBI", code[at : at + 8]) for at in range(0, len(code), 8)]
    at, accumulator = 0, 0
    while True:
        operation, then, otherwise, value = instructions[at]
        at += 1
        if operation == 0x20:
            [accumulator] = struct.unpack_from("<I", data, value)
        elif operation == 0x05:
            at += value
        elif operation == 0x06:
            return {0x7FFF0000: ALLOW, 0x80000000: KILL}.get(value, value & 0xFFFF)
        else:
            met = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[operation]
            at += then if met else otherwise


def number_of(machine: str, name: str) -> int | None:
    return EVERY[name][MACHINES.index(machine)]


@pytest.mark.parametrize("machine", MACHINES)
def test_each_call_of_the_table_gets_the_tables_answer(machine: str) -> None:
    for group in (NEEDED, *REFUSED):
        for name in group.calls:
            number = number_of(machine, name)
            if number is not None:
                assert answer(machine, number) == (group.error or ALLOW), name


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 2**32 - 1) | st.integers(0, 600))
def test_a_call_that_stands_nowhere_does_not_exist(machine: str, number: int) -> None:
    listed = {numbers[MACHINES.index(machine)] for numbers in EVERY.values()}
    assert number in listed or answer(machine, number) == errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_root_is_told_that_what_it_gives_away_is_given_and_all_else_is_as_for_nobody(machine: str) -> None:
    for name in EVERY:
        if (number := number_of(machine, name)) is not None:
            told = answer(machine, number, pretending=True)
            assert told == (0 if name in PRETENDED else answer(machine, number)), name
    assert set(NEEDED.calls) >= PRETENDED


@pytest.mark.parametrize("machine", MACHINES)
def test_the_other_conventions_of_an_architecture_kill(machine: str) -> None:
    for other in (
        0x40000003,
        0x40000028,
        0,
        *(set(ARCHITECTURE.values()) - {ARCHITECTURE[machine]}),
    ):  # i386, ARM
        assert answer(machine, 0, architecture=other) == KILL


def test_the_numbers_of_x32_do_not_exist() -> None:
    assert {answer("x86_64", 0x40000000 | number) for number in range(600)} == {errno.ENOSYS}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (0x01200011,), ALLOW),  # fork
        ("clone", (0x003D0F00,), ALLOW),  # a thread
        *(("clone", (flag | 17,), errno.EPERM) for flag in (0x80, 0x20000, *(1 << bit for bit in range(25, 31)))),
        ("clone3", (), errno.ENOSYS),
        ("socket", (1, 1, 0), ALLOW),
        ("socket", (2, 1, 6), ALLOW),
        ("socket", (10, 2, 17), ALLOW),
        ("socket", (2, 3, 1), errno.EAFNOSUPPORT),  # raw ICMP
        ("socket", (2, 1, 132), errno.EAFNOSUPPORT),  # SCTP
        ("socket", (16, 3, 0), ALLOW),
        ("socket", (16, 3, 12), errno.EAFNOSUPPORT),  # netfilter
        *(("socket", (family, 1, 0), errno.EAFNOSUPPORT) for family in (0, 3, 9, 17, 21, 38, 40, 44)),
        ("socketpair", (1, 1, 0), ALLOW),
        ("socketpair", (2, 1, 0), errno.EAFNOSUPPORT),
        ("ioctl", (0, 0x5401), ALLOW),
        *(("ioctl", (0, command), errno.EPERM) for command in (0x5412, 0x541C, 0x541D, 0x5423)),
        ("ioctl", (0, 0x1_0000_5412), errno.EPERM),  # the kernel looks at the lower half alone, and so do we
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x00040000,), ALLOW),
        ("personality", (0x0400000 | 8,), errno.EPERM),
    ],
)
def test_some_calls_depend_on_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int | str
) -> None:
    number = number_of(machine, name)
    assert number is not None
    assert answer(machine, number, arguments) == expected


def test_no_call_stands_twice() -> None:
    assert len(EVERY) == sum(len(group.calls) for group in (NEEDED, CHECKED, *REFUSED))
    for machine in MACHINES:
        numbers = [number for name in EVERY if (number := number_of(machine, name)) is not None]
        assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_systems_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    there = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", header.read_text())}
    there.setdefault("newfstatat", there.get("fstatat", -1))
    for name in EVERY:
        number = number_of(machine, name)
        if name in there and number is not None:
            assert number == there[name], name


def test_an_architecture_without_a_table_has_no_filter() -> None:
    assert program("s390x") is None
