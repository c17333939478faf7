"""The door to determinations and the requests for them. Only surfaces enter: nothing else may depend on one (V4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seatrial import __version__
from seatrial.kernel.canonical import plain
from seatrial.parties.types import Actor
from seatrial.review.benchmarks.types import CampaignView

from . import queries
from .actions import (
    acknowledge_request,
    answer_request,
    ask_reconsideration,
    ask_request,
    attach_statement,
    close_request,
    draft,
    draft_for_request,
    draft_request,
    post_on_request,
    record_consultation,
    revise_request,
    share,
    sign,
    withdraw_request,
)
from .adapters import memo_page, verifying
from .core.reconsideration import read_evidence
from .core.redaction import opens as twin_opens
from .core.request_check import check as check_requests
from .core.verification import Verification
from .queries import (
    Record,
    answers_offered,
    consultations,
    consultations_for_request,
    determination,
    determinations,
    drafted_for,
    one_request,
    record,
    request_page,
    requests,
)

__all__ = [
    "Verification",
    "acknowledge_request",
    "answer_request",
    "answers_offered",
    "ask_reconsideration",
    "ask_request",
    "attach_statement",
    "check_requests",
    "close_request",
    "consultations",
    "consultations_for_request",
    "determination",
    "determinations",
    "draft",
    "draft_for_request",
    "draft_request",
    "drafted_for",
    "forest_svg",
    "funnel_svg",
    "memo_fragment",
    "memo_html",
    "memo_pdf",
    "one_request",
    "post_on_request",
    "read_evidence",
    "record",
    "record_consultation",
    "request_page",
    "requests",
    "revise_request",
    "share",
    "sign",
    "twin_opens",
    "verify_memo",
    "withdraw_request",
]


def memo_fragment(asking: Actor, determination_id: str, *, twin: bool = False) -> str:
    """The memo as HTML sections without a page around them; every value is escaped.

    Whoever may read the twin alone gets that one; ``twin`` shows it to the body too. Raises ``NotFound``
    (``no-such-determination``, ``no-twin``).
    """
    return _article(queries.record(asking, determination_id, twin=twin))


def memo_html(asking: Actor, determination_id: str, *, twin: bool = False) -> str:
    """The memo as a page that stands alone: one file, no script, no request.

    It carries the record that was signed, so that whoever holds the file can verify it (the room's README says how).
    """
    return verifying.draw_page(_record(asking, determination_id, twin))


def memo_pdf(asking: Actor, determination_id: str, *, twin: bool = False) -> bytes:
    """The memo as a tagged PDF with vector figures; the record that was signed is a file inside it.

    The same memo in the same state gives the same bytes. Raises ``Unavailable`` (``cannot-print``).
    """
    return verifying.draw_pdf(_record(asking, determination_id, twin))


def verify_memo(data: bytes, *, campaigns: Sequence[bytes] = (), key: str = "") -> Verification:
    """See ``adapters.verifying.verify``: a memo's file, with the files of campaigns beside it. Needs no instance."""
    return verifying.verify(data, campaigns, key=key)


def funnel_svg(campaign: CampaignView) -> str:
    """The confidence sequence of a campaign, running or ended, as accessible SVG."""
    return memo_page.funnel_figure(plain(campaign))


def forest_svg(campaign: CampaignView) -> str:
    """The families of a campaign as accessible SVG."""
    found = plain(campaign)
    return memo_page.forest_figure({**found, "domain": memo_page.pair(found["domain_lower"], found["domain_upper"])})


def _record(asking: Actor, determination_id: str, twin: bool) -> dict[str, Any]:
    """What a memo's file carries: what was signed, and in ``drawn`` what else the file shows."""
    found = queries.record(asking, determination_id, twin=twin)
    view = found.view
    drawn = {
        "version": __version__,
        "label": view.label,
        "state": view.state,
        "drafted_at": view.drafted_at,
        "shared_at": view.shared_at,
        "developer_statement": view.statement,
    }
    said: dict[str, Any] = plain(
        {"memo": found.memo, "statement": found.statement, "signatures": view.signatures, "drawn": drawn}
    )
    return said


def _article(found: Record) -> str:
    view = found.view
    return memo_page.fragment(
        found.memo,
        signatures=plain(view.signatures),
        shared_at=plain(view.shared_at),
        statement=view.statement,
        digest=view.memo_digest,
    )
