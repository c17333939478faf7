"""The queue's order: one key, and sentences that say what put one finding before another.

Claims that a machine has reproduced come before those that it has not, whatever those claim. Among equals: what SSVC
says, known use, how many operators have it, the score, the probability of use, and last the time that it has waited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.clearinghouse.triage.core.priority.cvss import Severity
from seatrial.clearinghouse.triage.core.priority.evidence import Assessment, Evidence
from seatrial.clearinghouse.triage.core.priority.ssvc import Action

_ACTIONS = {action: -place for place, action in enumerate(Action)}
_PROVEN = {
    Verdict.REPRODUCED: (0, "the proof works every time"),
    Verdict.FLAKY: (1, "the proof works in some runs"),
    None: (2, "there is no proof that runs"),
    Verdict.NEEDS_A_PERSON: (2, "no machine here can run the proof"),
    Verdict.BUILD_FAILED: (3, "what the proof needs could not be built"),
    Verdict.NOT_REPRODUCED: (4, "the proof showed nothing"),
}
_WHAT = (
    "whether its proof works",
    "what SSVC says",
    "known use",
    "how many operators have it",
    "its CVSS score",
    "the probability that it will be used",
    "how long it has waited",
)

Key = tuple[int, int, int, int, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """What decides where a finding stands."""

    evidence: Evidence
    assessment: Assessment
    severity: Severity
    since: datetime  # when it came in


def key(place: Place) -> Key:
    """Smaller comes first."""
    evidence = place.evidence
    return (
        _PROVEN[evidence.verdict][0],
        _ACTIONS[place.assessment.action],
        0 if evidence.exploited_since else 1,
        -(evidence.exposed or 0),
        -place.severity.score,
        -(evidence.epss or 0.0),
        place.since.timestamp(),
    )


def why(place: Place) -> str:
    """One sentence: everything that decides its place, in the order in which it decides."""
    evidence, assessment = place.evidence, place.assessment
    said = [_PROVEN[evidence.verdict][1], f"SSVC says {assessment.action}"]
    if evidence.exploited_since:
        said.append(f"it is exploited since {evidence.exploited_since.isoformat()}")
    if evidence.exposed is not None:
        said.append(f"{evidence.exposed} operators have it")
    said.append(f"CVSS {place.severity.score:.1f} ({place.severity.word})")
    if evidence.epss is not None:
        said.append(f"EPSS {evidence.epss:.1%}")
    text = "; ".join([*said, f"waiting since {place.since:%Y-%m-%d %H:%M}"])
    return f"{text[0].upper()}{text[1:]}."


def why_before(first: Place, second: Place) -> str:
    """What put ``first`` before ``second``: the first thing in which they differ, as in "it stands before it by …"."""
    one, other = key(first), key(second)
    differing = next((what for what, a, b in zip(_WHAT, one, other, strict=True) if a != b), None)
    return differing or "nothing but its id"
