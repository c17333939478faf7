"""A plan as a file: read back to the same plan; a fault names its line and field."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from seatrial.kernel.errors import Misuse
from seatrial.review.planning.core.plan_file import from_toml, schema, to_toml
from seatrial.review.planning.core.rules import faults
from seatrial.review.planning.core.scheduling import schedule
from seatrial.review.planning.core.toml_lines import lines
from seatrial.review.planning.types import Side, Track, WindowRule
from simulators.release_plans import BUSY, EARLY, bare, file, milestone, usual

TEXT = file()
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), min_size=1, max_size=60).filter(
    lambda text: text == text.strip()
)


def line_of(needle: str, text: str = TEXT) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_the_template_is_a_plan_that_works_and_covers_every_track() -> None:
    plan = from_toml(TEXT)
    assert 14 <= len(plan.milestones) <= 20
    assert {m.track for m in plan.milestones} == set(Track)
    assert plan.window == WindowRule(30, 5)
    assert schedule(plan, EARLY).late == ()
    Draft202012Validator.check_schema(dict(schema()))


@BUSY
@given(words, words, st.none() | st.builds(WindowRule, st.integers(1, 30), st.integers(0, 9)))
def test_a_plan_written_as_a_file_is_read_back_the_same(title: str, owner: str, window: Any) -> None:
    made = bare(
        milestone("a", title=title, owner=owner, done_at=EARLY + timedelta(microseconds=5), begun_at=EARLY),
        milestone("b", anchor="a", side=Side.AFTER, needs=("a",)),
        zone="Asia/Kathmandu",
        holidays=frozenset({EARLY.date()}),
    )
    plan = replace(made, title=title, model=owner, window=window)
    assert not faults(plan)
    assert from_toml(to_toml(plan)) == plan


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'track = "legal"',
            'track = "leagl"',
            "milestone 2, track: 'track' is one of product, security, policy, legal",
        ),
        ("days = 30", "days = 31", "window, days: 'days' is 1 to 30, not 31"),
        ("days = 30", 'days = "thirty"', "window, days: 'days' needs to be a whole number, not 'thirty'"),
        ('anchor = "closing"', 'anchor = "clossing"', "milestone 12, anchor: 'destruction-attested' counts from"),
        ('anchor = "closing"', 'anchor = "destruction-attested"', "count from each other"),
        ("length = 10", "lenght = 10", "milestone 5, lenght: there is no field 'lenght'"),
        ('needs = ["freeze-build"]', 'needs = ["freeze"]', "milestone 4, needs: 'weights-manifest' needs 'freeze'"),
        ("2026-11-12T09:00:00-05:00", "2026-11-01T01:30:00", "partner-release: 2026-11-01 01:30 happens twice"),
        ("2026-11-12T09:00:00-05:00", '"2026-02-30T01:30:00"', "is no day or time of the calendar"),
        ("2026-11-12T09:00:00-05:00", "2026-11-12", "partner-release: 'partner-release' is not well written"),
        ('"America/New_York"', '"America/New York"', "zone: 'America/New York' is no time zone"),
        ('owner = "Signatory"', 'owner = "Sig\\u0000"', "milestone 8, owner: the owner of 'consent-signed' contains"),
        ('title = "Tern 2"', 'title = ""', "title: 'title' must not be empty"),
    ],
)
def test_a_fault_names_its_line_and_its_field(old: str, new: str, said: str) -> None:
    broken = TEXT.replace(old, new, 1)
    with pytest.raises(Misuse) as caught:
        from_toml(broken)
    assert caught.value.code == "plan-invalid"
    assert said in caught.value.message
    assert f"line {line_of(new, broken)}, " in caught.value.message


def test_missing_fields_are_named_together_and_by_their_milestone() -> None:
    with pytest.raises(Misuse, match="line 17, milestone 1: the field 'owner' is missing"):
        from_toml(TEXT.replace('owner = "Head of policy"\n', "", 1))
    with pytest.raises(Misuse, match="the file: the fields 'title', 'model', 'zone', 'partner-release', 'public-rel"):
        from_toml("")
    with pytest.raises(Misuse, match=r"not valid TOML: .*line 1"):
        from_toml("title = \n")


@pytest.mark.parametrize("text", ["\x00", "a = " + "[" * 5000, "x" * 1_000_001, "title = 1e400", "[milestone]\na = 1"])
def test_what_is_no_plan_at_all_is_refused_calmly(text: str) -> None:
    with pytest.raises(Misuse) as caught:
        from_toml(text)
    assert caught.value.code == "plan-invalid"


def test_lines_are_found_past_long_texts_and_lists() -> None:
    text = 'a = """\n[b]\nc = 1 # ]\n"""\nneeds = [\n  "x]",\n  "y"\n]\n[b]\n"d" = 1\nc = {e = "#"} # [\n'
    text += '[[m]]\n[[m]]\nk = \'"""\'\nz = 1\n'
    tomllib.loads(text)
    found = lines(text)
    assert (found[("a",)], found[("needs",)], found[("b",)], found[("b", "c")]) == (1, 5, 9, 11)
    assert (found[("m", 0)], found[("m", 1)], found[("m", 1, "k")], found[("m", 1, "z")]) == (12, 13, 14, 15)


def test_the_file_takes_a_local_time_in_the_plans_zone() -> None:
    local = TEXT.replace("2026-11-12T09:00:00-05:00", "2026-11-12T09:00:00")
    assert from_toml(local) == usual()
