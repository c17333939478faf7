"""Consultations and reconsiderations on a real database: recorded once, shown in the memo, gating nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.core.consultation import NOBODY
from seatrial.review.determinations.types import Consulted, Evidence, EvidenceKind, Finding, Question, Stance

DAY = date(2026, 6, 30)
ASKED = Consulted("Harbour Institute", "Dr Ro", "methods, independent", Stance.DIFFERS, "Too few <items>.", DAY)


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
    cases.offer(by=world.governance, review=made, at=world.start)
    return made


def draft(world: Any, review: str, **more: Any) -> str:
    said = {"finding": Finding.NOT_DETERMINED, "reasons": "Nothing was measured.", "at": world.start, **more}
    return determinations.draft(by=world.authority, review=review, **said)


def signed(world: Any, made: str) -> str:
    for signer in (world.authority, world.authority2):
        determinations.sign(by=signer, determination=made, at=world.start)
    return made


def record(world: Any, review: str, said: Consulted = ASKED) -> str:
    return determinations.record_consultation(by=world.authority, review=review, consulted=said, at=world.start)


def test_a_consultation_has_one_entry_and_stands_in_every_later_memo(world: Any, review: str) -> None:
    without = draft(world, review)
    before = ledger.head()
    made = record(world, review)
    assert ledger.head() == before + 1
    (found,) = determinations.consultations(world.evaluator, review)
    assert (found.id, found.consulted, found.recorded_by) == (made, ASKED, "Ada Authority")
    page = determinations.memo_html(world.authority, draft(world, review))
    assert "Dr Ro" in page
    assert "Too few &lt;items&gt;." in page
    assert "Consulted: 1; 1 differs." in page
    assert NOBODY in determinations.memo_html(world.authority, without), "an earlier memo stays as it was"


def test_the_developer_reads_of_it_in_a_shared_memo_alone(world: Any, review: str) -> None:
    record(world, review)
    assert determinations.consultations(world.governance, review) == ()
    kinds = [entry.kind for entry in ledger.entries(world.governance, review=review) if entry.openings]
    assert "determination.consulted" not in kinds
    made = signed(world, draft(world, review))
    determinations.share(by=world.authority, determination=made, at=world.start)
    assert "Dr Ro" in determinations.memo_html(world.signatory, made)


def test_recording_is_an_authoritys_and_ends_with_a_withdrawal(world: Any, review: str) -> None:
    with pytest.raises(Forbidden):
        determinations.record_consultation(by=world.evaluator, review=review, consulted=ASKED, at=world.start)
    with pytest.raises(NotFound):
        determinations.record_consultation(by=world.rival, review=review, consulted=ASKED, at=world.start)
    with pytest.raises(Misuse, match="name one"):
        determinations.record_consultation(by=world.authority, consulted=ASKED, at=world.start)
    record(world, review)
    cases.withdraw(by=world.governance, review=review, at=world.start)
    with pytest.raises((Refused, NotFound)):
        record(world, review)
    with pytest.raises(NotFound):
        determinations.consultations(world.authority, review)


def test_a_request_has_consultations_of_its_own(world: Any) -> None:
    asked = determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=Question("m", "So."), at=world.start
    )
    determinations.ask_request(by=world.governance, request=asked, at=world.start)
    determinations.record_consultation(by=world.authority, request=asked, consulted=ASKED, at=world.start)
    assert len(determinations.consultations_for_request(world.authority, asked)) == 1
    assert determinations.consultations_for_request(world.governance, asked) == ()
    made = determinations.draft_for_request(by=world.authority, request=asked, reasons="None.", at=world.start)
    assert "Dr Ro" in determinations.memo_html(world.authority, made)


def test_another_determination_names_what_it_looks_at_again_and_what_is_new(world: Any, review: str) -> None:
    first = signed(world, draft(world, review))
    record(world, review)
    new = Evidence(EvidenceKind.DOCUMENT, digest(b"report"), "An outside report")
    second = draft(world, review, reconsiders=first, evidence=(new,))
    found = determinations.determination(world.authority, second)
    assert found.reconsiders == first
    page = determinations.memo_html(world.authority, second)
    assert first in page
    assert "An outside report" in page
    assert digest(b"report") in page
    assert '<th scope="row">consulted</th><td>0</td><td>1</td>' in page
    assert determinations.record(world.authority, second).statement["reconsiders"] == first
    assert "reconsiders" not in determinations.record(world.authority, first).statement
    assert "What was looked at again" not in determinations.memo_html(world.authority, first)


def test_a_reconsideration_stays_with_the_same_two_and_names_what_there_is(world: Any, review: str) -> None:
    first = draft(world, review)
    with pytest.raises(Misuse, match="nobody relies on"):
        draft(world, review, reconsiders=first)
    signed(world, first)
    with pytest.raises(NotFound):
        draft(world, review, reconsiders="determination-none")
    with pytest.raises(Misuse, match="is not shared"):
        draft(world, review, reconsiders=first, evidence=(Evidence(EvidenceKind.DOSSIER, "7", ""),))
    with pytest.raises(NotFound):
        draft(world, review, reconsiders=first, evidence=(Evidence(EvidenceKind.CAMPAIGN, "campaign-none", ""),))
    with pytest.raises(Misuse, match="name the earlier"):
        draft(world, review, evidence=(Evidence(EvidenceKind.DOCUMENT, digest(b"x"), ""),))
