"""Tables of coordination. States are columns of the case and its parties; messages and milestones are written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from seatrial.kernel.ids import new_id

from .types import CaseEnd, Delivery, EndReason, MilestoneKind, PartyRole, ReportStatus, Step


def _terms_id() -> str:
    return new_id("terms")


def _contact_id() -> str:
    return new_id("contact")


def _case_id() -> str:
    return new_id("case")


def _party_id() -> str:
    return new_id("party")


def _message_id() -> str:
    return new_id("message")


def _scan_id() -> str:
    return new_id("scan")


class TermsRow(models.Model):
    """Terms of disclosure that the clearinghouse published. A case keeps a copy of those it was opened under."""

    id = models.CharField(primary_key=True, max_length=40, default=_terms_id)
    version = models.CharField(max_length=40, unique=True)
    document = models.JSONField()  # see ``core.terms``
    published_at = models.DateTimeField(db_index=True)
    published_by = models.CharField(max_length=40)


class ContactRow(models.Model):
    """Somebody outside this instance whom a case can reach. Addresses are shown to analysts only."""

    id = models.CharField(primary_key=True, max_length=40, default=_contact_id)
    name = models.CharField(max_length=200)
    addresses = models.JSONField()  # URIs, the preferred first
    languages = models.JSONField(default=list)
    policy = models.JSONField(default=list)
    source = models.TextField(blank=True)  # the security.txt as it came; empty for addresses that were typed
    signed = models.BooleanField(default=False)  # it had a signature, which nobody verified
    expires_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=40)


class CaseRow(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_case_id)
    title = models.CharField(max_length=200)
    summary = models.TextField()  # what every told party reads, verbatim
    product = models.CharField(max_length=200)  # all that an invited party reads before it accepts
    priority = models.PositiveIntegerField()  # the lowest goes first
    owner = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    terms = models.JSONField()
    opened_at = models.DateTimeField(db_index=True)
    public_at = models.DateTimeField(null=True)
    exploit_at = models.DateTimeField(null=True)
    attacks_at = models.DateTimeField(null=True)
    active_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_for = models.CharField(max_length=20, blank=True, choices=[(reason, reason) for reason in EndReason])
    proposed_until = models.DateTimeField(null=True)
    proposed_by = models.CharField(max_length=40, blank=True)
    proposed_at = models.DateTimeField(null=True)
    proposed_why = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, db_index=True)
    closed_for = models.CharField(max_length=20, blank=True, choices=[(reason, reason) for reason in CaseEnd])
    closed_why = models.TextField(blank=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="coordination_exploit_is_public", condition=Q(exploit_at=None) | Q(public_at__isnull=False)
            ),
            models.CheckConstraint(
                name="coordination_no_embargo_once_known",
                condition=Q(active_until=None)
                | Q(ended_at__isnull=False)
                | Q(public_at=None, exploit_at=None, attacks_at=None)
                | Q(public_at__isnull=False, public_at__gte=models.F("active_until"))
                | Q(attacks_at__isnull=False, attacks_at__gte=models.F("active_until")),
            ),
            models.CheckConstraint(
                name="coordination_proposal_whole",
                condition=Q(proposed_until=None, proposed_at=None, proposed_by="")
                | Q(proposed_until__isnull=False, proposed_at__isnull=False) & ~Q(proposed_by=""),
            ),
            models.CheckConstraint(
                name="coordination_end_whole",
                condition=Q(closed_at=None, closed_for="", duplicate_of=None)
                | Q(closed_at__isnull=False, closed_for=CaseEnd.DUPLICATE, duplicate_of__isnull=False)
                | Q(closed_at__isnull=False, duplicate_of=None) & ~Q(closed_for__in=["", CaseEnd.DUPLICATE]),
            ),
        ]


class SubjectRow(models.Model):
    """What a case is about: the id of a report, finding or cluster. One is the subject of one case.

    ``followed_at``: when a report came in with its cluster; null for what was named at the opening, which stays.
    """

    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="subjects")
    subject = models.CharField(max_length=60, unique=True)
    followed_at = models.DateTimeField(null=True)


class PartyRow(models.Model):
    """``released_at`` is when it was invited in fact: before, the invitation waits for a maintainer's capacity."""

    id = models.CharField(primary_key=True, max_length=40, default=_party_id)
    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=20, choices=[(role, role) for role in PartyRole])
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(ContactRow, on_delete=models.PROTECT, null=True, related_name="+")
    report = models.CharField(max_length=40, blank=True)  # the reporter of it, who follows by a receipt code
    place = models.PositiveSmallIntegerField(default=0)  # in the reporter chain, nearest to the clearinghouse first
    invited_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    declined_why = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=[(state, state) for state in ReportStatus])
    told_at = models.DateTimeField(null=True)
    aware_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    deployed_at = models.DateTimeField(null=True)
    bound = models.BooleanField(default=False)  # accepted the embargo that was agreed
    said = models.BooleanField(null=True)  # to the proposal that stands
    last_word_at = models.DateTimeField(null=True)
    address = models.PositiveSmallIntegerField(default=0)  # which of the contact's addresses is in use

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "organisation"], name="coordination_party_once"),
            models.UniqueConstraint(fields=["case", "contact"], name="coordination_contact_once"),
            models.CheckConstraint(
                name="coordination_party_is_somebody",
                condition=Q(organisation__isnull=False) | Q(contact__isnull=False) | ~Q(report=""),
            ),
            models.CheckConstraint(
                name="coordination_fix_path_in_order",
                condition=(Q(ready_at=None) | Q(aware_at__isnull=False))
                & (Q(deployed_at=None) | Q(ready_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role", "released_at"], name="coordination_of_organisation")]


class MessageRow(models.Model):
    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, default=_message_id, unique=True)
    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="messages")
    party = models.ForeignKey(PartyRow, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    to = models.JSONField(null=True)  # ids of parties; null for all
    label = models.CharField(max_length=1000)


class MilestoneRow(models.Model):
    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in MilestoneKind])
    party = models.ForeignKey(PartyRow, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "party"], name="coordination_milestone_once_a_party"),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(party=None), name="coordination_milestone_once"
            ),
        ]


