"""What every ``access.ports.Bodies`` guarantees."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Unavailable
from seatrial.review.access.adapters.folder_bodies import FolderBodies
from seatrial.review.access.types import SealedBody, Side

NAME = ("review-1", "exchange-1", Side.RESPONSE)


@pytest.fixture
def bodies(tmp_path: Path) -> FolderBodies:
    return FolderBodies(tmp_path / "bodies")


def read(bodies: FolderBodies) -> bytes:
    with bodies.open(*NAME) as file:
        return file.read()


def test_what_was_kept_is_whole_and_the_owners_alone(bodies, tmp_path):
    file = bodies.create(*NAME)
    for piece in (b"one ", b"two"):
        file.write(memoryview(piece))
    said = file.keep()
    assert said == SealedBody(Side.RESPONSE, digest(b"one two"), 7, whole=True) == bodies.find(*NAME)
    assert read(bodies) == b"one two"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"bodies": 0o700, "review-1": 0o700, "exchange-1.response.sealed": 0o600}


def test_what_was_left_is_there_and_marked_as_cut(bodies):
    file = bodies.create(*NAME)
    file.write(memoryview(b"half"))
    assert file.leave() == SealedBody(Side.RESPONSE, digest(b"half"), 4, whole=False) == bodies.find(*NAME)
    assert read(bodies) == b"half"


def test_what_a_killed_process_wrote_is_found_as_cut(bodies, tmp_path):
    code = (
        "import os, pathlib, sys; from seatrial.review.access.adapters.folder_bodies import FolderBodies as F\n"
        "from seatrial.review.access.types import Side\n"
        "f = F(pathlib.Path(sys.argv[1])).create('review-1', 'exchange-1', Side.RESPONSE)\n"
        "f.write(memoryview(b'half')); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "bodies")], check=False).returncode == -9
    assert bodies.find(*NAME) == SealedBody(Side.RESPONSE, digest(b"half"), 4, whole=False)


def test_nothing_is_found_as_nothing(bodies):
    assert bodies.find(*NAME) == SealedBody(Side.RESPONSE, None, 0, whole=False)
    with pytest.raises(Unavailable) as missing:
        bodies.open(*NAME)
    assert missing.value.code == "body-missing"


def test_what_is_destroyed_is_gone_and_destroying_again_changes_nothing(bodies, tmp_path):
    bodies.destroy(*NAME)
    bodies.create(*NAME).keep()
    bodies.create("review-1", "exchange-2", Side.REQUEST).leave()
    for _ in range(2):
        bodies.destroy(*NAME)
        bodies.destroy("review-1", "exchange-2", Side.REQUEST)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert bodies.find(*NAME).digest is None


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "bodies").write_text("no folder")
    with pytest.raises(Unavailable) as refused:
        FolderBodies(tmp_path / "bodies").create(*NAME)
    assert refused.value.code == "body-not-kept"
    assert os.strerror(17) in refused.value.message or os.strerror(20) in refused.value.message
