"""Members over HTTP, with the client and on pages."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from seatrial.clearinghouse.members import api as members
from seatrial.client import Seatrial
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.rest.local import InProcess
from simulators.harbour import Harbour
from simulators.provider import Provider

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(person: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=person))
    return client


def test_the_client_adds_shows_and_ends(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    client = Seatrial.over(InProcess(harbour.analyst))
    made = client.members.add(dairy.url, name="dairy", keys=[dairy.fingerprint.lower()])
    assert (made.name, made.keys, made.read_at) == ("dairy", (dairy.fingerprint,), None)
    assert client.members.show("dairy") == made
    assert client.members.list() == (made,)
    assert client.members.faults("dairy") == ()
    with pytest.raises(Misuse, match="cannot be a feed"):
        client.members.add("ftp://dairy.example/")
    with pytest.raises(NotFound):
        Seatrial.over(InProcess(harbour.lab)).members.show("dairy")
    client.members.end("dairy")
    assert client.members.list() == ()
    assert [one.name for one in client.members.list(ended=True)] == ["dairy"]


def test_the_page_adds_a_member_and_tells_what_is_wrong(harbour: Harbour, dairy: Provider) -> None:
    bad = dairy.put("DAIRY-1")
    dairy.put("DAIRY-2")
    dairy.resign(bad, b"{}")
    client = signed_in("ann")
    assert "None yet." in client.get("/members/").content.decode()
    refused = client.post("/members/add/", {"url": "http://127.0.0.1:9/", "mirror": "on"})
    assert refused.status_code == 422
    assert "could not be read" in refused.content.decode()
    answer = client.post("/members/add/", {"url": dairy.url, "name": "dairy", "mirror": "on"}, follow=True)
    assert "It is followed from now on" in answer.content.decode()
    [view] = members.members(harbour.analyst)
    members.follow(view.id)
    text = client.get(f"/members/{view.id}/").content.decode()
    assert "does not say that it is CSAF" in text
    assert dairy.fingerprint in text
    assert "1 could not be" in client.get("/members/").content.decode()
    assert signed_in("mia").get(f"/members/{view.id}/").status_code == 404
    assert signed_in("mia").get("/members/add/").status_code == 404
    assert "Members whose advisories are mirrored" in client.get("/advisories/").content.decode()
    client.post(f"/members/{view.id}/end/")
    assert "None yet." in client.get("/members/").content.decode()
