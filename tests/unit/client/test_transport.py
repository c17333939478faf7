"""Over HTTP: what is no address, no token, no certificate is said before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.client import Http, Seatrial
from seatrial.kernel.errors import Misuse


@pytest.mark.parametrize(
    "url", ["", "review.example", "ftp://review.example", "https://", "https://review.example/?x=1", "file:///etc"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Misuse, match="not the address"):
        Http(url, "sta-x")


def test_a_token_travels_in_the_open_to_this_machine_only() -> None:
    for url in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "https://review.example"):
        Http(url, "sta-x").close()
    with pytest.raises(Misuse, match="use https"):
        Http("http://review.example", "sta-x")
    Http("http://review.example", "sta-x", insecure=True).close()


def test_a_password_does_not_belong_in_the_address() -> None:
    with pytest.raises(Misuse, match="SEATRIAL_TOKEN"):
        Http("https://user:secret@review.example", "sta-x")


@pytest.mark.parametrize("token", ["", "sta-x\n", "schlüssel"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Misuse, match="no API token"):
        Http("https://review.example", token)


def test_a_bundle_that_holds_no_certificates_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    for bundle in (empty, tmp_path / "none.pem"):
        with pytest.raises(Misuse, match=bundle.name):
            Http("https://review.example", "sta-x", ca_bundle=bundle)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "SEATRIAL_URL is not set"),
        ({"SEATRIAL_URL": "https://review.example"}, "SEATRIAL_TOKEN is not set"),
        ({"SEATRIAL_URL": "https://r.example", "SEATRIAL_TOKEN": "t", "SEATRIAL_TIMEOUT": "soon"}, "SEATRIAL_TIMEOUT"),
        ({"SEATRIAL_URL": "https://r.example", "SEATRIAL_TOKEN": "t", "SEATRIAL_TIMEOUT": "-1"}, "SEATRIAL_TIMEOUT"),
    ],
)
def test_the_environment_is_checked_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(Misuse, match=named):
        Seatrial.from_environment(environment)


def test_no_secret_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    client = Seatrial("https://review.example", "sta-secret")
    assert "secret" not in f"{client!r}{vars(client)!r}"
