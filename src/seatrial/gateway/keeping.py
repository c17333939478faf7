"""Bodies that the consent has kept: sealed as they pass, in threads, into files that the gateway itself cannot open.

    pass            the request is sealed, durable, and only then forwarded
    each chunk      is copied aside; every quarter of a MiB goes to a thread, which seals and writes it
    too far behind  the endpoint is not read from until the thread has caught up
    the end         the last piece is written and the file made durable; only then is the exchange settled
    a fault         the call ends (``body-not-kept``): a consented record is never dropped in silence

Plain text is in memory only: of each call at most a chunk of the envelope (1 MiB) and what is on its way to the thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Protocol

from seatrial.gateway.call import Body
from seatrial.kernel.envelope import Sealing
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.review.access import api as access
from seatrial.review.access.types import Pass, SealedBody, Side

log = logging.getLogger("seatrial.gateway")

PIECE = 2**18  # bytes that are handed to the thread at once
AHEAD = 2**20  # that may wait for the thread before the endpoint is not read from
_LANES = 8  # what they wait for most is the disk, and it serves them together

Done = Callable[[tuple[SealedBody, ...]], None]


class KeptCall(Protocol):
    """The call whose bodies are kept hears, in the loop's thread:"""

    def taken(self) -> None:
        """Some more of a large request is sealed."""
        ...

    def request_kept(self) -> None:
        """The request is sealed and durable: it may be forwarded."""
        ...

    def keeper_keeps_up(self, keeps_up: bool) -> None:
        """Whether more of the answer can be taken now."""
        ...

    def not_kept(self, error: SeatrialError) -> None:
        """The bodies cannot be kept (``body-not-kept``); nothing more is. Said once at most, and before ``done``."""
        ...


class Keeping(Protocol):
    """Both bodies of one call. Every method returns at once and raises nothing."""

    def add(self, data: bytes) -> None:
        """Some more that the caller is handed of the answer."""
        ...

    def end(self, done: Done) -> None:
        """That was all. ``done`` is told what was kept, once it is durable; after it, nothing is said any more.
        Ending twice is ending once.
        """
        ...


class Keeper(Protocol):
    """Guarantees: what ``done`` was told as whole is on the disk, sealed, byte for byte what was given; no plain text
    of it ever is.
    """

    def begin(self, passed: Pass, request: Body, call: KeptCall) -> Keeping:
        """Keep the bodies of a call; ``passed.keep`` says for whom."""
        ...

    async def ended(self, seconds: float) -> int:
        """Wait ``seconds`` at most for files that are being ended; how many are left."""
        ...

    async def close(self) -> None: ...


class SealingKeeper:
    """``Keeper`` over ``access.bodies()``. A call stays on one lane, a thread, so its pieces keep their order."""

    def __init__(self, store: access.Bodies) -> None:
        self.store = store
        self._lanes = [ThreadPoolExecutor(1, f"seatrial-keep-{number}") for number in range(_LANES)]
        self._next = cycle(self._lanes)
        self._open: set[_Keeping] = set()

    def begin(self, passed: Pass, request: Body, call: KeptCall) -> Keeping:
        keeping = _Keeping(self.store, next(self._next), passed, call, self._open.discard)
        self._open.add(keeping)
        keeping.begin(request)
        return keeping

    async def ended(self, seconds: float) -> int:
        until = asyncio.get_running_loop().time() + seconds
        while self._open and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - each tells its own call
            await asyncio.sleep(0.005)
        return len(self._open)

    async def close(self) -> None:
        for lane in self._lanes:
            await asyncio.to_thread(lane.shutdown)


