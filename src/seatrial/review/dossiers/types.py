"""The words of a dossier: written once by the developer, shared as it marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label


@dataclass(frozen=True, slots=True)
class Section:
    """One part under its own label; ``body`` is Markdown."""

    key: str  # model, variants, capabilities, threat-model, evaluations, safeguards, open-issues
    title: str
    body: str
    label: Label


@dataclass(frozen=True, slots=True)
class DossierView:
    """A version of a dossier as the asker may read it; ``withheld`` counts the sections left out."""

    review: str
    version: int
    sections: tuple[Section, ...]
    withheld: int
    digest: Digest
    at: datetime
