"""Every write of determinations and of the requests for them: one transaction and one ledger entry each."""

from .consultations import record_consultation
from .determinations import attach_statement, draft, draft_for_request, share, sign
from .requests import (
    acknowledge_request,
    answer_request,
    ask_reconsideration,
    ask_request,
    close_request,
    draft_request,
    post_on_request,
    revise_request,
    withdraw_request,
)

__all__ = [
    "acknowledge_request",
    "answer_request",
    "ask_reconsideration",
    "ask_request",
    "attach_statement",
    "close_request",
    "draft",
    "draft_for_request",
    "draft_request",
    "post_on_request",
    "record_consultation",
    "revise_request",
    "share",
    "sign",
    "withdraw_request",
]
