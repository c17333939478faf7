"""CVSS: valid, computed, not contradicting itself, and given where it should be."""

from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.reading import Metric, Reading, text
from seatrial.clearinghouse.advisories.core.csaf.schemas import cvss_faults
from seatrial.clearinghouse.advisories.core.csaf.scoring import Scores, scores, spoken, whole_vector, written
from seatrial.clearinghouse.advisories.core.csaf.table import BOTH, NEW, Hits, Table

TABLE = Table()
_NAMES = {"cvss_v2": "CVSS v2", "cvss_v3": "CVSS v3", "cvss_v4": "CVSS v4"}
_SCORED = (("baseScore", "base"), ("temporalScore", "temporal"), ("environmentalScore", "environmental"))
_RATED = (
    ("baseSeverity", "base_severity"),
    ("temporalSeverity", "temporal_severity"),
    ("environmentalSeverity", "environmental_severity"),
)


@TABLE.test("6.1.7")
def scored_twice(r: Reading) -> Hits:
    """A product has one score of a CVSS version and source."""
    for flaw in r.flaws:
        seen: set[tuple[str, str, str | None]] = set()
        for metric in flaw.metrics:
            for at, _, score in metric.cvss():
                version = text(score.get("version"))
                for name in sorted(metric.products):
                    if (name, version, metric.source) in seen:
                        yield at, f"The product {name} has more than one score of CVSS {version} from one source."
                    seen.add((name, version, metric.source))


@TABLE.test("6.1.8")
def cvss_schema(r: Reading) -> Hits:
    """A CVSS object follows its own schema."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            for at, key, score in metric.cvss():
                for pointer, sentence in cvss_faults(key, score):
                    yield at + pointer, sentence


@TABLE.test("6.1.9")
def computed(r: Reading) -> Hits:
    """Scores and severities are those that the vector computes to."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            for at, key, score in metric.cvss():
                right = _nearest(key, score)
                if right is None:
                    continue
                for name, part in _SCORED:
                    given, due = score.get(name), getattr(right, part)
                    if (
                        isinstance(given, int | float)
                        and not isinstance(given, bool)
                        and due is not None
                        and float(given) != due
                    ):
                        yield f"{at}/{name}", f"The {name} is {given}, but the vector computes to {due}."
                for name, part in _RATED:
                    rated, due = score.get(name), getattr(right, part)
                    if isinstance(rated, str) and due is not None and rated != due:
                        yield f"{at}/{name}", f"The {name} is {rated}, but the vector computes to {due}."


def _nearest(key: str, score: dict[str, Any]) -> Scores | None:
    """What the vector scores, or what it scores with the properties that it leaves open where the base score fits
    that."""
    alone, whole = scores(key, text(score.get("vectorString"))), scores(key, whole_vector(key, score))
    return (
        whole
        if alone is None or (whole is not None and (key != "cvss_v4" or score.get("baseScore") == whole.base))
        else alone
    )


@TABLE.test("6.1.10")
def contradicting(r: Reading) -> Hits:
    """Properties say what the vector says."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            for at, key, score in metric.cvss():
                vector = written(text(score.get("vectorString")))
                for name, (prop, value) in spoken(key, score).items():
                    if name in vector and vector[name] != value:
                        yield (
                            f"{at}/{prop}",
                            f"The property {prop} says {name}:{value}, the vector {name}:{vector[name]}.",
                        )


@TABLE.test("6.1.56", NEW)
def rated_and_scored(r: Reading) -> Hits:
    """A source gives a product a CVSS or a qualitative severity rating."""
    for flaw in r.flaws:
        scored = {(name, metric.source) for metric in flaw.metrics if metric.cvss() for name in metric.products}
        for metric in flaw.metrics:
            if "qualitative_severity_rating" in metric.content:
                for name in sorted(metric.products):
                    if (name, metric.source) in scored:
                        yield (
                            f"{metric.content_pointer}/qualitative_severity_rating",
                            f"One source gives {name} both a CVSS and a qualitative severity rating.",
                        )


@TABLE.test("6.2.19")
def fixed_scores(r: Reading) -> Hits:
    """What is fixed scores 0."""
    for flaw in r.flaws:
        fixed = flaw.members("fixed")
        for metric in flaw.metrics if fixed else ():
            hit = sorted(metric.products & fixed)
            if hit and (wrong := _above_zero(metric)):
                yield wrong[0], f"The product {hit[0]} is fixed, but its {wrong[1]} is not 0."


def _above_zero(metric: Metric) -> tuple[str, str] | None:
    for at, key, score in metric.cvss():
        known: Scores | None = scores(key, whole_vector(key, score))
        if known is not None and known.overall > 0 and score.get("environmentalScore") != 0:
            return at, _NAMES[key]
    return None


@TABLE.test("6.2.47", NEW)
def own_rating(r: Reading) -> Hits:
    """The issuer does not rate by words."""
    own = {text(link.get("url")) for _, link in r.links if link.get("category") == "self"}
    for flaw in r.flaws:
        for metric in flaw.metrics:
            if "qualitative_severity_rating" in metric.content and (metric.source is None or metric.source in own):
                yield (
                    f"{metric.content_pointer}/qualitative_severity_rating",
                    "The issuer uses a qualitative severity rating.",
                )


@TABLE.test("6.3.18", NEW)
def any_rating(r: Reading) -> Hits:
    """Nobody rates by words."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            if "qualitative_severity_rating" in metric.content:
                yield f"{metric.content_pointer}/qualitative_severity_rating", "A qualitative severity rating is used."


@TABLE.test("6.3.1", BOTH)
def only_cvss_2(r: Reading) -> Hits:
    """CVSS v2 is not all that a product has."""
    for flaw in r.flaws:
        better = frozenset().union(
            *(
                metric.products
                for metric in flaw.metrics
                if set(metric.content) - {"cvss_v2", "products", "x_extensions"}
            )
        )
        for metric in flaw.metrics:
            if "cvss_v2" in metric.content:
                for name in sorted(metric.products - better):
                    yield f"{metric.content_pointer}/cvss_v2", f"CVSS v2 is the only score of {name}."


@TABLE.test("6.3.2")
def cvss_3_0(r: Reading) -> Hits:
    """CVSS v3.0 is not used."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            for at, key, score in metric.cvss():
                if key == "cvss_v3" and (
                    score.get("version") == "3.0" or text(score.get("vectorString")).startswith("CVSS:3.0/")
                ):
                    yield at, "CVSS v3.0 is used."


@TABLE.test("6.3.12", NEW)
def no_cvss_4(r: Reading) -> Hits:
    """CVSS v4.0 is given."""
    for flaw in r.flaws:
        for metric in flaw.metrics:
            keys = {key for _, key, _ in metric.cvss()}
            if keys and "cvss_v4" not in keys:
                yield metric.content_pointer, "The metric has no CVSS v4.0."
        covered = frozenset().union(*(metric.products for metric in flaw.metrics if metric.cvss()))
        for name in sorted(flaw.members("affected") - covered):
            yield f"{flaw.pointer}/product_status", f"The affected product {name} has no CVSS."
