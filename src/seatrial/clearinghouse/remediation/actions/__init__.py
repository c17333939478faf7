"""Every write of remediation."""

from .agreeing import move_undertaking, offer_undertaking
from .answering import answer
from .following import end, follow, open_
from .pacing import state_pace
from .reminding import remind

__all__ = ["answer", "end", "follow", "move_undertaking", "offer_undertaking", "open_", "remind", "state_pace"]
