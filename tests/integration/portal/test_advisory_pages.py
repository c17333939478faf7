"""Published advisories as anybody sees them: those for all without an account, others for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.parties.types import Actor
from simulators.advised import put
from simulators.harbour import furnished

SignIn = Callable[[Actor], Client]


@pytest.fixture
def harbour(world: Any) -> Any:
    found = furnished(world, world.start)
    case = found.open()
    page = b"<!doctype html><title>it</title><p>A long header."
    put(case, 1, "SEA-2026-0001", Form.HTML, page, found.start, media_type="text/html; charset=utf-8")
    put(case, 2, "SEA-2026-0001", Form.OSV, b"{}", found.start)
    told = {"tlp": Tlp.AMBER, "audience": ("vendor-a",)}
    put(case, 3, "SEA-2026-0002", Form.HTML, page, found.start, media_type="text/html; charset=utf-8", **told)
    return found


def test_the_public_reads_what_is_for_all(harbour: Any, sign_in: SignIn) -> None:
    text = Client().get("/advisories/").content.decode()
    assert "SEA-2026-0001" in text
    assert "SEA-2026-0002" not in text
    page = Client().get("/advisories/SEA-2026-0001/")
    assert b"A long header." in page.content
    assert "script-src 'self'" in page["Content-Security-Policy"]
    file = Client().get("/advisories/SEA-2026-0001/osv/")
    assert file["Content-Disposition"].startswith("attachment")
    for address in ("/advisories/SEA-2026-0002/", "/advisories/SEA-2026-0001/poem/", "/advisories/SEA-1/"):
        assert Client().get(address).status_code == 404


def test_whom_it_is_for_reads_what_is_marked(harbour: Any, sign_in: SignIn) -> None:
    text = sign_in(harbour.maintainer).get("/advisories/").content.decode()
    assert text.index("SEA-2026-0002") < text.index("SEA-2026-0001")
    assert sign_in(harbour.maintainer).get("/advisories/SEA-2026-0002/").status_code == 200
    assert sign_in(harbour.other).get("/advisories/SEA-2026-0002/").status_code == 404
