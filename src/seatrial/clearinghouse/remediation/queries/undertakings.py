"""What operators were asked to take upon themselves."""

from __future__ import annotations

from seatrial.clearinghouse.remediation.core.undertakings import moves
from seatrial.clearinghouse.remediation.queries.loading import side, visible_undertakings
from seatrial.clearinghouse.remediation.types import UndertakingState, UndertakingView
from seatrial.parties.types import Actor


def undertakings(asking: Actor, *, limit: int = 200) -> tuple[UndertakingView, ...]:
    """Those of the asker's organisations, or all for an analyst of the clearinghouse; newest first."""
    rows = visible_undertakings(asking).order_by("-offered_at", "-id")[:limit]
    return tuple(
        UndertakingView(
            row.id,
            row.organisation_id,
            row.text,
            UndertakingState(row.state),
            row.moved_at,
            moves(UndertakingState(row.state), side(asking, row)),
        )
        for row in rows
    )
