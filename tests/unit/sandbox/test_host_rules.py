"""Names, addresses and listening sockets of the hosts beside a box."""

from __future__ import annotations

import sys

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.core.hosts import MOST, addresses, listens
from seatrial.sandbox.types import Host

HOST = Host(("true",))
TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: {address}:1F90 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 65534        0 2417 1
"""

little = pytest.mark.skipif(sys.byteorder != "little", reason="the tables here are those of a little-endian kernel")


def test_each_host_has_an_address_of_its_own_on_the_loopback() -> None:
    assert addresses({"web": HOST, "db": HOST}) == {"web": "127.77.0.2", "db": "127.77.0.3"}


@pytest.mark.parametrize("name", ["", "Web", "a b", "a\nb", "-a", "a-", "1a", "a.b", "localhost", "sandbox", "a" * 64])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Misuse) as raised:
        addresses({name: HOST})
    assert raised.value.code == "bad-host"


@pytest.mark.parametrize("hosts", [{"web": Host(("true",), ready=0)}, {f"h{n}": HOST for n in range(MOST + 1)}])
def test_a_port_that_is_none_and_too_many_hosts_are_refused(hosts: dict[str, Host]) -> None:
    with pytest.raises(Misuse):
        addresses(hosts)


@little
@pytest.mark.parametrize(
    ("address", "state", "expected"),
    [
        ("02004D7F", "0A", True),
        ("02004D7F", "01", False),  # a connection, not a listener
        ("03004D7F", "0A", False),  # its neighbour's
        ("0100007F", "0A", False),
        ("00000000", "0A", True),
        ("0" * 32, "0A", True),
        ("0000000000000000FFFF000002004D7F", "0A", True),
        ("0000000000000000FFFF000000000000", "0A", True),
        ("00000000000000000000000001000000", "0A", False),  # ::1
    ],
)
def test_a_host_listens_where_its_own_connections_arrive(address: str, state: str, expected: bool) -> None:
    assert listens(HOST, "127.77.0.2", {"web": HOST}, TABLE.format(address=address, state=state)) is expected


@little
def test_a_listener_on_every_address_is_nobodys_when_two_want_the_port() -> None:
    table = TABLE.format(address="00000000", state="0A")
    assert not listens(HOST, "127.77.0.2", {"web": HOST, "db": HOST}, table)
    assert listens(HOST, "127.77.0.2", {"web": HOST, "db": Host(("true",), ready=1)}, table)


@little
def test_a_listener_on_the_loopback_counts_where_a_host_may_be_there_alone() -> None:
    host = Host(("true",), ready=HOST.ready, loopback=True)
    table = TABLE.format(address="0100007F", state="0A")
    assert listens(host, "127.77.0.2", {"web": host}, table)
    assert not listens(host, "127.77.0.2", {"web": host, "db": host}, table)
