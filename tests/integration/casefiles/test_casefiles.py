"""The whole case as one file: each side gets what it may read, one entry is made, and anybody verifies it."""

from __future__ import annotations

import json
import random
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.casefiles import api as casefiles
from seatrial.review.casefiles.adapters.zip_crate import ZipCrate
from seatrial.review.cases import api as cases
from simulators.staged_reviews import draft
from simulators.whole_case import PARTNER, WholeCase, use, whole_case


@pytest.fixture
def case(world: Any) -> WholeCase:
    return whole_case(world)


def exported(tmp_path: Path, by: Any, review: str, name: str = "case.zip") -> tuple[Path, dict[str, bytes]]:
    path = tmp_path / name
    casefiles.export_to(path, by=by, review=review, at=now())
    with zipfile.ZipFile(path) as opened:
        return path, {name: opened.read(name) for name in opened.namelist()}


def faults(path: Path) -> list[str]:
    found = casefiles.verify(path, ledger.public_key())
    assert found.holds == all(check.holds for check in found.checks)
    return [check.sentence for check in found.checks if not check.holds]


def unsound(path: Path) -> bool:
    """True if verifying finds a fault, or sees that this is no case file at all."""
    try:
        return bool(faults(path))
    except Misuse as error:
        return error.code == "not-a-casefile"


@pytest.mark.parametrize("who", ["governance", "authority", "inspector", "partner"])
def test_whoever_may_read_gets_a_file_that_verifies_offline(
    world: Any, case: WholeCase, tmp_path: Path, who: str
) -> None:
    by = getattr(case, who, None) or getattr(world, who)
    path, files = exported(tmp_path, by, case.review)
    found = casefiles.verify(path, ledger.public_key())
    assert [check.sentence for check in found.checks if not check.holds] == []
    assert found.review == case.review
    assert list(files) == sorted(files)
    listed = {one["path"] for one in json.loads(files["MANIFEST.json"])["files"]}
    assert listed | {"MANIFEST.json", "RECEIPT.json"} == set(files)


def test_each_side_finds_its_own_words_and_never_the_others(world: Any, case: WholeCase, tmp_path: Path) -> None:
    whole = {}
    for name, by in {
        "lab": world.governance,
        "body": world.authority,
        "iris": case.inspector,
        "pia": case.partner,
    }.items():
        _, files = exported(tmp_path, by, case.review, name)
        whole[name] = b"\n".join(files.values()).decode(errors="replace")
        assert case.key not in whole[name]
    assert case.note_of_lab in whole["lab"]
    assert case.note_of_body in whole["body"]
    for name in ("body", "iris", "pia"):
        assert case.note_of_lab not in whole[name]
    for name in ("lab", "iris", "pia"):
        assert case.note_of_body not in whole[name]


def test_a_partner_gets_its_own_terms_and_uses_alone(world: Any, case: WholeCase, tmp_path: Path) -> None:
    _, files = exported(tmp_path, case.partner, case.review)
    signed = [name for name in files if name.startswith("signed/")]
    assert len(signed) == 1
    assert json.loads(files[signed[0]])["statement"]["partner"] == PARTNER
    uses = [json.loads(line) for line in files["uses/uses.jsonl"].splitlines()]
    assert {one["person"] for one in uses} == {case.partner.person}
    assert not any(name.startswith(("threads/", "dossier/", "review", "policy")) for name in files)
    assert b"voyage" not in b"".join(files.values())


def test_exporting_leaves_one_entry_in_ones_own_side_and_nothing_the_other_can_see(
    world: Any, case: WholeCase, tmp_path: Path
) -> None:
    before = ledger.head(MAIN), ledger.head(world.lab)
    exported(tmp_path, world.governance, case.review)
    assert (ledger.head(MAIN), ledger.head(world.lab)) == (before[0], before[1] + 1)
    exported(tmp_path, world.authority, case.review)
    assert (ledger.head(MAIN), ledger.head(world.lab)) == (before[0] + 1, before[1] + 1)
    assert [entry.kind for entry in ledger.entries(world.intake, kind="casefile.")] == ["casefile.exported"]
    assert ledger.entries(world.governance, kind="casefile.") == ()
    assert ledger.entries(world.intake, log=world.lab, kind="casefile.") == ()
    assert cases.timeline(world.governance, case.review).items[0].what == "casefile.exported"


