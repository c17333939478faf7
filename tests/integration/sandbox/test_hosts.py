"""Hosts beside a box: reached by name and TCP, and by nothing else."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

import pytest

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox import api
from seatrial.sandbox.types import Command, Host, Limits

pytestmark = pytest.mark.sandbox

SERVE = """
import http.server, socket, sys
http.server.HTTPServer((socket.gethostname(), int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
FETCH = "import sys, urllib.request as u\nfor a in sys.argv[1:]: print(u.urlopen(a, timeout=5).read().decode())"


def server(said: str, port: int = 8080, **how: int) -> Host:
    argv = ("python3", "serve.py", str(port), f"marker-host-{os.getpid()}")
    return Host(argv, {"serve.py": SERVE, "page": said}, ready=port)


async def fetch(box: api.Sandbox, *pages: str) -> str:
    outcome = await box.run(Command(("python3", "-c", FETCH, *pages)))
    return (outcome.stdout if outcome.ok else outcome.stderr).decode()


async def test_hosts_are_reached_by_name_and_address_on_the_same_port(
    alive: Callable[[str], bool], boxes: Callable[[], set[str]]
) -> None:
    async with api.Sandbox.open(hosts={"web": server("one"), "db": server("two")}) as box:
        assert box.addresses == {"web": "127.77.0.2", "db": "127.77.0.3"}
        assert await fetch(box, "http://web:8080/page", "http://db:8080/page") == "one\ntwo\n"
        assert await fetch(box, "http://127.77.0.3:8080/page") == "two\n"
        assert alive(f"marker-host-{os.getpid()}")
    assert not alive(f"marker-host-{os.getpid()}")
    assert boxes() == set()


async def test_a_host_reaches_its_neighbours_too() -> None:
    relay = (
        "import http.server as h, urllib.request as u\n"
        "class R(h.BaseHTTPRequestHandler):\n"
        " def do_GET(self):\n"
        "  self.send_response(200); self.end_headers(); self.wfile.write(u.urlopen('http://db:9000/page').read())\n"
        "h.HTTPServer(('web', 8080), R).serve_forever()"
    )
    hosts = {"web": Host(("python3", "-c", relay)), "db": server("inner", 9000)}
    async with api.Sandbox.open(hosts=hosts) as box:
        assert await fetch(box, "http://web:8080/") == "inner\n"


async def test_nothing_else_of_a_host_is_seen() -> None:
    async with api.Sandbox.open({"mine": ""}, hosts={"web": server("x")}) as box:
        seen = await box.run(Command(("sh", "-c", "ls /box /tmp; cat /proc/[0-9]*/cmdline; kill -9 -1")))
        assert b"mine" in seen.stdout
        assert b"serve.py" not in seen.stdout
        assert await fetch(box, "http://web:8080/page") == "x\n"  # the signal reached nobody there


async def test_no_way_leads_out_of_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with api.Sandbox.open(hosts={"web": server("x")}) as box:
            assert "refused" in await fetch(box, f"http://127.0.0.1:{port}/")
            interfaces = await box.run(Command(("cat", "/proc/net/dev")))
            routes = await box.run(Command(("cat", "/proc/net/route")))
        assert [line.split(b":")[0].strip() for line in interfaces.stdout.splitlines()[2:]] == [b"lo"]
        assert len(routes.stdout.splitlines()) == 1


async def test_two_boxes_have_two_networks() -> None:
    async with api.Sandbox.open(hosts={"web": server("mine")}) as one, api.Sandbox.open() as other:
        assert await fetch(one, "http://web:8080/page") == "mine\n"
        assert "refused" in await fetch(other, "http://127.77.0.2:8080/page")


async def test_commands_may_not_change_the_network() -> None:
    async with api.Sandbox.open(hosts={"web": server("x")}) as box:
        code = (
            "import fcntl, socket, struct\ns = socket.socket()\nfcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 0))"
        )
        assert b"PermissionError" in (await box.run(Command(("python3", "-c", code)))).stderr
        assert await fetch(box, "http://web:8080/page") == "x\n"


async def test_a_host_is_bound_as_programs_are(alive: Callable[[str], bool]) -> None:
    hungry = (
        "import http.server as h, time\n"
        "s = h.HTTPServer(('web', 8080), h.BaseHTTPRequestHandler)\n"
        "x = bytearray(300 << 20)\n"
        "time.sleep(60)"
    )
    limits = Limits(memory_bytes=None, resident_bytes=100 * 1024**2, wall_seconds=60)
    async with api.Sandbox.open(hosts={"web": Host(("python3", "-c", hungry))}, host_limits=limits):
        for _ in range(100):
            if not alive("h.BaseHTTPRequestHandler"):
                return
            await asyncio.sleep(0.05)
    pytest.fail("a host that holds too much lives on")


async def test_a_host_that_ends_before_it_listens_says_why(boxes: Callable[[], set[str]]) -> None:
    with pytest.raises(Unavailable, match="no such luck") as raised:
        async with api.Sandbox.open(hosts={"ok": server("x"), "web": Host(("sh", "-c", "echo no such luck >&2"))}):
            pass
    assert raised.value.code == "host-failed"
    assert boxes() == set()


async def test_the_end_of_hosts_is_quiet_and_touches_nobody_elses_descriptor() -> None:
    said: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: said.append(what))
    async with api.Sandbox.open(hosts={"web": server("x")}) as box:
        assert box._beside is not None
        keeper = box._beside._keeper
    keeper.kill()  # long settled
    await asyncio.sleep(0.05)
    assert said == []


async def test_a_host_that_never_listens_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch, alive: Callable[[str], bool]
) -> None:
    monkeypatch.setattr("seatrial.sandbox.adapters.hosts._PATIENCE", 0.3)
    marker = f"marker-silent-{os.getpid()}"
    with pytest.raises(Unavailable, match="did not listen"):
        async with api.Sandbox.open(hosts={"web": Host(("sh", "-c", f"sleep 60; : {marker}"))}):
            pass
    assert not alive(marker)


async def test_a_box_whose_keeper_is_gone_says_so() -> None:
    async with api.Sandbox.open(hosts={"web": server("x")}) as box:
        assert box._beside is not None
        box._beside._keeper.kill()
        await asyncio.sleep(0.2)
        with pytest.raises(Unavailable) as raised:
            await box.run(Command(("true",)))
        assert raised.value.code == "network-ended"


async def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(Misuse):
        async with api.Sandbox.open(hosts={"a b": server("x")}):
            pass
