"""The filter at work: what is refused in a box, and what still runs."""

from __future__ import annotations

import errno
import platform
from typing import Any

import pytest

from seatrial.sandbox import api
from seatrial.sandbox.adapters import machine
from seatrial.sandbox.core.syscalls import MACHINES, REFUSED
from seatrial.sandbox.types import Limits

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(platform.machine() not in MACHINES, reason="no table of calls for this architecture"),
]

CALL = """
import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
for call in sys.stdin.read().split():
    ctypes.set_errno(0)
    made = libc.syscall(int(call), -1, -1, -1, -1, -1, -1)
    print(call, made, ctypes.get_errno())
"""


async def test_every_refused_call_is_refused(run: Any) -> None:
    at = MACHINES.index(platform.machine())
    refused = {str(numbers[at]): group.error for group in REFUSED for numbers in group.calls.values() if numbers[at]}
    outcome = await run("python3", "-c", CALL, stdin=" ".join(refused).encode())
    assert outcome.ok, outcome.stderr
    said = {number: (made, int(error)) for number, made, error in map(str.split, outcome.stdout.decode().splitlines())}
    assert said == {number: ("-1", error) for number, error in refused.items()}


async def test_the_filter_is_on_every_process_of_the_box(run: Any) -> None:
    outcome = await run("sh", "-c", "cat /proc/1/status /proc/self/status | grep Seccomp:")
    assert outcome.stdout == b"Seccomp:\t2\nSeccomp:\t2\n"
    assert "not filtered" not in api.version()
    assert machine.policy(()).filter is not None


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("socket.socket(40, socket.SOCK_STREAM)", errno.EAFNOSUPPORT),  # vsock: the hypervisor
        ("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", errno.EAFNOSUPPORT),
        ("socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)", errno.EAFNOSUPPORT),
        ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)", errno.EAFNOSUPPORT),
        ("fcntl.ioctl(0, termios.TIOCSTI, b'x')", errno.EPERM),
        ("fcntl.ioctl(0, 0x541C, b'x')", errno.EPERM),
        ("os.memfd_create('x')", errno.ENOSYS),
    ],
)
async def test_what_is_dangerous_with_some_arguments_is_refused_with_those(run: Any, code: str, error: int) -> None:
    attempt = f"import fcntl, os, socket, termios\ntry: {code}\nexcept OSError as error: print(error.errno)"
    assert (await run("python3", "-c", attempt)).stdout == f"{error}\n".encode()


async def test_threads_processes_sockets_and_subprocesses_work(run: Any) -> None:
    code = """
import asyncio, multiprocessing, socket, subprocess, threading
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(subprocess.run(["sh", "-c", "echo child | cat"], capture_output=True, text=True).stdout, end="")
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(sum(pool.map(abs, [-1, -2])))
async def serve():
    server = await asyncio.start_server(lambda r, w: (w.write(b"served\\n"), w.close()), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    print((await reader.read()).decode(), end="")
asyncio.run(serve())
print(socket.gethostbyname("localhost"))
"""
    outcome = await run("python3", "-c", code)
    assert outcome.stdout == b"thread\nchild\n3\nserved\n127.0.0.1\n", outcome.stderr


@pytest.mark.compiler
@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
async def test_sanitizer_builds_run_and_report(run: Any, box: api.Sandbox, sanitizer: str) -> None:
    if "cc" not in api.toolchain():
        pytest.skip("no C compiler with AddressSanitizer")
    await box.write("fine.c", "#include <stdlib.h>\nint main(void) { return malloc(8) == 0; }\n")
    built = await run("cc", "-g", f"-fsanitize={sanitizer}", "fine.c", "-o", "fine")
    if not built.ok and sanitizer == "thread":
        pytest.skip("no ThreadSanitizer")
    outcome = await run("./fine", limits=Limits(memory_bytes=None))
    assert (outcome.status, outcome.stderr) == (0, b"")
