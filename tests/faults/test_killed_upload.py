"""A gateway that is killed in the middle of a large body leaves nothing of it, and forwarded nothing."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from simulators.drinking_endpoint import DrinkingEndpoint

from .test_killed_gateway import Instance
from .test_several_gateways import until

SIZE = 8 * 2**20


def test_nothing_of_a_large_body_is_left(tmp_path: Path):
    instance = Instance(tmp_path)
    spool = tmp_path / "gateway" / "spool"
    try:
        with DrinkingEndpoint() as endpoint:
            review, key = instance.ask("prepare", endpoint.base_url)
            gateway = instance.gateway()
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {2 * SIZE}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", instance.port), timeout=10) as one:
                one.sendall(head.encode() + b" " * SIZE)
                until(lambda: held(gateway.pid, spool) >= SIZE - 2**20)
                assert list(spool.iterdir()) == []
                gateway.send_signal(signal.SIGKILL)
                gateway.communicate()
            assert list(spool.iterdir()) == []
            assert endpoint.took == []
            assert instance.ask("report", review)["ended"] == []
    finally:
        instance.close()


def held(process: int, folder: Path) -> int:
    """Bytes of files without a name in that folder that the process has open."""
    size = 0
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            where = str(descriptor.readlink())
            size += descriptor.stat().st_size if where.startswith(f"{folder}{os.sep}") else 0
        except FileNotFoundError:  # closed meanwhile
            continue
    return size
