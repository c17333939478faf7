"""The pages of model identity: forms that write once, who sees what, a file that verifies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.identity import api as identity
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
from simulators.staged_reviews import Reviews

SignIn = Callable[[Actor], Client]


@pytest.fixture
def page(reviews: Reviews) -> str:
    return f"/reviews/{reviews.consented}/identity/"


def test_a_declaration_made_by_form_and_shared(world: Any, reviews: Reviews, page: str, sign_in: SignIn) -> None:
    lab, body = sign_in(world.governance), sign_in(world.evaluator)
    typed = {"version": "2026-07-01", "system_prompt": "Ahoy, sailor.", "defaults": "temperature = 0.7"}
    assert lab.post(f"{page}declare/", typed).status_code == 302
    (made,) = identity.identity(world.governance, reviews.consented, now()).declarations
    assert made.endpoint is not None
    assert made.endpoint.system_prompt == digest(b"Ahoy, sailor.")
    assert "2026-07-01" in lab.get(page).content.decode()
    assert "2026-07-01" not in body.get(page).content.decode()
    lab.post(f"{page}declarations/1/share/")
    assert "2026-07-01" in body.get(page).content.decode()
    assert "Ahoy, sailor." not in body.get(page).content.decode()


def test_what_is_wrong_stands_on_the_form(world: Any, page: str, sign_in: SignIn) -> None:
    lab = sign_in(world.governance)
    assert "an endpoint’s version" in lab.post(f"{page}declare/", {"version": ""}).content.decode()
    wrong = lab.post(f"{page}declare/", {"version": "v", "defaults": "nonsense"})
    assert wrong.status_code == 422
    assert "Line 1 of the defaults" in wrong.content.decode()
    file = SimpleUploadedFile("model.sig", b"not json")
    assert "not valid JSON" in lab.post(f"{page}declare/", {"manifest": file, "public_key": "x"}).content.decode()


def test_each_page_is_for_whoever_can_do_it(world: Any, reviews: Reviews, page: str, sign_in: SignIn) -> None:
    lab, body, rival = sign_in(world.governance), sign_in(world.evaluator), sign_in(world.rival)
    for address in ("", "declare/", "bring/", "fingerprint/", "statement/"):
        assert rival.get(page + address).status_code == 404
    assert [lab.get(page + a).status_code for a in ("declare/", "bring/", "fingerprint/", "statement/")] == [
        200,
        200,
        404,
        404,
    ]
    assert [body.get(page + a).status_code for a in ("declare/", "bring/", "fingerprint/")] == [404, 404, 200]
    assert body.get(f"/reviews/{reviews.withdrawn}/identity/fingerprint/").status_code == 404
    said = body.post(f"{page}fingerprint/", {"purpose": "capability-evaluation", "repetitions": "8"})
    assert "are left of the consent" in said.content.decode()


def test_a_fingerprint_is_brought_compared_and_stated(world: Any, reviews: Reviews, page: str, sign_in: SignIn) -> None:
    signatory, body = sign_in(world.signatory), sign_in(world.evaluator)
    data = canonical(identity.to_json(fingerprint_of(NoisyEndpoint(1))))
    assert signatory.post(f"{page}bring/", {"file": SimpleUploadedFile("f.json", data)}).status_code == 302
    (kept,) = identity.identity(world.signatory, reviews.consented, now()).fingerprints
    shown = signatory.get(f"/fingerprints/{kept.id}/").content.decode()
    assert "All answers" in shown
    assert "8 of 8" in shown  # how often an answer was given
    assert body.get(f"/fingerprints/{kept.id}/").status_code == 404
    assert signatory.post(f"{page}statement/", {"fingerprint": kept.id}).status_code == 302
    (made,) = identity.identity(world.signatory, reviews.consented, now()).statements
    file = signatory.get(f"/statements/{made.id}/statement.json")
    identity.verify_statement(file.content, key=parties.organisation(world.lab).public_key)
    assert body.get(f"/statements/{made.id}/statement.json").status_code == 404
    signatory.post(f"{page}statements/{made.id}/share/")
    assert body.get(f"/statements/{made.id}/statement.json").status_code == 200
