"""An operator at home matches with a signed feed: verified, kept, and read anew only where it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from simulators.inventories import cyclonedx
from simulators.provider import Provider, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def dairy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))
    with serving(Provider()) as found:
        yield found


def affected(dairy: Provider, tracking: str) -> bytes:
    said = json.loads(dairy.document(tracking))
    product = said["product_tree"]["branches"][0]["branches"][0]["branches"][0]["product"]
    product["product_identification_helper"] = {"purls": ["pkg:pypi/reader@4.2"]}
    [flaw] = said["vulnerabilities"]
    del flaw["flags"]
    flaw["product_status"] = {"known_affected": ["P1"]}
    flaw["remediations"] = [{"category": "vendor_fix", "details": "Take 4.3.", "product_ids": ["P1"]}]
    return json.dumps(said).encode()


def test_a_feed_is_verified_kept_and_read_again_only_where_it_changed(
    dairy: Provider, cli: Any, tmp_path: Path
) -> None:
    boat = tmp_path / "boat.json"
    boat.write_bytes(cyclonedx("boat", "pkg:pypi/reader@4.2"))
    words = ("match", str(boat), "--feed", dairy.url, "--state", str(tmp_path / "feeds"))
    path = dairy.put("DAIRY-1", content=affected(dairy, "DAIRY-1"))
    bad = dairy.put("DAIRY-2")
    dairy.files[f"{bad}.asc"] = b"nonsense"
    [row] = cli.json(*words)
    assert (row["system"], row["verdict"], row["advisory"]) == ("boat", "affected", "DAIRY-1")
    cli(*words)
    assert "dairy-2.json is not used: Its signature is not one of its provider's keys." in cli.err
    dairy.asked.clear()
    cli.json(*words)
    assert path not in dairy.asked
    kept = dict(dairy.files)
    dairy.files.clear()  # nobody has anything: not a feed any more
    assert "There is no" in cli.refused(4, *words)
    dairy.files.update(kept)
    dairy.key = Provider().key
    dairy.publish()
    assert "signs with other keys now" in cli.refused(3, *words)
    dairy.resign(path, dairy.files[path])
    assert len(cli.json(*words, "--key", dairy.fingerprint)) == 1
    dairy.drop(path)
    assert cli.json(*words, "--key", dairy.fingerprint) == []


def test_what_was_kept_counts_while_nobody_answers(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))
    boat = tmp_path / "boat.json"
    boat.write_bytes(cyclonedx("boat", "pkg:pypi/reader@4.2"))
    with serving(Provider()) as dairy:
        dairy.put("DAIRY-1", content=affected(dairy, "DAIRY-1"))
        words = ("match", str(boat), "--feed", dairy.url, "--state", str(tmp_path / "feeds"))
        assert len(cli.json(*words)) == 1
    assert len(cli.json(*words)) == 1
    cli(*words)
    assert "What was kept on" in cli.err
    assert "could not be read" in cli.refused(5, *words[:-1], str(tmp_path / "other"))
    assert "Name advisories" in cli.refused(2, "match", str(boat))
