"""Sealing a big file and opening it again, with the cipher alone and SHA-256 as what it is compared with.

    python -m benchmarks.envelope [--quick]

Everything stays in memory, so that the disk has no part in it: sealing reads random bytes and counts what it writes,
opening reads the sealed file and counts what it gives out. The cipher alone is AES-256-GCM of the same library on
chunks of 1 MiB into one buffer, with neither file, header nor last-chunk flag. SHA-256 is what a transfer of weights
takes beside it. Figures are bytes a second of wall-clock time, the best of the rounds. ``added_memory`` is the most
that sealing and opening add, as tracemalloc sees it. Exits 1 unless every bar holds. One JSON line last.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from seatrial.kernel.envelope import CHUNK, TAG, open_stream, seal
from seatrial.kernel.recipients import new_private_key

CLAIM = "a big file is sealed and opened at a gigabyte a second or more, in the memory of a few chunks"
BARS = {"seal": 1e9, "open": 1e9, "seal_of_cipher": 0.6, "open_of_cipher": 0.6}
MOST_MEMORY = 6 * CHUNK
CONTEXT = {"case": "review-0123456789abcdef", "label": "CONFIDENTIAL//TLP:RED"}


class Counter:
    """Takes bytes and keeps their number."""

    def __init__(self) -> None:
        self.taken = 0

    def write(self, data: memoryview, /) -> None:
        self.taken += len(data)


def best(rounds: int, size: int, work: Callable[[], object]) -> float:
    """Bytes a second of the fastest round."""
    found = 0.0
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found = max(found, size / (time.perf_counter() - started))
    return found


def cipher_alone(data: bytes) -> None:
    cipher, view, into = AESGCM(os.urandom(32)), memoryview(data), bytearray(CHUNK + TAG)
    for number, at in enumerate(range(0, len(data), CHUNK)):
        cipher.encrypt_into(number.to_bytes(12, "big"), view[at : at + CHUNK], None, into)


def main() -> int:
    quick = "--quick" in sys.argv
    chunks, rounds = (64, 2) if quick else (1024, 5)
    data = os.urandom(CHUNK) * chunks
    with tempfile.TemporaryDirectory() as folder:
        key = new_private_key(Path(folder, "own.key"))
    kept = io.BytesIO()
    seal(io.BytesIO(data), kept, context=CONTEXT, recipients=[key.public])

    def sealing() -> None:
        source.seek(0)
        seal(source, Counter(), context=CONTEXT, recipients=[key.public])

    def opening() -> None:
        kept.seek(0)
        if sum(len(piece) for piece in open_stream(kept, key=key, context=CONTEXT)) != len(data):
            raise RuntimeError("not all of it was given out")

    source = io.BytesIO(data)
    size = len(data)
    figures = {
        "seal": best(rounds, size, sealing),
        "open": best(rounds, size, opening),
        "cipher": best(rounds, size, lambda: cipher_alone(data)),
        "sha256": best(rounds, size, lambda: hashlib.sha256(data)),
    }
    figures["seal_of_cipher"] = figures["seal"] / figures["cipher"]
    figures["open_of_cipher"] = figures["open"] / figures["cipher"]
    tracemalloc.start()
    sealing()
    opening()
    added = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    for name, value in figures.items():
        print(f"{name:16} {value:7.2f}" if name.endswith("_of_cipher") else f"{name:16} {value / 1e9:7.2f} GB/s")
    print(f"added memory     {added / CHUNK:7.1f} MiB")
    bars = {
        name: {"asked": f">= {least:g}", "measured": round(figures[name], 3), "holds": figures[name] >= least}
        for name, least in BARS.items()
    }
    bars["added_memory"] = {"asked": f"<= {MOST_MEMORY}", "measured": added, "holds": added <= MOST_MEMORY}
    rounded = {name: round(value, 3) if value < 10 else round(value) for name, value in figures.items()}
    print(json.dumps({"claim": CLAIM, "bars": bars, "bytes": size, **rounded}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
