"""The memo's figures as accessible SVG: one image with a title and a description, no style attribute, so that a
strict content security policy holds; drawn for a narrow screen, enlarged on a wide one. The same figures always
draw the same picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from seatrial.figures.api import drawable

WIDTH = 400  # units across: letters of 13 are 11 pixels high on a screen of 360
SHOWN = 500  # pixels across at most

SCREEN_FONT = "system-ui, sans-serif"
_INK, _GRID, _BAND, _ZONE, _EDGE, _LINE = "#1b1b1b", "#e6e6e6", "#73b3e7", "#e5a000", "#775540", "#005ea2"
_APART = 0.06  # means closer than this would write over each other
_LETTER, _ROOM = 7.6, 150  # a letter's width at most, and what names may take of the width
_AXIS = alt.Axis(format=".1f", values=[0, 0.2, 0.4, 0.6, 0.8, 1], labelFlush=False)

# What XML 1.0 has no place for. vl-convert does not refuse it: it ends the whole process.

Row = Mapping[str, Any]


def funnel(
    points: Sequence[Row], *, low: float, high: float, title: str, description: str, font: str = SCREEN_FONT
) -> str:
    """The confidence sequence against attempts: ``points`` have attempts, mean, lower, upper; the zone is shaded."""
    last = max(1, *(int(point["attempts"]) for point in points))
    shown = _a_point_a_pixel(points)
    x = alt.X(
        "attempts:Q",
        title="attempts counted, in the committed order",
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=6, grid=False, labelFlush=False),
    )
    y = alt.Y("lower:Q", title="suite mean", scale=alt.Scale(domain=[0, 1]), axis=_AXIS)
    # A bound holds from its own attempt on: the step leads up to the point, so that the last one is seen.
    band = (
        alt.Chart(_data(shown))
        .mark_area(color=_BAND, opacity=0.45, interpolate="step-before")
        .encode(x=x, y=y, y2="upper:Q")
    )
    drawn = [point for point in shown if point["attempts"]]  # before the first attempt there is no mean
    mean = alt.Chart(_data(drawn)).mark_line(color=_LINE, strokeWidth=2.5).encode(x=x, y="mean:Q")
    return _svg(
        alt.layer(band, *_zone(low, high, last), mean, *_names(low, high), *_ends(drawn[-1:], x)),
        height=290,
        right=48,
        title=title,
        description=description,
        font=font,
    )


def forest(
    families: Sequence[Row],
    *,
    low: float,
    high: float,
    domain: tuple[float, float] | None,
    title: str,
    description: str,
    font: str = SCREEN_FONT,
) -> str:
    """Mean and interval of each family, hollow where there is no interval; last the interval over families."""
    rows = [
        {**row, "family": drawable(row["family"]), "known": row["lower"] is not None, "over": False} for row in families
    ]
    if domain is not None:
        over = {"family": "over families", "mean": _mean(families), "lower": domain[0], "upper": domain[1]}
        rows.append({**over, "known": True, "over": True})
    x = alt.X("lower:Q", title="mean score", scale=alt.Scale(domain=[0, 1]), axis=_AXIS)
    # What a letter is wide is not known to the drawing, so the names get room by their length.
    room = _LETTER * max((len(str(row["family"])) for row in rows), default=0) + 10
    axis = alt.Axis(labelLimit=_ROOM, minExtent=min(room, _ROOM), ticks=False, domain=False)
    y = alt.Y("family:N", title=None, sort=[row["family"] for row in rows], axis=axis)
    zone = (
        alt.Chart(_data([{"low": low, "high": high}]))
        .mark_rect(color=_ZONE, opacity=0.28)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    colour = alt.condition("datum.over", alt.value(_INK), alt.value(_LINE))
    known = alt.Chart(_data([row for row in rows if row["known"]]))
    bars = known.mark_rule(strokeWidth=2.5).encode(x=x, x2="upper:Q", y=y, color=colour)
    alone = alt.Chart(_data([row for row in rows if not row["known"]]))
    dot = {"x": alt.X("mean:Q"), "y": y}
    means = known.mark_point(filled=True, size=80, opacity=1).encode(color=colour, **dot)
    hollow = alone.mark_point(filled=False, size=80, strokeWidth=2, color=_LINE, opacity=1).encode(**dot)
    height = 34 * max(1, len(rows)) + 50
    layers = alt.layer(zone, bars, means, hollow)
    return _svg(layers, height=height, right=16, title=title, description=description, font=font)


def _zone(low: float, high: float, last: int) -> list[alt.Chart]:
    """The zone and its two edges."""
    shade = alt.Chart(_data([{"from": 0, "to": last, "low": low, "high": high}])).mark_rect(color=_ZONE, opacity=0.28)
    edges = alt.Chart(_data([{"edge": low}, {"edge": high}])).mark_rule(color=_EDGE, strokeDash=[4, 3])
    return [shade.encode(x="from:Q", x2="to:Q", y="low:Q", y2="high:Q"), edges.encode(y="edge:Q")]


def _names(low: float, high: float) -> list[alt.Chart]:
    """The names of the zone's edges beyond it, over a white edge of their own, for the line may pass behind."""
    rows = [
        {"at": 0, "place": high + 0.035, "text": f"θ₁ = {high:g}"},
        {"at": 0, "place": low - 0.04, "text": f"θ₀ = {low:g}"},
    ]
    texts = alt.Chart(_data(rows)).encode(x="at:Q", y="place:Q", text="text:N")
    edge = {"stroke": "white", "strokeWidth": 4, "strokeOpacity": 0.8}
    return [texts.mark_text(align="left", dx=6, fontSize=13, color=_INK, **more) for more in (edge, {})]


