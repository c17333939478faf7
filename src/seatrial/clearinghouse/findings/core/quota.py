"""How much one reporter may send: a token bucket that holds a day's worth and fills up within a day.

A report costs one, and one more for each MiB of its attachments. What is known already costs nothing. A flood empties
the bucket it comes from: an organisation's, a person's, or that of a neighbourhood of network addresses; nobody else's.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.kernel.errors import Refused

DAY = timedelta(days=1)
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quotas:
    """Reports a day: of an organisation, a person, and a neighbourhood of addresses."""

    organisation: int
    person: int
    address: int


def cost(attached: int) -> int:
    """Of one report with ``attached`` bytes of attachments."""
    return 1 + attached // _MIB


def level(a_day: int, tokens: float, since: datetime, now: datetime) -> float:
    """What is in a bucket that held ``tokens`` at ``since``. A clock that went back fills nothing."""
    gone = max(0.0, (now - since) / DAY)
    return min(float(a_day), tokens + a_day * gone)


def too_many(a_day: int, tokens: float, wanted: float) -> Refused:
    """The refusal, with the seconds after which ``wanted`` fits."""
    after = max(1, -(-int((min(wanted, a_day) - tokens) * DAY.total_seconds()) // a_day)) if a_day else 86_400
    return Refused(
        "too-many-reports",
        f"You sent more than {a_day:,} reports a day; send the rest in {_said(after)}. What was taken stays taken.",
        retry_after=after,
    )


def neighbourhood(address: str, key: bytes) -> str:
    """A keyed digest (hex) of the network an address is in (/24 of IPv4, /48 of IPv6); empty for what is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    network = ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False)
    return hmac.digest(key, b"seatrial report address\0" + str(network).encode(), "sha256").hex()[:40]


def _said(seconds: int) -> str:
    for size, word in ((3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = -(-seconds // size)
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if seconds > 1 else ''}"
