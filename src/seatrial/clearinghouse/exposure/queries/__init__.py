"""Every read of the room."""

from .inventories import inventories, inventory, systems
from .matches import advisories, every_match, match, matches, reach

__all__ = ["advisories", "every_match", "inventories", "inventory", "match", "matches", "reach", "systems"]
