"""kill -9 of the gateway in the middle of streams: the next start settles them, and nothing is free of charge."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.scripted_upstream import ScriptedUpstream

CHILD = Path(__file__).with_name("gateway_process.py")
STREAMS = 3
MAX_TOKENS = 700


class Instance:
    """A database in a folder, and the processes a test starts over it."""

    metrics = 0

    def __init__(self, home: Path, **more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self._environment = {
            **os.environ,
            "SEATRIAL_HOME": str(home),
            "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db",
            "SEATRIAL_GATEWAY_PORT": str(self.port),
            **more,
        }
        self._environment.pop("SEATRIAL_TEST_DATABASE", None)
        self._gateways: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        words = [sys.executable, str(CHILD), *arguments]
        return subprocess.Popen(words, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, *arguments: str) -> Any:
        process = self.start(*arguments)
        said, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
        return json.loads(said.strip().splitlines()[-1])

    def gateway(self) -> subprocess.Popen[str]:
        process = self.start("serve")
        self._gateways.append(process)
        until = time.monotonic() + 20
        while time.monotonic() < until and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=1).status_code == 200:
                    return process
            except httpx.TransportError:
                time.sleep(0.05)
        process.kill()
        raise AssertionError(process.communicate()[1])

    def close(self) -> None:
        for process in self._gateways:
            process.terminate()
            try:
                process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


@pytest.fixture
def instance(tmp_path):
    made = Instance(tmp_path)
    yield made
    made.close()


def stream(client: httpx.Client, port: int, key: str) -> Any:
    body = {
        "model": "north-7b",
        "max_tokens": MAX_TOKENS,
        "stream": True,
        "messages": [{"role": "user", "content": "forever"}],
    }
    request = client.build_request(
        "POST", f"http://127.0.0.1:{port}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}
    )
    return client.send(request, stream=True)


def test_streams_of_a_killed_gateway_are_settled_by_its_next_start(instance):
    with ScriptedUpstream(interval=0.05) as upstream, httpx.Client(timeout=20) as client:
        review, key = instance.ask("prepare", upstream.base_url)
        gateway = instance.gateway()
        answers = [stream(client, instance.port, key) for _ in range(STREAMS)]
        reading = [
            answer.iter_raw() for answer in answers
        ]  # held: a dropped iterator hangs up, and the gateway sees it
        for chunks in reading:
            next(chunks)
        gateway.send_signal(signal.SIGKILL)
        gateway.communicate()
        for answer in answers:
            answer.close()
        left = instance.ask("report", review)
        assert left["ended"] == [None] * STREAMS
        assert left["usage"]["in_flight"] == STREAMS
        reserved = left["usage"]["tokens"]
        assert reserved > STREAMS * MAX_TOKENS

        instance.gateway()
        after = instance.ask("report", review)
        assert after["ended"] == ["gateway-stopped"] * STREAMS
        said = {"requests": STREAMS, "tokens": reserved, "in_flight": 0}
        assert after["usage"] == said | {"money": 0, "currency": ""}
        assert after["proven"] == STREAMS
        assert after["fault"] is None


def test_a_withdrawal_by_another_process_cuts_and_sigterm_ends_the_gateway(instance):
    with ScriptedUpstream(interval=0.02) as upstream, httpx.Client(timeout=20) as client:
        review, key = instance.ask("prepare", upstream.base_url)
        gateway = instance.gateway()
        answer = stream(client, instance.port, key)
        chunks = answer.iter_raw()
        next(chunks)
        instance.ask("withdraw", review)
        committed = time.monotonic()  # later than the commit: the process had yet to end
        rest = b"".join(chunks)
        assert time.monotonic() - committed <= 1.0
        assert b'"code": "withdrawn"' in rest
        refused = stream(client, instance.port, key)
        assert refused.status_code == 403
        gateway.terminate()
        _, complaint = gateway.communicate(timeout=10)
        assert gateway.returncode == 0
        assert "Traceback" not in complaint
        assert instance.ask("report", review)["ended"] == ["withdrawn"]


def test_a_second_gateway_on_the_port_ends_with_one_sentence(instance):
    with ScriptedUpstream() as upstream:
        instance.ask("prepare", upstream.base_url)
        instance.gateway()
        second = instance.start("serve")
        _, complaint = second.communicate(timeout=30)
        assert second.returncode != 0
        assert "set SEATRIAL_GATEWAY_PORT to a free one" in complaint.strip().splitlines()[-1]
