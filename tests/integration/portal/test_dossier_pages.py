"""The dossier's pages: written by section or from a file, compared, shared; everything typed stays on a fault."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from simulators.staged_reviews import Reviews

SignIn = Callable[[Actor], Client]

FILE = """\
[model]
name = "m-1"
developer = "North Lab"
summary = ["Seven *billion* parameters.", { text = "Counsel wrote this sentence.", marking = "privileged" }]

[[safeguards]]
key = "filter"
title = "A filter"
text = [{ text = "How it works, for the body.", marking = "trade-secret" }]
"""


@pytest.fixture
def base(reviews: Reviews) -> str:
    return f"/reviews/{reviews.consented}/dossier/"


def send(client: Client, base: str, text: str | bytes = FILE, name: str = "north.toml") -> Any:
    data = text.encode() if isinstance(text, str) else text
    return client.post(f"{base}file/", {"file": SimpleUploadedFile(name, data)})


def page(client: Client, address: str) -> str:
    return str(client.get(address).content.decode())


def test_a_file_becomes_a_version_and_comes_back_exactly(world: Any, base: str, sign_in: SignIn) -> None:
    lab = sign_in(world.governance)
    assert send(lab, base).status_code == 302
    toml, spelled = (lab.get(f"{base}source.{kind}").content for kind in ("toml", "json"))
    assert tomllib.loads(toml.decode()) == json.loads(spelled)
    assert send(lab, base, toml).status_code == send(lab, base, spelled, "north.json").status_code == 302
    assert "Nothing that you may read in both" in page(lab, f"{base}changes/?old=1&new=3")


def test_it_is_shared_as_a_twin_that_can_be_read_first(world: Any, base: str, sign_in: SignIn) -> None:
    lab, body = sign_in(world.governance), sign_in(world.evaluator)
    send(lab, base)
    assert "Counsel wrote this sentence." in page(lab, base)
    assert re.search(r"lacks \d+ fields yet", page(lab, base))
    assert "Seven" not in page(body, base)
    twin = page(lab, f"{base}twin/?audience=body")
    assert "How it works, for the body." in twin
    assert "Counsel wrote" not in twin
    assert "1 piece withheld (1 privileged)" in twin
    assert lab.post(f"{base}share/", {"audience": "body", "version": "1"}).status_code == 302
    shown = page(body, base)
    assert "Seven <em>billion</em> parameters." in shown
    assert "Withheld: privileged" in shown
    assert "Model identity, Summary, paragraph 2: privileged" in shown
    assert "Counsel wrote" not in shown
    for closed in ("sections/model/", "file/", "source.toml", "source.json", "twin/?audience=public"):
        assert body.get(f"{base}{closed}").status_code == 404
    assert sign_in(world.rival).get(base).status_code == 404


def test_a_twin_that_would_leave_the_text_says_where(world: Any, base: str, sign_in: SignIn) -> None:
    lab = sign_in(world.governance)
    send(lab, base, FILE + '[[references]]\nkey = "r"\ntitle = "So counsel wrote this sentence, in May"\n')
    answer = lab.get(f"{base}twin/?audience=public")
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "marked at model.summary[2] would still be read in references[1].title" in said
    assert "Counsel wrote" not in said


def test_a_section_is_written_in_its_form_and_everything_typed_stays(world: Any, base: str, sign_in: SignIn) -> None:
    lab = sign_in(world.security)
    address = f"{base}sections/threat_model/"
    typed = {"based_on": "0", "s.summary.n": "0", "s.summary.0.text": "A first paragraph.\r\nIts second line."}
    added = lab.post(address, typed | {"do": "add:s.scenarios", "s.scenarios.n": "0"})
    assert added.status_code == 200
    assert "A first paragraph." in added.content.decode()
    assert 'name="s.scenarios.0.title"' in added.content.decode()
    typed |= {"s.scenarios.n": "1", "s.scenarios.0.key": "a b", "s.scenarios.0.title": "Ṽéga 模型"}
    faulty = lab.post(address, typed | {"do": "keep"})
    assert faulty.status_code == 422
    said = faulty.content.decode()
    assert '<a href="#s.scenarios.0.key">Cyber threat model, Scenarios, scenario 1, Key: a key has' in said
    assert "A key has letters a to z" in said
    assert "Ṽéga 模型" in said
    assert lab.post(address, typed | {"do": "keep", "s.scenarios.0.key": "ab"}).status_code == 302
    kept = json.loads(lab.get(f"{base}source.json").content)
    assert kept["threat_model"]["scenarios"] == [{"key": "ab", "title": "Ṽéga 模型"}]
    assert kept["threat_model"]["summary"] == ["A first paragraph.\nIts second line."]
    stale = lab.post(address, typed | {"do": "keep", "s.scenarios.0.key": "ab"})
    assert stale.status_code == 422
    assert "kept meanwhile" in stale.content.decode()
    assert "Ṽéga 模型" in stale.content.decode()


def test_a_section_that_one_cannot_read_whole_has_no_form(world: Any, base: str, sign_in: SignIn) -> None:
    parties.add_person(
        by=world.operator, name="Cleo", email="cleo@lab.example", password="cleo rows a long boat",
        level=Level.CONFIDENTIAL, at=world.start, id="cleo",
    )  # fmt: skip
    parties.give_role(by=world.operator, person="cleo", organisation=world.lab, role=Role.SECURITY, at=world.start)
    secret = FILE.replace('marking = "privileged"', 'marking = "confidential//-//TLP:AMBER//lab-north"')
    assert send(sign_in(parties.actor("cleo")), base, secret).status_code == 302
    lab = sign_in(world.governance)
    answer = lab.get(f"{base}sections/model/")
    assert answer.status_code == 409
    assert "whoever may read it must write it" in answer.content.decode()
    assert lab.get(f"{base}sections/safeguards/").status_code == 200


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\xff", "the file is not text in UTF-8"),
        (b"[model]\nname = 'x'\ncolour = 'red'\n", "line 3, model.colour: there is no such field"),
        (b"[model]\nname = 'x'\n", "line 1, model.developer: this field is needed and missing"),
        (b"# " + b"x" * 2_000_001, "more than 2,000,000"),
    ],
)
def test_a_file_that_is_none_gets_sentences_and_writes_nothing(
    world: Any, base: str, sign_in: SignIn, data: bytes, fault: str
) -> None:
    lab = sign_in(world.governance)
    answer = send(lab, base, data)
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert "Nothing is written yet" in page(lab, base)
    assert lab.post(f"{base}file/").status_code == 422


def test_the_difference_is_shown_word_by_word(world: Any, base: str, sign_in: SignIn) -> None:
    lab = sign_in(world.governance)
    send(lab, base)
    send(lab, base, FILE.replace("Seven", "Eight"))
    shown = page(lab, f"{base}changes/")
    assert "<del>Seven </del><ins>Eight </ins>" in shown
    assert "Model identity, Summary, paragraph 1" in shown
    assert lab.get(f"{base}changes/?old=1&new=9").status_code == 404


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    world: Any, base: str, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    lab = sign_in(world.governance)
    for _ in range(4):
        send(lab, base)
        lab.post(f"{base}share/", {"audience": "body"})
    for address in ("", "sections/model/", "changes/", "twin/?audience=public", "file/"):
        with django_assert_max_num_queries(36):
            assert lab.get(f"{base}{address}").status_code == 200
    assert lab.get(f"{base}sections/poems/").status_code == 404
    assert lab.get(f"{base}twin/?audience=everyone").status_code == 404
    assert lab.get("/dossiers/blank.toml").status_code == lab.get("/dossiers/schema.json").status_code == 200
