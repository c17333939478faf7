"""What stands on top of every document: which model, by whom, as of when, and that something is left out."""

from __future__ import annotations

from datetime import datetime

from seatrial.review.dossiers.core.writing import digest_of_dossier
from seatrial.review.dossiers.types import Dossier

from .page import Run, Runs, code_runs, plain_runs
from .reading import left_out_places


def about(document: Dossier, at: datetime) -> tuple[tuple[str, Runs], ...]:
    """The facts of the document itself. The digest pins the dossier that the reader was given, not what it lacks."""
    gone = sum(1 for _ in left_out_places(document))
    rows = [
        ("Model", plain_runs(" ".join(part for part in (document.model.name, document.model.version) if part))),
        ("Developer", plain_runs(document.model.developer)),
        ("As of", plain_runs(f"{at:%d %B %Y}".lstrip("0"))),
        ("Made from", (Run("dossier "), *code_runs(digest_of_dossier(document)))),
    ]
    if gone:
        places = "one place" if gone == 1 else f"{gone} places"
        rows.append(("Left out", plain_runs(f"something in {places}, each marked where it would stand")))
    return tuple((term, runs) for term, runs in rows if runs)
