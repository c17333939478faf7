"""Every read of remediation."""

from .calendars import calendar_of, dated_at
from .due import due_soon
from .exposures import MOST, exposure, exposures, pace
from .following import found_at, unfollowed
from .measured import curves, protected, protected_by, sectors
from .undertakings import undertakings

__all__ = [
    "MOST",
    "calendar_of",
    "curves",
    "dated_at",
    "due_soon",
    "exposure",
    "exposures",
    "found_at",
    "pace",
    "protected",
    "protected_by",
    "sectors",
    "undertakings",
    "unfollowed",
]
