"""The memo's figures as accessible SVG: a title and a description inside, no style attribute, so a strict CSP holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

_WIDTH, _FONT = 620, "system-ui, sans-serif"
_INK, _BAND, _ZONE, _LINE = "#1b1b1b", "#73b3e7", "#f0ead8", "#005ea2"


def funnel(points: Sequence[Mapping[str, Any]], *, low: float, high: float, title: str, description: str) -> str:
    """The confidence sequence against attempts: ``points`` have attempts, mean, lower, upper; the zone is shaded."""
    rows = [dict(point) for point in points] or [{"attempts": 0, "mean": 0.5, "lower": 0.0, "upper": 1.0}]
    last = max(int(row["attempts"]) for row in rows)
    x = alt.X("attempts:Q", title="attempts counted", scale=alt.Scale(domain=[0, max(1, last)], nice=False))
    y = alt.Y("lower:Q", title="suite mean", scale=alt.Scale(domain=[0, 1]))
    data = alt.Data(values=rows)
    zone = (
        alt.Chart(alt.Data(values=[{"from": 0, "to": max(1, last), "low": low, "high": high}]))
        .mark_rect(color=_ZONE)
        .encode(x=alt.X("from:Q"), x2="to:Q", y=alt.Y("low:Q"), y2="high:Q")
    )
    band = alt.Chart(data).mark_area(color=_BAND, opacity=0.45, interpolate="step-after").encode(x=x, y=y, y2="upper:Q")
    mean = alt.Chart(data).mark_line(color=_LINE, strokeWidth=2).encode(x=x, y=alt.Y("mean:Q"))
    ends = (
        alt.Chart(alt.Data(values=rows[-1:]))
        .mark_point(color=_LINE, filled=True, size=60)
        .encode(x=x, y=alt.Y("mean:Q"))
    )
    return _svg(alt.layer(zone, band, mean, ends), height=300, title=title, description=description)


def forest(families: Sequence[Mapping[str, Any]], *, low: float, high: float, title: str, description: str) -> str:
    """Mean and interval of each family; the zone is shaded."""
    rows = [
        {
            **family,
            "lower": family["mean"] if family["lower"] is None else family["lower"],
            "upper": family["mean"] if family["upper"] is None else family["upper"],
        }
        for family in families
    ]
    data = alt.Data(values=rows)
    y = alt.Y("family:N", title=None, sort=None)
    x = alt.X("lower:Q", title="mean score", scale=alt.Scale(domain=[0, 1]))
    zone = (
        alt.Chart(alt.Data(values=[{"low": low, "high": high}]))
        .mark_rect(color=_ZONE)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    bars = alt.Chart(data).mark_rule(color=_LINE, strokeWidth=2).encode(x=x, x2="upper:Q", y=y)
    means = alt.Chart(data).mark_point(color=_LINE, filled=True, size=70).encode(x=alt.X("mean:Q"), y=y)
    return _svg(alt.layer(zone, bars, means), height=34 * max(1, len(rows)) + 10, title=title, description=description)


def _svg(chart: alt.LayerChart, *, height: int, title: str, description: str) -> str:
    whole = (
        chart.properties(width=_WIDTH, height=height, background="white", padding=12)
        .configure(font=_FONT)
        .configure_axis(labelColor=_INK, titleColor=_INK, gridColor="#e6e6e6", labelFontSize=13, titleFontSize=13)
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict())
    # vl-convert writes fonts as attributes and labels its parts for a chart tool; readers get one image with words.
    svg = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", svg)
    head = re.match(r"<svg[^>]*>", svg)
    if head is None:
        raise ValueError("vl-convert returned no SVG")
    size = re.sub(r'\s(?:width|height)="[^"]*"', "", head.group(0))
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return size[:-1] + f' role="img" class="figure">{words}' + svg[head.end() :]
