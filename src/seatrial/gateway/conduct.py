"""Which calls are carried through one gateway process, and what every carriage works with.

    read what it asks  →  decide (durable)  →  forward  →  pass the answer on as it comes  →  record

This file reads and decides; ``carriage`` does the rest.
"""

from __future__ import annotations

import asyncio
import logging

from seatrial.gateway.call import Asked, Call, asked, header
from seatrial.gateway.carriage import Carriage, Means, Reply, refuse
from seatrial.gateway.headers import bearer, check_betas
from seatrial.gateway.problems import Problem, defect, stopping
from seatrial.gateway.protocols import Shape, says_nothing, shape_of
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.review.access.types import AccessRequest, Why

log = logging.getLogger("seatrial.gateway")

_LONGEST_PURPOSE = 100


class Conductor:
    """Takes the calls of one gateway process. ``name`` is that of the process, on every record it makes."""

    def __init__(self, means: Means, name: str) -> None:
        self._means = means
        self._name = name
        self._deciding: set[asyncio.Task[None]] = set()
        self._unknown_keys = 0
        self.stopping = False

    def take(self, call: Call, reply: Reply) -> Carriage | None:
        """Carry one call; ``None`` if it was refused on reading. Returns at once: ``reply`` says how it went on."""
        begun = asyncio.get_running_loop().time()
        try:
            request, wanted = self._read(call)
        except SeatrialError as error:
            self._means.metrics.refused(error.code)
            refuse(reply, Problem.of(error), shape_of(call))
            return None
        carriage = Carriage(self._means, call, wanted, reply, begun)
        task = asyncio.create_task(self._decide(request, carriage))
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)
        return carriage

    async def decided(self, seconds: float) -> int:
        """Wait ``seconds`` at most for the decisions under way; how many are left."""
        if self._deciding:
            await asyncio.wait(set(self._deciding), timeout=seconds)
        return len(self._deciding)

    def _read(self, call: Call) -> tuple[AccessRequest, Asked]:
        if self.stopping:
            raise stopping()
        purpose = header(call.headers, "x-seatrial-purpose") or None
        if purpose is not None and (len(purpose) > _LONGEST_PURPOSE or not purpose.isascii()):
            raise Misuse("bad-purpose", f"X-Seatrial-Purpose must be ASCII of at most {_LONGEST_PURPOSE} characters.")
        if not call.path.isascii():
            raise Misuse("bad-path", "The path must be ASCII; percent-encode anything else.")
        if shape_of(call) is Shape.ANTHROPIC:
            check_betas(call.headers)
        wanted = asked(call, answer_tokens=self._means.limits.answer_tokens)
        request = AccessRequest(
            key=bearer(call.headers),
            purpose=purpose,
            method=call.method,
            path=call.path if says_nothing(call) else f"{call.path}?{call.query}",  # no consent covers a query
            request_digest=digest(call.body),
            request_bytes=len(call.body),
            tokens=wanted.tokens,
            model=wanted.model,
            logits=wanted.logits,
            gateway=self._name,
        )
        return request, wanted

    async def _decide(self, request: AccessRequest, carriage: Carriage) -> None:
        """The door is heard to its end even if nobody waits any more: a pass must be used or given back."""
        try:
            carriage.begin(await self._means.door.authorise(request))
        except SeatrialError as error:
            if error.code == Why.UNKNOWN_KEY:
                self._count_unknown()
            carriage.refused(Problem.of(error))
        except Exception:
            log.exception("deciding on a call failed")
            carriage.refused(defect())

    def _count_unknown(self) -> None:
        """Unknown keys leave no entry on the ledger (anybody could flood it); the log says how many there were."""
        self._unknown_keys += 1
        if self._unknown_keys & (self._unknown_keys - 1) == 0:  # 1, 2, 4, 8 …: a flood writes few lines
            log.warning("%d calls with an unknown key since the start", self._unknown_keys)
