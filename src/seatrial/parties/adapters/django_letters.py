"""Letters through Django's mail settings."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import send_mail

_log = logging.getLogger(__name__)


class DjangoLetters:
    """See ``ports.Letters``."""

    def send(self, *, to: str, subject: str, text: str) -> None:
        try:
            send_mail(subject, text, None, [to])
        except (OSError, SMTPException) as error:
            _log.warning("A letter could not be sent: %s", error)
