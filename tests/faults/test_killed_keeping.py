"""kill -9 of a gateway whose consent has bodies kept: no request leaves unkept, no half file passes as a whole one."""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from simulators.scripted_upstream import ScriptedUpstream

from .test_killed_gateway import Instance

CALLERS = 6
KILLS = 6


@pytest.fixture
def instance(tmp_path):
    made = Instance(tmp_path)
    yield made
    made.close()


class Load:
    """Callers that ask all the time, for short and long answers, and take whatever becomes of it."""

    def __init__(self, port: int, key: str) -> None:
        self.url, self.headers = f"http://127.0.0.1:{port}/v1/chat/completions", {"Authorization": f"Bearer {key}"}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _ask(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            words = ("hello", f"caller {number} asks {count}", "flood")[count % 3]
            asked = {"model": "north-7b", "max_tokens": 50, "messages": [{"role": "user", "content": words}]}
            with contextlib.suppress(httpx.TransportError):
                httpx.post(self.url, json={**asked, "stream": words != "hello"}, headers=self.headers, timeout=20)
            time.sleep(0.01)


def test_every_request_that_left_is_kept_and_what_was_cut_says_so(instance, tmp_path):
    own, chance = str(tmp_path / "own.key"), random.Random(4)
    with ScriptedUpstream(interval=0.001) as upstream:
        review, key = instance.ask("prepare", upstream.base_url, own)
        for _ in range(KILLS):
            gateway = instance.gateway()
            load = Load(instance.port, key)
            time.sleep(chance.uniform(0.2, 0.8))
            gateway.send_signal(signal.SIGKILL)
            gateway.communicate()
            load.end()
        instance.gateway()
        forwarded = ["sha256:" + hashlib.sha256(seen.body).hexdigest() for seen in upstream.requests]
        uses = instance.ask("kept", review, own)
        assert instance.ask("report", review)["fault"] is None
    assert len(forwarded) > KILLS
    whole = [request for _, request, _, bodies in uses if bodies["request"]["opens"] == request]
    for digest in set(forwarded):
        assert whole.count(digest) >= forwarded.count(digest)
    killed = 0
    for ended, request, response, bodies in uses:
        killed += ended == "gateway-stopped"
        for side, said in (("request", request), ("response", response)):
            body = bodies[side]
            if body["whole"]:
                assert body["as_recorded"]
                assert body["opens"] is not None
                assert said in (None, body["opens"])  # nobody knows what a killed gateway had handed over
            else:  # it opens if the kill came between its last byte and its name: only a name says that it is whole
                assert ended == "gateway-stopped"
    assert killed
    kept = sum(len(bodies) for *_, bodies in uses)
    assert len(list(Path(tmp_path, "artefacts", "bodies", review).iterdir())) <= kept
