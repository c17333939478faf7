"""The memo as HTML: a fragment for the portal, a page that stands alone (printable, no script, no request)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from seatrial.review.determinations.core.consultation import STANCES
from seatrial.review.determinations.core.memo import percent
from seatrial.review.determinations.core.reconsideration import NOTHING_CHANGED
from seatrial.review.determinations.types import Stance

from .figures import SCREEN_FONT, forest, funnel

# What memos of the first version lack: nothing is said where nothing was recorded.
_BEFORE: Mapping[str, Any] = {
    "consultations": [],
    "withheld": [],
    "consultation": None,
    "reconsiders": None,
    "record": None,
    "ladder": None,
    "secondary": None,
    "held_to": None,
}
_ROWS = 12  # of the funnel's table, its last point among them


@cache
def _template(name: str) -> Template:
    loader = PackageLoader("seatrial.review.determinations.adapters")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    environment.filters["two"] = lambda number: f"{number:.2f}"
    environment.filters["short"] = lambda number: f"{number:.3g}"
    environment.filters["many"] = lambda number: f"{number:,}"
    environment.filters["moment"] = lambda text: f"{text[:16].replace('T', ' ')} UTC" if text else "–"
    environment.filters["span"] = _span
    environment.filters["stance"] = lambda word: STANCES[Stance(word)]
    environment.globals["nothing_changed"] = NOTHING_CHANGED
    environment.filters["paragraphs"] = lambda text: [part for part in text.split("\n\n") if part.strip()]
    return environment.get_template(name)


def funnel_figure(memo: Mapping[str, Any], font: str = SCREEN_FONT) -> str:
    """The funnel of a memo's content."""
    decision, threshold = memo["decision"], memo["threshold"]
    return funnel(
        memo["funnel"],
        low=threshold["low"],
        high=threshold["high"],
        title="Which suite means are still possible after each attempt",
        description=(
            f"After {decision['counted']} attempts the mean of the counted scores is {decision['mean']:.2f}; means "
            f"from {decision['lower']:.2f} to {decision['upper']:.2f} are not ruled out. The zone "
            f"{threshold['low']:g} to {threshold['high']:g} is shaded. The table below gives the same figures."
            if decision["counted"]
            else "No attempt was counted; every mean is still possible."
        ),
        font=font,
    )


def forest_figure(memo: Mapping[str, Any], font: str = SCREEN_FONT) -> str:
    """The families of a memo's content, and the interval over them if there is one."""
    threshold, domain = memo["threshold"], memo["domain"]
    words = "; ".join(f"{family['family']} {family['mean']:.2f}" for family in memo["families"])
    over = f"; over families from {domain[0]:.2f} to {domain[1]:.2f}" if domain else ""
    return forest(
        memo["families"],
        low=threshold["low"],
        high=threshold["high"],
        domain=pair(*domain) if domain else None,
        title="Mean score by family",
        description=f"{words}{over}. The table below gives the same figures.",
        font=font,
    )


def pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    """An interval, or ``None`` where there is none."""
    return None if low is None or high is None else (low, high)


def fragment(
    memo: Mapping[str, Any],
    *,
    signatures: Sequence[Mapping[str, Any]],
    shared_at: str | None,
    statement: str | None,
    digest: str,
) -> str:
    """The memo's sections. ``memo`` is the stored content; every value in it is escaped."""
    said: dict[str, Any] = {"signatures": signatures, "shared_at": shared_at, "statement": statement, "digest": digest}
    memo = {**_BEFORE, **memo}
    said["out"] = {one["part"] for one in memo["withheld"]}
    if memo["campaign"] is None:
        return _template("memo_documents.html").render(memo=memo, **said)
    return _template("memo.html").render(
        memo=memo,
        funnel=Markup(funnel_figure(memo)) if memo["funnel"] else "",  # noqa: S704 - drawn here, words escaped
        forest=Markup(forest_figure(memo)) if memo["families"] else "",  # noqa: S704
        points=_thinned(memo["funnel"]),
        **said,
    )


def page(sections: str, *, title: str, record: str, label: str) -> str:
    """A whole page around the memo's ``sections``; ``record`` is the JSON that was signed, shown as text."""
    return _template("page.html").render(
        sections=Markup(sections),  # noqa: S704 - this module's own fragment
        title=title,
        record=record,
        label=label,
    )


def _thinned(points: Sequence[Any]) -> list[Any]:
    """Some of the points after the first attempt, evenly spaced, and the last one."""
    drawn = [point for point in points if point["attempts"]]
    places = {round(n * (len(drawn) - 1) / (_ROWS - 1)) for n in range(_ROWS)} if drawn else set()
    return [drawn[place] for place in sorted(places)]


def _span(seconds: float) -> str:
    """Seconds as a person says them."""
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {word}"
    return f"{seconds:.0f} seconds"
