"""Every read of the room."""

from .inventories import inventories, inventory, systems
from .matches import advisories, every_match, fixed_in, marks, match, matches, reach

__all__ = [
    "advisories",
    "every_match",
    "fixed_in",
    "inventories",
    "inventory",
    "marks",
    "match",
    "matches",
    "reach",
    "systems",
]
