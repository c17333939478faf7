"""Estimates with intervals as accessible SVG: one image with a title and a description, no style attribute."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from seatrial.figures.api import drawable

_INK, _GRID, _LINE, _BASE = "#1b1b1b", "#e6e6e6", "#005ea2", "#775540"
_ROW, _ROOM, _LETTER = 26, 0.46, 8.0  # a row's height, the names' share of the width, a letter's width


class VegaDraughtsman:
    """See ``Draughtsman``."""

    def draw(
        self, rows: Sequence[Mapping[str, Any]], *, unit: str, title: str, description: str, font: str, width: int
    ) -> str:
        most = round(_ROOM * width)
        letters = int(most / _LETTER)
        data = [
            {**row, "row": f"{place:03d}", "name": _short(str(row["name"]), letters)} for place, row in enumerate(rows)
        ]
        # Two evaluations may have one name; rows are told apart by place, and the axis says the name.
        names = {row["row"]: row["name"] for row in data}
        label = f"{_lookup(names)}[datum.value]"
        room = min(most, _LETTER * max(len(row["name"]) for row in data) + 8)
        y = alt.Y(
            "row:N",
            title=None,
            sort=None,
            axis=alt.Axis(
                labelExpr=label, labelLimit=most + 40, minExtent=room, labelPadding=9, ticks=False, domain=False
            ),
        )
        ends = _domain(rows, unit)
        x = alt.X("value:Q", title=drawable(unit) or None, scale=alt.Scale(domain=ends), axis=_axis(ends))
        spans = [row for row in data if row["lower"] is not None and row["upper"] is not None]
        based = [row for row in data if row["baseline"] is not None]
        layers: list[alt.Chart] = []
        if spans:
            rule = alt.Chart(_data(spans)).mark_rule(color=_LINE, strokeWidth=2.5)
            layers.append(rule.encode(x=alt.X("lower:Q"), x2="upper:Q", y=y))
        if based:
            bar = alt.Chart(_data(based)).mark_tick(color=_BASE, thickness=3, size=16, orient="vertical")
            layers.append(bar.encode(x=alt.X("baseline:Q"), y=y))
        layers.append(alt.Chart(_data(data)).mark_point(filled=True, size=75, opacity=1, color=_LINE).encode(x=x, y=y))
        return _svg(alt.layer(*layers), rows=len(data), width=width, title=title, description=description, font=font)


def _domain(rows: Sequence[Mapping[str, Any]], unit: str) -> list[float]:
    """From 0 to what is possible where that is known, else around all that is shown, with 0 if it is near."""
    names = ("value", "lower", "upper", "baseline")
    shown = [float(row[name]) for row in rows for name in names if row[name] is not None]
    low, high = min(shown), max(shown)
    if low >= 0 and high <= 100 and unit.strip().casefold() in ("%", "percent", "per cent"):
        return [0, 100]
    if low >= 0 and high <= 1:
        return [0, 1]
    room = (high - low) * 0.08 or abs(high) * 0.08 or 1
    return [0 if 0 <= low < 0.5 * high else low - room, high + room]


def _axis(ends: Sequence[float]) -> alt.Axis:
    known = {100.0: [0, 20, 40, 60, 80, 100], 1.0: [0, 0.2, 0.4, 0.6, 0.8, 1]}.get(float(ends[1]))
    if known is None or ends[0]:
        return alt.Axis(labelFlush=False, tickCount=6)
    return alt.Axis(labelFlush=False, labelOverlap=False, values=known)


def _short(name: str, letters: int) -> str:
    """A name that fits beside the picture: its beginning and its end, for names often differ there."""
    found = " ".join(drawable(name).split())
    if len(found) <= letters:
        return found
    return f"{found[: letters - 15].rstrip()}…{found[-14:].lstrip()}"


def _lookup(names: Mapping[str, str]) -> str:
    """A Vega expression: an object from a row to its name. JSON is one."""
    quoted = ", ".join(f"{_quoted(row)}: {_quoted(name)}" for row, name in names.items())
    return f"{{{quoted}}}"


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + " ".join(inner.split()) + "'"


def _data(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    return alt.Data(values=[dict(row) for row in rows])


def _svg(chart: alt.LayerChart, *, rows: int, width: int, title: str, description: str, font: str) -> str:
    whole = (
        chart.properties(
            width=width - 16,
            height=_ROW * rows + 46,
            background="white",
            padding={"left": 4, "top": 6, "right": 16, "bottom": 4},
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
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
    svg = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", svg)  # readers get one image with words, not its parts
    head = re.match(r'<svg[^>]*viewBox="0 0 ([0-9.]+) ([0-9.]+)"[^>]*>', svg)
    if head is None:
        raise ValueError("vl-convert returned no SVG with a view box")
    start = re.sub(r'\s(?:width|height|class)="[^"]*"', "", head[0]).removesuffix(">")
    words = f"<title>{escape(drawable(title))}</title><desc>{escape(drawable(description))}</desc>"
    size = f'width="{float(head[1]):.0f}" height="{float(head[2]):.0f}"'
    return f'{start} {size} role="img">{words}{svg[head.end() :]}'
