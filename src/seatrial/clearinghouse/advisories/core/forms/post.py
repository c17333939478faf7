"""A plain mail (RFC 5322), ready to be sent by any mailer: no header takes what somebody wrote but as encoded text."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from seatrial.clearinghouse.advisories.core.names import file_name, page
from seatrial.clearinghouse.advisories.types import Form, Issue, Written
from seatrial.kernel.clock import aware

from .prose import Part, prose
from .wording import named

_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


def mail(issue: Issue) -> tuple[Written, ...]:
    """The mail, to nobody yet. Its id is the revision's, so that a mailer can tell that it was sent before."""
    message = EmailMessage(policy=SMTP)
    sender = issue.publisher.contact.removeprefix("mailto:")
    message["From"] = sender if _ADDRESS.fullmatch(sender) else "advisories@localhost"
    message["To"] = "undisclosed-recipients:;"
    message["Subject"] = _one_line(f"[{issue.tracking}] {issue.content.title}", 200)
    message["Date"] = format_datetime(aware(issue.updated))
    host = urlsplit(issue.publisher.namespace).hostname or "localhost"
    message["Message-ID"] = f"<{named('mail', issue.tracking, str(issue.revision))}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(issue), charset="utf-8", cte="quoted-printable")
    name = file_name(issue.tracking, "eml")
    return (Written(Form.MAIL, name, "message/rfc822", message.as_bytes()),)


def _one_line(text: str, longest: int) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+", " ", text).strip()[:longest]


def _body(issue: Issue) -> str:
    said = prose(issue)
    lines = [f"TLP:{issue.content.tlp.mark}", "", said.title, "=" * min(len(said.title), 72), ""]
    lines += [f"{name}: {value}" for name, value in said.facts] + [f"On the web: {page(issue)}", ""]
    lines += [said.notice, ""] if said.notice else []
    lines += [said.summary, ""]
    for part in said.parts:
        lines += _part(part)
    for title, items in (("References", said.references), ("Thanks", said.thanks)):
        if items:
            lines += [title, "-" * len(title), *(f"* {words} {url}".rstrip() for words, url in items), ""]
    lines += ["Revisions", "---------", *(f"* {when}: {words}" for when, words in said.history)]
    return "\n".join(lines) + "\n"


def _part(part: Part) -> list[str]:
    lines = [part.title, "-" * min(len(part.title), 72), *(f"{name}: {value}" for name, value in part.facts), ""]
    lines += [part.text, ""]
    for row in part.rows:
        lines.append(f"* {row.product}: {row.status}. {row.action}".rstrip())
    for kind, details, url in part.remedies:
        lines.append(f"* {kind}: {details} {url}".rstrip())
    return [*lines, ""]
