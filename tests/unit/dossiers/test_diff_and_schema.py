"""What changed between two versions, what the schema says, and how far a dossier is."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from seatrial.kernel.labels import Label
from seatrial.review.dossiers.core.derive import derive
from seatrial.review.dossiers.core.diff import changes
from seatrial.review.dossiers.core.lifecycle import MACHINE, Life, State, To
from seatrial.review.dossiers.core.progress import blank, progress
from seatrial.review.dossiers.core.reading import Faulty, from_plain, from_toml
from seatrial.review.dossiers.core.rules import Standing, for_audience
from seatrial.review.dossiers.core.schema import schema
from seatrial.review.dossiers.core.shape import EVERY, Kind, fields_of
from seatrial.review.dossiers.core.writing import as_json, canonical_json
from seatrial.review.dossiers.types import (
    Audience,
    Category,
    ChangeKind,
    Dossier,
    Evaluation,
    FieldMark,
    Governance,
    Marking,
    Model,
    OpenIssue,
    Paragraph,
    SignOff,
)
from simulators.written_dossiers import BODY, LAB, PARTNER, dossiers

slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
VALIDATOR = jsonschema.Draft202012Validator(schema())
BASE = Dossier(model=Model(name="m-1", developer="North Lab"))
SECRET = Marking(Category.TRADE_SECRET)


def words(change: object, kind: ChangeKind | None) -> str:
    return "".join(word.text for word in change.words if word.kind is kind)  # type: ignore[attr-defined]


# Differences ------------------------------------------------------------------------------------------------------


@slow
@given(dossiers())
def test_nothing_changed_between_a_document_and_itself(document: Dossier) -> None:
    assert changes(document, document) == ((), ())


@slow
@given(dossiers(), dossiers())
def test_two_documents_that_differ_have_a_difference_and_none_of_what_is_withheld(one: Dossier, other: Dossier) -> None:
    found, hidden = changes(one, other)
    assert hidden == ()
    assert bool(found) == (canonical_json(one) != canonical_json(other))
    rule = for_audience(Audience.PUBLIC, Standing(LAB, BODY, PARTNER))
    derived, withheld = derive(other, rule)
    seen, hidden = changes(one, derived)
    places = {piece.place for piece in withheld}
    assert not places & {change.place for change in seen}


def test_a_part_withheld_by_its_own_marking_shows_nothing_of_how_its_owner_marked_it() -> None:
    marked = replace(
        BASE,
        model=replace(BASE.model, marking=Marking(Category.PRIVILEGED)),
        marked=(FieldMark("model", Marking(Category.LABEL, Label())),),
    )
    derived, withheld = derive(marked, for_audience(Audience.PUBLIC, Standing(LAB, BODY, PARTNER)))
    assert [piece.place for piece in withheld] == ["model"]
    assert changes(BASE, derived) == ((), ("model",))


def test_two_people_of_one_name_are_told_apart_by_their_order() -> None:
    signed = replace(BASE, governance=Governance(sign_offs=(SignOff(name="Kim"), SignOff(name="Kim", role="CISO"))))
    assert changes(signed, signed) == ((), ())


def test_a_paragraph_is_compared_word_by_word() -> None:
    old = replace(
        BASE, model=replace(BASE.model, summary=(Paragraph("It answers short  questions."), Paragraph("Gone.")))
    )
    new = replace(BASE, model=replace(BASE.model, summary=(Paragraph("It answers long  questions."),)))
    (first, second), _ = changes(old, new)
    assert (first.place, first.kind) == ("model.summary[1]", ChangeKind.CHANGED)
    assert (words(first, None), words(first, ChangeKind.REMOVED)) == ("It answers questions.", "short  ")
    assert words(first, ChangeKind.ADDED) == "long  "
    assert (second.place, second.kind, words(second, ChangeKind.REMOVED)) == (
        "model.summary[2]",
        ChangeKind.REMOVED,
        "Gone.",
    )


def test_an_item_is_known_by_its_key_wherever_it_stands() -> None:
    a, b = OpenIssue(key="a", title="A"), OpenIssue(key="b", title="B")
    assert changes(replace(BASE, open_issues=(a, b)), replace(BASE, open_issues=(b, a))) == ((), ())
    (added,), _ = changes(replace(BASE, open_issues=(a,)), replace(BASE, open_issues=(b, a)))
    assert (added.place, added.kind) == ("open_issues[1]", ChangeKind.ADDED)
    (marked,), _ = changes(replace(BASE, open_issues=(a,)), replace(BASE, open_issues=(replace(a, marking=SECRET),)))
    assert (marked.place, marked.kind, words(marked, ChangeKind.ADDED)) == (
        "open_issues[1]",
        ChangeKind.MARKED,
        "trade-secret",
    )


def test_numbers_and_marks_of_fields_are_compared_too() -> None:
    old = replace(BASE, evaluations=(Evaluation(key="e", title="E", value=0.25),))
    new = replace(BASE, evaluations=(Evaluation(key="e", title="E", value=0.5, marked=(FieldMark("value", SECRET),)),))
    (mark, value), _ = changes(old, new)
    assert mark.kind is ChangeKind.MARKED
    assert (words(value, ChangeKind.REMOVED), words(value, ChangeKind.ADDED)) == ("0.25", "0.5")


def test_a_very_long_paragraph_is_shown_as_written_anew_and_quickly() -> None:
    old, new = (replace(BASE, model=replace(BASE.model, summary=(Paragraph(f"{w} " * 6000),))) for w in ("ab", "cd"))
    (change,), _ = changes(old, new)
    assert len(change.words) == 2


# Schema -----------------------------------------------------------------------------------------------------------


@slow
@given(dossiers())
def test_every_dossier_fits_the_schema(document: Dossier) -> None:
    VALIDATOR.validate(as_json(document))


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"model": {"name": "m"}},
        {"model": {"name": "m", "developer": "d", "colour": "red"}},
        {"model": {"name": "m", "developer": "d", "parameters_total": 1.5}},
        {"model": {"name": "m", "developer": "d", "summary": [{"text": "x", "mark": "y"}]}},
        {"model": {"name": "m", "developer": "d", "knowledge_cutoff": "May"}},
        {"model": {"name": "m", "developer": "d"}, "marking": "privileged"},
        {"model": {"name": "m", "developer": "d"}, "variants": [{"key": "withheld-1", "title": "t"}]},
        {"model": {"name": "m", "developer": "d"}, "evaluations": [{"key": "k", "title": "t", "level": 2}]},
        {"model": {"name": "m", "developer": "d"}, "poem": {}},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(raw: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(raw)
    with pytest.raises(Faulty):
        from_plain(raw)


def test_the_schema_describes_every_part_and_field() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    described = schema()["$defs"] | {"Dossier": schema()}
    for kind in EVERY:
        assert {field.name for field in fields_of(kind)} <= set(described[kind.__name__]["properties"])


# Progress ---------------------------------------------------------------------------------------------------------


def test_the_blank_file_asks_every_question_and_reads_once_it_is_answered() -> None:
    with pytest.raises(Faulty) as raised:
        from_toml(blank())
    assert [fault.place for fault in raised.value.faults] == ["model.name", "model.developer"]
    filled = blank().replace('name = ""', 'name = "m"', 1).replace('developer = ""', 'developer = "d"', 1)
    assert from_toml(filled) == Dossier(model=Model(name="m", developer="d"))
    for kind in EVERY:
        for field in fields_of(kind):
            assert re.search(rf"^(# )?{field.name} = |\b{field.name}\]", blank(), re.MULTILINE), field.name
    tomllib.loads(re.sub(r"^# (?=\[|[a-z_]+ = )", "", blank(), flags=re.MULTILINE))


@slow
@given(dossiers())
def test_progress_counts_what_is_there(document: Dossier) -> None:
    for part in progress(document):
        value = getattr(document, part.key)
        assert 0 <= part.answered <= part.fields
        if isinstance(value, tuple):
            assert part.answered == len(value)
    said = json.loads(canonical_json(document))
    assert all(part.empty == (part.key not in said or _marks_only(said[part.key])) for part in progress(document))


def _marks_only(said: object) -> bool:
    """Whether a part says nothing but how its empty fields would be marked."""
    if isinstance(said, dict):
        return all(_marks_only(value) for name, value in said.items() if name not in ("marking", "marked"))
    return False


# Life -------------------------------------------------------------------------------------------------------------


def test_a_version_is_shared_once_with_each_audience_and_each_twin_signed_once() -> None:
    now: object = None
    body, public = To(Audience.BODY), To(Audience.PUBLIC)
    life = Life(offered=True)
    assert MACHINE.refusal(Life(offered=False), "share", body, now).code == "not-offered"  # type: ignore[union-attr, arg-type]
    assert MACHINE.refusal(life, "sign", body, now).code == "not-shared"  # type: ignore[union-attr, arg-type]
    life = MACHINE.apply(life, "share", body, now)  # type: ignore[arg-type]
    assert MACHINE.state_of(life, now) == State.SHARED  # type: ignore[arg-type]
    assert MACHINE.refusal(life, "share", body, now).code == "already-shared"  # type: ignore[union-attr, arg-type]
    assert MACHINE.refusal(life, "share", public, now) is None  # type: ignore[arg-type]
    life = MACHINE.apply(life, "sign", body, now)  # type: ignore[arg-type]
    assert MACHINE.refusal(life, "sign", body, now).code == "already-signed"  # type: ignore[union-attr, arg-type]


def test_every_kind_of_field_occurs() -> None:
    assert {field.kind for kind in EVERY for field in fields_of(kind)} == set(Kind)
