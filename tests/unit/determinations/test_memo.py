"""The memo says what the campaign found, escapes what others wrote, and draws figures anyone can read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.kernel.labels import OPEN
from seatrial.review.benchmarks.types import (
    CampaignState,
    CampaignView,
    Decision,
    FamilyScore,
    FunnelPoint,
    Threshold,
    Verdict,
)
from seatrial.review.determinations.adapters import memo_page
from seatrial.review.determinations.core.memo import evidence, sentence
from seatrial.review.determinations.types import Finding

AT = datetime(2026, 7, 1, tzinfo=UTC)
SUITE = digest(b"suite")
CAMPAIGN = CampaignView(
    id="campaign-1",
    review="review-1",
    name="single turn",
    state=CampaignState.DECIDED,
    suite=SUITE,
    suite_name="practice",
    items=30,
    epochs=4,
    threshold=Threshold(SUITE, "suite-mean", 0.45, 0.55, 0.05),
    seed_commitment=digest(b"seed"),
    decision=Decision(Verdict.BELOW, 12, 120, 0.08, 0.02, 0.44, 0.1, 21.0),
    funnel=tuple(FunnelPoint(n, 0.08, 0.3 / n, min(1.0, 0.4 + 1 / n)) for n in range(1, 13)),
    families=(
        FamilyScore("spot-flaw-c", 5, 6, 0.1, 0.0, 0.4, 4.0),
        FamilyScore("weak-crypto", 5, 6, 0.0, None, None, 9.0),
    ),
    started=14,
    counted=12,
    unused=2,
    retried=1,
    unrunnable=1,
    excluded=(("fix-parser-1", "needs a C compiler"),),
    refusals=2,
    fixed_sample=268,
    prompt_tokens=9000,
    completion_tokens=1000,
    seconds=61.2,
    model_identity="m-1/b0",
    started_at=AT,
    finished_at=AT,
    note=None,
    label=OPEN,
)


def memo(**changes: object) -> dict[str, object]:
    return evidence(replace(CAMPAIGN, **changes), model="m-1", finding=Finding.NOT_COVERED, reasons="Because.")  # type: ignore[arg-type]


def article(content: dict[str, object], statement: str | None = None) -> str:
    signatures = [{"name": "Ada", "at": "2026-07-01T00:00:00Z", "public_key": "ab" * 32}]
    return memo_page.fragment(
        content, signatures=signatures, shared_at=None, statement=statement, digest=digest(b"memo")
    )


class Outline(HTMLParser):
    """Tags opened and never closed, and every tag seen."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr", "path", "line", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.BELOW, "m-1 is below the threshold on practice: its suite mean is not above the zone 0.45 to 0.55"),
        (Verdict.MEETS, "m-1 meets the threshold on practice: its suite mean is not below the zone"),
        (Verdict.UNDECIDED, "Whether m-1 meets the threshold on practice is not decided after 12 of 120 cells"),
    ],
)
def test_the_first_sentence_says_verdict_error_and_price(verdict: Verdict, words: str) -> None:
    said = sentence(replace(CAMPAIGN, decision=replace(CAMPAIGN.decision, verdict=verdict)), "m-1")
    assert said.startswith(words)
    assert "5%" in said
    assert "12 of 120" in said


def test_the_memo_shows_what_a_decision_maker_needs() -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article(memo())))
    for words in (
        "not covered",
        "Because.",
        "No access, clock, release or membership depends on it",
        "12 of 120 cells",
        "268 attempts for the same promised errors",
        "tokens for each solved attempt",
        "fix-parser-1: needs a C compiler",
        "Read as refusals 2",
        "lower bound on capability",
        "What would change this",
        "the verdict holds with all of them solved and with none",
        "Not shared yet",
        str(SUITE),
    ):
        assert words in text, words


def test_a_memo_without_evidence_still_reads() -> None:
    empty = memo(
        funnel=(),
        families=(),
        excluded=(),
        counted=0,
        started=0,
        started_at=None,
        finished_at=None,
        decision=Decision(Verdict.UNDECIDED, 0, 120, 0.0, 0.0, 1.0, 1.0, 1.0),
    )
    assert "is not decided" in article(empty)


def test_the_page_stands_alone() -> None:
    page = memo_page.page(article(memo()), title="m-1: not covered")
    outline = Outline(page)
    assert outline.open == []
    assert "script" not in outline.seen
    assert "link" not in outline.seen
    assert re.findall(r"(?:src|href)=", page) == []
    assert page.count("<main>") == 1
    assert '<html lang="en">' in page


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("<>&\"'/script alert()x"), max_size=60))
def test_what_others_wrote_is_shown_and_never_run(words: str) -> None:
    hostile = f"<script>alert(1)</script><img src=x onerror=1>{words}"
    content = evidence(
        replace(CAMPAIGN, name=hostile, model_identity=hostile, excluded=((hostile, hostile),), note=hostile),
        model=hostile,
        finding=Finding.NOT_DETERMINED,
        reasons=hostile,
    )
    outline = Outline(article(content, statement=hostile))
    assert "script" not in outline.seen
    assert "img" not in outline.seen


@pytest.mark.parametrize("draw", [memo_page.funnel_figure, memo_page.forest_figure])
def test_a_figure_is_one_image_with_words_and_no_inline_style(draw: object) -> None:
    svg = draw(memo())  # type: ignore[operator]
    assert svg.startswith("<svg")
    assert 'role="img"' in svg
    assert "<title>" in svg
    assert "<desc>" in svg
    assert " style=" not in svg
    assert "viewBox=" in svg
    assert svg == draw(memo()), "the same figures must draw the same picture"  # type: ignore[operator]
