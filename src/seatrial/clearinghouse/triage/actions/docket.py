"""What waits to be judged, handed out and taken down by the thread that called for it, in rounds.

1. One transaction for all that was judged in a round; a judge that is told so may forget what it judged.
2. One docket goes round at a time in an instance, wherever it runs; the turn of a dead one is over after ``_TURN``.
3. What was handed out and never came back is judged by whoever comes next: nothing says that it was begun.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.triage.actions.judging import record_judgement
from seatrial.clearinghouse.triage.models import Turn
from seatrial.clearinghouse.triage.ports import Job, Judged
from seatrial.compute.api import Asked, Rounds
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Conflict
from seatrial.kernel.ids import new_id

_AHEAD = 64
_TURN = timedelta(seconds=30)
_SAID = 5.0  # seconds after which it says again that it lives
_WHAT = "judging"


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
        self._told = 0  # of those judged, in the latest word on progress
        self._rounds: Rounds[Judged | None] = Rounds("judges", pause=_SAID)

    async def next(self) -> Job | None:
        job: Job | None = await self._rounds.ask(None)
        return job

    async def done(self, judged: Judged) -> None:
        await self._rounds.ask(judged)

    def serve(self, work: Callable[[], None]) -> None:
        """Run ``work``, and hand out and take down here; see ``compute.Rounds``.

        Interrupted from the keyboard, nothing further is handed out, and what is in work is taken down.
        """
        self._take_turn()
        try:
            self._rounds.serve(work, self._round, self._tell)
        finally:
            Turn.objects.filter(what=_WHAT, holder=self._name).delete()

    def _round(self, asked: Sequence[Asked[Judged | None]]) -> list[tuple[Asked[Judged | None], Job | None]]:
        """A question is what to take down, or else asks for the next job."""
        if time.monotonic() - self._said > _SAID:
            self._take_turn()
        finished = [one.question for one in asked if one.question is not None]
        if finished:
            self._take_down(finished)
        return [(one, None if one.question else self._job()) for one in asked]

    def _tell(self) -> None:
        if self._progress is not None and self.judged > self._told:
            self._told = self.judged
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
        while self._left != 0 and self._rounds.broken is None:
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


def _job(report: str) -> Job:
    recipe = findings.stated([report])[report].document.get("proof", {}).get("recipe")
    return Job(report, b"", {}) if recipe is None else Job(report, canonical(recipe), findings.files_of(report))
