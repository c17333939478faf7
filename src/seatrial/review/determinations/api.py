"""The door to determinations. Only surfaces enter: nothing else may depend on one (V4)."""

from __future__ import annotations

from seatrial.kernel.canonical import plain
from seatrial.parties.types import Actor
from seatrial.review.benchmarks.types import CampaignView

from . import queries
from .actions import attach_statement, draft, share, sign
from .adapters import memo_page
from .queries import determination, determinations

__all__ = [
    "attach_statement",
    "determination",
    "determinations",
    "draft",
    "forest_svg",
    "funnel_svg",
    "memo_fragment",
    "memo_html",
    "share",
    "sign",
]


def memo_fragment(asking: Actor, determination_id: str) -> str:
    """The memo as an HTML article without a page around it; every value is escaped."""
    view = queries.determination(asking, determination_id)
    return memo_page.fragment(
        queries.memo(asking, determination_id),
        signatures=plain(view.signatures),
        shared_at=plain(view.shared_at),
        statement=view.statement,
        digest=view.memo_digest,
    )


def memo_html(asking: Actor, determination_id: str) -> str:
    """The memo as a page that stands alone: one file, no script, no request."""
    memo = queries.memo(asking, determination_id)
    return memo_page.page(memo_fragment(asking, determination_id), title=f"{memo['model']}: {memo['finding_words']}")


def funnel_svg(campaign: CampaignView) -> str:
    """The confidence sequence of a campaign, running or ended, as accessible SVG."""
    return memo_page.funnel_figure(plain(campaign))


def forest_svg(campaign: CampaignView) -> str:
    """The families of a campaign as accessible SVG."""
    return memo_page.forest_figure(plain(campaign))
