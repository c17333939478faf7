"""A sealed file reaches those who may see the exchange, over HTTP, client, command line and page; opening is theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from seatrial.cli.main import run
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.envelope import Sealing
from seatrial.kernel.recipients import new_private_key
from seatrial.parties import api as parties
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Settlement, Side
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Keeping
from simulators.staged_reviews import CAPABILITY, offered, terms

WORDS = {Side.REQUEST: b"what was asked", Side.RESPONSE: b"what was said"}


@pytest.fixture
def call(durable_world: Any, tmp_path: Path) -> Any:
    """An exchange with both bodies kept for the developer, and where its private key is."""
    world, key = durable_world, new_private_key(tmp_path / "lab.key")
    parties.register_recipient_key(by=world.security, pem=key.public.pem, at=now())
    review = offered(world, "A voyage that is kept")
    signed = terms(frozenset({world.evaluator.person}), keeping=Keeping((key.public.id,), 3))
    cases.sign_consent(by=world.signatory, review=review, terms=signed, at=now())
    secret = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    asked = AccessRequest(secret, None, "POST", "chat/completions", digest(b""), 0, 10, model="north-7b", gateway="g")
    passed = access.authorise(asked, now())
    assert passed.keep is not None
    bodies = []
    for side, words in WORDS.items():
        file = access.bodies().create(review, passed.exchange, side)
        context = access.context_of(review=review, exchange=passed.exchange, side=side, label=passed.keep.label)
        sealing = Sealing(file, context=context, recipients=passed.keep.recipients)
        sealing.add(words)
        sealing.end()
        bodies.append(file.keep())
    access.settle(Settlement(passed.exchange, 200, digest(b""), 0, 1, 1, 0.1, 0.1, "complete", tuple(bodies)), now())
    return world, review, passed.exchange, tmp_path / "lab.key"


def client_of(actor: Any) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.person))
    return client


def test_over_http_it_comes_sealed_and_in_parts(call):
    world, review, exchange, _ = call
    path = f"/api/v1/reviews/{review}/exchanges/{exchange}/bodies/response"
    for reader in (world.security, world.evaluator):
        answer = client_of(reader).get(path)
        whole = b"".join(answer.streaming_content)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/octet-stream")
        assert answer.headers["ETag"] == f'"{digest(whole)}"'
        assert f"{exchange}.response.sealed" in answer.headers["Content-Disposition"]
        assert WORDS[Side.RESPONSE] not in whole
    part = client_of(world.security).get(path, headers={"Range": "bytes=0-14"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"seatrial-sealed")
    assert client_of(world.rival).get(path).status_code == 404
    assert client_of(world.security).get(path.replace("response", "neither")).status_code == 422
    cases.withdraw(by=world.security, review=review, at=now())
    assert client_of(world.evaluator).get(path).status_code == 404
    assert client_of(world.security).get(path).status_code == 200


def test_the_command_line_fetches_it_and_opens_it_with_the_key(call, tmp_path, capsysbinary, monkeypatch):
    monkeypatch.setenv("SEATRIAL_JSON", "")
    world, review, exchange, key = call
    sealed, plain = tmp_path / "request.sealed", tmp_path / "request.json"
    who = ("--as", world.security.person)
    assert run(["access", "body", "fetch", review, exchange, "request", "--to", str(sealed), *who]) == 0
    assert digest(sealed.read_bytes()) == access.exchanges(world.security, review)[0].bodies[0].digest
    capsysbinary.readouterr()
    assert run(["access", "body", "open", str(sealed), "--key", str(key)]) == 0
    assert capsysbinary.readouterr().out == WORDS[Side.REQUEST]
    assert run(["access", "body", "open", str(sealed), "--key", str(key), "--to", str(plain), "--json"]) == 0
    said = json.loads(capsysbinary.readouterr().out)
    assert (said["bytes"], said["context"]["exchange"]) == (len(WORDS[Side.REQUEST]), exchange)
    assert plain.read_bytes() == WORDS[Side.REQUEST]
    monkeypatch.setenv("SEATRIAL_JSON", "")
    again = tmp_path / "again.sealed"
    assert run(["lab", "fetch-body", review, exchange, "request", "--to", str(again), *who]) == 0
    assert again.read_bytes() == sealed.read_bytes()
    sealed.write_bytes(sealed.read_bytes()[:-1])
    plain.unlink()
    assert run(["access", "body", "open", str(sealed), "--key", str(key), "--to", str(plain)]) == 2
    assert b"does not open" in capsysbinary.readouterr().err
    assert not plain.exists()
    new_private_key(tmp_path / "other.key")
    assert run(["access", "body", "open", str(sealed), "--key", str(tmp_path / "other.key")]) == 2
    assert run(["access", "body", "open", str(key), "--key", str(key)]) == 2


def test_the_page_links_it_and_says_when_it_ends(call):
    world, review, exchange, _ = call
    page = client_of(world.security).get(f"/reviews/{review}/uses/").content.decode()
    assert f"/api/v1/reviews/{review}/exchanges/{exchange}/bodies/request" in page
    until = access.exchanges(world.security, review)[0].bodies[0].until
    assert f"{until.day} {until:%B %Y}" in page
    assert access.destroy_bodies(until) == 2
    page = client_of(world.security).get(f"/reviews/{review}/uses/").content.decode()
    assert "destroyed" in page
    assert "/bodies/" not in page
