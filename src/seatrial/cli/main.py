"""The command line's table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from . import (
    access,
    advisory,
    body,
    campaign,
    casefile,
    coordination,
    delivery,
    dossier,
    evaluator,
    exposure,
    finding,
    finding_triage,
    identity,
    instance,
    inventory,
    key,
    lab,
    ladder,
    ledger,
    matching,
    member,
    memo,
    notices,
    oversight,
    party,
    plan,
    scanning,
    suite,
    suite_adapt,
    threshold,
    weights,
)
from .running import run_app, table_of_contents

app = table_of_contents("The voyage before delivery, for frontier AI models. Every command takes --json.")
instance.add_to(app)
app.add_typer(lab.app, name="lab", rich_help_panel="Who does what")
app.add_typer(body.app, name="body", rich_help_panel="Who does what")
app.add_typer(evaluator.app, name="evaluator", rich_help_panel="Who does what")
app.add_typer(campaign.app, name="campaign", rich_help_panel="Who does what")
app.add_typer(ladder.app, name="ladder", rich_help_panel="Who does what")
app.add_typer(finding.app, name="finding", rich_help_panel="Who does what")
app.add_typer(party.app, name="party", rich_help_panel="Who does what")
# planning
app.add_typer(plan.app, name="plan", rich_help_panel="Who does what")
app.add_typer(access.app, name="access", rich_help_panel="What both sides share")
app.add_typer(casefile.app, name="case", rich_help_panel="What both sides share")
# coordination
app.add_typer(coordination.app, name="coordination", rich_help_panel="Who does what")
app.add_typer(exposure.app, name="exposure", rich_help_panel="Who does what")
app.add_typer(scanning.app, name="scanning", rich_help_panel="Who does what")
app.add_typer(inventory.app, name="inventory", rich_help_panel="Who does what")
matching.add_to(app)
# advisories
app.add_typer(advisory.app, name="advisory", rich_help_panel="Who does what")
app.add_typer(delivery.app, name="delivery", rich_help_panel="Who does what")
delivery.add_to(app)
app.add_typer(member.app, name="member", rich_help_panel="Who does what")
# oversight
app.add_typer(oversight.app, name="oversight", rich_help_panel="Who does what")
# notices
app.add_typer(notices.app, name="notices", rich_help_panel="What both sides share")
app.add_typer(identity.app, name="identity", rich_help_panel="What both sides share")
app.add_typer(key.app, name="key", rich_help_panel="What both sides share")
app.add_typer(weights.app, name="weights", rich_help_panel="What both sides share")
app.add_typer(dossier.app, name="dossier", rich_help_panel="What both sides share")
suite_adapt.add_to(suite.app)
finding_triage.add_to(finding.app)
app.add_typer(suite.app, name="suite", rich_help_panel="What both sides share")
app.add_typer(threshold.app, name="threshold", rich_help_panel="What both sides share")
app.add_typer(memo.app, name="memo", rich_help_panel="What both sides share")
app.add_typer(ledger.app, name="ledger", rich_help_panel="What both sides share")


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. ``--json`` may stand anywhere."""
    return run_app(app, arguments)
