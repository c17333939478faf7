"""A threshold specification: what a campaign is held to, as data that is committed before it is used.

It is one JSON document in the format ``seatrial-threshold/1``:

    format       "seatrial-threshold/1"
    name         one line; later versions keep it
    meaning      what *meets* and *below* say, for a reader who has minutes
    suite        the suite's digest, or null
    generator    where the suite is made for each campaign: {"name": …, "version": …}; or null. One of the two is given
    metric       "suite-mean": the mean score over all cells, in [0, 1]
    zone         [θ₀, θ₁]: between them either word is right
    alpha        how often either word may be wrong, at most
    elicitation  the ways of asking that a campaign under it has to try, by name, weakest first
    label        who may read it
    supersedes   the digest of the version it takes the place of, or null
    digest       only once it is committed: the SHA-256 of all the rest in canonical form (RFC 8785)

A specification is never edited. A file that holds a digest and other content than the digest covers was edited after it
was committed; what changes is committed as a version of its own that names the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import canonical, from_json, plain
from seatrial.kernel.digests import Digest, digest_of, parse_digest, same
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.review.benchmarks.core.sequential import check_threshold
from seatrial.review.benchmarks.types import Threshold

FORMAT = "seatrial-threshold/1"
SUITE_MEAN = "suite-mean"
LONGEST_NAME = 120
LONGEST_MEANING = 5_000
LONGEST_LEVEL = 60
MOST_LEVELS = 12
MOST_BYTES = 100_000

_MEMBERS = (
    *("format", "name", "meaning", "suite", "generator", "metric", "zone", "alpha", "elicitation", "label"),
    "supersedes",
)


@dataclass(frozen=True, slots=True)
class Generator:
    """A suite made for each campaign: what makes it, in which version; such a suite says ``name/version``."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Specification:
    """See the file's head. ``low`` and ``high`` are θ₀ and θ₁, means in [0, 1]; one of suite and generator is set."""

    name: str
    meaning: str
    suite: Digest | None
    generator: Generator | None
    metric: str
    low: float
    high: float
    alpha: float
    elicitation: tuple[str, ...]
    label: Label
    supersedes: Digest | None = None

    @property
    def digest(self) -> Digest:
        """SHA-256 of its canonical form."""
        return digest_of(document_of(self))


@dataclass(frozen=True, slots=True)
class Committed:
    """A specification as it was committed. ``superseded_by`` is the digest of the version that took its place."""

    digest: Digest
    specification: Specification
    owner: str
    committed_at: datetime
    superseded_by: Digest | None


def read_specification(data: bytes) -> Specification:
    """The specification in the file ``data``, committed or not.

    Raises ``Misuse``: ``bad-threshold`` for whatever is missing, misspelt or out of range, ``threshold-edited`` if it
    holds a digest that is not its own.
    """
    if len(data) > MOST_BYTES:
        raise _bad(f"has {len(data):,} bytes; a specification has at most {MOST_BYTES:,}")
    document = from_json(data, "The threshold specification")
    if not isinstance(document, dict):
        raise _bad("is not a JSON object")
    stated = document.pop("digest", None)
    found = _parsed(document)
    if stated is not None and not (isinstance(stated, str) and same(stated, found.digest)):
        raise Misuse(
            "threshold-edited",
            f"The threshold specification was edited after it was committed: it says {stated}, but its content is "
            f"{found.digest}. Restore it, or take the digest out and commit it as a version that supersedes that one.",
            expected=str(stated),
            found=found.digest,
        )
    return found


def specification_bytes(specification: Specification) -> bytes:
    """The committed file: the canonical JSON with the digest as one more member."""
    return canonical({**document_of(specification), "digest": specification.digest})


def document_of(specification: Specification) -> dict[str, Any]:
    """The document without its digest, in JSON's own types."""
    return {
        "format": FORMAT,
        "name": specification.name,
        "meaning": specification.meaning,
        "suite": specification.suite,
        "generator": plain(specification.generator),
        "metric": specification.metric,
        "zone": [specification.low, specification.high],
        "alpha": specification.alpha,
        "elicitation": list(specification.elicitation),
        "label": str(specification.label),
        "supersedes": specification.supersedes,
    }


