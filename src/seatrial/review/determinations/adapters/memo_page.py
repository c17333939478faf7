"""The memo as HTML: a fragment for the portal, a page that stands alone (printable, no script, no request)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from .figures import forest, funnel


@cache
def _template(name: str) -> Template:
    loader = PackageLoader("seatrial.review.determinations.adapters")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = lambda share: f"{share:.0%}"
    environment.filters["two"] = lambda number: f"{number:.2f}"
    environment.filters["day"] = lambda text: str(text)[:16].replace("T", " ") + " UTC" if text else "–"
    return environment.get_template(name)


def funnel_figure(memo: Mapping[str, Any]) -> str:
    """The funnel of a memo's content."""
    decision, threshold = memo["decision"], memo["threshold"]
    return funnel(
        memo["funnel"],
        low=threshold["low"],
        high=threshold["high"],
        title="Which suite means are still possible after each attempt",
        description=(
            f"After {decision['counted']} attempts the mean of the counted scores is {decision['mean']:.2f}; means "
            f"from {decision['lower']:.2f} to {decision['upper']:.2f} are not rejected. The zone {threshold['low']:g} "
            f"to {threshold['high']:g} is shaded. The table below holds the same figures."
        ),
    )


def forest_figure(memo: Mapping[str, Any]) -> str:
    """The families of a memo's content."""
    threshold = memo["threshold"]
    words = "; ".join(f"{family['family']} {family['mean']:.2f}" for family in memo["families"])
    return forest(
        memo["families"],
        low=threshold["low"],
        high=threshold["high"],
        title="Mean score by family",
        description=f"{words}. The table below holds the same figures.",
    )


def fragment(
    memo: Mapping[str, Any], *, signatures: Sequence[Any], shared_at: object, statement: str | None, digest: str
) -> str:
    """The memo's article. ``memo`` is the stored content; every value in it is escaped."""
    return _template("memo.html").render(
        memo=memo,
        funnel=funnel_figure(memo) if memo["funnel"] else "",
        forest=forest_figure(memo) if memo["families"] else "",
        points=memo["funnel"][:: max(1, len(memo["funnel"]) // 12)],
        signatures=signatures,
        shared_at=shared_at,
        statement=statement,
        digest=digest,
    )


def page(article: str, *, title: str) -> str:
    """A whole page around ``article``."""
    return _template("page.html").render(article=article, title=title)
