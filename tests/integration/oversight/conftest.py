"""A signed-in client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from seatrial.parties.types import Actor


@pytest.fixture
def sign_in(db: None) -> Callable[[Actor], Client]:
    """A client in which that person is signed in."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=actor.person))
        return client

    return make
