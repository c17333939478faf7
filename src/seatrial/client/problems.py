"""Problem documents (RFC 9457) back into the errors of ``kernel.errors``: same class, code, sentence and facts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable

KINDS: Mapping[str, type[SeatrialError]] = {
    "not-found": NotFound,
    "conflict": Conflict,
    "misuse": Misuse,
    "forbidden": Forbidden,
    "refused": Refused,
    "unavailable": Unavailable,
}
_PREFIX = "urn:seatrial:problem:"


def error_of(status: int, body: bytes) -> SeatrialError:
    """What an answer of 300 and above says. Anything that is no problem document of Seatrial is ``Unavailable``."""
    try:
        said = json.loads(body)
        code = str(said["type"])
        detail, facts = str(said["detail"]), said.get("facts", {})
        kind = KINDS.get(str(said.get("kind")), Misuse if status < 500 else Unavailable)
    except (ValueError, KeyError, TypeError, AttributeError):
        return not_the_api(status)
    if not code.startswith(_PREFIX):
        return not_the_api(status)
    named = {str(name): value for name, value in facts.items()} if isinstance(facts, dict) else {}
    error = kind(code.removeprefix(_PREFIX), detail)
    error.facts = named
    return error


def not_the_api(status: int) -> Unavailable:
    """Something between here and there answered, or what is there is no Seatrial."""
    return Unavailable(
        "not-the-api",
        f"The answer (status {status}) is not Seatrial's; check SEATRIAL_URL and whatever stands in between.",
        status=status,
    )
