"""Tables of notices. Nothing of what happened stands in them: a review's id, a label, a moment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Cadence, DeliveryState, WebhookState


def _webhook_id() -> str:
    return new_id("webhook")


def _notice_id() -> str:
    return new_id("notice")


class Cursor(models.Model):
    """How far one log was read. The row of the shared log is locked while deliveries are made of new entries."""

    log = models.CharField(primary_key=True, max_length=60)
    next = models.PositiveBigIntegerField(default=0)  # the index of the entry to read next


class Choice(models.Model):
    """How often a person is told by mail of one review, or of all those without a choice of their own ("")."""

    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    review = models.CharField(max_length=40, blank=True)
    cadence = models.CharField(max_length=10, choices=[(word, word) for word in Cadence])
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "review"], name="notices_choice_once")]


class Webhook(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_webhook_id)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=500)
    label = models.CharField(max_length=1000)
    sealed = models.TextField()
    sealed_before = models.TextField(blank=True)
    before_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=[(word, word) for word in WebhookState])
    rests_until = models.DateTimeField(null=True)  # after a failed try nothing is sent before
    added_by = models.CharField(max_length=40)
    added_at = models.DateTimeField()


class Delivery(models.Model):
    """One notice to one person or one webhook. While it waits it covers what else changes in its review."""

    notice = models.CharField(max_length=40, unique=True, default=_notice_id)  # the same at every try
    person = models.ForeignKey("parties.Person", null=True, on_delete=models.PROTECT, related_name="+")
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.PROTECT, related_name="deliveries")
    review = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=1000)  # of the newest entry it covers; read again before it is sent
    at = models.DateTimeField()
    urgent = models.BooleanField(default=False)
    cadence = models.CharField(max_length=10, choices=[(word, word) for word in Cadence])
    state = models.CharField(max_length=10, choices=[(word, word) for word in DeliveryState])
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)  # somebody is sending it now
    settled_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notices_one_receiver",
                condition=Q(person=None, webhook__isnull=False) | Q(person__isnull=False, webhook=None),
            ),
            models.CheckConstraint(
                name="notices_settled_whole",
                condition=Q(state__in=["due", "failed"], settled_at=None)
                | Q(state__in=["delivered", "given-up"], settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notices_due", condition=Q(state__in=["due", "failed"])),
            models.Index(fields=["person", "review", "settled_at"], name="notices_of_person"),
            models.Index(fields=["webhook", "-id"], name="notices_of_webhook"),
        ]
