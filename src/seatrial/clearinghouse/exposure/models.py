"""The tables of matching: what operators have, what advisories say, and where the two meet.

A match is a join and never a row: a *hit* ties a statement to a release, a *holding* ties a release to the systems of
one inventory. Both grow with distinct releases; a fleet of ten thousand equal machines adds nothing to either.
"""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id

from .types import Verdict


def _inventory_id() -> str:
    return new_id("inventory")


def _system_id() -> str:
    return new_id("system")


class Turn(models.Model):
    """One row: who writes inventories or statements holds it, so that neither misses what the other writes."""


class Heard(models.Model):
    """Up to which document was learned what is published (row 1), what is mirrored of members (row 2)."""

    number = models.PositiveBigIntegerField(default=0)


class ReleaseRow(models.Model):
    """One version of one package, whoever has it; gone with the last who has it."""

    package = models.CharField(max_length=400)
    version = models.CharField(max_length=200)
    scheme = models.CharField(max_length=60)
    distro = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "version", "scheme", "distro"], name="exposure_release_once"),
        ]


class InventoryRow(models.Model):
    """What an operator says it has, under a name; replaced as a whole. Its own people alone read it."""

    number = models.BigAutoField(primary_key=True)  # short, for millions of holdings
    id = models.CharField(max_length=40, unique=True, default=_inventory_id)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    form = models.CharField(max_length=200)
    label = models.CharField(max_length=1000, db_index=True)
    digest = models.CharField(max_length=71)
    systems = models.PositiveIntegerField()
    components = models.PositiveBigIntegerField()
    notes = models.TextField()  # JSON: sentences
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="exposure_inventory_name"),
        ]


class SystemRow(models.Model):
    """One system of an inventory; keeps its id while its name is there."""

    id = models.CharField(primary_key=True, max_length=40, default=_system_id)
    inventory = models.ForeignKey(InventoryRow, on_delete=models.CASCADE, related_name="members", db_index=False)
    name = models.CharField(max_length=200)
    place = models.PositiveIntegerField()  # in the inventory: what holdings name it by
    components = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inventory", "name"], name="exposure_system_name"),
        ]


class Holding(models.Model):
    """That an inventory has a release, and in which of its systems. Rows of one release lie side by side: a new
    advisory reads tens of thousands of them. (SQLite: a table without row ids, made by the second migration.)"""

    pk = models.CompositePrimaryKey("release", "inventory")
    inventory = models.ForeignKey(InventoryRow, on_delete=models.CASCADE, related_name="holdings")
    release = models.ForeignKey(ReleaseRow, on_delete=models.PROTECT, related_name="holdings", db_index=False)
    places = models.BinaryField()  # of systems, two bytes each, least first


class AdvisoryRow(models.Model):
    """An advisory as the matching read it, its newest revision."""

    name = models.CharField(max_length=100, unique=True)
    revision = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    label = models.CharField(max_length=1000, db_index=True)
    digest = models.CharField(max_length=71)
    notes = models.TextField()  # JSON: sentences
    at = models.DateTimeField()


class StatementRow(models.Model):
    """What an advisory says of a package, for releases that come later."""

    advisory = models.ForeignKey(AdvisoryRow, on_delete=models.CASCADE, related_name="statements")
    package = models.CharField(max_length=400, db_index=True)
    data = models.TextField()  # ``core.keeping``


class HitRow(models.Model):
    """A statement that speaks of a release that somebody has. What stands where several speak of one vulnerability is
    worked out at reading: it depends on which advisories the reader may know of."""

    advisory = models.ForeignKey(AdvisoryRow, on_delete=models.CASCADE, related_name="hits")
    release = models.ForeignKey(ReleaseRow, on_delete=models.CASCADE, related_name="hits")
    where = models.CharField(max_length=200)
    names = models.TextField()  # JSON
    verdict = models.CharField(max_length=20, choices=[(one, one) for one in Verdict])
    reason = models.TextField()
    exact = models.BooleanField()
    since = models.DateTimeField()  # when the advisory first spoke of it, whichever revision

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "release", "where"], name="exposure_hit_once"),
        ]
