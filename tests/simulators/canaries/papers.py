"""The written side of a review: dossiers with every field filled and marked in turn; campaigns and determinations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import count
from typing import Any

from seatrial.kernel.digests import digest
from seatrial.kernel.labels import Label, Level
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.types import Elicitation, Rung, Suite, Threshold
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Finding
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.core.shape import Kind, fields_of
from seatrial.review.dossiers.types import Audience, Category, Dossier, FieldMark, Marking, Paragraph, Part
from simulators.scripted_runner import ScriptedRunner

from .voyages import DRAFT, OPEN_NOW, Skipper

Write = Callable[[str, Category | None], str]


class Filler:
    """Fills every text of a part with a canary, and marks every few of them in turn."""

    def __init__(self, write: Write, marks: tuple[Marking | None, ...]) -> None:
        self._write, self._marks, self._turn, self._keys = write, marks, count(), count()

    def part(self, kind: type[Part]) -> Any:
        values: dict[str, Any] = {}
        marked = []
        for field in fields_of(kind):
            place = f"dossier {kind.__name__.lower()} {field.name}"
            marking = self._marks[next(self._turn) % len(self._marks)]
            category = marking.category if marking else None
            if field.kind is Kind.TEXT:
                values[field.name] = (
                    Paragraph(self._write(place, None)),
                    Paragraph(self._write(place, category), marking),
                )
            elif field.kind in (Kind.LINE, Kind.LINES):
                said = self._line(place, field, category)
                if said:
                    values[field.name] = (said,) if field.kind is Kind.LINES else said
                    if marking and not field.required and field.facts.get("form") != "digest":
                        marked.append(FieldMark(field.name, marking))
            elif field.kind is Kind.PART:
                values[field.name] = self.part(field.inner)
            elif field.kind is Kind.PARTS:
                values[field.name] = (self.part(field.inner),)
        return kind(**values, marked=tuple(sorted(marked, key=lambda mark: mark.field)))

    def _line(self, place: str, field: Any, category: Category | None) -> str:
        form = field.facts.get("form")
        if field.refs or form == "date":
            return ""
        if form == "digest":
            return str(digest(b"the weights"))
        if field.required:
            category = None
        if form == "key":
            return f"key-{next(self._keys)}"
        said = self._write(place, category)
        return f"https://{said}.example/" if form == "url" else said


def write_dossier(skipper: Skipper) -> None:
    """Four versions: unmarked (shared with the body), marked in turn (twins for all), and one that is kept back."""
    voyage = skipper.voyage
    shared = voyage.stage != DRAFT

    def writer(version: int, told: frozenset[str], public: bool) -> Write:
        def write(place: str, category: Category | None) -> str:
            rule = "dossier public" if public else "dossier"
            return skipper.plant(f"{place} (version {version})", rule, told=told, marking=category)

        return write

    plain = (None,)
    kinds = (None, Category.TRADE_SECRET, None, Category.FOIA_4, Category.PRIVILEGED)
    marks = tuple(Marking(one) if one else None for one in kinds)
    own = Marking(Category.LABEL, Label.among(voyage.developer, level=Level.CONTROLLED))
    both = frozenset({voyage.body, "port-trust"})
    for version, (told, public, marked) in enumerate(
        (
            (frozenset({voyage.body}), False, plain),
            (both, True, (*marks, own)),
            (frozenset[str](), False, marks),
        ),
        1,
    ):
        reaches = told if shared else frozenset[str]()
        document = Filler(writer(version, reaches, public and shared), marked).part(Dossier)
        dossiers.compose(by=skipper.gov, review=voyage.id, document=document, at=skipper.at())
    secret = Label.among(voyage.developer)
    secret = dataclasses.replace(secret, compartments=frozenset({"orca"}))
    if voyage.developer == "lab-north" and voyage.stage == OPEN_NOW:
        words = skipper.plant("dossier paragraph of a compartment", "initiated")
        told_few = (Paragraph(words, Marking(Category.LABEL, secret)),)
        document = dataclasses.replace(document, model=dataclasses.replace(document.model, architecture=told_few))
        dossiers.compose(by=skipper.sig, review=voyage.id, document=document, at=skipper.at())


def share_dossier(skipper: Skipper) -> None:
    """The twins that ``write_dossier`` said would be shared; after the offer, once partners are proposed."""
    review = skipper.voyage.id
    dossiers.share(by=skipper.sig, review=review, version=1, at=skipper.at())
    for audience, partner in ((Audience.BODY, ""), (Audience.PARTNER, "port-trust"), (Audience.PUBLIC, "")):
        dossiers.share(by=skipper.sig, review=review, version=2, audience=audience, partner=partner, at=skipper.at())


def evidence(suite: Suite) -> Callable[[Skipper], None]:
    """Campaigns with results, a determination that was shared and answered, and one that was not."""

    def write(skipper: Skipper) -> None:
        review, home = skipper.voyage.id, {"home": skipper.voyage.body}
        benchmarks.register_suite(by=skipper.evaluator, suite=suite, at=skipper.at())

        def campaign(rule: str) -> str:
            made = benchmarks.plan_campaign(
                by=skipper.evaluator,
                review=review,
                suite=suite.digest,
                epochs=1,
                threshold=Threshold(suite.digest, "suite-mean", 0.45, 0.55, 0.05),
                name=skipper.plant("campaign name", rule, **home),
                seed=skipper.plant("campaign seed", rule if rule == "told back" else "nowhere", **home),
                at=skipper.at(),
                exclude_missing_tools=True,
            )
            skipper.voyage.campaigns.append(made)
            return made

        run = campaign("told back")
        benchmarks.run_campaign(
            by=skipper.evaluator,
            campaign=run,
            base_url="http://127.0.0.1:9/v1",
            key="unused",
            concurrency=1,
            runner=ScriptedRunner(lambda cell, number: 0.0),
            clock=skipper.at,
        )
        for shared in (True, False):
            rule = "told back" if shared else "body"
            made = determinations.draft(
                by=skipper.authority,
                review=review,
                campaign=run,
                finding=Finding.NOT_COVERED,
                reasons=skipper.plant("reasons of a determination", rule, **home),
                at=skipper.at(),
            )
            skipper.voyage.determinations.append(made)
            determinations.sign(by=skipper.authority, determination=made, at=skipper.at())
            if shared:
                determinations.sign(by=skipper.authority2, determination=made, at=skipper.at())
                determinations.share(by=skipper.authority, determination=made, at=skipper.at())
                words = skipper.plant("statement on a determination", "told back", **home)
                determinations.attach_statement(by=skipper.sig, determination=made, text=words, at=skipper.at())
        campaign("body")
        prompt = skipper.plant("system prompt of a rung", "body", **home)
        ladder = benchmarks.plan_ladder(
            by=skipper.evaluator,
            review=review,
            suite=suite.digest,
            epochs=1,
            threshold=Threshold(suite.digest, "suite-mean", 0.45, 0.55, 0.05),
            rungs=[Rung(PLAIN), Rung(Elicitation("prompted", prompt))],
            name=skipper.plant("ladder name", "body", **home),
            seed="ladder",
            at=skipper.at(),
        )
        skipper.voyage.ladders.append(ladder)
        skipper.voyage.campaigns += benchmarks.rungs(skipper.evaluator, ladder)

    return write
