"""Tables of the ledger. Entries, nodes and checkpoints are written once and never again."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class Log(models.Model):
    """The head of one log; its row is locked while an entry is appended."""

    name = models.CharField(primary_key=True, max_length=60)
    origin = models.CharField(max_length=200)  # of the instance when the log began; every entry carries it
    size = models.PositiveBigIntegerField(default=0)
    frontier = models.JSONField(default=list)  # hex, largest subtree first


class _OnlyInserts(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise RuntimeError(f"{self.model.__name__} rows of the ledger cannot be changed")

    def delete(self) -> NoReturn:
        raise RuntimeError(f"{self.model.__name__} rows of the ledger cannot be deleted")


class _WrittenOnce(models.Model):
    objects = _OnlyInserts.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a row that is there already is refused."""
        if not self._state.adding:
            raise RuntimeError(f"{type(self).__name__} rows of the ledger cannot be changed")
        super().save(force_insert=True)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Nothing of the record is ever removed."""
        raise RuntimeError(f"{type(self).__name__} rows of the ledger cannot be deleted")


class EntryRow(_WrittenOnce):
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    review = models.CharField(max_length=40, blank=True)  # the fact of that name, for looking up
    data = models.TextField()  # the canonical JSON that the leaf hash covers
    leaf = models.CharField(max_length=64)
    label = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "index"], name="ledger_entry_once")]
        indexes = [
            models.Index(fields=["log", "label", "index"], name="ledger_entry_label"),
            models.Index(fields=["review", "log", "index"], name="ledger_entry_review"),
        ]


class OpeningRow(_WrittenOnce):
    """What opens the commitments of an entry. Apart from it: the record stands when its openings are gone."""

    entry = models.OneToOneField(EntryRow, on_delete=models.PROTECT, related_name="opening")
    label = models.CharField(max_length=1000)  # the entry's
    facts = models.TextField()  # canonical JSON {name: {"salt", "value"}}, read under the label only


class NodeRow(_WrittenOnce):
    """The root of a complete subtree of level 1 or more."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="nodes")
    place = models.PositiveBigIntegerField()  # in-order, see kernel.merkle.number
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "place"], name="ledger_node_once")]


class CheckpointRow(_WrittenOnce):
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="ledger_checkpoint_once")]
