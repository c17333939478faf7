"""A redacted twin: derived for an audience, and proven to lack what it withholds before anybody gets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.kernel.digests import Digest
from seatrial.review.dossiers.types import Audience, Dossier, Withheld

from .derive import derive
from .redaction import Protected, check_derived, protect
from .rules import Rule, Standing, for_audience
from .writing import digest_of_dossier


@dataclass(frozen=True, slots=True)
class Twin:
    """A derived document that is proven to lack ``withheld``; ``protected`` is what no file made from it may hold."""

    document: Dossier
    withheld: tuple[Withheld, ...]
    protected: Protected
    digest: Digest


def twin(source: Dossier, audience: Audience, standing: Standing) -> Twin:
    """The twin of ``source`` for an audience. Raises ``Refused`` (``text-would-remain``), naming both places."""
    return derived(source, for_audience(audience, standing))


def derived(source: Dossier, rule: Rule) -> Twin:
    """What ``rule`` leaves of ``source``, proven. Raises ``Refused`` (``text-would-remain``)."""
    document, withheld = derive(source, rule)
    protected = protect(source, rule)
    check_derived(protected, document)
    return Twin(document, withheld, protected, digest_of_dossier(document))


def statement(source: Digest, digest: Digest, audience: Audience, withheld: Sequence[Withheld]) -> str:
    """The sentence that the developer signs beside a twin."""
    by_category = Counter(piece.category.value for piece in withheld)
    counts = ", ".join(f"{count} {category}" for category, count in sorted(by_category.items()))
    pieces = f"{len(withheld)} piece{'' if len(withheld) == 1 else 's'} withheld"
    return f"{digest} is the twin of {source} for the {audience.value}, {pieces}{f' ({counts})' if counts else ''}."
