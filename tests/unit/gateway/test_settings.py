"""What the environment may say of TLS and of public addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.config.environment import read
from seatrial.kernel.errors import Misuse

TLS, UPSTREAM = "SEATRIAL_GATEWAY_TLS_", "SEATRIAL_GATEWAY_UPSTREAM_"


def told(tmp_path: Path, **environment: str):
    return read({"SEATRIAL_HOME": str(tmp_path), "SEATRIAL_SECRET_KEY": "x", **environment})


def test_callers_are_told_where_the_gateway_is(tmp_path):
    assert told(tmp_path).gateway_url == "http://127.0.0.1:8100"
    pair = {f"{TLS}CERTIFICATE": "a.pem", f"{TLS}KEY": "a.key"}
    found = told(tmp_path, **pair)
    assert found.gateway_url == "https://127.0.0.1:8100"
    assert (found.gateway_tls_certificate, found.gateway_tls_client_ca) == (Path("a.pem").absolute(), None)
    assert told(tmp_path, **pair, SEATRIAL_GATEWAY_URL="https://g.example/").gateway_url == "https://g.example"


def test_everybody_is_told_where_the_portal_is(tmp_path):
    assert told(tmp_path).portal_url == "http://127.0.0.1:8000"
    for address in ("https://body.example", "https://body.example:8443", "http://[::1]:8000"):
        assert told(tmp_path, SEATRIAL_PORTAL_URL=f"{address}/").portal_url == address


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({f"{TLS}CERTIFICATE": "a.pem"}, f"{TLS}KEY is not"),
        ({f"{TLS}KEY": "a.key"}, f"{TLS}CERTIFICATE is not"),
        ({f"{TLS}CLIENT_CA": "a.pem"}, "needs TLS"),
        ({f"{UPSTREAM}KEY": "a.key"}, f"{UPSTREAM}CERTIFICATE is not"),
        ({"SEATRIAL_GATEWAY_URL": "gateway.example"}, "SEATRIAL_GATEWAY_URL"),
        ({"SEATRIAL_GATEWAY_URL": "https://g:99999"}, "SEATRIAL_GATEWAY_URL"),
        ({"SEATRIAL_GATEWAY_URL": "https://g/?x"}, "SEATRIAL_GATEWAY_URL"),
        ({"SEATRIAL_PORTAL_URL": "body.example"}, "SEATRIAL_PORTAL_URL"),
        ({"SEATRIAL_PORTAL_URL": "https://body.example/portal"}, "SEATRIAL_PORTAL_URL"),
        ({"SEATRIAL_PORTAL_URL": "https://me:secret@body.example"}, "SEATRIAL_PORTAL_URL"),
        ({"SEATRIAL_PORTAL_URL": "https://body.example:0"}, "SEATRIAL_PORTAL_URL"),
    ],
)
def test_half_a_setting_is_named(tmp_path, environment, named):
    with pytest.raises(Misuse, match=named) as refused:
        told(tmp_path, **environment)
    assert refused.value.code == "bad-setting"
    assert "secret" not in refused.value.message