def _ends(last: Sequence[Row], x: alt.X) -> list[alt.Chart]:
    """The last mean as a dot, and the figures at the band's end, those that do not write over each other."""
    found = []
    for point in last:
        rows = [
            {"attempts": point["attempts"], "value": point[name], "text": f"{point[name]:.2f}"}
            for name in ("mean", "lower", "upper")
            if name == "mean" or abs(point[name] - point["mean"]) >= _APART
        ]
        mean, bounds = alt.Chart(_data(rows[:1])), alt.Chart(_data(rows[1:]))
        at = {"x": x, "y": "value:Q"}
        found = [
            mean.mark_point(color=_LINE, filled=True, size=70, opacity=1).encode(**at),
            mean.mark_text(align="left", dx=9, fontSize=13, fontWeight="bold", color=_INK).encode(text="text:N", **at),
            bounds.mark_text(align="left", dx=9, fontSize=13, color=_INK).encode(text="text:N", **at),
        ]
    return found


def _a_point_a_pixel(points: Sequence[Row]) -> Sequence[Row]:
    """All points, or as many as can be told apart, the first and the last among them."""
    if len(points) <= WIDTH:
        return points
    return [points[round(place * (len(points) - 1) / (WIDTH - 1))] for place in range(WIDTH)]


def _data(rows: Sequence[Row]) -> alt.Data:
    return alt.Data(values=[dict(row) for row in rows])


def _mean(families: Sequence[Row]) -> float:
    attempts = sum(int(family["attempts"]) for family in families)
    return sum(float(family["mean"]) * int(family["attempts"]) for family in families) / max(1, attempts)


def _svg(chart: alt.LayerChart, *, height: int, right: int, title: str, description: str, font: str) -> str:
    whole = (
        chart.properties(
            width=WIDTH - right,
            height=height,
            background="white",
            padding={"left": 4, "top": 8, "right": right, "bottom": 4},
            autosize=alt.AutoSizeParams(type="fit", contains="content"),
        )
        .configure(font=font)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            titleFontWeight="normal",
            gridColor=_GRID,
            domainColor=_INK,
            tickColor=_INK,
            labelFontSize=13,
            titleFontSize=13,
        )
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(validate=False))
    # vl-convert labels every part for a chart tool; readers get one image with words.
    svg = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", svg)
    head = re.match(r'<svg[^>]*viewBox="0 0 ([0-9.]+) ([0-9.]+)"[^>]*>', svg)
    if head is None:
        raise ValueError("vl-convert returned no SVG with a view box")
    tall = round(SHOWN * float(head[2]) / float(head[1]))
    start = re.sub(r'\s(?:width|height|class)="[^"]*"', "", head[0]).removesuffix(">")
    words = f"<title>{escape(drawable(title))}</title><desc>{escape(drawable(description))}</desc>"
    return f'{start} width="{SHOWN}" height="{tall}" role="img" class="figure">{words}{svg[head.end() :]}'
