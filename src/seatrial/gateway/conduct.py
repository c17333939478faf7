"""Which calls are carried through one gateway process, and what every carriage works with.

    read what it asks  →  decide (durable)  →  forward  →  pass the answer on as it comes  →  record

This file reads and decides; ``carriage`` does the rest.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from time import monotonic

from seatrial.gateway.call import UNREAD, Asked, Call, asked, body_digest, is_json
from seatrial.gateway.carriage import Carriage, Means
from seatrial.gateway.headers import bearer, check_betas
from seatrial.gateway.problems import Problem, defect, stopping
from seatrial.gateway.protocols import Shape, says_nothing, shape_of
from seatrial.gateway.reading import Readers
from seatrial.gateway.reply import Reply, refuse
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.review.access.types import AccessRequest, Models, Pass, Why

log = logging.getLogger("seatrial.gateway")

_LONGEST_PURPOSE = 100


class Conductor:
    """Takes the calls of one gateway process. ``name`` is that of the process, on every record it makes."""

    def __init__(self, means: Means, name: str) -> None:
        self._means = means
        self._name = name
        self._deciding = 0
        self._unknown_keys = 0
        self._readers = Readers()
        self.stopping = False

    def take(self, call: Call, reply: Reply) -> Carriage | None:
        """Carry one call; ``None`` if it was refused on reading. Returns at once: ``reply`` says how it went on."""
        begun = monotonic()
        if not isinstance(call.body, bytes) and is_json(call.headers):
            carriage = Carriage(self._means, call, UNREAD, reply, begun)
            self._deciding += 1
            reading = self._readers.read(call, call.body, answer_tokens=self._means.limits.answer_tokens)
            reading.add_done_callback(partial(self._have_read, carriage, call))
            return carriage
        try:
            wanted = asked(call, answer_tokens=self._means.limits.answer_tokens)
            request = self._request(call, wanted)
        except SeatrialError as error:
            self._means.metrics.refused(error.code)
            if not isinstance(call.body, bytes):
                call.body.close()
            refuse(reply, Problem.of(error), shape_of(call))
            return None
        carriage = Carriage(self._means, call, wanted, reply, begun)
        self._deciding += 1
        self._means.door.authorise(request, partial(self._decided, carriage))
        return carriage

    async def decided(self, seconds: float) -> int:
        """Wait ``seconds`` at most for the decisions under way; how many are left."""
        until = monotonic() + seconds
        while self._deciding and monotonic() < until:  # noqa: ASYNC110 - a door tells each
            await asyncio.sleep(0.005)
        return self._deciding

    def close(self) -> None:
        """Nothing large is read any more."""
        self._readers.close()

    def _request(self, call: Call, wanted: Asked) -> AccessRequest:
        if self.stopping:
            raise stopping()
        purpose = call.headers.get("x-seatrial-purpose") or None
        if purpose is not None and (len(purpose) > _LONGEST_PURPOSE or not purpose.isascii()):
            raise Misuse("bad-purpose", f"X-Seatrial-Purpose must be ASCII of at most {_LONGEST_PURPOSE} characters.")
        if not call.path.isascii():
            raise Misuse("bad-path", "The path must be ASCII; percent-encode anything else.")
        if shape_of(call) is Shape.ANTHROPIC:
            check_betas(call.headers)
        return AccessRequest(
            key=bearer(call.headers),
            purpose=purpose,
            method=call.method,
            path=call.path if says_nothing(call) else f"{call.path}?{call.query}",  # no consent covers a query
            request_digest=body_digest(call.body),
            request_bytes=len(call.body),
            tokens=wanted.tokens,
            answer=wanted.answer,
            model=wanted.model,
            logits=wanted.logits,
            stored=wanted.stored,
            gateway=self._name,
        )

    def _have_read(self, carriage: Carriage, call: Call, reading: asyncio.Future[Asked]) -> None:
        """Of a large body it is known what it asks for; if nobody waits any more, nothing is asked."""
        try:
            wanted = reading.result()
            request = self._request(call, wanted)
        except SeatrialError as error:
            carriage.refused(Problem.of(error))
        except (Exception, asyncio.CancelledError):
            log.exception("reading a call failed")
            carriage.refused(defect())
        else:
            if carriage.ended is None:
                carriage.wants(wanted)
                self._means.door.authorise(request, partial(self._decided, carriage))
                return
        self._deciding -= 1

    def _decided(self, carriage: Carriage, outcome: Pass | Models | SeatrialError) -> None:
        """The door is heard even if nobody waits any more: a pass must be used or given back."""
        self._deciding -= 1
        if isinstance(outcome, Pass):
            carriage.begin(outcome)
            return
        if isinstance(outcome, Models):
            carriage.tell(outcome)
            return
        if outcome.code == Why.UNKNOWN_KEY:
            self._count_unknown()
        carriage.refused(Problem.of(outcome))

    def _count_unknown(self) -> None:
        """Unknown keys leave no entry on the ledger (anybody could flood it); the log says how many there were."""
        self._unknown_keys += 1
        if self._unknown_keys & (self._unknown_keys - 1) == 0:  # 1, 2, 4, 8 …: a flood writes few lines
            log.warning("%d calls with an unknown key since the start", self._unknown_keys)
