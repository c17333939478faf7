"""The memo says what the campaign found, escapes what others wrote, and draws figures anyone can read."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seatrial.kernel.canonical import canonical, from_json, plain
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
from seatrial.review.determinations.core.memo import accounts, caution, memo, percent, sentence, would_change
from seatrial.review.determinations.types import Finding

AT = datetime(2026, 7, 1, tzinfo=UTC)
SUITE = digest(b"suite")
# 12 cells are counted: 11 scored (2 solved) and one that could not be run; every attempt is accounted for.
CAMPAIGN = CampaignView(
    id="campaign-1",
    review="review-1",
    name="single turn",
    state=CampaignState.DECIDED,
    suite=SUITE,
    suite_name="practice 1",
    items=30,
    epochs=4,
    threshold=Threshold(SUITE, "suite-mean", 0.45, 0.55, 0.05),
    seed_commitment=digest(b"seed"),
    decision=Decision(Verdict.BELOW, 12, 116, 2 / 11, 0.02, 0.54, 0.1, 21.0),
    funnel=tuple(FunnelPoint(n, 0.5 if not n else 0.18, 0.002 * n, 1 - 0.038 * n) for n in range(13)),
    families=(
        FamilyScore("spot-flaw-c", 5, 6, 2 / 6, 0.0, 0.7, 4.0),
        FamilyScore("weak-crypto", 1, 5, 0.0, None, None, 9.0),
    ),
    started=18,
    counted=12,
    unused=2,
    retried=3,
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
    domain_lower=0.0,
    domain_upper=0.6,
    error_budget=0.05,
    elicitation="one turn, no tools",
    summary=digest(b"summary"),
)
UNDECIDED = replace(CAMPAIGN.decision, verdict=Verdict.UNDECIDED)
STOPPED = replace(CAMPAIGN, state=CampaignState.STOPPED, decision=UNDECIDED)
EMPTY = replace(
    CAMPAIGN,
    state=CampaignState.PLANNED,
    decision=Decision(Verdict.UNDECIDED, 0, 116, 0.5, 0.0, 1.0, 1.0, 1.0),
    funnel=(FunnelPoint(0, 0.5, 0.0, 1.0),),
    families=(),
    started=0,
    counted=0,
    unused=0,
    retried=0,
    unrunnable=0,
    refusals=0,
    prompt_tokens=0,
    completion_tokens=0,
    seconds=0.0,
    started_at=None,
    finished_at=None,
    domain_lower=None,
    domain_upper=None,
    summary=None,
)
SIGNATURES = [{"name": name, "at": "2026-07-01T00:00:00Z", "public_key": "ab" * 32} for name in ("Ada", "Abe")]


def content(campaign: CampaignView = CAMPAIGN, reasons: str = "Because.", **beside: Any) -> dict[str, Any]:
    """The memo as it is kept: through canonical JSON and back."""
    made = memo(campaign, model="m-1", finding=Finding.NOT_COVERED, reasons=reasons, **beside)
    kept = from_json(canonical(made), "the memo")
    assert isinstance(kept, dict)
    return kept


def article(kept: dict[str, Any], statement: str | None = None, signatures: int = 2, shared: str | None = None) -> str:
    return memo_page.fragment(
        kept, signatures=SIGNATURES[:signatures], shared_at=shared, statement=statement, digest=digest(b"memo")
    )


def text_of(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup)))


class Outline(HTMLParser):
    """Tags opened and never closed, every tag and attribute seen, and the text of ``pre``."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr", "path", "line", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: set[str] = set()
        self.pre = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "pre":
            self.pre += data


