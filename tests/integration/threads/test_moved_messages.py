"""Questions and answers kept before threads existed become threads, each answer in its question's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from seatrial.kernel.clock import now
from seatrial.review.cases.types import RequestState
from seatrial.review.threads import api as threads
from simulators.staged_reviews import consented


@pytest.mark.slow
def test_messages_become_threads_and_nothing_is_lost(durable_world: Any) -> None:
    review = consented(durable_world, "From before")
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] in ("cases", "threads", "dossiers")]
    before = executor.migrate([("threads", "0001_initial"), ("cases", "0002_requests")])
    try:
        message, at = before.apps.get_model("cases", "MessageRow"), now()
        for number, (by, text, question) in enumerate(
            [
                ("ina", "First?", True),
                ("eva", "Second,\n" + "very long, " * 20, True),
                ("gwen", "One.", False),
                ("ina", "Third?", True),
                ("gwen", "Two.", False),
            ]
        ):
            moment = at + timedelta(minutes=number)
            message.objects.create(review_id=review, at=moment, by_id=by, text=text, question=question)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    moved = threads.threads(durable_world.governance, review, now()).threads
    states = {thread.subject[:6]: thread.state for thread in moved}
    assert states == {
        "First?": RequestState.ANSWERED,
        "Second": RequestState.ANSWERED,
        "Third?": RequestState.OPEN,
    }
    said = {
        thread.subject[:6]: [(post.text[:6], post.by, post.answers) for post in _posts(durable_world, thread.id)]
        for thread in moved
    }
    assert said["First?"] == [("One.", "Gwen Governance", True), ("First?", "Ina Intake", False)]
    assert said["Second"][0] == ("Two.", "Gwen Governance", True)
    assert [len(thread.subject) <= 80 for thread in moved] == [True] * 3
    threads.answer(by=durable_world.governance, thread=moved[0].id, text="Three.", at=now())


def _posts(world: Any, thread: str) -> Any:
    return threads.thread(world.governance, thread, now()).posts
