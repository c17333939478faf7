"""The words of a determination. It informs; nothing depends on it (V3, V4). Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label

LONGEST_TEXT = 20_000  # characters: reasons, evidence, a description, the developer's statement
LONGEST_POST = 10_000
LONGEST_MODEL = 200  # one line
LONGEST_NAME = 200  # one line: an organisation, a person, a capacity


class Finding(enum.StrEnum):
    """The only three words there are."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    NOT_DETERMINED = "not_determined"


class Part(enum.StrEnum):
    """What of a memo may be withheld from the developer."""

    FAMILIES = "families"
    ITEMS = "items"
    REFERENCES = "references"
    CAMPAIGNS = "campaigns"
    CONSULTATIONS = "consultations"


@dataclass(frozen=True, slots=True)
class Withhold:
    """What the developer is not given, and why, in one line."""

    parts: frozenset[Part]
    why: str


class EvidenceKind(enum.StrEnum):
    """What new evidence may be: each can be found again by its ``ref``."""

    CAMPAIGN = "campaign"  # its id
    DOSSIER = "dossier"  # the number of a version that is shared with the body
    DOCUMENT = "document"  # the SHA-256 of a file


@dataclass(frozen=True, slots=True)
class Evidence:
    """New evidence as it is named. ``digest`` pins it: it is found for a campaign or a dossier, and is a document."""

    kind: EvidenceKind
    ref: str
    what: str  # one line; may be empty
    digest: Digest | None = None

    @classmethod
    def parse(cls, line: str) -> Evidence:
        """As people write it: ``campaign:ID``, ``dossier:3`` or ``document:sha256:…``, then words.

        Raises ``Misuse`` (``bad-evidence``).
        """
        named, _, what = line.strip().partition(" ")
        kind, _, ref = named.partition(":")
        if kind not in {known.value for known in EvidenceKind} or not ref:
            raise Misuse(
                "bad-evidence",
                f"{named!r} names no evidence; write campaign:ID, dossier:VERSION or document:sha256:… and then words.",
            )
        return cls(EvidenceKind(kind), ref, what.strip())


class DeterminationState(enum.StrEnum):
    DRAFT = "draft"
    SIGNED_ONCE = "signed_once"
    SIGNED = "signed"  # by two persons
    SHARED = "shared"  # with the developer


class Stance(enum.StrEnum):
    """What somebody who was consulted said of the question."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_VIEW = "no_view"


@dataclass(frozen=True, slots=True)
class Consulted:
    """Somebody whom the body asked before it determined: who, in which capacity, when (UTC), and what was said."""

    organisation: str  # an id of this instance, or any other name
    person: str  # a name; empty if the organisation spoke as a whole
    capacity: str  # one line, such as "methods, independent"
    stance: Stance
    words: str  # as they were said; may be empty
    on: date


@dataclass(frozen=True, slots=True)
class ConsultationView:
    """A consultation as it was recorded: for a review or for a determination request. It is never changed."""

    id: str
    review: str | None
    request: str | None
    consulted: Consulted
    recorded_by: str  # the person's name
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One of the two signatures, with all it takes to verify it offline (the room's README says how)."""

    person: str
    name: str
    organisation: str
    at: datetime
    public_key: str  # hex of the raw Ed25519 key
    value: str  # hex


@dataclass(frozen=True, slots=True)
class DeterminationView:
    """A determination as the asker may see it. ``may`` lists the events the asker could trigger now.

    It stands on a ``review`` or on a determination ``request``. Without a ``campaign`` it rests on documents alone.
    """

    id: str
    developer: str
    body: str
    review: str | None
    request: str | None
    campaign: str | None
    reconsiders: str | None  # an earlier determination, which stays as it is
    finding: Finding
    reasons: str
    state: DeterminationState
    drafted_at: datetime
    memo_digest: Digest  # of what the asker may read: the whole memo, or its twin
    withheld: tuple[Part, ...]  # what the developer is not given; empty where it gets the whole memo
    redacted: bool  # true for whoever reads the twin
    signatures: tuple[SignatureView, ...]
    shared_at: datetime | None
    statement: str | None  # the developer's own words, attached as they are
    label: Label
    may: tuple[str, ...]


class DeterminationRequestState(enum.StrEnum):
    """Where a request is. No state depends on time, and nothing follows from any of them."""

    DRAFT = "draft"  # the developer's alone
    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RECONSIDERATION_ASKED = "reconsideration_asked"
    ANSWERED_AGAIN = "answered_again"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Question:
    """What a developer asks about: does this model under development meet the designation?

    ``review`` is one of the same developer and body; ``dossier_version`` one of its versions shared with the body.
    """

    model: str
    description: str  # what it is, its stage of development, why this is asked
    artefact: Digest | None = None
    review: str | None = None
    dossier_version: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer. ``determination`` is ``None`` for whoever may not read it (any more)."""

    at: datetime
    by: str  # the person's name
    determination: DeterminationView | None


@dataclass(frozen=True, slots=True)
class ReconsiderationView:
    """The developer asks to look again: why, and what is new."""

    at: datetime
    by: str  # the person's name
    reasons: str
    evidence: str  # in words; empty if there are none
    named: tuple[Evidence, ...]  # what can be found again


@dataclass(frozen=True, slots=True)
class RequestPostView:
    """Words on a request, for both sides. They move nothing."""

    id: str
    at: datetime
    by: str  # the person's name
    side: str  # developer or body
    text: str


@dataclass(frozen=True, slots=True)
class DeterminationRequestLine:
    """A request in a list."""

    id: str
    developer: str
    developer_name: str
    body: str
    body_name: str
    model: str
    state: DeterminationRequestState
    asked_at: datetime | None
    answers: int


@dataclass(frozen=True, slots=True)
class DeterminationRequestView:
    """A request as the asker may see it, its answers and reconsiderations oldest first.

    ``review`` and ``dossier_version`` are ``None`` too for whoever may not see that review. ``may`` lists the
    events the asker could trigger now.
    """

    id: str
    developer: str
    developer_name: str
    body: str
    body_name: str
    model: str
    artefact: Digest | None
    description: str
    review: str | None
    dossier_version: int | None
    state: DeterminationRequestState
    asked_at: datetime | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
    answers: tuple[AnswerView, ...]
    reconsiderations: tuple[ReconsiderationView, ...]
    may: tuple[str, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class DeterminationRequestPage:
    """A request with a part of its words, newest first. ``earlier`` is where the next part begins."""

    request: DeterminationRequestView
    posts: tuple[RequestPostView, ...]
    earlier: str | None
