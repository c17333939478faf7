"""No marked text survives: not in a twin, not in a file made from it; and a walk that leaves some is caught."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.errors import Refused
from seatrial.kernel.labels import Label, Level, Reader
from seatrial.review.dossiers.core import derive as deriving
from seatrial.review.dossiers.core.derive import derive, labels_of
from seatrial.review.dossiers.core.redaction import Protected, check_leaving, protect, shared_runs
from seatrial.review.dossiers.core.rules import Standing, base_label, for_audience, for_reader
from seatrial.review.dossiers.core.shape import EVERY, Field, Kind, fields_of
from seatrial.review.dossiers.core.twin import statement, twin
from seatrial.review.dossiers.core.writing import as_json, canonical_json
from seatrial.review.dossiers.types import (
    Audience,
    Capability,
    Category,
    Dossier,
    FieldMark,
    Incident,
    Marking,
    Model,
    Paragraph,
    Part,
    Reference,
    Release,
    Withheld,
)
from simulators.written_dossiers import BODY, LAB, PARTNER, dossiers

STANDING = Standing(LAB, BODY, PARTNER)
SECRET, PRIVILEGED = Marking(Category.TRADE_SECRET), Marking(Category.PRIVILEGED)
SENTENCE = "The optimiser warms up over exactly nine thousand steps."
slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def small(**more: Any) -> Dossier:
    return Dossier(**({"model": Model(name="m-1", developer="North Lab")} | more))


def told(document: Dossier) -> str:
    return canonical_json(document).decode()


# Every field of every part ----------------------------------------------------------------------------------------

CANARY = "Zebrafinch 7718231 quartz"


def planted(field: Field) -> Any:
    """A value of this kind that holds the canary, or something to recognise."""
    values = {Kind.LINE: CANARY, Kind.TEXT: (Paragraph(CANARY),), Kind.LINES: (CANARY,), Kind.FLAG: True}
    values |= {Kind.NUMBER: 7718231.5, Kind.WHOLE_NUMBER: 7718231}
    if field.kind is Kind.CHOICE:
        return next(iter(field.inner))
    if field.kind in (Kind.PART, Kind.PARTS):
        inner = field.inner(**{f.name: planted(f) for f in fields_of(field.inner)})
        return inner if field.kind is Kind.PART else (inner,)
    return values[field.kind]


def places(kind: type[Part] = Dossier, way: tuple[Field, ...] = ()) -> Iterator[tuple[Field, ...]]:
    """The way to every field of the whole document."""
    for field in fields_of(kind):
        yield (*way, field)
        if field.kind in (Kind.PART, Kind.PARTS):
            yield from places(field.inner, (*way, field))


def with_mark(kind: type[Any], way: tuple[Field, ...], marking: Marking) -> Any:
    """A part in which the last field of ``way`` is planted and marked, and nothing else is written."""
    field, rest = way[0], way[1:]
    if not rest:
        return kind(**{field.name: planted(field)}, marked=(FieldMark(field.name, marking),))
    inner = with_mark(field.inner, rest, marking)
    return kind(**{field.name: inner if field.kind is Kind.PART else (inner,)})


EVERY_PLACE = list(places())


def named(way: tuple[Field, ...]) -> str:
    return ".".join(field.name for field in way)


def test_the_walk_knows_every_field_of_the_types() -> None:
    assert len(EVERY_PLACE) > 140
    assert {field.name for kind in EVERY for field in fields_of(kind)} == {
        name for kind in EVERY for name in kind.__dataclass_fields__ if name not in ("marking", "marked", "withheld")
    }


@pytest.mark.parametrize("way", EVERY_PLACE, ids=named)
def test_any_field_that_is_marked_is_left_out_and_listed(way: tuple[Field, ...]) -> None:
    source = with_mark(Dossier, way, PRIVILEGED)
    assert "Zebrafinch" in told(source) or "7718231" in told(source) or way[-1].kind in (Kind.CHOICE, Kind.FLAG)
    made = twin(source, Audience.PUBLIC, STANDING)
    assert "Zebrafinch" not in told(made.document)
    assert "7718231" not in told(made.document)
    (piece,) = made.withheld
    assert (piece.place.replace("[1]", ""), piece.category) == (named(way), Category.PRIVILEGED)


@pytest.mark.parametrize(
    "way", [way for way in EVERY_PLACE if way[-1].kind in (Kind.LINE, Kind.LINES, Kind.TEXT)], ids=named
)
def test_a_walk_that_forgets_a_field_is_caught(way: tuple[Field, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant does not look at marks of this one field: what it leaves must not get out."""
    source = with_mark(Dossier, way, PRIVILEGED)
    honest = deriving._Walk._marked

    def forgetful(self: Any, ways: Any, marking: Any, path: Any) -> Any:
        return honest(self, ways, None if path and path[-1] == way[-1].name else marking, path)

    monkeypatch.setattr(deriving._Walk, "_marked", forgetful)
    with pytest.raises(Refused, match="This would leave marked text"):
        twin(source, Audience.PUBLIC, STANDING)


