"""Where this instance may send or read: a public address over https, which somebody named.

Loopback over http is for a development instance that says so. The check of the address itself is made on what the
name resolved to, and the connection goes to exactly that address: a name that changes its mind in between gains
nothing.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from seatrial.kernel.errors import Misuse

LONGEST = 500
_SOUND = re.compile(r"[!-~]+")  # printable ASCII without spaces: an internationalised name is written in its A-form
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def check_url(url: str, *, loopback: bool, what: str = "a webhook") -> str:
    """``url``; ``loopback`` says whether this machine, over http too, is possible, ``what`` it is to be.

    Raises ``Misuse`` (``bad-address``) with what is wrong.
    """
    if (why := _wrong(url, loopback)) is not None:
        raise Misuse(
            "bad-address",
            f"This address cannot be {what}: {why}. Write a public one, such as https://host.example/in.",
        )
    return url


def _wrong(url: str, loopback: bool) -> str | None:
    if len(url) > LONGEST or not _SOUND.fullmatch(url):
        return f"it must have at most {LONGEST} characters, all printable ASCII and no spaces"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is no URL"
    if parts.username is not None or parts.password is not None:
        return "a name and a password cannot stand in it"
    if parts.fragment or "#" in url:
        return "a part after # is never sent"
    if not parts.hostname or port == 0:
        return "it names no host"
    here = _is_loopback_name(parts.hostname)
    if here and not loopback:
        return "it is on this instance's own machine"
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        return "it must begin with https://"
    literal = _literal(parts.hostname)
    if literal is not None and not reachable(str(literal), loopback=loopback):
        return "it is a private address"
    return None


def reachable(address: str, *, loopback: bool) -> bool:
    """Whether a notice may be sent to this IP address: a public one, or loopback where that is allowed."""
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address | None = _literal(address)
    if ip is None:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if inner is not None:
            return reachable(str(inner), loopback=loopback)
        if ip in _NAT64 or ip.sixtofour is not None or ip.teredo is not None:
            return False  # another address inside, which only the network knows
    if ip.is_loopback:
        return loopback
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _is_loopback_name(host: str) -> bool:
    literal = _literal(host)
    return (literal is not None and literal.is_loopback) or host == "localhost" or host.endswith(".localhost")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
