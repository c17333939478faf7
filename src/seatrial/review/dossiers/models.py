"""Tables of dossiers. A version is written once."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id


def _version_id() -> str:
    return new_id("dossier")


class DossierVersion(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_version_id)
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, related_name="dossier_versions")
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    composed_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "version"], name="dossier_version_once")]


class SectionRow(models.Model):
    dossier = models.ForeignKey(DossierVersion, on_delete=models.PROTECT, related_name="sections")
    place = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField()
    label = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "key"], name="dossier_section_once")]
