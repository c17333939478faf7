"""Hosts beside a box: their names and addresses on its private network, and when one of them listens. Pure."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from ipaddress import IPv4Address

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.types import Host, Limits

MOST = 32
LIMITS = Limits(wall_seconds=86_400, cpu_seconds=600)  # of a host of whom nothing else is said; it ends with its box
_FIRST = IPv4Address("127.77.0.2")
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_TAKEN = ("localhost", "sandbox")
_LOOPBACK = f"{int.from_bytes(IPv4Address('127.0.0.1').packed, sys.byteorder):08X}"
_LISTENING = "0A"  # TCP_LISTEN, include/net/tcp_states.h


def addresses(hosts: Mapping[str, Host]) -> dict[str, str]:
    """Each host's address, in the order given. Raises ``Misuse`` (``bad-host``)."""
    if len(hosts) > MOST:
        raise Misuse("bad-host", f"A sandbox may have {MOST} hosts beside it, not {len(hosts)}.")
    for name, host in hosts.items():
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise Misuse("bad-host", f"{name!r} cannot name a host; use small letters, digits and '-', e.g. web-1.")
        if not 0 < host.ready < 1 << 16:
            raise Misuse("bad-host", f"The host {name} cannot listen on port {host.ready}; ports are 1 to 65535.")
    return {name: str(_FIRST + place) for place, name in enumerate(hosts)}


def listens(host: Host, address: str, others: Mapping[str, Host], table: str) -> bool:
    """Whether ``table`` (``/proc/<pid>/net/tcp`` and ``tcp6``) shows a socket that takes ``host``'s connections.

    One that listens on every address, or on the loopback's usual one where ``host`` may, counts unless another host has
    the same port: it may be that other's.
    """
    port = f":{host.ready:04X}"
    mine = f"{int.from_bytes(IPv4Address(address).packed, sys.byteorder):08X}"
    wanted = [mine, _mapped(mine)]
    if [other.ready for other in others.values()].count(host.ready) <= 1:
        wanted += ["0" * 8, "0" * 32, _mapped("0" * 8)]
        if host.loopback:
            wanted += [_LOOPBACK, _mapped(_LOOPBACK)]
    found = {
        columns[1] for columns in map(str.split, table.splitlines()) if len(columns) > 3 and columns[3] == _LISTENING
    }
    return any(candidate + port in found for candidate in wanted)


def _mapped(address: str) -> str:
    """An IPv4 address as IPv6 sockets have it (``::ffff:…``), as the kernel prints it: word by word."""
    return "0" * 16 + f"{int.from_bytes(bytes((0, 0, 0xFF, 0xFF)), sys.byteorder):08X}" + address
