"""Documents made from a dossier on a real database: each reader gets what they may read of it, in every form."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from seatrial.cli.main import run
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.adapters.exporting import Exporter
from seatrial.review.dossiers.core.redaction import protect
from seatrial.review.dossiers.core.rules import Standing, for_audience
from seatrial.review.dossiers.types import (
    Audience,
    Category,
    Dossier,
    Evaluation,
    Family,
    FieldMark,
    Form,
    Incident,
    Marking,
    Model,
    Paragraph,
    Safeguard,
)

SECRET, PRIVILEGED = Marking(Category.TRADE_SECRET), Marking(Category.PRIVILEGED)
CANARY = "Quillfeather"  # in everything that goes no further than the body
LAWYERS = "Marrowstone"  # in everything that stays with the developer


def document() -> Dossier:
    """A canary in a paragraph, a field, an item, a title, a table's cell and a figure's name."""
    return Dossier(
        model=Model(
            name="m-1",
            developer="North Lab",
            summary=(Paragraph("For everybody."), Paragraph(f"The {CANARY} architecture is new.", SECRET)),
            architecture=(Paragraph(f"Layers of {CANARY}, *and* more."),),
            hardware=f"{CANARY} chips",
            marked=(FieldMark("architecture", SECRET), FieldMark("hardware", SECRET)),
        ),
        evaluations=(
            Evaluation(key="open", title="An open test", metric="accuracy", unit="%", value=61.5, lower=55, upper=68),
            Evaluation(key="own", title=f"{CANARY} range", unit="%", value=37.25, lower=31, upper=44, marking=SECRET),
        ),
        safeguards=(Safeguard(key="s", title="A filter", text=(Paragraph(f"Counsel says {LAWYERS}.", PRIVILEGED),)),),
        incidents=(Incident(key="i", title=f"A letter of {LAWYERS}", marking=PRIVILEGED),),
    )


@pytest.fixture
def review(world: Any) -> str:
    made = cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="A review",
        model="m-1",
        partner_release=world.start + timedelta(days=40),
        public_release=world.start + timedelta(days=60),
        at=world.start,
    )
    dossiers.compose(by=world.governance, review=made, document=document(), at=world.start)
    return made


def shared(world: Any, review: str, audience: Audience = Audience.BODY) -> None:
    cases.offer(by=world.governance, review=review, at=world.start)
    dossiers.share(by=world.governance, review=review, audience=audience, at=world.start)


def spoken(data: bytes, form: Form) -> str:
    """What a reader of the file can read, without spaces."""
    if form.ending == "pdf":
        reader = PdfReader(io.BytesIO(data))
        return "".join("".join(page.extract_text() for page in reader.pages).split())
    return "".join(data.decode().split())


def test_the_developer_exports_all_and_the_twins_lack_what_is_marked_in_every_form(world: Any, review: str) -> None:
    for form in Form:
        own = dossiers.export(world.governance, review, form, at=world.start)
        body = dossiers.export(world.governance, review, form, at=world.start, audience=Audience.BODY)
        public = dossiers.export(world.governance, review, form, at=world.start, audience=Audience.PUBLIC)
        assert CANARY in spoken(own.data, form), form
        assert CANARY in spoken(body.data, form), form
        assert CANARY not in spoken(public.data, form), form
        for found in (body, public):
            assert LAWYERS not in spoken(found.data, form), form
            assert LAWYERS.encode() not in found.data


def test_nobody_else_exports_before_it_is_shared_and_then_only_the_twin(world: Any, review: str) -> None:
    for other in (world.intake, world.rival):
        with pytest.raises(NotFound):
            dossiers.export(other, review, Form.SYSTEM_CARD_MD, at=world.start)
    shared(world, review)
    for form in Form:
        assert LAWYERS not in spoken(dossiers.export(world.intake, review, form, at=world.start).data, form)
    with pytest.raises(NotFound):
        dossiers.export(world.rival, review, Form.SYSTEM_CARD_MD, at=world.start)
    with pytest.raises(NotFound):
        dossiers.export(world.intake, review, Form.ML_BOM, at=world.start, audience=Audience.PUBLIC)


def test_an_export_leaves_no_entry_and_takes_a_bounded_number_of_queries(world: Any, review: str) -> None:
    shared(world, review)
    before = ledger.head(MAIN)
    dossiers.export(world.intake, review, Form.SYSTEM_CARD_MD, at=world.start)  # the first look within an hour is kept
    with CaptureQueriesContext(connection) as few:
        dossiers.export(world.intake, review, Form.SYSTEM_CARD_MD, at=world.start)
    assert ledger.head(MAIN) == before
    assert len(few) <= 9
    assert not [query for query in few if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]


def test_what_is_missing_is_told_for_each_document(world: Any, review: str) -> None:
    found = dossiers.exports(world.governance, review)
    assert [offer.family for offer in found.offers] == list(Family)
    assert {form for offer in found.offers for form in offer.forms} == set(Form)
    (sb53,) = [offer for offer in found.offers if offer.family is Family.SB53_REPORT]
    assert "model.website" in {lack.field for lack in sb53.lacks}


class _Leaky:
    """A printer that leaves the unredacted title in the metadata."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def pdf(self, source: Any, at: Any) -> Any:
        def leaking(shown: Any) -> str:
            return source(shown).replace('description: "', f'description: "{CANARY} range ', 1)

        return self._real.pdf(leaking, at)