# Any document -----------------------------------------------------------------------------------------------------


@st.composite
def unmistakable(draw: st.DrawFn) -> str:
    """Prose that stands nowhere else."""
    return f"{draw(st.uuids())} {draw(st.text(st.characters(codec='utf-8', categories=('L', 'N', 'P')), max_size=30))}"


def marked_texts(raw: Any, inside: bool = False) -> Iterator[str]:
    """Every long text with a mark anywhere above it, by a walk of its own over the plain form."""
    if isinstance(raw, dict):
        inside = inside or "marking" in raw
        for name, value in raw.items():
            if name not in ("marking", "marked"):
                yield from marked_texts(value, inside or name in raw.get("marked", {}))
    elif isinstance(raw, list):
        for value in raw:
            yield from marked_texts(value, inside)
    elif inside and isinstance(raw, str) and len(raw) >= 36:
        yield raw


@slow
@given(dossiers(unmistakable()), st.sampled_from(list(Audience)))
def test_no_marked_text_survives_in_any_twin(source: Dossier, audience: Audience) -> None:
    only = Marking(Category.PRIVILEGED)
    source = _marked_alike(source, only)
    try:
        made = twin(source, audience, STANDING)
    except Refused:  # the same text stands elsewhere, unmarked
        return
    said = told(made.document)
    for text in marked_texts(as_json(source)):
        assert text not in said
        assert not any(text[at : at + 24] in said for at in range(len(text) - 23))


@slow
@given(dossiers(unmistakable()))
def test_a_stricter_audience_never_gets_more(source: Dossier) -> None:
    derived = {audience: derive(source, for_audience(audience, STANDING)) for audience in Audience}
    public = {piece.place for piece in derived[Audience.PUBLIC][1]}
    for audience in (Audience.BODY, Audience.PARTNER):
        for piece in derived[audience][1]:
            assert any(piece.place.startswith(place) for place in public)


@slow
@given(dossiers())
def test_what_is_left_out_is_marked_where_it_stood_and_listed(source: Dossier) -> None:
    made, withheld = derive(source, for_audience(Audience.PUBLIC, STANDING))

    def gaps(raw: Any) -> Iterator[str]:
        if isinstance(raw, dict):
            left = raw.get("withheld", {})
            yield from [left] if isinstance(left, str) else left.values()
            for value in raw.values():
                yield from gaps(value)
        elif isinstance(raw, list):
            for value in raw:
                yield from gaps(value)

    assert sorted(gaps(as_json(made))) == sorted(piece.category.value for piece in withheld)


def _marked_alike(source: Any, marking: Marking) -> Any:
    """Every mark replaced, so that what is marked is withheld from every audience."""
    raw = json.loads(canonical_json(source))

    def again(value: Any) -> Any:
        if isinstance(value, dict):
            changed = {name: again(one) for name, one in value.items()}
            if "marking" in changed:
                changed["marking"] = str(marking)
            if "marked" in changed:
                changed["marked"] = dict.fromkeys(changed["marked"], str(marking))
            return changed
        return [again(one) for one in value] if isinstance(value, list) else value

    from seatrial.review.dossiers.core.reading import from_plain

    return from_plain(again(raw))


# What would be left elsewhere -------------------------------------------------------------------------------------

URL = "https://x.example/"
MARKED = (Paragraph(SENTENCE, SECRET),)


