"""What waits to be judged, handed out and taken down by the thread that called for it, in rounds.

1. One thread owns every row; judges only ask and wait.
2. All that was asked while a round was being written is the next round: one transaction for all that was judged in it,
   and an answer after the commit, so that a judge that is told so may forget what it judged.
3. One docket goes round at a time in an instance, wherever it runs; the turn of a dead one is over after ``_TURN``.
4. What was handed out and never came back is judged by whoever comes next: nothing says that it was begun.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.triage.actions.judging import record_judgement
from seatrial.clearinghouse.triage.models import Turn
from seatrial.clearinghouse.triage.ports import Job, Judged
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Conflict
from seatrial.kernel.ids import new_id

_AHEAD = 64
_TURN = timedelta(seconds=30)
_SAID = 5.0  # seconds after which it says again that it lives
_WHAT = "judging"


@dataclass(slots=True)
class _Asked:
    """``judged`` is what to take down; without it the next job is asked for."""

    judged: Judged | None = None
    answer: Future[Any] = field(default_factory=Future)


class WaitingDocket:
    """``ports.Docket`` over what waits in this instance; at most ``most`` jobs are handed out."""

    def __init__(
        self,
        *,
        most: int | None,
        progress: Callable[[int, int], None] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.judged = 0
        self._name, self._said = new_id("docket"), 0.0
        self._left = most
        self._progress, self._clock = progress, clock
        self._ahead: deque[str] = deque()
        self._out: set[str] = set()
        self._broken: BaseException | None = None
        self._desk: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()

    async def next(self) -> Job | None:
        job: Job | None = await self._ask(_Asked())
        return job

    async def done(self, judged: Judged) -> None:
        await self._ask(_Asked(judged))

    def serve(self, work: Callable[[], None]) -> None:
        """Run ``work`` in a thread of its own and do here what it asks for.

        Interrupted from the keyboard, nothing further is handed out, what is in work is taken down, and then
        ``KeyboardInterrupt`` goes on its way.
        """

        def outside() -> None:
            try:
                work()
            except BaseException as error:  # handed to the calling thread, which raises it
                self._broken = self._broken or error
            finally:
                self._desk.put(None)

        self._take_turn()
        thread = threading.Thread(target=outside, name="judges", daemon=True)
        thread.start()
        goes_on = True
        while goes_on:
            asked: list[_Asked] = []
            try:
                goes_on = self._gather(asked)
            except KeyboardInterrupt as interrupt:
                if self._broken is not None:
                    raise
                self._broken = interrupt
            self._round([one for one in asked if one.answer.set_running_or_notify_cancel()])
        thread.join()
        Turn.objects.filter(what=_WHAT, holder=self._name).delete()
        if self._broken is not None:
            raise self._broken

    def _gather(self, asked: list[_Asked]) -> bool:
        """Wait for something to be asked, and take all that was; false once the judges have ended."""
        try:
            one = self._desk.get(timeout=_SAID)
        except queue.Empty:
            return True
        while one is not None:
            asked.append(one)
            try:
                one = self._desk.get_nowait()
            except queue.Empty:
                return True
        return False

    def _round(self, asked: Sequence[_Asked]) -> None:
        answers: list[tuple[_Asked, Any]] = []
        try:
            if time.monotonic() - self._said > _SAID:
                self._take_turn()
            finished = [one.judged for one in asked if one.judged is not None]
            if finished:
                self._take_down(finished)
            answers = [(one, None if one.judged else self._job()) for one in asked]
        except BaseException as error:
            self._broken = self._broken or error
            for one in asked:
                one.answer.set_exception(error if isinstance(error, Exception) else InterruptedError("interrupted"))
            return
        for one, answer in answers:
            one.answer.set_result(answer)
        if self._progress is not None and finished:
            self._progress(self.judged, findings.unjudged())

    def _take_turn(self) -> None:
        """Begin or go on. Raises ``Conflict`` (``judged-elsewhere``) while another docket goes round."""
        at = now()
        with transaction.atomic(durable=True):
            turn, made = Turn.objects.select_for_update().get_or_create(
                what=_WHAT, defaults={"holder": self._name, "until": at + _TURN}
            )
            if not made and turn.holder != self._name and turn.until > at:
                raise Conflict(
                    "judged-elsewhere",
                    "Another process of this instance judges what waits, or did until a moment ago: if it was killed, "
                    "call again in half a minute.",
                )
            Turn.objects.filter(what=_WHAT).update(holder=self._name, until=at + _TURN)
        self._said = time.monotonic()

    def _take_down(self, finished: Sequence[Judged]) -> None:
        with transaction.atomic(durable=True):
            for one in finished:
                record_judgement(report=one.report, validation=one.validation, ran=one.ran, at=self._clock())
        self._out -= {one.report for one in finished}
        self.judged += len(finished)

    def _job(self) -> Job | None:
        while self._left != 0 and self._broken is None:
            if not self._ahead:
                self._ahead.extend(findings.next_unjudged(_AHEAD, besides=self._out))
            if not self._ahead:
                return None
            report = self._ahead.popleft()
            if report in self._out:
                continue
            self._out.add(report)
            self._left = self._left and self._left - 1
            return _job(report)
        return None

    async def _ask(self, asked: _Asked) -> Any:
        self._desk.put(asked)
        return await asyncio.wrap_future(asked.answer)


def _job(report: str) -> Job:
    recipe = findings.stated([report])[report].document.get("proof", {}).get("recipe")
    return Job(report, b"", {}) if recipe is None else Job(report, canonical(recipe), findings.files_of(report))
