"""A determination request in hand, and determinations that could answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Question

QUESTION = Question(model="north-next", description="Half trained. We plan the release and want to know early.")


@pytest.fixture
def drafted_request(world: Any) -> str:
    """A draft of the lab's, linked to nothing."""
    return determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=QUESTION, at=world.start
    )


@pytest.fixture
def asked(world: Any, drafted_request: str) -> str:
    determinations.ask_request(by=world.governance, request=drafted_request, at=world.start)
    return drafted_request


@pytest.fixture
def on_documents(world: Any) -> Callable[[str], str]:
    """A shared determination on the documents of a request."""

    def made(request: str) -> str:
        one = determinations.draft_for_request(
            by=world.authority, request=request, reasons="Nothing was run.", at=world.start
        )
        for signer in (world.authority, world.authority2):
            determinations.sign(by=signer, determination=one, at=world.start)
        determinations.share(by=world.authority, determination=one, at=world.start)
        return one

    return made
