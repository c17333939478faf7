"""Who asks for a feed: a personal API token, in each of the three ways in which clients of feeds can send one."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from seatrial.kernel.errors import Misuse
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor


def asker(authorization: str, at: datetime) -> Actor:
    """``Bearer sta-…``, ``Token sta-…``, or Basic with the token as password; the public where nothing is sent.

    Raises ``Misuse`` (``unknown-token``).
    """
    if not authorization:
        return ANYONE
    kind, _, rest = authorization.partition(" ")
    kind, token = kind.lower(), rest.strip()
    if kind == "basic":
        try:
            token = base64.b64decode(token, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            token = ""
    if kind not in ("bearer", "token", "basic") or not token:
        raise Misuse(
            "unknown-token", "Send a personal API token as 'Authorization: Bearer …', or as the password of HTTP Basic."
        )
    return parties.actor_by_token(token, at)
