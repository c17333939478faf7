"""An operator's pages: what is exposed, an answer, one's own dates, what was asked, how long exposures last."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import PaceView, Said, Status
from seatrial.client import Seatrial
from seatrial.kernel.errors import Conflict
from seatrial.parties.types import Actor
from seatrial.rest.local import InProcess
from simulators.harbour import furnished
from simulators.operators import settled

SignIn = Callable[[Actor], Client]


@pytest.fixture
def operators(world: Any) -> Any:
    return settled(furnished(world, world.start), 5)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_operator_sees_its_own_and_says_what_becomes_of_it(operators: Any, sign_in: SignIn) -> None:
    mine = operators.exposed(0, 2, title="<b>Bold</b> flaw")
    operators.exposed(1, 1)
    client = sign_in(operators.defenders[0])
    text = page(client, "/exposures/")
    assert text.count("<li>\n  <h2>") == 2
    assert "<b>Bold" not in text
    assert "Update to 1.3." in text
    address = f"/exposures/{mine[0].id}/"
    assert "1.2 is before 1.3" in page(client, address)
    answer = client.post(address, {"status": "not_affected"})
    assert answer.status_code == 422
    assert "Say why it is not affected" in answer.content.decode()
    assert client.post(address, {"status": "fixed", "note": "1.3 is on"}).status_code == 302
    assert "1.3 is on" in page(client, address)
    assert mine[0].id in page(client, "/exposures/?show=over")
    assert mine[0].id not in page(client, "/exposures/")
    assert "Nothing of yours" in page(client, "/exposures/?q=nowhere")
    page(sign_in(operators.defenders[1]), address, 404)
    page(sign_in(operators.analyst), address, 404)


def test_what_is_taken_out_is_the_operators(operators: Any, sign_in: SignIn) -> None:
    operators.exposed(0)
    assert "pump 0" in page(sign_in(operators.defenders[0]), "/exposures/tickets.csv")
    assert "BEGIN:VCALENDAR" in page(sign_in(operators.defenders[0]), "/exposures/dates.ics")
    assert "pump 0" not in page(sign_in(operators.analyst), "/exposures/tickets.csv")


def test_dates_are_set_by_the_operator(operators: Any, sign_in: SignIn) -> None:
    operators.exposed(0)
    client = sign_in(operators.defenders[0])
    assert client.post("/exposures/water-0/pace/", {"act": "-1"}).status_code == 422
    assert client.post("/exposures/water-0/pace/", {"act": "3", "sector": "energy"}).status_code == 302
    assert "Your date" in page(client, "/exposures/")
    page(sign_in(operators.defenders[1]), "/exposures/water-0/pace/", 404)


def test_what_was_asked_can_be_declined(operators: Any, sign_in: SignIn) -> None:
    undertaking = remediation.offer_undertaking(
        by=operators.analyst, organisation="water-0", text="Answer within a week.", at=operators.start
    )
    client = sign_in(operators.defenders[0])
    assert "Answer within a week." in page(client, "/exposures/")
    client.post(f"/undertakings/{undertaking}/decline/")
    assert "Declined" in page(client, "/exposures/")
    client.post(f"/undertakings/{undertaking}/end/")
    assert "takes agree" in page(client, "/exposures/")


def test_how_long_exposures_last_is_shown_with_words_and_figures(operators: Any, sign_in: SignIn) -> None:
    for number in range(5):
        by, mine = operators.defenders[number], operators.exposed(number, 2)
        remediation.state_pace(by=by, pace=PaceView(f"water-{number}", sector="energy"), at=operators.start)
        remediation.answer(by=by, exposures=[mine[0].id], said=Said(Status.FIXED), at=operators.days(number + 1))
    text = page(sign_in(operators.analyst), "/exposures/lasting/")
    assert "All operators: of 10 exposures half were over" in text
    assert ">Energy<" in text
    own = page(sign_in(operators.defenders[0]), "/exposures/lasting/?advisory=SEA-2026-0001")
    assert "Yours: of 2 exposures half were over after" in own
    assert "not yet" in own


def test_a_calendar_reads_the_dates_without_signing_in_until_the_address_ends(operators: Any, sign_in: SignIn) -> None:
    operators.exposed(0, 2)
    remediation.state_pace(by=operators.defenders[0], pace=PaceView("water-0", act=3), at=operators.start)
    client = sign_in(operators.defenders[0])
    assert "No calendar address is in use" in page(client, "/exposures/water-0/pace/")
    text = client.post("/exposures/water-0/calendar/").content.decode()
    [address] = re.findall(r"/feeds/exposures/[A-Za-z0-9_-]{43}\.ics", text)
    assert address not in page(client, "/exposures/water-0/pace/")  # shown this once
    read = Client().get(address)
    assert read["Content-Type"].startswith("text/calendar")
    assert read["Referrer-Policy"] == "no-referrer"
    assert "pump 1" in read.content.decode()
    assert Client().get(address, headers={"If-None-Match": read["ETag"]}).status_code == 304
    assert sign_in(operators.defenders[1]).post("/exposures/water-0/calendar/").status_code in (403, 404)
    client.post("/exposures/water-0/calendar/end/")
    assert Client().get(address).status_code == 404


def test_a_client_issues_and_ends_the_address(operators: Any) -> None:
    client = Seatrial.over(InProcess(operators.defenders[0]))
    assert "/feeds/exposures/" in client.exposures.issue_calendar("water-0")
    client.exposures.end_calendar("water-0")
    with pytest.raises(Conflict):
        client.exposures.end_calendar("water-0")
