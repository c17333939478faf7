"""Tables of delivery: metadata and files as they are served, byte for byte. Nothing is ever changed."""

from __future__ import annotations

from django.db import models


class MetadataRow(models.Model):
    """A version of a role. The highest is in force; older ones are served still, for clients on their way."""

    role = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    expires = models.DateTimeField()
    at = models.DateTimeField()
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "version"], name="delivery_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="delivery_version_from_one"),
        ]


class TargetRow(models.Model):
    """A file by its path and digest."""

    path = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "sha256"], name="delivery_file_once")]
        indexes = [models.Index(fields=["sha256"], name="delivery_by_digest")]