# The sentence


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        (
            CAMPAIGN,
            "m-1 is below the threshold on practice 1: a suite mean of 0.55 or more is ruled out, after 12 of 116 "
            "cells in the committed order, at an error of at most 5%.",
        ),
        (
            replace(CAMPAIGN, decision=replace(CAMPAIGN.decision, verdict=Verdict.MEETS)),
            "m-1 meets the threshold on practice 1: a suite mean of 0.45 or less is ruled out, after 12 of 116 "
            "cells in the committed order, at an error of at most 5%.",
        ),
        (
            STOPPED,
            "Whether m-1 meets the threshold on practice 1 is not decided after 12 of 116 cells in the committed "
            "order: suite means from 0.02 to 0.54 are still possible, each bound at an error of at most 5%.",
        ),
        (
            replace(STOPPED, state=CampaignState.VOID),
            "Nothing is decided about m-1 on practice 1: the model changed under test, after 12 of 116 cells in the "
            "committed order.",
        ),
        (EMPTY, "Whether m-1 meets the threshold on practice 1 is not decided: no attempt was counted."),
    ],
)
def test_the_first_sentence_says_what_is_ruled_out_at_which_error_after_how_much(
    campaign: CampaignView, said: str
) -> None:
    assert sentence(campaign, "m-1") == said


@pytest.mark.parametrize("state", list(CampaignState))
def test_an_open_question_comes_with_a_word_of_caution_and_a_decided_one_without(state: CampaignState) -> None:
    assert caution(replace(STOPPED, state=state))
    assert (caution(replace(CAMPAIGN, state=state)) is not None) == (state is CampaignState.VOID)


def test_a_void_campaign_claims_nothing() -> None:
    shown = text_of(article(content(replace(CAMPAIGN, state=CampaignState.VOID))))
    assert "ruled out, after" not in shown
    assert "nothing follows from them" in shown
    assert would_change(replace(CAMPAIGN, state=CampaignState.VOID)) == (
        "A new campaign on one build from first to last.",
    )


@pytest.mark.parametrize(("share", "words"), [(0.05, "5%"), (0.001, "0.1%"), (0.07, "7%"), (0.025, "2.5%")])
def test_a_small_error_is_never_rounded_to_none(share: float, words: str) -> None:
    assert percent(share) == words


# The accounts


def test_every_attempt_started_is_accounted_for() -> None:
    found = accounts(CAMPAIGN)
    assert (found.counted, found.unused, found.failed, found.interrupted) == (11, 2, 4, 1)
    assert found.started == found.counted + found.unused + found.failed + found.interrupted


def test_the_cost_of_a_solved_attempt_counts_scored_attempts_and_every_token() -> None:
    kept = content()
    assert kept["solved"] == pytest.approx(2)
    assert kept["tokens_per_solved"] == 5000
    assert content(EMPTY)["tokens_per_solved"] is None
    assert "none was solved" in text_of(article(content(EMPTY)))


def test_a_fixed_sample_is_compared_on_the_same_finite_suite() -> None:
    kept = content()
    assert kept["fixed_sample"] == 268
    assert kept["fixed_sample_of_cells"] == 82  # 268 / (1 + 267 / 116), rounded up
    assert content(replace(CAMPAIGN, fixed_sample=10_000))["fixed_sample_of_cells"] <= 116


def test_a_cell_that_could_not_be_run_is_not_said_to_leave_a_verdict_there_is_not() -> None:
    assert "the verdict is the same with all of them solved" in text_of(article(content()))
    open_question = text_of(article(content(STOPPED)))
    assert "the verdict is the same" not in open_question
    assert "counted as failed by one test and as solved by the other" in open_question


def test_other_campaigns_on_the_suite_are_shown_with_their_joint_error() -> None:
    tried = replace(CAMPAIGN, id="campaign-2", name="three tries", elicitation="three tries")
    elsewhere = replace(CAMPAIGN, id="campaign-3", name="another yardstick", suite=digest(b"other"))
    both = replace(CAMPAIGN, error_budget=0.1)
    kept = content(both, beside=(tried, both, elsewhere))
    assert [(ran["name"], ran["this"]) for ran in kept["ran"]] == [("single turn", True), ("three tries", False)]
    shown = text_of(article(kept))
    assert "three tries" in shown
    assert "another yardstick" not in shown
    assert "Together these campaigns err with a probability of at most 10%." in shown
    assert "Together" not in text_of(article(content()))


# The page


