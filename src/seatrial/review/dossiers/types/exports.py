"""Documents made from a dossier, each written in several ways. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from seatrial.kernel.digests import Digest

from .marking import Audience


class Family(enum.StrEnum):
    """What sort of document is made."""

    SYSTEM_CARD = "system-card"
    EU_MODEL_REPORT = "eu-model-report"
    SB53_REPORT = "sb53-report"
    STREAM = "stream"
    ML_BOM = "ml-bom"


class Form(enum.StrEnum):
    """A document and how it is written."""

    SYSTEM_CARD_MD = "system-card-md"
    SYSTEM_CARD_HTML = "system-card-html"
    SYSTEM_CARD_PDF = "system-card-pdf"
    EU_MODEL_REPORT_MD = "eu-model-report-md"
    EU_MODEL_REPORT_HTML = "eu-model-report-html"
    EU_MODEL_REPORT_PDF = "eu-model-report-pdf"
    SB53_REPORT_MD = "sb53-report-md"
    SB53_REPORT_HTML = "sb53-report-html"
    SB53_REPORT_PDF = "sb53-report-pdf"
    STREAM_MD = "stream-md"
    STREAM_HTML = "stream-html"
    STREAM_PDF = "stream-pdf"
    STREAM_CSV = "stream-csv"
    STREAM_JSON = "stream-json"
    ML_BOM = "ml-bom"

    @property
    def family(self) -> Family:
        return next(family for family in Family if self.value.startswith(family.value))

    @property
    def ending(self) -> str:
        """How the file's name ends: ``md``, ``html``, ``pdf``, ``csv``, ``json`` or ``cdx.json``."""
        return self.value.removeprefix(self.family.value).lstrip("-") or "cdx.json"


@dataclass(frozen=True, slots=True)
class Lack:
    """One field that a document asks for and the dossier lacks, as a sentence that names it."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Export:
    """A document as a file. ``lacks`` is what its family still asks for, ``notes`` what a reader of it should know."""

    form: Form
    name: str
    media_type: str
    data: bytes
    digest: Digest
    lacks: tuple[Lack, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A family of documents that can be made: its forms, and what it still asks for."""

    family: Family
    title: str
    about: str
    forms: tuple[Form, ...]
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class ExportsView:
    """The documents that can be made of one version, for the asker or for an audience."""

    review: str
    version: int
    audience: Audience | None
    offers: tuple[Offer, ...]
