"""A notifier in a process of its own over a database of its own, so that a test can kill it.

python notifier_process.py prepare URL | serve | happen COUNT | report
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
os.environ["SEATRIAL_LOOPBACK_WEBHOOKS"] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare(*urls: str) -> None:
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.kernel.clock import now
    from seatrial.notices import api as notices

    call_command("migrate", verbosity=0)
    world = build_world()
    made = [notices.add_webhook(by=world.security, organisation=world.lab, url=url, at=now()) for url in urls]
    print(json.dumps([new.secret for new in made]))


def serve() -> None:
    from seatrial.cli.main import run

    sys.exit(run(["notifier"]))


def happen(first: str, count: str) -> None:
    """``count`` things happen, each in a review of its own."""
    from django.db import transaction

    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import Label
    from seatrial.ledger import api as ledger

    for number in range(int(first), int(first) + int(count)):
        facts = {"review": f"review-{number}"}
        with transaction.atomic():
            ledger.append(kind="case.asked", actor="ina", facts=facts, label=Label.among("lab-north"), at=now())
    print("{}")


def expire() -> None:
    """A minute passes: what a dead process had claimed is free again."""
    from seatrial.kernel.clock import now
    from seatrial.notices.models import Delivery

    Delivery.objects.exclude(claimed_until=None).update(claimed_until=now())
    print("{}")


def report() -> None:
    from django.conf import settings

    from seatrial.ledger import api as ledger
    from seatrial.notices.models import Cursor, Delivery
    from seatrial.parties import api as parties

    print(
        json.dumps(
            {
                "states": list(Delivery.objects.exclude(webhook=None).values_list("review", "state")),
                "cursor": Cursor.objects.filter(log="main").values_list("next", flat=True).first(),
                "head": ledger.head(),
                "fault": ledger.audit().fault,
                "mails": len(list((settings.SEATRIAL.home / "mail").glob("*"))),
                "people": len(parties.addressees()),
            }
        )
    )


if __name__ == "__main__":
    import django

    django.setup()
    known = {"prepare": prepare, "serve": serve, "happen": happen, "expire": expire, "report": report}
    known[sys.argv[1]](*sys.argv[2:])
