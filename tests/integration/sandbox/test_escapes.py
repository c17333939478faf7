"""Programs that try to get out: every attempt of ``attempts`` is made inside, and outside it is seen that it failed.

pytest tests/integration/sandbox/test_escapes.py
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.errors import SeatrialError
from seatrial.sandbox import api
from seatrial.sandbox.types import Command, Limits

from .attempts import ATTEMPTS, PRELUDE

pytestmark = pytest.mark.sandbox

TOKEN = "swordfish-of-the-host"
TRY = f"""{PRELUDE}
for line in sys.stdin: exec(line) if line.strip() else None
attempt = sys.argv[1]
print("TRIED", flush=True)
try:
    exec(attempt)
except (OSError, ValueError, AssertionError) as error:
    print("HELD", type(error).__name__, error)
else:
    print("ESCAPED")
"""


@dataclass
class Outside:
    """What attempts are after, and whether they got it."""

    secret: Path
    listener: socket.socket
    path: socket.socket
    abstract: socket.socket
    victim: subprocess.Popen[bytes]

    def names(self) -> str:
        """Lines of Python that tell an attempt where things are."""
        known = {
            "SECRET": str(self.secret),
            "PORT": self.listener.getsockname()[1],
            "ADDRESS": _own_address(),
            "ABSTRACT": self.abstract.getsockname()[1:].decode(),
            "SOCKET": self.path.getsockname(),
            "VICTIM": self.victim.pid,
            "TOKEN": TOKEN,
        }
        return "".join(f"{name} = {value!r}\n" for name, value in known.items())

    def untouched(self) -> bool:
        return (
            self.secret.read_text() == "of the host"
            and self.victim.poll() is None
            and not any(map(_connected, (self.listener, self.path, self.abstract)))
        )


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    secret = tmp_path / "secret"
    secret.write_text("of the host")
    monkeypatch.setenv("SEATRIAL_TEST_TOKEN", TOKEN)
    with (
        socket.create_server(("", 0)) as listener,
        socket.socket(socket.AF_UNIX) as path,
        socket.socket(socket.AF_UNIX) as abstract,
        tempfile.TemporaryDirectory() as short,
    ):
        path.bind(f"{short}/socket")
        abstract.bind(f"\0seatrial-{os.getpid()}")
        for server in (path, abstract):
            server.listen()
        victim = subprocess.Popen(["sleep", "600"])
        yield Outside(secret, listener, path, abstract, victim)
        victim.kill()
        victim.wait()


def test_there_are_attempts_of_every_kind() -> None:
    assert len(ATTEMPTS) >= 90
    print(f"attempts to get out: {len(ATTEMPTS)}")


async def test_an_attempt_that_got_out_would_be_seen(run: Any, outside: Outside) -> None:
    outcome = await run("python3", "-c", TRY, "pass", stdin=outside.names().encode())
    assert outcome.stdout == b"TRIED\nESCAPED\n"
    with socket.create_connection(outside.listener.getsockname()):
        assert not outside.untouched()


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_no_attempt_gets_out(run: Any, outside: Outside, name: str) -> None:
    outcome = await run("python3", "-c", TRY, ATTEMPTS[name], stdin=outside.names().encode())
    said = outcome.stdout.decode()
    assert said.startswith("TRIED\n"), outcome
    assert "\nHELD " in said, (outcome.stdout, outcome.stderr)
    assert outside.untouched()


RACE = """
import os
os.makedirs("real", exist_ok=True); open("real/f", "w").close()
while True:
    for target in (TARGET, "real"):
        try: os.unlink("d")
        except OSError: pass
        try: os.symlink(target, "d")
        except OSError: pass
    try: os.rename("real", "d2"); os.rename("d2", "real")
    except OSError: pass
