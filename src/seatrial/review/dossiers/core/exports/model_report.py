"""EU General-Purpose AI Code of Practice (10 July 2025), Safety and Security chapter, Commitment 7: the Model Report.

Headings are the Code's (Measures 7.1 to 7.5); what each point asks is said in this house's words. Whether a report
fulfils the Code is for its author and the AI Office to judge.
"""

from __future__ import annotations

from datetime import datetime

from seatrial.review.dossiers.types import Dossier

from .asking import Ask
from .page import Page
from .points import Measure, asks_of, report
from .titling import about

FORM = "The EU Model Report"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "Measure 7.1: Model description and behaviour",
        (
            (
                "Architecture, capabilities and development",
                Ask(
                    "Measure 7.1 (1)",
                    "for the model's architecture, what it can do, and how it was trained on which data",
                    ("model.summary", "model.architecture", "capabilities", "model.training_data"),
                    every=True,
                ),
            ),
            ("Use", Ask("Measure 7.1 (2)", "how the model is and will be used", ("model.intended_use",))),
            (
                "Versions on the market",
                Ask(
                    "Measure 7.1 (3)",
                    "which versions are made available, and how their safeguards and risks differ",
                    ("variants", "model.releases"),
                    every=True,
                ),
            ),
            (
                "How the model is meant to behave",
                Ask(
                    "Measure 7.1 (4)",
                    "for the model's specification (principles, priorities, refusals, system prompt)",
                    ("references", "safeguards"),
                ),
            ),
        ),
    ),
    Measure(
        "Measure 7.2: Reasons for proceeding",
        (
            (
                "Why the remaining risk is acceptable",
                Ask("Measure 7.2 (1)", "why the systemic risks are acceptable", ("governance.determinations",)),
            ),
            (
                "What would undo that conclusion",
                Ask(
                    "Measure 7.2 (2)", "under which conditions that would no longer hold", ("threat_model.assumptions",)
                ),
            ),
            (
                "How it was decided, and with whose advice",
                Ask(
                    "Measure 7.2 (3)",
                    "how the decision to proceed was made, and whether outsiders informed it",
                    ("governance.frameworks", "governance.sign_offs"),
                    every=True,
                ),
            ),
        ),
    ),
    Measure(
        "Measure 7.3: Documentation of systemic risk identification, analysis, and mitigation",
        (
            (
                "Identification",
                Ask("Measure 7.3 (1)(a)", "how systemic risks were identified", ("governance.systemic_risks",)),
            ),
            (
                "Uncertainties and assumptions about use",
                Ask("Measure 7.3 (1)(b)", "for uncertainties and assumptions", ("threat_model.assumptions",)),
            ),
            (
                "Risk modelling and estimates",
                Ask(
                    "Measure 7.3 (1)(c) and (d)",
                    "for the risks modelled, with estimates, with and without mitigations",
                    ("threat_model.summary", "threat_model.actors", "threat_model.scenarios"),
                    every=True,
                ),
            ),
            (
                "Model evaluations",
                Ask(
                    "Measure 7.3 (1)(e)",
                    "for all relevant results: conduct, tasks, scoring, elicitation, comparison with people",
                    ("evaluations", "evaluations[].grader", "evaluations[].elicitation", "evaluations[].baseline"),
                    every=True,
                ),
            ),
            (
                "Samples of inputs and outputs",
                Ask(
                    "Measure 7.3 (1)(f)",
                    "for at least five random samples of each relevant evaluation, here or by reference",
                    ("evaluations[].references",),
                ),
            ),
            (
                "Access and resources of evaluators",
                Ask(
                    "Measure 7.3 (1)(g)",
                    "which access and resources evaluators inside and outside had",
                    ("evaluations[].budget", "governance.assessors"),
                ),
            ),
            (
                "Safety mitigations",
                Ask(
                    "Measure 7.3 (2)",
                    "for all safety mitigations, how they were tested, and their limits",
                    ("safeguards", "safeguards[].tested", "safeguards[].residual_risk"),
                    every=True,
                ),
            ),
            (
                "Security mitigations",
                Ask("Measure 7.3 (3)", "for the security goal and the measures that meet it", ("governance.security",)),
            ),
            (
                "The next six months",
                Ask(
                    "Measure 7.3 (4)",
                    "how the model will be developed further, and with which mitigations",
                    ("open_issues", "governance.monitoring"),
                ),
            ),
        ),
    ),
    Measure(
        "Measure 7.4: External reports",
        (
            (
                "Reports of independent evaluators and security reviewers",
                Ask(
                    "Measure 7.4",
                    "for the reports of external evaluators, or why there was none, and why these were chosen",
                    ("governance.assessors",),
                ),
            ),
        ),
    ),
    Measure(
        "Measure 7.5: Material changes to the systemic risk landscape",
        (
            (
                "What this model changes",
                Ask(
                    "Measure 7.5",
                    "whether the model changes the landscape of systemic risks",
                    ("governance.systemic_risks",),
                ),
            ),
        ),
    ),
)
ASKS = asks_of(MEASURES)


def page(document: Dossier, at: datetime) -> Page:
    """The Model Report as a page."""
    name = document.model.name or "A model"
    return Page(
        title=f"Safety and Security Model Report: {name}",
        subtitle="EU General-Purpose AI Code of Practice, Safety and Security chapter, Commitment 7",
        author=document.model.developer or "The developer",
        description=f"How the systemic risks of {name} were identified, analysed and mitigated, and why it proceeds.",
        at=at,
        about=about(document, at),
        blocks=tuple(report(document, MEASURES, FORM)),
        keywords=("model report", "systemic risk", name),
    )
