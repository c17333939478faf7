"""A browser walks the lab's and the evaluator's path on a real instance, and looks at every page.

The calls go through the real gateway to an endpoint on loopback, so that what the lab sees on its page is
what an evaluator did, and what a withdrawal ends is a key that worked a moment before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from simulators.scripted_model import Reply, ScriptedModel

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]


def call(gateway: str, key: str) -> int:
    """The status that a call with ``key`` gets."""
    asked = {"model": "north-8b", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(f"{gateway}/v1/chat/completions", json.dumps(asked).encode(), headers)
    try:
        with urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def soon(page: Page, text: str) -> None:
    """``text`` appears by itself where htmx is; where pages are plain, after a reload."""
    if not page.locator("script[src*=htmx]").count():
        page.reload()
    page.get_by_role("main").get_by_text(text).first.wait_for(timeout=15_000)


def tab_to(page: Page, name: str, most: int = 80) -> None:
    """Press Tab until what has the focus is called ``name``; its focus must be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || document.activeElement.value || '').trim()") == name:
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"{name!r} shows no focus"
            return
    raise AssertionError(f"{name!r} is not reached by keyboard")


def plan(page: Page, title: str) -> None:
    partner, public = (f"{now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (20, 40))
    page.get_by_role("link", name="Plan a review").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Model").fill("north-8b")
    page.get_by_label("Planned release to trusted partners (UTC)").fill(partner)
    page.get_by_label("Planned public release (UTC)").fill(public)
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("heading", name=title).wait_for()


def sign_consent(page: Page, upstream: str) -> None:
    page.get_by_role("link", name="Sign a consent").click()
    page.get_by_text(
        re.compile(r"^Emil Novak \(evaluator\); declared no interests on")
    ).click()  # the label: the box itself may be drawn by it
    page.get_by_text("Capability evaluation", exact=True).click()
    page.get_by_label("Address of your endpoint").fill(upstream)
    page.get_by_label("Artefact", exact=True).fill(digest(b"north-8b"))
    page.get_by_role("button", name="Sign for Northwind Lab").click()


def test_the_labs_path_from_plan_to_withdrawal(visit: Visit, instance: Any) -> None:
    with ScriptedModel(lambda prompt, number: Reply("Ahoy.")) as model:
        lena = visit("lena")
        plan(lena, "Northwind 8B")
        address = lena.url
        assert "Only Northwind Lab can see it" in lena.get_by_role("main").inner_text()
        stranger = visit("emil")
        assert stranger.goto(address).status == 404
        lena.get_by_role("button", name="Offer this review").click()
        lena.get_by_text("Offered. The review body can see it now.").wait_for()

        ruth = visit("ruth")
        ruth.goto(address)
        sign_consent(ruth, "http://127.0.0.1:1/nope?query=1")
        ruth.get_by_role("alert").wait_for()  # the rule's own sentence, and what was typed is still there
        assert ruth.get_by_label("Artefact", exact=True).input_value() == digest(b"north-8b")
        ruth.get_by_label("Address of your endpoint").fill(model.base_url)
        ruth.get_by_role("button", name="Sign for Northwind Lab").click()
        ruth.get_by_text(re.compile(r"\d+ days( \d+ hours?)? left")).wait_for()
        marco = visit("marco")
        marco.goto(address)
        marco.get_by_role("link", name="Store its key").click()
        marco.get_by_label("API key of your endpoint").fill("the lab's own key")
        marco.get_by_role("button", name="Store it").click()
        marco.get_by_text("Stored, sealed.").wait_for()

        emil = visit("emil")
        emil.goto(address)
        emil.get_by_role("link", name="Your access keys").click()
        emil.get_by_role("button", name="Issue a key").click()
        key = emil.locator("#secret").inner_text()
        assert call(instance.gateway, key) == 200
        assert model.keys == {"Bearer the lab's own key"}
        soon(marco, "chat/completions")
        assert marco.get_by_role("row", name=re.compile("Emil Novak.*Capability evaluation")).count() == 1

        tab_to(marco, "Withdraw")  # by keyboard alone from here
        marco.keyboard.press("Enter")
        marco.get_by_role("heading", name="What will happen").wait_for()
        assert call(instance.gateway, key) == 200  # looking at the page does nothing yet
        tab_to(marco, "Withdraw now")
        marco.keyboard.press("Enter")
        marco.get_by_text("No access: withdrawn").wait_for()
        assert call(instance.gateway, key) == 403
        soon(ruth, "No access: withdrawn")


def test_a_lab_records_its_release_whatever_else_is_going_on(visit: Visit, instance: Any) -> None:
    with ScriptedModel(lambda prompt, number: Reply("Ahoy.")) as model:
        ruth = visit("ruth")
        plan(ruth, "Northwind 9B")
        ruth.get_by_role("button", name="Offer this review").click()
        sign_consent(ruth, model.base_url)
        ruth.get_by_text(re.compile(r"left$")).wait_for()
        ruth.get_by_role("link", name="Record the release").click()
        assert "No reason is asked" in ruth.get_by_role("main").inner_text()
        ruth.get_by_role("button", name="Record the release now").click()
        ruth.get_by_text("No access: released").wait_for()
        ruth.get_by_role("link", name=re.compile("Receipt")).first.click()
        ruth.get_by_role("heading", name="The release was recorded").wait_for()
        with ruth.expect_download() as download:
            ruth.get_by_role("link", name="Download the receipt").click()
        assert json.loads(Path(download.value.path()).read_text())["inclusion"]


def test_the_evaluators_path_from_sign_in_to_the_memo_by_keyboard_where_it_begins(visit: Visit, instance: Any) -> None:
    page = visit()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(instance.people["emil"]["email"])
    page.keyboard.press("Tab")
    page.keyboard.type(instance.people["emil"]["password"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Welcome, Emil Novak").wait_for()
    page.get_by_role("link", name="Northwind 7B before partner release").first.click()
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="Single turn, no tools").click()
    page.get_by_text("Below the threshold").wait_for()
    assert page.locator("figure svg").count() == 2  # the funnel and the families
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("table", name="Mean and what is not ruled out").get_by_role("row").count() > 3
    page.goto(f"/reviews/{instance.ids['review']}/determinations/")
    page.get_by_role("link", name="Not covered").click()
    page.get_by_role("article").get_by_text("Dana Whitfield").first.wait_for()


def test_the_developer_reads_the_memo_and_attaches_its_own_words(visit: Visit, instance: Any) -> None:
    page = visit("ruth")
    page.goto(f"/determinations/{instance.ids['determination']}/")
    page.get_by_role("link", name="Attach your statement").click()
    page.get_by_label("Your statement").fill("We agree with the method <b>as it stands</b>.")
    page.get_by_role("button", name="Attach it").click()
    page.get_by_role("article").get_by_text("We agree with the method <b>as it stands</b>.").wait_for()


def test_without_scripts_every_step_is_a_plain_form(visit: Visit, instance: Any) -> None:
    page = visit("lena", java_script_enabled=False)
    plan(page, "Northwind without scripts")
    page.get_by_role("button", name="Offer this review").click()
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw now").click()
    assert page.get_by_text("No access: withdrawn").count() == 1


def test_a_section_of_the_dossier_is_written_without_scripts(visit: Visit, instance: Any, shots: Path) -> None:
    page = visit("lena", java_script_enabled=False)
    page.goto(f"/reviews/{instance.ids['review']}/dossier/sections/evaluations/")
    page.get_by_role("button", name="Add an evaluation").click()
    fresh = page.locator('details[id="s.1"]')
    assert fresh.get_attribute("open") is not None
    fresh.get_by_label("Title").first.fill("A second smoke test")
    fresh.get_by_label("Result", exact=True).fill("much")
    fresh.get_by_label("What was measured, paragraph 1", exact=True).fill("Whether it answers at all.")
    fresh.get_by_label("Marking of what was measured, paragraph 1").select_option("trade-secret")
    page.get_by_role("button", name="Keep this section").first.click()
    page.get_by_role("heading", name="Not kept yet").wait_for()
    page.get_by_role("link", name="evaluation 2, Result: this must be a number").wait_for()
    page.set_viewport_size({"width": 360, "height": 900})
    page.screenshot(path=shots / "lena-dossier-section-faults-360.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.screenshot(path=shots / "lena-dossier-section-faults-1280.png", full_page=True)
    fresh.get_by_label("Key").first.fill("smoke-2")
    fresh.get_by_label("Result", exact=True).fill("0.95")
    page.get_by_role("button", name="Keep this section").first.click()
    page.get_by_text("Our own evaluations: kept as version").wait_for()
    page.get_by_text("Whether it answers at all.").wait_for()


def test_an_advisory_says_while_one_writes_what_is_missing(visit: Visit, instance: Any, shots: Path) -> None:
    page = visit("mina")
    page.goto(f"/cases/{instance.ids['case']}/")
    page.get_by_role("button", name="Draft a further advisory").click()
    page.get_by_text("Drafted from the case").wait_for()
    live = bool(page.locator("script[src*=htmx]").count())
    title = page.get_by_label("Title").first
    kept = title.input_value()
    title.fill("x")
    beside = page.locator("#said-a-title")
    if live:
        beside.get_by_text("Give the advisory a title").wait_for()
        assert page.evaluate("document.activeElement.id") == "a.title"  # nothing moved under the hands
        page.get_by_role("link", name="Give the advisory a title").wait_for()
        title.fill(kept)
        beside.get_by_text("Give the advisory a title").wait_for(state="detached")
        assert beside.inner_text() == ""
    title.fill(kept)
    page.get_by_role("button", name="Add a reference").click()
    page.locator('details[id="a.references.0"]').get_by_label("Address").fill("ftp://dairy.example/")
    tab_to(page, "Remove this reference")
    if live:
        page.locator("#said-a-references-0-url").get_by_text("A reference is an address").wait_for()
    page.set_viewport_size({"width": 360, "height": 900})
    page.screenshot(path=shots / "mina-advisory-gaps-360.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.screenshot(path=shots / "mina-advisory-gaps-1280.png", full_page=True)
    page.get_by_role("button", name="Keep", exact=True).last.click()
    page.get_by_text(re.compile(r"Kept\. \d gaps? left\.")).wait_for()


def test_without_scripts_an_advisory_is_written_with_plain_buttons(visit: Visit, instance: Any) -> None:
    page = visit("mina", java_script_enabled=False)
    page.goto(f"/advisories/writing/{instance.ids['draft']}/edit/")
    page.get_by_role("button", name="Add a person to thank").click()
    fresh = page.locator("details[id^='a.credits.']").last
    assert fresh.get_attribute("open") is not None
    assert "Name whom to thank" in fresh.inner_text()
    fresh.get_by_label("Name").first.fill("Fay Finder")
    page.get_by_role("button", name="Keep", exact=True).last.click()
    page.get_by_text(re.compile(r"Kept\.")).wait_for()
    assert "Fay Finder" in page.get_by_role("main").inner_text()


PAGES: dict[str | None, tuple[str, ...]] = {
    None: (
        "/advisories/",
        "/patches/",
        "/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/reports/",
        "/reports/follow/",
        "/ledger/",
        "/notices/unsubscribe/notice-1.x/",
        "/nothing/here/",
        "/join/{join}/",
        "/join/never-was/",
        "/policies/",
        "/policies/model-review-office/2026-06/",
        "/found/",
    ),
    "ruth": (
        "/",
        "/reviews/",
        "/accounts/password/change/",
        "/reviews/new/",
        "/reviews/{review}/",
        "/reviews/{review}/uses/",
        "/reviews/{review}/consent/",
        "/reviews/{review}/consent/narrow/",
        "/reviews/{review}/dates/",
        "/reviews/{review}/withdraw/",
        "/reviews/{review}/release/",
        "/reviews/{review}/close/",
        "/reviews/{review}/partners/",
        "/reviews/{review}/partners/harbour-trust/terms/",
        "/reviews/{review}/handed-over/",
        "/reviews/{review}/handed-over/new/",
        "/reviews/{review}/leak/",
        "/reviews/{leaked}/",
        "/reviews/{leaked}/handed-over/",
        "/reviews/{review}/credential/",
        "/reviews/{review}/dossier/",
        "/reviews/{review}/dossier/exports/",
        "/reviews/{review}/dossier/sections/model/",
        "/reviews/{review}/dossier/sections/evaluations/",
        "/reviews/{review}/dossier/file/",
        "/reviews/{review}/dossier/changes/?old=1&new=2",
        "/reviews/{review}/dossier/twin/?audience=public",
        "/reviews/{review}/identity/",
        "/reviews/{review}/identity/declare/",
        "/reviews/{review}/identity/bring/",
        "/reviews/{review}/identity/statement/",
        "/fingerprints/{changed}/",
        "/reviews/{review}/determinations/",
        "/determinations/{determination}/",
        "/reviews/{review}/threads/",
        "/reviews/{review}/threads/new/",
        "/reviews/{review}/threads/note/",
        "/reviews/{review}/timeline/",
        "/reviews/{review}/seen/",
        "/reviews/{review}/case/",
        "/threads/{thread}/",
        "/threads/{note}/",
        "/threads/{open}/",
        "/ledger/",
        "/ledger/?log=northwind-lab",
        "/notices/",
        "/ledger/main/0/",
    ),
    "emil": (
        "/",
        "/reviews/{review}/",
        "/reviews/{review}/keys/",
        "/reviews/{review}/identity/",
        "/reviews/{review}/identity/fingerprint/",
        "/fingerprints/{opening}/",
        "/reviews/{review}/campaigns/",
        "/reviews/{review}/campaigns/new/",
        "/campaigns/{campaign}/",
        "/reviews/{review}/dossier/",
    ),
    "dana": (
        "/",
        "/duties/",
        "/reviews/{review}/handed-over/",
        "/reviews/{leaked}/handed-over/",
        "/reviews/{review}/determinations/new/",
        "/determinations/{determination}/",
        "/determination-requests/",
        "/determination-requests/{waiting}/",
        "/determination-requests/{waiting}/answer/",
        "/determination-requests/{asked}/answer/",
        "/determination-requests/{waiting}/draft/",
        "/determination-requests/{waiting}/consultations/new/",
        "/reviews/{review}/consultations/new/",
        "/determinations/{on_documents}/",
        "/determinations/{on_documents}/?twin=1",
    ),
    "ines": (
        "/",
        "/determination-requests/{waiting}/",
        "/notices/",
        "/reviews/{review}/threads/",
        "/reviews/{review}/threads/ask/",
        "/threads/{thread}/",
        "/threads/{open}/",
    ),
    "petra": (
        "/",
        "/organisations/northwind-lab/",
        "/organisations/northwind-lab/invite/",
        "/organisations/northwind-lab/people/marco/",
        "/organisations/northwind-lab/people/marco/remove/",
        "/join/{join}/",
    ),
    "lena": (
        "/determination-requests/",
        "/determination-requests/new/",
        "/determination-requests/{asked}/",
        "/determination-requests/{unasked}/",
        "/determination-requests/{unasked}/edit/",
        "/determination-requests/{waiting}/withdraw/",
        "/determination-requests/{waiting}/close/",
        "/plans/",
        "/plans/new/",
        "/plans/{plan}/",
        "/plans/{plan}/what-if/",
        "/plans/{plan}/what-if/?partner=2026-12-20T09:00&public=2027-02-06T09:00&milestone=legal-terms&length=9",
        "/plans/{plan}/edit/",
        "/plans/{plan}/review/",
        "/plans/{plan}/milestones/new/",
        "/plans/{plan}/milestones/opening/write/",
        "/engagements/new/",
        "/engagements/{memo}/",
        "/engagements/{memo}/write/",
        "/organisations/northwind-lab/",
        "/organisations/northwind-lab/delegate/",
        "/declarations/",
    ),
    "hana": (
        "/",
        "/shared/",
        "/duties/",
        "/reviews/{review}/handed-over/",
        "/organisations/harbour-trust/",
        "/declarations/",
        "/declarations/northwind-lab/",
    ),
    "mina": (
        "/",
        "/findings/",
        "/findings/flow/",
        "/findings/{finding}/",
        "/findings/{finding}/point/",
        "/findings/{finding}/link/",
        "/clusters/{cluster}/",
        "/findings/{free}/case/",
        "/cases/",
        "/cases/{case}/",
        "/cases/{case}/say/",
        "/cases/{case}/invite/",
        "/cases/{case}/terminate/",
        "/cases/{lone}/close/",
        "/cases/{case}/parties/{house}/answer/",
        "/members/",
        "/members/add/",
        "/advisories/writing/",
        "/advisories/writing/{draft}/",
        "/advisories/writing/{draft}/edit/",
        "/advisories/writing/{written}/",
        "/advisories/writing/{written}/edit/",
        "/advisories/writing/{written}/as/html/",
        "/advisories/writing/{written}/submit/",
    ),
    "marco": (
        "/portfolio/",
        "/scanning/",
        "/scanning/register/",
    ),
    "vera": (
        "/",
        "/inbox/",
        "/inbox/curd-project/capacity/",
        "/invitations/{invited}/join/",
        "/cases/{case}/",
        "/cases/{case}/attacks/",
        "/cases/{case}/parties/{vendor}/propose/",
    ),
    "nils": (
        "/",
        "/exposures/",
        "/exposures/?show=over",
        "/exposures/lasting/",
        "/exposures/{exposure}/",
        "/exposures/brackwater/pace/",
        "/inventories/",
        "/inventories/add/",
        "/inventories/{inventory}/",
    ),
    "iris": (
        "/",
        "/reviews/",
        "/oversight/",
        "/oversight/reviews/{review}/",
        "/oversight/sample/?n=5&seed=walk",
        "/reviews/{review}/case/",
    ),
}


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "anybody")
def test_every_page_passes_axe_fits_a_phone_and_is_pictured(
    visit: Visit, instance: Any, shots: Path, who: str | None
) -> None:
    from axe_core_python.sync_playwright import Axe

    page = visit(who)
    found: list[str] = []
    for address in PAGES[who]:
        path = address.format(**instance.ids)
        answer = page.goto(path)
        if answer is None or answer.status >= 500:
            found.append(f"{path} answers {answer and answer.status}")
        for width in (1280, 360, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{path} is {wide} px wide on a screen of {width}")
            if width != 320:
                name = re.sub(r"[^a-z0-9]+", "-", f"{who or 'anybody'} {address}".lower()).strip("-")
                page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
        for violation in Axe().run(page)["violations"]:
            found.append(f"{path}: {violation['id']} at {violation['nodes'][0]['html'][:200]}")
    assert found == []
