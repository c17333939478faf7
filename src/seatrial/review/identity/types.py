"""The words of model identity that other rooms may use. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label


class Sameness(enum.StrEnum):
    """What a comparison of two models says."""

    SAME = "same"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot-tell"
    NOT_COMPARED = "not-compared"  # one side is missing


class RunState(enum.StrEnum):
    """Where the taking of a fingerprint is. ``lapsed`` is never stored: it is what time makes of ``begun``."""

    BEGUN = "begun"
    TAKEN = "taken"
    STOPPED = "stopped"
    LAPSED = "lapsed"


class Origin(enum.StrEnum):
    """How a fingerprint came to be."""

    GATEWAY = "gateway"  # by the body's evaluator, as everybody calls the model in this review
    OWN = "own"  # by the developer at an endpoint of its own, and brought as a file


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a model. ``files`` maps a POSIX path inside the model to its SHA-256; ``name`` only informs.

    ``digest`` pins paths and contents: what a consent's ``artefact`` names for weights.
    """

    name: str
    files: Mapping[str, Digest]
    digest: Digest


@dataclass(frozen=True, slots=True)
class FilesDiffer:
    """How the files of one manifest (the reviewed) become those of another (the released)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int

    @property
    def any(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class EndpointVersion:
    """What the developer declares of a hosted model. Nobody but the developer can know that it is so."""

    version: str
    build: str = ""
    system_prompt: Digest | None = None  # digest of the text; the text stays with the developer
    defaults: Mapping[str, str] = field(default_factory=dict)  # decoding, e.g. temperature: 0.7


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer to one probe."""

    text: str
    finish: str
    prompt_tokens: int | None
    answer_tokens: int | None
    first_tokens: Mapping[str, float] | None  # probability of the likeliest first tokens, where asked and given
    model: str  # as the endpoint names itself
    build: str  # the endpoint's own "system_fingerprint", if it says one


@dataclass(frozen=True, slots=True)
class Probe:
    """One fixed question. ``served`` leaves temperature and seed to the endpoint's own defaults."""

    id: str
    prompt: str
    tokens: int  # the most the answer may have
    served: bool


@dataclass(frozen=True, slots=True)
class ProbeSet:
    """The questions of a fingerprint; ``digest`` pins them."""

    name: str
    probes: tuple[Probe, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a model answered the probes: for each probe its answers, in the order in which they came."""

    probes: Digest
    model: str
    taken_at: datetime
    answers: Mapping[str, tuple[Observation, ...]]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Cost:
    """What taking a fingerprint needs at most, before anything is sent. ``tokens`` is reckoned from lengths."""

    requests: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ProbeShift:
    """How far the answers to one probe moved: 0 not at all, 1 entirely. ``p`` is corrected for the many probes."""

    probe: str
    shift: float
    p: float
    differs: bool
    reference: str  # the commonest answer of either side
    later: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two fingerprints against each other.

    ``p`` is the chance of a distance at least as large if both came from one endpoint. ``power`` is how often a
    change of ``noticed`` probes' answers would have been found.
    """

    word: Sameness
    p: float
    power: float
    noticed: int
    alpha: float
    reference: Digest
    later: Digest
    used_probabilities: bool
    shifts: tuple[ProbeShift, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """What the developer declared its model to be, as the asker may see it.

    ``artefacts`` are the digests that a consent may name for it; ``consented`` says that the consent in force
    names one of them, and is ``None`` while there is no consent.
    """

    id: str
    number: int
    by: str
    at: datetime
    shared_at: datetime | None
    endpoint: EndpointVersion | None
    manifest: Manifest | None
    public_key: str | None  # PEM; what the manifest's signature verifies with
    artefacts: tuple[Digest, ...]
    digest: Digest
    consented: bool | None


@dataclass(frozen=True, slots=True)
class FingerprintView:
    """One taking of a fingerprint, as the asker may see it."""

    id: str
    review: str
    origin: Origin
    state: RunState
    by: str
    begun_at: datetime
    ended_at: datetime | None
    reason: str | None  # why it was stopped
    artefact: Digest | None  # what the consent in force named
    consent: Digest | None
    repetitions: int
    digest: Digest | None
    reference: str | None  # the fingerprint it was compared with
    comparison: Comparison | None
    label: Label


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement whether what was released is what was reviewed. ``envelope`` verifies offline."""

    id: str
    by: str
    at: datetime
    shared_at: datetime | None
    weights: Sameness
    files: FilesDiffer | None
    behaviour: Sameness
    sentence: str
    digest: Digest
    envelope: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class IdentityView:
    """All that the asker may see of a review's model identity, newest first. ``may`` lists what they could do now."""

    review: str
    declarations: tuple[DeclarationView, ...]
    fingerprints: tuple[FingerprintView, ...]
    statements: tuple[StatementView, ...]
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """What a statement says, once its signature was verified."""

    payload: Mapping[str, object]
    weights: Sameness
    behaviour: Sameness
    sentence: str
