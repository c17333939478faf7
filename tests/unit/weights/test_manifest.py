"""How weights are cut into parts, what a manifest must be, who may fetch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import OPEN, Level, Reader
from seatrial.review.cases.types import AccessLevel, Budget, Consent, ReviewState, Standing, Variant
from seatrial.review.weights.core.lifecycle import MACHINE, Transfer, state_of
from seatrial.review.weights.core.manifest import check, manifest_from, manifest_said, most_sealed
from seatrial.review.weights.core.rights import OVER, why_destroyed, why_not_fetched, why_not_sent
from seatrial.review.weights.types import TransferState, WeightsFile, WeightsManifest, root_of

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PINNED = digest(b"the weights")
SIZES = st.lists(st.integers(0, 5 * 2**16), min_size=1, max_size=6)


def manifest(sizes: list[int], part_bytes: int = 2**16) -> WeightsManifest:
    files = tuple(WeightsFile(f"f{n:02}", size, digest(b"%d" % n)) for n, size in enumerate(sizes))
    return WeightsManifest(PINNED, files, part_bytes, (digest(b"key"),))


@given(SIZES)
def test_parts_cover_every_byte_of_every_file_once(sizes):
    made = manifest(sizes)
    spans = list(made.spans())
    assert [span.number for span in spans] == list(range(made.parts))
    assert sum(span.length for span in spans) == made.bytes == sum(sizes)
    for file in made.files:
        own = [span for span in spans if span.path == file.path]
        assert own[0].offset == 0
        assert own[-1].offset + own[-1].length == file.size
        assert all(one.offset + one.length == other.offset for one, other in pairwise(own))
        assert all(0 < span.length <= made.part_bytes for span in own) or file.size == 0


@given(SIZES)
def test_a_manifest_is_read_as_it_was_written_and_no_two_parts_have_one_context(sizes):
    made = manifest(sizes)
    assert manifest_from(manifest_said(made)) == made
    contexts = [tuple(made.context("r", "t", span).items()) for span in made.spans()]
    assert len(set(contexts)) == made.parts


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"artefact": digest(b"other")}, "not to the artefact"),
        ({"part_bytes": 2**16 - 1}, "a part must hold"),
        ({"part_bytes": 2**21}, "a part must hold"),
        ({"recipients": ()}, "recipients"),
        ({"recipients": (digest(b"key"), digest(b"key"))}, "recipients"),
        ({"files": (WeightsFile("b", 1, digest(b"")), WeightsFile("a", 1, digest(b"")))}, "in the order"),
        ({"files": (WeightsFile("a", 1, digest(b"")), WeightsFile("a", 1, digest(b"")))}, "each once"),
        ({"files": (WeightsFile("a", -1, digest(b"")),)}, "bytes"),
        ({"files": (WeightsFile("a", 2**50 + 1, digest(b"")),)}, "bytes"),
        ({"files": (WeightsFile("a", 2**49, digest(b"")),)}, "more than"),
    ],
)
def test_a_manifest_that_cannot_be_sent_is_refused_in_a_sentence(change, says):
    check(manifest([5]), pinned=PINNED, largest_part=2**20)
    with pytest.raises(Misuse, match=says) as refused:
        check(replace(manifest([5]), **change), pinned=PINNED, largest_part=2**20)
    assert refused.value.code == "manifest-invalid"


def test_a_sealed_part_has_room_for_its_header():
    assert most_sealed(2**20) > 2**20 + 2 * 16 + 64 * 2**10


def test_the_root_covers_the_order():
    one, two = digest(b"1"), digest(b"2")
    assert root_of([one, two]) != root_of([two, one])


def standing(**changes: object) -> Standing:
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    levels = frozenset({AccessLevel.API, AccessLevel.WEIGHTS})
    consent = Consent(
        id="c",
        number=1,
        model="m",
        artefact=PINNED,
        variant="v",
        people=frozenset({"eva"}),
        purposes=frozenset({"p"}),
        levels=levels,
        upstream="http://lab/v1",
        budget=Budget(1, 1, 1),
        window=window,
        label=OPEN,
        signed_by="s",
        signed_at=NOW,
        digest=digest(b"consent"),
    )
    values = {
        "review": "r",
        "developer": "lab",
        "body": "body",
        "state": ReviewState.CONSENTED,
        "consent": consent,
        "window": window,
        "reason": None,
        "home": "body",
        "levels": levels,
        "label": OPEN,
    }
    return Standing(**(values | changes))  # type: ignore[arg-type]


EVA = Reader("eva", frozenset({"body"}), Level.CONTROLLED)


def test_whom_the_consent_names_fetches_what_it_pins_while_the_weights_are_in_force():
    assert why_not_fetched(standing(), PINNED, EVA, NOW) is None


@pytest.mark.parametrize(
    ("now", "changes", "artefact", "reader", "says"),
    [
        (NOW, {"reason": "Over."}, PINNED, EVA, "Over."),
        (NOW, {"consent": None}, PINNED, EVA, "No consent"),
        (NOW, {"levels": frozenset({AccessLevel.API})}, PINNED, EVA, "two people of each side"),
        (NOW + timedelta(hours=2), {}, PINNED, EVA, "window"),
        (NOW, {"window": None}, PINNED, EVA, "window"),
        (NOW, {}, digest(b"others"), EVA, "other weights"),
        (NOW, {}, PINNED, replace(EVA, person="eve"), "among the people"),
        (NOW, {}, PINNED, replace(EVA, organisations=frozenset({"lab"})), "among the people"),
        (NOW, {}, PINNED, Reader(), "among the people"),
    ],
)
def test_nobody_else_fetches_anything(now, changes, artefact, reader, says):
    why = why_not_fetched(standing(**changes), artefact, reader, now)
    assert why is not None
    assert says in why


def test_a_label_above_the_reader_keeps_the_weights_away():
    consent = replace(standing().consent, label=replace(OPEN, level=Level.CONTROLLED))  # type: ignore[type-var]
    low = replace(EVA, level=Level.OPEN)
    assert "level that you may read" in (why_not_fetched(standing(consent=consent), PINNED, low, NOW) or "")
    assert why_not_fetched(standing(consent=consent), PINNED, EVA, NOW) is None


@pytest.mark.parametrize("state", ReviewState)
def test_what_is_over_is_neither_taken_in_nor_kept(state):
    found = standing(state=state)
    assert (why_destroyed(found) is not None) == (state in OVER)
    assert (why_not_sent(found, PINNED) is None) == (state not in OVER)


def test_only_pinned_weights_are_taken_in_and_a_variant_pins_its_own():
    other = digest(b"helpful only")
    assert why_not_sent(standing(), other) is not None
    variant = Variant("h", "helpful-only", other, "http://lab/v1", AccessLevel.SAFEGUARDS_OFF)
    consent = replace(standing().consent, variants=(variant,))  # type: ignore[type-var]
    assert why_not_sent(standing(consent=consent), other) is None
    silent = replace(consent, levels=frozenset({AccessLevel.API}))
    assert why_not_sent(standing(consent=silent), PINNED) is not None


@given(st.integers(1, 9), st.integers(0, 9), st.lists(st.sampled_from(["complete", "destroy"]), max_size=5))
def test_a_transfer_is_complete_only_whole_and_destroyed_for_good(parts, received, events):
    subject = Transfer(parts, min(parts, received))
    seen = [state_of(subject, NOW)]
    for event in events:
        try:
            subject = MACHINE.apply(subject, event, None, NOW)
        except Refused:
            continue
        seen.append(state_of(subject, NOW))
    assert TransferState.COMPLETE not in seen or received >= parts
    order = [TransferState.OFFERED, TransferState.COMPLETE, TransferState.DESTROYED]
    assert [order.index(one) for one in seen] == sorted({order.index(one) for one in seen})
    if TransferState.DESTROYED in seen:
        assert subject.received == 0
