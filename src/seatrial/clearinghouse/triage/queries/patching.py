"""What a patch is checked with: its report's proof, other reproducers of the flaw, the target's other proofs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.clearinghouse.triage.models import Judgement, Patch, Place
from seatrial.clearinghouse.triage.types import CheckedPatch

MOST_VARIANTS, MOST_OTHERS = 20, 60


@dataclass(frozen=True, slots=True)
class PatchJob:
    """Report ids, for whoever fetches their proofs. ``recipes`` tells the report of each recipe."""

    patch: str
    diff: bytes
    report: str
    variants: tuple[str, ...]  # reproduced, in the same cluster
    others: tuple[str, ...]  # reproduced, of the same target, elsewhere
    recipes: dict[str, str]


def checked_patches(digests: Collection[str]) -> tuple[CheckedPatch, ...]:
    """What machines found of patches with these digests (``sha256:…``), the first check of each. For the house."""
    rows = Patch.objects.filter(digest__in=digests, checked_at__isnull=False).order_by("checked_at", "id")
    found: dict[str, CheckedPatch] = {}
    for row in rows:
        checks = tuple((str(name), passed) for name, passed, _ in row.checks)
        known = CheckedPatch(row.digest, row.report_id, row.verdict, checks, row.checked_at)  # type: ignore[arg-type]
        found.setdefault(row.digest, known)
    return tuple(found.values())


def next_patch() -> PatchJob | None:
    """The patch that has waited longest."""
    row = Patch.objects.filter(checked_at=None).order_by("at", "id").first()
    if row is None:
        return None
    target = Judgement.objects.filter(report=row.report_id, latest=True).values_list("target", flat=True).first()
    shown = Judgement.objects.filter(target=target or "-", latest=True, verdict=Verdict.REPRODUCED)
    recipes = {recipe: report for report, recipe in shown.order_by("report_id").values_list("report_id", "recipe")}
    clusters = dict(Place.objects.filter(report__in=recipes.values()).values_list("report_id", "cluster"))
    mine = Place.objects.filter(report=row.report_id).values_list("cluster", flat=True).first()
    elsewhere = [report for report in recipes.values() if report != row.report_id]
    variants = [report for report in elsewhere if clusters.get(report) == mine][:MOST_VARIANTS]
    others = [report for report in elsewhere if clusters.get(report) != mine][:MOST_OTHERS]
    return PatchJob(row.id, bytes(row.diff), row.report_id, tuple(variants), tuple(others), recipes)
