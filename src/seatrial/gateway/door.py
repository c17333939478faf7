"""The gateway's only way to a decision: a port, and its adapter over ``access`` and the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from django.db import DatabaseError, connection

from seatrial.gateway.problems import away
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Unavailable
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Why

log = logging.getLogger("seatrial.gateway")

Result = TypeVar("Result")


class Door(Protocol):
    """Guarantees: a pass is durable before it is returned, and no pass is given after the end of the right it rests on;
    settling twice is settling once. Each may raise ``Unavailable`` (``database-away``). A cancelled question may still
    be answered on the other side: whoever asked for a pass waits for it, or settles it.
    """

    async def authorise(self, request: AccessRequest) -> Pass:
        """Raises ``Refused`` with a ``Why`` as code."""
        ...

    def settle(self, settlement: Settlement) -> None:
        """Queue the record of how an exchange ended; the door tries until it is durable."""
        ...

    async def recorded(self, seconds: float) -> int:
        """Wait ``seconds`` at most for what was queued; how many are left (a next start settles them)."""
        ...

    async def changed(self, seconds: float) -> bool:
        """True as soon as a right may have changed since this was asked last; false if in ``seconds`` none did."""
        ...

    async def still_open(self, exchanges: Sequence[str]) -> Mapping[str, Why | None]:
        """For each exchange in flight why it must end now, or ``None``."""
        ...

    async def recover(self, gateway: str) -> int:
        """Settle what an earlier process of that name left open; how many there were."""
        ...

    async def ready(self) -> None:
        """Returns if a decision could be made now."""
        ...

    async def close(self) -> None: ...


class DatabaseDoor:
    """``Door`` over ``access.api``. Each lane is one thread with one connection, closed when the database fails it.

    Looking at rights has a lane of its own, so that no queue of calls can delay a cut. SQLite has one writer
    at a time whatever we do: one writing lane there spares it the contention.
    """

    def __init__(self, writers: int | None = None) -> None:
        count = writers or (1 if connection.vendor == "sqlite" else 8)
        self._writers = [_Lane(f"decide-{number}") for number in range(count)]
        self._watcher = _Lane("watch")
        self._settling: set[asyncio.Task[None]] = set()

    async def authorise(self, request: AccessRequest) -> Pass:
        return await self._write(lambda: access.authorise(request, now()))

    def settle(self, settlement: Settlement) -> None:
        task = asyncio.create_task(self._settle(settlement))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, settlement: Settlement) -> None:
        pause = 0.1
        while True:
            try:
                return await self._write(lambda: access.settle(settlement, now()))
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
            except Exception:
                # Left open: the reservation stays charged, and the next start settles it.
                log.exception("settling the exchange %s failed", settlement.exchange)
                return None

    async def recorded(self, seconds: float) -> int:
        if self._settling:
            await asyncio.wait(set(self._settling), timeout=seconds)
        return len(self._settling)

    async def changed(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return True

    async def still_open(self, exchanges: Sequence[str]) -> Mapping[str, Why | None]:
        return await self._watcher.run(lambda: access.still_open(exchanges, now()))

    async def recover(self, gateway: str) -> int:
        return await self._write(lambda: access.settle_abandoned(gateway=gateway, now=now()))

    async def ready(self) -> None:
        await self._watcher.run(_ask_database)

    async def close(self) -> None:
        await asyncio.gather(*(lane.close() for lane in (*self._writers, self._watcher)))

    async def _write(self, work: Callable[[], Result]) -> Result:
        return await min(self._writers, key=lambda lane: lane.waiting).run(work)


class _Lane:
    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"seatrial-{name}")
        self.waiting = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        self.waiting += 1
        future = self._thread.submit(_in_lane, work)
        future.add_done_callback(lambda _: setattr(self, "waiting", self.waiting - 1))
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        await asyncio.wrap_future(self._thread.submit(_close))
        self._thread.shutdown(wait=False)


def _in_lane(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except DatabaseError as error:
        log.warning("the database failed a question: %s", str(error).strip().partition("\n")[0])
        connection.close()
        raise away() from error


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _close() -> None:
    connection.close()  # the lane's own: which connection it is depends on the thread
