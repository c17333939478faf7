"""Advisories being written, as analysts see them: from a case over the editor to what is published and withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form, Tlp
from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from seatrial.portal.pages import advisory_form as typing_in
from simulators.harbour import Harbour, furnished
from simulators.issues import CONTENT, HOSTILE

SignIn = Callable[[Actor], Client]


@pytest.fixture
def harbour(world: Any) -> Harbour:
    """Its embargoes are over."""
    return furnished(world, now() - timedelta(days=60))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def press(client: Client, address: str, status: int = 200, **typed: Any) -> str:
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def drafted(harbour: Harbour, client: Client) -> str:
    case = harbour.open()
    assert "/advisory/" in page(client, f"/cases/{case}/")
    text = press(client, f"/cases/{case}/advisory/")
    assert "Drafted from the case" in text
    return next(iter(advisories.advisories(harbour.analyst))).id


def typed(view: Any, content: Any = CONTENT, **more: str) -> dict[str, str]:
    table = typing_in.table_of(advisories.content_document(content), {})
    return {**table, "version": str(view.version), "do": "keep", **more}


def read(harbour: Harbour, one: str) -> Any:
    return advisories.advisory(harbour.analyst, one, now())


def test_from_a_case_to_a_page_that_everybody_reads_and_back(harbour: Harbour, sign_in: SignIn) -> None:
    writer, other = sign_in(harbour.analyst), sign_in(harbour.second())
    made = drafted(harbour, writer)
    here = f"/advisories/writing/{made}/"
    view = read(harbour, made)
    assert "What is missing" in page(writer, here)
    assert "submit" not in read(harbour, made).may
    text = press(writer, f"{here}edit/", **typed(view, a_changed=""))
    assert "Kept. Nothing is missing." in text
    assert read(harbour, made).content == CONTENT
    for form in Form:
        seen = writer.get(f"{here}as/{form.value}/")
        assert seen.status_code == 200
        assert (seen["Content-Type"].startswith("text/html")) == (form is Form.HTML)
    assert "Waits for a second person" in press(writer, f"{here}submit/", version=read(harbour, made).version)
    assert "publish" not in re.findall(rf'"{here}([a-z]+)/"', page(writer, here))
    assert "everybody; the case is public with it" in page(other, f"{here}publish/")
    assert "changed this advisory meanwhile" in press(other, f"{here}publish/", 422, version=1)
    assert read(harbour, made).state is AdvisoryState.SUBMITTED
    assert "Published." in press(other, f"{here}publish/", version=read(harbour, made).version)
    assert CONTENT.title in page(Client(), f"/advisories/{view.tracking}/")
    assert "A revision is begun." in press(writer, f"{here}revise/", version=read(harbour, made).version)
    revised = typed(read(harbour, made), replace(CONTENT, title="Overflow in curd, once more"))
    press(writer, f"{here}edit/", **revised, **{"a.changed": "A title that says more."})
    assert "A title that says more." in page(writer, f"{here}edit/")
    assert "is shown this" in page(writer, f"{here}withdraw/")
    press(writer, f"{here}withdraw/", 422, why="")
    assert "Withdrawn" in press(writer, f"{here}withdraw/", why="It was no flaw.")
    assert read(harbour, made).state is AdvisoryState.WITHDRAWN
    page(writer, f"{here}edit/", 404)


def test_given_back_it_says_why(harbour: Harbour, sign_in: SignIn) -> None:
    writer, other = sign_in(harbour.analyst), sign_in(harbour.second())
    made = drafted(harbour, writer)
    here = f"/advisories/writing/{made}/"
    press(writer, f"{here}edit/", **typed(read(harbour, made)))
    press(writer, f"{here}submit/", version=read(harbour, made).version)
    page(writer, f"{here}edit/", 404)
    press(other, f"{here}return/", why="The range is <wrong>.")
    assert "The range is &lt;wrong&gt;." in page(writer, here)


def test_what_is_typed_is_checked_without_being_kept(harbour: Harbour, sign_in: SignIn) -> None:
    writer = sign_in(harbour.analyst)
    made = drafted(harbour, writer)
    before = read(harbour, made)
    bad = replace(CONTENT, title="", flaws=(replace(CONTENT.flaws[0], cve="CVE-1"), CONTENT.flaws[1]))
    answer = press(writer, f"/advisories/writing/{made}/check/", **typed(before, bad, shown="a.summary"))
    assert "2 gaps" in answer
    assert 'id="said-a-title" hx-swap-oob="true">Give the advisory a title' in answer
    assert 'id="said-a-flaws-0-cve" hx-swap-oob="true">A CVE id reads' in answer
    assert 'id="said-a-summary" hx-swap-oob="true"></div>' in answer  # what stood there is mended
    assert 'value="a.flaws.0.cve a.title"' in answer
    assert "Nothing is missing" in press(writer, f"/advisories/writing/{made}/check/", **typed(before))
    assert "at most" in press(writer, f"/advisories/writing/{made}/check/", **typed(before, **{"a.title": "x" * 501}))
    assert read(harbour, made) == before


def test_what_was_typed_stays_when_somebody_else_was_faster(harbour: Harbour, sign_in: SignIn) -> None:
    writer = sign_in(harbour.analyst)
    made = drafted(harbour, writer)
    here, before = f"/advisories/writing/{made}/edit/", read(harbour, made)
    press(writer, here, **typed(before))
    text = press(writer, here, 422, **typed(before, replace(CONTENT, title="My own title")))
    assert "What you typed stands below" in text
    assert 'value="My own title"' in text
    assert read(harbour, made).content.title == CONTENT.title
    added = press(writer, here, **typed(before) | {"do": "add:a.products"})
    assert 'id="a.products.3"' in added
    assert len(read(harbour, made).content.products) == 3  # a button of the form keeps nothing


def test_hostile_words_are_words_and_readers_are_named_as_people_do(harbour: Harbour, sign_in: SignIn) -> None:
    writer = sign_in(harbour.analyst)
    made = drafted(harbour, writer)
    here = f"/advisories/writing/{made}/"
    content = replace(CONTENT, title=HOSTILE, summary=HOSTILE, tlp=Tlp.AMBER)
    press(writer, f"{here}edit/", **typed(read(harbour, made), content, **{"a.audience": "VENDOR-A\nvendor-b"}))
    for address in (here, f"{here}edit/", "/advisories/writing/"):
        assert "<script>alert(1)" not in page(writer, address)
    assert read(harbour, made).content.audience == ("vendor-a", "vendor-b")


def test_who_is_no_analyst_finds_nothing(harbour: Harbour, sign_in: SignIn) -> None:
    made = drafted(harbour, sign_in(harbour.analyst))
    for other in (harbour.maintainer, harbour.lab):
        client = sign_in(other)
        assert "None yet." in page(client, "/advisories/writing/")
        for address in ("", "edit/", "as/html/", "submit/", "publish/"):
            page(client, f"/advisories/writing/{made}/{address}", 404)
        assert client.post(f"/advisories/writing/{made}/check/").status_code == 404
        assert "Advisories being written" not in page(client, "/advisories/")
