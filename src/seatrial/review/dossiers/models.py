"""Tables of dossiers. A version is written once, and so is each twin of it that was shared."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id

from .types import Audience


def _version_id() -> str:
    return new_id("dossier")


class DossierVersion(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_version_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="dossier_versions")
    version = models.PositiveIntegerField()
    source = models.TextField()  # canonical JSON
    digest = models.CharField(max_length=71)  # of the source
    salt = models.CharField(max_length=32)  # of the commitment that others see instead of the digest
    composed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "version"], name="dossier_version_once")]


class SharedTwin(models.Model):
    dossier = models.ForeignKey(DossierVersion, on_delete=models.PROTECT, related_name="twins")
    audience = models.CharField(max_length=10)
    partner = models.CharField(max_length=60, default="", blank=True)  # organisation
    document = models.TextField()  # canonical JSON of the derived document
    digest = models.CharField(max_length=71)
    withheld = models.JSONField()  # [[place, category], …]
    statement = models.JSONField()  # what a signature covers
    signature = models.JSONField(null=True)
    shared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "audience", "partner"], name="dossier_twin_once"),
            models.CheckConstraint(
                condition=models.Q(audience=Audience.PARTNER) ^ models.Q(partner=""), name="dossier_twin_partner_named"
            ),
        ]
