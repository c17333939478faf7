"""Tables of remediation. An exposure's row holds what counts of its answers; the answers are written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Over, Status, UndertakingState


def _exposure_id() -> str:
    return new_id("exposure")


def _answer_id() -> str:
    return new_id("answer")


def _undertaking_id() -> str:
    return new_id("undertaking")


class ExposureRow(models.Model):
    """That a system of an operator holds what an advisory speaks of."""

    id = models.CharField(primary_key=True, max_length=40, default=_exposure_id)
    match = models.CharField(max_length=100, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    advisory = models.CharField(max_length=100, db_index=True)
    title = models.TextField()
    urgency = models.CharField(max_length=10)
    rank = models.PositiveSmallIntegerField()  # of the urgency, 0 the most urgent
    system = models.CharField(max_length=300)
    component = models.CharField(max_length=500)
    version = models.CharField(max_length=200)
    why = models.TextField()
    action = models.TextField(blank=True)
    since = models.DateTimeField()
    status = models.CharField(max_length=20, blank=True, choices=[(status, status) for status in Status])
    until = models.DateField(null=True)  # of the latest answer
    due = models.DateField(null=True)  # the operator's own date
    over = models.CharField(max_length=10, blank=True, choices=[(over, over) for over in Over])
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(over="", over_at=None) | (~Q(over="") & Q(over_at__isnull=False)),
                name="remediation_over_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "over", "due", "rank", "since"], name="remediation_list"),
            models.Index(fields=["due"], condition=Q(over=""), name="remediation_due"),
        ]


class AnswerRow(models.Model):
    """What an operator said of an exposure, once."""

    id = models.CharField(primary_key=True, max_length=40, default=_answer_id)
    exposure = models.ForeignKey(ExposureRow, on_delete=models.PROTECT, related_name="answers")
    status = models.CharField(max_length=20, choices=[(status, status) for status in Status])
    justification = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    action = models.TextField(blank=True)
    until = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)


class PaceRow(models.Model):
    """The days an operator gives itself, and its sector."""

    organisation = models.OneToOneField(
        "parties.Organisation", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    act = models.PositiveSmallIntegerField(null=True)
    attend = models.PositiveSmallIntegerField(null=True)
    track_more = models.PositiveSmallIntegerField(null=True)
    track = models.PositiveSmallIntegerField(null=True)
    remind = models.PositiveSmallIntegerField(null=True)
    sector = models.CharField(max_length=40, blank=True)
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=40)


class UndertakingRow(models.Model):
    """What an operator was asked to take upon itself."""

    id = models.CharField(primary_key=True, max_length=40, default=_undertaking_id)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in UndertakingState])
    offered_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    moved_by = models.CharField(max_length=40)


class Followed(models.Model):
    """Up to where an operator's matches were followed."""

    organisation = models.OneToOneField(
        "parties.Organisation", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    mark = models.CharField(max_length=200)
    at = models.DateTimeField()


class Reminded(models.Model):
    """That an operator was reminded of a date, so that it is once."""

    exposure = models.ForeignKey(ExposureRow, on_delete=models.PROTECT, related_name="+")
    due = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exposure", "due"], name="remediation_reminded_once")]


class CalendarRow(models.Model):
    """A calendar address of an operator's dates; only the digest of its secret part is kept."""

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=71, unique=True)
    issued_by = models.CharField(max_length=40)
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at__isnull=True), name="remediation_one_calendar"
            )
        ]
