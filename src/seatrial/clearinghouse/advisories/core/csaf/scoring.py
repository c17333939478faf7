"""CVSS objects: which metric a property stands for, and what a vector scores.

Scores come from the kept library `cvss`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cvss import CVSS2, CVSS3, CVSS4

_SHORT_2 = {
    "PROOF_OF_CONCEPT": "POC",
    "NOT_DEFINED": "ND",
    "OFFICIAL_FIX": "OF",
    "TEMPORARY_FIX": "TF",
    "UNCONFIRMED": "UC",
    "UNCORROBORATED": "UR",
    "LOW_MEDIUM": "LM",
    "MEDIUM_HIGH": "MH",
}
_SHORT = {"NOT_DEFINED": "X"}
_METRICS_2 = {
    "accessVector": "AV",
    "accessComplexity": "AC",
    "authentication": "Au",
    "confidentialityImpact": "C",
    "integrityImpact": "I",
    "availabilityImpact": "A",
    "exploitability": "E",
    "remediationLevel": "RL",
    "reportConfidence": "RC",
    "collateralDamagePotential": "CDP",
    "targetDistribution": "TD",
    "confidentialityRequirement": "CR",
    "integrityRequirement": "IR",
    "availabilityRequirement": "AR",
}
_METRICS_3 = {
    "attackVector": "AV",
    "attackComplexity": "AC",
    "privilegesRequired": "PR",
    "userInteraction": "UI",
    "scope": "S",
    "confidentialityImpact": "C",
    "integrityImpact": "I",
    "availabilityImpact": "A",
    "exploitCodeMaturity": "E",
    "remediationLevel": "RL",
    "reportConfidence": "RC",
    "confidentialityRequirement": "CR",
    "integrityRequirement": "IR",
    "availabilityRequirement": "AR",
    "modifiedAttackVector": "MAV",
    "modifiedAttackComplexity": "MAC",
    "modifiedPrivilegesRequired": "MPR",
    "modifiedUserInteraction": "MUI",
    "modifiedScope": "MS",
    "modifiedConfidentialityImpact": "MC",
    "modifiedIntegrityImpact": "MI",
    "modifiedAvailabilityImpact": "MA",
}
_METRICS_4 = {
    "attackVector": "AV",
    "attackComplexity": "AC",
    "attackRequirements": "AT",
    "privilegesRequired": "PR",
    "userInteraction": "UI",
    "vulnConfidentialityImpact": "VC",
    "vulnIntegrityImpact": "VI",
    "vulnAvailabilityImpact": "VA",
    "subConfidentialityImpact": "SC",
    "subIntegrityImpact": "SI",
    "subAvailabilityImpact": "SA",
    "exploitMaturity": "E",
    "confidentialityRequirement": "CR",
    "integrityRequirement": "IR",
    "availabilityRequirement": "AR",
    "modifiedAttackVector": "MAV",
    "modifiedAttackComplexity": "MAC",
    "modifiedAttackRequirements": "MAT",
    "modifiedPrivilegesRequired": "MPR",
    "modifiedUserInteraction": "MUI",
    "modifiedVulnConfidentialityImpact": "MVC",
    "modifiedVulnIntegrityImpact": "MVI",
    "modifiedVulnAvailabilityImpact": "MVA",
    "modifiedSubConfidentialityImpact": "MSC",
    "modifiedSubIntegrityImpact": "MSI",
    "modifiedSubAvailabilityImpact": "MSA",
    "Safety": "S",
    "Automatable": "AU",
    "Recovery": "R",
    "valueDensity": "V",
    "vulnerabilityResponseEffort": "RE",
    "providerUrgency": "U",
}
_TABLES = {"cvss_v2": _METRICS_2, "cvss_v3": _METRICS_3, "cvss_v4": _METRICS_4}


@dataclass(frozen=True, slots=True)
class Scores:
    """What a vector scores; a part that its version does not have is None. Severities are in capitals."""

    base: float
    temporal: float | None = None
    environmental: float | None = None
    base_severity: str | None = None
    temporal_severity: str | None = None
    environmental_severity: str | None = None

    @property
    def overall(self) -> float:
        """The score with everything that is known."""
        return next(score for score in (self.environmental, self.temporal, self.base) if score is not None)


def letter(key: str, name: str, value: str) -> str:
    """How a vector writes the value of a property."""
    if key == "cvss_v2":
        return _SHORT_2.get(value, value[:1])
    if name == "providerUrgency" and value != "NOT_DEFINED":
        return value.capitalize()
    return _SHORT.get(value, value[:1])


def spoken(key: str, score: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The metrics that the properties of a CVSS object give: metric → (property, letter)."""
    table = _TABLES[key]
    return {
        metric: (name, letter(key, name, value))
        for name, metric in table.items()
        if isinstance(value := score.get(name), str)
    }


def written(vector: str) -> dict[str, str]:
    """The metrics that a vector gives: metric → letter."""
    return dict(part.split(":", 1) for part in vector.split("/") if ":" in part and not part.startswith("CVSS:"))


def whole_vector(key: str, score: Mapping[str, Any]) -> str:
    """The vector, completed by metrics that only properties give (the vector takes precedence)."""
    vector = score.get("vectorString")
    if not isinstance(vector, str):
        return ""
    have = written(vector)
    more = [f"{metric}:{value}" for metric, (_, value) in spoken(key, score).items() if metric not in have]
    return "/".join([vector, *more])


@lru_cache(maxsize=8192)
def scores(key: str, vector: str) -> Scores | None:
    """What a vector scores by its specification, or None when it is no vector of that version."""
    try:
        if key == "cvss_v2":
            parts = [None if part is None else float(part) for part in CVSS2(vector).scores()]
            return None if parts[0] is None else Scores(parts[0], parts[1], parts[2])
        if key == "cvss_v3":
            three = CVSS3(vector)
            base, temporal, environmental = (float(part) for part in three.scores())
            words = [str(word).upper() for word in three.severities()]
            return Scores(base, temporal, environmental, words[0], words[1], words[2])
        four = CVSS4(vector)
        return Scores(float(four.base_score), base_severity=str(four.severity).upper())
    except Exception:  # the library raises many kinds on vectors that nobody wrote; all mean the same
        return None
