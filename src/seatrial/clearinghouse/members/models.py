"""Tables of members: who they are, what is mirrored of them, and what could not be."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import Role


def _member_id() -> str:
    return new_id("member")


class MemberRow(models.Model):
    """A provider whose feed is followed, until it is ended."""

    id = models.CharField(primary_key=True, max_length=40, default=_member_id)
    name = models.CharField(max_length=60)  # its folder here
    url = models.CharField(max_length=500)
    mirror = models.BooleanField()
    role = models.CharField(max_length=30, choices=[(role, role) for role in Role])
    title = models.CharField(max_length=200)
    publisher = models.JSONField()
    updated = models.CharField(max_length=60, blank=True)  # by its own word
    certificates = models.JSONField(default=dict)  # by fingerprint, in ASCII armour
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=40)
    read_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_index=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    why = models.TextField(blank=True)
    number = models.PositiveBigIntegerField(default=0)  # of the last change of what is told of it
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(ended_at=None), name="members_one_name"),
            models.UniqueConstraint(fields=["url"], condition=Q(ended_at=None), name="members_one_url"),
        ]


class DocumentRow(models.Model):
    """A document of a member as it was read and verified last; ``number`` grows with every change of any."""

    member = models.ForeignKey(MemberRow, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveBigIntegerField(unique=True)
    url = models.CharField(max_length=1000)
    listed = models.CharField(max_length=60, blank=True)  # the list's own word of its last change
    path = models.CharField(max_length=300)
    tracking = models.CharField(max_length=300)
    facts = models.JSONField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    signature = models.TextField()
    at = models.DateTimeField()
    gone = models.BooleanField(default=False)  # its member lists it no more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "url"], name="members_document_once"),
            models.UniqueConstraint(fields=["member", "path"], condition=Q(gone=False), name="members_path_once"),
        ]


class FaultRow(models.Model):
    """A document that was listed and could not be mirrored, and why; read again once the list says it changed."""

    member = models.ForeignKey(MemberRow, on_delete=models.CASCADE, related_name="faults")
    url = models.CharField(max_length=1000)
    listed = models.CharField(max_length=60, blank=True)
    why = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "url"], name="members_fault_once")]


class Change(models.Model):
    """One row, locked while a number is taken, so that numbers stand in the order in which they can be read."""

    last = models.PositiveBigIntegerField(default=0)
