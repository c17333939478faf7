"""New evidence, found again: a campaign of the review, a version of its dossier that the body was given, a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seatrial.kernel.errors import Misuse
from seatrial.parties.types import Actor
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.determinations.types import Evidence, EvidenceKind

from .requests import readable_request, seen_review, shared_dossier


def pinned_evidence(asking: Actor, named: Sequence[Evidence], *, review: str | None) -> tuple[Evidence, ...]:
    """Each with the digest that pins it.

    Raises ``Misuse`` (``bad-evidence``) for a dossier without a review, or a version that is not shared with the body,
    and ``foreign-campaign``; ``NotFound`` (``no-such-campaign``).
    """
    return tuple(_pinned(asking, one, review) for one in named)


def request_review(asking: Actor, request: str | None) -> str | None:
    """The review that a request is linked to, for whoever may see it."""
    return seen_review(asking, readable_request(asking, request)) if request is not None else None


def _pinned(asking: Actor, one: Evidence, review: str | None) -> Evidence:
    if one.kind is EvidenceKind.DOCUMENT:
        return one
    if review is None:
        raise Misuse("bad-evidence", f"A {one.kind} is evidence in a review, and this belongs to none.")
    if one.kind is EvidenceKind.CAMPAIGN:
        seen = benchmarks.campaign(asking, one.ref)
        if seen.review != review:
            raise Misuse(
                "foreign-campaign", f"The campaign {one.ref} belongs to another review; name one of this review."
            )
        return replace(one, what=one.what or seen.name, digest=seen.summary)
    for found in shared_dossier(asking, review, int(one.ref)):
        return replace(one, what=one.what or found.what, digest=found.digest)
    raise Misuse(
        "bad-evidence", f"Version {one.ref} of the dossier is not shared with the review body; name one that is."
    )
