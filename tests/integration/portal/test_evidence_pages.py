"""The pages of campaigns and determinations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignState, Check, Item, Threshold
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import DeterminationState, Finding
from simulators.scripted_runner import ScriptedRunner
from simulators.staged_reviews import Reviews

SignIn = Callable[[Actor], Client]
LAB = ("governance", "security", "signatory")
BODY = ("intake", "evaluator", "authority", "authority2")


@pytest.fixture
def suite(world: Any) -> str:
    items = [
        Item(f"item-{i}", f"family-{i % 3}", "Say yes.", Check("word", equals="yes"), "yes", "no", 2.0)
        for i in range(12)
    ]
    made = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="pages", items=items)
    return benchmarks.register_suite(by=world.evaluator, suite=made, at=now())


@pytest.fixture
def campaign(world: Any, reviews: Reviews, suite: Any) -> str:
    """One that found the suite mean below the threshold."""
    made = benchmarks.plan_campaign(
        by=world.evaluator,
        review=reviews.consented,
        suite=suite,
        epochs=5,
        threshold=Threshold(suite, "suite-mean", 0.45, 0.55, 0.05),
        name="Single turn",
        seed="fixed",
        at=now(),
    )
    benchmarks.run_campaign(
        by=world.evaluator,
        campaign=made,
        base_url="http://127.0.0.1:9/v1",
        key="unused",
        concurrency=2,
        runner=ScriptedRunner(lambda cell, number: 0.0),
    )
    return made


@pytest.fixture
def determination(world: Any, reviews: Reviews, campaign: str) -> str:
    return determinations.draft(
        by=world.authority,
        review=reviews.consented,
        campaign=campaign,
        finding=Finding.NOT_COVERED,
        reasons="Far below the zone in every family.",
        at=now(),
    )


def test_an_evaluator_plans_a_campaign_and_is_told_how_to_run_it(
    world: Any, reviews: Reviews, suite: str, sign_in: SignIn
) -> None:
    client = sign_in(world.evaluator)
    typed = {"name": "First", "suite": suite, "epochs": 3, "low": 0.45, "high": 0.55, "alpha": 0.05}
    answer = client.post(f"/reviews/{reviews.consented}/campaigns/new/", typed, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "seatrial evaluator run campaign-" in page
    made = benchmarks.campaigns(world.evaluator, reviews.consented)[0]
    assert made.state is CampaignState.PLANNED
    refused = client.post(f"/reviews/{reviews.consented}/campaigns/new/", typed | {"low": 0.9})
    shown = re.search(r'hx-get="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "csrfmiddlewaretoken" in page
    assert client.get(shown).status_code == 204, "its form's token is new each time and nothing else is"
    assert refused.status_code == 422
    assert 'value="First"' in refused.content.decode()
    for who in (*LAB, "intake", "authority", "rival"):
        assert sign_in(getattr(world, who)).get(f"/reviews/{reviews.consented}/campaigns/new/").status_code == 404


def test_an_evaluator_has_a_planned_campaign_run_in_the_background(
    world: Any, reviews: Reviews, suite: str, sign_in: SignIn
) -> None:
    from django_tasks_db.models import DBTaskResult

    typed = {"name": "First", "suite": suite, "epochs": 3, "low": 0.45, "high": 0.55, "alpha": 0.05}
    sign_in(world.evaluator).post(f"/reviews/{reviews.consented}/campaigns/new/", typed)
    made = benchmarks.campaigns(world.evaluator, reviews.consented)[0]
    for who in (*LAB, "intake", "authority", "rival"):
        assert sign_in(getattr(world, who)).post(f"/campaigns/{made.id}/run/").status_code == 404
    assert DBTaskResult.objects.count() == 0
    answer = sign_in(world.evaluator).post(f"/campaigns/{made.id}/run/", follow=True)
    assert "Queued." in answer.content.decode()
    (job,) = DBTaskResult.objects.all()
    assert job.args_kwargs["kwargs"] == {"person": world.evaluator.person, "campaign": made.id}
    assert "stk-" not in str(job.args_kwargs)


def test_a_campaign_says_its_result_in_a_sentence_with_its_funnel_and_the_same_as_a_table(
    world: Any, campaign: str, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(world.evaluator)
    with django_assert_max_num_queries(30):
        answer = client.get(f"/campaigns/{campaign}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Below the threshold" in page
    assert page.count("<svg") == 2  # the funnel and the families
    assert not re.search(r"\sstyle=", page), "an inline style would be dropped by the policy"
    assert "The same as a table" in page
    assert "hx-get" not in page  # it has ended; nothing moves any more
    for who in BODY:
        assert sign_in(getattr(world, who)).get(f"/campaigns/{campaign}/").status_code == 200


@pytest.mark.parametrize("who", [*LAB, "rival"])
def test_a_campaign_is_the_bodys_working_paper(world: Any, campaign: str, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(world, who))
    assert client.get(f"/campaigns/{campaign}/").status_code == 404
    assert client.get(f"/campaigns/{campaign}/part/").status_code == 404


def test_an_authority_drafts_and_two_sign_and_it_is_shared_and_answered(
    world: Any, reviews: Reviews, campaign: str, sign_in: SignIn
) -> None:
    first, second, lab = sign_in(world.authority), sign_in(world.authority2), sign_in(world.signatory)
    typed = {"campaign": campaign, "finding": "not_covered", "reasons": "Far below the zone in every family."}
    drafted = first.post(f"/reviews/{reviews.consented}/determinations/new/", typed, follow=True)
    address = drafted.redirect_chain[-1][0]
    assert lab.get(address).status_code == 404
    first.post(f"{address}sign/")
    again = first.post(f"{address}sign/", follow=True)
    assert again.status_code in (200, 403)  # one person never counts for two
    second.post(f"{address}sign/")
    assert lab.get(address).status_code == 404
    assert "Shared with the developer" in first.post(f"{address}share/", follow=True).content.decode()
    shown = lab.get(address)
    assert shown.status_code == 200
    assert "Far below the zone" in shown.content.decode()
    words = "We agree, <b>mostly</b>."
    answered = lab.post(f"{address}statement/", {"text": words}, follow=True).content.decode()
    assert "We agree, &lt;b&gt;mostly&lt;/b&gt;." in answered
    made = determinations.determinations(world.signatory, reviews.consented)[0]
    assert made.state is DeterminationState.SHARED
    assert made.statement == words


@pytest.mark.parametrize("who", [*LAB, "intake", "evaluator", "rival"])
def test_drafting_signing_and_sharing_are_the_authoritys(
    world: Any, reviews: Reviews, determination: str, sign_in: SignIn, who: str
) -> None:
    client = sign_in(getattr(world, who))
    assert client.get(f"/reviews/{reviews.consented}/determinations/new/").status_code == 404
    for step in ("sign", "share"):
        assert client.post(f"/determinations/{determination}/{step}/").status_code in (403, 404)
    assert client.get(f"/determinations/{determination}/statement/").status_code == 404
    assert determinations.determination(world.authority, determination).state is DeterminationState.DRAFT


@pytest.mark.parametrize("who", [*LAB, "rival"])
def test_a_draft_determination_is_not_there_for_the_developer(
    world: Any, reviews: Reviews, determination: str, sign_in: SignIn, who: str
) -> None:
    client = sign_in(getattr(world, who))
    assert client.get(f"/determinations/{determination}/").status_code == 404
    listed = client.get(f"/reviews/{reviews.consented}/determinations/")
    assert determination not in listed.content.decode()


def test_a_memo_page_asks_a_bounded_number_of_times(
    world: Any, determination: str, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(world.authority)
    with django_assert_max_num_queries(50):
        page = client.get(f"/determinations/{determination}/").content.decode()
    assert page.count("<h1") == 1
    assert not re.search(r"\sstyle=", page)


def test_a_ladder_is_planned_on_the_page_and_read(world: Any, reviews: Reviews, suite: str, sign_in: SignIn) -> None:
    client = sign_in(world.evaluator)
    typed = {
        "name": "Three ways",
        "suite": suite,
        "epochs": 5,
        "low": 0.45,
        "high": 0.55,
        "alpha": 0.05,
        "several": "on",
    }
    answer = client.post(f"/reviews/{reviews.consented}/campaigns/new/", typed)
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Not decided: 0 of" in page
    assert "plain: one try" in page
    assert "seatrial ladder run" in page
    [made] = benchmarks.ladders(world.evaluator, reviews.consented)
    first = made.rungs[0]
    benchmarks.run_campaign(
        by=world.evaluator,
        campaign=first.id,
        base_url="http://127.0.0.1:9/v1",
        key="unused",
        concurrency=2,
        runner=ScriptedRunner(lambda cell, number: 1.0),
    )
    assert "Meets the threshold when asked this way" in client.get(answer["Location"]).content.decode()
    assert "Three ways" in client.get(f"/reviews/{reviews.consented}/campaigns/").content.decode()
    assert f"/ladders/{made.id}/" in client.get(f"/campaigns/{first.id}/").content.decode()
    assert sign_in(world.governance).get(answer["Location"]).status_code == 404
