"""Tables of reviews. Consents are written once; a review's row holds its dates."""

from __future__ import annotations

from django.db import models

from seatrial.kernel.ids import new_id


def _review_id() -> str:
    return new_id("review")


def _consent_id() -> str:
    return new_id("consent")


def _item_id() -> str:
    return new_id("item")


def _canary_id() -> str:
    return new_id("planted")


def _leak_id() -> str:
    return new_id("leak")


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
    contained = models.BooleanField(default=False)  # a leak was reported since the developer last signed

    class Meta:
        indexes = [
            models.Index(fields=["body", "-drafted_at"], name="review_of_body"),
            models.Index(fields=["developer", "-drafted_at"], name="review_of_developer"),
        ]
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
    narrowed = models.BooleanField(default=False)  # it only took away from the one before
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


class CountersignatureRow(models.Model):
    """A further signature under a consent, for the weights; it holds for what that consent is narrowed to as well."""

    consent = models.ForeignKey(ConsentRow, on_delete=models.PROTECT, related_name="countersignatures")
    side = models.CharField(max_length=10)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consent", "person"], name="countersigned_once_each")]


class PartnerRow(models.Model):
    """A trusted partner. ``statement`` is what the developer signed; ``body_signature`` covers the same bytes."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="partners")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    proposed_by = models.CharField(max_length=10, default="developer")
    criteria = models.TextField(blank=True)
    grant = models.CharField(max_length=40, blank=True)
    statement = models.TextField(blank=True)
    developer_signature = models.JSONField(null=True)
    body_signature = models.JSONField(null=True)
    body_signed = models.BooleanField(default=False)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "organisation"], name="partner_once"),
            models.CheckConstraint(
                name="partner_body_signs_something", condition=models.Q(body_signed=False) | ~models.Q(statement="")
            ),
        ]


class ItemRow(models.Model):
    """One thing that left the developer's hands, or that the body says it keeps; with the word on its destruction."""

    id = models.CharField(primary_key=True, max_length=40, default=_item_id)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20)
    text = models.TextField()
    holder = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=71, blank=True)
    due_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField()
    listed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField(null=True)
    attested_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    attestation = models.TextField(blank=True)
    signature = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="item_attested_whole",
                condition=models.Q(attested_at=None, attested_by=None, signature=None)
                | models.Q(attested_at__isnull=False, attested_by__isnull=False, signature__isnull=False),
            ),
        ]


class CanaryRow(models.Model):
    """A string planted in what was handed over, kept as a digest only: its discovery elsewhere says what leaked."""

    id = models.CharField(primary_key=True, max_length=40, default=_canary_id)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="canaries")
    digest = models.CharField(max_length=71, unique=True)
    place = models.TextField()
    planted_at = models.DateTimeField()


class LeakRow(models.Model):
    """A report of a leak. Its words are the developer's to read first."""

    id = models.CharField(primary_key=True, max_length=40, default=_leak_id)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="leaks")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)  # a person's id, or "finder" for somebody unknown
    found = models.TextField()
    canary = models.ForeignKey(CanaryRow, on_delete=models.PROTECT, related_name="hits", null=True)
    acknowledged_at = models.DateTimeField(null=True)


class RequestRow(models.Model):
    """That something was asked, and what became of it. ``thread`` names what holds the words, in a room above."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="requests")
    thread = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    would_help_by = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread"], name="request_once")]
