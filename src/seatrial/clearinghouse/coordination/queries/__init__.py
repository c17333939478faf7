"""Every read of coordination: who may see which case, what one's inbox holds, where scans overlap."""

from .cases import case, cases, thread
from .inbox import case_about, cases_of, inbox, inboxes, progress, progresses
from .outside import capacity_of, contact, contacts, terms, terms_in_force
from .scans import overlaps, scans

__all__ = [
    "capacity_of",
    "case",
    "case_about",
    "cases",
    "cases_of",
    "contact",
    "contacts",
    "inbox",
    "inboxes",
    "overlaps",
    "progress",
    "progresses",
    "scans",
    "terms",
    "terms_in_force",
    "thread",
]
