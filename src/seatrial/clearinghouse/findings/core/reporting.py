"""Whose a report is, and all that is known of it before it is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.clearinghouse.findings.types import AttachmentView
from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .document import cut, finder_of, is_runnable, version_of
from .intake import label_of

LANES = 64  # strangers share so many: a flood fills one of them, and no row says more of an address than six bits


@dataclass(frozen=True, slots=True)
class Reporter:
    """``scope`` is within what the same content is the same report: the organisation, else the person, else everybody
    without an account. ``lane`` is whose turn it is when the queue is shared out."""

    scope: str = ""
    person: str = ""
    organisation: str = ""
    lane: str = "stranger-0"

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
        return Reporter(lane=f"stranger-{int(address[:8] or '0', 16) % LANES}")
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
    attachments: tuple[AttachmentView, ...] = ()

    def label(self, whose: Reporter) -> Label:
        return label_of(self.tlp, whose.audience)


def prepared(document: Mapping[str, Any], attachments: Sequence[AttachmentView] = ()) -> Prepared:
    """``document`` was checked, and its attachments' bytes were taken out. Raises ``Misuse`` (``not-json``) for text
    that UTF-8 has no bytes for."""
    data = canonical(document)
    return Prepared(
        document=data.decode(),
        content=digest(data),
        tlp=document.get("tlp", "AMBER"),
        title=cut(document["title"], 200),
        product=cut(document["product"]["name"], 200),
        version=cut(version_of(document), 200),
        finder=cut(finder_of(document), 300),
        runnable=is_runnable(document),
        attachments=tuple(attachments),
    )
