"""Tables of the ledger. Entries and nodes are written once and never again."""

from __future__ import annotations

from typing import Any

from django.db import models


class Log(models.Model):
    """The head of one log; its row is locked while an entry is appended."""

    name = models.CharField(primary_key=True, max_length=60)
    size = models.PositiveBigIntegerField(default=0)
    frontier = models.JSONField(default=list)  # hex, largest subtree first


class _WrittenOnce(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry of the record is never changed."""
        super().save(force_insert=True)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Nothing of the record is ever removed."""
        raise RuntimeError(f"a {type(self).__name__.lower()} of the ledger cannot be deleted")


class EntryRow(_WrittenOnce):
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    review = models.CharField(max_length=40, db_index=True, blank=True)  # the fact of that name, for looking up
    data = models.TextField()  # the canonical JSON that the leaf hash covers
    leaf = models.CharField(max_length=64)
    label = models.CharField(max_length=1000)
    openings = models.TextField()  # canonical JSON {name: {"salt", "value"}}, read under the label only

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "index"], name="ledger_entry_once")]


class NodeRow(_WrittenOnce):
    """The root of a complete subtree of level 1 or more."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="nodes")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "level", "index"], name="ledger_node_once")]


class CheckpointRow(_WrittenOnce):
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="ledger_checkpoint_once")]
