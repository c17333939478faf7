"""What may be counted: only the longest finished prefix of the committed order.

Attempts run in parallel and failures finish sooner, so "as they arrive" is a biased sample. Here:

1. A cell is finished when it has a score, or when it turned out unrunnable.
2. A machine's failure (no score) is no failure of the model: the cell is tried again, at most
   ``MAX_RETRIES`` times; after that it is unrunnable. Interrupted attempts (killed, or stopped by the
   campaign's own end) are neither: they are recorded elsewhere and never passed in here.
3. Scores are counted in the committed order, up to the first cell that is not finished. Completion order
   cannot be seen in any result of this file.
4. An unrunnable cell is counted at both extremes: one test takes it as 0, another as 1. A verdict falls
   when both tests have given the same one.
5. What finishes after the verdict, or stands behind it in the order, is unused and changes nothing.
6. The order names the item of each cell (the part before "#"), and a score may be foreseen for each item: both sharpen
   the bets and cannot bias them (``foresight.py``).
7. Every scored attempt carries the model's identity. The first one in the order sets it; from the first
   cell in the order that was answered by another, nothing is counted: the campaign is void from there.
   A verdict that fell before stays.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from seatrial.kernel.errors import Conflict, Misuse
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.types import AttemptResult, Decision, FunnelPoint, Threshold, Verdict

MAX_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Tally:
    """What the attempts so far amount to. ``cells`` are those counted, in order (unrunnable ones included)."""

    decision: Decision
    funnel: tuple[FunnelPoint, ...]
    cells: tuple[str, ...]
    unused: int  # scored but not counted
    retried: int  # machine failures that were, or may yet be, run again
    unrunnable: tuple[str, ...]
    identity: str  # of the model, empty before the first count
    void_from: int | None  # the place in the order where another model answered
    model_changed: bool  # two models have answered, counted or not


class Prefix:
    """Takes results as they arrive, counts them in the committed order."""

    def __init__(
        self,
        order: Sequence[str],
        threshold: Threshold,
        *,
        predictions: Mapping[str, float] | None = None,
        decides: bool = True,
    ) -> None:
        """``predictions`` has a score in [0, 1] foreseen for items, committed with the order; ½ for those it lacks.
        ``decides`` false: every cell is counted and no verdict falls, as for a reference model.
        """
        if len(set(order)) != len(order):
            raise Misuse("bad-order", "The committed order names a cell twice.")
        items = [cell.rpartition("#")[0] or cell for cell in order]
        foreseen = [predictions.get(item, 0.5) for item in items] if predictions else None
        self._order = tuple(order)
        self._known = frozenset(order)
        self._scored: dict[str, AttemptResult] = {}
        self._failures: dict[str, int] = {}
        self._zeros = SequentialTest(len(order), threshold, items=items, predictions=foreseen)
        self._ones = self._zeros  # they part at the first unrunnable cell
        self._verdict = Verdict.UNDECIDED
        self._decides = decides
        self._place = 0
        self._points, self._scores = 0.0, 0  # the sum of the scores counted, and how many they are
        self._funnel = [self._zeros.point]
        self._identity = ""
        self._void_from: int | None = None
        self._identities: set[str] = set()

    def record(self, result: AttemptResult) -> Decision:
        """Note one finished attempt and count as far as the prefix now reaches.

        Raises ``Conflict`` (``counted-twice``) for a second score of one cell.
        """
        cell = result.cell
        if cell not in self._known:
            raise Misuse("unknown-cell", f"The cell {cell} does not stand in this campaign's order.")
        if cell in self._scored:
            raise Conflict("counted-twice", f"The cell {cell} has a score already; a cell is scored once.")
        if result.score is None:
            self._failures[cell] = self._failures.get(cell, 0) + 1
        else:
            self._scored[cell] = result
            self._identities.add(result.model_identity)
        self._advance()
        return self.decision

    def tries_left(self, cell: str) -> int:
        """How often ``cell`` may still be started: none once it is scored or unrunnable."""
        return 0 if cell in self._scored else max(0, MAX_RETRIES + 1 - self._failures.get(cell, 0))

    @property
    def place(self) -> int:
        """How many cells of the order are counted."""
        return self._place

    @property
    def remaining(self) -> tuple[str, ...]:
        """Cells still to be run, in the committed order."""
        return tuple(cell for cell in self._order if self.tries_left(cell))

    @property
    def over(self) -> bool:
        """True when nothing further can change what is counted, or would be of use."""
        return self._verdict is not Verdict.UNDECIDED or self._place == len(self._order) or self.model_changed

    @property
    def model_changed(self) -> bool:
        """True once two models have answered, wherever in the order."""
        return len(self._identities) > 1

    @property
    def decision(self) -> Decision:
        zeros, ones = self._zeros.decision, self._ones.decision
        return Decision(
            verdict=self._verdict,
            counted=zeros.counted,
            cells=zeros.cells,
            mean=self._mean(),
            lower=zeros.lower,
            upper=ones.upper,
            wealth_meets=zeros.wealth_meets,
            wealth_below=ones.wealth_below,
        )

    @property
    def tally(self) -> Tally:
        unrunnable = tuple(cell for cell in self._order if self._unrunnable(cell))
        return Tally(
            decision=self.decision,
            funnel=tuple(self._funnel),
            cells=self._order[: self._place],
            unused=len(self._scored) - self._scores,
            retried=sum(self._failures.values()) - len(unrunnable),
            unrunnable=unrunnable,
            identity=self._identity,
            void_from=self._void_from,
            model_changed=self.model_changed,
        )

    def _advance(self) -> None:
        while self._verdict is Verdict.UNDECIDED and self._void_from is None and self._place < len(self._order):
            cell = self._order[self._place]
            result = self._scored.get(cell)
            if result is not None and result.score is not None:
                self._identity = self._identity or result.model_identity
                if result.model_identity != self._identity:
                    self._void_from = self._place
                    return
                self._count(result.score, result.score)
                self._points += result.score
                self._scores += 1
            elif self._unrunnable(cell):
                self._count(0.0, 1.0)
            else:
                return
            self._place += 1
            self._funnel.append(FunnelPoint(self._place, self._mean(), self._zeros.point.lower, self._ones.point.upper))

    def _count(self, least: float, most: float) -> None:
        if least != most and self._ones is self._zeros:
            self._ones = copy.deepcopy(self._zeros)
        verdict = self._zeros.update(least).verdict
        if self._ones is self._zeros or self._ones.update(most).verdict is verdict:
            self._verdict = verdict if self._decides else Verdict.UNDECIDED

    def _unrunnable(self, cell: str) -> bool:
        return cell not in self._scored and self._failures.get(cell, 0) > MAX_RETRIES

    def _mean(self) -> float:
        """Of the scores counted; 0.5 while there is none."""
        return self._points / self._scores if self._scores else 0.5


@lru_cache(maxsize=32)
def settle(
    order: tuple[str, ...],
    results: tuple[AttemptResult, ...],
    threshold: Threshold,
    foreseen: tuple[tuple[str, float], ...] = (),
    decides: bool = True,
) -> Tally:
    """The tally of all ``results``, in whatever sequence they are given; the other terms as ``Prefix`` takes them."""
    prefix = Prefix(order, threshold, predictions=dict(foreseen), decides=decides)
    for result in results:
        prefix.record(result)
    return prefix.tally
