"""The table a newcomer reads when the demo has ended, and where to look next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from seatrial.kernel.settings import Settings


def print_summary(console: Console, report: Mapping[str, Any], settings: Settings, logins: Sequence[str]) -> None:
    """Print ``report`` (the content of ``report.json``) as one table, then the next steps."""
    campaigns = Table(title="Campaigns", box=None, header_style="bold", title_justify="left")
    for heading in ("model", "verdict", "mean", "counted", "started", "fixed sample", "seconds"):
        campaigns.add_column(heading, justify="left" if heading in ("model", "verdict") else "right")
    for model, figures in report["campaigns"].items():
        campaigns.add_row(
            model,
            figures["verdict"],
            f"{figures['mean']:.2f}",
            str(figures["attempts_counted"]),
            str(figures["attempts_started"]),
            str(figures["fixed_sample_plan"]),
            f"{figures['seconds']:.0f}",
        )
    console.print()
    console.print(campaigns)
    facts = Table(title="Kept promises", box=None, show_header=False, title_justify="left")
    facts.add_row("after the release, the same key gets", str(report["after_release"]["status"]))
    withdrawal = report["withdrawal"]
    facts.add_row("withdrawal cut a stream in flight after", f"{withdrawal['cut_after_ms']} ms")
    facts.add_row("after the lab ended it, a trusted partner's key gets", str(report["partner"]["status_after_end"]))
    facts.add_row("handed over, and attested as destroyed", f"{report['handed_over']}, {report['destroyed']}")
    facts.add_row("receipts verified by both sides", str(report["receipts_verified"]["whole"]))
    facts.add_row("a receipt verified offline, elsewhere", "yes" if report["offline_verification"] else "NO")
    cleared = report["clearinghouse"]
    facts.add_row("a reported flaw: its proof, its patch", f"{cleared['verdict']}, {cleared['patch']}")
    facts.add_row("systems exposed to it before and after", f"{cleared['exposed']}, {cleared['still_exposed']}")
    check = report["model_check"]
    facts.add_row(
        "states of a review checked",
        f"{check['states']:,} ({check['transitions']:,} transitions, {check['violations']} violations)",
    )
    facts.add_row("whole demo", f"{report['seconds']['whole']:.0f} s")
    console.print()
    console.print(facts)
    console.print()
    for line in (
        f"Memo            {settings.home / 'demo' / 'memo.html'} (and memo.pdf)",
        f"Report          {settings.home / 'demo' / 'report.json'}",
        f"Receipts        {settings.home / 'demo' / 'receipts'}",
        "Look around     make up, then open " + settings.portal_url,
        "",
        *logins,
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not report["complete"]:
        console.print("The story did not end as it must; see report.json.", style="bold red")
