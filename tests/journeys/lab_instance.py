"""Makes an instance with a small world in it, or says how long its ledgers are. Run with SEATRIAL_HOME set.

python lab_instance.py prepare | heads
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare() -> dict[str, str]:
    """Returns a token for each person."""
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties

    call_command("migrate", verbosity=0)
    world = build_world()
    people = (world.governance, world.security, world.signatory, world.intake)
    return {actor.person: parties.issue_token(by=actor, at=now()) for actor in people}


def heads() -> dict[str, object]:
    from seatrial.ledger import api as ledger

    logs = ("main", "lab-north")
    return {**{log: ledger.head(log) for log in logs}, "faults": [ledger.audit(log).fault for log in logs]}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"prepare": prepare, "heads": heads}[sys.argv[1]]()))
