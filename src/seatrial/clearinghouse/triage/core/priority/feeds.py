"""Two lists that others publish: known exploited vulnerabilities (CISA, JSON) and EPSS scores (FIRST, CSV).

Both are read whole or not at all; what stands in them beside the fields used here is passed over.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse, SeatrialError

MOST_BYTES = 256 * 1024**2  # unpacked
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True, slots=True)
class KnownExploited:
    cve: str
    since: date  # the day it was listed


@dataclass(frozen=True, slots=True)
class ExploitScore:
    """``score`` is the probability of exploitation within thirty days, ``percentile`` its rank; both 0–1."""

    cve: str
    score: float
    percentile: float


@dataclass(frozen=True, slots=True)
class ExploitScores:
    day: date  # for which they were computed
    model: str
    scores: tuple[ExploitScore, ...]


def read_known_exploited(data: bytes) -> tuple[KnownExploited, ...]:
    """The catalogue's JSON file. Raises ``Misuse`` (``bad-feed``)."""
    try:
        document: Any = from_json(_unpacked(data), "The catalogue of known exploited vulnerabilities")
        return tuple(
            KnownExploited(_cve(one["cveID"]), date.fromisoformat(one["dateAdded"]))
            for one in document["vulnerabilities"]
        )
    except (SeatrialError, KeyError, TypeError, ValueError) as error:
        raise _bad("catalogue of known exploited vulnerabilities (JSON)", error) from error


def read_exploit_scores(data: bytes) -> ExploitScores:
    """The day's CSV file, plain or gzip: a comment with model and date, a header, one line a CVE. Raises ``Misuse``."""
    try:
        comment, _, table = _unpacked(data).decode().partition("\n")
        said = dict(part.split(":", 1) for part in comment.lstrip("#").split(",") if ":" in part)
        scores = tuple(
            ExploitScore(_cve(row["cve"]), _share(row["epss"]), _share(row["percentile"]))
            for row in csv.DictReader(io.StringIO(table, newline=""))
        )
        found = ExploitScores(date.fromisoformat(said["score_date"][:10]), said["model_version"].strip(), scores)
    except (SeatrialError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise _bad("day's EPSS scores (CSV)", error) from error
    if not found.scores:
        raise _bad("day's EPSS scores (CSV)", ValueError("it has no line"))
    return found


def _unpacked(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            found = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it cannot be unpacked ({error})") from error
    if len(found) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES // 1024**2} MiB")
    return found


def _cve(text: str) -> str:
    if not _CVE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no CVE number")
    return text


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(f"{text[:20]!r} is no share from 0 to 1")
    return number


def _bad(what: str, error: Exception) -> Misuse:
    why = error.message if isinstance(error, SeatrialError) else f"it lacks or misspells a part ({error})"
    return Misuse("bad-feed", f"This is not the {what}: {why}. Nothing of it was taken; fetch it again.")