def test_text_that_would_remain_in_a_pdfs_metadata_is_found_and_the_file_never_leaves() -> None:
    from seatrial.review.dossiers.adapters.bom_schema import CycloneDxSchema
    from seatrial.review.dossiers.adapters.drawing import VegaDraughtsman
    from seatrial.review.dossiers.adapters.printing import TypstPrinter
    from seatrial.review.dossiers.core.twin import twin

    standing = Standing("lab", "body")
    made = twin(document(), Audience.PUBLIC, standing)
    protected = protect(document(), for_audience(Audience.PUBLIC, standing))
    leaky = Exporter(_Leaky(TypstPrinter()), VegaDraughtsman(), CycloneDxSchema())
    with pytest.raises(Refused, match="would still"):
        leaky.export(made.document, Form.SYSTEM_CARD_PDF, now(), protected=protected)


def signed_in(actor: Any) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.person))
    return client


def test_the_page_offers_every_form_and_the_files_are_served(world: Any, review: str) -> None:
    client = signed_in(world.governance)
    shown = client.get(f"/reviews/{review}/dossier/exports/")
    assert shown.status_code == 200
    text = shown.content.decode()
    for form in Form:
        assert f"/dossier/exports/{form.value}/" in text
    assert "model.website" in text
    answer = client.get(f"/reviews/{review}/dossier/exports/ml-bom/?audience=public")
    assert answer["Content-Type"] == "application/vnd.cyclonedx+json; version=1.6"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert CANARY.encode() not in answer.content
    assert client.get(f"/reviews/{review}/dossier/exports/parchment/").status_code == 404
    stranger = signed_in(world.rival)
    assert stranger.get(f"/reviews/{review}/dossier/exports/").status_code == 404
    assert stranger.get(f"/reviews/{review}/dossier/exports/ml-bom/").status_code == 404


def test_the_api_serves_the_same_files(world: Any, review: str) -> None:
    token = parties.issue_token(by=world.governance, at=now())
    client = Client(headers={"Authorization": f"Bearer {token}"})
    listed = client.get(f"/api/v1/reviews/{review}/dossier/exports").json()
    assert {form for offer in listed["offers"] for form in offer["forms"]} == {form.value for form in Form}
    answer = client.get(f"/api/v1/reviews/{review}/dossier/exports/stream-json")
    assert json.loads(answer.content)["model"] == "m-1"
    assert client.get(f"/api/v1/reviews/{review}/dossier/exports/parchment").status_code == 422
    stranger = Client(headers={"Authorization": f"Bearer {parties.issue_token(by=world.rival, at=now())}"})
    assert stranger.get(f"/api/v1/reviews/{review}/dossier/exports/stream-json").status_code == 404


CARD = Path(__file__).parents[2] / "data" / "dossiers" / "gpt-oss.toml"


def test_a_file_alone_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.pdf"
    moment = "2026-07-01T09:00:00Z"
    assert run(["dossier", "export", str(CARD), "--form", "sb53-report-pdf", "--to", str(target), "--at", moment]) == 0
    assert target.read_bytes().startswith(b"%PDF")
    again = tmp_path / "again.pdf"
    run(["dossier", "export", str(CARD), "--form", "sb53-report-pdf", "--to", str(again), "--at", moment])
    assert again.read_bytes() == target.read_bytes()
    capsys.readouterr()
    assert run(["dossier", "check", str(CARD)]) == 0
    assert "write model.languages" in capsys.readouterr().out
    assert run(["dossier", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_a_file_is_exported_for_the_public_unless_one_says_otherwise(tmp_path: Path) -> None:
    source, out = tmp_path / "d.json", tmp_path / "card.md"
    source.write_text(dossiers.as_json_text(document()), encoding="utf-8")
    for words, has in ([], False), (["--for", "body"], True), (["--for", "ourselves"], True):
        assert run(["dossier", "export", str(source), "--form", "system-card-md", "--to", str(out), *words]) == 0
        assert (CANARY in out.read_text(encoding="utf-8")) is has
        assert (LAWYERS in out.read_text(encoding="utf-8")) is (words == ["--for", "ourselves"])


@pytest.mark.parametrize("content", [b"", b"x =", b"\xff\xfe\x00", b"[model]\nname = 3\n"])
def test_a_bad_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_bytes(content)
    assert run(["dossier", "check", str(bad)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_missing_or_unwritable_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dossier", "check", str(tmp_path / "none.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert run(["dossier", "export", str(CARD), "--form", "ml-bom", "--to", str(tmp_path / "no" / "x")]) == 2
    assert "cannot be written" in capsys.readouterr().err
