"""The analyst's pages: the queue, a finding, its cluster, what people say, the flow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.parties.types import Actor
from simulators.judged_reports import clearinghouse, judge, reporting

SignIn = Callable[[Actor], Client]


@pytest.fixture
def analyst(world: Any) -> Actor:
    return clearinghouse(world.operator, world.start)


@pytest.fixture
def judged(world: Any, analyst: Actor) -> list[str]:
    report = reporting(world.start)
    reports = [report(title=f"<b>Bold</b> flaw {number}") for number in range(4)]
    for number, one in enumerate(reports):
        judge(one, world.start, Verdict.NEEDS_A_PERSON if number == 3 else Verdict.REPRODUCED, key=f"k{number // 2}")
    return reports


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_queue_has_one_line_a_flaw_in_its_order(analyst: Actor, judged: list[str], sign_in: SignIn) -> None:
    text = page(sign_in(analyst), "/findings/")
    assert [text.index(f"/findings/{report}/") for report in (judged[0], judged[2], judged[3])] == sorted(
        text.index(f"/findings/{report}/") for report in (judged[0], judged[2], judged[3])
    )
    assert f"/findings/{judged[1]}/" not in text
    assert "2 reports of it" in text
    assert "<b>Bold" not in text
    assert "That was the last one" in page(sign_in(analyst), f"/findings/?after={judged[3]}")


def test_a_finding_shows_what_was_seen_and_why_it_stands_there(
    analyst: Actor, judged: list[str], sign_in: SignIn
) -> None:
    client = sign_in(analyst)
    text = page(client, f"/findings/{judged[0]}/")
    for said in ("heap-buffer-overflow(write)", "decode.c:", "in 3 of 3 runs", "CVSS:4.0/AV:L", "exploitable"):
        assert said in text
    address = re.search(r"/judgements/[^/]+/transcript/", text)
    assert address is not None
    answer = client.get(address[0])
    assert answer.json()["report"] == judged[0]
    assert "attachment" in answer["Content-Disposition"]


def test_what_a_person_says_is_kept_with_its_reason_and_can_be_undone(
    analyst: Actor, judged: list[str], sign_in: SignIn
) -> None:
    client = sign_in(analyst)
    address = f"/findings/{judged[0]}/"
    bad = client.post(f"{address}point/", {"point": "exploitation", "value": "often", "reason": "x"})
    assert bad.status_code == 422
    assert "cannot be" in bad.content.decode()
    said = client.post(
        f"{address}point/", {"point": "exploitation", "value": "active", "reason": "Seen in logs."}, follow=True
    )
    assert "Seen in logs." in said.content.decode()
    both = {"other": judged[2], "which": "same", "reason": "One loop."}
    assert "Said." in client.post(f"{address}link/", both, follow=True).content.decode()
    cluster = f"/clusters/{cluster_name(judged[0])}/"
    text = page(client, cluster)
    assert "One loop." in text
    undo = re.search(rf"{cluster}decisions/[0-9]+/undo/", text)
    assert undo is not None
    assert "Undone by" in client.post(undo[0], follow=True).content.decode()
    assert len(triage.queue(analyst)) == 3


def test_the_flow_is_a_picture_with_words_and_a_table(analyst: Actor, judged: list[str], sign_in: SignIn) -> None:
    text = page(sign_in(analyst), "/findings/flow/")
    assert "<svg" in text
    assert "<desc>Over 30 days" in text
    assert "How old what waits is" in text


def test_others_see_nothing_of_it(world: Any, judged: list[str], sign_in: SignIn) -> None:
    client = sign_in(world.evaluator)
    assert "Nothing waits that you may see" in page(client, "/findings/")
    page(client, f"/findings/{judged[0]}/", 404)
    page(client, f"/clusters/{cluster_name(judged[0])}/", 404)
    assert "Findings</a>" not in page(client, "/")
