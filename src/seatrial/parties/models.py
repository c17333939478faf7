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
