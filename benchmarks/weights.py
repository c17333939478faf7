"""Weights sent and fetched over the real server on this machine, sealed and verified, beside a plain copy over HTTP.

    python -m benchmarks.weights [--quick]

A folder of random files goes through ``client.weights.send`` and ``fetch`` to a portal process of its own (granian,
SQLite, loopback). Beside it the same bytes go up and down through a bare ASGI application on the same server, written
to a file and flushed as parts are: what a transfer would cost without sealing, digests, rights and custody. Figures are
bytes a second of wall-clock time; of several rounds the median. ``resumed`` is what a second ``send`` sends again after
one that was stopped half-way, as a share of all. One JSON line last; exits 1 unless every bar holds.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
PART = 32 * 2**20
BARS = {"send_of_plain": 0.25, "fetch_of_plain": 0.25, "resumed": 0.05}
_BARE = """
import os, tempfile
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = os.path.join(os.environ["BARE"], "bare" + scope["path"].replace("/", "_"))
    headers, body = [], b""
    if scope["method"] == "PUT":
        with open(path, "wb") as file:
            while True:
                message = await receive()
                file.write(message.get("body", b""))
                if not message.get("more_body"):
                    break
            file.flush()
            os.fsync(file.fileno())
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "GET" and os.path.exists(path):
        with open(path, "rb") as file:
            while piece := file.read(65536):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
"""


class Stopped(Exception):
    """Ends a transfer half-way."""


def timed(work: Callable[[], object], size: int) -> float:
    """Bytes a second."""
    begun = time.perf_counter()
    work()
    return size / (time.perf_counter() - begun)


def plain(base: str, folder: Path, to: Path) -> tuple[float, float]:
    """The same bytes up and down, in pieces of a part, one after the other."""
    size = sum(file.stat().st_size for file in folder.iterdir())

    def up() -> None:
        with httpx.Client(timeout=60) as client:
            for file in sorted(folder.iterdir()):
                with file.open("rb") as handle:
                    number = 0
                    while piece := handle.read(PART):
                        client.put(f"{base}/{file.name}/{number}", content=piece).raise_for_status()
                        number += 1

    def down() -> None:
        with httpx.Client(timeout=60) as client:
            for file in sorted(folder.iterdir()):
                with (to / file.name).open("wb") as handle:
                    for number in range(-(-file.stat().st_size // PART)):
                        with client.stream("GET", f"{base}/{file.name}/{number}") as answer:
                            for piece in answer.iter_bytes(2**20):
                                handle.write(piece)
                    handle.flush()
                    os.fsync(handle.fileno())

    return timed(up, size), timed(down, size)


def main() -> int:
    """Everything, in one run."""
    from seatrial.client import Seatrial
    from seatrial.client.weights import manifest_for
    from seatrial.compute.api import command, free_port, running, wait_until_ready
    from seatrial.kernel.digests import Digest, digest
    from seatrial.kernel.recipients import private_key

    quick = "--quick" in sys.argv[1:]
    mebibytes, rounds = (128, 1) if quick else (1024, 3)
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        home, port = Path(name), free_port("127.0.0.1")
        bare = next(other for _ in range(100) if (other := free_port("127.0.0.1")) != port)
        folder, key = home / "model", home / "eva.key"
        folder.mkdir()
        for number in range(2):
            (folder / f"{number}.bin").write_bytes(os.urandom(mebibytes << 19))
        environment = {
            **os.environ,
            "SEATRIAL_HOME": str(home / "instance"),
            "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db",
            "SEATRIAL_PORT": str(port),
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
            "BARE": str(home),
        }
        (home / "instance").mkdir()
        (home / "bare_application.py").write_text(_BARE)
        words = [sys.executable, str(TESTS / "faults" / "weights_instance.py"), str(folder), str(key)]
        said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        made, url = json.loads(said.stdout.splitlines()[-1]), f"http://127.0.0.1:{port}"
        server = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(bare)]
        server += ["--working-dir", str(home), "--no-access-log", "--log-level", "error", "bare_application:app"]
        log, size = home / "log", mebibytes << 20
        with (
            running(command("portal"), log=log, environment=environment) as portal,
            running(server, log=home / "bare.log", environment=environment) as other,
        ):
            wait_until_ready(f"{url}/api/v1/health", portal, name="portal", log=log)
            wait_until_ready(f"http://127.0.0.1:{bare}/", other, name="bare", log=home / "bare.log")
            lab, body = Seatrial(url, made["signatory"]), Seatrial(url, made["evaluator"])
            own = private_key(key)
            files = {file.name: digest(file.read_bytes()) for file in sorted(folder.iterdir())}
            consent = lab.reviews.show(made["review"]).consent
            assert consent is not None
            sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
            offered = manifest_for(files, sizes, artefact=Digest(consent.artefact), keys=[own.public], part_bytes=PART)
            taken: dict[str, list[float]] = {"send": [], "fetch": [], "plain_up": [], "plain_down": []}
            for number in range(rounds):
                transfer = lab.weights.offer(made["review"], offered).id
                taken["send"].append(timed(lambda: lab.weights.send(transfer, folder, [own.public]), size))  # noqa: B023
                lab.weights.complete(transfer)
                to = home / f"to-{number}"
                taken["fetch"].append(timed(lambda: body.weights.fetch(transfer, to, own), size))  # noqa: B023
                lab.weights.cancel(transfer)
                down = home / f"plain-{number}"
                down.mkdir()
                up_rate, down_rate = plain(f"http://127.0.0.1:{bare}", folder, down)
                taken["plain_up"].append(up_rate)
                taken["plain_down"].append(down_rate)
            again = resumed(lab, made["review"], offered, folder, [own.public], size)
    rate = {name: statistics.median(values) for name, values in taken.items()}
    measured = {
        "send_of_plain": rate["send"] / rate["plain_up"],
        "fetch_of_plain": rate["fetch"] / rate["plain_down"],
        "resumed": again,
    }
    bars = {
        name: {
            "asked": f"{'<=' if name == 'resumed' else '>='} {asked:g}",
            "measured": round(measured[name], 3),
            "holds": measured[name] <= asked if name == "resumed" else measured[name] >= asked,
        }
        for name, asked in BARS.items()
    }
    for name, value in rate.items():
        print(f"  {name}: {value / 2**20:,.0f} MiB/s")
    claim = "weights travel sealed, verified and in custody at a good part of the speed of a plain copy"
    print(json.dumps({"claim": claim, "bars": bars, "mebibytes": mebibytes, "bytes_a_second": rate}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


def resumed(lab: object, review: str, offered: object, folder: Path, keys: list[object], size: int) -> float:
    """Stop a transfer half-way and send again: what is sent twice, as a share of all."""
    transfer = lab.weights.offer(review, offered).id  # type: ignore[attr-defined]
    seen: list[int] = []

    def stop(done: int, _total: int) -> None:
        if done >= size / 2:
            raise Stopped

    with contextlib.suppress(Stopped):
        lab.weights.send(transfer, folder, keys, progress=stop)  # type: ignore[attr-defined]
    there = len(lab.weights.parts(transfer))  # type: ignore[attr-defined]
    lab.weights.send(transfer, folder, keys, progress=lambda done, _total: seen.append(done))  # type: ignore[attr-defined]
    sent = len(seen) - 1  # the first call tells what was there
    lab.weights.cancel(transfer)  # type: ignore[attr-defined]
    return max(0, sent + there - offered.parts) / offered.parts  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
