"""A file that arrives is there once it is whole, and what was there before stays until then."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.cli.lab.files import arriving, opened
from seatrial.kernel.errors import Misuse, Unavailable


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "got.zip"
    file.write_bytes(b"before")
    with pytest.raises(Unavailable), arriving(file) as into:
        into.write(b"half")
        raise Unavailable("no-answer", "It broke off.")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("got.zip", b"before")]
    with arriving(file) as into:
        into.write(b"whole")
        assert file.read_bytes() == b"before"
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("got.zip", b"whole")]


def test_a_place_that_takes_no_file_is_named(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none" / "got.zip"):
        with pytest.raises(Misuse, match="cannot be written"), arriving(place):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a")
    with opened([tmp_path / "a.md"]) as found:
        assert [(name, file.read()) for name, file in found] == [("a.md", b"a")]
    with pytest.raises(Misuse, match=r"none\.md cannot be read"), opened([tmp_path / "a.md", tmp_path / "none.md"]):
        pass
