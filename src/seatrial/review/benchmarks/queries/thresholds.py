"""Committed thresholds, each checked against its digest when it is read."""

from __future__ import annotations

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Label, Reader
from seatrial.review.benchmarks.core.specification import Committed, read_specification
from seatrial.review.benchmarks.models import ThresholdSpecification


def specification(asking: Reader, digest: str) -> Committed:
    """The committed threshold of that digest, checked against it.

    Raises ``NotFound`` (``no-such-threshold``) and ``Misuse`` (``threshold-edited``).
    """
    row = ThresholdSpecification.objects.select_related("successor").filter(id=digest).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound(
            "no-such-threshold", f"No threshold {digest} is committed here that you may see; list those that are."
        )
    return _committed(row)


def specifications(asking: Reader) -> tuple[Committed, ...]:
    """The committed thresholds that ``asking`` may see, every version, newest first. Raises as ``specification``."""
    rows = ThresholdSpecification.objects.select_related("successor").order_by("-committed_at", "id")
    return tuple(_committed(row) for row in rows if asking.may_read(Label.parse(row.label)))


def _committed(row: ThresholdSpecification) -> Committed:
    found = read_specification(row.content.encode())
    if found.digest != row.id:
        raise Misuse(
            "threshold-edited",
            f"The threshold kept as {row.id} has the content of {found.digest}: it was edited after it was committed, "
            "so nothing is held to it. Restore it from the committed file.",
        )
    after = getattr(row, "successor", None)
    return Committed(Digest(row.id), found, row.owner, row.committed_at, Digest(after.id) if after else None)
