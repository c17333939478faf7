"""Deconfliction of scanning, and attempts to learn more from it than one is meant to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.models import ScanRow
from seatrial.kernel.clock import Window
from seatrial.kernel.errors import Forbidden, Misuse, Refused
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE

SECRET = "pkg:pypi/secret-target"


def register(by: Any, home: str, purls: list[str], at: datetime, *, days: float = 30, who: str = "scan/1") -> Any:
    window = Window(at, at + timedelta(days=days))
    return coordination.register_scans(by=by, organisation=home, purls=purls, window=window, who=who, at=at)


def test_both_sides_of_an_overlap_see_each_other_and_nobody_else_sees_either(harbour: Any) -> None:
    register(harbour.lab, "lab-north", [SECRET, "pkg:pypi/other"], harbour.start, who="north/1 sec@north.example")
    register(harbour.rival, "lab-south", ["pkg:pypi/Secret_Target@2.0"], harbour.start, who="south/7")
    mine, theirs = (coordination.overlaps(by, harbour.start) for by in (harbour.lab, harbour.rival))
    assert [(one.organisation, one.identity) for one in mine] == [("lab-south", "south/7")]
    assert [(one.organisation, one.identity) for one in theirs] == [("lab-north", "north/1 sec@north.example")]
    assert [one.overlaps for one in coordination.scans(harbour.rival, harbour.start)] == [1]
    for other in (harbour.analyst, harbour.maintainer, harbour.operator, ANYONE):
        assert coordination.overlaps(other, harbour.start) == ()
        assert coordination.scans(other, harbour.start) == ()


def test_both_are_told_once_each_in_its_own_log(harbour: Any) -> None:
    register(harbour.lab, "lab-north", [SECRET], harbour.start)
    register(harbour.rival, "lab-south", [SECRET], harbour.start)
    before = ledger.head()
    assert coordination.turn(at=harbour.start)["overlaps"] == 2
    assert coordination.turn(at=harbour.start)["overlaps"] == 0
    assert ledger.head() == before, "nothing in the log that others read, count or time"
    for by, home in ((harbour.lab, "lab-north"), (harbour.rival, "lab-south")):
        kinds = [entry.kind for entry in ledger.entries(by, log=home)]
        assert kinds[-2:] == ["scanning.registered", "scanning.overlapped"]
        for other in (harbour.lab, harbour.rival, harbour.analyst):
            if other is not by:
                assert list(ledger.entries(other, log=home)) == []


def test_the_name_of_a_package_is_nowhere_in_the_database(harbour: Any) -> None:
    register(harbour.lab, "lab-north", [SECRET], harbour.start)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                assert "secret-target" not in repr(
                    [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
                )


def test_a_digest_without_the_key_is_worth_nothing(harbour: Any) -> None:
    """Whoever has the rows and every package name there is still finds nothing."""
    import hashlib

    register(harbour.lab, "lab-north", [SECRET], harbour.start)
    kept = ScanRow.objects.get().digest
    for context in ("", "seatrial/scanning/v1\n", "pkg:"):
        assert kept != "sha256:" + hashlib.sha256((context + SECRET).encode()).hexdigest()


def test_trying_names_costs_days_and_shows_the_trier(harbour: Any) -> None:
    register(harbour.lab, "lab-north", [SECRET], harbour.start)
    dictionary = [f"pkg:pypi/package-{number}" for number in range(coordination.SCANS_A_DAY)]
    register(harbour.rival, "lab-south", dictionary, harbour.start, who="trier/1")
    for more in (["pkg:pypi/one-more"], [SECRET], [*dictionary, SECRET][1:]):
        with pytest.raises(Refused, match="0 are left"):
            register(harbour.rival, "lab-south", more, harbour.start)
    assert coordination.overlaps(harbour.rival, harbour.start) == (), "what was refused was not looked up"
    assert ScanRow.objects.filter(organisation="lab-south").count() == len(dictionary), "all or nothing"
    again = register(harbour.rival, "lab-south", dictionary[:5], harbour.start)
    assert [one.new for one in again] == [False] * 5, "what one has registered costs nothing and tells nothing"
    tomorrow = harbour.start + timedelta(days=1, seconds=1)
    register(harbour.rival, "lab-south", [SECRET], tomorrow, who="trier/2")
    assert [one.identity for one in coordination.overlaps(harbour.lab, tomorrow)] == ["trier/2"]


def test_another_person_or_delegate_of_the_same_organisation_has_no_days_of_their_own(harbour: Any) -> None:
    from seatrial.parties import api as parties
    from seatrial.parties.types import Role

    parties.add_person(
        by=harbour.operator,
        name="Second",
        email="s2@south.example",
        password="second rows a boat",
        at=harbour.start,
        id="s2",
    )
    parties.give_role(by=harbour.operator, person="s2", organisation="lab-south", role=Role.SECURITY, at=harbour.start)
    names = [f"pkg:pypi/package-{number}" for number in range(coordination.SCANS_A_DAY)]
    register(harbour.rival, "lab-south", names, harbour.start)
    with pytest.raises(Refused):
        register(parties.actor("s2"), "lab-south", ["pkg:pypi/x"], harbour.start)


def test_a_registration_is_for_ones_own_organisation_a_window_and_a_name(harbour: Any) -> None:
    with pytest.raises(Forbidden):
        register(harbour.rival, "lab-north", [SECRET], harbour.start)
    with pytest.raises(Forbidden):
        register(ANYONE, "lab-north", [SECRET], harbour.start)
    for changes in ({"days": 0.5}, {"days": 91}, {"who": " "}):
        with pytest.raises(Misuse):
            register(harbour.lab, "lab-north", [SECRET], harbour.start, **changes)
    with pytest.raises(Misuse):
        register(harbour.lab, "lab-north", [SECRET, "nonsense"], harbour.start)
    assert ScanRow.objects.count() == 0


def test_windows_that_do_not_meet_are_no_overlap_and_what_is_over_is_not_shown(harbour: Any) -> None:
    register(harbour.lab, "lab-north", [SECRET], harbour.start, days=2)
    register(harbour.rival, "lab-south", [SECRET], harbour.start + timedelta(days=2), days=5)
    for at in (harbour.start, harbour.start + timedelta(days=3)):
        assert coordination.overlaps(harbour.lab, at) == coordination.overlaps(harbour.rival, at) == ()
    register(harbour.lab, "lab-north", [SECRET], harbour.start + timedelta(days=3), days=1)
    assert len(coordination.overlaps(harbour.rival, harbour.start + timedelta(days=3))) == 1
    assert coordination.overlaps(harbour.lab, harbour.start + timedelta(days=5)) == ()
