"""The door to figures: ``accessible(chart, title=…, description=…)``, and the colours that all charts share."""

from __future__ import annotations

import re
from html import escape

import altair as alt
import vl_convert

WIDTH = 400  # units across: letters of 13 are 11 pixels high on a screen of 360
INK, GRID = "#1b1b1b", "#e6e6e6"
FIRST, SECOND, THIRD, FOURTH = "#005ea2", "#e5a000", "#775540", "#73b3e7"  # told apart without colour vision, too

_RIGHT = 16
# What no XML knows (the drawing ends the process on some of it), and two breaks of lines at which its script stops.
_UNDRAWABLE = re.compile("[^\t\n\r\x20-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def accessible(chart: alt.LayerChart | alt.Chart, *, title: str, description: str, height: int = 290) -> str:
    """The chart as SVG, ``WIDTH`` units wide. ``description`` says in words what the picture shows."""
    whole = (
        chart.properties(
            width=WIDTH - _RIGHT,
            height=height,
            background="white",
            padding={"left": 4, "top": 8, "right": _RIGHT, "bottom": 4},
            autosize=alt.AutoSizeParams(type="fit", contains="content"),
        )
        .configure(font="system-ui, sans-serif")
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            titleFontWeight="normal",
            gridColor=GRID,
            domainColor=INK,
            tickColor=INK,
            labelFontSize=13,
            titleFontSize=13,
        )
        .configure_legend(labelFontSize=13, titleFontSize=13, labelColor=INK, titleColor=INK, orient="bottom")
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(validate=False))
    # vl-convert labels every part for a chart tool; readers get one image with words.
    svg = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", svg)
    head = re.match(r"<svg[^>]*>", svg)
    if head is None:
        raise ValueError("vl-convert returned no SVG")
    start = re.sub(r'\sclass="[^"]*"', "", head[0]).removesuffix(">")
    said = f"<title>{escape(drawable(title))}</title><desc>{escape(drawable(description))}</desc>"
    return f'{start} role="img" class="figure">{said}{svg[head.end() :]}\n'


def drawable(text: str) -> str:
    """The text with what cannot be drawn replaced; whatever a chart says that others wrote goes through here."""
    return _UNDRAWABLE.sub("\ufffd", text)
