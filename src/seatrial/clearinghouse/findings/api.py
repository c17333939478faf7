"""The door to the intake: the same one for everybody."""

from __future__ import annotations

from .actions import acknowledge, submit
from .core.intake import CLEARINGHOUSE
from .queries import follow, report, reports

__all__ = ["CLEARINGHOUSE", "acknowledge", "follow", "report", "reports", "submit"]
