"""The door to dossiers.

What hands out a version to somebody outside the developer keeps that it was seen, for the developer (V13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Seen

from . import queries
from .actions import compose, compose_section, share, sign
from .adapters.bom_schema import CycloneDxSchema
from .adapters.drawing import VegaDraughtsman
from .adapters.exporting import PAPER, Exporter
from .adapters.printing import TypstPrinter
from .core.derive import check_whole
from .core.exports import forms
from .core.exports.page import (
    Attached,
    Block,
    Code,
    Column,
    Facts,
    Figure,
    Heading,
    Listing,
    Note,
    Page,
    Paragraph,
    Quote,
    Run,
    Table,
)
from .core.progress import blank, progress
from .core.reading import LARGEST_FILE, Fault, Faulty, from_bytes, from_plain
from .core.rules import Standing
from .core.schema import schema
from .core.shape import SECTIONS, Field, Kind, field_of, fields_of
from .core.twin import twin
from .core.writing import as_json, as_json_text, as_toml, canonical_json, digest_of_dossier, part_json
from .queries import begun, preview, source, versions
from .types import Audience, DiffView, Dossier, DossierView, Export, ExportsView, Family, Form, Lack

__all__ = [
    "LARGEST_FILE",
    "PAPER",
    "SECTIONS",
    "Attached",
    "Block",
    "Code",
    "Column",
    "Facts",
    "Fault",
    "Faulty",
    "Field",
    "Figure",
    "Heading",
    "Kind",
    "Listing",
    "Note",
    "Page",
    "Paragraph",
    "Quote",
    "Run",
    "Table",
    "as_json",
    "as_json_text",
    "as_toml",
    "begun",
    "blank",
    "canonical_json",
    "check_whole",
    "compose",
    "compose_section",
    "diff",
    "digest_of_dossier",
    "dossier",
    "export",
    "export_document",
    "exports",
    "field_of",
    "fields_of",
    "from_bytes",
    "from_plain",
    "lacking",
    "part_json",
    "preview",
    "print_page",
    "progress",
    "schema",
    "share",
    "sign",
    "source",
    "versions",
]

_EXPORTER = Exporter(TypstPrinter(), VegaDraughtsman(), CycloneDxSchema())
_NOBODY = Standing(developer="", body="")


def export(
    asking: Actor,
    review: str,
    form: Form,
    *,
    at: datetime,
    audience: Audience | None = None,
    partner: str = "",
    version: int | None = None,
) -> Export:
    """One document of a review's dossier, as of ``at``: as the asker may read it, or (the developer's) for an audience.

    Its file was searched for everything that is left out. Raises ``NotFound`` (``no-dossier``), ``Misuse``
    (``source-withheld``), ``Refused`` (``text-would-remain``) or ``Unavailable`` (``cannot-print``).
    """
    found, made = queries.leaving(asking, review, version, audience, partner)
    threads.saw(asking=asking, review=review, kind=Seen.EXPORT, object=f"version-{found}-{form.value}", at=at)
    return _EXPORTER.export(made.document, form, at, protected=made.protected)


def exports(
    asking: Actor, review: str, *, audience: Audience | None = None, partner: str = "", version: int | None = None
) -> ExportsView:
    """The documents that can be made, and what the dossier still lacks for each. Raises as ``export`` does."""
    found, made = queries.leaving(asking, review, version, audience, partner)
    return ExportsView(review, found, audience, forms.offers(made.document))


def export_document(
    document: Dossier, form: Form, *, at: datetime, audience: Audience | None = None, standing: Standing = _NOBODY
) -> Export:
    """One document of a dossier in hand, without any instance; for an ``audience``, without what is marked.

    Labels name organisations by their ids: ``standing`` says which they are, or nobody's label reaches further than
    the public's. Raises ``Refused`` (``text-would-remain``) or ``Unavailable`` (``cannot-print``).
    """
    if audience is None:
        return _EXPORTER.export(document, form, at)
    made = twin(document, audience, standing)
    return _EXPORTER.export(made.document, form, at, protected=made.protected)


def print_page(page: Page, figures: Mapping[str, str], *, at: datetime, attached: Sequence[Attached] = ()) -> bytes:
    """Another room's page as a tagged PDF (PDF/UA-1) of the date ``at``, with files inside it.

    ``figures`` gives the SVG of each figure's key, with letters in ``PAPER``. The same page gives the same bytes.
    Raises ``Unavailable`` (``cannot-print``).
    """
    return _EXPORTER.printed(page, figures, at, attached)


def lacking(document: Dossier) -> Mapping[Family, tuple[Lack, ...]]:
    """What a dossier still lacks for each family of documents."""
    return {family: forms.missing(document, family) for family in Family}


def dossier(asking: Actor, review: str, version: int | None = None) -> DossierView:
    """See ``queries.dossier``; that it was seen is kept."""
    found = queries.dossier(asking, review, version)
    _shown(asking, review, found.version)
    return found


def diff(asking: Actor, review: str, old: int, new: int) -> DiffView:
    """See ``queries.diff``; that both versions were seen is kept."""
    found = queries.diff(asking, review, old, new)
    _shown(asking, review, old, new)
    return found


def _shown(asking: Actor, review: str, *versions: int) -> None:
    for version in versions:
        threads.saw(asking=asking, review=review, kind=Seen.DOSSIER, object=f"version-{version}", at=now())
