"""What a program in a box can see and reach: each test tries to get out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

pytestmark = pytest.mark.sandbox

CHECKOUT = Path(__file__).parents[3]


async def test_no_network_not_even_the_hosts_loopback(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        outcome = await run("python3", "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert b"ConnectionRefusedError" in outcome.stderr


async def test_no_interface_but_loopback(run: Any) -> None:
    outcome = await run("cat", "/proc/net/dev")
    assert [line.split(b":")[0].strip() for line in outcome.stdout.splitlines()[2:]] == [b"lo"]


async def test_a_socket_in_the_hosts_abstract_names_is_out_of_reach(run: Any) -> None:
    name = f"seatrial-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect('\\0{name}')"
        assert b"ConnectionRefusedError" in (await run("python3", "-c", code)).stderr


@pytest.mark.parametrize(
    "place",
    [Path.home(), CHECKOUT, settings.SEATRIAL.home, Path("/var"), Path("/home")],
    ids=["home", "checkout", "instance", "/var", "/home"],
)
async def test_home_checkout_and_data_are_not_there(run: Any, place: Path) -> None:
    outcome = await run("ls", "-A", str(place))
    assert outcome.status == 2
    assert b"No such file or directory" in outcome.stderr


async def test_the_root_holds_nothing_else(run: Any) -> None:
    found = set((await run("ls", "-A", "/")).stdout.decode().split())
    assert found <= {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr", "box"}


async def test_no_process_of_the_host_is_seen_or_signalled(run: Any) -> None:
    listing = await run("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert b"pytest" not in listing.stdout
    assert len((await run("sh", "-c", "ls -d /proc/[0-9]*")).stdout.split()) < 6
    code = f"import os\ntry: os.kill({os.getpid()}, 0)\nexcept ProcessLookupError: print('none')"
    assert (await run("python3", "-c", code)).stdout == b"none\n"


async def test_no_secret_of_the_environment_comes_in(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_TEST_TOKEN", "swordfish")
    outcome = await run("sh", "-c", "env; cat /proc/*/environ", env={"MINE": "yes"})
    assert b"swordfish" not in outcome.stdout
    names = {line.partition(b"=")[0] for line in (await run("env", env={"MINE": "yes"})).stdout.splitlines()}
    assert names == {b"PATH", b"HOME", b"LANG", b"PWD", b"MINE"}


@pytest.mark.parametrize("place", ["/", "/usr", "/usr/bin", "/etc", "/dev", "/proc/sys/kernel", "/sys"])
async def test_the_system_cannot_be_written(run: Any, place: str) -> None:
    assert not (await run("touch", f"{place}/mine")).ok


async def test_a_name_in_etc_cannot_be_rewritten(run: Any) -> None:
    assert not (await run("sh", "-c", "echo mine::0:0::/: >> /etc/passwd")).ok


async def test_it_is_nobody_and_can_become_nothing_else(run: Any) -> None:
    assert (await run("id", "-u")).stdout == b"65534\n"
    assert (await run("whoami")).stdout == b"nobody\n"
    status = dict(line.split(":\t") for line in (await run("cat", "/proc/self/status")).stdout.decode().splitlines())
    assert status["NoNewPrivs"] == "1"
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert not (await run("python3", "-c", "import os; os.setuid(0)")).ok


async def test_it_can_make_no_namespace_and_mount_nothing(run: Any) -> None:
    assert not (await run("unshare", "--user", "true")).ok
    assert not (await run("unshare", "--mount", "true")).ok
    assert not (await run("mount", "-t", "tmpfs", "none", "/tmp")).ok


async def test_it_has_no_terminal_to_type_into(run: Any) -> None:
    assert not (await run("sh", "-c", "exec < /dev/tty")).ok


AT_A_TERMINAL = """
import asyncio, os
from seatrial.sandbox import api
from seatrial.sandbox.types import Command

async def main():
    os.close(os.open("/dev/tty", os.O_RDWR))
    async with api.Sandbox.open() as box:
        reading = await box.run(Command(("sh", "-c", "exec < /dev/tty")))
        print("the box has", "a" if reading.ok else "no", "terminal")

asyncio.run(main())
"""


def test_it_has_no_terminal_to_type_into_where_we_have_one() -> None:
    code = "import pty, sys; pty.spawn([sys.executable, '-c', sys.argv[1]])"
    done = subprocess.run([sys.executable, "-c", code, AT_A_TERMINAL], capture_output=True, timeout=60, check=False)
    assert b"the box has no terminal" in done.stdout, done


async def test_it_inherits_no_descriptor(run: Any) -> None:
    listing = await run("python3", "-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:4])")
    assert listing.stdout == b"[0, 1, 2, 3]\n"  # 3 is the listing's own
    assert not (await run("sh", "-c", "true <&4")).ok


async def test_the_standard_input_cannot_be_changed(run: Any) -> None:
    outcome = await run("sh", "-c", "echo mine >> /proc/self/fd/0; cat", stdin=b"given\n")
    assert outcome.stdout == b"given\n"


async def test_python_and_a_shell_are_there(run: Any) -> None:
    assert (await run("python3", "-c", "import ssl, json; print('ok')")).stdout == b"ok\n"
    assert (await run("sh", "-c", "echo $HOME $PWD; ls -ld /tmp /box | wc -l")).stdout == b"/tmp /box\n2\n"
