"""The tables of the intake. Receipt codes are kept as digests, attachments as sealed files beside the database."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id

from .types import ReportState

_SETTLED = [ReportState.DRAFT.value, ReportState.WITHDRAWN.value]


def _report_id() -> str:
    return new_id("report")


def _chunk_id() -> str:
    return new_id("chunk")


def _attachment_id() -> str:
    return new_id("attachment")


class Chunk(models.Model):
    """Reports that were taken in one transaction, and the one ledger entry that holds their root."""

    id = models.CharField(primary_key=True, max_length=40, default=_chunk_id)
    root = models.CharField(max_length=64)  # hex, over ``core.chunks.leaf`` of each in the order of ``place``
    size = models.PositiveIntegerField()
    log = models.CharField(max_length=60)
    index = models.PositiveBigIntegerField()
    at = models.DateTimeField()


class Report(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_report_id)
    code_digest = models.CharField(max_length=71, unique=True, null=True)  # null with an account
    content_digest = models.CharField(max_length=71, db_index=True)  # of ``document``
    scope = models.CharField(max_length=40, blank=True)  # whose: organisation, else person, else "" for strangers
    person = models.CharField(max_length=40, blank=True)  # who reported; "operator" has no row
    organisation = models.CharField(max_length=40, blank=True)
    lane = models.CharField(max_length=50)  # whose turn it is when the queue is shared out, see ``core.fairness``
    title = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    version = models.CharField(max_length=200)
    finder = models.CharField(max_length=300)
    document = models.TextField()  # the own format, canonical JSON, attachments by digest
    runnable = models.BooleanField(default=False)  # brings a recipe
    source = models.CharField(max_length=40)
    state = models.CharField(max_length=20, choices=[(state, state) for state in ReportState])
    reason = models.TextField(blank=True)  # why it was returned
    label = models.CharField(max_length=1000, db_index=True)
    at = models.DateTimeField(db_index=True)
    judged_at = models.DateTimeField(null=True)  # when the machine was done with it
    chunk = models.ForeignKey(Chunk, on_delete=models.PROTECT, null=True, related_name="reports")
    place = models.PositiveIntegerField(null=True)  # in the chunk, from 0
    log = models.CharField(max_length=60, blank=True)  # the ledger entry that records it, its chunk's or its own
    index = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "content_digest"],
                condition=~models.Q(state__in=_SETTLED),
                name="report_once_a_reporter",
            ),
            models.UniqueConstraint(fields=["chunk", "place"], name="report_place_in_chunk"),
        ]
        indexes = [
            models.Index(
                fields=["-runnable", "lane", "at"],
                condition=models.Q(judged_at=None) & ~models.Q(state__in=_SETTLED),
                name="report_unjudged",
            ),
            models.Index(fields=["organisation", "-at"], name="report_of_organisation"),
            models.Index(fields=["person", "-at"], name="report_of_person"),
        ]


class Attachment(models.Model):
    """A file of a report; its bytes are on the shelf under their digest, sealed."""

    id = models.CharField(primary_key=True, max_length=40, default=_attachment_id)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    media = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=71, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "name"], name="report_attachment_name")]


class Carried(models.Model):
    """What joined a report after it came: a hop of its chain, an identifier of another coordinator's. Only inserted."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="carried")
    kind = models.CharField(max_length=20)  # the field of the own format that it belongs to: chain, handling
    data = models.TextField()  # canonical JSON
    by = models.CharField(max_length=40)
    at = models.DateTimeField()


class Bucket(models.Model):
    """What one reporter may still send, a token bucket."""

    name = models.CharField(primary_key=True, max_length=80)
    tokens = models.FloatField()
    at = models.DateTimeField(db_index=True)  # when ``tokens`` was true
