"""Bodies of requests that are too large for memory.

Each is in a file without a name, which is gone when its holder is, however it ends; and its pieces are encrypted with
a key that is in memory only, so what is left on the disk is nothing anybody could read. The digest is taken as the
body comes. No byte is written or read in the loop's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import tempfile
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable

PIECE = 2**18  # bytes of a body that are encrypted, read and sent at once
_TAG = 16
_AHEAD = 2 * PIECE  # that may wait to be written before the caller is not read from


class Spools:
    """Room for the bodies of one gateway process: ``room`` bytes of files in ``folder`` (the system's without one)."""

    def __init__(self, folder: Path | None, room: int) -> None:
        self.threads = ThreadPoolExecutor(2, "spool")
        self._folder = folder
        self._left = room
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Bytes that nobody holds."""
        return self._left

    def begin(self) -> Spooled:
        """A body that holds no room yet. Raises ``Unavailable`` (``spool-full``)."""
        try:
            file = tempfile.TemporaryFile(buffering=0, dir=self._folder)  # noqa: SIM115 - closed by its holder
        except OSError as error:
            raise _full() from error
        return Spooled(self, file)

    def take(self, size: int) -> None:
        """Raises ``Unavailable`` (``spool-full``)."""
        with self._lock:
            if size > self._left:
                raise _full()
            self._left -= size

    def give(self, size: int) -> None:
        """Back, from any thread."""
        with self._lock:
            self._left += size

    def close(self) -> None:
        """Nothing more is written or read."""
        self.threads.shutdown(wait=False, cancel_futures=True)


class Spooled:
    """One body in a file. Written and finished in turn by threads, then read by them; a ``call.Large``."""

    def __init__(self, spools: Spools, file: IO[bytes]) -> None:
        self._spools = spools
        self._file = file
        self._held = [0]  # bytes of room
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._sum = hashlib.sha256()
        self._rest = bytearray()
        self._sealed = 0
        self._size = 0
        self._lock = threading.Lock()
        self._give_back = weakref.finalize(self, _give_back, spools, file, self._held)
        self._give_back.atexit = False

    def __len__(self) -> int:
        return self._size

    @property
    def digest(self) -> Digest:
        return Digest("sha256:" + self._sum.hexdigest())

    @property
    def pieces(self) -> int:
        return self._sealed

    def hold(self, size: int) -> None:
        """Have room for ``size`` bytes in all. Raises ``Unavailable`` (``spool-full``)."""
        if size > self._held[0]:
            more = max(size - self._held[0], PIECE)
            self._spools.take(more)
            self._held[0] += more

    def add(self, data: bytes, *, last: bool = False) -> None:
        """Write some more. Raises ``Unavailable`` (``spool-full``)."""
        with self._lock:
            self._sum.update(data)
            self._size += len(data)
            self._rest += data
            while len(self._rest) >= PIECE or (last and self._rest):
                piece = bytes(self._rest[:PIECE])
                del self._rest[:PIECE]
                self._write(self._cipher.encrypt(self._sealed.to_bytes(12, "big"), piece, None))
                self._sealed += 1

    def piece(self, number: int) -> asyncio.Future[bytes]:
        """That piece of the body, from 0. Raises ``Unavailable`` (``spool-broke``)."""
        return asyncio.get_running_loop().run_in_executor(self._spools.threads, self.read, number)

    def close(self) -> None:
        """The file is gone. Closing twice is closing once."""
        if self._give_back.alive:
            with contextlib.suppress(RuntimeError):  # the threads have ended, so soon has the process
                self._spools.threads.submit(self._close)

    def _close(self) -> None:
        with self._lock:
            self._give_back()

    def _write(self, sealed: bytes) -> None:
        try:
            left = memoryview(sealed)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _full() from error

    def read(self, number: int) -> bytes:
        """The same, for a thread that may wait."""
        size = PIECE + _TAG
        try:
            with self._lock:
                self._file.seek(number * size)
                sealed = b""
                while len(sealed) < size and (more := self._file.read(size - len(sealed))):
                    sealed += more
            return self._cipher.decrypt(number.to_bytes(12, "big"), sealed, None)
        except (OSError, ValueError, InvalidTag) as error:
            raise Unavailable("spool-broke", "The body could not be read back as it came; send it again.") from error


class Intake:
    """Takes one body from a connection as fast as the disk does. ``moved`` is told of a new ``behind`` or ``fault``."""

    def __init__(self, spools: Spools, moved: Callable[[], None]) -> None:
        self.behind = False  # more has come than is written
        self.fault: SeatrialError | None = None
        self._spooled = spools.begin()
        self._threads = spools.threads
        self._moved = moved
        self._waiting = bytearray()
        self._come = 0
        self._writing = False
        self._then: Callable[[Spooled | SeatrialError], None] | None = None
        self._over = False

    def expect(self, size: int) -> None:
        """Have room for so much in all. Raises ``Unavailable`` (``spool-full``)."""
        self._spooled.hold(size)

    def feed(self, data: bytes) -> None:
        """Some more of the body. Raises ``Unavailable`` (``spool-full``)."""
        self._come += len(data)
        self._spooled.hold(self._come)
        self._waiting += data
        self.behind = len(self._waiting) > _AHEAD
        self._go_on()

    def end(self, then: Callable[[Spooled | SeatrialError], None]) -> None:
        """That was all; ``then`` is told the body once it is written, or why it could not be."""
        self._then = then
        self._go_on()

    def drop(self) -> None:
        """Nobody wants it; what was told already is its holder's."""
        if not self._over:
            self._over = True
            self._spooled.close()

    def _go_on(self) -> None:
        if self._writing or self._over:
            return
        if self.fault is not None:
            self._tell(self.fault)
        elif self._then is not None or len(self._waiting) >= PIECE:
            data, self._waiting = bytes(self._waiting), bytearray()
            self._writing = True
            work = asyncio.get_running_loop().run_in_executor(self._threads, self._write, data, self._then is not None)
            work.add_done_callback(self._written)

    def _write(self, data: bytes, last: bool) -> bool:
        self._spooled.add(data, last=last)
        return last

    def _written(self, work: asyncio.Future[bool]) -> None:
        self._writing = False
        if work.cancelled() or self._over:
            return
        error = work.exception()
        if error is None and work.result():
            self._tell(self._spooled)
            return
        if error is not None:
            self.fault = error if isinstance(error, SeatrialError) else _full()
            self._spooled.close()
        was, self.behind = self.behind, len(self._waiting) > _AHEAD
        if self.fault is not None or was != self.behind:
            self._moved()
        self._go_on()

    def _tell(self, outcome: Spooled | SeatrialError) -> None:
        then, self._then = self._then, None
        if then is not None:
            self._over = True
            then(outcome)


def check_folder(folder: Path) -> None:
    """Make it, for us alone, and a file in it. Raises ``Misuse`` (``bad-setting``)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        what = f"SEATRIAL_GATEWAY_SPOOL is {folder}, where no file can be made ({error.strerror}); name one you own."
        raise Misuse("bad-setting", what) from error


def _give_back(spools: Spools, file: IO[bytes], held: list[int]) -> None:
    with contextlib.suppress(OSError):
        file.close()
    spools.give(held[0])


def _full() -> Unavailable:
    return Unavailable("spool-full", "The gateway has no room for another large body now; try again soon.")
