"""Suites: what is registered, the manifest that may be planned with, the content once it may be opened."""

from __future__ import annotations

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.halves import take
from seatrial.kernel.labels import Label, Reader
from seatrial.kernel.recipients import PrivateKey
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.manifest import read_manifest, read_suite
from seatrial.review.benchmarks.core.sealing import read_sealed, unseal
from seatrial.review.benchmarks.core.unsealing import occasion_of
from seatrial.review.benchmarks.models import Campaign, SuiteRow
from seatrial.review.benchmarks.ports import Shelf
from seatrial.review.benchmarks.types import Manifest, Suite, SuiteView


def suite(digest: str, *, shelf: Shelf) -> Suite:
    """The registered suite of that digest, verified against it byte for byte.

    Raises ``NotFound`` (``no-such-suite``) and ``Misuse`` (``suite-digest-mismatch``).
    """
    suite_row(digest)
    return read_suite(shelf.get(digest), digest)


def manifest(digest: str, *, shelf: Shelf) -> Manifest:
    """The registered suite's manifest, once the file that is kept was compared with it.

    Raises ``NotFound`` (``no-such-suite``) and ``Misuse`` (``suite-digest-mismatch``, ``bad-suite``).
    """
    row = suite_row(digest)
    data = shelf.get(digest)
    return read_sealed(data, digest).manifest if row.sealed else read_suite(data, digest).manifest


def shown_manifest(asking: Reader, digest: str) -> Manifest:
    """The manifest as ``asking`` may read it. Raises ``NotFound`` (``no-such-suite``), ``Forbidden``."""
    row = suite_row(digest)
    asking.check_read(Label.parse(row.label), f"The suite {row.name}")
    return read_manifest(row.manifest.encode())


def opened_suite(campaign_id: str, *, shelf: Shelf, instance: PrivateKey) -> Suite:
    """The content of the campaign's suite: as it lies there, or opened with the halves that two custodians handed over.

    Raises ``Refused`` (``still-sealed``), ``Misuse`` (``suite-digest-mismatch``, ``manifest-lies``, …).
    """
    row = Campaign.objects.select_related("suite").get(id=campaign_id)
    if not row.suite.sealed:
        return suite(row.suite_id, shelf=shelf)
    digest = Digest(row.suite_id)
    handed = {half.key: half for half in row.halves.exclude(half="")}
    for half in handed.values():
        other = handed.get(half.partner)
        if other is not None and other.partner == half.key:
            one, two = (
                take(each.half, Digest(each.key), instance, occasion=occasion_of(row.id, digest))
                for each in (half, other)
            )
            return unseal(read_sealed(shelf.get(digest), digest), one, two)
    raise Refused(
        "still-sealed",
        f"The suite of {campaign_id} is sealed: {len(handed)} of 2 halves are here. Two custodians release theirs "
        f"('seatrial suite release {campaign_id}'), then run the campaign.",
    )


def custodians_at_end(campaign_id: str, *, shelf: Shelf) -> tuple[Digest, ...]:
    """The keys that hold halves of the suite of a campaign that has ended; none if it goes on, or the suite is open."""
    row = Campaign.objects.select_related("suite").filter(id=campaign_id, suite__sealed=True, state__in=FINAL).first()
    return () if row is None else read_sealed(shelf.get(row.suite_id), row.suite_id).custodians


def suite_row(digest: str) -> SuiteRow:
    """Raises ``NotFound`` (``no-such-suite``)."""
    row = SuiteRow.objects.filter(id=digest).first()
    if row is None:
        raise NotFound("no-such-suite", f"No suite {digest} is registered here; register its file first.")
    return row


def suites(asking: Reader) -> tuple[SuiteView, ...]:
    """Registered suites that ``asking`` may know of, newest first; without their content."""
    rows = SuiteRow.objects.order_by("-registered_at", "id")
    return tuple(view for view in map(_suite_view, rows) if asking.may_read(view.label))


def _suite_view(row: SuiteRow) -> SuiteView:
    return SuiteView(
        digest=Digest(row.id),
        name=row.name,
        version=row.version,
        items=len(row.index),
        families=tuple(sorted({family for family, _ in row.index.values()})),
        owner=row.owner,
        label=Label.parse(row.label),
    )
