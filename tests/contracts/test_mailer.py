"""What every ``notices.ports.Mailer`` guarantees, of Django's backends. The poster's are tested with real receivers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from seatrial.notices.adapters.django_mailer import DjangoMailer
from seatrial.notices.types import Letter

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


def letter(number: int) -> Letter:
    return Letter((f"notice-{number}",), f"person{number}@lab.example", ("review-1",), AT, f"notice-{number}.sig")


@pytest.fixture
def mailer() -> DjangoMailer:
    return DjangoMailer(portal="https://sea.example", sender="seatrial@sea.example", origin="sea.example")


def test_each_letter_is_a_mail_of_its_own_with_no_address_but_its_own(mailer, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_FILE_PATH", tmp_path)
    outcomes = list(mailer.send([letter(1), letter(2)]))
    assert [(sent.notices[0], outcome.reason) for sent, outcome in outcomes] == [("notice-1", ""), ("notice-2", "")]
    mails = "".join(path.read_text() for path in tmp_path.iterdir()).split("-" * 79)
    for mail in mails:
        assert not ("person1" in mail and "person2" in mail)
    assert "List-Unsubscribe: <https://sea.example/notices/unsubscribe/notice-1.sig/>" in mails[0]
    assert "Message-ID: <notice-1@sea.example>" in mails[0]


def test_a_server_that_is_not_there_is_asked_once_and_no_letter_is_lost(mailer, monkeypatch):
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", 9)
    monkeypatch.setattr(settings, "EMAIL_TIMEOUT", 2)
    outcomes = list(mailer.send([letter(1), letter(2), letter(3)]))
    assert [outcome.reason for _, outcome in outcomes] == ["The mail server cannot be reached."] * 3
