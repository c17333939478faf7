"""Every read of benchmarks. A campaign is the body's working material: its label names the body alone.

``suite`` and ``prefix`` answer for the house itself (running and verifying); the others take who asks.
"""

from __future__ import annotations

from seatrial.review.benchmarks.queries.campaigns import (
    Plan,
    campaign,
    campaigns,
    ended_record,
    no_such_campaign,
    pace,
    plan,
    prefix,
    record_of,
    views,
)
from seatrial.review.benchmarks.queries.ladders import ladder, ladders, no_such_ladder, rungs
from seatrial.review.benchmarks.queries.suites import (
    custodians_at_end,
    manifest,
    opened_suite,
    shown_manifest,
    suite,
    suite_row,
    suites,
)
from seatrial.review.benchmarks.queries.thresholds import specification, specifications

__all__ = [
    "Plan",
    "campaign",
    "campaigns",
    "custodians_at_end",
    "ended_record",
    "ladder",
    "ladders",
    "manifest",
    "no_such_campaign",
    "no_such_ladder",
    "opened_suite",
    "pace",
    "plan",
    "prefix",
    "record_of",
    "rungs",
    "shown_manifest",
    "specification",
    "specifications",
    "suite",
    "suite_row",
    "suites",
    "views",
]
