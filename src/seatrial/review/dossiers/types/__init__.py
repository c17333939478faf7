"""The words of a dossier: one document about a model, written once by its developer. Pure.

Everything that reads, writes, checks, compares, asks for or redacts a dossier walks these dataclasses by their
fields, so a new field cannot be forgotten by any of them. Each field says in its metadata what it is called, what it
asks, and which part of the document it may name.

Free text is a ``Text``: paragraphs of Markdown, each with an optional ``Marking``. A ``Part`` (the document, a
section, an item of a list) may be marked as a whole (``marking``) or field by field (``marked``). In a document that
was derived for a reader or an audience, what is left out has its category in ``withheld`` and no value.
"""

from __future__ import annotations

from .document import (
    Assessor,
    BaselineKind,
    Capability,
    Domain,
    Dossier,
    Estimate,
    Evaluation,
    Framework,
    Governance,
    Incident,
    Model,
    OpenIssue,
    Reference,
    Release,
    ReleaseKind,
    RunBy,
    Safeguard,
    Scenario,
    SignOff,
    ThreatActor,
    ThreatModel,
    Variant,
    VariantKind,
)
from .exports import Export, ExportsView, Family, Form, Lack, Offer
from .marking import LEFT_OUT, WHOLE, Audience, Category, FieldMark, Gap, Marking, Paragraph, Part, Text, gap
from .views import Change, ChangeKind, DiffView, DossierView, TwinPreview, TwinView, VersionView, Withheld, Word

__all__ = [
    "LEFT_OUT",
    "WHOLE",
    "Assessor",
    "Audience",
    "BaselineKind",
    "Capability",
    "Category",
    "Change",
    "ChangeKind",
    "DiffView",
    "Domain",
    "Dossier",
    "DossierView",
    "Estimate",
    "Evaluation",
    "Export",
    "ExportsView",
    "Family",
    "FieldMark",
    "Form",
    "Framework",
    "Gap",
    "Governance",
    "Incident",
    "Lack",
    "Marking",
    "Model",
    "Offer",
    "OpenIssue",
    "Paragraph",
    "Part",
    "Reference",
    "Release",
    "ReleaseKind",
    "RunBy",
    "Safeguard",
    "Scenario",
    "SignOff",
    "Text",
    "ThreatActor",
    "ThreatModel",
    "TwinPreview",
    "TwinView",
    "Variant",
    "VariantKind",
    "VersionView",
    "Withheld",
    "Word",
    "gap",
]
