"""Mail by whatever Django is set to use: files by default, SMTP if ``SEATRIAL_SMTP_URL`` says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from seatrial.notices.core.wording import subject, text
from seatrial.notices.types import Letter, Outcome


class DjangoMailer:
    """See ``ports.Mailer``. One connection for all letters; after one that broke, the next letter opens another, but
    a server that cannot be reached is asked once only."""

    def __init__(self, *, portal: str, sender: str, origin: str) -> None:
        self._portal = portal
        self._sender = sender
        self._origin = origin

    def send(self, letters: Sequence[Letter]) -> Iterator[tuple[Letter, Outcome]]:
        connection = get_connection()
        unreachable = Outcome()
        for letter in letters:
            if not unreachable.reason:
                try:
                    connection.open()
                except (SMTPException, OSError):
                    unreachable = Outcome(reason="The mail server cannot be reached.")
            yield letter, unreachable if unreachable.reason else self._sent(letter, connection)
        _closed(connection)

    def _sent(self, letter: Letter, connection: BaseEmailBackend) -> Outcome:
        message = EmailMessage(
            subject(letter.reviews),
            text(id=letter.notices[0], reviews=letter.reviews, at=letter.at, portal=self._portal),
            self._sender,
            [letter.to],
            headers={
                "Message-ID": f"<{letter.notices[0]}@{self._origin}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{self._portal}/notices/unsubscribe/{letter.unsubscribe}/>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            connection=connection,
        )
        try:
            message.send()
        except (SMTPException, OSError, ValueError):
            _closed(connection)
            return Outcome(reason="The mail server did not take the mail.")
        return Outcome()


def _closed(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (SMTPException, OSError):
        return