class _Keeping:
    """See ``Keeping``. What begins with ``_in_lane`` runs in the thread, the rest in the loop's."""

    def __init__(
        self,
        store: access.Bodies,
        lane: ThreadPoolExecutor,
        passed: Pass,
        call: KeptCall,
        over: Callable[[_Keeping], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._store, self._lane, self._passed, self._call, self._over = store, lane, passed, call, over
        self._pieces: list[bytes] = []  # not handed to the thread yet
        self._size = 0
        self._handed = 0  # bytes that the thread has not finished with
        self._slowed = False
        self._ended = False
        self._request = SealedBody(Side.REQUEST, None, 0, whole=False)  # the lane's, as is what follows
        self._file: access.BodyFile | None = None
        self._sealing: Sealing | None = None
        self._fault: SeatrialError | None = None

    def begin(self, request: Body) -> None:
        self._lane.submit(self._in_lane, self._in_lane_request, request)
        self._lane.submit(self._in_lane, self._in_lane_response)

    def add(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            self._hand_over()
        if not self._slowed and self._handed + self._size > AHEAD:
            self._slowed = True
            self._call.keeper_keeps_up(False)

    def end(self, done: Done) -> None:
        if self._ended:
            return
        self._ended = True
        self._hand_over()
        self._lane.submit(self._in_lane_end, done)

    def _hand_over(self) -> None:
        data, size = self._pieces, self._size
        self._pieces, self._size = [], 0
        self._handed += size
        if size:
            self._lane.submit(self._in_lane, self._in_lane_add, data, size)

    def _taken(self, size: int) -> None:
        self._handed -= size
        if self._slowed and self._handed + self._size <= AHEAD // 2 and not self._ended:
            self._slowed = False
            self._call.keeper_keeps_up(True)

    def _request_kept(self) -> None:
        if not self._ended:
            self._call.request_kept()

    def _told(self, done: Done, bodies: tuple[SealedBody, ...]) -> None:
        self._over(self)
        done(bodies)

    # -- the thread ----------------------------------------------------------------------------------

    def _in_lane(self, work: Callable[..., None], *said: object) -> None:
        """Once something failed, nothing more is tried: the files stay as they are, marked as cut."""
        if self._fault is not None:
            return
        try:
            work(*said)
        except Exception as error:
            self._fault = _fault_of(error)
            self._loop.call_soon_threadsafe(self._call.not_kept, self._fault)

    def _in_lane_request(self, body: Body) -> None:
        file = self._store.create(self._passed.review, self._passed.exchange, Side.REQUEST)
        try:
            sealing = self._seal(file, Side.REQUEST)
            if isinstance(body, bytes):
                sealing.add(body)
            else:
                for number in range(body.pieces):
                    sealing.add(body.read(number))
                    self._loop.call_soon_threadsafe(self._call.taken)
            sealing.end()
            self._request = file.keep()
        except BaseException:
            self._request = file.leave()
            raise
        self._loop.call_soon_threadsafe(self._request_kept)

    def _in_lane_response(self) -> None:
        self._file = self._store.create(self._passed.review, self._passed.exchange, Side.RESPONSE)
        self._sealing = self._seal(self._file, Side.RESPONSE)

    def _in_lane_add(self, pieces: list[bytes], size: int) -> None:
        if self._sealing is not None:
            self._sealing.add(b"".join(pieces))
            self._loop.call_soon_threadsafe(self._taken, size)

    def _in_lane_end(self, done: Done) -> None:
        response = SealedBody(Side.RESPONSE, None, 0, whole=False)
        if self._file is not None:
            try:
                if self._fault is None and self._sealing is not None:
                    self._sealing.end()
                    response = self._file.keep()
                else:
                    response = self._file.leave()
            except Exception as error:
                self._loop.call_soon_threadsafe(self._call.not_kept, _fault_of(error))
                response = self._file.leave()
        self._loop.call_soon_threadsafe(self._told, done, (self._request, response))

    def _seal(self, file: access.BodyFile, side: Side) -> Sealing:
        keep, passed = self._passed.keep, self._passed
        if keep is None:
            raise ValueError("only what the consent has kept is sealed")
        context = access.context_of(review=passed.review, exchange=passed.exchange, side=side, label=keep.label)
        return Sealing(file, context=context, recipients=keep.recipients)


def nothing_kept(passed: Pass) -> tuple[SealedBody, ...]:
    """What is recorded of bodies that were to be kept of a call that never left."""
    return () if passed.keep is None else tuple(SealedBody(side, None, 0, whole=False) for side in Side)


def disk_slow() -> Unavailable:
    """Why a call is ended whose bodies wait for the disk too long."""
    return Unavailable(
        "body-not-kept",
        "The consent has the bodies of this call kept, and the disk does not take them, so it was ended; "
        "tell whoever runs this instance.",
    )


def _fault_of(error: Exception) -> SeatrialError:
    if isinstance(error, SeatrialError):
        return error
    log.error("keeping the bodies of a call failed", exc_info=error)
    return Unavailable(
        "body-not-kept",
        "The consent has the bodies of this call kept, and the gateway met a fault of its own over it, so it was "
        "ended; tell whoever runs this instance.",
    )
