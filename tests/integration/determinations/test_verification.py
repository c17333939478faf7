"""A memo's file verified offline: from the campaign's own record every figure follows, and each change is named."""

from __future__ import annotations

import html
import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.integration.benchmarks.conftest import consent_review
from tests.integration.benchmarks.test_campaigns import plan, run

from seatrial.cli.main import run as run_command
from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest_of
from seatrial.kernel.envelope import seal
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import new_private_key
from seatrial.parties import api as parties
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import Failure
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.core.verification import NOT_FIGURES
from seatrial.review.determinations.types import Finding


class Case:
    """A determination on a decided campaign with another one beside it, and what a holder has in hand."""

    def __init__(self, world: Any) -> None:
        review = consent_review(world)
        draw = random.Random(7)

        def script(cell: Any, number: int) -> Any:
            if cell.item == "item-03":
                return Failure("the endpoint broke", 500)
            return float(draw.random() < 0.2)

        self.campaign, self.other = plan(world, review), plan(world, review, name="second", seed="other")
        for one in (self.campaign, self.other):
            run(world, one, script)
        self.id = determinations.draft(
            by=world.authority,
            review=review,
            campaign=self.campaign,
            finding=Finding.NOT_COVERED,
            reasons="Far below.",
            at=world.start + timedelta(days=4),
        )
        for signer in (world.authority, world.authority2):
            determinations.sign(by=signer, determination=self.id, at=world.start + timedelta(days=4))
        self.page = determinations.memo_html(world.authority, self.id).encode()
        self.paper = determinations.memo_pdf(world.authority, self.id)
        self.files = [
            benchmarks.record_bytes(benchmarks.ended_record(world.authority, one))
            for one in (self.campaign, self.other)
        ]
        self.key = parties.organisation(world.body).public_key
        self.record = json.loads(PdfReader(io.BytesIO(self.paper)).attachments["record.json"][0])


@pytest.fixture
def case(durable_world: Any) -> Case:
    return Case(durable_world)


def failing(found: determinations.Verification) -> list[str]:
    return [check.what for check in found.checks if check.holds is False]


