"""The directory of contacts, the terms of disclosure, and what a maintainer can take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from seatrial.clearinghouse.coordination.core import pacing, securitytxt
from seatrial.clearinghouse.coordination.core.terms import read, written
from seatrial.clearinghouse.coordination.models import CapacityRow, ContactRow, TermsRow
from seatrial.clearinghouse.coordination.types import Capacity
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.labels import OPEN
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .keeping import narrow, require_analyst

_MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}")
MOST_ADDRESSES = 20
STATES_CAPACITY = (Role.MAINTAINER, Role.STEWARD, Role.SECURITY)


@transaction.atomic
def add_contact(*, by: Actor, name: str, addresses: Sequence[str], at: datetime) -> str:
    """An outside contact with its e-mail addresses or https pages, the preferred first. Returns its id.

    Raises ``Misuse`` (``bad-address``).
    """
    require_analyst(by, to="add a contact")
    found = [_address(one) for one in addresses if one.strip()]
    if not 1 <= len(found) <= MOST_ADDRESSES:
        raise Misuse("bad-address", f"A contact has 1 to {MOST_ADDRESSES} addresses.")
    row = _contact(by, name, at, addresses=found)
    return row.id


@transaction.atomic
def add_security_txt(*, by: Actor, name: str, text: str, at: datetime) -> str:
    """An outside contact from the text of its security.txt (RFC 9116), kept as it came. Returns its id.

    Raises ``Misuse`` (``security-txt-invalid``, ``security-txt-expired``).
    """
    require_analyst(by, to="add a contact")
    said = securitytxt.parse(text, at)
    row = _contact(
        by,
        name,
        at,
        addresses=list(said.contacts),
        languages=list(said.languages),
        policy=list(said.policy),
        source=text,
        signed=said.signed,
        expires_at=said.expires,
    )
    return row.id


@transaction.atomic
def publish_terms(*, by: Actor, document: Mapping[str, Any], at: datetime) -> str:
    """Terms under which cases are opened from now on; those in flight keep theirs. Returns the version.

    Raises ``Misuse`` (``bad-terms``), ``Conflict`` (``terms-exist``).
    """
    require_analyst(by, to="publish terms of disclosure")
    terms = read(document)
    version = checked("The version", terms.version, longest=40, lines=False)
    kept = {**written(terms), "version": version}
    try:
        with transaction.atomic():
            TermsRow.objects.create(version=version, document=kept, published_at=at, published_by=by.person)
    except IntegrityError as error:
        raise Conflict("terms-exist", f"There are terms {version!r} already; published ones never change.") from error
    facts = {"version": version, "document": digest_of(kept)}
    ledger.append(kind="coordination.terms_published", actor=by.person, facts=facts, label=OPEN, at=at)
    return version


@transaction.atomic
def state_capacity(*, by: Actor, organisation: str, capacity: Capacity, at: datetime) -> None:
    """What ``organisation`` can take from now on; what is out stays out. Raises ``Misuse`` (``bad-capacity``)."""
    by.require(organisation, *STATES_CAPACITY, to="state a capacity")
    pacing.check(capacity)
    parties.organisation(organisation)
    kept = {
        "open_at_once": capacity.open_at_once,
        "per_week": capacity.per_week,
        "quiet_weekdays": sorted(capacity.quiet_weekdays),
        "quiet_dates": [[first.isoformat(), last.isoformat()] for first, last in capacity.quiet_dates],
        "delivery": capacity.delivery.value,
    }
    CapacityRow.objects.update_or_create(
        organisation_id=organisation, defaults={**kept, "stated_at": at, "stated_by": by.person}
    )
    facts = {"organisation": organisation, **kept}
    ledger.append(kind="coordination.capacity", actor=by.person, facts=facts, label=narrow(organisation), at=at)


def _contact(by: Actor, name: str, at: datetime, **fields: Any) -> ContactRow:
    row = ContactRow(
        name=checked("The contact's name", name, longest=200, lines=False), added_at=at, added_by=by.person, **fields
    )
    row.save(force_insert=True)
    facts = {"contact": row.id, "name": row.name, "addresses": len(row.addresses)}  # no entry holds an address
    ledger.append(kind="coordination.contact_added", actor=by.person, facts=facts, label=narrow(), at=at)
    return row


def _address(text: str) -> str:
    kept = text.strip()
    if kept.lower().startswith("https://") and len(kept) <= 500 and not re.search(r"\s", kept):
        return kept
    mail = kept.removeprefix("mailto:")
    if _MAIL.fullmatch(mail):
        return f"mailto:{mail}"
    raise Misuse("bad-address", f"{kept[:80]!r} is neither an e-mail address nor an https address.")
