"""A suite's bytes and its digest: one changed byte is noticed."""

from dataclasses import replace

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label, Level
from seatrial.review.benchmarks.core.manifest import make_suite, read_suite, suite_bytes
from seatrial.review.benchmarks.types import Check, Item, Step


def item(number, **changes):
    check = Check(
        "code",
        answer_file="parser.c",
        files={"test.sh": "make test\n", "ünïcode": "é"},
        steps=(
            Step(("cc", "-fsanitize=address", "parser.c"), sanitizer=True, seconds=20.0),
            Step(("./a.out",), stdin="x"),
        ),
    )
    made = Item(
        f"patch-{number}", "patch", f"Mend parser {number}.", check, "good", "bad", 12.5, needs=frozenset({"cc"})
    )
    return replace(made, **changes)


def suite(**changes):
    parts = {"name": "tiny", "version": "1", "generator": "tests", "seed": "s", "items": [item(1), item(2)]}
    return make_suite(**{**parts, **changes})


def test_a_suite_survives_its_bytes():
    made = suite(items=[item(1), item(2, label=Label(Level.SECRET, frozenset({"orca"})))])
    assert read_suite(suite_bytes(made), made.digest) == made
    assert read_suite(suite_bytes(made)) == made


def test_every_single_changed_byte_is_noticed():
    made = suite()
    data = suite_bytes(made)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(Misuse) as caught:
            read_suite(bytes(changed), made.digest)
        assert caught.value.code == "suite-digest-mismatch"
        assert "nothing was run" in caught.value.message


def test_a_file_that_was_edited_by_hand_is_noticed_without_knowing_its_digest():
    data = suite_bytes(suite()).replace(b"Mend parser 1.", b"Mend parser 9.")
    with pytest.raises(Misuse) as caught:
        read_suite(data)
    assert caught.value.code == "suite-digest-mismatch"


def test_a_file_that_was_only_reformatted_is_not_the_committed_one():
    with pytest.raises(Misuse) as caught:
        read_suite(suite_bytes(suite()) + b"\n")
    assert caught.value.code == "suite-digest-mismatch"


def test_another_suite_is_not_the_committed_one():
    with pytest.raises(Misuse, match="was changed"):
        read_suite(suite_bytes(suite()), suite(seed="t").digest)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"not json", b'{"format": "seatrial-suite/9"}', b"\xff\xfe"])
def test_what_is_no_suite_says_so(data):
    with pytest.raises(Misuse) as caught:
        read_suite(data)
    assert caught.value.code == "bad-suite"


def test_every_part_of_a_suite_is_under_its_digest():
    digests = {
        made.digest
        for made in (
            suite(),
            suite(name="other"),
            suite(version="2"),
            suite(generator="g"),
            suite(seed="t"),
            suite(items=[item(2), item(1)]),
            suite(items=[item(1, prompt="?"), item(2)]),
            suite(items=[item(1, label=Label(Level.CONTROLLED)), item(2)]),
            suite(items=[item(1, max_tokens=99), item(2)]),
        )
    }
    assert len(digests) == 9


@pytest.mark.parametrize(
    ("items", "word"), [([], "no items"), ([item(1), item(1)], "twice"), ([item("1#1")], "rename")]
)
def test_a_suite_nobody_could_run_is_refused(items, word):
    with pytest.raises(Misuse, match=word):
        suite(items=items)
