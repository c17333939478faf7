"""What is said of consultations and of looking again, and that what is missing is said too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.determinations.core.consultation import NOBODY, checked_consulted, heard
from seatrial.review.determinations.core.documents import documents_memo
from seatrial.review.determinations.core.reconsideration import (
    NO_EVIDENCE,
    Change,
    Earlier,
    changes,
    read_evidence,
    reconsidered,
)
from seatrial.review.determinations.types import Consulted, Evidence, EvidenceKind, Finding, Stance

AT = datetime(2026, 7, 1, tzinfo=UTC)
ASKED = Consulted("Harbour Institute", "Dr Ro", "methods, independent", Stance.AGREES, "Sound.", date(2026, 6, 30))


def test_the_words_count_the_stances_and_say_who_was_not_asked() -> None:
    assert heard((), body="b", developer="d").words == NOBODY
    others = (ASKED, replace(ASKED, stance=Stance.DIFFERS), replace(ASKED, stance=Stance.NO_VIEW, words=""))
    words = heard(others, body="b", developer="d").words
    assert words.startswith("Consulted: 3; 1 agrees, 1 differs, 1 has no view.")
    assert "Nobody of the developer" in words
    assert "none were recorded" in words
    assert "outside" not in words
    assert "Nobody outside the review body" in heard((replace(ASKED, organisation="b"),), body="b", developer="d").words
    assert "Nobody of the developer" not in heard((replace(ASKED, organisation="d"),), body="b", developer="d").words


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organisation": " "}, "bad-text"),
        ({"capacity": "a\nb"}, "bad-text"),
        ({"person": "\u202e"}, "bad-text"),
        ({"words": "x" * 20_001}, "bad-text"),
        ({"on": AT.date() + timedelta(days=1)}, "not-yet"),
    ],
)
def test_what_cannot_be_recorded_is_said(change: dict[str, object], code: str) -> None:
    with pytest.raises(Misuse) as caught:
        checked_consulted(replace(ASKED, **change), AT)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_evidence_is_read_from_lines() -> None:
    pinned = digest(b"report")
    named = read_evidence(f"campaign:campaign-1\n\n dossier:3 the second one\ndocument:{pinned} a report\n")
    assert named == (
        Evidence(EvidenceKind.CAMPAIGN, "campaign-1", ""),
        Evidence(EvidenceKind.DOSSIER, "3", "the second one"),
        Evidence(EvidenceKind.DOCUMENT, pinned, "a report", pinned),
    )


@pytest.mark.parametrize("line", ["report", "memo:1", "dossier:three", "document:sha256:0", "campaign:", "dossier:0"])
def test_evidence_that_cannot_be_found_again_is_refused(line: str) -> None:
    with pytest.raises(Misuse):
        read_evidence(line)


def test_another_memo_says_what_changed_and_nothing_else() -> None:
    from seatrial.kernel.canonical import plain

    before = documents_memo(model="m-1", finding=Finding.NOT_DETERMINED, reasons="So.", documents=())
    after = replace(before, model="m-2", reasons="Otherwise.", consultations=(ASKED,))
    assert changes(plain(before), plain(after)) == (
        Change("model", "m-1", "m-2"),
        Change("consulted", "0", "1"),
    )
    earlier = Earlier("determination-1", digest(b"m"), plain(before), 2, AT)
    told = reconsidered(earlier, (), plain(after))
    assert (told.finding_words, told.evidence_words) == ("not determined", NO_EVIDENCE)
    with pytest.raises(Misuse, match="draft that nobody relies on"):
        reconsidered(replace(earlier, signers=1), (), plain(after))
    assert changes({**plain(before), "v": 1}, plain(before)) == ()
