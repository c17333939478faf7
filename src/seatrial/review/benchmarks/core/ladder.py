"""A ladder: the same suite and threshold, the model asked in several ways, one error budget over all.

Capability is what the best way of asking brings out. With m_r the suite mean under rung r:

    *meets*   as soon as one rung says *meets*: wrong only if every m_r lies below the zone and one errs all the same,
              so with probability at most the sum of the rungs' α
    *below*   when every rung says *below*: wrong only if some m_r lies above the zone, and then that very rung erred,
              so with probability at most the largest α of a rung
    undecided otherwise; what was not run says nothing

Hence the α of the rungs sum to the ladder's, and the ladder errs with at most that, however often it is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.elicitation import PLAIN, SEVERAL, TOOLED, checked_elicitation, read
from seatrial.review.benchmarks.types import Purpose, Rung, Verdict

MOST_RUNGS = 12


def shares(rungs: Sequence[Rung], alpha: float) -> tuple[float | None, ...]:
    """Each rung's α, in order: its own share, or an equal part of what is left; ``None`` where nothing is decided.

    Raises ``Misuse`` (``bad-ladder``).
    """
    names = [rung.elicitation.name for rung in rungs]
    if not 1 <= len(rungs) <= MOST_RUNGS or len(set(names)) != len(names):
        raise Misuse("bad-ladder", f"A ladder has 1 to {MOST_RUNGS} rungs, each with a name of its own.")
    for rung in rungs:
        checked_elicitation(rung.elicitation)
        if (rung.purpose is Purpose.REFERENCE) != (rung.model is not None):
            raise Misuse(
                "bad-ladder", f"The rung {rung.elicitation.name!r}: a reference names its model, no other does."
            )
        if rung.share is not None and not (rung.purpose is Purpose.DECIDE and 0 < rung.share <= 1):
            raise Misuse("bad-ladder", f"The rung {rung.elicitation.name!r} has a share of the error it cannot have.")
        if rung.cells is not None and (rung.purpose is Purpose.DECIDE or rung.cells < 1):
            raise Misuse(
                "bad-ladder", f"The rung {rung.elicitation.name!r} decides on all cells; leave out its number."
            )
    deciding = [rung for rung in rungs if rung.purpose is Purpose.DECIDE]
    if not deciding:
        raise Misuse("bad-ladder", "A ladder needs at least one rung that decides.")
    given = math.fsum(rung.share for rung in deciding if rung.share is not None)
    open_ = sum(rung.share is None for rung in deciding)
    if given > 1 + 1e-9 or (open_ and given > 1 - 1e-9):
        raise Misuse("bad-ladder", f"The rungs' shares of the error sum to {given:g}; there is 1 to share.")
    equal = (1 - given) / open_ if open_ else 0.0
    return tuple(
        None if rung.purpose is not Purpose.DECIDE else alpha * (equal if rung.share is None else rung.share)
        for rung in rungs
    )


def usual_rungs(*, tools: bool, twins: bool) -> tuple[Rung, ...]:
    """What is tried unless somebody says otherwise: plain, with ``tools`` where they can be had, several tries."""
    deciding = [Rung(PLAIN), *([Rung(TOOLED)] if tools else []), Rung(SEVERAL)]
    beside = [Rung(replace(PLAIN, name="twins"), Purpose.TWINS)] if twins else []
    return (*deciding, *beside)


def read_rungs(document: object) -> tuple[Rung, ...]:
    """Rungs as a file states them: a list of objects with the fields of ``Rung``.

    Raises ``Misuse`` (``bad-ladder``, ``bad-elicitation``).
    """
    if not isinstance(document, list) or not document:
        raise Misuse("bad-ladder", 'The file of a ladder holds {"rungs": [{"elicitation": {"name": …}}, …]}.')
    try:
        return tuple(
            Rung(
                **{
                    **said,
                    "elicitation": read(said["elicitation"]),
                    "purpose": Purpose(said.get("purpose", Purpose.DECIDE)),
                    "tuned_on": tuple(said.get("tuned_on", ())),
                }
            )
            for said in document
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misuse("bad-ladder", f"A rung lacks or misspells a part ({error}).") from error


def ladder_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """What the deciding rungs say together; one that was not run is undecided."""
    if Verdict.MEETS in verdicts:
        return Verdict.MEETS
    return Verdict.BELOW if verdicts and all(one is Verdict.BELOW for one in verdicts) else Verdict.UNDECIDED
