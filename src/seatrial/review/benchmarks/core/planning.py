"""What a campaign may send and what that costs it, settled before the first attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample, fixed_sample_of_cells, smallest_error
from seatrial.review.benchmarks.types import Manifest, Threshold


def exclusions(manifest: Manifest, channel: Label, missing: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(item, why it will never be sent), in the suite's order.

    ``channel`` is the label the consent accredits the channel for; an item that is labelled beyond it must
    not pass through. ``missing`` names the tools this machine lacks, each with one sentence.
    """
    found = []
    for item in manifest.items:
        lacking = sorted(missing.keys() & set(item.needs))
        if not channel.dominates(item.label):
            found.append((item.id, f"its label {item.label} exceeds what the channel is accredited for ({channel})"))
        elif lacking:
            found.append((item.id, "; ".join(missing[tool] for tool in lacking)))
    return tuple(found)


def power_note(threshold: Threshold, *, items: int, excluded: int, cells: int) -> str | None:
    """What the exclusions and the number of cells mean for the verdict, or ``None`` if nothing needs saying."""
    said = []
    if excluded:
        said.append(
            f"{excluded} of {items} items are never sent; the verdict speaks of the other {items - excluded} only."
        )
    if 0 < excluded < items and cells:
        before = round(cells * items / (items - excluded))
        said.append(power_lost(threshold, cells_before=before, cells_after=cells).sentence)
    needed = fixed_sample(threshold)
    if cells < needed:
        said.append(
            f"With {cells} cells the mean of these cells can be decided, but they are fewer than the {needed} "
            "independent attempts that would settle the model's rate on such items."
        )
    return " ".join(said) or None


@dataclass(frozen=True, slots=True)
class PowerLost:
    """What excluding cells costs. Errors are those at which all cells, as independent draws, settle a rate's side of
    the zone; attempts those of a fixed-sample plan over the cells. ``swing``: by how much at most the mean over all
    cells, the excluded among them, can differ from the mean over those that are left.
    """

    error_before: float
    error_after: float
    attempts_before: int
    attempts_after: int
    swing: float

    @property
    def sentence(self) -> str:
        return (
            f"The exclusions raise the error at which the cells settle the model's rate from {self.error_before:.2%} "
            f"to {self.error_after:.2%}, and the mean over the whole suite may lie up to {self.swing:.0%} of the scale "
            "away."
        )


def power_lost(threshold: Threshold, *, cells_before: int, cells_after: int) -> PowerLost:
    """Raises ``Misuse`` (``no-cells``) unless at least one cell is left of those before."""
    if not 1 <= cells_after <= cells_before:
        raise Misuse("no-cells", f"Of {cells_before} cells {cells_after} cannot be left; keep at least one.")
    return PowerLost(
        error_before=smallest_error(threshold, cells_before),
        error_after=smallest_error(threshold, cells_after),
        attempts_before=fixed_sample_of_cells(threshold, cells_before),
        attempts_after=fixed_sample_of_cells(threshold, cells_after),
        swing=1 - cells_after / cells_before,
    )