"""


async def test_a_link_that_changes_while_we_read_and_write_leads_nowhere(box: api.Sandbox, outside: Outside) -> None:
    code = RACE.replace("TARGET", repr(str(outside.secret.parent)))
    racing = asyncio.ensure_future(box.run(Command(("python3", "-c", code), limits=Limits(wall_seconds=1))))
    await asyncio.sleep(0.3)
    while not racing.done():
        for path in ("d/secret", "d/f", "real/f"):
            for trying in (box.read(path), box.write(path, b"mine")):
                with contextlib.suppress(SeatrialError):
                    assert await trying in (b"", b"mine", None)
        await asyncio.sleep(0)
    await racing
    assert outside.untouched()
    assert _names(outside.secret.parent) == {"secret"}


async def test_another_boxs_files_and_processes_are_out_of_reach(run: Any) -> None:
    async with api.Sandbox.open({"secret": TOKEN}) as other:
        victim = asyncio.ensure_future(other.run(Command(("sh", "-c", f"echo {TOKEN} > /tmp/x; sleep 1; echo alive"))))
        await asyncio.sleep(0.2)
        code = "cat /box/* /tmp/* /proc/*/root/box/* /proc/[0-9]*/cmdline /proc/[0-9]*/environ; kill -9 -1"
        assert TOKEN.encode() not in (await run("sh", "-c", code)).stdout
        assert (await victim).stdout == b"alive\n"


DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3): os.close(number)
        while True:
            open("/box/beat", "a").write("x"); time.sleep(0.01)
    os._exit(0)
time.sleep(0.3)
"""


async def test_a_daemon_ends_with_its_command(run: Any, box: api.Sandbox) -> None:
    assert (await run("python3", "-c", DAEMON)).ok
    beaten = await box.read("beat")
    await asyncio.sleep(0.2)
    assert await box.read("beat") == beaten != b""


DEAF = """
import signal, time
for number in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(number, signal.SIG_IGN)
time.sleep(60)
"""


THREADS = """
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(60,)).start()
    except RuntimeError: pass
"""

BOMBS = {
    "deaf": (DEAF, Limits(wall_seconds=0.5), "timed_out"),
    "forks": ("import os\nwhile True:\n try: os.fork()\n except OSError: pass", Limits(wall_seconds=0.7), "timed_out"),
    "threads": (THREADS, Limits(wall_seconds=0.7), "timed_out"),
    "output": ("import os\nwhile True: os.write(1, bytes(1 << 20))", Limits(wall_seconds=0.7), "truncated"),
    "memory": (
        "import os\nos.fork(); os.fork(); os.fork()\nheld = []\nwhile True: held.append(bytearray(1 << 20))",
        Limits(wall_seconds=30, memory_bytes=None, resident_bytes=200 << 20),
        "out_of_memory",
    ),
    "disk": (
        "n = 0\nwhile True:\n n += 1\n open(f'{n}', 'wb').write(bytes(1 << 20))",
        Limits(wall_seconds=30, disk_bytes=30 << 20),
        "out_of_disk",
    ),
    "inodes": (
        "import os\nn = 0\nwhile True:\n n += 1\n os.symlink('x', f'{n}')",
        Limits(wall_seconds=30, disk_files=2000),
        "out_of_disk",
    ),
    "deep folders": (
        "import os, time\nfor n in range(60): os.mkdir('d' * 200); os.chdir('d' * 200)\ntime.sleep(60)",
        Limits(wall_seconds=2),
        "timed_out",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_stopped_and_nothing_of_it_is_left(
    alive: Callable[[str], bool], boxes: Callable[[], set[str]], name: str
) -> None:
    code, limits, how = BOMBS[name]
    marker = f"marker-bomb-{os.getpid()}"
    async with api.Sandbox.open() as box:
        outcome = await box.run(Command(("python3", "-c", code, marker), limits=limits))
        assert getattr(outcome, how), outcome
        assert not alive(marker)
    assert boxes() == set()


async def test_a_crash_leaves_no_core(run: Any) -> None:
    assert (await run("python3", "-c", "import os; os.abort()")).status == -signal.SIGABRT
    assert (await run("sh", "-c", "ls -A /box /tmp | grep -v : | tr -d '\\n'")).stdout == b""


def _names(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()}


def _connected(server: socket.socket) -> bool:
    server.settimeout(0)
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _own_address() -> str:
    """The address by which this machine is known beyond its loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
