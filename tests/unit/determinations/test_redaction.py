"""A redacted twin tells nothing of what it leaves out, in any form, and is bound to the whole by salted commitments."""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.unit.determinations.test_memo import CAMPAIGN, article, content

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import commitment
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.review.benchmarks.types import LadderView, Purpose, Twins, Verdict
from seatrial.review.determinations.adapters import memo_paper
from seatrial.review.determinations.core.beside import ladder_of
from seatrial.review.determinations.core.consultation import heard
from seatrial.review.determinations.core.documents import documents_memo
from seatrial.review.determinations.core.redaction import (
    checked_withhold,
    opens,
    protected,
    texts,
    twin_label,
    twin_of,
    value_of,
    with_salts,
)
from seatrial.review.determinations.types import Consulted, Finding, Part, Stance, Withhold

AT = datetime(2026, 7, 1, tzinfo=UTC)
SALTS = {part: f"{number:032x}" for number, part in enumerate(Part)}
CANARIES = {
    Part.FAMILIES: ("fam-kestrel", "fam-heron"),
    Part.ITEMS: ("item-osprey",),
    Part.REFERENCES: ("ref-puffin", "campaign-gannet"),
    Part.CAMPAIGNS: ("campaign-dunlin",),
    Part.CONSULTATIONS: ("Plover Institute", "Dr Avocet", "We differ: curlew."),
}


def whole(reasons: str = "Because.") -> dict[str, Any]:
    families = tuple(
        replace(one, family=name) for one, name in zip(CAMPAIGN.families, CANARIES[Part.FAMILIES], strict=True)
    )
    mine = replace(
        CAMPAIGN, families=families, excluded=(("item-osprey", "its label exceeds the channel"),), ladder="ladder-1"
    )
    reference = replace(mine, id="campaign-gannet", name="beside", purpose=Purpose.REFERENCE, model="ref-puffin")
    other = replace(mine, id="campaign-dunlin", name="another way")
    twins = tuple(Twins(one.family, 3, 0.1, 0.9, 0.8, 0.5, 1.0, 2, 0) for one in families)
    ladder = LadderView(
        "ladder-1", "r", "climb", mine.suite, "practice 1", 0.05, Verdict.BELOW, (mine, reference), twins, mine.label
    )
    asked = heard(
        [Consulted("Plover Institute", "Dr Avocet", "methods", Stance.DIFFERS, "We differ: curlew.", date(2026, 6, 1))],
        body="b",
        developer="d",
    )
    kept = content(
        mine,
        reasons=reasons,
        beside=(mine, reference, other),
        asked=asked,
        ladder=ladder_of(ladder, this=mine.id, model="m-1"),
    )
    return with_salts(kept, SALTS)


WHOLE = whole()
EVERY = [frozenset(parts) for n in range(1, len(Part) + 1) for parts in itertools.combinations(Part, n)]


@pytest.mark.parametrize("parts", EVERY, ids=lambda parts: "+".join(sorted(parts)))
def test_nothing_withheld_is_in_the_twin_and_all_else_is(parts: frozenset[Part]) -> None:
    twin = twin_of(WHOLE, Withhold(parts, "Its label."))
    told = canonical(twin).decode()
    for part, canaries in CANARIES.items():
        for canary in canaries:
            assert (canary in told) == (part not in parts), canary
    for salt in SALTS.values():
        assert salt not in told
    assert "salts" not in twin
    assert [one["part"] for one in twin["withheld"]] == [part for part in Part if part in parts]
    assert opens(WHOLE, twin)
    shared = [
        name for name in WHOLE if name in twin and name not in ("families", "domain", "excluded", "ladder", "ran")
    ]
    assert all(twin[name] == WHOLE[name] for name in shared if not name.startswith("consultation"))


