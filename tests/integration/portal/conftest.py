"""Signed-in clients, and a review at each of its stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from seatrial.parties.types import Actor
from simulators.staged_reviews import Reviews, at_every_stage


@pytest.fixture
def sign_in(db: None) -> Callable[[Actor], Client]:
    """A client in which that person is signed in."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=actor.person))
        return client

    return make


@pytest.fixture
def reviews(world: Any) -> Reviews:
    return at_every_stage(world)
