"""From an inventory and an advisory to an exposure, and to its end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Over, Said, Status
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.labels import Label

pytestmark = pytest.mark.django_db(transaction=True)


def bom(version: str) -> bytes:
    component = {"type": "library", "name": "curd", "version": version, "purl": f"pkg:pypi/curd@{version}"}
    device = {"type": "device", "name": "pump 7"}
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": device}, "components": [component]}
    ).encode()


def osv(fixed: str = "1.3", *, modified: str = "2026-11-01T00:00:00Z", **changes: Any) -> bytes:
    spans = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    return json.dumps(
        {
            "schema_version": "1.7.0",
            "id": "SEA-2026-0001",
            "modified": modified,
            "aliases": ["CVE-2026-0001"],
            "summary": "A long header writes past its buffer",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "curd"}, "ranges": spans}],
            **changes,
        }
    ).encode()


@pytest.fixture
def told(operators: Any) -> Any:
    """Gives an advisory to the matching, readable by the operators."""
    homes = ("clearinghouse", "water-0", "water-1")

    def tell(data: bytes, label: Label | None = None) -> None:
        exposure.learn(
            by=operators.analyst, files={"one.json": data}, label=label or Label.among(*homes), at=operators.start
        )

    return tell


def keep(operators: Any, number: int, version: str) -> None:
    by, home = operators.defenders[number], operators.home(number)
    exposure.add_inventory(by=by, organisation=home, name="pumps", files={"bom.json": bom(version)}, at=operators.start)


def test_an_advisory_meets_an_inventory_and_the_operator_hears_what_to_do(operators: Any, told: Any) -> None:
    nia = operators.defenders[0]
    keep(operators, 0, "1.2")
    assert remediation.turn(at=operators.start) == 0
    told(osv())
    assert remediation.turn(at=operators.days(1)) == 1
    assert remediation.turn(at=operators.days(1)) == 0
    [mine] = remediation.exposures(nia)
    assert (mine.system, mine.version, mine.urgency) == ("pump 7", "1.2", "track")
    assert mine.action == "Update to 1.3, or later."
    assert mine.since == operators.days(1)
    assert remediation.exposures(operators.defenders[1]) == ()


def test_an_update_ends_it_and_going_back_opens_it_again(operators: Any, told: Any) -> None:
    nia = operators.defenders[0]
    keep(operators, 0, "1.2")
    told(osv())
    remediation.turn(at=operators.start)
    keep(operators, 0, "1.3")
    assert remediation.turn(at=operators.days(5)) == 1
    [over] = remediation.exposures(nia, over=True)
    assert (over.over, over.over_at) == (Over.GONE, operators.days(5))
    keep(operators, 0, "1.2")
    assert remediation.turn(at=operators.days(6)) == 1
    assert [one.id for one in remediation.exposures(nia)] == [over.id]


def test_an_advisory_that_says_less_or_is_withdrawn_ends_it(operators: Any, told: Any) -> None:
    nia = operators.defenders[0]
    keep(operators, 0, "1.2")
    told(osv())
    remediation.turn(at=operators.start)
    told(osv("1.1", modified="2026-11-02T00:00:00Z"))
    assert remediation.turn(at=operators.days(1)) == 1
    assert remediation.exposures(nia) == ()
    told(osv("1.4", modified="2026-11-03T00:00:00Z"))
    remediation.turn(at=operators.days(2))
    assert remediation.exposures(nia)[0].action == "Update to 1.4, or later."
    told(osv("1.4", modified="2026-11-04T00:00:00Z", withdrawn="2026-11-04T00:00:00Z"))
    remediation.turn(at=operators.days(3))
    assert remediation.exposures(nia) == ()


def test_an_answer_outlives_the_inventory_it_was_given_for(operators: Any, told: Any) -> None:
    nia = operators.defenders[0]
    keep(operators, 0, "1.2")
    told(osv())
    remediation.turn(at=operators.start)
    [mine] = remediation.exposures(nia)
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.FIXED, note="patched by hand"), at=operators.start)
    keep(operators, 0, "1.2")
    remediation.turn(at=operators.days(1))
    assert remediation.exposure(nia, mine.id).over is Over.ANSWER


def test_what_an_operator_may_not_know_of_exposes_nothing_to_it(operators: Any, told: Any) -> None:
    keep(operators, 0, "1.2")
    told(osv(), Label.among("clearinghouse"))
    remediation.turn(at=operators.start)
    assert remediation.exposures(operators.defenders[0]) == ()


def test_what_cannot_be_told_is_exposed_and_says_so(operators: Any, told: Any) -> None:
    keep(operators, 0, "one-point-two")
    told(osv())
    remediation.turn(at=operators.start)
    [mine] = remediation.exposures(operators.defenders[0])
    assert "nobody can tell" in mine.action


def test_what_is_known_to_be_exploited_is_to_be_acted_on(operators: Any, told: Any) -> None:
    listed = {"vulnerabilities": [{"cveID": "CVE-2026-0001", "dateAdded": "2026-10-01"}]}
    triage.import_known_exploited(by=operators.analyst, data=json.dumps(listed).encode(), at=operators.start)
    keep(operators, 0, "1.2")
    told(osv())
    remediation.turn(at=operators.start)
    assert remediation.exposures(operators.defenders[0])[0].urgency == "act"


def test_with_its_inventory_an_operators_exposures_are_over(operators: Any, told: Any) -> None:
    nia = operators.defenders[0]
    keep(operators, 0, "1.2")
    told(osv())
    remediation.turn(at=operators.start)
    [kept] = exposure.inventories(nia)
    exposure.remove_inventory(by=nia, inventory=kept.id, at=operators.days(1))
    assert remediation.turn(at=operators.days(1)) == 1
    assert remediation.turn(at=operators.days(1)) == 0
    assert remediation.exposures(nia) == ()
