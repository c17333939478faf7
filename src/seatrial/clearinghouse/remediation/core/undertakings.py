"""What an operator may be asked to take upon itself, as a state machine.

Nothing binds that it has not agreed to, and it may end what it agreed to at any time, without a reason and without a
consequence here.
"""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.clearinghouse.remediation.types import UndertakingState
from seatrial.kernel.errors import Refused

OPERATOR, CLEARINGHOUSE = "operator", "clearinghouse"

# (state, move) → (who may, next state)
MOVES: Mapping[tuple[UndertakingState, str], tuple[frozenset[str], UndertakingState]] = {
    (UndertakingState.OFFERED, "agree"): (frozenset({OPERATOR}), UndertakingState.AGREED),
    (UndertakingState.OFFERED, "decline"): (frozenset({OPERATOR}), UndertakingState.DECLINED),
    (UndertakingState.OFFERED, "end"): (frozenset({CLEARINGHOUSE}), UndertakingState.ENDED),
    (UndertakingState.AGREED, "end"): (frozenset({OPERATOR, CLEARINGHOUSE}), UndertakingState.ENDED),
    (UndertakingState.DECLINED, "agree"): (frozenset({OPERATOR}), UndertakingState.AGREED),
}


def move(state: UndertakingState, name: str, who: str) -> UndertakingState:
    """The next state. Raises ``Refused`` (``undertaking-moved``)."""
    allowed, after = MOVES.get((state, name), (frozenset(), state))
    if who not in allowed:
        may = " or ".join(moves(state, who)) or "nothing"
        raise Refused("undertaking-moved", f"This is {state}; of you it takes {may}.")
    return after


def moves(state: UndertakingState, who: str) -> tuple[str, ...]:
    """What ``who`` may do."""
    return tuple(name for (before, name), (allowed, _) in MOVES.items() if before is state and who in allowed)