@pytest.mark.parametrize(
    ("elsewhere", "place"),
    [
        ({"incidents": (Incident(key="i", title="t", text=(Paragraph(SENTENCE),)),)}, "incidents[1].text[1]"),
        ({"incidents": (Incident(key="i", title=SENTENCE),)}, "incidents[1].title"),
        (
            {
                "references": (
                    Reference(key="r", title="t", url=f"https://x.example/?q={SENTENCE.replace(' ', '%20')}"),
                )
            },
            "url",
        ),
        (
            {"references": (Reference(key="r", title="t", url=f"{URL}optimiser-warms-up-over-exactly"),)},
            "url",
        ),
        ({"references": (Reference(key="r", title="So: THE  OPTIMISER warms\u00ad up over exactly nine!"),)}, "title"),
        ({"references": (Reference(key="r", title="ｏｐｔｉｍｉｓｅｒ warms up over *exactly* nine"),)}, "title"),
    ],
)
def test_a_redaction_that_would_leave_the_text_elsewhere_names_both_places(elsewhere: Any, place: str) -> None:
    source = small(capabilities=(Capability(key="c", title="t", text=MARKED),), **elsewhere)
    with pytest.raises(Refused) as refused:
        twin(source, Audience.PUBLIC, STANDING)
    assert refused.value.code == "text-would-remain"
    assert "marked at capabilities[1].text[1]" in refused.value.message
    assert place in refused.value.message
    assert SENTENCE not in refused.value.message


def test_short_words_are_found_as_words_and_not_inside_others() -> None:
    model = Model(name="m-1", developer="North Lab", hardware="Tern", marked=(FieldMark("hardware", SECRET),))
    twin(small(model=replace(model, summary=(Paragraph("An eternal pattern."),))), Audience.PUBLIC, STANDING)
    with pytest.raises(Refused, match=r"model\.hardware would still be read in model\.summary\[1\]"):
        twin(small(model=replace(model, summary=(Paragraph("Trained on TERN."),))), Audience.PUBLIC, STANDING)
    chinese = replace(model, hardware="机密芯片", summary=(Paragraph("这是机密芯片的说明"),))
    with pytest.raises(Refused, match=r"model\.summary\[1\]"):
        twin(small(model=chinese), Audience.PUBLIC, STANDING)


def test_a_marked_number_is_found_in_prose_and_in_other_fields() -> None:
    model = Model(name="m", developer="L", parameters_total=7241000000, marked=(FieldMark("parameters_total", SECRET),))
    twin(small(model=model), Audience.PUBLIC, STANDING)
    for left in ({"parameters_active": 7241000000}, {"summary": (Paragraph("It has 7,241,000,000 parameters."),)}):
        with pytest.raises(Refused, match=r"marked at model\.parameters_total"):
            twin(small(model=replace(model, **left)), Audience.PUBLIC, STANDING)


def test_a_withheld_item_is_referred_to_by_a_neutral_key() -> None:
    from seatrial.review.dossiers.types import Evaluation

    source = small(
        evaluations=(
            Evaluation(key="tern-range", title="A secret range of machines", metric="success rate", marking=SECRET),
            Evaluation(key="open", title="An open range", metric="success rate"),
        ),
        capabilities=(Capability(key="c", title="t", evidence=("tern-range", "open")),),
    )
    made = twin(source, Audience.PUBLIC, STANDING)
    assert made.document.capabilities[0].evidence == ("withheld-1", "open")
    assert [item.key for item in made.document.evaluations] == ["withheld-1", "open"]
    assert "tern-range" not in told(made.document)
    assert made.withheld == (Withheld("evaluations[1]", Category.TRADE_SECRET),)
    assert twin(source, Audience.BODY, STANDING).document == source


def held_back() -> Protected:
    source = small(capabilities=(Capability(key="c", title="t", text=MARKED),))
    return protect(source, for_audience(Audience.PUBLIC, STANDING))


@slow
@given(st.text("ab ", max_size=80), st.text("ab ", max_size=80))
def test_runs_in_common_are_exactly_those_of_24_characters(secret: str, text: str) -> None:
    shared = any(secret[at : at + 24] in text for at in range(len(secret) - 23))
    assert bool(shared_runs([("here", secret)], [("there", text)])) == shared


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=24, max_size=60), st.text(max_size=30))
def test_a_run_is_found_wherever_it_stands(before: str, after: str, run: str, other: str) -> None:
    assert shared_runs([("here", other + run + before)], [("there", before + run + after)]) != []


# Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        f"<p>{SENTENCE}</p>".encode(),
        b"<p>The <em>optimiser</em> warms up&#32;over&nbsp;exactly nine</p>",
        b'<meta name="keywords" content="optimiser warms up over exactly nine">',
        json.dumps({"a": SENTENCE}).encode(),
        b"\xfe\xff" + SENTENCE.encode("utf-16-be"),
        SENTENCE.encode("utf-16-le"),
        b"%PDF-1.7\n\xff\xff stream " + SENTENCE.upper().encode() + b" endstream",
    ],
)
def test_the_last_step_refuses_any_file_that_holds_it(data: bytes) -> None:
    protected = protect(
        small(capabilities=(Capability(key="c", title="t", text=MARKED),)), for_audience(Audience.PUBLIC, STANDING)
    )
    check_leaving(protected, b"<p>Nothing of it</p>", name="the page", texts=["Nothing"], parts=[b"\x00\x01"])
    with pytest.raises(Refused, match=r"marked at capabilities\[1\]\.text\[1\] would still be read in the page"):
        check_leaving(protected, data, name="the page")


def test_what_is_extracted_and_what_is_packed_inside_are_searched_too() -> None:
    protected = protect(
        small(capabilities=(Capability(key="c", title="t", text=MARKED),)), for_audience(Audience.PUBLIC, STANDING)
    )
    with pytest.raises(Refused, match="text 2"):
        check_leaving(protected, b"", name="the card", texts=["", "The optim-\niser warms up over exactly nine"])
    with pytest.raises(Refused):
        check_leaving(protected, b"", name="the card", parts=[b"", SENTENCE.encode()])


# Rules ------------------------------------------------------------------------------------------------------------


def test_who_gets_what_by_category() -> None:
    def gets(marking: Marking) -> set[str]:
        return {a.value for a in Audience if for_audience(a, STANDING)((marking,)) is None}

    assert gets(SECRET) == gets(Marking(Category.FOIA_4)) == {"body"}
    assert gets(PRIVILEGED) == set()
    assert gets(Marking(Category.LABEL, Label())) == {"public", "body", "partner"}
    assert gets(Marking(Category.LABEL, Label.among(LAB))) == set()
    assert gets(Marking(Category.LABEL, Label.among(LAB, BODY, level=Level.SECRET))) == {"body"}
    assert gets(Marking(Category.LABEL, Label.among(LAB, PARTNER))) == {"partner"}


def test_a_paragraphs_label_is_the_join_of_its_sections_and_its_own() -> None:
    section = Marking(Category.LABEL, Label.among(LAB, BODY, level=Level.SECRET))
    own = Marking(Category.LABEL, Label.among(LAB, BODY, level=Level.CONTROLLED))
    text = (Paragraph("a", own), Paragraph("b"))
    source = small(incidents=(Incident(key="i", title="t", text=text, marking=section),))
    base = base_label(Audience.BODY, STANDING)
    labels = labels_of(source, base, STANDING)
    assert labels["incidents", 0, "text", 0] == section.label.join(own.label).join(base)  # type: ignore[union-attr, arg-type]
    uncleared = Reader("i", frozenset({BODY}), Level.CONTROLLED)
    made, withheld = derive(source, for_reader(uncleared, base, STANDING))
    assert [piece.place for piece in withheld] == ["incidents[1]"]
    assert made.incidents[0].title == ""
    assert derive(source, for_reader(replace(uncleared, level=Level.SECRET), base, STANDING)) == (source, ())


def test_the_statement_counts_by_category() -> None:
    pieces = [Withheld("a", Category.PRIVILEGED), Withheld("b", Category.PRIVILEGED), Withheld("c", Category.FOIA_4)]
    said = statement("sha256:1", "sha256:2", Audience.BODY, pieces)  # type: ignore[arg-type]
    assert said == "sha256:2 is the twin of sha256:1 for the body, 3 pieces withheld (1 foia-4, 2 privileged)."
    assert statement("s", "t", Audience.PUBLIC, []) == "t is the twin of s for the public, 0 pieces withheld."  # type: ignore[arg-type]


def test_a_release_date_may_be_marked_alone() -> None:
    release = Release(date="2026-12-24", text=(Paragraph("To partners."),), marked=(FieldMark("date", SECRET),))
    source = small(model=Model(name="m", developer="L", releases=(release,)))
    made = twin(source, Audience.PUBLIC, STANDING).document.model.releases[0]
    assert (made.date, made.text) == ("", release.text)
