"""Whose a report is, and all that is known of it before it is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .attaching import Incoming
from .document import cut, finder_of, is_runnable, version_of
from .fairness import STRANGERS
from .intake import label_of
from .quota import Quotas, cost

LANES = 64  # strangers share so many: a flood fills one of them, and no row says more of an address than six bits


@dataclass(frozen=True, slots=True)
class Reporter:
    """``scope`` is within what the same content is the same report: the organisation, else the person, else everybody
    without an account. ``lane`` is whose turn it is when the queue is shared out."""

    scope: str = ""
    person: str = ""
    organisation: str = ""
    lane: str = "stranger-0"
    address: str = ""  # keyed digest of where a stranger writes from; kept in a bucket's name only

    @property
    def is_known(self) -> bool:
        """With an account."""
        return bool(self.scope)

    @property
    def audience(self) -> str:
        """The word under which the report is theirs too; empty for strangers."""
        return self.scope


def reporter(by: Actor, organisation: str = "", *, address: str = "") -> Reporter:
    """Who reports: ``by``, for ``organisation`` if they act for several. ``address`` is a keyed digest (hex) of where
    somebody without an account writes from, empty if that is not known.

    Raises ``Misuse`` (``which-organisation``).
    """
    if not by.person:
        return Reporter(lane=f"{STRANGERS}{int(address[:8] or '0', 16) % LANES}", address=address)
    own = sorted(by.organisations)
    if organisation and organisation not in own:
        raise Misuse("which-organisation", f"You do not act for {organisation[:80]!r}; name one of {', '.join(own)}.")
    if not organisation and len(own) > 1:
        raise Misuse("which-organisation", f"You act for several; say for which you report: {', '.join(own)}.")
    chosen = organisation or (own[0] if own else "")
    scope = chosen or by.person
    return Reporter(scope, by.person, chosen, scope)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report that can be written down: its columns follow from its document."""

    document: str  # canonical JSON, attachments by digest
    content: Digest
    tlp: str
    title: str
    product: str
    version: str
    finder: str
    runnable: bool
    attachments: tuple[Incoming, ...] = ()

    @property
    def cost(self) -> int:
        """What it takes from its reporter's bucket."""
        return cost(sum(one.size for one in self.attachments))

    def label(self, whose: Reporter) -> Label:
        return label_of(self.tlp, whose.audience)


def prepared(document: Mapping[str, Any], attachments: Sequence[Incoming] = ()) -> Prepared:
    """``document`` was checked, and its attachments' bytes were taken out. Raises ``Misuse`` (``not-json``) for text
    that UTF-8 has no bytes for."""
    data = canonical(document)
    return Prepared(
        document=data.decode(),
        content=digest(data),
        tlp=document.get("tlp", "AMBER"),
        title=cut(document.get("title", ""), 200),
        product=cut(document.get("product", {}).get("name", ""), 200),
        version=cut(version_of(document), 200),
        finder=cut(finder_of(document), 300),
        runnable=is_runnable(document),
        attachments=tuple(attachments),
    )


def buckets(whose: Reporter, quotas: Quotas) -> dict[str, int]:
    """Which buckets a report of ``whose`` is taken from, each with what it holds; none where nothing is known."""
    found = {
        f"organisation:{whose.organisation}": quotas.organisation if whose.organisation else 0,
        f"person:{whose.person}": quotas.person if whose.person else 0,
        f"address:{whose.address}": quotas.address if whose.address else 0,
    }
    return {name: a_day for name, a_day in found.items() if a_day}
