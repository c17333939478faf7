"""The tables of triage. A judgement is never changed; links are undone, not removed."""

from __future__ import annotations

from django.db import models

from seatrial.clearinghouse.proofs.types import OracleKind, PatchVerdict, Verdict
from seatrial.kernel.ids import new_id

from .types import Act


def _judgement_id() -> str:
    return new_id("judgement")


def _patch_id() -> str:
    return new_id("patch")


class Judgement(models.Model):
    id = models.CharField(primary_key=True, max_length=40, default=_judgement_id)
    report = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    latest = models.BooleanField(default=True)
    verdict = models.CharField(max_length=20, choices=[(verdict, verdict) for verdict in Verdict])
    reason = models.TextField()
    fired = models.PositiveIntegerField()
    runs = models.PositiveIntegerField()
    oracle = models.CharField(max_length=20, blank=True, choices=[(kind, kind) for kind in OracleKind])
    over_network = models.BooleanField(default=False)
    crash = models.JSONField(null=True)  # ``CrashFacts`` in JSON
    target = models.CharField(max_length=71, blank=True, db_index=True)
    key = models.CharField(max_length=71, blank=True, db_index=True)  # equal: the same crash of the same target
    recipe = models.CharField(max_length=71, blank=True)
    environment = models.CharField(max_length=71, blank=True)
    transcript = models.BinaryField()  # JSON, packed with zlib
    seconds = models.FloatField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=models.Q(latest=True), name="judgement_one_latest"),
        ]


class Place(models.Model):
    """Where a report stands: in which cluster, and in the queue. Always what judgements, links and lists say, kept so
    that the queue need not work it out; smaller comes first (``core.priority.order``).
    """

    report = models.OneToOneField("findings.Report", on_delete=models.PROTECT, primary_key=True, related_name="+")
    cluster = models.CharField(max_length=40, db_index=True)  # named after its first report
    head = models.BooleanField(default=True)  # the first of its cluster, which stands for it in the queue
    waiting = models.BooleanField(default=True)  # nobody has settled the report
    label = models.CharField(max_length=1000, db_index=True)
    scope = models.CharField(max_length=200, db_index=True)  # the product, whatever its case: likeness stays within it
    proven = models.PositiveSmallIntegerField()
    urgency = models.SmallIntegerField()
    unused = models.PositiveSmallIntegerField()  # 0 if it is known to be exploited
    exposed = models.IntegerField()  # negative
    score = models.FloatField()  # negative
    epss = models.FloatField()  # negative
    since = models.DateTimeField()
    action = models.CharField(max_length=10)
    word = models.CharField(max_length=10)  # for the score
    vector = models.CharField(max_length=100)
    why = models.TextField()
    cves = models.TextField(blank=True)  # those it names, parted by blanks

    ORDER = ("proven", "urgency", "unused", "exposed", "score", "epss", "since", "report_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster"], condition=models.Q(head=True), name="place_one_head"),
        ]
        indexes = [
            models.Index(
                fields=["proven", "urgency", "unused", "exposed", "score", "epss", "since", "report"],
                condition=models.Q(head=True, waiting=True),
                name="place_queue",
            ),
        ]


class Decision(models.Model):
    """A person's word on reports; the number orders decisions."""

    act = models.CharField(max_length=10, choices=[(act, act) for act in Act])
    reason = models.TextField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    undone_by = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True)


class Named(models.Model):
    """A report that a decision names, and on which side."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="names")
    report = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    right = models.BooleanField()


class Relation(models.Model):
    """What one patch showed of two reports: it stops both proofs, or one and not the other."""

    one = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    same = models.BooleanField()
    patch = models.CharField(max_length=71)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other", "patch"], name="relation_once_a_patch")]


class Turn(models.Model):
    """Whose turn it is to judge: one docket at a time, which says again and again that it lives."""

    what = models.CharField(primary_key=True, max_length=20)
    holder = models.CharField(max_length=40)
    until = models.DateTimeField()


class Patch(models.Model):
    """A candidate patch that somebody gave, and what was found of it. Nothing is ever applied."""

    id = models.CharField(primary_key=True, max_length=40, default=_patch_id)
    report = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=71)
    diff = models.BinaryField()
    verdict = models.CharField(max_length=20, blank=True, choices=[(one, one) for one in PatchVerdict])  # once checked
    reason = models.TextField(blank=True)
    checks = models.JSONField(default=list)  # [[name, passed or null, why], …]
    stopped = models.JSONField(default=list)  # other reports of the target whose proofs it silences
    untouched = models.JSONField(default=list)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "digest"], name="patch_once_a_report")]
        indexes = [models.Index(fields=["at"], condition=models.Q(checked_at=None), name="patch_waiting")]


class Said(models.Model):
    """A decision point of SSVC that a person set for a report; the latest counts."""

    report = models.ForeignKey("findings.Report", on_delete=models.PROTECT, related_name="+")
    point = models.CharField(max_length=20)
    value = models.CharField(max_length=20)
    reason = models.TextField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()


class KnownExploited(models.Model):
    cve = models.CharField(primary_key=True, max_length=30)
    since = models.DateField()


class ExploitScore(models.Model):
    cve = models.CharField(primary_key=True, max_length=30)
    score = models.FloatField()
    percentile = models.FloatField()
    day = models.DateField()
