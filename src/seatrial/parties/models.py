"""Tables of parties. ``Person`` is who signs in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from seatrial.kernel.ids import new_id

from .types import OrganisationKind, Role


def _organisation_id() -> str:
    return new_id("org")


def _person_id() -> str:
    return new_id("person")


def _token_id() -> str:
    return new_id("token")


def _invitation_id() -> str:
    return new_id("invitation")


def _delegation_id() -> str:
    return new_id("delegation")


def _declaration_id() -> str:
    return new_id("declaration")


class Organisation(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_organisation_id)
    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in OrganisationKind])
    public_key = models.CharField(max_length=64)
    created_at = models.DateTimeField()


class People(BaseUserManager["Person"]):
    """Finds a person by the e-mail address they sign in with, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    id = models.CharField(primary_key=True, max_length=40, default=_person_id)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField(default=0)
    compartments = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]


class Membership(models.Model):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in Role])
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation", "role"], name="membership_once"),
        ]


class PolicyVersion(models.Model):
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="policies")
    version = models.CharField(max_length=40)
    max_window_seconds = models.PositiveIntegerField()
    purposes = models.JSONField()
    terms = models.TextField()
    published_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    document = models.TextField()  # canonical JSON; what ``digest`` is the digest of
    digest = models.CharField(max_length=71)
    signature = models.JSONField(null=True)  # the body's; null for a version from before policies were signed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(max_window_seconds__gt=0, max_window_seconds__lte=30 * 24 * 3600),
                name="policy_thirty_days",
            ),
        ]


class Token(models.Model):
    """A personal API token, kept as a digest only."""

    id = models.CharField(primary_key=True, max_length=40, default=_token_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=71, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class RecipientKeyRow(models.Model):
    """A public key that files are sealed for, by its id. The private half is with the person and never here."""

    id = models.CharField(primary_key=True, max_length=71)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recipient_keys")
    pem = models.TextField()
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(retired_at=None), name="recipient_key_one_in_force"
            ),
        ]


class Invitation(models.Model):
    """A one-time link into an organisation; its secret is kept as a digest only."""

    id = models.CharField(primary_key=True, max_length=40, default=_invitation_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=200)
    roles = models.JSONField()
    invited_by = models.CharField(max_length=40)  # a person's id, or "operator"
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    digest = models.CharField(max_length=71, unique=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None), name="invitation_one_end"
            ),
        ]


class Delegation(models.Model):
    """A role of ``delegator`` that ``delegate`` has too, for a time."""

    id = models.CharField(primary_key=True, max_length=40, default=_delegation_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(role, role) for role in Role])
    delegator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(delegator=models.F("delegate")), name="delegation_to_another"),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="delegation_forward"),
        ]


class Declaration(models.Model):
    """A person's interests in one developer. A newer one replaces it; nothing is deleted."""

    id = models.CharField(primary_key=True, max_length=40, default=_declaration_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="declarations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    developer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    interests = models.JSONField()
    declared_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["developer", "declared_at"], name="declaration_of_developer")]
