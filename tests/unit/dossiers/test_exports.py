"""Exports from the one dossier, of two real system cards entered by hand: headings, gaps, and what is never guessed."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pypdf import PdfReader

from seatrial.review.dossiers.adapters.bom_schema import CycloneDxSchema
from seatrial.review.dossiers.adapters.drawing import VegaDraughtsman
from seatrial.review.dossiers.adapters.exporting import Exporter
from seatrial.review.dossiers.adapters.printing import TypstPrinter
from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.exports import asking, ml_bom, model_report, stream, system_card, transparency_report
from seatrial.review.dossiers.core.exports.forms import KINDS, missing
from seatrial.review.dossiers.core.exports.page import Figure, Heading, Table, said
from seatrial.review.dossiers.core.exports.reading import left_out_places, number
from seatrial.review.dossiers.core.reading import from_toml
from seatrial.review.dossiers.types import (
    WHOLE,
    Category,
    Dossier,
    Evaluation,
    Family,
    Form,
    Gap,
    Model,
    OpenIssue,
    Paragraph,
)
from simulators.written_dossiers import dossiers

AT = datetime(2026, 7, 1, 9, 0, 0, 123456, tzinfo=UTC)
CARDS = Path(__file__).parents[2] / "data" / "dossiers"
EXPORTER = Exporter(TypstPrinter(), VegaDraughtsman(), CycloneDxSchema())


def card(name: str) -> Dossier:
    return from_toml((CARDS / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(params=["gpt-oss", "claude-4"])
def real(request: pytest.FixtureRequest) -> Dossier:
    return card(request.param)


def headings(document: Dossier, family: Family, level: int = 2) -> list[str]:
    make = KINDS[family].page
    assert make is not None
    return [
        said(block.text) for block in make(document, AT).blocks if isinstance(block, Heading) and block.level == level
    ]


@pytest.mark.parametrize("form", list(Form))
def test_a_real_card_comes_out_in_every_form(real: Dossier, form: Form) -> None:
    found = EXPORTER.export(real, form, AT)
    assert found.name.endswith(f"{form.family.value}.{form.ending}")
    assert found.notes == ()
    again = EXPORTER.export(real, form, AT)
    assert found == again, "the same dossier and moment give the same bytes"
    name = real.model.name.split()[0]
    if form.ending == "pdf":
        reader = PdfReader(io.BytesIO(found.data))
        text = "".join(one.extract_text() for one in reader.pages)
        assert name in text
        assert reader.metadata is not None
        assert name in str(reader.metadata.title)
    else:
        assert name in found.data.decode()


def test_the_card_has_the_sections_of_the_dossier_in_their_order(real: Dossier) -> None:
    wanted = [field.title for field in shape.SECTIONS if getattr(real, field.name)]
    assert headings(real, Family.SYSTEM_CARD) == wanted if real.incidents else [t for t in wanted if t != "Incidents"]


def test_the_model_report_has_the_measures_of_the_code() -> None:
    assert headings(card("gpt-oss"), Family.EU_MODEL_REPORT) == [
        "Measure 7.1: Model description and behaviour",
        "Measure 7.2: Reasons for proceeding",
        "Measure 7.3: Documentation of systemic risk identification, analysis, and mitigation",
        "Measure 7.4: External reports",
        "Measure 7.5: Material changes to the systemic risk landscape",
    ]


def test_the_transparency_report_has_the_points_of_the_statute() -> None:
    found = headings(card("gpt-oss"), Family.SB53_REPORT, 3)
    assert found[:7] == [
        "Website of the developer",
        "How to reach the developer",
        "Release date",
        "Languages",
        "Modalities of output",
        "Intended uses",
        "Restrictions and conditions on use",
    ]
    assert headings(card("gpt-oss"), Family.SB53_REPORT)[-1] == "Redactions: 22757.12(f)"


def test_stream_has_28_criteria_in_six_groups() -> None:
    assert len(stream.CRITERIA) == 28
    assert Counter(found.group for found in stream.CRITERIA) == {
        "Threat relevance": 3,
        "Test construction, grading and scoring": 9,
        "Model elicitation": 3,
        "Model performance": 3,
        "Baseline performance": 5,
        "Results interpretation": 5,
    }


def test_every_field_that_a_form_names_exists() -> None:
    for form in (system_card, model_report, transparency_report, ml_bom):
        for path in asking.every_path(form.ASKS):
            assert asking.titled(path)
    names = {field.name for field in shape.fields_of(Evaluation)}
    assert {name for found in stream.CRITERIA for ways in found.fields for name in ways.split("|")} <= names


@pytest.mark.parametrize("family", list(Family))
def test_an_empty_dossier_lacks_everything_and_still_comes_out(family: Family) -> None:
    empty = Dossier(model=Model(name="M", developer="D"))
    lacks = missing(empty, family)
    assert lacks
    for lack in lacks:
        assert lack.field in lack.sentence
        assert lack.sentence.endswith(".")
    for form in Form:
        if form.family is family:
            assert EXPORTER.export(empty, form, AT).lacks == lacks


def test_what_is_missing_in_the_real_cards_is_named() -> None:
    fields = {lack.field for lack in missing(card("gpt-oss"), Family.SB53_REPORT)}
    assert fields == {"model.contact", "model.languages"}
    assert "governance.systemic_risks" in {lack.field for lack in missing(card("claude-4"), Family.EU_MODEL_REPORT)}
    assert missing(card("claude-4"), Family.SYSTEM_CARD) == ()


def test_what_is_written_is_no_longer_missing() -> None:
    before = card("gpt-oss")
    after = replace(before, model=replace(before.model, contact="mailto:a@example.org", languages=("en",)))
    assert missing(after, Family.SB53_REPORT) == ()


def redacted() -> Dossier:
    """As a reader gets it: a field, a paragraph, an item and a section left out."""
    whole = card("gpt-oss")
    gone = Gap("architecture", Category.TRADE_SECRET)
    return replace(
        whole,
        model=replace(
            whole.model,
            architecture=(),
            summary=(whole.model.summary[0], Paragraph("", withheld=Category.PRIVILEGED)),
            withheld=(gone,),
        ),
        evaluations=(Evaluation(withheld=(Gap(WHOLE, Category.LABEL),)), *whole.evaluations[1:]),
        safeguards=(),
        withheld=(Gap("safeguards", Category.FOIA_4),),
    )


def test_what_is_left_out_is_said_in_its_place_and_is_not_missing() -> None:
    document = redacted()
    assert [(place, reason) for place, _, reason in left_out_places(document)] == [
        ("Safeguards", Category.FOIA_4),
        ("Model identity · Architecture", Category.TRADE_SECRET),
        ("Model identity · Summary", Category.PRIVILEGED),
        ("Our own evaluations · 1", Category.LABEL),
    ]
    text = EXPORTER.export(document, Form.SYSTEM_CARD_MD, AT).data.decode()
    assert "**Left out here.** Reason: trade secret." in text
    assert "**Left out here.** Reason: legally privileged." in text
    assert "something in 4 places" in text
    for family in Family:
        fields = {lack.field for lack in missing(document, family)}
        assert not fields & {"model.architecture", "model.summary", "safeguards"}, family
    for form in Form:
        assert EXPORTER.export(document, form, AT).data


def test_the_transparency_report_describes_and_justifies_each_redaction() -> None:
    blocks = transparency_report.page(redacted(), AT).blocks
    table = blocks[-1]
    assert isinstance(table, Table)
    rows = [[said(cell) for cell in row] for row in table.rows]
    assert len(rows) == 4
    assert rows[1][0] == "Model identity · Architecture"
    assert "trade secrets" in rows[1][3]


def test_a_figure_says_in_words_what_it_shows_and_the_table_has_the_same_numbers(real: Dossier) -> None:
    blocks = system_card.page(real, AT).blocks
    figures = [block for block in blocks if isinstance(block, Figure)]
    (table,) = [block for block in blocks if isinstance(block, Table) and block.caption.startswith("Results")]
    told = {said(cell) for row in table.rows for cell in row}
    assert figures
    for figure in figures:
        for estimate in figure.estimates:
            assert estimate.name in figure.description
            assert number(estimate.value) in told
    page = EXPORTER.export(real, Form.SYSTEM_CARD_HTML, AT).data.decode()
    assert page.count('role="img"') == len(figures)
    assert "<script" not in page
    assert "http-equiv" in page
    assert "src=" not in page.split("<main>")[1]


def test_stream_rows_are_the_same_in_every_form() -> None:
    document = card("gpt-oss")
    rows = stream.rows(document)
    assert len(rows) == 28 * len(document.evaluations)
    sheet = list(csv.reader(io.StringIO(stream.as_csv(document))))
    assert len(sheet) == len(rows) + 1
    told = json.loads(stream.as_json(document, AT))
    assert [row["criterion"] for row in told["rows"]] == [row.criterion for row in rows]


def test_a_spreadsheet_runs_no_formula_from_a_title() -> None:
    evil = Dossier(model=Model(name="M", developer="D"), evaluations=(Evaluation(key="e", title="=1+1"),))
    assert "'=1+1" in stream.as_csv(evil)


def test_a_human_baseline_asks_for_people_and_another_for_its_reason() -> None:
    answers = {
        row.criterion: row.answer for row in stream.rows(card("gpt-oss")) if row.evaluation.startswith("ProtocolQA")
    }
    assert answers["5 (i-a)"] is stream.Answer.TOLD
    assert answers["5 (ii-a)"] is stream.Answer.NOT_ASKED
    assert answers["2 (i)"] is stream.Answer.GIVEN


def test_the_bom_says_what_the_dossier_says_and_guesses_nothing() -> None:
    found = json.loads(EXPORTER.export(card("claude-4"), Form.ML_BOM, AT).data)
    subject = found["metadata"]["component"]
    assert subject["type"] == "machine-learning-model"
    assert "hashes" not in subject
    card_ = subject["modelCard"]
    uplift = next(m for m in card_["quantitativeAnalysis"]["performanceMetrics"] if m["type"].startswith("Uplift"))
    assert (uplift["value"], uplift["confidenceInterval"]) == ("63.0", {"lowerBound": "50.0", "upperBound": "76.0"})
    assert "environmentalConsiderations" not in card_["considerations"]
    assert "architectureFamily" not in card_["modelParameters"]
    assert {found["name"] for found in found["components"]} >= {"Claude Opus 4"}


def test_the_serial_number_is_the_dossiers_and_the_moment_the_callers() -> None:
    one, other = (
        json.loads(EXPORTER.export(card("gpt-oss"), Form.ML_BOM, at).data) for at in (AT, AT + timedelta(days=1))
    )
    assert one["serialNumber"] == other["serialNumber"]
    assert one["metadata"]["timestamp"] == "2026-07-01T09:00:00Z"
    changed = replace(card("gpt-oss"), open_issues=(OpenIssue(key="x", title="Another"),))
    assert json.loads(EXPORTER.export(changed, Form.ML_BOM, AT).data)["serialNumber"] != one["serialNumber"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(116830000000, "116,830,000,000"), (0.979, "0.979"), (90.0, "90"), (-0.6, "−0.6"), (3e25, "3 × 10²⁵"), (0, "0")],
)
def test_numbers_read_as_people_read_them(value: float, words: str) -> None:
    assert number(value) == words


def test_scripts_no_font_has_are_said_beside_the_export_and_in_it() -> None:
    document = Dossier(model=Model(name="M", developer="D", family="\U00012000\U00012001"))
    found = EXPORTER.export(document, Form.SYSTEM_CARD_PDF, AT)
    assert len(found.notes) == 1
    assert "Cuneiform" in found.notes[0]
    text = "".join(PdfReader(io.BytesIO(found.data)).pages[0].extract_text().split())
    assert "Somelettersarenotshown" in text


FORMS_OF_TEXT = [form for form in Form if form.ending != "pdf"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(dossiers())
def test_any_dossier_comes_out_in_every_form(document: Dossier) -> None:
    for form in FORMS_OF_TEXT:
        found = EXPORTER.export(document, form, AT)
        assert found.data
        assert all(lack.field in lack.sentence for lack in found.lacks)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(dossiers())
def test_any_dossier_in_every_script_is_printed(document: Dossier) -> None:
    found = EXPORTER.export(document, Form.EU_MODEL_REPORT_PDF, AT)
    assert found.data.startswith(b"%PDF")


def test_plain_letters_beside_one_that_no_font_has_stay_as_they_are() -> None:
    said, plain = "\u115fa\u200d\U0001f9ff \u20e3", set()

    def source(instead: Callable[[str], str]) -> str:
        plain.add(instead("a plain sentence"))
        return f'#set document(title: "t")\n= Heading\n#"{instead(said)}"'

    TypstPrinter().pdf(source, AT)
    assert plain == {"a plain sentence"}
