"""Twins on a real database: the developer gets what the body chose, both digests are signed, nothing else leaks."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.integration.benchmarks.conftest import consent_review
from tests.integration.benchmarks.test_campaigns import plan, run

from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.casefiles import api as casefiles
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.models import Determination
from seatrial.review.determinations.types import Consulted, Finding, Part, Stance, Withhold

HIDDEN = ("family-0", "family-1", "family-2", "family-3", "Dr Avocet", "Plover Institute", "We differ: curlew.")
ALL = Withhold(frozenset(Part), "Its label is beyond the developer's.")


class Case:
    def __init__(self, world: Any) -> None:
        self.world, self.review = world, consent_review(world)
        self.campaign = plan(world, self.review)
        run(world, self.campaign, lambda cell, number: 0.0)
        said = Consulted(
            "Plover Institute", "Dr Avocet", "methods", Stance.DIFFERS, "We differ: curlew.", date(2026, 6, 1)
        )
        determinations.record_consultation(by=world.authority, review=self.review, consulted=said, at=world.start)

    def draft(self, **more: Any) -> str:
        said = {"finding": Finding.NOT_COVERED, "reasons": "Far below.", "withhold": ALL, **more}
        return determinations.draft(
            by=self.world.authority,
            review=self.review,
            campaign=self.campaign,
            at=self.world.start + timedelta(days=4),
            **said,
        )

    def shared(self, **more: Any) -> str:
        made, at = self.draft(**more), self.world.start + timedelta(days=4)
        for signer in (self.world.authority, self.world.authority2):
            determinations.sign(by=signer, determination=made, at=at)
        determinations.share(by=self.world.authority, determination=made, at=at)
        return made


@pytest.fixture
def case(durable_world: Any) -> Case:
    return Case(durable_world)


def test_the_developer_gets_the_twin_and_the_body_keeps_the_whole(case: Case) -> None:
    lab, body = case.world.signatory, case.world.authority
    made = case.shared()
    whole, twin = determinations.record(body, made), determinations.record(lab, made)
    assert (whole.view.redacted, twin.view.redacted) == (False, True)
    assert twin.view.withheld == tuple(Part)
    assert (digest_of(whole.memo), digest_of(twin.memo)) == (whole.statement["memo"], whole.statement["twin"])
    assert (whole.view.memo_digest, twin.view.memo_digest) == (whole.statement["memo"], whole.statement["twin"])
    assert twin.statement == whole.statement, "both people signed both"
    assert determinations.twin_opens(whole.memo, twin.memo)
    assert whole.memo["families"]
    assert twin.memo["families"] == []
    assert determinations.record(body, made, twin=True).memo == twin.memo, "the body can see what the developer gets"
    determinations.attach_statement(by=lab, determination=made, text="Ours.", at=case.world.start + timedelta(days=5))
    page = determinations.memo_html(body, made)
    assert "Ours." in page
    said = {check.what: check for check in determinations.verify_memo(page.encode()).checks}
    assert said["page"].holds
    assert said["developer's statement"].holds is None
    assert digest(b"Ours.") in said["developer's statement"].said


def test_nothing_withheld_leaves_in_any_form(case: Case) -> None:
    lab, made = case.world.signatory, case.shared()
    page, paper = determinations.memo_html(lab, made), determinations.memo_pdf(lab, made)
    reader = PdfReader(io.BytesIO(paper))
    texts = [
        page,
        determinations.memo_fragment(lab, made),
        reader.attachments["record.json"][0].decode(),
        "".join(one.extract_text() for one in reader.pages),
        json.dumps(determinations.record(lab, made).memo),
        repr(determinations.determination(lab, made)),
        repr(determinations.determinations(lab, case.review)),
        repr(ledger.entries(lab, review=case.review)),
    ]
    salts = determinations.record(case.world.authority, made).memo["salts"].values()
    for hidden in (*HIDDEN, *salts):
        assert not [text for text in texts if hidden in text], hidden
    assert "This is a redacted twin" in page


def test_a_twin_verifies_with_both_digests_and_a_whole_one_too(case: Case) -> None:
    lab, body, made = case.world.signatory, case.world.authority, case.shared()
    file = benchmarks.record_bytes(benchmarks.ended_record(body, case.campaign))
    for asking in (lab, body):
        for data in (determinations.memo_html(asking, made).encode(), determinations.memo_pdf(asking, made)):
            found = determinations.verify_memo(data, campaigns=[file])
            assert found.holds, found
    said = json.loads(PdfReader(io.BytesIO(determinations.memo_pdf(lab, made))).attachments["record.json"][0])
    said["memo"]["withheld"][0]["why"] = "Other."
    assert not determinations.verify_memo(json.dumps(said).encode()).holds


def test_the_entries_hold_both_digests_and_both_labels_and_the_developer_sees_the_sharing(case: Case) -> None:
    made = case.shared()
    row = Determination.objects.get(id=made)
    found = ledger.entries(case.world.signatory, review=case.review, kind="determination.shared")
    (entry,) = [one for one in found if one.openings]
    values = {name: opening["value"] for name, opening in entry.openings.items()}
    assert (values["memo"], values["twin"]) == (row.memo_digest, row.twin_digest)
    assert values["label_before"] != values["label"] == row.twin_label
    drafted = ledger.entries(case.world.signatory, review=case.review, kind="determination.drafted")
    assert all(not one.openings for one in drafted)


def test_a_twin_is_nobodys_news_until_it_is_shared(case: Case) -> None:
    made = case.draft()
    with pytest.raises(NotFound):
        determinations.determination(case.world.signatory, made)
    for who in (case.world.rival, case.world.governance):
        with pytest.raises(NotFound):
            determinations.memo_html(who, made)


def test_what_would_still_tell_it_is_refused_at_the_draft(case: Case) -> None:
    with pytest.raises(Refused, match="would still tell 'Dr Avocet'"):
        case.draft(reasons="As Dr Avocet said.")
    assert not Determination.objects.exists()


def test_without_a_twin_the_developer_gets_the_whole_memo_as_before(case: Case) -> None:
    made = case.shared(withhold=None)
    found = determinations.record(case.world.signatory, made)
    assert not found.view.redacted
    assert "salts" not in found.memo
    assert "twin" not in found.statement
    with pytest.raises(NotFound):
        determinations.memo_html(case.world.authority, made, twin=True)


def test_the_case_as_one_file_tells_the_developer_no_more(case: Case, tmp_path: Path) -> None:
    made, file = case.shared(), tmp_path / "case.zip"
    casefiles.export_to(file, by=case.world.governance, review=case.review, at=case.world.start + timedelta(days=5))
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert any(made in name for name in parts)
    for hidden in HIDDEN:
        assert not [name for name, text in parts.items() if hidden in text], hidden
