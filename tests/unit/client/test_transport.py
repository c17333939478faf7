"""Over HTTP: what is no address, no token, no certificate is said before anything is sent."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seatrial.client import Http, Seatrial
from seatrial.client.transport import Lost
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


@pytest.mark.parametrize(("status", "written"), [("200 OK", b"the whole"), ("404 Not Found", b"")])
def test_a_download_is_written_as_it_comes_and_a_refusal_is_not(status: str, written: bytes) -> None:
    with one_answer(f"HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\nthe whole") as url:
        into, http = io.BytesIO(), Http(url, "sta-x")
        _, _, content = http.send("GET", "/x", {}, b"", into.write)
        http.close()
    assert into.getvalue() == written
    assert content == (b"" if written else b"the whole")


def test_a_download_that_ends_too_early_is_lost() -> None:
    with one_answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe") as url, pytest.raises(Lost):
        Http(url, "sta-x").send("GET", "/x", {}, b"", io.BytesIO().write)


@contextmanager
def one_answer(said: str) -> Iterator[str]:
    """The address of a server that answers the first request with these words and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said.encode())

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join()
