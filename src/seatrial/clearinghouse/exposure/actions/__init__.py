"""Every write of the room."""

from .advisories import forget_advisories, learn_advisories
from .inventories import keep_inventories, remove_inventory

__all__ = ["forget_advisories", "keep_inventories", "learn_advisories", "remove_inventory"]
