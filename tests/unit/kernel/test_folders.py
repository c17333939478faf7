"""Folders whose names outlast a loss of power."""

from __future__ import annotations

import pytest

from seatrial.kernel import folders


def test_every_name_on_the_way_is_made_durable_also_where_it_was_there_already(tmp_path, monkeypatch):
    flushed = []
    real = folders.flush
    monkeypatch.setattr(folders, "flush", lambda folder: (flushed.append(folder), real(folder)))
    under = tmp_path / "home" / "artefacts"
    for _ in range(2):
        flushed.clear()
        folders.make_lasting(under / "bodies" / "review-1", under=under)
        assert flushed == [under.parent, under, under / "bodies"]
    assert [one.stat().st_mode & 0o777 for one in (under / "bodies", under / "bodies" / "review-1")] == [0o700, 0o700]


def test_a_folder_that_cannot_be_flushed_is_not_called_durable(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        folders.flush(tmp_path / "nowhere")
