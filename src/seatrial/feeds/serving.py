"""Which protocol answers at an address, and how its refusals are worded. A view and the front ask the same."""

from __future__ import annotations

from datetime import datetime

from django.db import close_old_connections

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.members import api as members
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable

from . import aggregator, csaf, osv, taxii
from .asked import Answer, Asked, unchanged
from .askers import asker
from .taxii.answers import error as taxii_error

PREFIXES = ("/taxii2/", "/osv/", "/.well-known/csaf/", "/.well-known/csaf-aggregator/", "/.well-known/security.txt")
_CODES = {"bad-method": 405, "not-acceptable": 406, "sign-in-needed": 401, "unknown-token": 401}
_KINDS = ((NotFound, 404), (Misuse, 400), (Forbidden, 403), (Refused, 409), (Unavailable, 503))


def served(asked: Asked, at: datetime, origin: str) -> Answer:
    """The answer, whoever asks: a refusal is one too, and what the asker has already is not sent again."""
    try:
        found = _answered(asked, at, origin)
    except SeatrialError as refusal:
        status = _CODES.get(refusal.code) or next((one for kind, one in _KINDS if isinstance(refusal, kind)), 500)
        if asked.path.startswith("/taxii2/"):
            return taxii_error(status, refusal.code, refusal.message)
        if asked.path.startswith("/.well-known/"):
            return csaf.error(status, refusal.message)
        return osv.error(status, refusal.message)
    if unchanged(found, asked.headers.get("if-none-match", "")):
        return Answer(304, b"", "", found.headers, found.etag)
    return found


def _answered(asked: Asked, at: datetime, origin: str) -> Answer:
    actor = asker(asked.headers.get("authorization", ""), at)
    if asked.path.startswith("/taxii2/"):
        return taxii.answer(asked, actor, origin)
    if asked.path.startswith("/.well-known/csaf-aggregator/"):
        return aggregator.answer(asked, lambda: csaf.provider(at))
    if asked.path.startswith("/.well-known/"):
        return csaf.answer(asked, actor, at)
    return osv.answer(asked, actor)


def change() -> int:
    """Another number after each publication, here or of a member that is mirrored."""
    close_old_connections()
    return advisories.changes() + members.changes()  # neither ever falls


def forget() -> None:
    """Holds nothing of what was published any more."""
    taxii.forget()
    osv.forget()
    csaf.forget()
    aggregator.forget()
