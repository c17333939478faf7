"""Two gateway processes on one port: both carry calls, a withdrawal cuts on both, a killed one is replaced."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.scripted_upstream import ScriptedUpstream

from .test_killed_gateway import Instance, stream

STREAMS = 24  # so many that the system surely spreads them over both


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        metrics = taken.getsockname()[1]
    made = Instance(tmp_path, SEATRIAL_GATEWAY_PROCESSES="2", SEATRIAL_GATEWAY_METRICS_PORT=str(metrics))
    made.metrics = metrics
    yield made
    made.close()


def children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def in_flight(port: int) -> float:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    found = (float(line.split()[1]) for line in text.splitlines() if line.startswith("seatrial_gateway_in_flight "))
    return next(found, -1.0)  # shown a moment before the gateway itself serves


def open_streams(instance: Instance, client: httpx.Client, key: str) -> list[Any]:
    reading = [stream(client, instance.port, key).iter_raw() for _ in range(STREAMS)]
    for chunks in reading:
        next(chunks)
    return reading


def test_both_carry_calls_and_a_withdrawal_cuts_on_both(instance):
    with ScriptedUpstream(interval=0.05) as upstream, httpx.Client(timeout=20) as client:
        review, key = instance.ask("prepare", upstream.base_url)
        gateway = instance.gateway()
        until(lambda: len(children(gateway.pid)) == 2)
        until(lambda: all(_shows(instance.metrics + place) for place in (0, 1)))
        reading = open_streams(instance, client, key)
        shares = [in_flight(instance.metrics + place) for place in (0, 1)]
        assert sum(shares) == STREAMS
        assert min(shares) > 0
        instance.ask("withdraw", review)
        assert all(b'"code": "withdrawn"' in b"".join(chunks) for chunks in reading)
        gateway.terminate()
        _, complaint = gateway.communicate(timeout=20)
        assert gateway.returncode == 0
        assert "Traceback" not in complaint
        report = instance.ask("report", review)
        assert report["ended"] == ["withdrawn"] * STREAMS
        assert report["proven"] == STREAMS


def test_a_killed_one_is_replaced_and_what_it_left_is_settled(instance):
    with ScriptedUpstream(interval=0.05) as upstream, httpx.Client(timeout=20) as client:
        review, key = instance.ask("prepare", upstream.base_url)
        gateway = instance.gateway()
        until(lambda: all(_shows(instance.metrics + place) for place in (0, 1)))
        reading = open_streams(instance, client, key)
        first, second = children(gateway.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: len(children(gateway.pid)) == 2 and first not in children(gateway.pid))
        assert second in children(gateway.pid)
        until(lambda: "gateway-stopped" in instance.ask("report", review)["ended"])
        ended = instance.ask("report", review)["ended"]
        assert 0 < ended.count("gateway-stopped") < STREAMS
        assert ended.count(None) == STREAMS - ended.count("gateway-stopped")  # the other one's go on
        del reading


def _shows(port: int) -> bool:
    try:
        return in_flight(port) >= 0
    except httpx.TransportError:
        return False
