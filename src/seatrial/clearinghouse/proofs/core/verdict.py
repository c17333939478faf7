"""From runs to a verdict. Pure.

| runs that showed it | the target speaks for itself | the reporter's program speaks |
|---|---|---|
| all | reproduced | needs a person |
| some | flaky | needs a person |
| none | not reproduced | not reproduced |

A property is the reporter's to state: its test speaks for itself, if it cannot fail so without the target. Where the
reporter's own program speaks, it is run once more without the target: what shows then as well shows nothing.

Every run is made in a fresh box, one after the other, and all of them, since the share that shows the flaw is measured;
they end early only where no more can be learnt: nothing could be run, or it shows without the target too.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.clearinghouse.proofs.types import OracleKind, Run, Verdict


def verdict_of(
    runs: Sequence[Run], *, kind: OracleKind, objection: str | None, without_target: Run | None
) -> tuple[Verdict, str]:
    """The verdict and its reason, one sentence.

    ``objection`` says, as a clause, why the target does not speak for itself; ``without_target`` is the run without it,
    if there was one.
    """
    fired = sum(run.fired for run in runs)
    if not fired:
        return Verdict.NOT_REPRODUCED, runs[0].why if runs else "Nothing was run."
    if without_target is not None and without_target.fired:
        return Verdict.NOT_REPRODUCED, "It shows without the target, too, so it shows nothing of the target."
    share = f"{fired} of {len(runs)} runs"
    if objection is not None and kind is not OracleKind.PROPERTY:
        return Verdict.NEEDS_A_PERSON, f"It showed in {share}, but only a person can tell by what: {objection}."
    first = next(run for run in runs if run.fired)
    if fired < len(runs):
        return Verdict.FLAKY, f"It showed in {share}: {_lower(first.why)}"
    more = " That this must hold is the reporter's word." if kind is OracleKind.PROPERTY else ""
    return Verdict.REPRODUCED, f"{first.why}{more}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
