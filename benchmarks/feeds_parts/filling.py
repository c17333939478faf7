"""Fills an instance with bundles, or publishes more until it is told to end: ``fill OBJECTS FILE`` or ``publish``.

Rows are written as publication leaves them; how documents are written is measured elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
_EACH = 3  # objects of a bundle beside the publisher's identity


def fill(objects: int, file: str) -> None:
    """That many objects, also written into ``file``."""
    from django.core.management import call_command
    from django.db import transaction

    from conftest import START, build_world
    from seatrial.clearinghouse.advisories.types import Form
    from simulators import advised
    from simulators.harbour import furnished

    call_command("migrate", verbosity=0)
    case, seen = furnished(build_world(), START).open(), dict[str, object]()
    with transaction.atomic():
        for number in range(1, objects // _EACH + 1):
            at = START + timedelta(minutes=number)
            content = advised.stix(f"SEA-{number}", at)
            advised.put(case, number, f"SEA-{number}", Form.STIX, content, at, media_type="application/stix+json")
            seen.update((one["id"], one) for one in json.loads(content)["objects"])
    Path(file).write_text(json.dumps(list(seen.values())))


def publish() -> None:
    """One advisory each tenth of a second; a line for each."""
    from django.db.models import Max

    from seatrial.clearinghouse.advisories.models import Advisory, DocumentRow
    from seatrial.clearinghouse.advisories.types import Form
    from seatrial.kernel.clock import now
    from simulators import advised

    number, case = DocumentRow.objects.aggregate(last=Max("number"))["last"], Advisory.objects.all()[0].case_id
    while True:
        number += 1
        at = now()
        advised.put(case, number, f"SEA-{number}", Form.STIX, advised.stix(f"SEA-{number}", at), at)
        print(number, flush=True)
        time.sleep(0.1)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), sys.argv[3])
    else:
        publish()
