"""Tables of model identity. What was declared, answered or stated is written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Origin


def _declaration_id() -> str:
    return new_id("declaration")


def _fingerprint_id() -> str:
    return new_id("fingerprint")


def _statement_id() -> str:
    return new_id("statement")


class DeclarationRow(models.Model):
    """What the developer declared. ``statement`` is the canonical JSON that ``digest`` covers."""

    id = models.CharField(primary_key=True, max_length=40, default=_declaration_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    statement = models.TextField()
    digest = models.CharField(max_length=71)
    bundle = models.TextField(null=True)  # the model.sig as it came
    public_key = models.TextField(null=True)  # PEM
    declared_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="declaration_number_once"),
            models.CheckConstraint(
                name="declaration_bundle_with_key",
                condition=Q(bundle__isnull=True, public_key__isnull=True)
                | Q(bundle__isnull=False, public_key__isnull=False),
            ),
        ]


class FingerprintRow(models.Model):
    """One taking. ``fingerprint`` holds the answers and stays under ``label``; the ledger has its digest."""

    id = models.CharField(primary_key=True, max_length=40, default=_fingerprint_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=10, choices=[(origin, origin) for origin in Origin])
    label = models.CharField(max_length=1000)
    repetitions = models.PositiveSmallIntegerField()
    artefact = models.CharField(max_length=71, null=True)
    consent = models.CharField(max_length=71, null=True)
    begun_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, null=True)
    fingerprint = models.TextField(null=True)
    digest = models.CharField(max_length=71, null=True)
    reference = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    comparison = models.TextField(null=True)  # canonical JSON

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="fingerprint_ends_once",
                condition=Q(taken_at__isnull=True) | Q(stopped_at__isnull=True),
            ),
            models.CheckConstraint(
                name="fingerprint_taken_whole",
                condition=Q(taken_at__isnull=True, fingerprint__isnull=True, digest__isnull=True)
                | Q(taken_at__isnull=False, fingerprint__isnull=False, digest__isnull=False),
            ),
            models.CheckConstraint(
                name="fingerprint_compared_with_one",
                condition=Q(reference__isnull=True, comparison__isnull=True)
                | Q(reference__isnull=False, comparison__isnull=False),
            ),
        ]
        indexes = [models.Index(name="fingerprint_of_review", fields=["review", "-begun_at"])]


class StatementRow(models.Model):
    """A signed statement; ``envelope`` is the DSSE envelope as JSON, the very file that is downloaded."""

    id = models.CharField(primary_key=True, max_length=40, default=_statement_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="+")
    envelope = models.TextField()
    digest = models.CharField(max_length=71)
    signed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)
