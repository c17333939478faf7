"""Members on the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from simulators.harbour import furnished
from simulators.provider import Provider, serving


def test_a_member_is_added_followed_and_ended(world: Any, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    furnished(world, world.start)
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))
    ann = ("--as", "ann")
    with serving(Provider()) as dairy:
        dairy.put("DAIRY-1")
        assert dairy.fingerprint in cli("member", "add", dairy.url, "--name", "dairy", *ann)
        assert "1 documents are new" in cli("member", "follow", "dairy", *ann)
        assert [one["documents"] for one in cli.json("member", "list", *ann)] == [1]
        assert "Everything is mirrored." in cli("member", "faults", "dairy", *ann)
        assert "cannot be a feed" in cli.refused(2, "member", "add", "http://10.1.1.1", *ann)
        assert "followed no more" in cli("member", "end", "dairy", *ann)
        assert "No member." in cli("member", "list", *ann)
