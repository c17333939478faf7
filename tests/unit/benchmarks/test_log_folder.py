"""Logs of a sealed suite's campaign: sealed whole, opened by each custodian, nothing open left behind."""

import pytest

from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.recipients import fresh_key
from seatrial.review.benchmarks.adapters.log_folder import open_logs, seal_logs

CONTEXT = {"what": "logs", "campaign": "campaign-1"}
KEYS = [fresh_key(), fresh_key()]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "campaign-1"
    made.mkdir()
    (made / "one.eval").write_bytes(b"the items in the clear " * 1000)
    (made / "two.eval").write_bytes(b"")
    return made


def test_every_custodian_opens_what_was_sealed_and_nothing_lies_open(folder, tmp_path):
    before = {log.name: log.read_bytes() for log in folder.iterdir()}
    assert seal_logs(folder, [key.public for key in KEYS], context=CONTEXT) == 2
    assert sorted(log.name for log in folder.iterdir()) == ["one.eval.sealed", "two.eval.sealed"]
    assert all(b"in the clear" not in log.read_bytes() for log in folder.iterdir())
    for number, key in enumerate(KEYS):
        opened = open_logs(folder, tmp_path / str(number), key, context=CONTEXT)
        assert {log.name: log.read_bytes() for log in opened} == before


def test_a_log_that_was_added_since_is_sealed_too(folder, tmp_path):
    seal_logs(folder, [KEYS[0].public], context=CONTEXT)
    (folder / "three.eval").write_bytes(b"x")
    assert seal_logs(folder, [KEYS[0].public], context=CONTEXT) == 1
    assert len(open_logs(folder, tmp_path / "to", KEYS[0], context=CONTEXT)) == 3


def test_a_stranger_and_another_name_open_nothing(folder, tmp_path):
    seal_logs(folder, [KEYS[0].public], context=CONTEXT)
    with pytest.raises(Misuse) as caught:
        open_logs(folder, tmp_path / "to", KEYS[1], context=CONTEXT)
    assert caught.value.code == "not-a-recipient"
    (folder / "one.eval.sealed").rename(folder / "renamed.eval.sealed")
    with pytest.raises(Misuse) as caught:
        open_logs(folder, tmp_path / "to", KEYS[0], context=CONTEXT)
    assert caught.value.code == "sealed-broken"


def test_logs_that_lie_open_are_copied(folder, tmp_path):
    assert len(open_logs(folder, tmp_path / "to", KEYS[0], context=CONTEXT)) == 2


def test_no_logs_say_so(tmp_path):
    with pytest.raises(NotFound, match="no logs"):
        open_logs(tmp_path, tmp_path / "to", KEYS[0], context=CONTEXT)