class RelayRow(models.Model):
    """That a milestone goes to one of the reporter chain; ``told_at`` is when it had it, null while somebody must."""

    milestone = models.ForeignKey(MilestoneRow, on_delete=models.PROTECT, related_name="relays")
    party = models.ForeignKey(PartyRow, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["milestone", "party"], name="coordination_relay_once")]


class EscalationRow(models.Model):
    """A step taken in one silence, which is known by when it began."""

    party = models.ForeignKey(PartyRow, on_delete=models.PROTECT, related_name="escalations")
    step = models.CharField(max_length=20, choices=[(step, step) for step in Step])
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "step", "since"], name="coordination_step_once")]


class CapacityRow(models.Model):
    organisation = models.OneToOneField("parties.Organisation", on_delete=models.PROTECT, primary_key=True)
    open_at_once = models.PositiveIntegerField()
    per_week = models.PositiveIntegerField()
    quiet_weekdays = models.JSONField()
    quiet_dates = models.JSONField()
    delivery = models.CharField(max_length=10, choices=[(delivery, delivery) for delivery in Delivery])
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=40)


class ScannerRow(models.Model):
    """One row for each organisation that registers scans, locked while it does, so that a day is counted right."""

    organisation = models.OneToOneField("parties.Organisation", on_delete=models.PROTECT, primary_key=True)


class ScanRow(models.Model):
    """That an organisation scans a package; of the package there is only a digest under the instance's key."""

    id = models.CharField(primary_key=True, max_length=40, default=_scan_id)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=71, db_index=True)
    opens = models.DateTimeField()
    closes = models.DateTimeField()
    identity = models.CharField(max_length=200)  # what the other lab is shown: agent, networks, whom to write to
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=models.F("opens")), name="coordination_scan_forward"),
        ]
        indexes = [models.Index(fields=["organisation", "registered_at"], name="coordination_scans_of")]


class ToldOverlap(models.Model):
    """That the organisation of ``scan`` was told of ``other``, so that it is told once."""

    scan = models.ForeignKey(ScanRow, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(ScanRow, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scan", "other"], name="coordination_overlap_told_once")]
