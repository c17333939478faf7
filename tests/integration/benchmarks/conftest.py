"""Reviews in the states that campaigns meet, and no waiting between retries."""

from __future__ import annotations

import pytest

from seatrial.review.benchmarks.core import failures
from simulators.consented_reviews import consent_review, offer_review


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Retries follow at once."""
    monkeypatch.setattr(failures, "BACKOFF", (0.0, 0.0))


@pytest.fixture
def offered(world) -> str:
    """A review without consent."""
    return offer_review(world)


@pytest.fixture
def consented(world) -> str:
    """A review with a signed consent whose window opens on day 1."""
    return consent_review(world)
