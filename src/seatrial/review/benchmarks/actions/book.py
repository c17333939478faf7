"""The book of a running campaign: what a runner says is written in the thread that called for the run, in rounds.

1. One thread owns the rows, the sequential state and the patience; the runner's loop only asks and waits.
2. A round is one transaction, however many attempts, and an answer is given after the commit: an attempt is durable
   before anything is sent for it (``compute.Rounds``).
3. In a round the attempts that ended come first; whether a further cell is begun is decided with them counted.
4. A cell too far beyond the first that is not finished waits, without polling, until that has moved (``narrowing.py``).
   The first of those that wait never waits for nobody: it goes when nothing before it is in flight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.compute.api import Asked, Rounds
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks.actions.running import note_shortage, take_down
from seatrial.review.benchmarks.core.failures import Consequence, Patience, consequence, wait_before
from seatrial.review.benchmarks.core.forecast import Means, Pace, forecast
from seatrial.review.benchmarks.core.narrowing import reach
from seatrial.review.benchmarks.core.prefix import Prefix
from seatrial.review.benchmarks.queries import Plan
from seatrial.review.benchmarks.types import (
    AttemptOutcome,
    AttemptResult,
    Decision,
    EndedAttempt,
    Failure,
    Forecast,
    Progress,
    Purpose,
)

MEANS_AGE = 5.0  # seconds after which what is left of time and budget is looked up again


@dataclass(slots=True)
class _Said:
    """What the runner asks: to begin ``cell``, or to take down how its attempt ``number`` ended."""

    cell: str
    number: int = 0
    result: AttemptResult | None = None
    failure: Failure | None = None


_Asked = Asked[_Said]


class Book:
    """``ports.Book``. ``means`` tells what is left of the window and the budget, for the forecast."""

    def __init__(
        self,
        *,
        plan: Plan,
        run: str,
        prefix: Prefix,
        workers: int,
        progress: Callable[[Progress], None] | None,
        clock: Callable[[], datetime],
        means: Callable[[], Means],
    ) -> None:
        self.prefix = prefix
        self.stopped: str | None = None  # why the campaign is to end without a verdict
        self.paused: str | None = None  # why this run ends and another may go on
        self._plan, self._run, self._workers = plan, run, workers
        self._progress, self._clock = progress, clock
        self._patience = Patience(workers)
        self._places = {cell.id: place for place, cell in enumerate(plan.cells)}
        self._tries = dict(plan.tries)
        self._in_flight: set[int] = set()
        self._failures: dict[str, int] = {}
        self._started = sum(plan.tries.values())
        self._forecasts = _Forecasts(plan, means, clock)
        self._rounds: Rounds[_Said] = Rounds(f"runner of {plan.id}")
        self._waiting: list[_Asked] = []  # cells that lie too far ahead

    @property
    def over(self) -> bool:
        return self.prefix.over or any(why is not None for why in (self.stopped, self.paused, self._rounds.broken))

    async def begin(self, cell: str) -> int | None:
        """Also waits while ``cell`` lies far beyond one that is still running: its result might never count."""
        number: int | None = await self._rounds.ask(_Said(cell))
        return number

    async def scored(self, number: int, result: AttemptResult) -> None:
        await self._rounds.ask(_Said(result.cell, number, result))

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        result = AttemptResult(cell, None, seconds, Digest(""), 0, 0, "", False, failure.message)
        wait: float | None = await self._rounds.ask(_Said(cell, number, result, failure))
        return wait

    def serve(self, work: Callable[[], None]) -> str | None:
        """Run ``work`` in a thread of its own and do here what it asks for; why the campaign is to stop, if it is.

        Interrupted from the keyboard, nothing further is started, what is in flight is taken in, and then
        ``KeyboardInterrupt`` goes on its way. Raises ``Unavailable`` if the run can only be taken up again later.
        """
        if not self.over:
            self._rounds.serve(work, self._round, self._tell)
        if self.paused is not None and not self.prefix.over:
            raise Unavailable(
                "endpoint-unavailable",
                f"The campaign is paused, not ended: {self.paused}. Mend that and run it again; nothing is lost.",
            )
        if not self.over:
            raise Unavailable("cells-not-run", f"Some cells of {self._plan.id} were not run; run the campaign again.")
        return self.stopped

    def _round(self, asked: Sequence[_Asked]) -> list[tuple[_Asked, Any]]:
        self._waiting += [one for one in asked if one.question.result is None]
        self._waiting.sort(key=lambda one: self._places[one.question.cell])
        try:
            ended = [(one, self._ended(one.question)) for one in asked if one.question.result is not None]
            begun = self._go()
            if ended or begun:
                take_down(
                    campaign=self._plan.id,
                    run=self._run,
                    ended=[attempt for _, attempt in ended],
                    begun=[(one.question.cell, one.question.number) for one in begun],
                    at=self._clock(),
                )
            return [(one, self._after(one.question)) for one, _ in ended] + [
                (one, one.question.number) for one in begun
            ]
        except BaseException:
            self._waiting = []  # each is told
            raise

    def _tell(self) -> None:
        """Where the campaign is; whatever fails in being told ends the run, and loses nothing."""
        try:
            decision = self.prefix.decision
            found = self._forecasts.of(decision, self._started)
            if found is not None and found.short and not self._forecasts.said:
                note_shortage(campaign=self._plan.id, run=self._run, short=found.short)
                self._forecasts.said = True
            if self._progress is not None:
                self._progress(Progress(self._started, decision.counted, decision.cells, decision, found))
        except BaseException as error:
            self._rounds.broken = self._rounds.broken or error
        if self.over:
            self._go()

    def _go(self) -> list[_Asked]:
        """Those of the waiting that may begin now, each with its number; one that never will is answered."""
        if not self._waiting:
            return []
        far = self.prefix.place + reach(
            self.prefix.decision, self._plan.threshold, self._workers, decides=self._plan.purpose is Purpose.DECIDE
        )
        first = min(self._in_flight, default=None)
        waiting, begun = [], []
        for one in self._waiting:
            place = self._places[one.question.cell]
            if self.over or not self.prefix.tries_left(one.question.cell):
                one.answer.set_result(None)
            elif first is not None and first < place and place >= far:
                waiting.append(one)
            else:
                first = place if first is None else min(first, place)
                cell = one.question.cell
                one.question.number = self._tries[cell] = self._tries.get(cell, 0) + 1
                self._in_flight.add(place)
                self._started += 1
                begun.append(one)
        self._waiting = waiting
        return begun

    def _ended(self, one: _Said) -> EndedAttempt:
        """Count how an attempt ended, and what it means for the run."""
        if one.result is None:
            raise TypeError("an attempt that has not ended")
        self._in_flight.discard(self._places[one.cell])
        if one.failure is None:
            self.prefix.record(one.result)
            self._patience.scored()
            self._forecasts.scored(one.result)
            return EndedAttempt(one.number, AttemptOutcome.SCORED, one.result)
        meaning, message = consequence(one.failure), one.failure.message
        if meaning is Consequence.STOP:
            self.stopped = self.stopped or f"Access to the model ended: {message}"
        elif meaning is Consequence.PAUSE:
            self.paused = self.paused or f"the endpoint does not let this caller in: {message}"
        elif meaning is Consequence.LOST:
            pass  # whoever lost it takes it up again
        elif meaning is Consequence.SILENCE:
            if self._patience.unanswered():
                self.paused = self.paused or message
        else:
            self.prefix.record(one.result)
            if not self.prefix.tries_left(one.cell) and self._patience.unrunnable():
                self.paused = self.paused or f"several cells in a row could not be run, the last because {message}"
        outcome = AttemptOutcome.FAILED if meaning is Consequence.RETRY else AttemptOutcome.INTERRUPTED
        return EndedAttempt(one.number, outcome, one.result)

    def _after(self, one: _Said) -> float | None:
        """Seconds to wait before a failed cell is tried again, if it is."""
        if one.failure is None or one.failure.lost or self.over or not self.prefix.tries_left(one.cell):
            return None
        self._failures[one.cell] = self._failures.get(one.cell, 0) + 1
        return wait_before(self._failures[one.cell], one.failure)


class _Forecasts:
    """The forecast of this run: its own pace, and what is left, looked up now and then."""

    def __init__(self, plan: Plan, means: Callable[[], Means], clock: Callable[[], datetime]) -> None:
        self.said = False  # in the campaign's note, that it will not fit
        self._plan, self._look, self._clock = plan, means, clock
        self._decides = plan.purpose is Purpose.DECIDE
        self._since = time.monotonic()
        self._before = sum(plan.tries.values())
        self._scored = self._tokens = 0
        self._means: Means | None = None
        self._looked = 0.0

    def scored(self, result: AttemptResult) -> None:
        self._scored += 1
        self._tokens += result.prompt_tokens + result.completion_tokens

    def of(self, decision: Decision, started: int) -> Forecast | None:
        now = time.monotonic()
        if self._means is None or now - self._looked > MEANS_AGE:
            self._means, self._looked = self._look(), now
        pace = Pace(self._scored, now - self._since, started - self._before, self._tokens)
        return forecast(decision, self._plan.threshold.alpha, pace, self._means, self._clock(), decides=self._decides)
