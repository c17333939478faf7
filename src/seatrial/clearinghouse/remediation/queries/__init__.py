"""Every read of remediation."""

from .due import due_soon
from .exposures import MOST, exposure, exposures, pace
from .following import found_at, unfollowed
from .measured import curves, protected, protected_by, sectors
from .undertakings import undertakings

__all__ = [
    "MOST",
    "curves",
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