def test_no_form_of_it_tells_what_is_withheld() -> None:
    twin = twin_of(WHOLE, Withhold(frozenset(Part), "Its label."))
    page = article(twin)
    paper = memo_paper.pdf(page, twin, record=canonical(twin).decode(), about=(), at=AT)
    reader = PdfReader(io.BytesIO(paper))
    on_paper = "".join(p.extract_text() for p in reader.pages) + reader.attachments["record.json"][0].decode()
    for canary in itertools.chain.from_iterable(CANARIES.values()):
        for form in (page, on_paper, paper.decode("latin-1")):
            assert canary not in form
    assert "This is a redacted twin" in page
    assert "Left out of this twin" in page
    assert "No attempt was counted" not in page


def test_the_commitments_open_with_the_whole_and_with_nothing_else() -> None:
    twin = twin_of(WHOLE, Withhold(frozenset(Part), "Its label."))
    for one in twin["withheld"]:
        part = Part(one["part"])
        assert one["commitment"] == commitment(SALTS[part], part.value, value_of(WHOLE, part))
    assert not opens(whole("Otherwise."), twin)
    other = json.loads(json.dumps(WHOLE))
    other["families"][0]["mean"] = 0.5
    assert not opens(other, twin)
    assert not opens(WHOLE, {**twin, "finding": "covered"})


@pytest.mark.parametrize(
    "reasons", ["Weak in FAM-KESTREL alone.", "As Dr Avocet said.", "Item-osprey was not sent.", "Like ref-puffin."]
)
def test_words_that_would_tell_it_are_refused_at_the_draft(reasons: str) -> None:
    with pytest.raises(Refused, match="would still tell") as caught:
        twin_of(whole(reasons), Withhold(frozenset(Part), "Its label."))
    assert caught.value.facts["where"] == "reasons"


@settings(max_examples=150, deadline=None)
@given(
    parts=st.sets(st.sampled_from(list(Part)), min_size=1).map(frozenset),
    names=st.lists(st.text("abcdefghij-", min_size=6, max_size=12), min_size=5, max_size=5, unique=True),
    reasons=st.text(max_size=60),
)
def test_whatever_it_is_called_no_withheld_text_stands_in_a_twin(
    parts: frozenset[Part], names: list[str], reasons: str
) -> None:
    memo = json.loads(json.dumps(WHOLE))
    memo["reasons"] = reasons
    for one, name in zip(memo["families"], names, strict=False):
        one["family"] = name
    memo["excluded"] = [[names[2], "why"]]
    memo["consultations"][0]["person"], memo["ladder"]["references"][0]["model"] = names[3], names[4]
    memo["ladder"]["twins"] = []
    try:
        twin = twin_of(memo, Withhold(parts, "Its label."))
    except Refused:
        return
    told = {text for name, value in twin.items() if name != "withheld" for text in texts(value)}
    for hidden in protected(memo, parts).values():
        assert not told & set(hidden)


def test_a_memo_on_documents_alone_has_a_twin_without_its_consultations() -> None:
    asked = heard([Consulted("Plover", "Dr A", "m", Stance.AGREES, "Yes, avocet.", AT.date())], body="b", developer="d")
    memo = plain(documents_memo(model="m", finding=Finding.NOT_DETERMINED, reasons="None.", documents=(), asked=asked))
    twin = twin_of(with_salts(memo, SALTS), Withhold(frozenset(Part), "They asked us to."))
    assert "Plover" not in canonical(twin).decode()
    assert "Left out" not in article(twin)
    assert "They asked us to." in article(twin)


def test_the_label_falls_only_with_what_tells_of_the_suite() -> None:
    suite = Label(Level.SECRET, frozenset({"orca"}), Label.among("b").tlp, frozenset({"b"}))
    review = Label.among("b")
    assert twin_label(suite, review, Withhold(frozenset({Part.FAMILIES}), "w")) == suite
    assert twin_label(suite, review, Withhold(frozenset({Part.FAMILIES, Part.ITEMS}), "w")) == review


def test_withholding_nothing_is_not_withholding() -> None:
    for asked in (Withhold(frozenset(), "Because."), Withhold(frozenset({Part.ITEMS}), " ")):
        with pytest.raises(Misuse):
            checked_withhold(asked)
