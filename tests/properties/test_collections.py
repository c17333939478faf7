"""A TAXII collection that grows by what is published is, byte for byte, the one that is put together from nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from seatrial.feeds.taxii.holdings import Bundle, Collection, Entry, Piece, Wanted, collected, matching
from seatrial.kernel.clock import iso, parse_time

START = datetime(2026, 7, 1, tzinfo=UTC)
TIMES = ("", *(f"2026-07-0{day}T00:00:00Z" for day in range(1, 5)), "2026-07-02T00:00:00.000Z")
IDS = ("identity--1", "report--1", "report--2", "software--1", "vulnerability--1")

pieces = st.builds(
    lambda id, version: Piece(
        id, id.partition("-")[0], "2.1", version, f'{{"id":"{id}","modified":"{version}"}}'.encode()
    ),
    st.sampled_from(IDS),
    st.sampled_from(TIMES),
)
bundles = st.builds(
    lambda microseconds, held: Bundle(START + timedelta(microseconds=microseconds), tuple(held)),
    st.integers(0, 5_000),  # the clock may go back
    st.lists(pieces, max_size=4),
)
ASKED = (
    Wanted(),
    Wanted(versions=("all",)),
    Wanted(versions=("first",)),
    Wanted(ids=frozenset({"report--1"}), versions=("all",)),
    Wanted(added_after=START + timedelta(milliseconds=2)),
    Wanted(types=frozenset({"report", "software"})),
)


def from_nothing(held: dict[int, Bundle]) -> list[Entry]:
    """Every version once, in the order of the bundles, each a whole millisecond after the one before at least."""
    made: list[Entry] = []
    for number, bundle in held.items():
        for place, piece in enumerate(bundle.pieces):
            if any((one.piece.id, one.piece.version) == (piece.id, piece.version) for one in made):
                continue
            passed = -((START - bundle.published) // timedelta(milliseconds=1))
            added = START + timedelta(milliseconds=passed)
            if made:
                added = max(added, made[-1].added + timedelta(milliseconds=1))
            made.append(Entry((number, place), added, piece, piece.version or iso(added)))
    return made


def newest(entries: list[Entry]) -> list[Entry]:
    best: dict[str, Entry] = {}
    for one in entries:
        if one.piece.id not in best or parse_time(one.version) >= parse_time(best[one.piece.id].version):
            best[one.piece.id] = one
    return [one for one in entries if best[one.piece.id] is one]


@given(st.data())
def test_any_run_of_publications_and_withdrawals_gives_what_a_whole_rebuild_gives(data: st.DataObject) -> None:
    everything: dict[int, Bundle] = {}
    standing: set[int] = set()
    known: Collection | None = None
    for _ in range(data.draw(st.integers(1, 8))):
        for bundle in data.draw(st.lists(bundles, max_size=3)):  # published, revised or withdrawn: a further number
            everything[len(everything) + 1] = bundle
            standing.add(len(everything))
        if everything:  # marked more narrowly, or read again
            standing ^= data.draw(st.sets(st.sampled_from(sorted(everything)), max_size=2))
        held = {number: everything[number] for number in sorted(standing)}
        earlier = None if known is None else (list(known.entries), list(known.last), _copied(known))
        found = collected(held, known)
        if known is not None:  # somebody may still be reading it
            assert earlier == (known.entries, known.last, known.of_id)
        assert found.entries == from_nothing(held)
        assert found.last == newest(found.entries)
        whole = collected(held)
        assert found == whole
        for wanted in ASKED:
            assert matching(found, wanted) == matching(whole, wanted)
        known = found


def _copied(collection: Collection) -> dict[str, list[Entry]]:
    return {id: list(versions) for id, versions in collection.of_id.items()}
