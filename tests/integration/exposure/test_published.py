"""What is published meets inventories without anybody's asking."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest

from seatrial.clearinghouse.advisories.models import Advisory, DocumentRow
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form, Tlp
from seatrial.clearinghouse.exposure import api as exposure
from seatrial.kernel.labels import Label
from simulators.harbour import furnished
from simulators.operators import settled

pytestmark = pytest.mark.django_db(transaction=True)

BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "device", "name": "pump 7"}},
    "components": [{"type": "library", "name": "curd", "version": "1.2", "purl": "pkg:pypi/curd@1.2"}],
}


def csaf(name: str, affected: str) -> bytes:
    """As little as an advisory says."""
    product = {
        "category": "product_version",
        "name": affected,
        "product": {
            "name": f"curd {affected}",
            "product_id": "P1",
            "product_identification_helper": {"purl": f"pkg:pypi/curd@{affected}"},
        },
    }
    return json.dumps(
        {
            "document": {
                "category": "csaf_security_advisory",
                "csaf_version": "2.0",
                "title": "A long header",
                "tracking": {"id": name, "version": "1", "status": "final"},
            },
            "product_tree": {"branches": [product]},
            "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["P1"]}}],
        }
    ).encode()


@pytest.fixture
def harbour(world: Any) -> Any:
    return furnished(world, world.start)


@pytest.fixture
def operators(harbour: Any) -> Any:
    found = settled(harbour, 2)
    for number in range(2):
        by, home = found.defenders[number], found.home(number)
        files = {"bom.json": json.dumps(BOM).encode()}
        exposure.add_inventory(by=by, organisation=home, name="pumps", files=files, at=found.start)
    return found


def publish(
    case: str, number: int, at: datetime, content: bytes, label: Label, *, name: str = "SEA-1", withdrawn: bool = False
) -> None:
    said = {"case_id": case, "content": {}, "created_at": at, "created_by": "ann", "edited_at": at, "edited_by": "ann"}
    found, _ = Advisory.objects.get_or_create(
        tracking=name, defaults={**said, "state": AdvisoryState.PUBLISHED, "revision": 1}
    )
    found.documents.update(current=False)
    DocumentRow.objects.create(
        number=number,
        advisory=found,
        revision=number,
        form=Form.CSAF_20,
        tlp=Tlp.AMBER,
        label=str(label),
        name=f"{name.lower()}.json",
        media_type="application/json",
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        sha512=hashlib.sha512(content).hexdigest(),
        signature="",
        released=at,
        updated=at,
        withdrawn=withdrawn,
    )


def names(operators: Any, number: int) -> list[str]:
    return [one.advisory for one in exposure.matches(operators.defenders[number])]


def test_who_may_read_an_advisory_sees_what_it_matches(operators: Any, harbour: Any) -> None:
    case, at = harbour.open(), operators.start
    publish(case, 1, at, csaf("SEA-1", "1.2"), Label.among("clearinghouse", "water-0"))
    assert exposure.follow_published(at=at) == 1
    assert exposure.follow_published(at=at) == 0
    assert names(operators, 0) == ["SEA-1"]
    assert names(operators, 1) == []


def test_a_revision_takes_the_place_of_what_was_said_and_a_withdrawal_ends_it(operators: Any, harbour: Any) -> None:
    case, at, label = harbour.open(), operators.start, Label.among("clearinghouse", "water-0", "water-1")
    publish(case, 1, at, csaf("SEA-1", "1.2"), label)
    exposure.follow_published(at=at)
    publish(case, 2, at, csaf("SEA-1", "1.1"), label)
    exposure.follow_published(at=at)
    assert names(operators, 0) == []
    publish(case, 3, at, csaf("SEA-1", "1.2"), label)
    exposure.follow_published(at=at)
    assert names(operators, 1) == ["SEA-1"]
    publish(case, 4, at, csaf("SEA-1", "1.2"), label, withdrawn=True)
    exposure.follow_published(at=at)
    assert names(operators, 1) == []


def test_one_that_cannot_be_read_keeps_nobody_else_waiting(operators: Any, harbour: Any) -> None:
    case, at, label = harbour.open(), operators.start, Label.among("clearinghouse", "water-0")
    publish(case, 1, at, b'{"document": 1}', label, name="SEA-0")
    publish(case, 2, at, csaf("SEA-1", "1.2"), label)
    assert exposure.follow_published(at=at) == 2
    assert names(operators, 0) == ["SEA-1"]
