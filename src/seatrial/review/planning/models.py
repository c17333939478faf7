"""Tables of the lab's own desk. Each row belongs to one developer; nothing here is anybody else's to see."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from seatrial.kernel.ids import new_id

from .types import Heading, Option, Side, Track, Unit


def _plan_id() -> str:
    return new_id("plan")


def _memo_id() -> str:
    return new_id("engagement")


class Plan(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_plan_id)
    developer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="release_plans")
    title = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    zone = models.CharField(max_length=80)
    partner_release = models.DateTimeField()
    public_release = models.DateTimeField()
    window_days = models.PositiveSmallIntegerField(null=True)
    window_ends_before = models.PositiveSmallIntegerField(default=0)
    holidays = models.JSONField(default=list)  # ISO dates, in order
    review = models.ForeignKey("cases.Review", null=True, on_delete=models.PROTECT, related_name="release_plans")
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(public_release__gte=F("partner_release")), name="plan_dates_in_order"),
            models.CheckConstraint(
                condition=Q(window_days__isnull=True) | Q(window_days__range=(1, 30)), name="plan_window_thirty_days"
            ),
        ]


class MilestoneRow(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="milestones")
    place = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    track = models.CharField(max_length=20)
    owner = models.CharField(max_length=200)
    days = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20)
    side = models.CharField(max_length=20)
    anchor = models.CharField(max_length=60)
    length = models.PositiveSmallIntegerField()
    needs = models.JSONField(default=list)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField()  # of the plan, when this last changed or moved

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="milestone_key_once"),
            models.CheckConstraint(condition=Q(length__gte=1), name="milestone_takes_a_day"),
            models.CheckConstraint(condition=Q(track__in=[t.value for t in Track]), name="milestone_track_known"),
            models.CheckConstraint(
                condition=Q(unit__in=[u.value for u in Unit], side__in=[s.value for s in Side]),
                name="milestone_rule_known",
            ),
        ]


class Feed(models.Model):
    """A calendar address; only the digest of its secret part is kept."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="feeds")
    digest = models.CharField(max_length=71, unique=True)
    issued_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(revoked_at__isnull=True), name="feed_one_live")
        ]


class Memo(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_memo_id)
    developer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="engagement_memos")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="memos")


class MemoVersionRow(models.Model):
    """A version is written once."""

    memo = models.ForeignKey(Memo, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    scope = models.TextField()
    conclusion = models.CharField(max_length=20, null=True)
    reasons = models.TextField()
    digest = models.CharField(max_length=71)
    written_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["memo", "version"], name="memo_version_once"),
            models.CheckConstraint(
                condition=Q(conclusion__isnull=True) | Q(conclusion__in=[o.value for o in Option]),
                name="memo_conclusion_known",
            ),
        ]


class EntryRow(models.Model):
    version = models.ForeignKey(MemoVersionRow, on_delete=models.PROTECT, related_name="entries")
    place = models.PositiveSmallIntegerField()
    option = models.CharField(max_length=20)
    heading = models.CharField(max_length=20)
    weight = models.PositiveSmallIntegerField()
    text = models.TextField()
    author = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weight__range=(0, 5)), name="memo_weight_to_five"),
            models.CheckConstraint(
                condition=Q(option__in=[o.value for o in Option], heading__in=[h.value for h in Heading]),
                name="memo_entry_known",
            ),
        ]
