"""Many reports under one root: each is shown to be there, and no other is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from seatrial.clearinghouse.findings.core.chunks import CHUNK_RECEIVED, RECEIVED, check_receipt, leaf, path, root
from seatrial.kernel.errors import Misuse


@dataclass
class Said:
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


def chunk(size: int) -> tuple[list[tuple[str, str]], list[bytes], Said]:
    held = [(f"report-{number}", f"sha256:{number:064x}") for number in range(size)]
    leaves = [leaf(*one) for one in held]
    facts = {"reports": size, "root": root(leaves).hex()}
    return held, leaves, Said(CHUNK_RECEIVED, facts)


def receipt(held: tuple[str, str], leaves: list[bytes], place: int) -> dict[str, Any]:
    steps = [step.hex() for step in path(leaves, place)]
    return {"report": held[0], "content": held[1], "chunk": {"place": place, "path": steps}}


@pytest.mark.parametrize("size", [2, 3, 7, 8, 9, 100])
def test_every_report_of_a_chunk_is_shown_to_be_in_it(size: int) -> None:
    held, leaves, entry = chunk(size)
    for place, one in enumerate(held):
        check_receipt(receipt(one, leaves, place), entry)  # type: ignore[arg-type]


def test_another_report_another_place_and_another_root_are_refused() -> None:
    held, leaves, entry = chunk(9)
    good = receipt(held[4], leaves, 4)
    other = chunk(8)[2]
    wrong: list[tuple[dict[str, Any], Said]] = [
        ({**good, "report": "report-5"}, entry),
        ({**good, "content": held[5][1]}, entry),
        ({**good, "chunk": {**good["chunk"], "place": 5}}, entry),
        ({**good, "chunk": {"place": 4, "path": []}}, entry),
        ({**good, "chunk": {"place": "4", "path": good["chunk"]["path"]}}, entry),
        ({"report": held[4][0]}, entry),
        (good, other),
        (good, Said("report.withdrawn", entry.facts)),
        (good, Said(RECEIVED, {"report": held[5][0], "content": held[4][1]})),
    ]
    for made, said in wrong:
        with pytest.raises(Misuse) as caught:
            check_receipt(made, said)  # type: ignore[arg-type]
        assert caught.value.code == "receipt-invalid"
