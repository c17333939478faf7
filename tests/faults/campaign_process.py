"""A process of its own that prepares, runs or reports one campaign, so that a test can kill it.

python campaign_process.py prepare | run CAMPAIGN BASE_URL | report CAMPAIGN
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))

ITEMS, EPOCHS = 20, 4


def prepare() -> None:
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.review.benchmarks import api as benchmarks
    from seatrial.review.benchmarks.types import Check, Item, Threshold
    from simulators.consented_reviews import consent_review

    call_command("migrate", verbosity=0, skip_checks=True)
    world = build_world()
    review = consent_review(world)
    items = [
        Item(f"item-{i:02}", f"family-{i % 4}", f"Question {i}?", Check("word", equals="yes"), "yes", "no", 1.0)
        for i in range(ITEMS)
    ]
    suite = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=items)
    made = benchmarks.register_suite(by=world.evaluator, suite=suite, at=world.start)
    campaign = benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=made,
        epochs=EPOCHS,
        threshold=Threshold(made, "suite-mean", 0.45, 0.55, 0.05),
        name="killed again and again",
        seed="faults",
        at=world.start + timedelta(days=2),
    )
    print(campaign)


def run(campaign: str, base_url: str) -> None:
    """Prints one line for each step, so that the parent knows when to strike."""
    from conftest import START
    from seatrial.parties import api as parties
    from seatrial.review.benchmarks import api as benchmarks

    benchmarks.run_campaign(
        by=parties.actor("eva"),
        campaign=campaign,
        base_url=base_url,
        key="k",
        concurrency=4,
        progress=lambda step: print(step.started, step.counted, flush=True),
        clock=lambda: START + timedelta(days=3),
    )
    print("done", flush=True)


def report(campaign: str) -> None:
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.benchmarks import api as benchmarks
    from seatrial.review.benchmarks.models import Attempt, Campaign

    view = benchmarks.campaign(parties.actor("eva"), campaign)
    ended = ledger.entries(parties.actor("eva"), kind="benchmarks.campaign-concluded")
    attempts = Attempt.objects.values_list("cell", "number", "outcome", "score")
    print(
        json.dumps(
            {
                "order": Campaign.objects.get().order,
                "attempts": list(attempts),
                "state": view.state,
                "verdict": view.decision.verdict,
                "counted": view.counted,
                "mean": view.decision.mean,
                "lower": view.decision.lower,
                "upper": view.decision.upper,
                "started": view.started,
                "concluded": len(ended),
            }
        )
    )


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "run": run, "report": report}[sys.argv[1]](*sys.argv[2:])
