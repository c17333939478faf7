"""How long exposures last, as an accessible picture: the share still open, by days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from seatrial.clearinghouse.remediation.core.survival import Step, days_until
from seatrial.figures.api import FIRST, FOURTH, SECOND, THIRD, accessible

_COLOURS = (FIRST, SECOND, THIRD, FOURTH)
_STROKES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
MOST = len(_COLOURS)  # curves in one picture


def remediation_figure(curves: Mapping[str, Sequence[Step]], *, until: float) -> str:
    """Steps of each curve up to day ``until``, at most ``MOST`` curves. The first has its bounds of 95 % behind it."""
    shown = {name: steps for name, steps in list(curves.items())[:MOST] if steps}
    names = list(shown)
    lines = [
        {"days": days, "share": share, "of": name}
        for name, steps in shown.items()
        for days, share in [*((step.days, step.share) for step in steps), (until, steps[-1].share)]
    ]
    band = [
        {"days": days, "low": step.low, "high": step.high}
        for name in names[:1]
        for step, days in [*((step, step.days) for step in shown[name]), (shown[name][-1], until)]
    ]
    share = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    line = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=alt.X("days:Q", title="days since it was told", axis=alt.Axis(format="d", tickMinStep=1, tickCount=6)),
            y=alt.Y("share:Q", title="still open", axis=share, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("of:N", title=None, sort=names, scale=_scale(names, _COLOURS)),
            strokeDash=alt.StrokeDash("of:N", title=None, sort=names, scale=_scale(names, _STROKES)),
        )
    )
    bounds = (
        alt.Chart(alt.Data(values=band))
        .mark_area(interpolate="step-after", opacity=0.15, color=FIRST)
        .encode(x="days:Q", y="low:Q", y2="high:Q")
    )
    words = " ".join(_said(name, steps) for name, steps in shown.items()) or "Nothing was exposed."
    return accessible(alt.layer(bounds, line), title="Exposures still open", description=words)


def _scale(names: Sequence[str], values: Sequence[object]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=list(values[: len(names)]))


def _said(name: str, steps: Sequence[Step]) -> str:
    ends = [_end(days_until(steps, share), words) for share, words in ((0.5, "half"), (0.95, "95 %"))]
    whose = f"{name[:1].upper()}{name[1:]}"
    return f"{whose}: of {steps[0].at_risk} exposures {ends[0]}, {ends[1]}; {steps[-1].share:.0%} last."


def _end(days: float | None, words: str) -> str:
    return f"{words} are not yet over" if days is None else f"{words} were over after {days:g} days"
