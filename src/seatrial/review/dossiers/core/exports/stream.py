"""STREAM (ChemBio), version 1 of August 2025: for each evaluation, criterion by criterion, where the dossier answers.

The 28 criteria stand in six groups; what each asks is said in this house's words. A number can be found or not; whether
a text meets its criterion is for a reader to judge, so the table then only says where to read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import iso
from seatrial.kernel.text import harmless
from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.shape import Kind
from seatrial.review.dossiers.core.writing import digest_of_dossier
from seatrial.review.dossiers.types import BaselineKind, Dossier, Evaluation, Lack, gap

from .page import Block, Column, Heading, Note, Page, Paragraph, Table, plain_runs
from .reading import name_of
from .results import table
from .titling import about

FORM = "STREAM"


class Answer(StrEnum):
    GIVEN = "given"  # a number or a choice stands in the field
    TOLD = "read the text"  # a text stands there; whether it says this is for a reader to judge
    LEFT_OUT = "left out"
    MISSING = "missing"
    NOT_ASKED = "does not apply"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its number, its group, what it asks, the fields that answer (all; ``a|b``: either), and when."""

    number: str
    group: str
    asks: str
    fields: tuple[str, ...]
    when: Callable[[Evaluation], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Row:
    """What the dossier says to one criterion about one evaluation."""

    evaluation: str
    criterion: str
    group: str
    asks: str
    answer: Answer
    fields: tuple[str, ...]  # where it is answered
    missing: str  # a sentence, empty if nothing is


_RELEVANCE, _TEST = "Threat relevance", "Test construction, grading and scoring"
_ELICITATION, _PERFORMANCE = "Model elicitation", "Model performance"
_BASELINE, _MEANING = "Baseline performance", "Results interpretation"


def _people(found: Evaluation) -> bool:
    """Compared with people, or nobody said with whom."""
    return found.baseline_kind in (BaselineKind.HUMAN, None)


def _no_people(found: Evaluation) -> bool:
    return not _people(found)


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "1 (i)", _RELEVANCE, "the capability measured and the threat it matters for", ("measured", "threat_relevance")
    ),
    Criterion(
        "1 (ii)", _RELEVANCE, "which result would rule a capability in or out", ("threat_relevance|interpretation",)
    ),
    Criterion("1 (iii)", _RELEVANCE, "an example item with an answer", ("construction",)),
    Criterion("2 (i)", _TEST, "the number of items", ("items",)),
    Criterion("2 (ii)", _TEST, "the type of item and how it is scored", ("construction", "metric")),
    Criterion("2 (iii)", _TEST, "how grading criteria were made and checked", ("grader|construction",)),
    Criterion("2 (iv-a)", _TEST, "if people grade: who they are", ("grader",)),
    Criterion("2 (iv-b)", _TEST, "if people grade: how they work", ("grader",)),
    Criterion("2 (iv-c)", _TEST, "if people grade: how well they agree", ("grader",)),
    Criterion("2 (v-a)", _TEST, "if a model grades: which one, and how it was adapted", ("grader",)),
    Criterion("2 (v-b)", _TEST, "if a model grades: how it works", ("grader",)),
    Criterion("2 (v-c)", _TEST, "if a model grades: how it compares with people or other graders", ("grader",)),
    Criterion("3 (i)", _ELICITATION, "exactly which version of the model was tested", ("variant",)),
    Criterion("3 (ii)", _ELICITATION, "which safeguards were active in the test", ("variant", "elicitation")),
    Criterion("3 (iii)", _ELICITATION, "how the model was elicited, in enough detail", ("elicitation",)),
    Criterion("4 (i)", _PERFORMANCE, "representative results", ("value", "metric")),
    Criterion(
        "4 (ii)", _PERFORMANCE, "the uncertainty, and the number of runs", ("lower|standard_error", "epochs|attempts")
    ),
    Criterion("4 (iii)", _PERFORMANCE, "results under other conditions (ablations)", ("elicitation|limits",)),
    Criterion(
        "5 (i-a)", _BASELINE, "with a human baseline: who the people were", ("baseline_kind", "baseline"), _people
    ),
    Criterion(
        "5 (i-b)",
        _BASELINE,
        "with a human baseline: their results, and how their test differed",
        ("baseline_value",),
        _people,
    ),
    Criterion(
        "5 (i-c)", _BASELINE, "with a human baseline: how their performance was elicited", ("baseline",), _people
    ),
    Criterion("5 (ii-a)", _BASELINE, "without a human baseline: why there is none", ("baseline",), _no_people),
    Criterion(
        "5 (ii-b)",
        _BASELINE,
        "without a human baseline: what is compared with instead",
        ("baseline|baseline_value",),
        _no_people,
    ),
    Criterion("6 (i)", _MEANING, "what is concluded, and how the evidence leads there", ("interpretation",)),
    Criterion("6 (ii)", _MEANING, "what would have led to another conclusion", ("interpretation",)),
    Criterion("6 (iii)", _MEANING, "what is expected of models soon to come", ("interpretation",)),
    Criterion("6 (iv)", _MEANING, "how long those who judged had for it", ("interpretation",)),
    Criterion("6 (v)", _MEANING, "where those who judged disagreed", ("interpretation",)),
)


def rows(document: Dossier) -> tuple[Row, ...]:
    """Every criterion for every evaluation, in order."""
    return tuple(_row(found, criterion) for found in document.evaluations for criterion in CRITERIA)


