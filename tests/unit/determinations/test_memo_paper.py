"""The memo on paper: the same words as on the screen, tagged, the same bytes every time, the record inside."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader
from tests.unit.determinations.test_memo import CAMPAIGN, EMPTY, article, content, text_of

from seatrial.kernel.canonical import canonical
from seatrial.review.determinations.adapters import memo_paper
from seatrial.review.determinations.core.consultation import heard
from seatrial.review.determinations.types import Consulted, Stance

AT = datetime(2026, 7, 1, tzinfo=UTC)
HOSTILE = '#panic("no") $x$ ] ) } <b>bold</b> "quoted" \\u{41} @ref = heading // comment'
ASKED = heard(
    [Consulted("Harbour Institute", "Dr Ro", "methods", Stance.DIFFERS, HOSTILE, date(2026, 6, 1))],
    body="b",
    developer="d",
)


def printed(kept: dict[str, object], statement: str | None = None) -> bytes:
    record = canonical({"memo": kept}).decode()
    return memo_paper.pdf(
        article(kept, statement=statement), kept, record=record, about=(("Label", "open//-//TLP:CLEAR//*"),), at=AT
    )


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]{3,}", text.replace("\ufb01", "fi").replace("\ufb02", "fl"))


@pytest.mark.parametrize("campaign", [CAMPAIGN, EMPTY, replace(CAMPAIGN, excluded=())])
def test_paper_says_every_word_of_the_screen(campaign: object) -> None:
    kept = content(campaign, reasons="Because.\n\nAnd so.", asked=ASKED)  # type: ignore[arg-type]
    reader = PdfReader(io.BytesIO(printed(kept, statement="Ours.")))
    shown = re.sub(r"<svg.*?</svg>|<summary>.*?</summary>", " ", article(kept, statement="Ours."), flags=re.DOTALL)
    on_paper = re.sub(r"\W", "", "".join(page.extract_text() for page in reader.pages))
    on_paper = on_paper.replace("\ufb01", "fi").replace("\ufb02", "fl")
    missing = [word for word in set(words(text_of(shown))) if word not in on_paper]
    assert missing == []


def test_it_is_tagged_has_a_title_and_a_language_and_carries_the_record() -> None:
    kept = content(asked=ASKED)
    reader = PdfReader(io.BytesIO(printed(kept)))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert str(catalogue["/Lang"]).startswith("en")
    assert reader.metadata is not None
    assert reader.metadata.title == "m-1: not covered"
    assert [data.decode() for data in reader.attachments[memo_paper.RECORD]] == [canonical({"memo": kept}).decode()]


def test_the_same_memo_gives_the_same_bytes() -> None:
    kept = content(asked=ASKED)
    assert printed(kept) == printed(kept)


def test_letters_without_a_font_are_named_and_stay_in_the_record() -> None:
    kept = content(reasons="Reasons \U0001201f here.")
    found = printed(kept)
    reader = PdfReader(io.BytesIO(found))
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    assert "\U0001201f" in reader.attachments[memo_paper.RECORD][0].decode()
    assert "Cuneiform" in text
