"""The words of a dossier: one document about a model, written once by its developer. Pure.

Everything that reads, writes, checks, compares, asks for or redacts a dossier walks these dataclasses by their
fields, so a new field cannot be forgotten by any of them. Each field says in its metadata what it is called, what it
asks, and which part of the document it may name.

Free text is a ``Text``: paragraphs of Markdown, each with an optional ``Marking``. A ``Part`` (the document, a
section, an item of a list) may be marked as a whole (``marking``) or field by field (``marked``). In a document that
was derived for a reader or an audience, what is left out has its category in ``withheld`` and no value.
"""

# ruff: noqa: RUF009 - each call makes a field with its metadata
from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label
from seatrial.parties.types import Signature


class Category(enum.StrEnum):
    """Why a piece goes no further than it does."""

    TRADE_SECRET = "trade-secret"  # noqa: S105 - a marking
    FOIA_4 = "foia-4"  # confidential commercial information, FOIA Exemption 4
    PRIVILEGED = "privileged"  # attorney-client, or work product
    LABEL = "label"  # a label of its own: level, compartments, TLP, audience


class Audience(enum.StrEnum):
    """For whom a redacted twin is made."""

    PUBLIC = "public"
    BODY = "body"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Marking:
    """How far a piece may go; ``label`` is there exactly if the category is ``label``."""

    category: Category
    label: Label | None = None

    def __str__(self) -> str:
        return self.category.value if self.label is None else str(self.label)

    @classmethod
    def parse(cls, text: str) -> Marking:
        """The inverse of ``str``. Raises ``Misuse`` (``bad-label``)."""
        for category in (Category.TRADE_SECRET, Category.FOIA_4, Category.PRIVILEGED):
            if text == category.value:
                return cls(category)
        return cls(Category.LABEL, Label.parse(text))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of Markdown. ``withheld`` says why its text is left out of a derived document."""

    text: str
    marking: Marking | None = None
    withheld: Category | None = None


Text = tuple[Paragraph, ...]

WHOLE = "*"  # in ``withheld``: the whole part
LEFT_OUT = "withheld-"  # a key that begins so names something left out of a derived document


@dataclass(frozen=True, slots=True)
class FieldMark:
    """One field of a part, by name, is marked."""

    field: str
    marking: Marking


@dataclass(frozen=True, slots=True)
class Gap:
    """One field of a derived part, or all of it (``*``), is left out for this reason."""

    field: str
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What can be marked as a whole or field by field, and lose fields in a derived document."""

    marking: Marking | None = None
    marked: tuple[FieldMark, ...] = ()
    withheld: tuple[Gap, ...] = ()


def gap(part: Part, name: str = WHOLE) -> Category | None:
    """Why the field ``name`` of a derived part is left out, or the whole part; ``None`` if it is not."""
    return next((found.category for found in part.withheld if found.field in (name, WHOLE)), None)


def _of(default: Any, title: str, ask: str, **more: Any) -> Any:
    return field(default=default, metadata={"title": title, "ask": ask, **more})


