"""One call from its arrival to its record, whatever serves the HTTP on either side.

    read what it asks  →  decide (durable)  →  forward  →  pass the answer on as it comes  →  record

Whoever ends an exchange first says how: the answer's end, the caller leaving, the endpoint failing, or the end of the
right. The record of a whole answer is made before its last bytes leave, so that a caller who asks again
at once finds its place free; a cut waits for nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Protocol

from seatrial.gateway.call import Asked, Call, Headers, asked, header
from seatrial.gateway.door import Door
from seatrial.gateway.headers import bearer, caller_headers, upstream_headers
from seatrial.gateway.limits import Limits
from seatrial.gateway.live import Exchange, Live
from seatrial.gateway.metering import Meter, SilentMeter, Tokens, meter_for
from seatrial.gateway.problems import Problem, defect
from seatrial.gateway.upstream import Answer, Upstream
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable
from seatrial.review.access.api import SENTENCES
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Why

log = logging.getLogger("seatrial.gateway")

COMPLETE, CLIENT_LEFT, UPSTREAM_FAILED, GATEWAY_STOPPED = (
    "complete",
    "client-left",
    "upstream-failed",
    "gateway-stopped",
)
CLIENT_LEFT_STATUS = 499  # nobody was there to be told a status
_LONGEST_PURPOSE = 100


class CallerGone(Exception):
    """The caller closed the connection: nothing can be said to it any more."""


class Reply(Protocol):
    """The way back to the caller. ``start``, ``write`` and ``finish`` raise ``CallerGone``."""

    @property
    def started(self) -> bool: ...

    @property
    def waiting(self) -> bool:
        """True if bytes were written that the network has not taken yet."""
        ...

    async def start(self, status: int, headers: Headers) -> None: ...

    async def write(self, data: bytes) -> None:
        """Returns when the caller keeps up; what is written goes out at once."""
        ...

    async def finish(self) -> None:
        """The answer is whole."""
        ...

    def abort(self) -> None:
        """Drop the connection with whatever waits in it; the caller can tell that the answer is not whole."""
        ...


class Conductor:
    """Carries calls through one gateway process."""

    def __init__(self, *, door: Door, upstream: Upstream, live: Live, limits: Limits, name: str) -> None:
        self._door = door
        self._upstream = upstream
        self._live = live
        self._limits = limits
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()
        self._unknown_keys = 0
        self.stopping = False

    async def handle(self, call: Call, reply: Reply) -> None:
        """Carry one call. Being cancelled means that the caller left; the record is made all the same."""
        begun = asyncio.get_running_loop().time()
        try:
            request, wanted = self._read(call)
            passed = await self._decide(request)
        except SeatrialError as error:
            if error.code == Why.UNKNOWN_KEY:
                self._count_unknown()
            await refuse(reply, Problem.of(error))
            return
        except CallerGone:
            return
        except Exception:
            log.exception("deciding on a call failed")
            await refuse(reply, defect())
            return
        carriage = _Carriage(self, self._upstream, self._limits, call, wanted, passed, reply, begun)
        await carriage.run(self._live)

    def record(self, settlement: Settlement) -> asyncio.Task[None]:
        """Settle, trying until it is done. The task outlives the call."""
        return self._keep(self._settle(settlement))

    async def recorded(self, seconds: float) -> int:
        """Wait ``seconds`` at most for the records under way; how many are left (a next start settles them)."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        return len(self._tasks)

    def _read(self, call: Call) -> tuple[AccessRequest, Asked]:
        if self.stopping:
            raise Unavailable("gateway-stopping", "The gateway is stopping; try again in a moment.")
        purpose = header(call.headers, "x-seatrial-purpose") or None
        if purpose is not None and (len(purpose) > _LONGEST_PURPOSE or not purpose.isascii()):
            raise Misuse("bad-purpose", f"X-Seatrial-Purpose must be ASCII of at most {_LONGEST_PURPOSE} characters.")
        if not call.path.isascii():
            raise Misuse("bad-path", "The path must be ASCII; percent-encode anything else.")
        wanted = asked(call, answer_tokens=self._limits.answer_tokens)
        request = AccessRequest(
            key=bearer(call.headers),
            purpose=purpose,
            method=call.method,
            path=f"{call.path}?{call.query}" if call.query else call.path,  # no consent covers a query
            request_digest=digest(call.body),
            request_bytes=len(call.body),
            tokens=wanted.tokens,
            model=wanted.model,
            logits=wanted.logits,
            gateway=self._name,
        )
        return request, wanted

    async def _decide(self, request: AccessRequest) -> Pass:
        """The door's decision within its bound. A pass that comes too late, or to nobody, is given back unused."""
        question = asyncio.create_task(self._door.authorise(request))
        try:
            await asyncio.wait({question}, timeout=self._limits.decide_seconds)
        except asyncio.CancelledError:
            self._keep(self._give_back(question, CLIENT_LEFT))
            raise
        if question.done():
            return question.result()
        self._keep(self._give_back(question, GATEWAY_STOPPED))
        raise Unavailable(
            "database-away", "The gateway could not decide in time, so it lets nothing through; try again soon."
        )

    async def _give_back(self, question: asyncio.Task[Pass], ended: str) -> None:
        try:
            passed = await question
        except (SeatrialError, asyncio.CancelledError):
            return
        status = CLIENT_LEFT_STATUS if ended == CLIENT_LEFT else 503
        await self._settle(Settlement(passed.exchange, status, None, 0, 0, 0, None, 0.0, ended))

    async def _settle(self, settlement: Settlement) -> None:
        pause = 0.1
        while True:
            try:
                return await self._door.settle(settlement)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
            except Exception:
                # Left open: the reservation stays charged, and the next start settles it.
                log.exception("settling the exchange %s failed", settlement.exchange)
                return None

    def _keep(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _count_unknown(self) -> None:
        """Unknown keys leave no entry on the ledger (anybody could flood it); the log says how many there were."""
        self._unknown_keys += 1
        if self._unknown_keys & (self._unknown_keys - 1) == 0:  # 1, 2, 4, 8 …: a flood writes few lines
            log.warning("%d calls with an unknown key since the start", self._unknown_keys)


class _Carriage:
    """One exchange under way."""

    def __init__(
        self,
        conductor: Conductor,
        upstream: Upstream,
        limits: Limits,
        call: Call,
        wanted: Asked,
        passed: Pass,
        reply: Reply,
        begun: float,
    ) -> None:
        self._upstream = upstream
        self._limits = limits
        self._call = call
        self._wanted = wanted
        self._passed = passed
        self._reply = reply
        self._begun = begun
        self._conductor = conductor
        self._meter: Meter = SilentMeter()
        self._known: Tokens | None = None  # overrides the meter
        self._sum = hashlib.sha256()
        self._bytes = 0
        self._status = 0
        self._streams = False
        self._first_byte: float | None = None
        self._settled = False

    async def run(self, live: Live) -> None:
        work = asyncio.create_task(self._forward())
        exchange = Exchange(self._passed, asyncio.get_running_loop().time(), work.cancel)
        self._exchange = exchange
        live.enter(exchange)
        try:
            await asyncio.wait({work})
            await self._conclude(work)
        except asyncio.CancelledError:
            exchange.end(CLIENT_LEFT)
            raise
        finally:
            live.leave(exchange)
            work.cancel()
            self._record(exchange.ended or CLIENT_LEFT)

    async def _conclude(self, work: asyncio.Task[None]) -> None:
        """Say the last words, if there are any left to say."""
        exchange = self._exchange
        if work.cancelled():
            problem = _problem_of(exchange.ended or GATEWAY_STOPPED)
        elif (error := work.exception()) is None:
            return
        elif isinstance(error, CallerGone):
            exchange.ended = exchange.ended or CLIENT_LEFT
            return
        elif isinstance(error, SeatrialError):
            exchange.ended = exchange.ended or UPSTREAM_FAILED
            problem = Problem.of(error)
        else:
            log.error("carrying the exchange %s failed", self._passed.exchange, exc_info=error)
            exchange.ended = exchange.ended or GATEWAY_STOPPED
            problem = defect()
        last_words = self._last_words(problem)
        if exchange.ended == UPSTREAM_FAILED:  # nothing has to end in an instant, so the record comes first
            await self._recorded()
        try:
            async with asyncio.timeout(self._limits.cut_seconds / 4):
                if not self._reply.started:
                    await self._reply.start(problem.status, problem.headers())
                if last_words:
                    await self._reply.write(last_words)
                    await self._reply.finish()
        except (CallerGone, TimeoutError):
            last_words = b""
        if not last_words:
            self._reply.abort()

    async def _forward(self) -> None:
        call, passed = self._call, self._passed
        url = f"{passed.upstream.rstrip('/')}/{call.path}"
        headers = upstream_headers(call.headers, passed.upstream_credential)
        try:
            async with self._upstream.call(call.method, url, headers, call.body) as answer:
                self._check(answer)
                await self._pass_on(answer)
        except Unavailable as error:
            if error.code in ("upstream-down", "upstream-refused", "upstream-redirected"):
                self._known = Tokens(0, 0)  # nothing was generated
            raise

    def _check(self, answer: Answer) -> None:
        """An endpoint's answers to *us* are not for the caller: its key is not what was refused."""
        if answer.status in (401, 403, 407):
            raise Unavailable(
                "upstream-refused",
                f"The developer's endpoint refused the developer's own credential ({answer.status}); "
                "the developer has to set it again.",
            )
        if 300 <= answer.status < 400:
            raise Unavailable(
                "upstream-redirected",
                f"The developer's endpoint redirected the call ({answer.status}), and no redirect is followed; "
                "the consent must name the address itself.",
            )

    async def _pass_on(self, answer: Answer) -> None:
        kind = header(answer.headers, "content-type")
        self._streams = kind.lower().startswith("text/event-stream")
        self._meter = meter_for(
            kind,
            header(answer.headers, "content-encoding"),
            prompt=self._wanted.prompt,
            kept=self._limits.kept_bytes,
        )
        self._status = answer.status
        headers = caller_headers(answer.headers, self._passed.upstream_credential)
        length = header(headers, "content-length")
        whole = int(length) if length.isdigit() else None
        secret = _Watchword(self._passed.upstream_credential)
        last = b""
        await self._reply.start(answer.status, headers)
        async for chunk in answer.chunks():
            secret.check(chunk)
            self._meter.feed(chunk)
            if self._streams and self._meter.answered > self._wanted.answer:
                self._exchange.end(Why.OVERRUN)
                return
            self._count(chunk)
            if self._meter.last_said or (whole is not None and self._bytes >= whole):
                last += chunk
            else:
                await self._reply.write(chunk)
        # From here the answer is whole: whoever would cut it comes too late.
        self._exchange.ended = self._exchange.ended or COMPLETE
        await self._recorded()
        if last:
            await self._reply.write(last)
        await self._reply.finish()

    def _count(self, data: bytes) -> None:
        if self._first_byte is None:
            self._first_byte = asyncio.get_running_loop().time() - self._begun
        self._sum.update(data)
        self._bytes += len(data)

    def _last_words(self, problem: Problem) -> bytes:
        """What can still be said of the end: the problem itself, a stream's last event, or nothing.

        Nothing if the answer has begun and is no stream, or if bytes wait that the caller has not taken: those are
        dropped, for nothing more may reach it.
        """
        if not self._reply.started:
            self._status, words = problem.status, problem.body()
        elif self._streams and not self._reply.waiting:
            words = problem.last_event()
        else:
            return b""
        self._count(words)
        return words

    async def _recorded(self) -> None:
        """Make the record now, and wait for it a little; if the database is away it is made later."""
        task = self._record(self._exchange.ended or COMPLETE)
        if task is not None:
            await asyncio.wait({task}, timeout=self._limits.record_seconds)

    def _record(self, ended: str) -> asyncio.Task[None] | None:
        if self._settled:
            return None
        self._settled = True
        tokens = self._known or self._meter.tokens()
        if tokens == Tokens() and self._status >= 400 and ended == COMPLETE:
            tokens = Tokens(0, 0)  # an error of the endpoint that reports no use
        return self._conductor.record(
            Settlement(
                exchange=self._passed.exchange,
                status=self._status or CLIENT_LEFT_STATUS,
                response_digest=Digest("sha256:" + self._sum.hexdigest()),
                response_bytes=self._bytes,
                prompt_tokens=tokens.prompt,
                completion_tokens=tokens.answer,
                first_byte_seconds=self._first_byte,
                seconds=asyncio.get_running_loop().time() - self._begun,
                ended=ended,
            )
        )


class _Watchword:
    """Finds the developer's secret in what passes, also across chunks: whole it never leaves."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._tail = b""

    def check(self, chunk: bytes) -> None:
        """Raises ``Unavailable`` (``upstream-leaks``)."""
        if not self._secret:
            return
        seen = self._tail + chunk
        if self._secret in seen:
            raise Unavailable(
                "upstream-leaks",
                "The developer's endpoint was about to send the developer's own secret, so the answer was ended; "
                "tell the developer.",
            )
        self._tail = seen[-len(self._secret) + 1 :] if len(self._secret) > 1 else b""


def _problem_of(ended: str) -> Problem:
    if ended == GATEWAY_STOPPED:
        return Problem("gateway-stopping", "The gateway is stopping and ended this call; make it again in a moment.")
    return Problem(ended, SENTENCES[Why(ended)])


async def refuse(reply: Reply, problem: Problem) -> None:
    """Answer with a problem, if anybody is still there to be told."""
    try:
        await reply.start(problem.status, problem.headers())
        await reply.write(problem.body())
        await reply.finish()
    except CallerGone:
        reply.abort()
