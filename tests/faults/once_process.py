"""Acts once over the API in a process that kills itself where it is told.

python once_process.py prepare | act BOUNDARY KEY DATE | report
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare() -> None:
    from django.core.management import call_command

    from conftest import build_world

    call_command("migrate", verbosity=0)
    build_world()
    print("{}")


def die(*_arguments: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def act(boundary: str, key: str, date: str) -> None:
    from django.db import transaction

    from seatrial.client import Keys, Seatrial
    from seatrial.idempotency import actions
    from seatrial.idempotency.models import KeptAnswer
    from seatrial.kernel.clock import parse_time
    from seatrial.parties import api as parties
    from seatrial.rest import once
    from seatrial.rest.local import InProcess

    if boundary == "claimed":  # the key is taken, nothing is done yet
        once._answer = die
    elif boundary == "acted":  # the change is written, its answer is not
        KeptAnswer.save = die  # type: ignore[method-assign]
    elif boundary == "answered":  # all is written, nothing is committed
        original = actions.once

        def dying(**named: Any) -> Any:
            with transaction.atomic():
                original(**named)
                die()

        once.idempotency.once = dying  # type: ignore[assignment]
    elif boundary == "committed":  # all stands, the answer never leaves
        kept = once.idempotency.once

        def acting(**named: Any) -> Any:
            kept(**named)
            die()

        once.idempotency.once = acting  # type: ignore[assignment]
    moment = parse_time(date)
    review = Seatrial.over(InProcess(parties.actor("gwen")), keys=Keys(exact=key)).reviews.plan(
        developer="lab-north", body="body-one", title="t", model="m", partner_release=moment, public_release=moment
    )
    print(json.dumps(review.id))


def report() -> None:
    from seatrial.idempotency.models import KeptAnswer
    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.cases import api as cases

    reviews = [view.id for view in cases.reviews(parties.actor("gwen"), now())]
    found = {"reviews": reviews, "entries": ledger.head("lab-north"), "keys": KeptAnswer.objects.count()}
    print(json.dumps({**found, "fault": ledger.audit("lab-north").fault}))


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "act": act, "report": report}[sys.argv[1]](*sys.argv[2:])
