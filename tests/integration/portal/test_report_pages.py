"""Reporting through the portal: with files, with an account, many at once, and taken back by its code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ReportState
from seatrial.parties.types import ANYONE

SignIn = Callable[[Any], Client]
WORDS = {
    "title": "Heap overflow in x",
    "description": "It writes past its end on long input.",
    "product": "x",
    "tlp": "AMBER",
}


def test_a_stranger_sends_files_follows_and_withdraws(world: Any) -> None:
    files = [SimpleUploadedFile("ä.png", b"\x89PNG"), SimpleUploadedFile("log.txt", b"==1==ERROR")]
    page = Client().post("/reports/", {**WORDS, "attached": files}).content.decode()
    code = re.search(r'id="code">([^<]+)<', page)
    assert code is not None
    assert [file.name for file in findings.follow(code[1]).attachments] == ["log.txt", "ä.png"]
    followed = Client().post("/reports/follow/", {"code": code[1]}).content.decode()
    assert "ä.png" in followed
    assert "Withdraw" in followed
    gone = Client().post("/reports/follow/", {"code": code[1], "withdraw": "1"}).content.decode()
    assert "ä.png" not in gone
    assert findings.follow(code[1]).state is ReportState.WITHDRAWN
    again = Client().post("/reports/", WORDS).content.decode()
    assert 'id="code"' in again  # without the files it is another report
    assert "came before" in Client().post("/reports/", WORDS).content.decode()


def test_two_files_of_one_name_are_an_objection_on_the_form(world: Any) -> None:
    twice = [SimpleUploadedFile("a", b"1"), SimpleUploadedFile("a", b"2")]
    page = Client().post("/reports/", {**WORDS, "attached": twice})
    assert page.status_code == 422
    assert "Two files have the same name" in page.content.decode()
    assert "needs at least 20" in Client().post("/reports/", {**WORDS, "description": "short"}).content.decode()


def test_with_an_account_reports_are_ones_own(world: Any, sign_in: SignIn) -> None:
    lab = sign_in(world.governance)
    assert "your reports" in lab.post("/reports/", WORDS).content.decode()
    (line,) = findings.mine(world.security)
    listed = sign_in(world.security).get("/portfolio/").content.decode()
    assert f"/reports/{line.id}/" in listed
    assert "Withdraw" in lab.get(f"/reports/{line.id}/").content.decode()
    assert sign_in(world.rival).get(f"/reports/{line.id}/").status_code == 404
    assert sign_in(world.rival).post(f"/reports/{line.id}/withdraw/").status_code == 404
    assert lab.post(f"/reports/{line.id}/withdraw/").status_code == 302
    assert findings.report(world.governance, line.id).state is ReportState.WITHDRAWN
    assert Client().get("/portfolio/").status_code == 302


def test_a_file_of_reports_has_a_result_for_each(world: Any, sign_in: SignIn) -> None:
    short = {name: value for name, value in WORDS.items() if name != "tlp"}
    data = json.dumps([short, {**short, "version": "2"}, {"title": "<script>"}]).encode()

    def send(client: Client, data: bytes) -> Any:
        return client.post("/reports/many/", {"reports": SimpleUploadedFile("r.json", data), "tlp": "GREEN"})

    page = send(Client(), data).content.decode()
    assert "2 taken, 0 known already, 1 refused." in page
    codes = re.findall(r"portal-secret\">([^<]+)<", page)
    assert [findings.follow(code).document["tlp"] for code in codes] == ["GREEN", "GREEN"]
    assert "<script>" not in page
    assert "2 known already" in send(Client(), data).content.decode()
    lab = send(sign_in(world.governance), data).content.decode()
    assert "portal-secret" not in lab
    assert len(findings.mine(world.governance)) == 2
    refused = send(Client(), b"<xml/>")
    assert (refused.status_code, "not valid JSON" in refused.content.decode()) == (422, True)
    assert findings.mine(ANYONE) == ()