def test_strangers_drafts_and_what_was_withdrawn_are_not_there(world: Any, case: WholeCase, tmp_path: Path) -> None:
    secret = draft(world, "A secret plan")
    before = ledger.head(MAIN)
    for by, review in (
        (world.rival, case.review), (world.authority, secret), (case.inspector, secret), (case.partner, secret),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            casefiles.export_to(tmp_path / "x.zip", by=by, review=review, at=now())
    cases.withdraw(by=world.security, review=case.review, at=now())
    for by in (world.authority, case.partner):
        with pytest.raises(NotFound):
            casefiles.export_to(tmp_path / "x.zip", by=by, review=case.review, at=now())
        with pytest.raises(NotFound):
            casefiles.preview(by, case.review, now())
    assert ledger.head(MAIN) == before + 1  # the withdrawal
    assert list(tmp_path.iterdir()) == []
    path, _ = exported(tmp_path, world.governance, case.review)
    assert faults(path) == []


def test_the_body_is_told_of_nothing_that_it_did_not_see_before(world: Any, case: WholeCase) -> None:
    before = casefiles.preview(world.authority, case.review, now())
    draft(world, "Another secret plan")
    assert casefiles.preview(world.authority, case.review, now()) == before
    assert "Who has seen this" not in dict(before.parts)
    assert "Who has seen this" in dict(casefiles.preview(world.governance, case.review, now()).parts)


def test_that_others_took_a_copy_is_shown_to_the_developer(world: Any, case: WholeCase, tmp_path: Path) -> None:
    from seatrial.review.threads import api as threads

    exported(tmp_path, world.authority, case.review)
    seen = threads.sightings(world.governance, case.review, now()).sightings
    assert ("export", "case-file", "Ada Authority") in {(one.kind.value, one.object, one.person) for one in seen}


def test_no_cell_of_a_table_is_a_formula_and_the_index_escapes_what_people_wrote(
    world: Any, case: WholeCase, tmp_path: Path
) -> None:
    _, files = exported(tmp_path, world.governance, case.review)
    page = files["index.html"].decode()
    assert "A whole &lt;voyage&gt;" in page
    assert "<voyage>" not in page
    assert "<script" not in page
    assert not any(
        cell.startswith(("=", "+", "@")) for row in files["uses/uses.csv"].decode().split() for cell in row.split(",")
    )


def test_what_is_written_is_the_same_whenever_the_files_are(tmp_path: Path) -> None:
    written = []
    for number, names in enumerate((("b.json", "a.json"), ("a.json", "b.json"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        crate = ZipCrate(folder)
        for name in names:
            crate.put(name, "", [name.encode()])
        with (tmp_path / f"{number}.zip").open("w+b") as file:
            crate.close(file)
        written.append((tmp_path / f"{number}.zip").read_bytes())
    assert written[0] == written[1]


def rewritten(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """A case file as Seatrial would write it around these files."""
    folder = tmp_path / f"again-{random.random()}"
    folder.mkdir()
    crate = ZipCrate(folder)
    for name, data in files.items():
        crate.put(name, "", [data])
    path = folder.with_suffix(".zip")
    with path.open("w+b") as file:
        crate.close(file)
    return path


def test_whatever_is_flipped_removed_added_or_swapped_is_found(world: Any, case: WholeCase, tmp_path: Path) -> None:
    path, files = exported(tmp_path, world.governance, case.review)
    assert faults(rewritten(tmp_path, files)) == []
    chance = random.Random(7)
    for name, data in files.items():  # a bit of every file, in a container that is otherwise perfect
        place = chance.randrange(len(data))
        flipped = data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]
        assert faults(rewritten(tmp_path, {**files, name: flipped})), name
        assert faults(rewritten(tmp_path, {one: kept for one, kept in files.items() if one != name})), name
    assert faults(rewritten(tmp_path, {**files, "added.json": b"{}"}))
    whole = path.read_bytes()
    for place in [*chance.sample(range(len(whole)), 60), *range(len(whole) - 30, len(whole))]:  # of the container too
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert unsound(damaged), place
    other, more = exported(tmp_path, world.governance, case.review, "later.zip")
    assert faults(other) == []
    for name in ("RECEIPT.json", "MANIFEST.json", "receipts/main.jsonl", "receipts/own.jsonl"):
        if more[name] != files[name]:
            assert faults(rewritten(tmp_path, {**files, name: more[name]})), name
    receipts = files["receipts/main.jsonl"].splitlines(keepends=True)
    assert faults(rewritten(tmp_path, {**files, "RECEIPT.json": receipts[0]}))
    with_tail = tmp_path / "tail.zip"
    with_tail.write_bytes(b"x" + whole)
    assert faults(with_tail)


def test_another_ledgers_key_verifies_nothing(world: Any, case: WholeCase, tmp_path: Path) -> None:
    path, _ = exported(tmp_path, world.governance, case.review)
    origin, _, rest = ledger.public_key().partition("+")
    from seatrial.ledger.core.note import vkey

    assert not casefiles.verify(path, vkey(origin, bytes(32))).holds
    assert rest


def test_a_larger_case_takes_no_more_queries(world: Any, case: WholeCase, tmp_path: Path) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as context:
            exported(tmp_path, world.governance, case.review, name)
        return len(context)

    queries("first.zip")
    before = queries("before.zip")
    for number in range(30):
        use(case.key, number)
        cases.move_release(
            by=world.governance, review=case.review, at=now(),
            partner_release=now() + timedelta(days=20), public_release=now() + timedelta(days=40, minutes=number),
        )  # fmt: skip
    assert queries("after.zip") <= before + 10  # a page more here and there, nothing for each
