"""An endpoint over TLS is called by the name in the consent, at the address that was checked, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from seatrial.gateway import upstream as calling
from seatrial.gateway.certificates import endpoints_context
from seatrial.kernel.errors import Misuse
from seatrial.review.access import api as access
from simulators.certificates import Authority, Pair
from simulators.running_gateway import RunningGateway, limits
from simulators.scripted_upstream import ScriptedUpstream

from .conftest import Channel, open_channel
from .test_bad_days import post

NAME = "endpoint.lab.example"


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path)


@dataclass
class Stage:
    world: object
    authority: Authority

    @contextmanager
    def set(self, tls: ssl.SSLContext, host: str = NAME, ours: Pair | None = None) -> Iterator[tuple]:
        """A gateway, and a channel to an endpoint of that name with that TLS."""
        with ScriptedUpstream(tls=tls, host=host) as endpoint:
            channel = open_channel(self.world, endpoint)
            shown = (ours.certificate, ours.key) if ours else (None, None)
            with RunningGateway(endpoints=endpoints_context(self.authority.file, *shown)) as gateway:
                yield gateway, channel


@pytest.fixture
def stage(durable_world, authority, monkeypatch) -> Stage:
    """Every name leads to this machine, as if its address had been found public."""

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(calling, "addresses_of", here)
    return Stage(durable_world, authority)


def refused(gateway: RunningGateway, channel: Channel, code: str) -> str:
    answer = post(gateway, channel, "hello")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, code)
    assert channel.upstream.requests == []
    assert channel.settled()[0].ended == "upstream-failed"
    assert access.usage(channel.world.evaluator, channel.review).tokens == 0
    assert NAME not in answer.text
    assert "127.0.0.1" not in answer.text
    return str(answer.json()["detail"])


def test_the_name_of_the_consent_is_asked_for_and_checked_at_the_address_that_was_found(stage, authority):
    asked: list[str | None] = []
    tls = authority.certify(NAME).server_context()
    tls.sni_callback = lambda _object, name, _context: asked.append(name)
    with stage.set(tls) as (gateway, channel):
        assert post(gateway, channel, "hello").status_code == 200
        assert post(gateway, channel, "stream", stream=True).status_code == 200
    assert set(asked) == {NAME}
    assert channel.upstream.requests[0].headers["Host"] == f"{NAME}:{channel.upstream.port}"


def test_an_address_in_the_consent_needs_a_certificate_for_that_address(stage, authority):
    with stage.set(authority.certify("127.0.0.1").server_context(), "127.0.0.1") as (gateway, channel):
        assert post(gateway, channel, "hello").status_code == 200


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"names": ["other.lab.example"]}, "is for another host"),
        ({"names": ["127.0.0.1"]}, "is for another host"),
        ({"names": [NAME], "ended": True}, "has ended"),
        ({"names": [NAME], "by_itself": True}, "is signed by itself only"),
        ({"names": [NAME], "client": True}, "is not accepted"),
    ],
)
def test_a_certificate_that_is_wrong_gets_nothing(stage, authority, made, said):
    names = made.pop("names")
    with stage.set(authority.certify(*names, **made).server_context()) as (gateway, channel):
        assert said in refused(gateway, channel, "upstream-untrusted")


def test_an_unknown_authority_is_not_trusted(stage, tmp_path):
    other = Authority(tmp_path, "Other Authority")
    with stage.set(other.certify(NAME).server_context()) as (gateway, channel):
        assert "authority that is not known" in refused(gateway, channel, "upstream-untrusted")


def test_an_endpoint_that_asks_for_a_certificate_is_shown_ours(stage, authority):
    tls = authority.certify(NAME).server_context()
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(cafile=authority.file)
    with stage.set(tls, ours=authority.certify("gateway.body.example", client=True)) as (gateway, channel):
        assert post(gateway, channel, "hello").status_code == 200
        assert post(gateway, channel, "hello").status_code == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_without_one_such_an_endpoint_gets_nothing(stage, durable_world, authority, version):
    tls = authority.certify(NAME).server_context()
    tls.verify_mode, tls.maximum_version = ssl.CERT_REQUIRED, version
    tls.load_verify_locations(cafile=authority.file)
    with ScriptedUpstream() as idle, closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=shakes_one_hand, args=(listening, tls), daemon=True).start()
        port = listening.getsockname()[1]
        channel = open_channel(durable_world, idle, upstream=f"https://{NAME}:{port}/v1")
        with RunningGateway(endpoints=endpoints_context(authority.file, None, None)) as gateway:
            assert "may ask for a certificate" in refused(gateway, channel, "upstream-tls")


def shakes_one_hand(listening: socket.socket, tls: ssl.SSLContext) -> None:
    """As servers do, and aiohttp does not: it says why with an alert."""
    raw, _ = listening.accept()
    with raw, pytest.raises(ssl.SSLError):
        tls.wrap_socket(raw, server_side=True)


def test_an_endpoint_that_speaks_no_tls_is_told_apart_from_one_that_is_down(stage, durable_world):
    with ScriptedUpstream() as plain:
        channel = open_channel(durable_world, plain, upstream=f"https://{NAME}:{plain.port}/v1")
        with RunningGateway() as gateway:
            refused(gateway, channel, "upstream-tls")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    channel = open_channel(durable_world, plain, upstream=f"https://{NAME}:{nobody}/v1")
    with RunningGateway() as gateway:
        refused(gateway, channel, "upstream-down")


def test_an_endpoint_that_begins_no_handshake_is_down_in_time(stage, durable_world):
    with ScriptedUpstream() as idle, closing(socket.create_server(("127.0.0.1", 0))) as silent:
        channel = open_channel(durable_world, idle, upstream=f"https://{NAME}:{silent.getsockname()[1]}/v1")
        with RunningGateway(limits(connect_seconds=0.3)) as gateway:
            refused(gateway, channel, "upstream-down")


def test_our_files_for_endpoints_are_checked_at_start(authority, tmp_path):
    with pytest.raises(Misuse, match="SEATRIAL_GATEWAY_UPSTREAM_CA is "):
        endpoints_context(tmp_path / "none", None, None)
    pair = authority.certify("gateway", client=True)
    with pytest.raises(Misuse, match="SEATRIAL_GATEWAY_UPSTREAM_KEY is "):
        endpoints_context(None, pair.certificate, authority.certify("x").key)
