"""What anybody sees without an account, and how errors look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from seatrial.clearinghouse.findings import api as findings
from seatrial.ledger import api as ledger

REPORT = {
    "title": "Crash when a PNG is cut",
    "product": "imgtool",
    "version": "1.2",
    "description": "A truncated file makes it read past the end of a buffer.",
    "finder": "Robin",
    "tlp": "AMBER",
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/reports/", "/reports/follow/", "/ledger/"])
def test_a_visitor_gets_a_whole_page_under_a_strict_policy(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<html lang="en">' in page
    assert 'href="#main"' in page
    assert "<main " in page
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/reviews/", "/reviews/new/", "/reviews/review-x/", "/determinations/det-x/"])
def test_a_visitor_is_asked_to_sign_in_for_everything_else(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_nobody_makes_their_own_account(client: Client) -> None:
    answer = client.get("/accounts/signup/")
    assert answer.status_code == 200
    assert "By invitation" in answer.content.decode()


@pytest.mark.parametrize("address", ["/accounts/password/reset/", "/accounts/logout/"])
def test_what_remains_of_the_account_pages_wears_the_same_dress(client: Client, address: str) -> None:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert "portal-header" in answer.content.decode()


def test_a_report_is_taken_without_an_account_and_followed_by_its_code(client: Client) -> None:
    answer = client.post("/reports/", REPORT)
    page = answer.content.decode()
    assert answer.status_code == 200
    code = page.split('id="code">')[1].split("<")[0]
    assert findings.follow(code).title == REPORT["title"]
    followed = client.post("/reports/follow/", {"code": code}).content.decode()
    assert "Received" in followed
    assert REPORT["description"] in followed
    assert code not in json.dumps(dict(client.session.items()))


def test_a_report_that_lacks_something_is_mended_on_the_form_with_its_words_kept(client: Client) -> None:
    answer = client.post("/reports/", REPORT | {"title": "short", "product": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Error: Report a vulnerability" in page
    assert REPORT["description"] in page
    assert 'id="id_product_error"' in page
    refused = client.post("/reports/", REPORT | {"title": "short"})
    assert refused.status_code == 422
    assert "title needs at least 8 characters" in refused.content.decode()


def test_an_unknown_code_is_said_beside_the_field(client: Client) -> None:
    answer = client.post("/reports/follow/", {"code": "aaaaa-bbbbb-ccccc-ddddd-eeeee"})
    assert answer.status_code == 422
    assert "No report belongs to this receipt code" in answer.content.decode()


def test_the_public_ledger_shows_open_entries_the_key_and_a_checkpoint(world: object, client: Client) -> None:
    page = client.get("/ledger/").content.decode()
    assert "policy.published" in page
    assert "organisation.created" not in page
    assert ledger.public_key() in page
    assert client.get("/ledger/key").content.decode().strip() == ledger.public_key()


def test_a_downloaded_receipt_verifies_offline(world: object, client: Client) -> None:
    page = client.get("/ledger/?kind=policy").content.decode()
    address = page.split('href="/ledger/main/')[1].split("/")[0]
    answer = client.get(f"/ledger/main/{address}/receipt.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    proven = ledger.verify_receipt(answer.json(), ledger.public_key())
    assert proven.kind == "policy.published"


@pytest.mark.parametrize(
    "address", ["/ledger/lab-north/", "/ledger/?log=lab-north", "/ledger/main/0/", "/ledger/nowhere/0/receipt.json"]
)
def test_a_log_or_an_entry_of_others_is_simply_not_there(world: object, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/nothing/here/", "/reviews/a%00b/", "/ledger/main/99999999/", f"/ledger/main/{10**22}/"]
)
def test_what_does_not_exist_is_a_calm_page(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.content.decode()


@pytest.mark.parametrize("query", [f"before={10**30}", "before=-1", "before=x", "kind=%00", "kind=zzz", "log="])
def test_odd_questions_to_the_ledger_get_a_page(world: object, client: Client, query: str) -> None:
    assert client.get(f"/ledger/?{query}").status_code == 200


def test_a_defect_is_a_page_without_a_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(ledger, "entries", broken)
    answer = client.get("/ledger/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong" in page
    assert "secret of the inside" not in page
    assert "Traceback" not in page


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/reports/", REPORT)
    assert answer.status_code == 403
    assert "Please send that again" in answer.content.decode()


def test_personas_are_listed_only_where_the_demo_has_run(client: Client) -> None:
    file: Path = settings.SEATRIAL.home / "demo" / "personas.json"
    assert "Who you can be" not in client.get("/accounts/login/").content.decode()
    file.parent.mkdir(parents=True, exist_ok=True)
    person = {"name": "Lena Varga", "email": "lena@lab.example", "roles": "governance", "job": "plans"}
    file.write_text(json.dumps([person | {"password": "never-shown-here"}]))
    try:
        page = client.get("/accounts/login/").content.decode()
    finally:
        file.unlink()
    assert "Lena Varga" in page
    assert "lena@lab.example" in page
    assert "never-shown-here" not in page


def test_a_person_signs_in_and_out(world: object, client: Client) -> None:
    wrong = client.post("/accounts/login/", {"login": "gwen@lab-north.example", "password": "no such password"})
    assert wrong.status_code == 200
    assert 'id="objections"' in wrong.content.decode()
    right = client.post("/accounts/login/", {"login": "gwen@lab-north.example", "password": "gwen rows a long boat"})
    assert right.status_code == 302
    home = client.get("/")
    assert "Gwen Governance" in home.content.decode()
    assert home.headers["Cache-Control"] == "no-store"
    assert client.post("/accounts/logout/").status_code == 302
    assert "Gwen Governance" not in client.get("/").content.decode()
