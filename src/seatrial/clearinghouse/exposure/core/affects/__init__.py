"""Advisories as the matching reads them: OSV records and CSAF documents become statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.exposure.types import AdvisoryRead
from seatrial.kernel.errors import Misuse

from .csaf import from_csaf
from .osv import from_osv

__all__ = ["from_csaf", "from_document", "from_osv"]


def from_document(document: Mapping[str, Any]) -> AdvisoryRead:
    """Whichever of the two it is. Raises ``Misuse`` (``not-an-advisory``)."""
    if isinstance(document.get("document"), Mapping):
        return from_csaf(document)
    if isinstance(document.get("id"), str) and "modified" in document:
        return from_osv(document)
    raise Misuse("not-an-advisory", "This is neither an OSV record nor a CSAF document; give one of the two.")
