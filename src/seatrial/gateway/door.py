"""The gateway's only way to a decision: a port, and its adapter over ``access`` and the database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import DatabaseError, connection

from seatrial.gateway.problems import away
from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Models, Pass, Settlement, Why

log = logging.getLogger("seatrial.gateway")

Result = TypeVar("Result")
Heard = Callable[[Pass | Models | SeatrialError], None]

_LOOK_SECONDS = 0.005  # between two looks at whether a right may have changed
_SEAL_SECONDS = 1.0  # between two batches for the ledger
_FOLD_SECONDS = 0.25  # between two times that the write-ahead log is folded back
_LARGEST_ROUND = 256
_RIDE_SECONDS = 0.005  # that a record may wait for a call to share its commit with
_BUSY = 4  # calls in the last round: then the next waits a little for company, and costs each of them less
_COMPANY_SECONDS = 0.002
_WAY_SECONDS = 0.1  # that new calls give way, at most, to ending those whose right has ended
_PATIENCE = (0.1, 2.0)  # seconds between two tries to record, from and to


class Door(Protocol):
    """Guarantees: a pass is durable before it is returned, and no pass is given after the end of the right it rests on;
    settling twice is settling once. Each question may raise ``Unavailable`` (``database-away``). Whoever asked for a
    pass hears of it, and settles it.
    """

    def authorise(self, request: AccessRequest, heard: Heard) -> None:
        """``heard`` is told once, in a later turn of the loop: the pass, or the ``Refused`` with a ``Why`` as code.

        For a list of models it is told what there is to list, and then there is nothing to settle.
        """
        ...

    def settle(self, settlement: Settlement) -> None:
        """Queue the record of how an exchange ended. It stands before anything that is asked later is decided, and
        the door tries until it is durable.
        """
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

    async def knows(self, key: str) -> bool:
        """Whether there is such a key: for what costs the gateway something before a call can be decided."""
        ...

    async def ready(self) -> None:
        """Returns if a decision could be made now."""
        ...

    async def close(self) -> None: ...


class DatabaseDoor:
    """``Door`` over ``access.api``. Each lane is one thread with one connection, closed when the database fails it.

    One lane decides, in rounds: whatever came while the last round was made durable is the next. Looking at rights
    has a lane of its own, so that no queue of calls can delay a cut; so have making batches and asking after health.
    From the moment a right may have changed until it is known which calls that ends, no round begins.
    """

    def __init__(self) -> None:
        self._rounds = _Rounds(self._tell)
        self._watcher, self._sealer, self._asker = _Lane("watch"), _Lane("seal"), _Lane("ask")
        self._changes = access.Changes()
        self._flying: dict[str, access.Flying] = {}
        self._gateways: set[str] = set()
        self._unsealed: asyncio.Task[None] | None = None

    def authorise(self, request: AccessRequest, heard: Heard) -> None:
        self._gateways.add(request.gateway)
        self._rounds.decide(_Asked(request, heard))

    def settle(self, settlement: Settlement) -> None:
        self._flying.pop(settlement.exchange, None)
        self._rounds.settle(settlement)
        if self._unsealed is None or self._unsealed.done():
            self._unsealed = asyncio.create_task(self._seal_later())

    async def recorded(self, seconds: float) -> int:
        until = asyncio.get_running_loop().time() + seconds
        while self._rounds.owed and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - counted by a thread
            await asyncio.sleep(0.005)
        if not self._rounds.owed and self._unsealed is not None and not self._unsealed.done():
            self._unsealed.cancel()
            await self._seal()
        return self._rounds.owed

    async def changed(self, seconds: float) -> bool:
        self._rounds.clear_way.set()
        return await self._watcher.run(lambda: self._look(seconds))

    async def still_open(self, exchanges: Sequence[str]) -> Mapping[str, Why | None]:
        calls = [self._flying[name] for name in exchanges if name in self._flying]
        try:
            found = await self._watcher.run(lambda: access.verdicts(calls, now()))
        finally:
            self._rounds.clear_way.set()
        return {name: found.get(name, Why.UNVERIFIED) for name in exchanges}

    async def recover(self, gateway: str) -> int:
        return await self._sealer.run(lambda: access.settle_abandoned(gateway=gateway, now=now()))

    async def knows(self, key: str) -> bool:
        return await self._asker.run(lambda: access.knows(key))

    async def ready(self) -> None:
        await self._asker.run(_ask_database)

    async def close(self) -> None:
        if self._unsealed is not None:
            self._unsealed.cancel()
        await self._rounds.close()
        await asyncio.gather(*(lane.close() for lane in (self._watcher, self._sealer, self._asker)))

    def _tell(self, asked: _Asked, outcome: access.Outcome) -> None:
        if isinstance(outcome, access.Admitted):
            self._flying[outcome.passed.exchange] = outcome.flying
            asked.heard(outcome.passed)
        else:
            asked.heard(access.refused(refusal=outcome) if isinstance(outcome, access.Refusal) else outcome)

    def _look(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._changes.moved():
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_SECONDS)
        self._rounds.clear_way.clear()
        return True

    async def _seal_later(self) -> None:
        done = False
        while not done:
            for _ in range(round(_SEAL_SECONDS / _FOLD_SECONDS)):
                await asyncio.sleep(_FOLD_SECONDS)
                await self._fold_log()
            done = await self._seal() and not self._rounds.owed

    async def _fold_log(self) -> None:
        with contextlib.suppress(Unavailable):
            await self._sealer.run(_fold_log)

    async def _seal(self) -> bool:
        """Batches for what has ended; false if the database is away, and nothing is lost."""
        try:
            for gateway in self._gateways:
                await self._sealer.run(lambda name=gateway: access.seal(gateway=name, now=now()))  # type: ignore[misc]
        except Unavailable:
            return False
        except Exception:
            log.exception("making a batch of exchanges for the ledger failed; it is tried again")
            return False
        return True


@dataclass(slots=True)
class _Asked:
    request: AccessRequest
    heard: Heard


class _Rounds:
    """The lane that decides and records. Its thread lives from the first question to the end of the door."""

    def __init__(self, tell: Callable[[_Asked, access.Outcome], None]) -> None:
        self._tell = tell
        self.owed = 0  # settlements that are not durable yet; counted in the loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: queue.SimpleQueue[_Asked | Settlement | None] = queue.SimpleQueue()
        self._late: list[Settlement] = []  # could not be recorded yet
        self._pause = _PATIENCE[0]
        self._last = 0  # calls in the last round
        self.clear_way = threading.Event()  # unset while calls in flight are looked at
        self.clear_way.set()
        self._thread = threading.Thread(target=self._run, name="seatrial-decide", daemon=True)

    def decide(self, asked: _Asked) -> None:
        self._started()
        self._waiting.put(asked)

    def settle(self, settlement: Settlement) -> None:
        self._started()
        self.owed += 1
        self._waiting.put(settlement)

    async def close(self) -> None:
        """What is waiting is tried once more."""
        if self._loop is not None:
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()
        return self._loop

    def _run(self) -> None:
        self._rights = access.rights()
        while True:
            settlements, asked, last = self._next()
            self.clear_way.wait(_WAY_SECONDS)
            if settlements or asked:
                self._round(settlements, asked)
            if last:
                connection.close()
                return

    def _next(self) -> tuple[list[Settlement], list[_Asked], bool]:
        """What the next round is of; or what could not be recorded, if a pause passes without anything new."""
        settlements, asked = self._late, list[_Asked]()
        self._late = []
        wait = self._pause if settlements else None
        if self._last >= _BUSY:
            time.sleep(_COMPANY_SECONDS)
        try:
            while len(settlements) + len(asked) < _LARGEST_ROUND:
                found = self._waiting.get(timeout=wait) if not asked else self._waiting.get_nowait()
                if found is None:
                    return settlements, asked, True
                if isinstance(found, _Asked):
                    asked.append(found)
                else:
                    settlements.append(found)
                    wait = _RIDE_SECONDS
        except queue.Empty:
            pass
        self._last = len(asked)
        return settlements, asked, False

    def _round(self, settlements: list[Settlement], asked: list[_Asked]) -> None:
        moment = now()
        try:
            outcomes = access.decide_round(
                rights=self._rights, settlements=settlements, requests=[one.request for one in asked], now=moment
            )
        except DatabaseError as error:
            self._failed(error)
            self._late = settlements
            self._pause = min(_PATIENCE[1], self._pause * 2)
            self._answer(0, [(one, away()) for one in asked])
            return
        except Exception as error:
            if len(settlements) + len(asked) > 1:  # one of them is to blame: the others must not suffer
                for settlement in settlements:
                    self._round([settlement], [])
                for one in asked:
                    self._round([], [one])
                return
            # A settlement is left open then: the reservation stays charged, and the next start settles it.
            log.exception("deciding on a call or recording its end failed")
            self._rights = access.rights()
            fault = SeatrialError("gateway-fault", "The gateway met a fault of its own.")
            fault.__cause__ = error
            self._answer(len(settlements), [(one, fault) for one in asked])
            return
        self._pause = _PATIENCE[0]
        refused = [outcome for outcome in outcomes if isinstance(outcome, access.Refusal)]
        if not refused:
            self._answer(len(settlements), list(zip(asked, outcomes, strict=True)))
            return
        said = list(zip(asked, outcomes, strict=True))
        self._answer(len(settlements), [pair for pair in said if not isinstance(pair[1], access.Refusal)])
        rest = [pair for pair in said if isinstance(pair[1], access.Refusal)]
        try:
            access.record_refusals(refusals=refused, now=moment)
        except DatabaseError as error:
            self._failed(error)
            rest = [(one, away()) for one, _ in rest]
        self._answer(0, rest)

    def _failed(self, error: DatabaseError) -> None:
        _hang_up(error)
        self._rights = access.rights()

    def _answer(self, settled: int, answers: Sequence[tuple[_Asked, access.Outcome]]) -> None:
        if (settled or answers) and self._loop is not None:
            self._loop.call_soon_threadsafe(self._say, settled, answers)

    def _say(self, settled: int, answers: Sequence[tuple[_Asked, access.Outcome]]) -> None:
        self.owed -= settled
        for one, outcome in answers:
            self._tell(one, outcome)


class _Lane:
    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"seatrial-{name}")

    async def run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.wrap_future(self._thread.submit(_in_lane, work))

    async def close(self) -> None:
        await asyncio.wrap_future(self._thread.submit(_close))
        self._thread.shutdown(wait=False)


def _in_lane(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except DatabaseError as error:
        _hang_up(error)
        raise away() from error


def _hang_up(error: DatabaseError) -> None:
    log.warning("the database failed a question: %s", str(error).strip().partition("\n")[0])
    connection.close()


def _fold_log() -> None:
    """SQLite's write-ahead log goes back into the database here, and not in the commit that a caller waits for."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _close() -> None:
    connection.close()  # the lane's own: which connection it is depends on the thread
