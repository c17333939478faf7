"""A plan's attempts against the true rate as accessible SVG: one image with a title and a description, no style
attribute, so that a strict content security policy holds. The same plan always draws the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from seatrial.figures.api import FIRST, FOURTH, INK, SECOND, THIRD, accessible
from seatrial.review.benchmarks.core.expectation import Expectation
from seatrial.review.benchmarks.types import Threshold

_BAND, _ZONE, _FIXED, _LINE = FOURTH, SECOND, THIRD, FIRST


def plan_figure(rows: Sequence[Expectation], threshold: Threshold, *, fixed: int) -> str:
    """Mean and middle four fifths of the attempts at each rate, the zone shaded, a line at ``fixed`` attempts.

    ``rows`` must hold at least two rates, ascending.
    """
    data = alt.Data(
        values=[
            {"rate": row.rate, "attempts": row.attempts, "tenth": row.tenth, "ninetieth": row.ninetieth} for row in rows
        ]
    )
    most = max(fixed, *(row.ninetieth for row in rows))
    x = alt.X(
        "rate:Q",
        title="true rate of success",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".1f", values=[0, 0.2, 0.4, 0.6, 0.8, 1], labelFlush=False, grid=False),
    )
    y = alt.Y(
        "tenth:Q",
        title="attempts until the verdict",
        scale=alt.Scale(domain=[0, most]),
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=6),
    )
    zone = alt.Chart(alt.Data(values=[{"low": threshold.low, "high": threshold.high}]))
    shade = zone.mark_rect(color=_ZONE, opacity=0.28).encode(x=alt.X("low:Q"), x2="high:Q")
    band = alt.Chart(data).mark_area(color=_BAND, opacity=0.45).encode(x=x, y=y, y2="ninetieth:Q")
    mean = alt.Chart(data).mark_line(color=_LINE, strokeWidth=2.5, point=True).encode(x=x, y="attempts:Q")
    usual = alt.Chart(alt.Data(values=[{"fixed": fixed, "at": 0, "text": f"fixed sample: {fixed}"}]))
    rule = usual.mark_rule(color=_FIXED, strokeDash=[4, 3]).encode(y="fixed:Q")
    name = usual.mark_text(align="left", dx=6, dy=-8, fontSize=13, color=INK).encode(
        x="at:Q", y="fixed:Q", text="text:N"
    )
    peak = max(rows, key=lambda row: row.attempts)
    words = (
        f"Zone {threshold.low:g} to {threshold.high:g}, error {threshold.alpha:g}. The most attempts are taken at a "
        f"true rate of {peak.rate:g}: {peak.attempts:.0f} in the mean, {peak.tenth} to {peak.ninetieth} in eight "
        f"campaigns of ten. At {rows[0].rate:g} it is {rows[0].attempts:.0f}, at {rows[-1].rate:g} "
        f"{rows[-1].attempts:.0f}. A fixed sample with the same errors takes {fixed}."
    )
    return accessible(
        alt.layer(shade, band, rule, name, mean), title="Attempts a campaign will take", description=words
    )
