"""Readers of documents: newest state, publication order, and nothing beyond the marking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.models import Advisory, DocumentRow
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form, Tlp
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label

Put = Callable[..., DocumentRow]


@pytest.fixture
def put(harbour: Any) -> Put:
    """Writes a document of an advisory, whose older one is then no longer the current one."""
    case = harbour.open()

    def write(
        number: int, tracking: str, tlp: Tlp = Tlp.CLEAR, audience: tuple[str, ...] = (), revision: int = 1
    ) -> DocumentRow:
        common = {"created_at": harbour.start, "edited_at": harbour.start, "created_by": "ann", "edited_by": "ann"}
        row, _ = Advisory.objects.get_or_create(
            tracking=tracking,
            defaults={"case_id": case, "state": AdvisoryState.PUBLISHED, "content": {}, "revision": 1, **common},
        )
        DocumentRow.objects.filter(advisory=row, current=True).update(current=False)
        content = f"{tracking} {revision}".encode()
        return DocumentRow.objects.create(
            number=number,
            advisory=row,
            revision=revision,
            form=Form.OSV,
            tlp=tlp,
            label=str(Label(tlp=tlp.limit, audience=frozenset(audience) if audience else None)),
            audience=list(audience),
            name=f"{tracking}.json",
            media_type="application/json",
            content=content,
            digest=hashlib.sha256(content).hexdigest(),
            sha512=hashlib.sha512(content).hexdigest(),
            signature="",
            released=harbour.start,
            updated=harbour.days(revision),
        )

    return write


def numbers(asking: Any, **wanted: Any) -> list[int]:
    return [one.number for one in advisories.published(asking, form=Form.OSV, **wanted)]


def test_the_newest_state_of_each_stands_where_it_was_published(harbour: Any, put: Put) -> None:
    put(1, "a")
    put(2, "b")
    put(3, "a", revision=2)
    assert numbers(None) == [2, 3]
    assert numbers(None, after=2) == [3]
    assert numbers(None, limit=1) == [2]
    assert advisories.changes(0) == advisories.changes(3) == 3
    assert advisories.changes(9) == 9
    assert advisories.published(None, form=Form.CSAF_20) == ()


def test_a_revision_that_stands_no_longer_can_still_be_had(put: Put) -> None:
    put(1, "a")
    put(2, "a", revision=2)
    assert advisories.document(None, "a", Form.OSV).content == b"a 2"
    assert advisories.document(None, "a", Form.OSV, 1).content == b"a 1"


def test_nobody_reads_beyond_the_marking(harbour: Any, put: Put) -> None:
    put(1, "c")
    put(2, "g", Tlp.GREEN)
    put(3, "a", Tlp.AMBER, ("vendor-a",))
    put(4, "s", Tlp.AMBER_STRICT, ("vendor-b",))
    put(5, "r", Tlp.RED, ("mia",))
    assert numbers(None) == [1]
    assert numbers(harbour.lab) == [1, 2]
    assert numbers(harbour.maintainer) == [1, 2, 3, 5]
    assert numbers(harbour.other) == [1, 2, 4]
    assert numbers(harbour.maintainer, tlp=Tlp.AMBER) == [3]
    with pytest.raises(NotFound, match="no advisory"):
        advisories.document(harbour.lab, "a", Form.OSV)


def test_what_was_marked_more_narrowly_is_no_longer_in_the_lists_of_others(put: Put) -> None:
    put(1, "a")
    put(2, "a", Tlp.AMBER, ("vendor-a",), revision=2)
    assert numbers(None) == []
