"""What a dossier says: one document about a model, written once by its developer. Pure."""

# ruff: noqa: RUF009 - each call makes a field with its metadata
from __future__ import annotations

import enum
from dataclasses import dataclass

from .fields import a_date, a_number, list_of, needed, of, one_line, one_of, own_key, prose, some_lines
from .marking import Part, Text

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
    compute_flop: Estimate = of(Estimate(), "Training compute (FLOP)", "Operations in all, with its uncertainty.")
    training_days: float | None = a_number("Training time (days)")
    hardware: str = one_line("Hardware", "What it was trained on.", vocabulary=True)
    energy_mwh: Estimate = of(Estimate(), "Training energy (MWh)", "Measured or estimated.")
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

    model: Model = of(Model(), "Model identity", "Which model is it, and which digest or declared version pins it?")
    variants: tuple[Variant, ...] = list_of("Variants", "Which variants exist, and which is offered?", one="variant")
    capabilities: tuple[Capability, ...] = list_of(
        "Capabilities", "What can it do, and how do you know?", one="capability"
    )
    threat_model: ThreatModel = of(
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
    governance: Governance = of(
        Governance(), "Governance", "By which rules was the risk judged, and who stands for this document?"
    )
    references: tuple[Reference, ...] = list_of("References", "Where can one read more?", one="reference")
