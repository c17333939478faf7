"""Tables of determinations. The memo's content is written once; signatures are rows of their own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Finding


def _determination_id() -> str:
    return new_id("determination")


class Determination(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_determination_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="+")
    campaign = models.CharField(max_length=40)
    finding = models.CharField(max_length=20, choices=[(finding, finding) for finding in Finding])
    reasons = models.TextField()
    memo = models.TextField()  # canonical JSON, what the digest covers
    memo_digest = models.CharField(max_length=71)
    label = models.CharField(max_length=1000)
    drafted_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)
    statement = models.TextField(null=True)
    statement_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="determination_three_words", condition=Q(finding__in=[f.value for f in Finding])
            ),
            models.CheckConstraint(
                name="determination_statement_once_shared",
                condition=Q(statement__isnull=True, statement_at__isnull=True)
                | Q(statement__isnull=False, statement_at__isnull=False, shared_at__isnull=False),
            ),
        ]


class DeterminationSignature(models.Model):
    determination = models.ForeignKey(Determination, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    value = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["determination", "person"], name="determination_signed_once_each"),
        ]
