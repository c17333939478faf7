"""Tables of weights in transfer. The sealed bytes are in the store; nothing here opens them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id


def _transfer_id() -> str:
    return new_id("transfer")


class TransferRow(models.Model):
    """``manifest`` is the canonical JSON that ``digest`` covers."""

    id = models.CharField(primary_key=True, max_length=40, default=_transfer_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="+")
    manifest = models.TextField()
    digest = models.CharField(max_length=71)
    artefact = models.CharField(max_length=71)
    parts = models.PositiveIntegerField()
    label = models.CharField(max_length=1000)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, null=True, related_name="+")
    root = models.CharField(max_length=71, null=True)
    item = models.CharField(max_length=40, null=True)
    signature = models.JSONField(null=True)
    log = models.CharField(max_length=60, null=True)
    index = models.PositiveBigIntegerField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="transfer_completed_whole",
                condition=Q(completed_at=None, completed_by=None, root=None, item=None)
                | Q(completed_at__isnull=False, completed_by__isnull=False, root__isnull=False, item__isnull=False),
            ),
            models.CheckConstraint(
                name="transfer_destroyed_with_a_reason",
                condition=Q(destroyed_at=None, why=None) | Q(destroyed_at__isnull=False, why__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="transfer_kept", fields=["review"], condition=Q(destroyed_at=None)),
        ]


class PartRow(models.Model):
    """A sealed part that is in the store."""

    transfer = models.ForeignKey(TransferRow, on_delete=models.PROTECT, related_name="received")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    size = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="part_once", fields=["transfer", "number"])]


class FetchRow(models.Model):
    """That a person fetched parts of a transfer; the first time is on the ledger."""

    transfer = models.ForeignKey(TransferRow, on_delete=models.PROTECT, related_name="fetches")
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    parts = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="fetch_once_a_person", fields=["transfer", "person"])]
