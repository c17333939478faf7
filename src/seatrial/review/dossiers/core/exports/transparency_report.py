"""California, Business and Professions Code 22757.12(c) (SB 53, 2025): the transparency report at deployment.

Points are the statute's. Redactions are described with their character and justification, as 22757.12(f)(2) asks.
Whether a report fulfils the statute is for its author and their counsel to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from seatrial.review.dossiers.types import Category, Dossier

from .asking import Ask
from .page import Block, Column, Heading, Page, Paragraph, Table, plain_runs
from .points import Measure, asks_of, report
from .reading import REASONS, left_out_places
from .titling import about

FORM = "The SB 53 transparency report"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "The model and its developer: 22757.12(c)(1)",
        (
            ("Website of the developer", Ask("(c)(1)(A)", "for the developer's website", ("model.website",))),
            (
                "How to reach the developer",
                Ask("(c)(1)(B)", "how a person can reach the developer", ("model.contact",)),
            ),
            ("Release date", Ask("(c)(1)(C)", "for the release date", ("model.releases[].date",))),
            ("Languages", Ask("(c)(1)(D)", "which languages are supported", ("model.languages",))),
            ("Modalities of output", Ask("(c)(1)(E)", "for the modalities of output", ("model.modalities_out",))),
            ("Intended uses", Ask("(c)(1)(F)", "for the intended uses", ("model.intended_use",))),
            (
                "Restrictions and conditions on use",
                Ask("(c)(1)(G)", "for generally applicable restrictions on use", ("model.terms_of_use",)),
            ),
        ),
    ),
    Measure(
        "Catastrophic risk, for large frontier developers: 22757.12(c)(2)",
        (
            (
                "Assessments",
                Ask(
                    "(c)(2)(A)",
                    "for a summary of the assessments of catastrophic risks under the framework",
                    ("governance.frameworks", "threat_model.summary", "threat_model.scenarios"),
                ),
            ),
            (
                "Results of the assessments",
                Ask("(c)(2)(B)", "for their results", ("governance.determinations", "evaluations"), every=True),
            ),
            (
                "Third-party evaluators",
                Ask("(c)(2)(C)", "to what extent third-party evaluators were involved", ("governance.assessors",)),
            ),
            (
                "Other steps under the framework",
                Ask(
                    "(c)(2)(D)",
                    "for the other steps taken under the framework",
                    ("safeguards", "governance.security", "governance.monitoring", "governance.incident_process"),
                ),
            ),
        ),
    ),
)
ASKS = asks_of(MEASURES)

GROUNDS: Mapping[Category, str] = {
    Category.TRADE_SECRET: "The developer's trade secrets.",
    Category.FOIA_4: "The developer's trade secrets: commercial information that it keeps confidential.",
    Category.PRIVILEGED: "Federal or state law: communication with counsel.",
    Category.LABEL: "Cybersecurity, public safety or national security: the label goes no further.",
}


def page(document: Dossier, at: datetime) -> Page:
    """The transparency report as a page."""
    name = document.model.name or "A model"
    return Page(
        title=f"Transparency report: {name}",
        subtitle="California Business and Professions Code, section 22757.12(c)",
        author=document.model.developer or "The developer",
        description=f"What California asks the developer of {name} to publish at its deployment.",
        at=at,
        about=about(document, at),
        blocks=(*report(document, MEASURES, FORM, summary=True), *_redactions(document)),
        keywords=("transparency report", "SB 53", name),
    )


def _redactions(document: Dossier) -> Iterator[Block]:
    yield Heading(2, plain_runs("Redactions: 22757.12(f)"))
    gone = list(left_out_places(document))
    if not gone:
        yield Paragraph(plain_runs("Nothing of the dossier is left out of this report."))
        return
    yield Paragraph(
        plain_runs(
            "The following is left out. The developer keeps the unredacted text; the statute asks for five years."
        )
    )
    rows = tuple(
        tuple(plain_runs(cell) for cell in (place, sort, REASONS[reason].capitalize(), GROUNDS[reason]))
        for place, sort, reason in gone
    )
    columns = (Column("Where", 4), Column("Character", 2), Column("Marked as", 3), Column("Justification", 4))
    yield Table("What is left out, its character and its justification", columns, rows)
