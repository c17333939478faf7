"""One call under way: it hears the door, the endpoint, the caller, the watch and the clock.

Each of them speaks by a plain method call, so that an answer passes without any task or queue between its two
sockets. Whoever ends the call first says how: the answer's end, the caller leaving, the endpoint failing, or the
end of the right. The record of a whole answer is made before its last bytes leave, so that a caller who asks
again at once finds its place free; a cut waits for nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TypeVarTuple

from seatrial.gateway.call import UNREAD, Asked, Call, Headers
from seatrial.gateway.door import Door
from seatrial.gateway.headers import caller_headers, upstream_headers
from seatrial.gateway.keeping import Keeper, Keeping, disk_slow, nothing_kept
from seatrial.gateway.limits import Limits
from seatrial.gateway.live import Live
from seatrial.gateway.metering import Meter, SilentMeter, Tokens, meter_for
from seatrial.gateway.metrics import Metrics
from seatrial.gateway.problems import Problem, away, busy, check_status, defect, slow
from seatrial.gateway.protocols import generates, models_body, shape_of
from seatrial.gateway.reply import Reply, refuse
from seatrial.gateway.upstream import Sending, Upstream
from seatrial.gateway.watchword import Watchword
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import SeatrialError
from seatrial.review.access.api import SENTENCES
from seatrial.review.access.types import Models, Pass, SealedBody, Settlement, Why

log = logging.getLogger("seatrial.gateway")

Said = TypeVarTuple("Said")

COMPLETE, CLIENT_LEFT, UPSTREAM_FAILED, GATEWAY_STOPPED, NOT_KEPT = (
    "complete",
    "client-left",
    "upstream-failed",
    "gateway-stopped",
    "body-not-kept",
)
CLIENT_LEFT_STATUS = 499  # nobody was there to be told a status
_NOTHING_GENERATED = frozenset(
    {"spool-broke", *(f"upstream-{why}" for why in ("down", "refused", "redirected", "private", "untrusted", "tls"))}
)


@dataclass(frozen=True, slots=True)
class Means:
    """What every carriage of a process works with."""

    door: Door
    upstream: Upstream
    live: Live
    limits: Limits
    metrics: Metrics
    keeper: Keeper


class Carriage:
    """One call from its decision to its record. Every method returns at once and raises nothing."""

    def __init__(self, means: Means, call: Call, wanted: Asked, reply: Reply, begun: float) -> None:
        self.passed: Pass | None = None
        self.confirmed = begun
        self.ended: str | None = None
        self._means = means
        self._call = call
        self._shape = shape_of(call)
        self._wanted = wanted
        self._reply = reply
        self._begun = begun  # all times are monotonic seconds, as the loop's are
        self._asked = begun  # when the door was
        self._heard = begun  # when the endpoint last said something
        self._stuck: float | None = None  # since when the caller has not kept up
        self._sending: Sending | None = None
        self._meter: Meter = SilentMeter()
        self._known: Tokens | None = None  # overrides the meter
        self._sum = hashlib.sha256()
        self._bytes = 0
        self._whole: int | None = None  # bytes the answer says it has
        self._last = b""  # held back until the record is on its way
        self._status = 0
        self._streams = False
        self._first_byte: float | None = None
        self._watchword: Watchword | None = None
        self._keeping: Keeping | None = None
        self._kept_up = True  # by what keeps the bodies
        self._flows = True  # the answer is being read
        self._closing = False  # the answer is whole, and its last piece is being kept
        self._bodies: tuple[SealedBody, ...] | None = None  # what was kept, once that is known
        self._unsettled: Settlement | None = None  # the record, which waits for it
        means.live.enter(self)

    def wants(self, wanted: Asked) -> None:
        """What a large body asks for is known only once it was read; before, nothing of it is decided."""
        self._wanted, self._asked = wanted, monotonic()

    # -- what the door says --------------------------------------------------------------------------

    def refused(self, problem: Problem) -> None:
        """There is no pass."""
        if self.ended is None:
            self.ended = problem.code
            self._means.metrics.refused(problem.code)
            self._means.live.leave(self)
            self._let_go()
            refuse(self._reply, problem, self._shape)

    def tell(self, models: Models) -> None:
        """There is nothing to forward: which models there are is answered here."""
        if self.ended is None:
            self.ended = COMPLETE
            self._means.live.leave(self)
            self._let_go()
            words = models_body(models, self._shape)
            self._reply.start(200, (("content-type", "application/json"), ("content-length", str(len(words)))))
            self._reply.write(words)
            self._reply.finish()

    def begin(self, passed: Pass) -> None:
        """Forward the call, or give the pass back unused if the call has ended meanwhile."""
        self.passed = passed
        if self.ended is not None:
            status = CLIENT_LEFT_STATUS if self.ended == CLIENT_LEFT else 503
            unused = Settlement(passed.exchange, status, None, 0, 0, 0, None, 0.0, self.ended, nothing_kept(passed))
            self._means.door.settle(unused)
            return
        self._heard = monotonic()
        self._means.metrics.decided(self._heard - self._begun)
        if not self._means.live.watch_over(self):
            return
        self._watchword = Watchword(passed.upstream_credential) if passed.upstream_credential else None
        if passed.keep is None:
            self._forward(passed)
        else:
            self._keeping = self._means.keeper.begin(passed, self._call.body, self)

    def _forward(self, passed: Pass) -> None:
        self._heard = monotonic()
        try:
            self._sending = self._means.upstream.send(
                self._call.method,
                f"{passed.upstream.rstrip('/')}/{self._call.path}",
                upstream_headers(self._call.headers, passed.upstream_credential, self._shape),
                self._call.body,
                self,
            )
        except Exception as error:
            self._fault(error)

    # -- what keeps the bodies says, if the consent has them kept -------------------------------------

    def request_kept(self) -> None:
        """The request is sealed and durable, so it may leave."""
        if self.ended is None and self.passed is not None:
            self._forward(self.passed)

    def keeper_keeps_up(self, keeps_up: bool) -> None:
        """What cannot be kept yet is not fetched."""
        self._kept_up = keeps_up
        self._heard = monotonic()
        self._flow()

    def not_kept(self, error: SeatrialError) -> None:
        """Nothing passes that is to be kept and is not."""
        self._end(NOT_KEPT, Problem.of(error))

    # -- what the endpoint does ----------------------------------------------------------------------

    def taken(self) -> None:
        """It took some more of a large request."""
        self._heard = monotonic()

    def head(self, status: int, headers: Headers) -> None:
        """The answer begins."""
        self._guarded(self._head, status, headers)

    def data(self, chunk: bytes) -> None:
        """Some of the answer's body, never empty."""
        self._guarded(self._data, chunk)

    def done(self) -> None:
        """The answer is whole: whoever would cut it now comes too late."""
        self._guarded(self._done)

    def failed(self, error: SeatrialError) -> None:
        """No answer comes, or no more of it."""
        if error.code in _NOTHING_GENERATED:
            self._known = Tokens(0, 0)
        self._end(UPSTREAM_FAILED, Problem.of(error))

    # -- what the caller does ------------------------------------------------------------------------

    def caller_gone(self) -> None:
        """Nothing can be said any more; the endpoint is told to stop."""
        self._end(CLIENT_LEFT)

    def caller_keeps_up(self, keeps_up: bool) -> None:
        """Whether more can be sent: what the caller does not take is not fetched."""
        self._stuck = None if keeps_up else monotonic()
        self._heard = monotonic()
        self._flow()

    # -- what the watch and the clock say ------------------------------------------------------------

    def end(self, how: str) -> None:
        """End it for the reason ``how`` (a ``Why`` or ``gateway-stopped``), unless it has ended."""
        self._end(how, _problem_of(how))

    def tick(self, time: float) -> None:
        """End it if something took too long."""
        limits = self._means.limits
        if self.ended is not None:
            return
        if self.passed is None:
            if self._wanted is UNREAD:
                if time - self._begun > limits.read_seconds:
                    self._end(GATEWAY_STOPPED, Problem.of(busy()))
            elif time - self._asked > limits.decide_seconds:
                self._end(GATEWAY_STOPPED, Problem.of(away()))
        elif self._stuck is not None:
            if time - self._stuck > limits.idle_seconds:
                self._end(CLIENT_LEFT)
                self._reply.abort()
        elif self._keeping is not None and (self._sending is None or self._closing or not self._kept_up):
            if time - self._heard > limits.idle_seconds:
                self.not_kept(disk_slow())
        else:
            bound = limits.idle_seconds if self._status else limits.first_byte_seconds
            if time - self._heard > bound:
                self.failed(slow(bound))

    # ------------------------------------------------------------------------------------------------

    def _head(self, status: int, headers: Headers) -> None:
        self._heard = monotonic()
        check_status(status)
        kind = headers.get("content-type")
        self._streams = kind.lower().startswith("text/event-stream")
        encoding = headers.get("content-encoding")
        if generates(self._call):  # what is only read, deleted or cancelled says what it took when it was made
            self._meter = meter_for(kind, encoding, prompt=self._wanted.prompt, kept=self._means.limits.kept_bytes)
        self._status = status
        passed = self.passed
        kept = caller_headers(headers, passed.upstream_credential if passed is not None else "")
        length = kept.get("content-length")
        self._whole = int(length) if length.isdigit() else None
        self._reply.start(status, kept.fields)

    def _data(self, chunk: bytes) -> None:
        self._heard = monotonic()
        if self._watchword is not None:
            self._watchword.check(chunk)
        meter = self._meter
        meter.feed(chunk)
        if self._streams and meter.answered > self._wanted.answer:
            self.end(Why.OVERRUN)
            return
        self._count(chunk)
        if meter.last_said or (self._whole is not None and self._bytes >= self._whole):
            self._last += chunk
        else:
            self._reply.write(chunk)

    def _done(self) -> None:
        if self._keeping is None:
            self._finish()
        else:
            self._closing = True
            self._keeping.end(self._kept)

    def _finish(self) -> None:
        self._end(COMPLETE)
        if self._last:
            self._reply.write(self._last)
        self._reply.finish()

    def _kept(self, bodies: tuple[SealedBody, ...]) -> None:
        """All is kept that will be: the record of an ended call can be made, and the last of a whole answer leave."""
        self._bodies = bodies
        if self._unsettled is not None:
            self._settle(self._unsettled)
        else:
            self._guarded(self._finish)

    def _flow(self) -> None:
        flows = self._kept_up and self._stuck is None
        if self._sending is not None and self.ended is None and flows != self._flows:
            self._flows = flows
            self._sending.flow(flows)

    def _guarded(self, work: Callable[[*Said], None], *said: *Said) -> None:
        if self.ended is not None:
            return
        try:
            work(*said)
        except Exception as error:
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        if isinstance(error, SeatrialError):
            self.failed(error)
        else:
            log.error("carrying an exchange failed", exc_info=error)
            self._end(GATEWAY_STOPPED, defect())

    def _end(self, how: str, problem: Problem | None = None) -> None:
        """The only way out: stop the endpoint, record, and say the last words if there are any to say."""
        if self.ended is not None:
            return
        self.ended = how
        if self._sending is not None and how != COMPLETE:
            self._sending.stop()
        self._let_go()
        words = self._last_words(problem) if problem is not None else b""
        self._record(how)
        self._means.live.leave(self)
        if problem is None:
            return
        if not words:
            self._reply.abort()
            return
        if not self._reply.started:
            self._reply.start(problem.status, problem.headers(self._shape))
        self._reply.write(words)
        self._reply.finish()

    def _let_go(self) -> None:
        if not isinstance(self._call.body, bytes):
            self._call.body.close()

    def _last_words(self, problem: Problem) -> bytes:
        """What can still be said of the end: the problem itself, a stream's last event, or nothing.

        Nothing if the answer has begun and is no stream, or if bytes wait that the caller has not taken: those are
        dropped, for nothing more may reach it. Nor if the answer is kept whole already: what is kept is what was said.
        """
        if self._closing and self.ended != NOT_KEPT:
            return b""
        if not self._reply.started:
            self._status, words = problem.status, problem.body(self._shape)
        elif self._streams and not self._reply.waiting:
            words = problem.last_event(self._shape)
        else:
            return b""
        self._count(words)
        return words

    def _count(self, data: bytes) -> None:
        if self._first_byte is None:
            self._first_byte = monotonic() - self._begun
        self._sum.update(data)
        self._bytes += len(data)
        if self._keeping is not None and not self._closing:
            self._keeping.add(data)

    def _record(self, ended: str) -> None:
        if self.passed is None:
            return  # nothing was let through; a pass that comes later is given back
        tokens = self._known or self._meter.tokens()
        if self._status >= 400 and ended == COMPLETE and tokens == Tokens():
            tokens = Tokens(0, 0)  # an error of the endpoint that reports no use
        settlement = Settlement(
            exchange=self.passed.exchange,
            status=self._status or CLIENT_LEFT_STATUS,
            response_digest=Digest("sha256:" + self._sum.hexdigest()),
            response_bytes=self._bytes,
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.answer,
            first_byte_seconds=self._first_byte,
            seconds=monotonic() - self._begun,
            ended=ended,
        )
        if self._keeping is None or self._bodies is not None:
            self._settle(settlement)
        else:
            self._unsettled = settlement
            self._keeping.end(self._kept)

    def _settle(self, settlement: Settlement) -> None:
        if self.passed is not None and self.passed.keep is not None:
            settlement = replace(settlement, bodies=self._bodies or nothing_kept(self.passed))
        self._means.door.settle(settlement)
        self._means.metrics.ended(settlement)


def _problem_of(ended: str) -> Problem:
    if ended == GATEWAY_STOPPED:
        return Problem("gateway-stopping", "The gateway is stopping and ended this call; make it again in a moment.")
    return Problem(ended, SENTENCES[Why(ended)])