def one_line(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """One line of text. ``refs`` names the list whose keys it may hold; ``form`` how it must look (``date``, ``key``,
    ``url``, ``digest``); ``vocabulary`` that it says nothing by itself, so that the same word may stand elsewhere."""
    return _of("", title, ask, longest=longest, **more)


def needed(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """One line of text that may not be left out."""
    return _of("", title, ask, longest=longest, required=True, **more)


def own_key() -> Any:
    """What others of this document name the item by."""
    ask = "A short name for references inside this document, such as cyber-range."
    return needed("Key", ask, longest=60, form="key", vocabulary=True)


def prose(title: str, ask: str = "") -> Any:
    """Paragraphs of Markdown."""
    return _of((), title, ask)


def some_lines(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """Any number of lines."""
    return _of((), title, ask, longest=longest, **more)


def a_number(title: str, ask: str = "", *, least: float | None = 0, most: float | None = None) -> Any:
    """A number or nothing; ``least`` and ``most`` bound it, both inclusive."""
    return _of(None, title, ask, least=least, most=most)


def one_of(title: str, ask: str = "") -> Any:
    """One word of an enum, or nothing."""
    return _of(None, title, ask)


def list_of(title: str, ask: str = "", one: str = "item") -> Any:
    """Any number of items; ``one`` is what one of them is called."""
    return _of((), title, ask, one=one)


def a_date(title: str, ask: str = "") -> Any:
    """A day, a month or a year: 2026-03-31, 2026-03 or 2026."""
    return one_line(
        title, ask or "A day, a month or a year, such as 2026-03.", longest=10, form="date", vocabulary=True
    )


# The model --------------------------------------------------------------------------------------------------------


class ReleaseKind(enum.StrEnum):
    INTERNAL = "internal"
    PARTNERS = "partners"
    HOSTED = "hosted"
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Part):
    """A planned or past release."""

    kind: ReleaseKind | None = one_of("Kind", "To whom, or as what?")
    date: str = a_date("Date, planned or past")
    text: Text = prose("What it includes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Part):
    """A number that is not exactly known, in the unit its field names."""

    value: float | None = a_number("Best estimate")
    lower: float | None = a_number("Lower end")
    upper: float | None = a_number("Upper end")
    method: Text = prose("How it was measured or estimated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Part):
    """Which model this is about, and what it is made of."""

    name: str = needed("Name", "What people call the model.")
    developer: str = needed("Developer", "The organisation that makes it.")
    family: str = one_line("Family")
    version: str = one_line("Version", "The version you declare at your endpoint.")
    artefacts: tuple[str, ...] = some_lines("Artefact digests", "sha256: and 64 hex digits, one a line.", form="digest")
    summary: Text = prose("Summary", "What it is, in a few sentences.")
    intended_use: Text = prose("Intended use", "What it is for, and what it must not be used for.")
    releases: tuple[Release, ...] = list_of("Releases", "Kinds of release and their dates.", one="release")
    distribution: tuple[str, ...] = some_lines("Ways it is distributed", "Such as API, app, download.", vocabulary=True)
    architecture: Text = prose("Architecture")
    parameters_total: int | None = a_number("Parameters, total")
    parameters_active: int | None = a_number("Parameters, active", "Per token, if fewer than all.")
    modalities_in: tuple[str, ...] = some_lines("Modalities in", "Such as text, image.", vocabulary=True)
    modalities_out: tuple[str, ...] = some_lines("Modalities out", vocabulary=True)
    context_tokens: int | None = a_number("Context length (tokens)")
    languages: tuple[str, ...] = some_lines("Languages", vocabulary=True)
    training_data: Text = prose("Training data", "Kinds, sources, amounts, how it was filtered.")
    knowledge_cutoff: str = a_date("Knowledge cutoff")
    compute_flop: Estimate = _of(Estimate(), "Training compute (FLOP)", "Operations in all, with its uncertainty.")
    training_days: float | None = a_number("Training time (days)")
    hardware: str = one_line("Hardware", "What it was trained on.", vocabulary=True)
    energy_mwh: Estimate = _of(Estimate(), "Training energy (MWh)", "Measured or estimated.")
    terms_of_use: str = one_line("Terms of use", "An SPDX identifier, or the name and address of the terms.")
    website: str = one_line("Website", "Where the developer can be found.", longest=2000, form="url")
    contact: str = one_line("Contact", "How a person can reach the developer: a mail or web address.")


class VariantKind(enum.StrEnum):
    SAFEGUARDED = "safeguarded"
    HELPFUL_ONLY = "helpful-only"
    WITH_TOOLS = "with-tools"
    FINE_TUNED = "fine-tuned"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(Part):
    """One form in which the model exists."""

    key: str = own_key()
    title: str = needed("Title")
    kind: VariantKind | None = one_of("Kind")
    text: Text = prose("Description", "How it differs from the others.")
    offered: bool | None = one_of("Offered for review", "Can the review body use this one?")
    tools: tuple[str, ...] = some_lines("Tools", "What it can call, one a line.", vocabulary=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability(Part):
    """One thing the model can do."""

    key: str = own_key()
    title: str = needed("Title")
    text: Text = prose("What it can do", "With which tools, in which context, how reliably.")
    evidence: tuple[str, ...] = some_lines("Evidence", "Keys of evaluations, one a line.", refs="evaluations")


# The threat model -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatActor(Part):
    """Somebody who might misuse the model."""

    key: str = own_key()
    title: str = needed("Title", "Such as: a criminal group without developers.")
    text: Text = prose("Skills, means and aims")


class Domain(enum.StrEnum):
    CYBER = "cyber"
    BIO_CHEM = "bio-chem"
    AUTONOMY = "autonomy"
    SAFEGUARDS = "safeguards"
    MANIPULATION = "manipulation"
    GENERAL = "general"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Part):
    """One way in which the model might contribute to harm."""

    key: str = own_key()
    title: str = needed("Title")
    actors: tuple[str, ...] = some_lines("Actors", "Keys of actors, one a line.", refs="threat_model.actors")
    domain: Domain | None = one_of("Domain")
    steps: Text = prose("Steps", "One paragraph for each step.")
    uplift: Text = prose("Help from the model", "What the model adds over what the actor has without it.")
    likelihood: str = one_line("Likelihood", "In words, such as: unlikely within a year.", vocabulary=True)
    severity: str = one_line("Severity", "In words, such as: one organisation loses its data.", vocabulary=True)
    mitigations: tuple[str, ...] = some_lines("Mitigations", "Keys of safeguards, one a line.", refs="safeguards")
    evidence: tuple[str, ...] = some_lines("Evidence", "Keys of evaluations, one a line.", refs="evaluations")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatModel(Part):
    """Which misuse was considered, by whom, with what help from the model."""

    summary: Text = prose("Summary")
    actors: tuple[ThreatActor, ...] = list_of("Actors", "Who might misuse it.", one="actor")
    scenarios: tuple[Scenario, ...] = list_of("Scenarios", "How harm might come about.", one="scenario")
    assumptions: Text = prose("Assumptions")
    out_of_scope: Text = prose("Out of scope", "What was not considered, and why.")


# Evidence ---------------------------------------------------------------------------------------------------------


class BaselineKind(enum.StrEnum):
    HUMAN = "human"
    OTHER_MODEL = "other-model"
    NONE = "none"


class RunBy(enum.StrEnum):
    INTERNAL = "internal"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Part):
    """One measurement with its uncertainty, and what one needs to judge it (STREAM)."""

    key: str = own_key()
    title: str = needed("Title")
    domain: Domain | None = one_of("Domain")
    benchmark: str = one_line("Benchmark", vocabulary=True)
    benchmark_version: str = one_line("Version of the benchmark", vocabulary=True)
    measured: Text = prose("What was measured")
    threat_relevance: Text = prose("Relevance to a threat", "Which capability it stands for, and which result matters.")
    scenarios: tuple[str, ...] = some_lines("Scenarios", "Keys of scenarios.", refs="threat_model.scenarios")
    construction: Text = prose(
        "How the test is built", "Items, format, where they come from, example, who reviewed it."
    )
    metric: str = one_line("Metric", "Such as success rate.", vocabulary=True)
    unit: str = one_line("Unit", "Such as a share from 0 to 1, or %.", longest=40, vocabulary=True)
    value: float | None = a_number("Result", least=None)
    lower: float | None = a_number("Interval, lower end", least=None)
    upper: float | None = a_number("Interval, upper end", least=None)
    level: float | None = a_number("Level of the interval", "Such as 0.95.", most=1)
    interval_method: str = one_line("Method of the interval", "Such as clustered bootstrap.", vocabulary=True)
    standard_error: float | None = a_number("Standard error", "Instead of an interval, or beside it.")
    items: int | None = a_number("Items", "How many tasks or questions.")
    epochs: int | None = a_number("Epochs", "How often each was run.")
    elicitation: Text = prose("Elicitation", "Prompts, scaffold, fine-tuning: how hard was it tried?")
    tools: tuple[str, ...] = some_lines("Tools", "What the model could call, one a line.", vocabulary=True)
    attempts: int | None = a_number("Attempts per item")
    budget: str = one_line("Budget per attempt", "Such as 500,000 tokens or 2 hours.", vocabulary=True)
    variant: str = one_line("Variant", "Key of the variant that was tested.", refs="variants")
    grader: Text = prose("Grader", "How answers were judged, by whom or what, how well that agrees with people.")
    baseline_kind: BaselineKind | None = one_of("Kind of baseline")
    baseline: Text = prose("Baseline", "Who or what it is compared with, and under which conditions.")
    baseline_value: float | None = a_number("Result of the baseline", least=None)
    interpretation: Text = prose(
        "Interpretation", "What the result says of the risk, and what would have said otherwise."
    )
    run_by: RunBy | None = one_of("Run by")
    evaluator: str = one_line("Who ran it", "A team or an organisation.", vocabulary=True)
    date: str = a_date("Date")
    limits: Text = prose("Limits", "What the result cannot show.")
    references: tuple[str, ...] = some_lines("References", "Keys of references, one a line.", refs="references")


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard(Part):
    """One thing that stands between the model and misuse."""

    key: str = own_key()
    title: str = needed("Title")
    kind: str = one_line("Kind", "Such as refusal training, classifier, monitoring, access rule.", vocabulary=True)
    text: Text = prose("How it works")
    tested: Text = prose("How it was tested")
    results: tuple[str, ...] = some_lines("Results", "Keys of evaluations, one a line.", refs="evaluations")
    residual_risk: Text = prose("Residual risk", "What gets past it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Part):
    """Something that went wrong."""

    key: str = own_key()
    title: str = needed("Title")
    date: str = a_date("Date")
    text: Text = prose("What happened")
    severity: str = one_line("Severity", "In words.", vocabulary=True)
    status: str = one_line("Status", "Such as open, mended, watched.", vocabulary=True)
    reported_to: tuple[str, ...] = some_lines("Reported to", "One a line.", vocabulary=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIssue(Part):
    """Something not known, not mended or not tried."""

    key: str = own_key()
    title: str = needed("Title")
    text: Text = prose("What is open")
    owner: str = one_line("Owner", vocabulary=True)
    due: str = a_date("Due")


# Governance -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework(Part):
    """A framework of risk tiers, and where this model stands in it."""

    key: str = own_key()
    title: str = needed("Title", "Such as the developer's own frontier safety policy, with its version.")
    url: str = one_line("Address", longest=2000, form="url")
    tier: str = one_line("Tier", "The tier or level this model was put in.")
    text: Text = prose("Thresholds, and how they were applied")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor(Part):
    """Somebody outside who assessed the model."""

    name: str = needed("Name")
    scope: Text = prose("What they assessed, with which access, and what they found")
    url: str = one_line("Address", longest=2000, form="url")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff(Part):
    """A person who stands for this document."""

    name: str = needed("Name")
    role: str = one_line("Role", vocabulary=True)
    date: str = a_date("Date")
    text: Text = prose("What they stand for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance(Part):
    """By which rules the developer judged the risk, and who stands for it."""

    frameworks: tuple[Framework, ...] = list_of("Frameworks", "Risk tiers and policies applied.", one="framework")
    determinations: Text = prose(
        "The developer's own conclusions", "On the risk that remains, and why it is acceptable."
    )
    systemic_risks: Text = prose("Systemic risks", "How they were identified, and which were found.")
    security: Text = prose("Security of the weights", "Against theft from outside and from inside.")
    monitoring: Text = prose("Watching after release")
    incident_process: Text = prose("Serious incidents", "How they are found, tracked and reported, and to whom.")
    reporting_channels: Text = prose("Raising a concern", "How staff and the public can.")
    assessors: tuple[Assessor, ...] = list_of("External assessors", one="assessor")
    sign_offs: tuple[SignOff, ...] = list_of("Signed off by", one="person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Part):
    """A document elsewhere."""

    key: str = own_key()
    title: str = needed("Title")
    url: str = one_line("Address", longest=2000, form="url")
    date: str = a_date("Date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier(Part):
    """The whole document. Its sections are its fields, in the order in which people read them."""

    model: Model = _of(Model(), "Model identity", "Which model is it, and which digest or declared version pins it?")
    variants: tuple[Variant, ...] = list_of("Variants", "Which variants exist, and which is offered?", one="variant")
    capabilities: tuple[Capability, ...] = list_of(
        "Capabilities", "What can it do, and how do you know?", one="capability"
    )
    threat_model: ThreatModel = _of(
        ThreatModel(), "Cyber threat model", "Which misuse was considered, by whom, with what help from the model?"
    )
    evaluations: tuple[Evaluation, ...] = list_of(
        "Our own evaluations", "What was measured, how, and how uncertain is it?", one="evaluation"
    )
    safeguards: tuple[Safeguard, ...] = list_of(
        "Safeguards", "What stands between the model and misuse, and how was it tested?", one="safeguard"
    )
    incidents: tuple[Incident, ...] = list_of("Incidents", "What went wrong, and what became of it?", one="incident")
    open_issues: tuple[OpenIssue, ...] = list_of(
        "Open issues", "What is not known, not fixed, or not tried?", one="open issue"
    )
    governance: Governance = _of(
        Governance(), "Governance", "By which rules was the risk judged, and who stands for this document?"
    )
    references: tuple[Reference, ...] = list_of("References", "Where can one read more?", one="reference")


# What the room says of one ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Withheld:
    """A piece left out: where it stands and why; never its text, never its length."""

    place: str  # such as evaluations[2].elicitation[1], counted from 1
    category: Category


@dataclass(frozen=True, slots=True)
class TwinView:
    """A derived document of one version for an audience, as it was shared.

    ``statement`` is what the developer's key signed (``signature``, if a signatory shared it).
    """

    audience: Audience
    partner: str  # organisation; empty unless the audience is a partner
    digest: Digest  # of the derived document
    source: Digest  # salted commitment to the source's digest: it pins, and confirms no guess
    withheld: tuple[Withheld, ...]
    at: datetime
    statement: Mapping[str, Any]
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version in a list."""

    version: int
    at: datetime
    twins: tuple[TwinView, ...]  # those the asker may know of


@dataclass(frozen=True, slots=True)
class DossierView:
    """A version as the asker may read it: ``document`` lacks what is ``withheld``.

    ``digest`` pins the whole source for the developer's people who may read all of it; for everybody else it pins
    exactly the derived document they were given.
    """

    review: str
    version: int
    document: Dossier
    withheld: tuple[Withheld, ...]
    digest: Digest
    source: Digest  # salted commitment to the source's digest
    at: datetime
    twins: tuple[TwinView, ...]


@dataclass(frozen=True, slots=True)
class TwinPreview:
    """The twin that sharing would make, for its developer to read first."""

    audience: Audience
    partner: str
    version: int
    document: Dossier
    withheld: tuple[Withheld, ...]
    digest: Digest
    statement: str


class ChangeKind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MARKED = "marked differently"


@dataclass(frozen=True, slots=True)
class Word:
    """A run of words that stayed, came or went; ``kind`` of ``None`` is what stayed."""

    kind: ChangeKind | None
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at one place; ``words`` holds both texts, word by word."""

    place: str
    kind: ChangeKind
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class DiffView:
    """What changed between two versions; ``hidden`` are places that are withheld from the asker in either."""

    review: str
    old: int
    new: int
    changes: tuple[Change, ...]
    hidden: tuple[str, ...]


# Documents made from one -------------------------------------------------------------------------------------------


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
