"""Tables of benchmarks, and what the database itself keeps: a cell is scored once, an attempt numbered once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import AttemptOutcome, CampaignState, Purpose


def _campaign_id() -> str:
    return new_id("campaign")


def _ladder_id() -> str:
    return new_id("ladder")


def _attempt_id() -> str:
    return new_id("attempt")


class SuiteRow(models.Model):
    """A registered suite; its content is a file named by the digest."""

    id = models.CharField(primary_key=True, max_length=71)  # the digest
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    index = models.JSONField()  # {item: [family, human minutes]}
    manifest = models.TextField()  # canonical JSON, what the digest covers
    sealed = models.BooleanField(default=False)  # the content opens for two custodians together
    owner = models.CharField(max_length=40)
    label = models.CharField(max_length=1000)
    registered_by = models.CharField(max_length=40)
    registered_at = models.DateTimeField()


class ThresholdSpecification(models.Model):
    """A committed threshold: its content is what the digest covers, and is never written again."""

    id = models.CharField(primary_key=True, max_length=71)  # the digest
    name = models.CharField(max_length=120)
    content = models.TextField()  # the committed file: canonical JSON
    owner = models.CharField(max_length=40)
    label = models.CharField(max_length=1000)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="successor")
    committed_by = models.CharField(max_length=40)
    committed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="threshold_begun_once", fields=["owner", "name"], condition=Q(supersedes__isnull=True)
            ),
        ]


class Ladder(models.Model):
    """Campaigns planned together: one suite and threshold, several ways of asking, one error budget."""

    id = models.CharField(primary_key=True, max_length=40, default=_ladder_id)
    review = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=200)
    suite = models.ForeignKey(SuiteRow, on_delete=models.PROTECT, related_name="+")
    alpha = models.FloatField()
    label = models.CharField(max_length=1000)
    planned_by = models.CharField(max_length=40)
    planned_at = models.DateTimeField()


class Campaign(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_campaign_id)
    review = models.CharField(max_length=40, db_index=True)
    developer = models.CharField(max_length=40)
    body = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    suite = models.ForeignKey(SuiteRow, on_delete=models.PROTECT, related_name="campaigns")
    state = models.CharField(max_length=20, choices=[(state, state) for state in CampaignState])
    metric = models.CharField(max_length=100)
    low = models.FloatField()
    high = models.FloatField()
    alpha = models.FloatField()
    epochs = models.PositiveIntegerField()
    seed = models.CharField(max_length=200)
    seed_salt = models.CharField(max_length=32)
    seed_commitment = models.CharField(max_length=71)
    order = models.JSONField()  # cell ids as committed
    order_digest = models.CharField(max_length=71)
    excluded = models.JSONField()  # [[item, why]]
    power = models.TextField(null=True)
    elicitation = models.TextField()  # in words
    method = models.JSONField()  # the same as data
    purpose = models.CharField(max_length=20, choices=[(purpose, purpose) for purpose in Purpose])
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, null=True, related_name="rungs")
    rung = models.PositiveIntegerField(null=True)  # its place, from 0
    model = models.CharField(max_length=200)
    artefact = models.CharField(max_length=71)  # the build consented to when planned
    specification = models.CharField(max_length=71, blank=True)  # the committed threshold it is held to, if any
    label = models.CharField(max_length=1000)
    planned_by = models.CharField(max_length=40)
    planned_at = models.DateTimeField()
    planned_entry = models.PositiveBigIntegerField(null=True)  # where the plan stands on the ledger
    run = models.CharField(max_length=40, null=True)  # whoever runs it now; an older run may write no more
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    note = models.TextField(null=True)
    summary = models.CharField(max_length=71, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="campaign_zone", condition=Q(low__gt=0) & Q(high__gt=models.F("low")) & Q(high__lt=1)
            ),
            models.CheckConstraint(name="campaign_alpha", condition=Q(alpha__gt=0) & Q(alpha__lt=0.5)),
            models.UniqueConstraint(name="campaign_a_rung_each", fields=["ladder", "rung"]),
        ]


class Half(models.Model):
    """A custodian's half for one campaign: recorded before it is released, kept sealed until the campaign ends."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="halves")
    person = models.CharField(max_length=40)
    key = models.CharField(max_length=71)
    partner = models.CharField(max_length=71)  # the other custodian's key
    released_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)
    half = models.TextField(blank=True)  # wrapped to this instance's own key; empty before and after

    class Meta:
        constraints = [
            models.UniqueConstraint(name="half_released_once", fields=["campaign", "key"]),
        ]


class Attempt(models.Model):
    """One attempt at one cell, from the moment it is started."""

    id = models.CharField(primary_key=True, max_length=40, default=_attempt_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="attempts")
    cell = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    outcome = models.CharField(
        max_length=20, default=AttemptOutcome.OPEN, choices=[(outcome, outcome) for outcome in AttemptOutcome]
    )
    score = models.FloatField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0.0)
    completion_digest = models.CharField(max_length=71, null=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    model_identity = models.CharField(max_length=300, default="")
    refused = models.BooleanField(default=False)
    error = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="attempt_numbered_once", fields=["campaign", "cell", "number"]),
            models.UniqueConstraint(
                name="cell_scored_once", fields=["campaign", "cell"], condition=Q(outcome=AttemptOutcome.SCORED)
            ),
            models.CheckConstraint(
                name="scored_means_score",
                condition=Q(outcome=AttemptOutcome.SCORED, score__isnull=False, score__gte=0, score__lte=1)
                | (~Q(outcome=AttemptOutcome.SCORED) & Q(score__isnull=True)),
            ),
        ]
