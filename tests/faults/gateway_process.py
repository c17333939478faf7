"""A gateway in a process of its own over a database of its own, so that a test can kill it.

python gateway_process.py prepare UPSTREAM | serve | report REVIEW | withdraw REVIEW
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare(upstream: str) -> None:
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.kernel.clock import now
    from seatrial.review.access import api as access
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import Budget
    from simulators.staged_reviews import CAPABILITY, draft, terms

    call_command("migrate", verbosity=0)
    world = build_world()
    review = draft(world, "A voyage under fire")
    cases.offer(by=world.governance, review=review, at=now())
    consent = terms(
        frozenset({world.evaluator.person}),
        upstream=upstream,
        budget=Budget(requests=10_000, tokens=100_000_000, concurrency=500),
    )
    cases.sign_consent(by=world.signatory, review=review, terms=consent, at=now())
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    print(json.dumps([review, key.secret]))


def serve() -> None:
    from django.conf import settings

    from seatrial.gateway.main import serve as serve_gateway

    sys.exit(serve_gateway(settings.SEATRIAL))


def report(review: str) -> None:
    from dataclasses import asdict

    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    sam, key = parties.actor("sam"), ledger.public_key()
    uses = access.exchanges(sam, review, limit=1000)
    proofs = [access.receipt(sam, view.id, now()) for view in uses if view.index is not None]
    print(
        json.dumps(
            {
                "ended": [view.ended for view in uses],
                "usage": asdict(access.usage(sam, review)),
                "proven": len({access.verify_receipt(made, key).facts["id"] for made in proofs}),
                "fault": ledger.audit().fault,
            }
        )
    )


def withdraw(review: str) -> None:
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.cases import api as cases

    cases.withdraw(by=parties.actor("sam"), review=review, at=now())
    print("{}")


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "serve": serve, "report": report, "withdraw": withdraw}[sys.argv[1]](*sys.argv[2:])
