"""Several who send the same at the same moment: one report stands, and all are told of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.models import Report
from seatrial.ledger import api as ledger


def test_the_same_file_from_many_at_once_is_taken_once(durable_world: Any) -> None:
    world = durable_world
    sent = [
        {"title": f"Heap overflow {number}", "description": "It writes past its end on long input.", "product": "x"}
        for number in range(40)
    ]
    data = json.dumps(sent).encode()

    def send(by: Any) -> Any:
        try:
            return findings.import_file(pieces=[data], by=by, at=world.start, source="api")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(send, [world.governance, world.security, world.signatory] * 2))
    assert sum(one.taken for one in made) == 40
    assert {(one.taken + one.known, one.refused) for one in made} == {(40, 0)}
    assert len({tuple(item.report for item in one.items) for one in made}) == 1
    assert Report.objects.count() == 40
    assert ledger.audit().fault is None
