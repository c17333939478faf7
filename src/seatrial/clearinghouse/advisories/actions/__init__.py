"""Every write of advisories: one transaction with one entry."""

from .publishing import publish, withdraw
from .writing import draft, edit, give_back, revise, submit

__all__ = ["draft", "edit", "give_back", "publish", "revise", "submit", "withdraw"]
