"""What a report's own words tell triage: weaknesses, CVE numbers, whether it is public."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seatrial.kernel.labels import Label, Tlp

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.IGNORECASE)


def cves_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The CVE numbers under which others handle what this report says."""
    named = (one["identifier"].strip() for one in document.get("handling", ()))
    return tuple(sorted({name.upper() for name in named if _CVE.fullmatch(name)}))


def weaknesses_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The weaknesses that its finder names, as CWE numbers."""
    return tuple(document.get("weaknesses", ()))


def is_public(label: Label) -> bool:
    """Whether its finder lets it be passed on to anyone."""
    return label.tlp is Tlp.CLEAR
