"""Tables of advisories. A revision and its documents are written once, when they are published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from seatrial.kernel.ids import new_id

from .types import AdvisoryState, Form, Tlp


def _advisory_id() -> str:
    return new_id("advisory")


class Counter(models.Model):
    """One row a name, locked while a number is taken, so that numbers stand in the order in which they can be read."""

    name = models.CharField(primary_key=True, max_length=40)
    last = models.PositiveBigIntegerField(default=0)


class Advisory(models.Model):
    """``content`` is what is being written, or was published last; ``version`` counts the changes to it."""

    id = models.CharField(primary_key=True, max_length=40, default=_advisory_id)
    tracking = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey("coordination.CaseRow", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=[(state, state) for state in AdvisoryState])
    version = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    summary = models.CharField(max_length=500, blank=True)  # of the revision being written
    revision = models.PositiveIntegerField(default=0)  # the last one published
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=40)
    edited_at = models.DateTimeField(db_index=True)
    edited_by = models.CharField(max_length=40)
    submitted_by = models.CharField(max_length=40, blank=True)
    returned_why = models.TextField(blank=True)
    released_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="advisories_published_has_a_revision",
                condition=Q(state__in=[AdvisoryState.DRAFT, AdvisoryState.SUBMITTED]) | Q(revision__gte=1),
            ),
            models.CheckConstraint(
                name="advisories_submitted_by_somebody",
                condition=~Q(state__in=[AdvisoryState.SUBMITTED, AdvisoryState.RESUBMITTED]) | ~Q(submitted_by=""),
            ),
        ]


class Revision(models.Model):
    """What was published under one number."""

    advisory = models.ForeignKey(Advisory, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    summary = models.CharField(max_length=500)
    digest = models.CharField(max_length=71)  # of the content as canonical JSON
    at = models.DateTimeField()
    written_by = models.CharField(max_length=40)
    published_by = models.CharField(max_length=40)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "number"], name="advisories_revision_once"),
            models.CheckConstraint(  # withdrawing takes one person, and so does nothing else
                name="advisories_two_people", condition=Q(withdrawn=True) | ~Q(written_by=F("published_by"))
            ),
        ]


class DocumentRow(models.Model):
    """``number`` is the publication number; ``current`` marks the newest of an advisory, form and part."""

    number = models.PositiveBigIntegerField(primary_key=True)
    advisory = models.ForeignKey(Advisory, on_delete=models.PROTECT, related_name="documents")
    revision = models.PositiveIntegerField()
    form = models.CharField(max_length=20, choices=[(form, form) for form in Form])
    part = models.PositiveSmallIntegerField(default=1)
    tlp = models.CharField(max_length=20, choices=[(tlp, tlp) for tlp in Tlp])
    label = models.CharField(max_length=1000, db_index=True)
    audience = models.JSONField(default=list)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    signature = models.TextField()
    released = models.DateTimeField()
    updated = models.DateTimeField()
    withdrawn = models.BooleanField(default=False)
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "revision", "form", "part"], name="advisories_document_once"),
            models.UniqueConstraint(
                fields=["advisory", "form", "part"], condition=Q(current=True), name="advisories_one_current_document"
            ),
        ]
        indexes = [models.Index(fields=["form", "current", "number"], name="advisories_of_form")]
