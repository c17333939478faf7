"""Tables of determinations and of the requests for them. What a memo, an answer or a post says is written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Finding, Stance


def _determination_id() -> str:
    return new_id("determination")


def _request_id() -> str:
    return new_id("request")


def _consultation_id() -> str:
    return new_id("consultation")


def _post_id() -> str:
    return new_id("post")


class DeterminationRequest(models.Model):
    """What a developer asks a body. ``label`` is the developer's alone until it is asked."""

    id = models.CharField(primary_key=True, max_length=40, default=_request_id)
    developer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    model = models.CharField(max_length=200)
    artefact = models.CharField(max_length=71, blank=True)
    description = models.TextField()
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, null=True, related_name="+")
    dossier_version = models.PositiveIntegerField(null=True)
    label = models.CharField(max_length=1000)
    drafted_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="request_asked_before_the_rest",
                condition=Q(asked_at__isnull=False) | Q(acknowledged_at__isnull=True, closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="request_dossier_of_a_review",
                condition=Q(dossier_version__isnull=True) | Q(review__isnull=False),
            ),
        ]


class Determination(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_determination_id)
    developer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(DeterminationRequest, on_delete=models.PROTECT, null=True, related_name="+")
    campaign = models.CharField(max_length=40, blank=True)  # empty: on documents alone
    reconsiders = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    finding = models.CharField(max_length=20, choices=[(finding, finding) for finding in Finding])
    reasons = models.TextField()
    memo = models.TextField()  # canonical JSON, what the digest covers
    memo_digest = models.CharField(max_length=71)
    label = models.CharField(max_length=1000)
    twin = models.TextField(blank=True)  # canonical JSON of what the developer gets instead; empty: the whole memo
    twin_digest = models.CharField(max_length=71, blank=True)
    twin_label = models.CharField(max_length=1000, blank=True)
    drafted_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)
    statement = models.TextField(null=True)
    statement_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="determination_three_words", condition=Q(finding__in=[f.value for f in Finding])
            ),
            models.CheckConstraint(
                name="determination_statement_once_shared",
                condition=Q(statement__isnull=True, statement_at__isnull=True)
                | Q(statement__isnull=False, statement_at__isnull=False, shared_at__isnull=False),
            ),
            models.CheckConstraint(
                name="determination_on_one_thing",
                condition=Q(review__isnull=False, request__isnull=True) | Q(review__isnull=True, request__isnull=False),
            ),
            models.CheckConstraint(
                name="determination_unmeasured_is_open",
                condition=~Q(campaign="") | Q(finding=Finding.NOT_DETERMINED.value),
            ),
        ]


class DeterminationSignature(models.Model):
    determination = models.ForeignKey(Determination, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    value = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["determination", "person"], name="determination_signed_once_each"),
        ]


class Consultation(models.Model):
    """Who was consulted and what was said: written once. ``number`` is the order of recording."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=_consultation_id)
    body = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey("cases.Review", on_delete=models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(DeterminationRequest, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.CharField(max_length=200)
    person = models.CharField(max_length=200, blank=True)
    capacity = models.CharField(max_length=200)
    stance = models.CharField(max_length=20, choices=[(stance, stance) for stance in Stance])
    words = models.TextField(blank=True)
    on = models.DateField()
    label = models.CharField(max_length=1000)
    recorded_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consultation_on_one_thing",
                condition=Q(review__isnull=False, request__isnull=True) | Q(review__isnull=True, request__isnull=False),
            ),
            models.CheckConstraint(name="consultation_stance", condition=Q(stance__in=[s.value for s in Stance])),
        ]


class RequestAnswer(models.Model):
    request = models.ForeignKey(DeterminationRequest, on_delete=models.PROTECT, related_name="answers")
    determination = models.ForeignKey(Determination, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "determination"], name="request_answered_by_another"),
        ]


class Reconsideration(models.Model):
    request = models.ForeignKey(DeterminationRequest, on_delete=models.PROTECT, related_name="reconsiderations")
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reasons = models.TextField()
    evidence = models.TextField(blank=True)
    named = models.JSONField(default=list)  # [[kind, ref, what, digest]]


class RequestPost(models.Model):
    """Words on a request. ``number`` is the order of writing over the whole instance, and is shown to nobody."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=_post_id)
    request = models.ForeignKey(DeterminationRequest, on_delete=models.PROTECT, related_name="posts")
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=12)
    at = models.DateTimeField()
    text = models.TextField()
