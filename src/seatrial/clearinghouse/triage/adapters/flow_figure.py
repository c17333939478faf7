"""What came in, was judged, was reproduced and was distinct, by day, as an accessible picture."""

from __future__ import annotations

import altair as alt

from seatrial.clearinghouse.triage.types import Flow
from seatrial.figures.api import FIRST, FOURTH, SECOND, THIRD, accessible

_SERIES = {
    "came in": ("came", THIRD),
    "judged": ("judged", FOURTH),
    "reproduced": ("reproduced", SECOND),
    "distinct": ("distinct", FIRST),
}
_STROKES = [[6, 3], [2, 2], [8, 2, 2, 2], [1, 0]]


def flow_figure(flow: Flow) -> str:
    """Lines over the days; each has its own form of stroke, so that colour is not needed to tell them apart."""
    values = [
        {"day": point.day.isoformat(), "what": name, "count": getattr(point, part)}
        for point in flow.days
        for name, (part, _) in _SERIES.items()
    ]
    order = list(_SERIES)
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(strokeWidth=2.5, point=True)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%d %b", tickCount=5, grid=False)),
            y=alt.Y("count:Q", title="reports", axis=alt.Axis(format="d", tickMinStep=1, tickCount=5)),
            color=alt.Color(
                "what:N",
                title=None,
                sort=order,
                scale=alt.Scale(domain=order, range=[colour for _, colour in _SERIES.values()]),
            ),
            strokeDash=alt.StrokeDash(
                "what:N",
                title=None,
                sort=order,
                scale=alt.Scale(domain=order, range=_STROKES),
            ),
        )
    )
    sums = {name: sum(getattr(point, part) for point in flow.days) for name, (part, _) in _SERIES.items()}
    said = ", ".join(f"{count} {name}" for name, count in sums.items())
    words = f"Over {len(flow.days)} days: {said}. {flow.waiting} wait."
    return accessible(chart, title="Reports by day", description=words)
