"""Results of evaluations: the table of all, and figures of those that share a unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from seatrial.review.dossiers.core.shape import field_of
from seatrial.review.dossiers.types import Dossier, Evaluation, gap

from .page import Block, Column, Estimate, Figure, Run, Runs, Table, plain_runs
from .reading import interval, name_of, number, short, word

_AT_MOST = 14  # lines of one figure; more do not fit under one another on a page
_UNNAMED = "no unit"


def results(document: Dossier) -> Iterator[Block]:
    """Figures, and below them the table with the same numbers."""
    measured = [found for found in document.evaluations if found.value is not None]
    yield from _figures(measured)
    if document.evaluations:
        yield table(document, document.evaluations)


def table(document: Dossier, evaluations: Sequence[Evaluation]) -> Table:
    """One row for each evaluation, its result with its interval."""
    known = any(found.lower is not None or found.standard_error is not None for found in evaluations)
    columns = (
        Column("Evaluation", 5),
        Column("Variant", 4),
        Column("Metric", 4),
        Column("Result", 2, figures=True),
        Column("Interval", 3, figures=True),
        Column("Baseline", 2, figures=True),
    )
    rows = tuple(_row(document, found) for found in evaluations)
    if known:
        return Table("Results of all evaluations", columns, rows)
    keep = (0, 1, 2, 3, 5)  # a column that says the same in every row is a sentence
    return Table(
        "Results of all evaluations; no interval is given for any of them",
        tuple(columns[place] for place in keep),
        tuple(tuple(row[place] for place in keep) for row in rows),
    )


def _row(document: Dossier, found: Evaluation) -> tuple[Runs, ...]:
    if gap(found) is not None:
        return (plain_runs("One evaluation, left out"), (), (), (), (), ())

    def of(name: str) -> Runs:
        return short(document, found, field_of(Evaluation, name))

    metric = ", ".join(part for part in (found.metric, found.unit) if part)
    span = plain_runs(interval(found.lower, found.upper)) or (
        plain_runs(f"± {number(found.standard_error)} (s.e.)") if found.standard_error is not None else of("lower")
    )
    return (
        plain_runs(name_of(found)),
        of("variant"),
        plain_runs(metric),
        of("value") or (Run("not given", emphasis=True),),
        span or (Run("not given", emphasis=True),),
        of("baseline_value"),
    )


def _figures(measured: Sequence[Evaluation]) -> Iterator[Figure]:
    places = count(1)
    for unit in dict.fromkeys(found.unit.casefold().strip() for found in measured):
        group = [found for found in measured if found.unit.casefold().strip() == unit]
        domains = dict.fromkeys(found.domain for found in group)
        group = [found for domain in domains for found in group if found.domain is domain]
        if len(group) == 1 and group[0].lower is None:
            continue  # one number without an interval says no more as a picture than in the table
        for start in range(0, len(group), _AT_MOST):
            yield _figure(group[start : start + _AT_MOST], group[0].unit, f"results-{next(places)}")


def _figure(group: Sequence[Evaluation], unit: str, key: str) -> Figure:
    estimates = tuple(
        Estimate(name_of(found), float(found.value or 0), found.lower, found.upper, found.baseline_value)
        for found in group
    )
    domains = ", ".join(dict.fromkeys(word(found.domain) for found in group if found.domain is not None))
    said = "; ".join(_said(found) for found in estimates)
    spans = any(found.lower is not None for found in estimates)
    marks = any(found.baseline is not None for found in estimates)
    legend = "Dots are results" + (", lines their intervals" if spans else "") + (", bars baselines" if marks else "")
    return Figure(
        key=key,
        caption=f"Results in {unit or _UNNAMED}" + (f" ({domains})." if domains else "."),
        legend=f"{legend}.",
        description=f"{legend}. {said}.",
        unit=unit,
        estimates=estimates,
    )


def _said(found: Estimate) -> str:
    span = interval(found.lower, found.upper)
    base = f", baseline {number(found.baseline)}" if found.baseline is not None else ""
    return f"{found.name} {number(found.value)}" + (f" ({span})" if span else "") + base
