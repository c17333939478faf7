"""Every write of benchmarks. Registering, planning, running and concluding each leave one ledger entry.

An attempt leaves none: its call left one when the gateway let it through, the attempt itself is a durable
row, and the entry that concludes the campaign pins all of them by one digest.
"""

from __future__ import annotations

from seatrial.review.benchmarks.actions.book import Book
from seatrial.review.benchmarks.actions.ending import conclude, stop_campaign, void_campaign
from seatrial.review.benchmarks.actions.halves import hand_half, release_half
from seatrial.review.benchmarks.actions.planning import plan_campaign, plan_ladder
from seatrial.review.benchmarks.actions.running import begin_run, note_shortage, take_down
from seatrial.review.benchmarks.actions.suites import register_sealed_suite, register_suite
from seatrial.review.benchmarks.actions.thresholds import commit_specification

__all__ = [
    "Book",
    "begin_run",
    "commit_specification",
    "conclude",
    "hand_half",
    "note_shortage",
    "plan_campaign",
    "plan_ladder",
    "register_sealed_suite",
    "register_suite",
    "release_half",
    "stop_campaign",
    "take_down",
    "void_campaign",
]
