"""A case's page and a maintainer's inbox: who sees what, each button, refusals on the form, hostile words as words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import Answer, Capacity, EmbargoState, PartyRole, Place, ReportStatus
from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from simulators.harbour import Harbour, furnished

SignIn = Callable[[Actor], Client]
HOSTILE = "<script>alert(1)</script> & 'quotes'"


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, now() - timedelta(hours=1))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def press(client: Client, address: str, **typed: Any) -> str:
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


def addresses(text: str, case: str) -> set[str]:
    """The moves that a page shows, by the last part of their address."""
    return set(re.findall(rf'"/cases/{case}/(?:parties/[^/"]+/)?([a-z-]+)/"', text))


def party(harbour: Harbour, case: str, name: str) -> Any:
    return next(one for one in coordination.case(harbour.analyst, case, now()).parties if one.name == name)


def test_an_analyst_reads_the_whole_case_and_a_stranger_nothing(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open(title="Overflow <b>in</b> curd")
    text = page(sign_in(harbour.analyst), f"/cases/{case}/")
    for said in (
        "of embargo left",
        "Overflow &lt;b&gt;in&lt;/b&gt; curd",
        "flaw-1",
        "Parties",
        "no attacks are seen",
    ):
        assert said in text
    assert addresses(text, case) == {
        *("propose", "report-defer", "report-close", "say", "invite", "milestone"),
        *("public", "exploit-public", "attacks", "terminate", "close", "advisory"),
    }
    listed = page(sign_in(harbour.analyst), "/cases/")
    assert f"/cases/{case}/" in listed
    assert "0 of 0 vendors with a fix" in listed
    for other in (harbour.maintainer, harbour.lab, harbour.rival):
        client = sign_in(other)
        page(client, f"/cases/{case}/", 404)
        page(client, f"/cases/{case}/terminate/", 404)
        assert "There is no case that you may see" in page(client, "/cases/")
    assert Client().get(f"/cases/{case}/").status_code == 302


def test_a_case_is_closed_on_its_page_is_listed_apart_and_opened_again(harbour: Harbour, sign_in: SignIn) -> None:
    case, other = harbour.open(), harbour.open("flaw-2", title="The same in whey")
    client = sign_in(harbour.analyst)
    typed = {"reason": "fixed-and-public", "why": HOSTILE, "duplicate_of": ""}
    refused = client.post(f"/cases/{case}/close/", typed)
    assert refused.status_code == 422
    assert "It is not public yet" in refused.content.decode()
    text = press(client, f"/cases/{case}/close/", **{**typed, "reason": "duplicate", "duplicate_of": other})
    assert "because another case is about the same flaw" in text
    assert HOSTILE not in text
    assert addresses(text, case) == {"reopen"}
    assert f"/cases/{case}/" not in page(client, "/cases/")
    assert f"/cases/{case}/" in page(client, "/cases/?closed=1")
    text = press(client, f"/cases/{case}/reopen/", why="Another loop.")
    assert "terminate" in addresses(text, case)
    assert f"/cases/{case}/" in page(client, "/cases/")


def test_an_invited_maintainer_reads_product_and_date_accepts_and_is_led_to_the_case(
    harbour: Harbour, sign_in: SignIn
) -> None:
    case = harbour.open()
    invited = harbour.invited(case)
    client = sign_in(harbour.maintainer)
    assert "Inbox</a>" in page(client, "/")
    text = page(client, "/inbox/")
    assert "Nothing is published before" in text
    assert "Overflow" not in text
    asked = page(client, f"/invitations/{invited}/join/")
    assert "curd" in asked
    assert client.post(f"/invitations/{invited}/join/", {}).status_code == 422
    answer = client.post(f"/invitations/{invited}/join/", {"accept": "yes"})
    assert answer["Location"] == f"/cases/{case}/"
    text = page(client, f"/cases/{case}/")
    assert addresses(text, case) == {
        *("report-validate", "report-invalidate", "propose", "say", "public", "exploit-public", "attacks"),
    }
    assert "flaw-1" not in text
    assert "Say whether the report is valid." in page(client, "/inbox/")
    page(sign_in(harbour.other), f"/invitations/{invited}/join/", 404)


def test_whoever_takes_part_without_the_date_accepts_it_later_and_then_reads(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    invited = harbour.invited(case)
    client = sign_in(harbour.maintainer)
    assert "Accept the date in force" in press(client, f"/invitations/{invited}/join/", accept="later")
    page(client, f"/cases/{case}/", 404)
    page(client, f"/invitations/{invited}/tell/", 404)
    assert "Read the report" in press(client, f"/invitations/{invited}/adhere/")
    assert "Overflow in curd" in press(client, f"/invitations/{invited}/tell/")
    assert party(harbour, case, "Vendor-A").told


def test_declining_says_why_and_ends_the_invitation(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    invited = harbour.invited(case)
    text = press(sign_in(harbour.maintainer), f"/invitations/{invited}/decline/", why=HOSTILE)
    assert "Nothing is here" in text
    text = page(sign_in(harbour.analyst), f"/cases/{case}/")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_maintainer_goes_from_valid_to_a_fix_that_is_out_by_buttons_alone(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    own = harbour.joined(case)
    client = sign_in(harbour.maintainer)
    for move, status, asked in (
        ("report-validate", ReportStatus.VALID, "Say whether you take it on"),
        ("report-defer", ReportStatus.DEFERRED, "Nothing"),
        ("report-accept", ReportStatus.ACCEPTED, "Say when a fix is ready"),
        ("fix-ready", ReportStatus.ACCEPTED, "Say when the fix is out"),
        ("fix-deployed", ReportStatus.ACCEPTED, "Asks nothing of you now"),
        ("report-close", ReportStatus.CLOSED, "Asks nothing of you now"),
    ):
        address = f"/cases/{case}/parties/{own}/{move}/"
        assert move in addresses(page(client, f"/cases/{case}/"), case)
        page(client, address)
        press(client, address)
        assert party(harbour, case, "Vendor-A").status is status
        if asked != "Nothing":
            assert asked in page(client, "/inbox/")
    assert addresses(page(client, f"/cases/{case}/"), case) == set()
    page(client, f"/cases/{case}/parties/{own}/report-close/", 404)
    page(client, f"/cases/{case}/parties/nobody/report-close/", 404)


def test_a_report_found_not_valid_can_be_found_valid_later(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    own = harbour.joined(case)
    client = sign_in(harbour.maintainer)
    press(client, f"/cases/{case}/parties/{own}/report-invalidate/")
    assert "Found it not valid" in page(client, f"/cases/{case}/")
    press(client, f"/cases/{case}/parties/{own}/report-validate/")
    assert party(harbour, case, "Vendor-A").status is ReportStatus.VALID


def test_a_date_is_proposed_within_the_bound_and_answered_by_the_other_side(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    own = harbour.joined(case)
    client = sign_in(harbour.maintainer)
    propose = f"/cases/{case}/parties/{own}/propose/"
    for days in (-1, 400):
        late = f"{now() + timedelta(days=days):%Y-%m-%dT%H:%M}"
        answer = client.post(propose, {"until": late, "why": HOSTILE})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert late in text, "what was typed stands"
        assert "Not done yet" in text
        assert "<script>alert" not in text
    soon = now() + timedelta(days=20)
    text = press(client, propose, until=f"{soon:%Y-%m-%dT%H:%M}", why=HOSTILE)
    assert "Another date is proposed" in text
    assert "Vendor-A accepted it" in text
    assert "Clearinghouse has not answered yet" in text
    assert "<script>alert" not in text
    house = party(harbour, case, "Clearinghouse")
    analyst = sign_in(harbour.analyst)
    answer_page = f"/cases/{case}/parties/{house.id}/answer/"
    assert "Proposed date" in page(analyst, answer_page)
    page(client, answer_page, 404)
    press(analyst, answer_page, accepts="yes")
    clock = coordination.case(harbour.analyst, case, now()).embargo
    assert (clock.state, clock.until) == (EmbargoState.ACTIVE, soon.replace(second=0, microsecond=0))
    assert party(harbour, case, "Vendor-A").answer is Answer.NOT_ASKED


def test_what_is_said_reaches_all_or_those_named_and_is_shown_as_words(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    own = harbour.joined(case)
    harbour.joined(case, organisation="vendor-b")
    analyst = sign_in(harbour.analyst)
    press(analyst, f"/cases/{case}/say/", text=HOSTILE)
    press(analyst, f"/cases/{case}/say/", text="For A alone.", to=[own])
    for words in (" ", "turned \u202e round"):
        assert analyst.post(f"/cases/{case}/say/", {"text": words}).status_code == 422
    first = page(sign_in(harbour.maintainer), f"/cases/{case}/")
    assert first.index("For A alone.") < first.index("&lt;script&gt;"), "the newest first"
    assert "<script>alert" not in first
    assert "to Vendor-A only" in first
    second = page(sign_in(harbour.other), f"/cases/{case}/")
    assert "For A alone." not in second
    assert "&lt;script&gt;" in second
    press(sign_in(harbour.other), f"/cases/{case}/say/", text="Thank you.")
    assert "Thank you." in page(analyst, f"/cases/{case}/")


def test_a_long_thread_comes_in_parts(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    for number in range(53):
        coordination.say(by=harbour.analyst, case=case, text=f"Word {number}.", at=now())
    client = sign_in(harbour.analyst)
    text = page(client, f"/cases/{case}/")
    earlier = re.search(r'"\?before=([^"#]+)#thread"', text)
    assert earlier is not None
    assert "Word 52." in text
    assert "Word 2." not in text
    rest = page(client, f"/cases/{case}/?before={earlier[1]}")
    assert "Word 2." in rest
    assert "Earlier</a>" not in rest
    page(client, f"/cases/{case}/?before=x", 400)


def test_an_analyst_invites_and_speaks_for_whoever_is_outside(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    analyst = sign_in(harbour.analyst)
    contact = coordination.add_contact(
        by=harbour.analyst, name=HOSTILE[:60], addresses=["sec@curd.example"], at=harbour.start
    )
    text = page(analyst, f"/cases/{case}/invite/")
    assert f"contact {contact}" in text
    assert "<script>alert" not in text
    given = {"role": "vendor", "chain": "0"}
    assert analyst.post(f"/cases/{case}/invite/", given).status_code == 422
    press(analyst, f"/cases/{case}/invite/", who=f"contact {contact}", **given)
    again = analyst.post(f"/cases/{case}/invite/", {"who": f"contact {contact}", **given})
    assert again.status_code == 422
    assert "is a party of this case already" in again.content.decode()
    outside = next(one for one in coordination.case(harbour.analyst, case, now()).parties if one.contact == contact)
    assert outside.may == ("join", "decline")
    assert "sec@curd.example" in page(analyst, f"/cases/{case}/")
    press(analyst, f"/cases/{case}/parties/{outside.id}/join/", accept="yes")
    press(analyst, f"/cases/{case}/parties/{outside.id}/heard/")
    press(analyst, f"/cases/{case}/say/", text="By telephone: they look.", party=outside.id)
    assert "sec@curd.example" not in page(sign_in(harbour.maintainer), "/inbox/")
    press(analyst, f"/cases/{case}/invite/", who="organisation vendor-a", **given)
    invited = party(harbour, case, "Vendor-A")
    assert invited.may == (), "whoever has people here speaks for itself"
    page(analyst, f"/cases/{case}/parties/{invited.id}/join/", 404)


def test_milestones_are_recorded_and_relayed(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    contact = coordination.add_contact(by=harbour.analyst, name="Fay", addresses=["fay@a.example"], at=harbour.start)
    finder = coordination.invite(
        by=harbour.analyst, case=case, role=PartyRole.FINDER, contact=contact, at=harbour.start
    )
    coordination.join(by=harbour.analyst, party=finder, accept_embargo=True, at=harbour.start)
    analyst = sign_in(harbour.analyst)
    address = f"/cases/{case}/milestone/"
    press(analyst, address, kind="patch", note="In a branch.")
    again = analyst.post(address, {"kind": "patch", "note": ""})
    assert again.status_code == 422
    assert "stands in this case already" in again.content.decode()
    text = page(analyst, f"/cases/{case}/")
    assert "Fay was told" in text
    told = press(analyst, f"/cases/{case}/parties/{finder}/relayed/", kind="patch")
    assert "Fay was told" not in told
    assert "was told of the milestone" in press(analyst, f"/cases/{case}/parties/{finder}/relayed/", kind="patch")
    assert analyst.post(f"/cases/{case}/parties/{finder}/relayed/", {"kind": "nonsense"}).status_code == 404


@pytest.mark.parametrize(
    ("move", "reason"),
    [("public", "it was published"), ("exploit-public", "an exploit is"), ("attacks", "attacks are")],
)
def test_what_the_world_knows_ends_the_embargo_for_everybody(
    harbour: Harbour, sign_in: SignIn, move: str, reason: str
) -> None:
    case = harbour.open()
    harbour.joined(case)
    client = sign_in(harbour.maintainer)
    assert "ends an embargo in force at once" in page(client, f"/cases/{case}/{move}/")
    text = press(client, f"/cases/{case}/{move}/", note="On a list.")
    assert "The embargo is over" in text
    assert reason in text
    page(client, f"/cases/{case}/{move}/", 404)


def test_ending_an_embargo_takes_a_reason_that_the_case_shows(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    harbour.joined(case)
    analyst = sign_in(harbour.analyst)
    refused = analyst.post(f"/cases/{case}/terminate/", {"reason": "fixed", "why": "I think so."})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "does not show the reason" in text
    assert "I think so." in text
    press(analyst, f"/cases/{case}/terminate/", reason="adversaries-know", why="Seen in their chat.")
    assert coordination.case(harbour.analyst, case, now()).embargo.state is EmbargoState.EXITED


def test_a_party_that_was_late_finds_the_date_in_its_inbox_and_comes_back(harbour: Harbour, sign_in: SignIn) -> None:
    case = harbour.open()
    own = harbour.joined(case)
    house = party(harbour, case, "Clearinghouse")
    early = now() - timedelta(days=10)
    until = now() + timedelta(days=30)
    coordination.propose(by=harbour.analyst, party=house.id, until=until, why="", at=early)
    coordination.turn(at=now())
    client = sign_in(harbour.maintainer)
    page(client, f"/cases/{case}/", 404)
    assert "Accept the date in force" in page(client, "/inbox/")
    assert "Overflow in curd" in press(client, f"/invitations/{own}/adhere/")


def test_capacity_is_stated_on_a_form_and_what_waits_is_counted(harbour: Harbour, sign_in: SignIn) -> None:
    client = sign_in(harbour.maintainer)
    address = "/inbox/vendor-a/capacity/"
    assert "nothing waits" in page(client, "/inbox/")
    typed: dict[str, Any] = {
        "open_at_once": "1",
        "per_week": "1",
        "quiet_weekdays": ["5", "6"],
        "quiet_dates": "2026-12-24 to 2027-01-02\n2027-05-01",
        "delivery": "digest",
    }
    for name, value, why in (
        ("open_at_once", "0", "greater than or equal to 1"),
        ("quiet_weekdays", ["0", "1", "2", "3", "4", "5", "6"], "at least one day"),
        ("quiet_dates", "Christmas", "is no stretch of days"),
        ("quiet_dates", "2026-13-45", "is no stretch of days"),
        ("quiet_dates", "2027-01-02 to 2026-12-24", "ends after it begins"),
        ("delivery", "pigeon", "Select a valid choice"),
    ):
        refused = client.post(address, {**typed, name: value})
        assert refused.status_code == 422
        assert why in refused.content.decode()
    text = press(client, address, **typed)
    assert "At most 1 case open at once and 1 new a week; nothing on Saturday, Sunday; nothing from 2026-12-24" in text
    said = coordination.capacity_of("vendor-a")
    assert said is not None
    assert (said.quiet_weekdays, len(said.quiet_dates)) == (frozenset({5, 6}), 2)
    assert "2027-05-01 to 2027-05-01" in page(client, address)
    case = harbour.open()
    harbour.invited(case)
    text = page(client, "/inbox/")
    assert "1 case waits until you have room" in text
    assert "curd" not in text
    assert party(harbour, case, "Vendor-A").place is Place.WAITING
    page(sign_in(harbour.other), address, 404)
    page(sign_in(harbour.analyst), address, 404)


def test_the_inbox_of_nobody_is_empty(harbour: Harbour, world: Any, sign_in: SignIn) -> None:
    assert "Inbox</a>" not in page(sign_in(harbour.analyst), "/")
    assert "Cases</a>" in page(sign_in(harbour.analyst), "/")
    coordination.state_capacity(
        by=harbour.maintainer, organisation="vendor-a", capacity=Capacity(2, 2), at=harbour.start
    )
    assert "At most 2 cases open at once" not in page(sign_in(harbour.other), "/inbox/")
