"""Where mail goes is one setting; off this machine there is none without TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.config.environment import django_mail, read
from seatrial.kernel.errors import Misuse


def test_without_a_server_mails_are_files():
    assert django_mail("") == {}


def test_a_server_elsewhere_is_reached_over_tls_only():
    there = django_mail("smtp://sea:s%40fe@mail.example")
    assert (there["EMAIL_HOST"], there["EMAIL_PORT"]) == ("mail.example", 587)
    assert (there["EMAIL_HOST_USER"], there["EMAIL_HOST_PASSWORD"]) == ("sea", "s@fe")
    assert (there["EMAIL_USE_TLS"], there["EMAIL_USE_SSL"]) == (True, False)
    implicit = django_mail("smtps://mail.example")
    assert (implicit["EMAIL_PORT"], implicit["EMAIL_USE_TLS"], implicit["EMAIL_USE_SSL"]) == (465, False, True)
    here = django_mail("smtp://127.0.0.1:2525")
    assert (here["EMAIL_PORT"], here["EMAIL_USE_TLS"], here["EMAIL_USE_SSL"]) == (2525, False, False)
    assert there["EMAIL_TIMEOUT"] == 10


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u:secret@h:99999", "smtp://h:x"]
)
def test_a_setting_that_cannot_be_used_is_named_and_its_password_is_not(tmp_path: Path, url: str):
    with pytest.raises(Misuse, match="SEATRIAL_SMTP_URL") as refused:
        read({"SEATRIAL_HOME": str(tmp_path), "SEATRIAL_SECRET_KEY": "x", "SEATRIAL_SMTP_URL": url})
    assert "secret" not in refused.value.message


def test_whose_address_mails_carry(tmp_path: Path):
    known = {"SEATRIAL_HOME": str(tmp_path), "SEATRIAL_SECRET_KEY": "x", "SEATRIAL_ORIGIN": "sea.example"}
    assert read(known).mail_from == "seatrial@sea.example"
    assert read({**known, "SEATRIAL_MAIL_FROM": "review@sea.example"}).mail_from == "review@sea.example"


def test_the_licence_of_advisories_is_one_that_everybody_knows(tmp_path: Path) -> None:
    given = {"SEATRIAL_HOME": str(tmp_path)}
    assert read(given).advisory_licence == "CC-BY-4.0"
    assert read({**given, "SEATRIAL_ADVISORY_LICENCE": "CC0-1.0"}).advisory_licence == "CC0-1.0"
    for wrong in ("LicenseRef-ours", "Creative Commons", "MIT AND"):
        with pytest.raises(Misuse, match="SEATRIAL_ADVISORY_LICENCE"):
            read({**given, "SEATRIAL_ADVISORY_LICENCE": wrong})