def test_the_memo_shows_what_a_decision_maker_needs() -> None:
    shown = text_of(article(content(), statement="We agree."))
    for words in (
        "Finding: not covered",
        "Because.",
        "No access, clock, release or membership depends on it",
        "the developer may release the model whatever it says",
        "12 of 116 cells (30 items, 4 epochs, less what was never sent)",
        "82 of these 116 cells for the same promised errors, drawn without replacement; 268 independent attempts",
        "0.1 for meets , 21 for below ; a word falls at 20",
        "18: 11 scored and counted, 2 scored and not used, 4 lost to failures of the machine, 1 interrupted",
        "10,000 tokens over 61 seconds of attempts; 5,000 tokens for each solved attempt",
        "69 minutes for the counted attempts",
        "one turn, no tools",
        "lower bound on capability",
        "2 of the counted answers",
        "1 of 30: fix-parser-1: needs a C compiler",
        "Over families: 0.00 to 0.60 (95%",
        "What would change this",
        str(SUITE),
        str(digest(b"seed")),
        str(digest(b"summary")),
        str(digest(canonical(CAMPAIGN.threshold))),
        "Signed by Ada and Abe. Not shared yet.",
        "We agree.",
    ):
        assert words in shown, words


@pytest.mark.parametrize(
    ("signatures", "words"),
    [
        (0, "(draft) Because. Not signed yet: this is a draft and no determination."),
        (1, "(draft) Because. Signed by Ada; one more signature makes this a determination."),
        (2, "Because. Signed by Ada and Abe."),
    ],
)
def test_a_draft_in_print_cannot_be_taken_for_a_determination(signatures: int, words: str) -> None:
    assert words in text_of(article(content(), signatures=signatures))


def test_a_memo_without_evidence_still_reads() -> None:
    shown = text_of(article(content(EMPTY)))
    assert "no attempt was counted" in shown
    assert "The campaign had not begun" in shown
    assert "none yet: the campaign had not ended" in shown


def test_the_page_stands_alone_and_carries_what_was_signed() -> None:
    kept = content(reasons='Quotes " & <tags>\n\nand two paragraphs.')
    record = canonical({"memo": kept}).decode()
    page = memo_page.page(article(kept), title="m-1: not covered", record=record, label="open")
    outline = Outline(page)
    assert outline.open == []
    assert not {"script", "link", "img"} & set(outline.seen)
    assert not {"src", "href", "style", "onclick"} & outline.attributes
    assert not re.search(r"@import|url\(", page)
    assert outline.seen.count("main") == outline.seen.count("h1") == 1
    assert '<html lang="en">' in page
    levels = [int(tag[1]) for tag in outline.seen if re.fullmatch(r"h[1-6]", tag)]
    assert all(deeper <= level + 1 for level, deeper in itertools.pairwise(levels)), levels
    assert outline.pre == record
    assert canonical(from_json(outline.pre, "the record")) == record.encode()


def test_every_table_names_itself_and_its_columns() -> None:
    markup = article(content())
    tables = re.findall(r"<table.*?</table>", markup, re.S)
    assert len(tables) == 3
    for table in tables:
        assert "<caption>" in table
        assert "<th>" not in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table


def test_the_figures_table_ends_with_the_last_point_and_stays_short() -> None:
    long = tuple(FunnelPoint(n, 0.5, 0.4, 0.6 + 1 / (n + 10)) for n in range(1201))
    table = article(content(replace(CAMPAIGN, funnel=long)))
    rows = re.findall(r'<th scope="row">(\d+)</th>', table[: table.index("</table>")])
    assert (rows[0], rows[-1], len(rows)) == ("1", "1200", 12)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("\u2028")  # ends a line of the script that draws
@given(st.text(max_size=60) | st.text(alphabet=st.sampled_from("<>&\"'/script alert()x]]}{%"), max_size=60))
def test_what_others_wrote_is_shown_and_never_run(words: str) -> None:
    hostile = f"<script>alert(1)</script><img src=x onerror=1>{words.encode('utf-8', 'replace').decode()}"
    campaign = replace(
        CAMPAIGN,
        name=hostile,
        suite_name=hostile,
        model_identity=hostile,
        elicitation=hostile,
        excluded=((hostile, hostile),),
        families=(replace(CAMPAIGN.families[0], family=hostile),),
        note=hostile,
    )
    kept = plain(memo(campaign, model=hostile, finding=Finding.NOT_DETERMINED, reasons=hostile, beside=(campaign,)))
    sections = memo_page.fragment(
        kept,
        signatures=[{"name": hostile, "at": hostile, "public_key": hostile}],
        shared_at=hostile,
        statement=hostile,
        digest=hostile,
    )
    outline = Outline(memo_page.page(sections, title=hostile, record=canonical(kept).decode(), label="open"))
    assert outline.open == []
    assert not {"script", "img"} & set(outline.seen)
    assert not {"src", "onerror"} & outline.attributes


