"""Large JSON bodies are read in processes of their own: the reading holds up nobody, and its memory is gone with it.

A parser of twenty mebibytes may keep the interpreter to itself for half a second, and make a gigabyte of small things;
no stream could be cut on time meanwhile. ``python -m seatrial.gateway.reading`` reads one body after the other from
its standard input and ends when that does.

    one line of JSON: method, path, headers, size, answer_tokens     then ``size`` bytes
    one line of JSON back: asked, or refused with code and message
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import BinaryIO

from seatrial.gateway.call import Asked, Call, Headers, Large, asked
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable

_READERS = 2
_BODIES = 32  # that one process reads, then a fresh one
_MEMORY = 2 * 2**30  # bytes of addresses that one may have


class Readers:
    """Processes that are started when they are first needed, one for each of our threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_READERS, "read")
        self._own = threading.local()
        self._children: set[_Reader] = set()
        self._lock = threading.Lock()

    def read(self, call: Call, body: Large, *, answer_tokens: int) -> asyncio.Future[Asked]:
        """What ``call.asked`` says of it. Raises ``Misuse`` as that does, ``Unavailable`` (``spool-broke``)."""
        return asyncio.get_running_loop().run_in_executor(self._threads, self._read, call, body, answer_tokens)

    def close(self) -> None:
        """End them all."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            children, self._children = self._children, set()
        for child in children:
            child.end()

    def _read(self, call: Call, body: Large, answer_tokens: int) -> Asked:
        reader: _Reader | None = getattr(self._own, "reader", None)
        if reader is None or reader.spent:
            self._drop(reader)
            self._own.reader = reader = _Reader()
            with self._lock:
                self._children.add(reader)
        try:
            return reader.read(call, body, answer_tokens)
        except Misuse:
            raise
        except Exception:  # half a body may be in its pipe
            self._own.reader = None
            self._drop(reader)
            raise

    def _drop(self, reader: _Reader | None) -> None:
        if reader is not None:
            with self._lock:
                self._children.discard(reader)
            reader.end()


class _Reader:
    """One process."""

    def __init__(self) -> None:
        words = [sys.executable, "-P", "-m", "seatrial.gateway.reading"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self._left = _BODIES

    @property
    def spent(self) -> bool:
        return self._left == 0

    def read(self, call: Call, body: Large, answer_tokens: int) -> Asked:
        self._left -= 1
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise _ended()
        fields, size = call.headers.fields, len(body)
        head = {
            "method": call.method,
            "path": call.path,
            "headers": fields,
            "size": size,
            "answer_tokens": answer_tokens,
        }
        try:
            into.write(json.dumps(head).encode() + b"\n")
            for number in range(body.pieces):
                into.write(body.read(number))
            into.flush()
            said = json.loads(out.readline() or b"{}")
        except (OSError, ValueError) as error:
            raise _ended() from error
        if "refused" in said:
            raise Misuse(*said["refused"])
        if "asked" not in said:
            raise _ended()
        return Asked(**said["asked"])

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()


def _ended() -> Unavailable:
    return Unavailable(
        "reader-ended", "The gateway could not read the body to its end; send it again, or a smaller one."
    )


def answer(into: BinaryIO, out: BinaryIO) -> bool:
    """Read one body and say what it asks for; false at the end of ``into``."""
    line = into.readline()
    if not line:
        return False
    head = json.loads(line)
    data = into.read(head["size"])
    if len(data) < head["size"]:
        return False
    call = Call(head["method"], head["path"], "", Headers(map(tuple, head["headers"])), data)
    said: dict[str, object]
    try:
        said = {"asked": asdict(asked(call, answer_tokens=head["answer_tokens"]))}
    except SeatrialError as error:
        said = {"refused": [error.code, error.message]}
    except MemoryError:
        said = {"refused": ["body-invalid", "The body has too many parts to be read; send it in smaller ones."]}
    out.write(json.dumps(said).encode() + b"\n")
    out.flush()
    return True


def main() -> None:
    """Answer until the other end is gone."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # a system without such bounds
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with contextlib.suppress(BrokenPipeError):
        while answer(sys.stdin.buffer, sys.stdout.buffer):
            pass


if __name__ == "__main__":
    main()
