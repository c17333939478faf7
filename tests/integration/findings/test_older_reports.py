"""Reports from before they were documents are documents now, followed by their codes as before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ReportState
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Unavailable
from seatrial.parties.types import ANYONE

CODES = ("23456-aaaaa", "23456-bbbbb")


@pytest.mark.slow
def test_two_of_the_same_words_both_stand_as_documents(durable_world: Any) -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    before = executor.migrate([("findings", "0001_initial")])
    try:
        rows = before.apps.get_model("findings", "Report").objects
        for number, code in enumerate(CODES):
            rows.create(
                id=f"report-old-{number}",
                code_digest=digest(code.encode()),
                content_digest=digest(b"the same words"),
                title="Heap overflow in x",
                description="It writes past its end:\n\u202eÜnïcode 漢字",
                product="x",
                version="1.2" if number else "",
                finder="Ünïcode Finder",
                proof="'; DROP TABLE reports; --",
                source="page",
                state="acknowledged",
                label="controlled//-//TLP:AMBER+STRICT//clearinghouse",
                at=durable_world.start,
            )
    finally:
        MigrationExecutor(connection).migrate(newest)
    first, second = (findings.follow(code) for code in CODES)
    assert (first.proof, first.finder, first.state) == (
        *("'; DROP TABLE reports; --", "Ünïcode Finder"),
        ReportState.ACKNOWLEDGED,
    )
    assert first.description == "It writes past its end:\n\u202eÜnïcode 漢字"
    assert (first.document["tlp"], second.document["versions"]) == ("AMBER+STRICT", ["1.2"])
    assert json.loads(findings.export(ANYONE, code=CODES[1]))["versions"] == ["1.2"]
    with pytest.raises(Unavailable):
        findings.ledger_receipt(ANYONE, code=CODES[0], at=durable_world.start)
    assert findings.withdraw(code=CODES[0], at=durable_world.start).state is ReportState.WITHDRAWN
