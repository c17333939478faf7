"""V10: whether a lab has plans and memos changes nothing that anybody else is answered, anywhere.

Every page and every route is asked as the body, a rival lab, a partner, oversight and an operator of the instance,
before and after a lab plans, weighs and issues a calendar. The whole answers are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.rest.routes import api as rest
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import Entry, Heading, Move, Option, Progress, Weighing
from simulators.release_plans import PARTNER, usual
from simulators.staged_reviews import Reviews, at_every_stage

CANARY = "canary-5f2b"
CHANGING = re.compile(
    r'(?:csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"'  # made anew for every answer
    r"|\d+ (?:second|minute)s?(?: ago| left)?|\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?"  # the clock runs on
)
KINDS = {
    "partner": (OrganisationKind.PARTNER, Role.EVALUATOR),
    "oversight": (OrganisationKind.OVERSIGHT, Role.INSPECTOR),
}


@pytest.fixture
def people(world: Any) -> dict[str, Actor]:
    """One person of each kind, who is not of the lab."""
    found = {"body": world.intake, "authority": world.authority, "rival": world.rival}
    for key, (kind, role) in KINDS.items():
        parties.create_organisation(by=world.operator, name=key, kind=kind, at=world.start, id=f"org-{key}")
        parties.add_person(
            by=world.operator, name=key, email=f"{key}@x.example", password="rows a long boat",
            level=world.intake.level, at=world.start, id=f"person-{key}",
        )  # fmt: skip
        parties.give_role(
            by=world.operator, person=f"person-{key}", organisation=f"org-{key}", role=role, at=world.start
        )
        found[key] = parties.actor(f"person-{key}")
    return found


def weigh_and_plan(world: Any) -> dict[str, str]:
    """Everything that a lab's own desk can hold; all of its text carries the canary."""
    content = usual(title=CANARY, model=CANARY)
    plan = planning.make_plan(by=world.governance, developer=world.lab, plan=content, at=now())
    planning.mark_milestone(by=world.security, plan=plan, milestone="opening", progress=Progress.DONE, at=now())
    planning.move_plan(by=world.governance, plan=plan, move=Move(PARTNER - timedelta(days=3)), at=now())
    entry = Entry(Option.NOT, Heading.EXPOSURE, 5, CANARY)
    memo = planning.write_memo(
        by=world.governance, developer=world.lab, weighing=Weighing(CANARY, (entry,), CANARY), plan=plan, at=now()
    )
    return {"plan_id": plan, "memo_id": memo, "secret": planning.issue_feed(by=world.governance, plan=plan, at=now())}


def patterns(found: Any, before: str = "") -> Iterator[str]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern)


def addresses(world: Any, reviews: Reviews, made: dict[str, str]) -> list[str]:
    """Every address of the portal and the API, with what there is (or what there is not) in its places."""
    places = {
        "review_id": (reviews.draft, reviews.consented),
        "plan_id": (made["plan_id"],),
        "memo_id": (made["memo_id"],),
        "log": ("main", world.lab),
        "index": ("0",),
        "key": ("opening",),
        "form": ("md",),
        "part": ("now",),
        "progress": ("done",),
    }
    raw = set(patterns(get_resolver().url_patterns)) | {f"api/v1{path}" for path in rest.get_openapi_schema()["paths"]}
    found = []
    for route in sorted(raw):
        if route.startswith(("accounts/", "api/v1/api/", "static", "feeds", "^")):
            continue
        route = re.sub(r"[{<](?:\w+:)?(\w+)[}>]", r"{\1}", route.removeprefix("api/v1/api"))
        names = re.findall(r"\{(\w+)\}", route)
        names = [{"plan": "plan_id", "memo": "memo_id", "review": "review_id"}.get(name, name) for name in names]
        for choice in range(2):
            chosen = [places.get(name, ("nothing",)) for name in names]
            address = re.sub(r"\{\w+\}", "%s", route) % tuple(values[choice % len(values)] for values in chosen)
            seed = "?seed=the-same" if address.rstrip("/").endswith("oversight/sample") else ""  # else drawn anew
            found.append("/" + address.lstrip("/") + seed)
    more = ("/ledger/?log=lab-north", "/api/v1/ledger/entries?log=lab-north", "/api/v1/ledger/checkpoint?log=lab-north")
    return sorted({*found, *more})


def answers(actor: Actor, token: str, asked: list[str]) -> dict[str, tuple[int, str]]:
    browser, program = Client(), Client()
    if actor.person != "operator":
        browser.force_login(get_user_model().objects.get(pk=actor.person))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found = {}
    for address in asked:
        with transaction.atomic():  # rolled back: a copy of a case leaves an entry of whoever took it
            answer = program.get(address, headers=headers) if address.startswith("/api/") else browser.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        if answer.get("Content-Type") == "application/zip":
            content = b"a case file"  # sealed anew each time; what is in one is tested in its room
        found[address] = (answer.status_code, CHANGING.sub("", content.decode(errors="replace")))
    return found


@pytest.mark.parametrize("who", ["body", "authority", "rival", "partner", "oversight", "operator"])
def test_nobody_is_answered_otherwise_because_a_lab_plans_and_weighs(
    world: Any, people: dict[str, Actor], who: str
) -> None:
    reviews = at_every_stage(world)
    actor = people.get(who, world.operator)
    never = {"plan_id": "plan-0000000000000000", "memo_id": "engagement-0000000000000000"}
    asked = addresses(world, reviews, never)
    assert len(asked) > 60, "this test looks at too little"
    assert any("/plans/" in address for address in asked)
    token = parties.issue_token(by=actor, at=now()) if who != "operator" else ""  # leaves an entry of its own
    before, head = answers(actor, token, asked), ledger.head(world.lab)
    made = weigh_and_plan(world)
    assert ledger.head(world.lab) == head + 5
    after = answers(actor, token, asked)
    assert {address for address in asked if before[address] != after[address]} == set()

    # What is there answers as what is not.
    there = sorted({*addresses(world, reviews, made)} - {*asked})
    for address, (status, content) in answers(actor, token, there).items():
        plan, memo = made["plan_id"], made["memo_id"]
        bogus = address.replace(plan, never["plan_id"]).replace(memo, never["memo_id"])
        said = content.replace(plan, never["plan_id"]).replace(memo, never["memo_id"])
        assert (status, said) == after[bogus], address
        assert CANARY not in content


def test_no_query_of_the_room_tells_anybody_else_anything(world: Any, people: dict[str, Actor]) -> None:
    made = weigh_and_plan(world)
    theirs = planning.make_plan(by=world.rival, developer="lab-south", plan=usual(), at=now())
    for actor in (*people.values(), world.operator):
        rival = actor is world.rival
        assert [line.id for line in planning.plans(actor)] == ([theirs] if rival else [])
        assert planning.memos(actor) == ()
        assert planning.desks(actor) == (("lab-south",) if rival else ())
        for ask in (
            lambda by: planning.plan(by, made["plan_id"], now()),
            lambda by: planning.calendar(by, made["plan_id"], now()),
            lambda by: planning.memo(by, made["memo_id"]),
            lambda by: planning.memo(by, made["memo_id"], 1),
        ):
            with pytest.raises(Exception, match="that you may see"):
                ask(actor)
