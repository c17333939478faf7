"""Every write of remediation."""

from .agreeing import move_undertaking, offer_undertaking
from .answering import answer
from .following import end, follow, open_
from .pacing import state_pace
from .reminding import remind
from .subscribing import end_calendar, issue_calendar

__all__ = [
    "answer",
    "end",
    "end_calendar",
    "follow",
    "issue_calendar",
    "move_undertaking",
    "offer_undertaking",
    "open_",
    "remind",
    "state_pace",
]
