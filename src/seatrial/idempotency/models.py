"""The one table of idempotency."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id


def _row_id() -> str:
    return new_id("once")


class KeptAnswer(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_row_id)
    name = models.CharField(max_length=71, unique=True)  # digest of whose key it is and which
    fingerprint = models.CharField(max_length=71)
    status = models.PositiveSmallIntegerField(null=True)  # null only inside the transaction that acts
    content_type = models.CharField(max_length=100, default="")
    body = models.BinaryField(default=b"")
    made = models.CharField(max_length=200, null=True)  # shown once: the id instead of the answer
    at = models.DateTimeField(db_index=True)
