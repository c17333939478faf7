"""The words of advisories: what one says, in which forms it is published, and who may read it. Pure.

Statuses and categories are those of CSAF 2.1 and of VEX (CISA, "Minimum Requirements for VEX", 2023), which the other
forms are written from.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.kernel import labels
from seatrial.kernel.labels import Label


class Form(enum.StrEnum):
    """What an advisory is published as."""

    CSAF_20 = "csaf-2.0"
    CSAF_21 = "csaf-2.1"
    CSAF_VEX_20 = "csaf-vex-2.0"
    CSAF_VEX_21 = "csaf-vex-2.1"
    OSV = "osv"
    CVE = "cve"
    OPENVEX = "openvex"
    CYCLONEDX = "cyclonedx"
    STIX = "stix"
    HTML = "html"
    MARKDOWN = "markdown"
    MAIL = "mail"


class Tlp(enum.StrEnum):
    """Traffic Light Protocol 2.0 as a word of an address; ``kernel.labels.Tlp`` has the order."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def mark(self) -> str:
        """As it stands in a document: ``AMBER+STRICT``."""
        return self.value.upper()

    @property
    def limit(self) -> labels.Tlp:
        """The same in the lattice of labels."""
        return labels.Tlp[self.name]


class AdvisoryState(enum.StrEnum):
    DRAFT = "draft"  # being written
    SUBMITTED = "submitted"  # waits for a second person
    PUBLISHED = "published"
    REVISING = "revising"  # published, and a further revision is being written
    RESUBMITTED = "resubmitted"  # that revision waits for a second person
    WITHDRAWN = "withdrawn"


OPENVEX = "https://openvex.dev/ns/v0.2.0"  # the context of every document in OpenVEX 0.2.0


class Status(enum.StrEnum):
    """What is said of a product and a flaw, as CSAF, OpenVEX and CycloneDX share it."""

    UNDER_INVESTIGATION = "under_investigation"
    AFFECTED = "affected"
    FIXED = "fixed"
    NOT_AFFECTED = "not_affected"


class Justification(enum.StrEnum):
    """Why a product is not affected, as VEX has it."""

    COMPONENT_NOT_PRESENT = "component_not_present"
    CODE_NOT_PRESENT = "vulnerable_code_not_present"
    CODE_NOT_IN_PATH = "vulnerable_code_not_in_execute_path"
    CODE_NOT_CONTROLLED = "vulnerable_code_cannot_be_controlled_by_adversary"
    MITIGATIONS = "inline_mitigations_already_exist"


class RemedyKind(enum.StrEnum):
    """What can be done (CSAF, 3.2.3.12.1)."""

    VENDOR_FIX = "vendor_fix"
    MITIGATION = "mitigation"
    WORKAROUND = "workaround"
    NO_FIX_PLANNED = "no_fix_planned"
    NONE_AVAILABLE = "none_available"


class CreditKind(enum.StrEnum):
    """As OSV and CVE call it, in lower case."""

    FINDER = "finder"
    REPORTER = "reporter"
    ANALYST = "analyst"
    COORDINATOR = "coordinator"
    REMEDIATION_DEVELOPER = "remediation developer"
    TOOL = "tool"
    OTHER = "other"


# What an advisory says ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Product:
    """One product in one version or one range of versions. ``id`` is its name within the advisory.

    ``versions`` is a range in vers (``vers:pypi/>=1.0|<1.4``) or one version. ``purl`` names no version.
    """

    id: str
    vendor: str
    name: str
    versions: str
    purl: str = ""
    cpe: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said of one product and one flaw. ``impact`` says why it is not affected, ``action`` what to do."""

    product: str
    status: Status
    justification: Justification | None = None
    impact: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done of a flaw for these products."""

    kind: RemedyKind
    details: str
    products: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """``id`` names it within the advisory, ``findings`` are the reports it was drafted from, never published."""

    id: str
    title: str
    description: str
    cve: str = ""
    aliases: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()  # CWE-787
    cvss3: str = ""  # CVSS:3.1/…
    cvss4: str = ""  # CVSS:4.0/…
    standings: tuple[Standing, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    url: str
    summary: str


@dataclass(frozen=True, slots=True)
class Credit:
    """As the finder wished: ``name`` is verbatim, a name or a handle. Who wished to be named nowhere stands nowhere."""

    name: str
    kind: CreditKind
    organisation: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What one advisory says. ``audience`` names organisations (persons for TLP:RED), nobody for CLEAR and GREEN."""

    title: str
    summary: str
    products: tuple[Product, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    references: tuple[Reference, ...] = ()
    credits: tuple[Credit, ...] = ()
    tlp: Tlp = Tlp.CLEAR
    audience: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the revision history."""

    number: int
    at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, as the documents name it. ``namespace`` is an address that it owns.

    ``licence`` (SPDX) is that of what it publishes as TLP:CLEAR; the rest is passed on as its marking says.
    """

    name: str
    namespace: str
    contact: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One revision of an advisory as the writers of forms are given it. ``withdrawn`` is the reason, or empty.

    ``earlier`` is what earlier revisions said to the same readers, for forms in which what is no longer said has to be
    taken back.
    """

    tracking: str
    publisher: Publisher
    content: Content
    history: tuple[Change, ...]
    withdrawn: str = ""
    earlier: tuple[Content, ...] = ()

    @property
    def released(self) -> datetime:
        return self.history[0].at

    @property
    def updated(self) -> datetime:
        return self.history[-1].at

    @property
    def revision(self) -> int:
        return self.history[-1].number


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing or wrong, in one sentence. ``pointer`` is a JSON pointer into the content."""

    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Written:
    """A document as a writer of forms makes it."""

    form: Form
    name: str
    media_type: str
    content: bytes


# What is published and shown ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """One published document; its bytes were made once, when it was published.

    ``number`` grows with every document published here, ``name`` follows CSAF's rule for file names, ``digest`` and
    ``sha512`` are hex, ``signature`` is a detached OpenPGP signature of ``content`` in ASCII armour. An empty
    ``audience`` means whoever the TLP allows.
    """

    number: int
    advisory: str  # its tracking id
    revision: int
    form: Form
    tlp: Tlp
    name: str
    media_type: str
    content: bytes
    digest: str
    sha512: str
    signature: str
    released: datetime
    updated: datetime
    withdrawn: bool
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdvisoryLine:
    """An advisory in a list."""

    id: str
    tracking: str
    title: str
    state: AdvisoryState
    tlp: Tlp
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionView:
    """What was published, when and by whom; ``written_by`` submitted it, ``published_by`` is another person."""

    number: int
    summary: str
    at: datetime
    written_by: str
    published_by: str
    digest: str


@dataclass(frozen=True, slots=True)
class AdvisoryView:
    """An advisory as those see it who write it. ``version`` is what an edit names, ``may`` what the asker can do."""

    id: str
    tracking: str
    case: str
    state: AdvisoryState
    version: int
    content: Content
    gaps: tuple[Gap, ...]
    summary: str  # of the revision being written
    submitted_by: str
    returned_why: str
    revision: int
    created_at: datetime
    edited_at: datetime
    released_at: datetime | None
    withdrawn_why: str
    revisions: tuple[RevisionView, ...] = field(default=())
    may: tuple[str, ...] = ()
    label: Label = labels.OPEN
