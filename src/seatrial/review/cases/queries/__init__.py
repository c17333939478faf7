"""Every read of reviews. A draft is its developer's alone; the rest is seen by developer and body (and by label)."""

from .handling import canaries, destructions, duties, items, leaks, planted
from .listing import reviews, titles
from .papers import papers
from .reading import ROLES, brief, developer_of, review, timeline
from .rows import OUTLIVING, case_of, consent_of, home_of, no_such_review, side_of, touchable, visible
from .standings import invitations, standing, standings

__all__ = [
    "OUTLIVING",
    "ROLES",
    "brief",
    "canaries",
    "case_of",
    "consent_of",
    "destructions",
    "developer_of",
    "duties",
    "home_of",
    "invitations",
    "items",
    "leaks",
    "no_such_review",
    "papers",
    "planted",
    "review",
    "reviews",
    "side_of",
    "standing",
    "standings",
    "timeline",
    "titles",
    "touchable",
    "visible",
]
