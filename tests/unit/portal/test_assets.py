"""The design system is used only if it is the pinned archive, and only whole; without it pages still work."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.kernel.errors import Unavailable
from seatrial.portal import assets


def test_an_altered_archive_is_refused() -> None:
    with pytest.raises(Unavailable, match="not the archive that is pinned"):
        assets.check(assets.HTMX, b"something else")


def test_without_npm_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = assets.fetch(tmp_path / "uswds")
    assert "npm is not installed" in said
    assert "everything works" in said
    assert not (tmp_path / "uswds").exists()


def test_an_npm_that_brings_nothing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm could not bring @uswds/uswds" in assets.fetch(tmp_path / "static" / "uswds")
    assert not (tmp_path / "static").exists()


def test_what_is_here_already_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "uswds"
    folder.mkdir()
    (folder / "versions.json").write_text('{"@uswds/uswds": "3.14.0", "htmx.org": "2.0.11"}')
    monkeypatch.setenv("PATH", "")
    assert assets.fetch(folder) == "Design system: here."


def test_every_class_of_the_design_system_that_pages_use_has_a_plain_dress() -> None:
    """A page is readable without the design system: plain.css knows what gives it shape."""
    static = Path(assets.__file__).parent / "static" / "portal"
    plain = (static / "plain.css").read_text()
    for name in ("usa-button", "usa-input", "usa-alert", "usa-table", "usa-skipnav", "usa-sr-only", "grid-container"):
        assert f".{name}" in plain
