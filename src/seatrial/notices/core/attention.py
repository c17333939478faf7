"""Which kinds of ledger entries are told to people and webhooks, and how soon.

One table; the longest beginning that fits decides, and what is not listed is ordinary: a room that records a
new kind is heard without being known here. A notice says nothing of the kind that caused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from seatrial.notices.types import Attention

KINDS: Mapping[str, Attention] = {
    "case.leak_reported": Attention.URGENT,
    "case.withdrawn": Attention.URGENT,
    "coordination.attacks_seen": Attention.URGENT,
    "coordination.exploit_public": Attention.URGENT,
    "coordination.public": Attention.URGENT,
    # Single uses of a model: by the thousand, and the page of uses shows them.
    "access.": Attention.SILENT,
    "access.key-": Attention.ORDINARY,
    "benchmarks.campaign-run": Attention.SILENT,
    "thread.seen": Attention.SILENT,
    # One took a copy of what one may read: news to nobody.
    "casefile.": Attention.SILENT,
    # The instance's own bookkeeping, and what everybody may read.
    "organisation.": Attention.SILENT,
    "person.": Attention.SILENT,
    "policy.": Attention.SILENT,
    "role.": Attention.SILENT,
    "token.": Attention.SILENT,
    # The other wing tells its people in its own way.
    "report.": Attention.SILENT,
    "coordination.capacity": Attention.SILENT,
    "coordination.contact_added": Attention.SILENT,
    "coordination.heard": Attention.SILENT,
    "coordination.relayed": Attention.SILENT,
    "coordination.terms_published": Attention.SILENT,
    "scanning.registered": Attention.SILENT,
    # A notice about a notice would never end.
    "notices.": Attention.SILENT,
    "notices.webhook-failing": Attention.ORDINARY,
    "notices.webhook-gone": Attention.ORDINARY,
}

# What a person who has chosen nothing is told of: where their organisation may want to act.
BY_DEFAULT = (
    "case.",
    "partner.",
    "thread.",
    "dossier.shared",
    "determination.shared",
    "determination.statement",
    "determination-request.",
    "identity.declaration-shared",
    "identity.statement-shared",
    "access.key-",
    "coordination.",
    "remediation.due",
    "remediation.exposed",
    "remediation.undertaking.offered",
    "scanning.",
    "notices.",
)


@cache
def attention(kind: str) -> Attention:
    """How much attention an entry of ``kind`` asks for."""
    fitting = [begins for begins in KINDS if kind.startswith(begins)]
    return KINDS[max(fitting, key=len)] if fitting else Attention.ORDINARY


@cache
def told_by_default(kind: str) -> bool:
    """Whether somebody who has chosen nothing is told of ``kind``."""
    return attention(kind) is Attention.URGENT or kind.startswith(BY_DEFAULT)


def told_to_webhooks(kind: str) -> bool:
    """Whether webhooks hear of ``kind`` too: not of their own troubles."""
    return attention(kind) is not Attention.SILENT and not kind.startswith("notices.")
