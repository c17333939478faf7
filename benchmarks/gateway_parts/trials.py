"""What is no rate: memory, revocations, an exact budget, kills, doubtful requests. Each returns its figures."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .ambiguous import AMBIGUOUS, CLEAR, answers_to
from .load import request
from .stage import LOAD_CORE, Instance, load, new_key, pinned, revoke, wait_for

_STOP = b"0\r\n\r\n"
_REQUEST = 16  # MiB of a large request


def memory(child: subprocess.Popen[bytes], port: int, key: str, exchanges: int, mebibytes: int) -> dict[str, float]:
    """MiB of the gateway after a first load, how many more after ``exchanges``, while a large answer streams, and while
    as much comes in large requests.
    """

    seconds = 1 if exchanges < 10_000 else 5

    def answer_some(number: int) -> None:
        done = 0.0
        while done < number:
            done += seconds * load(port, key, 32, seconds, "plain")["answers"]

    answer_some(exchanges // 5)
    before = _resident(child.pid)
    answer_some(exchanges)
    after = _resident(child.pid)
    most = after
    with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
        one.sendall(request(key, large=mebibytes))
        got = 0
        while got < mebibytes << 20:
            got += len(one.recv(2**20))
            most = max(most, _resident(child.pid))
    sent = request(key, words="x" * (_REQUEST << 20))
    again = most_asked = _resident(child.pid)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
        for _ in range(max(1, mebibytes // _REQUEST)):
            for start in range(0, len(sent), 2**20):
                one.sendall(sent[start : start + 2**20])
                most_asked = max(most_asked, _resident(child.pid))
            if not one.recv(2**16).startswith(b"HTTP/1.1 200 "):
                raise RuntimeError("a large request was refused")
            most_asked = max(most_asked, _resident(child.pid))
    return {"before": before, "grown": after - before, "streaming": most - after, "asking": most_asked - again}


def _resident(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


async def revocations(port: int, review: str, endpoint: int, *, streams: int, revoked: int) -> dict[str, Any]:
    """Milliseconds from a key's committed revocation to its stream's last byte, with ``streams`` others flowing and a
    full load beside; bytes after the last event; and what the load beside came to, in calls a second. Raises
    ``RuntimeError`` if that load ended.
    """
    own, *secrets = [secret for _, secret in await asyncio.to_thread(_keys, review, streams + 1)]
    loud = [sys.executable, "-m", "benchmarks.gateway_parts.load", str(port), own, "32", "3600", "plain"]
    others = [await _stream(port, secret) for secret in secrets]
    readers = [asyncio.create_task(_drain(reader)) for reader, _ in others]
    beside = await asyncio.to_thread(_quiet, pinned(LOAD_CORE, loud))
    taken, late, silent = [], 0, 0
    try:
        await asyncio.sleep(1)
        calls, begun = await asyncio.to_thread(_seen, endpoint), time.monotonic()
        for _ in range(revoked):
            key, secret = await asyncio.to_thread(new_key, review)
            reader, writer = await _stream(port, secret)
            reading = asyncio.create_task(_last_byte(reader))
            await asyncio.sleep(0.03)
            committed = await asyncio.to_thread(revoke, key)
            moment, said = await asyncio.wait_for(reading, 30)
            taken.append((moment - committed) * 1000)
            silent += b'"code": "revoked-key"' not in said
            late += len(said.rpartition(b'"revoked-key"')[2].partition(b"\n\n")[2].replace(_STOP, b"").strip())
            writer.close()
        cut = sum(reader.done() for reader in readers)
        seconds = time.monotonic() - begun
        calls = await asyncio.to_thread(_seen, endpoint) - calls - revoked
        if beside.poll() is not None or calls <= 0:
            raise RuntimeError("the load beside the revocations ended before they did")
    finally:
        beside.kill()
        beside.wait()
        for reading_one, (_, writer) in zip(readers, others, strict=True):
            reading_one.cancel()
            writer.close()
    return {
        "milliseconds": sorted(taken),
        "late_bytes": late,
        "without_a_word": silent,
        "others_cut": cut,
        "calls_beside": calls / seconds,
    }


def _keys(review: str, count: int) -> list[tuple[str, str]]:
    return [new_key(review) for _ in range(count)]


def _quiet(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _stream(port: int, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(key, stream=True, go_on=True, max_tokens=10**6))
    head = await asyncio.wait_for(reader.readuntil(b"word "), 30)
    if b" 200 OK" not in head:
        raise RuntimeError(f"a stream was refused: {head[:300]!r}")
    return reader, writer


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def _last_byte(reader: asyncio.StreamReader) -> tuple[float, bytes]:
    moment, said = time.monotonic(), b""
    while True:
        data = await reader.read(65536)
        if not data:
            return moment, said
        moment, said = time.monotonic(), (said + data)[-4000:]
        if said.endswith(_STOP):
            return moment, said


async def exact(port: int, key: str, clients: int, calls: int) -> Counter[int]:
    """Statuses of more calls than a budget has, by ``clients`` at once."""
    statuses: Counter[int] = Counter()
    left = iter(range(calls + 10 * clients))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            writer.write(request(key))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            statuses[int(head.split()[1])] += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return statuses


def kills(instance: Instance, endpoint: int, review: str, rounds: int) -> dict[str, int]:
    """Kill the gateway at random under load, again and again; then hold what the endpoint got against the record.
    A kill counts as under load if a caller had been answered before it.
    """
    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    key, under_load = new_key(review)[1], 0
    for number in range(rounds):
        with instance.serve(LOAD_CORE) as child:
            caller = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.gateway_parts.caller", str(instance.port), key, str(number)],
                stdout=subprocess.PIPE,
            )
            assert caller.stdout is not None
            under_load += bool(caller.stdout.readline())
            time.sleep(random.uniform(0.0, 0.6))
            child.send_signal(signal.SIGKILL)
            child.wait()
            caller.kill()
            caller.communicate()
    with instance.serve(LOAD_CORE) as child:  # the last start settles and seals what is left
        wait_for(instance.port, child)
        time.sleep(1.5)
    with urllib.request.urlopen(f"http://127.0.0.1:{endpoint}/seen") as answer:
        seen = Counter(f"sha256:{digest}" for digest in json.load(answer))
    lab, views, before = parties.actor("lab-person"), [], None
    while page := access.exchanges(lab, review, limit=1000, before=before):
        views += page
        before = page[-1].id
    recorded = Counter(view.request_digest for view in views)
    public, proven = ledger.public_key(), 0
    sample = random.sample(views, min(len(views), 20 * rounds))  # to verify one takes some hundredths of a second
    for view in sample:
        if view.index is not None:
            access.verify_receipt(access.receipt(lab, view.id, now()), public)
            proven += 1
    return {
        "kills": rounds,
        "kills_under_load": under_load,
        "forwarded": seen.total(),
        "recorded": len(views),
        "forwarded_without_record": (seen - recorded).total(),
        "left_open": sum(view.ended is None for view in views),
        "without_receipt": sum(view.index is None for view in views),
        "receipts_verified": proven,
        "receipts_looked_at": len(sample),
        "ledger_fault": int(ledger.audit().fault is not None),
    }


def doubtful(port: int, key: str, endpoint: int, silence: float) -> dict[str, tuple[int, int]]:
    """For each ambiguous request the status of the first answer (0: none), and how many requests the endpoint got.
    Raises ``RuntimeError`` if a clear request does not pass: whoever refuses all would prove nothing.
    """

    def sent(template: bytes) -> tuple[int, int]:
        before = _seen(endpoint)
        raw = template.replace(b"{auth}", f"Authorization: Bearer {key}".encode())
        return _status(port, raw, silence), _seen(endpoint) - before

    for name, template in CLEAR.items():
        if (passed := sent(template)) != (200, 1):
            raise RuntimeError(f"a clear request ({name}) was answered with {passed[0]}, {passed[1]} forwarded")
    return {name: sent(template) for name, template in AMBIGUOUS.items()}


def _seen(endpoint: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{endpoint}/seen") as answer:
        return len(json.load(answer))


def _status(port: int, raw: bytes, silence: float) -> int:
    said = answers_to(port, raw, silence=silence)
    first = said.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0


def unlike(ours: dict[str, tuple[int, int]], theirs: dict[str, tuple[int, int]] | None) -> Sequence[str]:
    """Those neither refused here with nothing forwarded, nor passed as one request where nginx passes one too."""
    wrong = []
    for name, (status, forwarded) in ours.items():
        refused = (status == 0 or 400 <= status < 600) and forwarded == 0
        as_they = theirs is not None and theirs[name] == (200, 1) and (status, forwarded) == (200, 1)
        if not refused and not as_they:
            wrong.append(name)
    return wrong


def cores() -> str:
    """What was free for whom."""
    return f"{os.cpu_count()} cores: servers on the first, endpoint and load on the second"