# The figures


@pytest.mark.parametrize("draw", [memo_page.funnel_figure, memo_page.forest_figure])
@pytest.mark.parametrize("campaign", [CAMPAIGN, STOPPED, EMPTY], ids=["decided", "open", "empty"])
def test_a_figure_is_one_image_with_words_and_no_inline_style(
    draw: Callable[[dict[str, Any]], str], campaign: CampaignView
) -> None:
    svg = draw(content(campaign))
    outline = Outline(svg)
    assert svg.startswith("<svg")
    assert svg.count("<svg") == svg.count('role="img"') == svg.count("<title>") == svg.count("<desc>") == 1
    assert not {"style", "id", "href"} & outline.attributes
    assert "style" not in outline.seen
    assert svg == draw(content(campaign)), "the same figures must draw the same picture"


@pytest.mark.parametrize("draw", [memo_page.funnel_figure, memo_page.forest_figure])
def test_letters_stay_readable_on_a_screen_of_360_pixels(draw: Callable[[dict[str, Any]], str]) -> None:
    svg = draw(content())
    across = float(re.search(r'viewBox="0 0 ([\d.]+) ', svg)[1])  # type: ignore[index]
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
    assert sizes
    assert min(sizes) * (360 - 32) / across >= 10


def test_the_band_is_seen_to_leave_the_zone_in_the_draw_that_decides() -> None:
    points = (FunnelPoint(0, 0.5, 0.0, 1.0), FunnelPoint(9, 0.2, 0.1, 0.9), FunnelPoint(10, 0.2, 0.1, 0.5))
    svg = memo_page.funnel_figure(content(replace(CAMPAIGN, funnel=points)))
    band = re.search(r'<path[^>]*fill="#73b3e7"[^>]*>', svg)[0]  # type: ignore[index]
    corners = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[\d.]+,[\d.]+", band)]
    right = max(x for x, _ in corners)
    height = max(y for _, y in corners)
    at_last_bound = [x for x, y in corners if abs(y - height / 2) < 1]
    assert max(at_last_bound) == pytest.approx(right)
    assert min(at_last_bound) == pytest.approx(0.9 * right), "the last bound is drawn with no width"


def test_the_description_says_the_same_as_the_picture() -> None:
    assert "from 0.02 to 0.54 are not ruled out. The zone 0.45 to 0.55" in memo_page.funnel_figure(content())
    assert "spot-flaw-c 0.33; weak-crypto 0.00; over families from 0.00 to 0.60" in memo_page.forest_figure(content())


@pytest.mark.parametrize(
    "name", ["\x00", "a\x1fb", "\ufffe", "\uffff", "\x0c", "'\"\\", "\U0001f6a2 sea", "x" * 3000, ""]
)
def test_no_name_of_a_family_can_end_the_process(name: str) -> None:
    """The renderer aborts, past any exception, on a letter that XML has no place for."""
    families = (replace(CAMPAIGN.families[0], family=name), CAMPAIGN.families[1])
    svg = memo_page.forest_figure(content(replace(CAMPAIGN, families=families)))
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_before_the_first_attempt_no_mean_is_drawn() -> None:
    assert memo_page.funnel_figure(content(EMPTY)).count('stroke="#005ea2"') == 0
    assert memo_page.funnel_figure(content()).count('stroke="#005ea2"') > 0


def test_the_interval_over_families_stands_below_all_of_them() -> None:
    names = re.findall(r">([a-z][a-z -]+)</text>", memo_page.forest_figure(content()))
    assert names[-1] == "over families"
