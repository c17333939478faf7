"""The public keys that files are sealed for. Only the id is on the ledger; the private half never comes here."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.kernel.recipients import recipient_key
from seatrial.parties.models import Person, RecipientKeyRow
from seatrial.parties.queries import recipient_key_view
from seatrial.parties.types import Actor, RecipientKeyView

from .recording import COMMUNITY, record


@transaction.atomic
def register_recipient_key(*, by: Actor, pem: str, at: datetime) -> RecipientKeyView:
    """Files are sealed for ``by`` with this key from now on; the one before, if any, is retired in the same moment.

    Raises ``Misuse`` (``bad-recipient-key``, ``no-such-person``) and ``Conflict`` (``recipient-key-known``): a key
    belongs to one person, and one that was retired does not come back.
    """
    key = recipient_key(pem)
    if not by.person or not Person.objects.select_for_update().filter(id=by.person, is_active=True).exists():
        raise Misuse("no-such-person", "Only a person who can sign in can have a key of their own.")
    before = RecipientKeyRow.objects.filter(person_id=by.person, retired_at=None).first()
    if before is not None:
        before.retired_at = at
        before.save(update_fields=["retired_at"])
    row = RecipientKeyRow(id=key.id, person_id=by.person, pem=key.pem, registered_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "recipient-key-known", "This key was registered before; make a new pair with 'seatrial key new'."
        ) from error
    replaced = before.id if before else ""
    record("recipient-key.registered", by, at, COMMUNITY, person=by.person, key=key.id, replaces=replaced)
    return recipient_key_view(row)


@transaction.atomic
def retire_recipient_key(*, by: Actor, key: str, at: datetime) -> RecipientKeyView:
    """Nothing is sealed for this key any more; what was, its holder still opens. Raises ``NotFound``, ``Conflict``."""
    row = RecipientKeyRow.objects.select_for_update().filter(id=key, person_id=by.person).first()
    if row is None:
        raise NotFound("no-such-recipient-key", f"You have registered no key {key!r}.")
    if row.retired_at is not None:
        raise Conflict("recipient-key-retired", "This key is retired already.")
    row.retired_at = at
    row.save(update_fields=["retired_at"])
    record("recipient-key.retired", by, at, COMMUNITY, person=by.person, key=row.id)
    return recipient_key_view(row)
