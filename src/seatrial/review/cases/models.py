"""Tables of reviews. Consents are written once; a review's row holds its dates."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id


def _review_id() -> str:
    return new_id("review")


def _consent_id() -> str:
    return new_id("consent")


class Review(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_review_id)
    developer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    partner_release = models.DateTimeField()
    public_release = models.DateTimeField()
    policy = models.ForeignKey("parties.PolicyVersion", on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=1000)
    drafted_at = models.DateTimeField(db_index=True)
    offered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    earliest_release = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(partner_release__lte=models.F("public_release")), name="review_releases_in_order"
            ),
        ]


class ConsentRow(models.Model):
    """A signed consent. ``statement`` is the canonical JSON that was signed; the signature is beside it."""

    id = models.CharField(primary_key=True, max_length=40, default=_consent_id)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="consents")
    number = models.PositiveIntegerField()
    statement = models.TextField()
    digest = models.CharField(max_length=71)
    opens = models.DateTimeField()
    closes = models.DateTimeField()
    signed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="consent_number_once"),
            models.CheckConstraint(condition=models.Q(opens__lt=models.F("closes")), name="consent_window_forward"),
        ]


class PartnerRow(models.Model):
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="partners")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    developer_signed = models.BooleanField(default=False)
    body_signed = models.BooleanField(default=False)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "organisation"], name="partner_once")]


class RequestRow(models.Model):
    """That something was asked, and what became of it. ``thread`` names what holds the words, in a room above."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="requests")
    thread = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    would_help_by = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread"], name="request_once")]
