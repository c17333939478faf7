"""Every write of reports, a file for each occasion."""

from __future__ import annotations

from .carrying import exchange_identifier, pass_on
from .drafts import drop_draft, save_draft, submit_draft
from .handling import accept, acknowledge, judged, return_report, withdraw
from .quotas import sweep_buckets
from .receiving import receive, receive_one, take

__all__ = [
    "accept",
    "acknowledge",
    "drop_draft",
    "exchange_identifier",
    "judged",
    "pass_on",
    "receive",
    "receive_one",
    "return_report",
    "save_draft",
    "submit_draft",
    "sweep_buckets",
    "take",
    "withdraw",
]
