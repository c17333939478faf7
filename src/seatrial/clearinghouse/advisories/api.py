"""The door to advisories: one content in every form, from a case to what is published, revised and withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from . import actions
from .actions import draft, edit, give_back, revise, submit
from .adapters.openpgp import OpenPgpSigner
from .adapters.proofreading import grammar, spelling
from .core.checks import check
from .core.content import read as read_content
from .core.content import written as content_document
from .core.csaf import Aids, Extension, Finding, Group, Report, Unreadable, convert, parse, validate, written
from .core.forms import WRITERS
from .core.history import moment_after
from .core.names import file_name as csaf_name
from .queries import (
    advisories,
    advisories_of,
    advisory,
    changes,
    document,
    no_such_advisory,
    numbered,
    numbers,
    parts,
    published,
    published_since,
)
from .queries.earlier import earlier
from .types import AdvisoryView, Change, Form, Issue, Publisher, Written

__all__ = [
    "Aids",
    "Extension",
    "Finding",
    "Group",
    "Report",
    "Unreadable",
    "advisories",
    "advisories_of",
    "advisory",
    "beyond",
    "certificate",
    "changes",
    "check",
    "content_document",
    "convert",
    "csaf_name",
    "document",
    "draft",
    "edit",
    "fingerprint",
    "give_back",
    "grammar",
    "no_such_advisory",
    "numbered",
    "numbers",
    "parse",
    "parts",
    "preview",
    "publish",
    "published",
    "published_since",
    "publisher",
    "read_content",
    "revise",
    "sign",
    "spelling",
    "submit",
    "validate",
    "withdraw",
    "written",
]


def publish(*, by: Actor, advisory: str, at: datetime, version: int | None = None) -> int:
    """See ``actions.publish``; signed with this instance's OpenPGP key, made at first use."""
    return actions.publish(by=by, advisory=advisory, at=at, version=version, signer=_signer(), publisher=publisher())


def withdraw(*, by: Actor, advisory: str, why: str, at: datetime) -> int:
    """See ``actions.withdraw``."""
    return actions.withdraw(by=by, advisory=advisory, why=why, at=at, signer=_signer(), publisher=publisher())


def preview(found: AdvisoryView, form: Form, at: datetime) -> tuple[Written, ...]:
    """What would be published in ``form`` now. Only of an advisory without gaps: others are written badly or not."""
    history = tuple(Change(one.number, one.at, one.summary) for one in found.revisions)
    coming = Change(found.revision + 1, moment_after((one.at for one in history), at), found.summary or "Preview.")
    said = earlier(found.id, found.content)
    issue = Issue(found.tracking, publisher(), found.content, (*history, coming), earlier=said)
    return WRITERS[form](issue)


def beyond(found: AdvisoryView, at: datetime) -> tuple[str, ...]:
    """What CSAF's recommended and informative tests, spelling among them, say of what would be published now.

    Nothing of it stands in the way. Only of an advisory without gaps.
    """
    aids, sentences = Aids(spelling=spelling, grammar=grammar), list[str]()
    for one in preview(found, Form.CSAF_21, at):
        sentences += [finding.sentence for finding in validate(parse(one.content), now=at, aids=aids).findings]
    return tuple(dict.fromkeys(sentences))


def publisher() -> Publisher:
    """Who publishes here, as documents name it."""
    name, contact = parties.organisation(CLEARINGHOUSE).name, str(settings.SEATRIAL.mail_from)
    return Publisher(name, settings.SEATRIAL.portal_url, contact, str(settings.SEATRIAL.advisory_licence))


def sign(content: bytes) -> str:
    """A detached OpenPGP signature by this instance's key, in ASCII armour."""
    return _signer().sign(content)


def fingerprint() -> str:
    """The fingerprint of the key that documents are verified with, in hex."""
    return _signer().fingerprint()


def certificate() -> str:
    """The OpenPGP certificate that documents are verified with, in ASCII armour."""
    return _signer().certificate()


def _signer() -> OpenPgpSigner:
    found = settings.SEATRIAL
    return OpenPgpSigner(found.keys / "advisories.pgp", f"{found.ledger_origin} <{found.mail_from}>")
