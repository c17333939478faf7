"""Every write of the room."""

from .advisories import forget_advisories, learn_advisories
from .inventories import keep_inventories, remove_inventory
from .published import follow_members, follow_published

__all__ = [
    "follow_members",
    "follow_published",
    "forget_advisories",
    "keep_inventories",
    "learn_advisories",
    "remove_inventory",
]
