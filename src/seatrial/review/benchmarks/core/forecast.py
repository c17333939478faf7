"""Will a campaign end in time, and within what was consented to? Said early, from what it has taken so far.

The attempts that are left come from the evidence (``narrowing.expected``), what each takes in time, calls, tokens and
money from those that were scored. The first of these to run out is named, with the time it is used up. A forecast stops
nothing: access ends by itself, and so does the campaign then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.kernel.clock import aware
from seatrial.review.benchmarks.core.narrowing import expected
from seatrial.review.benchmarks.types import Decision, Forecast

ENOUGH = 5  # scored attempts before anything is said
_LONGEST = 10 * 365 * 86400.0  # seconds a forecast looks ahead


@dataclass(frozen=True, slots=True)
class Pace:
    """What ``scored`` attempts took: ``seconds`` by the clock (many at once), calls, tokens."""

    scored: int
    seconds: float
    calls: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Means:
    """What is left: until when access lasts, and of the consent's budget; ``None`` bounds nothing.

    ``money`` is in millionths, and so is ``a_call``, what a call cost on average so far.
    """

    until: datetime | None
    calls: int | None
    tokens: int | None
    money: int | None = None
    a_call: float = 0.0


def forecast(
    decision: Decision, alpha: float, pace: Pace, means: Means, now: datetime, *, decides: bool = True
) -> Forecast | None:
    """``None`` before enough is known, and once nothing is left to do. ``decides`` false: every cell will be run."""
    if pace.scored < ENOUGH or not decision.counted or decision.counted == decision.cells:
        return None
    left = math.ceil(expected(decision, alpha)) if decides else decision.cells - decision.counted
    each, calls = pace.seconds / pace.scored, pace.calls / pace.scored
    finish = _later(now, left * each)
    spent: list[tuple[str, float | None, float]] = [
        ("the consented requests run out", means.calls, calls),
        ("the consented tokens run out", means.tokens, pace.tokens / pace.scored),
        ("the consented money runs out", means.money, means.a_call * calls),
    ]
    ends = [(what, _later(now, have / one * each)) for what, have, one in spent if have is not None and one > 0]
    if means.until is not None:
        ends.append(("access ends", means.until))
    short = min((end for end in ends if end[1] < finish), key=lambda end: end[1], default=None)
    return Forecast(left, finish, short is None, short and _sentence(left, finish, *short))


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=min(seconds, _LONGEST))


def _sentence(left: int, finish: datetime, what: str, when: datetime) -> str:
    return (
        f"This campaign will probably not be finished: about {left} attempts are left, until {_minute(finish)}, "
        f"but {what} at {_minute(when)}."
    )


def _minute(moment: datetime) -> str:
    return f"{aware(moment):%Y-%m-%dT%H:%MZ}"
