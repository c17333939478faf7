"""Engagement memos as files: written, read back, handed on; sums that decide nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.planning.core.memo_file import blank, entries_csv, from_toml, html, markdown, to_toml
from seatrial.review.planning.core.weighing import NOT_A_RULE, attributed, totals
from seatrial.review.planning.types import Entry, Heading, MemoView, Option, Weighing
from simulators.release_plans import BUSY

NAMES = {"gwen": "Gwen <Governance>", "lab": "North Lab"}
texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=80)
entries = st.builds(Entry, st.sampled_from(Option), st.sampled_from(Heading), st.integers(0, 5), texts)
weighings = st.builds(
    Weighing, texts, st.lists(entries, max_size=8).map(tuple), texts, st.none() | st.sampled_from(Option), texts
)
AT = datetime(2026, 7, 1, tzinfo=UTC)


def view(weighing: Weighing) -> MemoView:
    kept = attributed(weighing, (), "gwen")
    return MemoView("engagement-1", "lab", None, kept, 1, "gwen", AT, digest(b""), (), True)


@BUSY
@given(weighings)
def test_a_memo_written_as_a_file_is_read_back_the_same(weighing: Weighing) -> None:
    assert from_toml(to_toml(weighing)) == weighing


@BUSY
@given(weighings)
def test_sums_are_of_all_entries_and_there_is_one_for_each_option_and_heading(weighing: Weighing) -> None:
    found = totals(weighing)
    assert len(found) == len(Option) * len(Heading)
    assert sum(total.weight for total in found) == sum(entry.weight for entry in weighing.entries)
    assert sum(total.entries for total in found) == len(weighing.entries)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "x"', "line 1, titel: there is no field"),
        ("title = 3", "line 1, title: write text, not 3"),
        ('title = "x"\nconclusion = "maybe"', "line 2, conclusion: it is one of engage, partly, not"),
        ("[[entry]]\noption = 'engage'\nheading = 'fame'\n", "line 3, entry 1, heading: it is one of benefits"),
        ("[[entry]]\n[[entry]]\nweight = 7", "line 1, entry 1, option: it is one of"),
        ("[[entry]]\nweight = 7", "line 2, entry 1, weight: it is 0 to 5, not 7"),
        ("[[entry]]\nweigth = 7", "line 2, entry 1, weigth: there is no field"),
        ("entry = 3", "line 1, entry: write each consideration as a table"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_fault_in_a_memo_file_names_its_line_and_field(text: str, said: str) -> None:
    with pytest.raises(Misuse) as caught:
        from_toml(text)
    assert caught.value.code == "memo-invalid"
    assert said in caught.value.message


def test_the_blank_memo_is_a_memo_and_asks_every_question() -> None:
    assert from_toml(blank()) == Weighing("", ())
    assert blank().count("[[entry]]") == len(Heading)


MEMO = Weighing(
    "A <b>memo</b>",
    (
        Entry(Option.ENGAGE, Heading.BENEFITS, 2, "=HYPERLINK(1)"),
        Entry(Option.ENGAGE, Heading.BENEFITS, 5, "First\nand second <script>"),
    ),
    conclusion=Option.NOT,
    reasons="Not this time",
)


def test_every_export_says_the_conclusion_the_entries_and_that_numbers_do_not_decide() -> None:
    for made in (markdown(view(MEMO), NAMES), html(view(MEMO), NAMES)):
        assert "Do not engage" in made
        assert "Not this time" in made
        assert NOT_A_RULE in made
        assert made.index("First") < made.index("HYPERLINK"), "the weightiest stands first"


def test_the_html_is_one_page_in_which_what_was_typed_is_text() -> None:
    class Reader(HTMLParser):
        seen: list[tuple[str, Any]] = []

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.seen.append((tag, dict(attrs)))

    made = html(view(MEMO), NAMES)
    Reader().feed(made)
    tags = {tag for tag, _ in Reader.seen}
    assert tags.isdisjoint({"script", "b", "img", "link", "iframe"})
    assert "Gwen &lt;Governance&gt;" in made
    assert not any(name in said for _, said in Reader.seen for name in ("src", "href", "onload", "style"))


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(entries_csv(view(MEMO), NAMES))))
    assert rows[0] == ["option", "heading", "weight", "text", "author"]
    assert [row[3] for row in rows[1:]] == ["'=HYPERLINK(1)", "First\nand second <script>"]


def test_words_keep_their_author_and_new_words_are_the_writers() -> None:
    before = attributed(MEMO, (), "gwen").entries
    more = Entry(Option.NOT, Heading.BURDEN, 1, " New ", author="gwen")
    made = attributed(Weighing("t", (*MEMO.entries, more)), before, "sig")
    assert [entry.author for entry in made.entries] == ["gwen", "gwen", "sig"]
    assert made.entries[-1].text == "New"
