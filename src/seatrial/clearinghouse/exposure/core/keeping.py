"""How statements and lists of places are kept as text and bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.clearinghouse.exposure.types import Reading, Release, Span, Statement, Verdict

_PLACES = np.dtype("<u2")


def to_text(statement: Statement) -> str:
    """JSON without what is as it always is."""
    data = {name: value for name, value in asdict(statement).items() if value not in ("", ())}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Statement:
    """The inverse of ``to_text``."""
    data: dict[str, Any] = json.loads(text)
    data["verdict"] = Verdict(data["verdict"])
    data["spans"] = tuple(Span(**one) for one in data.get("spans", ()))
    data["names"], data["versions"] = tuple(data["names"]), tuple(data.get("versions", ()))
    return Statement(**data)


def places_by_release(reading: Reading) -> Mapping[Release, bytes]:
    """In which systems, by their place, each release is; two bytes a place, least first."""
    found: dict[Release, list[int]] = {}
    for place, system in enumerate(reading.systems):
        for release in dict.fromkeys(one for component in system.components for one in component.releases):
            found.setdefault(release, []).append(place)
    return {release: np.array(places, _PLACES).tobytes() for release, places in found.items()}


def places(data: bytes | memoryview) -> NDArray[np.uint16]:
    """The places that were kept."""
    return np.frombuffer(data, _PLACES)


def expanded(pieces: Sequence[bytes | memoryview]) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """All places of many pieces at once, each with the number of its piece."""
    counts = np.fromiter((len(one) // 2 for one in pieces), np.intp, len(pieces))
    return np.repeat(np.arange(len(pieces)), counts), places(b"".join(pieces))


def vulnerability(names: Iterable[str]) -> str:
    """The name by which a vulnerability is remembered: its CVE where it has one."""
    return min(names, key=lambda name: (not name.startswith("CVE-"), name))


def match_id(system: str, release: Release, names: Iterable[str]) -> str:
    """The name of a match, the same whenever it is worked out; nobody can guess it who does not know the system."""
    words = (system, release.package, release.version, release.distro, vulnerability(names))
    return "match-" + hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]
