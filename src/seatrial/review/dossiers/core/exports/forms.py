"""Every form of every document, as one table; and what each family still asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from seatrial.review.dossiers.types import Dossier, Family, Form, Lack, Offer

from . import ml_bom, model_report, stream, system_card, transparency_report
from .asking import lacks
from .page import Page

MEDIA: Mapping[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "cdx.json": "application/vnd.cyclonedx+json; version=1.6",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of documents: its name, the page it is written from (if it is one), and what it still asks for."""

    title: str
    about: str
    missing: Callable[[Dossier], tuple[Lack, ...]]
    page: Callable[[Dossier, datetime], Page] | None


KINDS: Mapping[Family, Kind] = {
    Family.SYSTEM_CARD: Kind(
        "System card",
        "The whole dossier as people read one.",
        lambda document: lacks(document, system_card.ASKS, "A system card"),
        system_card.page,
    ),
    Family.EU_MODEL_REPORT: Kind(
        "EU Safety and Security Model Report",
        "By Measures 7.1 to 7.5 of the General-Purpose AI Code of Practice.",
        lambda document: lacks(document, model_report.ASKS, model_report.FORM),
        model_report.page,
    ),
    Family.SB53_REPORT: Kind(
        "California SB 53 transparency report",
        "By section 22757.12(c), its redactions described as (f) asks.",
        lambda document: lacks(document, transparency_report.ASKS, transparency_report.FORM),
        transparency_report.page,
    ),
    Family.STREAM: Kind(
        "STREAM tables",
        "Each evaluation against the 28 criteria of STREAM (ChemBio) version 1.",
        stream.missing,
        stream.page,
    ),
    Family.ML_BOM: Kind(
        "CycloneDX ML-BOM",
        "A bill of materials with a model card, CycloneDX 1.6, checked against its schema.",
        lambda document: lacks(document, ml_bom.ASKS, ml_bom.FORM),
        None,
    ),
}


def missing(document: Dossier, family: Family) -> tuple[Lack, ...]:
    """What the dossier still lacks for a family of documents: sentences that name the field."""
    return KINDS[family].missing(document)


def file_name(document: Dossier, form: Form) -> str:
    """A name for the file: the model's, in letters every file system takes, then the form's."""
    letters = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in document.model.name.lower())
    name = "-".join(part for part in letters.split("-") if part)[:60] or "model"
    return f"{name}-{form.family.value}.{form.ending}"


def offers(document: Dossier) -> tuple[Offer, ...]:
    """Every family with its forms and what it still asks for."""
    return tuple(
        Offer(
            family=family,
            title=kind.title,
            about=kind.about,
            forms=tuple(form for form in Form if form.family is family),
            lacks=kind.missing(document),
        )
        for family, kind in KINDS.items()
    )
