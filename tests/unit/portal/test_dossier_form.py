"""The guided form and a file give the same document, byte for byte; and its buttons move nothing they should not."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from seatrial.portal.pages import dossier_form as form
from seatrial.portal.tables import pressed
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Dossier
from simulators.written_dossiers import dossiers as written_dossiers

slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
SECTION = {field.name: field for field in dossiers.SECTIONS}


@slow
@given(written_dossiers())
def test_what_the_form_shows_reads_back_to_the_same_bytes(document: Dossier) -> None:
    plain = dossiers.as_json(document)
    again: dict[str, Any] = {"marked": {}}
    for name, field in SECTION.items():
        table = form.table_of(field, plain.get(name), plain.get("marked", {}).get(name, ""))
        posted = {key: value.replace("\n", "\r\n") for key, value in table.items()}  # as browsers send it
        said, marking, _ = form.said(field, posted)
        again |= {name: said}
        if marking:
            again["marked"][name] = marking
    assert dossiers.canonical_json(dossiers.from_plain(again)) == dossiers.canonical_json(document)


def table(*titles: str) -> dict[str, str]:
    items = [{"key": f"k{n}", "title": title, "steps": ["one", "two"]} for n, title in enumerate(titles)]
    return form.table_of(SECTION["threat_model"], {"scenarios": items}, "")


def titles(filled: dict[str, str]) -> list[str | None]:
    said, _, _ = form.said(SECTION["threat_model"], filled)
    return [item.get("title") for item in said.get("scenarios", [])]


def test_an_item_is_added_at_the_end_and_removed_where_it_stands() -> None:
    filled = table("a", "b", "c")
    assert pressed(filled, "add:s.scenarios") == "s.scenarios.3"
    assert titles(filled) == ["a", "b", "c", None]
    assert pressed(filled, "remove:s.scenarios.1") == "s.scenarios"
    assert titles(filled) == ["a", "c", None]
    said, _, _ = form.said(SECTION["threat_model"], filled)
    assert said["scenarios"][1] == {"key": "k2", "title": "c", "steps": ["one", "two"]}


def test_a_button_that_was_made_up_does_nothing() -> None:
    for button in ("", "keep", "remove:s.scenarios.9", "remove:s.scenarios.x", "remove:", "drop:s"):
        filled = table("a")
        pressed(filled, button)
        assert titles(filled) == ["a"]
    assert titles({"s.scenarios.n": "99999999999"}) == [None] * 300
    assert titles({"s.scenarios.n": "-1"}) == titles({"s.scenarios.n": "٣"}) == []


def test_a_fault_stands_beside_the_field_it_is_about() -> None:
    filled = form.table_of(SECTION["evaluations"], [{"key": "k", "title": "t", "value": 1.5, "elicitation": ["a"]}], "")
    filled |= {
        "s.0.value": "much",
        "s.0.elicitation.0.text": "",
        "s.0.elicitation.1.text": "\x07",
        "s.0.elicitation.n": "2",
    }
    said, _, names = form.said(SECTION["evaluations"], filled)
    try:
        dossiers.from_plain({"model": {"name": "m", "developer": "d"}, "evaluations": said})
    except dossiers.Faulty as faulty:
        beside, listed = form.by_name(faulty.faults, names)
    assert beside == {
        "s.0.value": ["This must be a number, not text."],
        "s.0.elicitation.1.text": ["This holds a control character; keep to text and line breaks."],
    }
    assert [name for name, _ in listed] == ["s.0.value", "s.0.elicitation.1.text"]
    drawn = form.controls(SECTION["evaluations"], filled, beside, form.Marks())
    assert drawn.inner[0].open
    (value,) = (control for control in drawn.inner[0].inner if control.name == "s.0.value")
    assert (value.value, value.errors) == ("much", ("This must be a number, not text.",))


def test_numbers_are_read_as_people_type_them() -> None:
    for typed, kept in (("7,241,000", 7241000), ("7 241 000", 7241000), ("7241000", 7241000), ("7.5", "7.5")):
        said, _, _ = form.said(SECTION["model"], {"s.parameters_total": typed})
        assert said == {"parameters_total": kept}
