"""What a report must say, and under which label it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clearinghouse.findings.core.intake import CLEARINGHOUSE, check, label_of, new_code
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import PUBLIC, Reader, Tlp

GOOD = NewReport(title="Heap overflow in x", description="It writes past its end on long input.", product="x")


def test_a_report_that_says_enough_is_taken() -> None:
    check(GOOD)


def test_every_field_to_mend_is_named_at_once() -> None:
    with pytest.raises(Misuse) as caught:
        check(NewReport(title="short", description="", product="x" * 201, tlp="PURPLE"))
    sentence = caught.value.message
    for field in ("title needs at least 8", "description is missing", "product has 201", "tlp must be"):
        assert field in sentence


@given(st.sampled_from(["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", "amber", "TLP:GREEN"]))
def test_a_report_is_kept_for_the_clearinghouse_and_never_wider_than_its_finder_wished(tlp: str) -> None:
    label = label_of(tlp)
    wished = Tlp[tlp.upper().removeprefix("TLP:").replace("+", "_")]
    assert label.audience == {CLEARINGHOUSE}
    assert label.tlp >= min(wished, Tlp.AMBER_STRICT)
    assert not PUBLIC.may_read(label)
    assert not Reader("p", frozenset({"some-lab"}), label.level).may_read(label)
    assert Reader("p", frozenset({CLEARINGHOUSE}), label.level).may_read(label)


def test_receipt_codes_do_not_repeat_and_avoid_letters_that_look_alike() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert not set("01ilo") & set("".join(codes))