def threshold_for(specification: Specification, *, suite: Digest, generator: str) -> Threshold:
    """The threshold for a campaign on the suite of that digest, which says that ``generator`` made it.

    Raises ``Misuse`` (``other-suite``) if the specification is for another one.
    """
    wanted = specification.generator
    if specification.suite is not None and specification.suite != suite:
        raise Misuse(
            "other-suite",
            f"The threshold {specification.name!r} was committed for the suite {specification.suite}, but {suite} is "
            "to be run; commit a specification for it.",
        )
    if wanted is not None and f"{wanted.name}/{wanted.version}" != generator:
        raise Misuse(
            "other-suite",
            f"The threshold {specification.name!r} was committed for suites of {wanted.name}/{wanted.version}, but "
            f"this one is of {generator}; commit a specification for it.",
        )
    return Threshold(suite, specification.metric, specification.low, specification.high, specification.alpha)


def not_tried(specification: Specification, tried: Sequence[str]) -> tuple[str, ...]:
    """The ways of asking that the specification wants and that are not among ``tried``, in its order."""
    return tuple(level for level in specification.elicitation if level not in frozenset(tried))


def _parsed(document: Mapping[str, Any]) -> Specification:
    missing = [name for name in _MEMBERS if name not in document and name != "supersedes"]
    unknown = sorted(set(document) - set(_MEMBERS))
    if missing:
        raise _bad(f"lacks {', '.join(missing)}")
    if unknown:
        raise _bad(f"holds what no specification has: {', '.join(unknown)}")
    if document["format"] != FORMAT:
        raise _bad(f"is in the format {document['format']!r}; this version reads {FORMAT}")
    if document["metric"] != SUITE_MEAN:
        raise _bad(f"names the metric {document['metric']!r}; there is one so far, {SUITE_MEAN}")
    suite, generator = _yardstick(document["suite"], document["generator"])
    low, high = _zone(document["zone"])
    found = Specification(
        name=checked("The name of a threshold", _text(document, "name"), longest=LONGEST_NAME, lines=False),
        meaning=checked("What a threshold means", _text(document, "meaning"), longest=LONGEST_MEANING),
        suite=suite,
        generator=generator,
        metric=SUITE_MEAN,
        low=low,
        high=high,
        alpha=_number(document["alpha"], "alpha"),
        elicitation=_levels(document["elicitation"]),
        label=Label.parse(_text(document, "label")),
        supersedes=_digest(document.get("supersedes"), "supersedes"),
    )
    check_threshold(Threshold(Digest(suite or ""), found.metric, low, high, found.alpha))
    return found


def _yardstick(suite: object, generator: object) -> tuple[Digest | None, Generator | None]:
    if (suite is None) == (generator is None):
        raise _bad("must name a suite or a generator, one of the two; the other is null")
    if generator is None:
        return _digest(suite, "suite"), None
    if not isinstance(generator, dict) or set(generator) != {"name", "version"}:
        raise _bad('must give its generator as {"name": …, "version": …}')
    parts = [
        checked(f"The generator's {part}", _text(generator, part), longest=LONGEST_NAME, lines=False)
        for part in ("name", "version")
    ]
    return None, Generator(*parts)


def _zone(zone: object) -> tuple[float, float]:
    if not isinstance(zone, list) or len(zone) != 2:
        raise _bad("must give its zone as two numbers, the lower edge first")
    return _number(zone[0], "zone"), _number(zone[1], "zone")


def _levels(levels: object) -> tuple[str, ...]:
    if not isinstance(levels, list) or not 1 <= len(levels) <= MOST_LEVELS:
        raise _bad(f"must name 1 to {MOST_LEVELS} ways of asking in its elicitation, weakest first")
    found = tuple(
        checked("A way of asking", one if isinstance(one, str) else "", longest=LONGEST_LEVEL, lines=False)
        for one in levels
    )
    if len(set(found)) != len(found):
        raise _bad("names a way of asking twice in its elicitation")
    return found


def _digest(text: object, name: str) -> Digest | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise _bad(f"must give {name} as a digest or null")
    return parse_digest(text)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(f"must give {name} in numbers, not {value!r}")
    try:
        return float(value)
    except OverflowError as error:
        raise _bad(f"gives a number for {name} that is far too large") from error


def _text(document: Mapping[str, Any], name: str) -> str:
    if not isinstance(document[name], str):
        raise _bad(f"must give {name} as text")
    return str(document[name])


def _bad(said: str) -> Misuse:
    return Misuse("bad-threshold", f"The threshold specification {said}.")
