"""Every write of reports, a file for each occasion."""

from __future__ import annotations

from .handling import accept, acknowledge, judged, return_report, withdraw
from .receiving import take

__all__ = ["accept", "acknowledge", "judged", "return_report", "take", "withdraw"]