def missing(document: Dossier) -> tuple[Lack, ...]:
    """The fields to write, evaluation by evaluation; one entry for each field."""
    if not document.evaluations:
        return (Lack("evaluations", f"{FORM} is a table of evaluations: write evaluations (Our own evaluations)."),)
    found: dict[str, Lack] = {}
    for place, evaluation in enumerate(document.evaluations, 1):
        for criterion in CRITERIA:
            row = _row(evaluation, criterion)
            for ways in _open(evaluation, criterion) if row.answer is Answer.MISSING else ():
                name = ways.split("|")[0]
                field = f"evaluations[{place}].{name}"
                said = f"{FORM} {criterion.number} ({criterion.asks}): write {field} of {name_of(evaluation)}"
                found.setdefault(field, Lack(field, f"{said} ({_title(name)})."))
    return tuple(found.values())


def page(document: Dossier, at: datetime) -> Page:
    """The tables as a page."""
    name = document.model.name or "A model"
    return Page(
        title=f"STREAM tables: {name}",
        subtitle="Standard for Transparently Reporting Evaluations in AI Model Reports, ChemBio version 1 (2025)",
        author=document.model.developer or "The developer",
        description=f"How the evaluations of {name} are reported, criterion by criterion.",
        at=at,
        about=about(document, at),
        blocks=tuple(_blocks(document)),
        keywords=("STREAM", "evaluations", name),
    )


def as_csv(document: Dossier) -> str:
    """A row for each criterion of each evaluation. What a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(("model", "evaluation", "criterion", "group", "asks for", "answer", "fields", "missing"))
    for row in rows(document):
        where = " ".join(row.fields)
        cells = (
            document.model.name,
            row.evaluation,
            row.criterion,
            row.group,
            row.asks,
            row.answer,
            where,
            row.missing,
        )
        sheet.writerow(map(harmless, cells))
    return out.getvalue()


def as_json(document: Dossier, at: datetime) -> str:
    """The rows, with what they were made from."""
    found = {
        "standard": "STREAM (ChemBio) version 1",
        "model": document.model.name,
        "developer": document.model.developer,
        "dossier": digest_of_dossier(document),
        "at": iso(at),
        "rows": plain(rows(document)),
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _blocks(document: Dossier) -> Iterator[Block]:
    yield Paragraph(
        plain_runs(
            "“Given” means that a number or a choice stands in the field. “Read the text” means that a text stands "
            "there; whether it meets the criterion is for you to judge."
        )
    )
    if (reason := gap(document, "evaluations")) is not None or not document.evaluations:
        yield Note("No evaluations here.", plain_runs("They are left out." if reason else "The dossier has none."))
        return
    yield table(document, document.evaluations)
    columns = (Column("Criterion", 2), Column("Asks for", 7), Column("Answer", 3), Column("Where, or what to write", 6))
    for evaluation in document.evaluations:
        yield Heading(2, plain_runs(name_of(evaluation) or "One evaluation, left out"))
        found = [_row(evaluation, criterion) for criterion in CRITERIA]
        yield Paragraph(plain_runs(_summary(found)))
        cells = tuple(
            (
                plain_runs(row.criterion),
                plain_runs(row.asks),
                plain_runs(str(row.answer)),
                plain_runs(row.missing or ", ".join(_title(name) for name in row.fields)),
            )
            for row in found
        )
        yield Table(f"{name_of(evaluation)}: criterion by criterion", columns, cells)


def _summary(found: Sequence[Row]) -> str:
    asked = [row for row in found if row.answer is not Answer.NOT_ASKED]
    answered = sum(row.answer in (Answer.GIVEN, Answer.TOLD) for row in asked)
    return f"{answered} of {len(asked)} criteria that apply have something written to them."


def _row(evaluation: Evaluation, criterion: Criterion) -> Row:
    answer, where, lack = _answer(evaluation, criterion)
    return Row(name_of(evaluation), criterion.number, criterion.group, criterion.asks, answer, where, lack)


def _answer(evaluation: Evaluation, criterion: Criterion) -> tuple[Answer, tuple[str, ...], str]:
    if gap(evaluation) is not None:
        return Answer.LEFT_OUT, (), ""
    if not criterion.when(evaluation):
        return Answer.NOT_ASKED, (), ""
    written = tuple(name for ways in criterion.fields for name in ways.split("|") if _written(evaluation, name))
    if open_ := _open(evaluation, criterion):
        wanted = " and ".join(" or ".join(map(_title, ways.split("|"))) for ways in open_)
        return Answer.MISSING, written, f"Write {wanted}."
    if any(not any(_written(evaluation, name) for name in ways.split("|")) for ways in criterion.fields):
        return Answer.LEFT_OUT, written, ""
    texts = any(shape.field_of(Evaluation, name).kind is Kind.TEXT for name in written)
    return (Answer.TOLD if texts else Answer.GIVEN), written, ""


def _open(evaluation: Evaluation, criterion: Criterion) -> tuple[str, ...]:
    """What the criterion asks for and nobody wrote: neither readable nor left out."""
    return tuple(
        ways
        for ways in criterion.fields
        if not any(_written(evaluation, name) or _hidden(evaluation, name) for name in ways.split("|"))
    )


def _written(evaluation: Evaluation, name: str) -> bool:
    field = shape.field_of(Evaluation, name)
    value = getattr(evaluation, name)
    if field.kind is Kind.TEXT:
        return any(paragraph.withheld is None for paragraph in value)
    return bool(value != field.empty)


def _hidden(evaluation: Evaluation, name: str) -> bool:
    """Whether something stands there that this reader does not see."""
    paragraphs = shape.field_of(Evaluation, name).kind is Kind.TEXT and bool(getattr(evaluation, name))
    return paragraphs or gap(evaluation, name) is not None


def _title(name: str) -> str:
    return shape.field_of(Evaluation, name).title
