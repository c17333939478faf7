"""Keys that files are sealed for: one of a person in force, none comes back, the private half stays with its holder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.kernel.labels import Label, Tlp
from seatrial.kernel.recipients import new_private_key
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.models import RecipientKeyRow
from seatrial.parties.types import ANYONE, Actor, RecipientKeyView


def pem(folder: Path, name: str = "one") -> str:
    return new_private_key(folder / name).public.pem


def register(world: Any, by: Actor, text: str, hours: int = 0) -> RecipientKeyView:
    return parties.register_recipient_key(by=by, pem=text, at=world.start + timedelta(hours=hours))


def test_a_key_is_registered_with_its_id_on_the_ledger(
    world: Any, tmp_path: Path, one_entry: Callable[..., Any]
) -> None:
    text = pem(tmp_path)
    entry = one_entry(lambda: register(world, world.evaluator, text))
    assert (entry.kind, Label.parse(entry.label)) == ("recipient-key.registered", Label(tlp=Tlp.GREEN))
    (key,) = parties.recipient_keys(world.rival, "eva")
    assert (key.id, key.pem, key.retired_at) == (new_private_key(tmp_path / "one").public.id, text, None)
    (said,) = ledger.entries(world.rival, kind="recipient-key.registered")
    assert key.id in str(said.openings)
    assert "PRIVATE" not in str(list(RecipientKeyRow.objects.values()))
    assert parties.recipients(["eva", "ada", "nobody"]) == {"eva": key}


def test_a_new_key_retires_the_one_before_in_the_same_entry(
    world: Any, tmp_path: Path, one_entry: Callable[..., Any]
) -> None:
    first = register(world, world.evaluator, pem(tmp_path))
    one_entry(lambda: register(world, world.evaluator, pem(tmp_path, "two"), 1))
    newest, before = parties.recipient_keys(world.evaluator, "eva")
    assert (newest.retired_at, before.id, before.retired_at) == (None, first.id, world.start + timedelta(hours=1))
    assert parties.recipients(["eva"])["eva"].id == newest.id


def test_a_retired_key_is_sealed_for_no_more_and_does_not_come_back(
    world: Any, tmp_path: Path, one_entry: Callable[..., Any]
) -> None:
    key = register(world, world.evaluator, pem(tmp_path))
    entry = one_entry(lambda: parties.retire_recipient_key(by=world.evaluator, key=key.id, at=world.start))
    assert entry.kind == "recipient-key.retired"
    assert parties.recipients(["eva"]) == {}
    with pytest.raises(Conflict) as again:
        parties.retire_recipient_key(by=world.evaluator, key=key.id, at=world.start)
    assert again.value.code == "recipient-key-retired"
    for by in (world.evaluator, world.authority):
        with pytest.raises(Conflict) as back:
            register(world, by, key.pem)
        assert back.value.code == "recipient-key-known"
    assert parties.recipients(["ada"]) == {}


def test_a_refused_key_retires_nothing(world: Any, tmp_path: Path) -> None:
    mine, theirs = register(world, world.evaluator, pem(tmp_path)), register(world, world.authority, pem(tmp_path, "b"))
    with pytest.raises(Conflict):
        register(world, world.evaluator, theirs.pem)
    with pytest.raises(Misuse):
        register(world, world.evaluator, "no key")
    assert parties.recipients(["eva"]) == {"eva": mine}


def test_only_its_holder_retires_a_key_and_only_a_person_has_one(world: Any, tmp_path: Path) -> None:
    key = register(world, world.evaluator, pem(tmp_path))
    with pytest.raises(NotFound):
        parties.retire_recipient_key(by=world.authority, key=key.id, at=world.start)
    for nobody in (ANYONE, world.operator):
        with pytest.raises(Misuse):
            register(world, nobody, pem(tmp_path, "c"))


def test_nothing_is_sealed_for_somebody_who_has_left(world: Any, tmp_path: Path) -> None:
    register(world, world.evaluator, pem(tmp_path))
    parties.deactivate_person(by=world.operator, person="eva", at=world.start)
    assert parties.recipients(["eva"]) == {}


def test_the_database_itself_keeps_one_in_force(world: Any, tmp_path: Path) -> None:
    register(world, world.evaluator, pem(tmp_path))
    with pytest.raises(IntegrityError), transaction.atomic():
        RecipientKeyRow.objects.create(id="sha256:x", person_id="eva", pem="", registered_at=world.start)