def tampered(record: dict[str, Any], path: list[Any], value: object) -> bytes:
    """The record's JSON with one value changed and its digest made to fit again, as a forger without keys would."""
    made = json.loads(json.dumps(record))
    at = made["memo"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    made["statement"]["memo"] = digest_of(made["memo"])
    return canonical(made)


def leaves(value: Any, path: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path, value
    for step, inner in steps:
        yield from leaves(inner, [*path, step])


def other_than(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return "other"
    return value + 0.01 if isinstance(value, int | float) else f"{value}."


def test_what_was_signed_and_run_verifies_in_each_form(case: Case) -> None:
    for data in (case.page, case.paper, canonical(case.record)):
        found = determinations.verify_memo(data, campaigns=case.files, key=case.key)
        assert found.holds, found
        assert found.determination == case.id
        said = {check.what: check for check in found.checks}
        assert said["figures"].holds
        assert case.record["memo"]["secondary"]["pass_at"][0]["k"] == 1
        assert "figures follow from the" in said["figures"].said
        assert said["attempts"].holds
        assert said["campaign beside"].holds
        assert said["key"].holds
        assert ("page" in said) == (data != canonical(case.record))


def test_every_figure_that_is_changed_is_named_with_both_values(case: Case) -> None:
    figures = {name: value for name, value in case.record["memo"].items() if name not in NOT_FIGURES}
    places = [place for place in leaves(figures, []) if place[0][0] not in ("campaign", "record")]
    assert len(places) > 100
    random.Random(3).shuffle(places)
    seen: set[str] = set()
    for path, value in sorted(places, key=lambda place: str(place[0][0])):
        if path[0] in seen and path[0] in ("funnel", "families"):
            continue  # one of each is enough
        seen.add(path[0])
        found = determinations.verify_memo(tampered(case.record, path, other_than(value)), campaigns=case.files[:1])
        assert not found.holds, path
        assert len(found.differences) == 1, path
        assert found.differences[0].memo == str(other_than(value))
        assert "signatures" in failing(found)


def test_another_campaigns_file_and_a_changed_one_are_told(case: Case) -> None:
    mine = json.loads(case.files[0])
    first = next(one for one in mine["attempts"] if one["outcome"] == "scored")
    first["score"] = 1.0 - first["score"]
    found = determinations.verify_memo(case.page, campaigns=[canonical(mine)])
    assert {"attempts", "figures"} <= set(failing(found))
    assert any(one.what == "summary" for one in found.differences)
    swapped = {**mine, "order": [*mine["order"][1:], mine["order"][0]]}
    assert failing(determinations.verify_memo(case.page, campaigns=[canonical(swapped)])) == ["campaign"]
    stranger = replace(benchmarks.read_record(case.files[0]), id="campaign-other")
    found = determinations.verify_memo(case.page, campaigns=[benchmarks.record_bytes(stranger)])
    assert failing(found) == ["campaign"]
    assert failing(determinations.verify_memo(case.page, campaigns=[b"{}"])) == ["campaign"]


def test_words_that_were_changed_around_a_whole_record_are_told(case: Case) -> None:
    edited = case.page.replace(b"Finding: <strong>not covered", b"Finding: <strong>covered")
    assert edited != case.page
    assert failing(determinations.verify_memo(edited)) == ["page"]
    for name, other in (("reasons", "Otherwise."), ("finding", "covered")):
        said = json.loads(json.dumps(case.record))
        said["memo"][name] = other
        assert {"digest", "statement"} <= set(failing(determinations.verify_memo(canonical(said))))
        said["statement"][name] = other
        said["statement"]["memo"] = digest_of(said["memo"])
        assert failing(determinations.verify_memo(canonical(said))) == ["signatures"]


def test_signatures_are_two_peoples_under_the_key_of_the_body(case: Case) -> None:
    one = {**case.record, "signatures": case.record["signatures"][:1]}
    twice = {**case.record, "signatures": case.record["signatures"][:1] * 2}
    none = {**case.record, "signatures": []}
    broken = {**case.record, "signatures": [{}, *case.record["signatures"]]}
    for record in (one, twice, none, broken):
        assert failing(determinations.verify_memo(canonical(record))) == ["signatures"]
    assert failing(determinations.verify_memo(case.page, key="ab" * 32)) == ["key"]


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7 broken", b"<html></html>", b"{}", b"\xff\xfe", b'{"memo":1}', b"<pre>[]</pre>", b"[" * 9999],
)
def test_what_is_no_memo_is_said_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Misuse) as caught:
        determinations.verify_memo(data)
    assert caught.value.code == "not-a-memo"
    assert "\n" not in caught.value.message


def test_on_the_command_line_it_ends_with_1_when_a_figure_differs(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")
    memo, campaign, key = tmp_path / "memo.html", tmp_path / "campaign.json", tmp_path / "body.pub"
    memo.write_bytes(case.page)
    campaign.write_bytes(case.files[0])
    key.write_text(case.key)
    words = ["memo", "verify", str(memo), "--campaign-file", str(campaign)]
    assert run_command([*words, "--key", str(key)]) == 0
    assert "everything that could be checked holds" in capsys.readouterr().out
    sealed, mine = io.BytesIO(), new_private_key(tmp_path / "own.pem")
    new_private_key(tmp_path / "others.pem")
    seal(io.BytesIO(case.files[0]), sealed, context={"what": "campaign"}, recipients=[mine.public])
    campaign.write_bytes(sealed.getvalue())
    assert run_command(words) == 2
    assert "is sealed; add --private-key" in capsys.readouterr().err
    for name, code in (("own.pem", 0), ("others.pem", 2)):
        assert run_command([*words, "--private-key", str(tmp_path / name)]) == code
    campaign.write_bytes(case.files[0])
    mean = case.record["memo"]["decision"]["mean"]
    memo.write_bytes(tampered(case.record, ["decision", "mean"], 0.9))
    assert run_command(words) == 1
    assert f"decision, mean: the memo says 0.9, the attempts give {mean}" in capsys.readouterr().out
    assert run_command(["memo", "verify", str(tmp_path / "none")]) == 2
    assert html.escape(case.id) in case.page.decode()
