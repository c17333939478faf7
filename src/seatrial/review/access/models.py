"""Tables of access. No secret stands in them: keys as digests, the developer's credential sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id
from seatrial.review.access.types import Side


def _credential_id() -> str:
    return new_id("credential")


def _account_id() -> str:
    return new_id("account")


def _batch_id() -> str:
    return new_id("batch")


def _exchange_id() -> str:
    return new_id("exchange")


def _body_id() -> str:
    return new_id("body")


class AccessKey(models.Model):
    id = models.CharField(primary_key=True, max_length=40)  # stands in the key's text
    digest = models.CharField(max_length=71, unique=True)
    person = models.CharField(max_length=40)
    review = models.CharField(max_length=40, db_index=True)
    developer = models.CharField(max_length=40)
    body = models.CharField(max_length=40)
    home = models.CharField(max_length=40)  # for which organisation its holder calls: the body or a partner
    purpose = models.CharField(max_length=100)
    label = models.CharField(max_length=1000)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class UpstreamCredential(models.Model):
    """The secret with which the gateway calls the developer's endpoint, sealed for its review."""

    id = models.CharField(primary_key=True, max_length=40, default=_credential_id)
    review = models.CharField(max_length=40, unique=True)
    sealed = models.TextField()
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField()


class Account(models.Model):
    """What a consent, and every consent that only narrowed it, was charged. Reservations of calls in flight count.

    A partner's grant is charged apart from the body's consent.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_account_id)
    review = models.CharField(max_length=40, db_index=True)
    home = models.CharField(max_length=40)  # the body, or the partner
    consent = models.CharField(max_length=40, unique=True)  # the latest one it was charged under, or the grant
    number = models.PositiveIntegerField()  # of the account, among those of its home
    terms = models.JSONField()  # that consent, to see whether a later one gives more
    developer = models.CharField(max_length=40)
    body = models.CharField(max_length=40)
    label = models.CharField(max_length=1000)
    requests = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    in_flight = models.PositiveIntegerField(default=0)
    money = models.PositiveBigIntegerField(default=0)  # millionths of the currency of the tariff in ``terms``


class Batch(models.Model):
    """Exchanges of one review that ended at one gateway, under one ledger entry."""

    id = models.CharField(primary_key=True, max_length=40, default=_batch_id)
    review = models.CharField(max_length=40)
    gateway = models.CharField(max_length=300)
    log = models.CharField(max_length=60)
    index = models.PositiveBigIntegerField()  # of the ledger's entry
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="batch_entry_once", fields=["log", "index"])]


class Exchange(models.Model):
    """One call that was let through, durable before it is forwarded; the second half is filled when it ended.

    Written by statement in ``actions.rounds``: what comes many times a second."""

    id = models.CharField(primary_key=True, max_length=40, default=_exchange_id)
    key = models.ForeignKey(AccessKey, on_delete=models.PROTECT, related_name="exchanges", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="exchanges", db_index=False)
    review = models.CharField(max_length=40)
    developer = models.CharField(max_length=40)
    body = models.CharField(max_length=40)
    person = models.CharField(max_length=40)
    consent = models.CharField(max_length=40)
    build = models.CharField(max_length=71)
    purpose = models.CharField(max_length=100)
    gateway = models.CharField(max_length=300)
    at = models.DateTimeField()
    ends_at = models.DateTimeField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=1000)
    model = models.CharField(max_length=200, blank=True)  # as the body named it
    logits = models.BooleanField()
    request_digest = models.CharField(max_length=71)
    request_bytes = models.PositiveBigIntegerField()
    reserved = models.PositiveBigIntegerField()
    price = models.CharField(max_length=60, blank=True, default="")  # what it is charged by: core.prices.price_text
    reserved_money = models.PositiveBigIntegerField(default=0)
    label = models.CharField(max_length=1000)

    ended = models.CharField(max_length=40, null=True)
    settled_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    response_digest = models.CharField(max_length=71, null=True)
    response_bytes = models.PositiveBigIntegerField(default=0)
    prompt_tokens = models.PositiveBigIntegerField(null=True)
    completion_tokens = models.PositiveBigIntegerField(null=True)
    first_byte_seconds = models.FloatField(null=True)
    seconds = models.FloatField(null=True)

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="exchanges")
    place = models.PositiveIntegerField(null=True)  # in the batch's tree

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exchange_settled_whole",
                condition=Q(ended=None, settled_at=None, status=None)
                | Q(ended__isnull=False, settled_at__isnull=False, status__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="exchange_of_review", fields=["review", "-at"]),
            models.Index(name="exchange_unproven", fields=["gateway"], condition=Q(batch=None)),
        ]


class KeptBody(models.Model):
    """A body of an exchange whose consent has it kept. The row stands before the file, and outlives it."""

    id = models.CharField(primary_key=True, max_length=40, default=_body_id)
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="bodies", db_index=False)
    review = models.CharField(max_length=40)
    side = models.CharField(max_length=10, choices=[(side.value, side.value) for side in Side])
    days = models.PositiveIntegerField()  # to be kept after the exchange's end
    until = models.DateTimeField()  # counted from the end of the right until the exchange has ended

    whole = models.BooleanField(null=True)  # None while it is being written
    digest = models.CharField(max_length=71, null=True)  # of the sealed file; None if there is none
    size = models.PositiveBigIntegerField(default=0)

    destroyed_at = models.DateTimeField(null=True)
    log = models.CharField(max_length=60, blank=True)  # where the entry of its destruction stands
    index = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="body_once", fields=["exchange", "side"]),
            models.CheckConstraint(
                name="body_destroyed_whole",
                condition=Q(destroyed_at=None, index=None) | Q(destroyed_at__isnull=False, index__isnull=False),
            ),
        ]
        indexes = [models.Index(name="body_to_destroy", fields=["review", "until"], condition=Q(destroyed_at=None))]
