"""An operator's own answers as an OpenVEX 0.2.0 document, for whoever it hands that to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.advisories.types import OPENVEX
from seatrial.clearinghouse.remediation.types import ExposureView, Status
from seatrial.kernel.digests import digest_of


def openvex(author: str, exposures: Iterable[ExposureView], at: datetime) -> dict[str, Any]:
    """A statement for each exposure that was answered; the document's id is of its statements' digest."""
    statements = [_statement(one) for one in exposures if one.answers]
    moment = at.isoformat().replace("+00:00", "Z")
    return {
        "@context": OPENVEX,
        "@id": f"urn:seatrial:vex:{digest_of({'author': author, 'statements': statements}).partition(':')[2]}",
        "author": author,
        "timestamp": moment,
        "version": 1,
        "statements": statements,
    }


def _statement(one: ExposureView) -> dict[str, Any]:
    answer = one.answers[0]
    said = answer.said
    found: dict[str, Any] = {
        "vulnerability": {"name": one.advisory},
        "products": [{"@id": one.system, "subcomponents": [{"@id": f"{one.component}@{one.version}"}]}],
        "status": str(said.status),
        "timestamp": answer.at.isoformat().replace("+00:00", "Z"),
    }
    if said.justification is not None:
        found["justification"] = str(said.justification)
    elif said.status is Status.NOT_AFFECTED:
        found["impact_statement"] = said.note
    if said.status is Status.AFFECTED:
        found["action_statement"] = said.action or one.action or "No action is known."
    if said.note:
        found["status_notes"] = said.note
    return found
