"""A CVSS 4.0 vector suggested from evidence, each metric with its reason (FIRST, CVSS 4.0, 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cvss import CVSS4
from cvss.exceptions import CVSSError

from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.clearinghouse.triage.core.priority.evidence import Evidence
from seatrial.clearinghouse.triage.core.priority.impact import Harm, harm_of
from seatrial.kernel.errors import Misuse

_IMPACT = {  # on confidentiality, integrity and availability of the vulnerable system
    Harm.CONTROL: "HHH",
    Harm.SECRETS: "HNN",
    Harm.CHANGES: "LHN",
    Harm.OUTAGE: "NNH",
    Harm.UNKNOWN: "LLL",
}


@dataclass(frozen=True, slots=True)
class Severity:
    """A vector, its score (0–10, base and threat metrics) and the word for it; ``reasons`` by metric."""

    vector: str
    score: float
    word: str
    reasons: Mapping[str, str]


def suggest(evidence: Evidence) -> Severity:
    """What the evidence shows and no more: of what nothing is known, the less severe of what is plausible."""
    harm, why = harm_of(evidence.crash, evidence.oracle, evidence.weaknesses)
    confidentiality, integrity, availability = tuple(_IMPACT[harm])
    network = evidence.over_network
    chosen = {
        "AV": ("N", "The proof works by requests to the service.")
        if network
        else ("L", "Nothing shows that it can be reached over a network."),
        "AC": ("L", "Nothing that defends against it had to be got round."),
        "AT": ("P", "The proof works only in some runs.")
        if evidence.verdict is Verdict.FLAKY
        else ("N", "Nothing needs to be so beforehand that an attacker cannot bring about."),
        "PR": ("N", "The proof signs in nowhere."),
        "UI": ("N", "Nobody has to do anything.") if network else ("P", "Somebody has to open what the attacker made."),
        "VC": (confidentiality, why),
        "VI": (integrity, why),
        "VA": (availability, why),
        "SC": ("N", "Nothing shows harm to other systems."),
        "SI": ("N", "Nothing shows harm to other systems."),
        "SA": ("N", "Nothing shows harm to other systems."),
        "E": _maturity(evidence),
    }
    vector = "/".join(["CVSS:4.0", *(f"{metric}:{value}" for metric, (value, _) in chosen.items())])
    return severity(vector, {metric: reason for metric, (_, reason) in chosen.items()})


def severity(vector: str, reasons: Mapping[str, str]) -> Severity:
    """The score of a vector that somebody states. Raises ``Misuse`` (``bad-vector``)."""
    try:
        scored = CVSS4(vector)
    except CVSSError as error:
        raise Misuse("bad-vector", f"{vector!r} is no CVSS 4.0 vector: {error}.") from error
    return Severity(vector, float(scored.base_score), str(scored.severity).lower(), reasons)


def _maturity(evidence: Evidence) -> tuple[str, str]:
    if evidence.exploited_since is not None:
        return "A", f"It is listed as exploited since {evidence.exploited_since.isoformat()}."
    if evidence.public:
        return "P", "A way to use it is public."
    return "U", "No proof of it is public, and no use of it is known."
