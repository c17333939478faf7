"""A policy file is judged with line and field, and what `build` makes always stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.parties.core.policyfile import build, first_moment, parse, prose, purposes_of, schema_text, terms_of
from seatrial.parties.types import Binds, Term

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")
WORDS = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"),
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff",
    ),
    min_size=1,
    max_size=80,
).filter(str.strip)


def sample(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        build(
            body="body-one",
            version="2026-07",
            max_window=timedelta(days=30),
            purposes={"evaluation": "Measure what the model can do."},
            terms=[Term("1", "Access only as consented.", Binds.BODY), Term("2", "Results are shared.", Binds.BOTH)],
            valid_from=AT,
            oversight=["inspector"],
            criteria=["Runs a security programme of its own."],
        )
    )
    return {**found, **changes}


def lines(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1).encode()


@settings(deadline=None)  # the first example loads the schema's library
@given(
    purposes=st.dictionaries(IDS, WORDS, min_size=1, max_size=4),
    terms=st.lists(
        st.builds(Term, IDS, WORDS, st.sampled_from(Binds)), min_size=1, max_size=5, unique_by=lambda t: t.id
    ),
    hours=st.integers(1, 720),
)
def test_what_is_built_stands_and_says_the_same(purposes: dict[str, str], terms: list[Term], hours: int) -> None:
    data = build(
        body="b", version="1", max_window=timedelta(hours=hours), purposes=purposes, terms=terms, valid_from=AT
    )
    said = parse(data, organisation="b")
    assert {purpose.id: purpose.description for purpose in purposes_of(said)} == purposes
    assert terms_of(said) == tuple(terms)
    assert round(said["longest_window_days"] * 86400) == hours * 3600
    assert first_moment(said) == AT.replace(hour=0)


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"longest_window_days": 31}, r"line 6, longest_window_days must be at most 30, not 31"),
    ({"longest_window_days": 0}, r"longest_window_days must be more than 0, not 0"),
    ({"longest_window_days": "30"}, r"longest_window_days must be a number, not \"30\""),
    ({"purposes": []}, r"line 7, purposes must not be empty"),
    ({"purposes": [{"id": "a b", "description": "x"}]}, r"purposes\[0\].id must be an id of 1 to 40 letters"),
    ({"purposes": [{"id": "a"}]}, r"line 8, purposes\[0\] lacks 'description'"),
    (
        {"terms": [{"id": "1", "text": "t", "binds": "all"}]},
        r"terms\[0\].binds must be one of 'body', 'developer', 'both'",
    ),
    ({"terms": [{"id": "1", "text": " ", "binds": "both"}]}, r"terms\[0\].text must not be empty"),
    ({"terms": [{"id": "1", "text": "a\u202eb", "binds": "both"}]}, r"terms\[0\].text must be text without control"),
    ({"surprise": 1}, r"line 1, the document has the unknown field 'surprise'; the fields are .*valid_from"),
    ({"format": "seatrial-policy-2"}, r"format must be 'seatrial-policy-1', not"),
    ({"valid_from": "2026-02-30"}, r"line 5, valid_from is no date there is: 2026-02-30"),
    ({"valid_from": "soon"}, r"valid_from must be a date \(UTC\) written as YYYY-MM-DD"),
    ({"oversight": ["a", "a"]}, r"oversight names something twice"),
    ({"destruction_days": -1}, r"destruction_days must be at least 0, not -1"),
    ({"organisation": "body-two"}, r"line 3, organisation must be 'body-one', who publishes it, not 'body-two'"),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[str(changes) for changes, _ in FAULTS])
def test_a_fault_names_its_line_its_field_and_what_to_write(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Misuse, match=said) as caught:
        parse(lines(sample(**changes)), organisation="body-one")
    assert caught.value.code == "policy-file"


def test_two_terms_of_one_id_are_refused() -> None:
    term = {"id": "1", "text": "t", "binds": "both"}
    with pytest.raises(Misuse, match=r"terms\[1\].id is '1' a second time"):
        parse(lines(sample(terms=[term, term])))


@pytest.mark.parametrize("missing", ["format", "organisation", "version", "valid_from", "purposes", "terms"])
def test_a_missing_field_is_named(missing: str) -> None:
    document = sample()
    del document[missing]
    with pytest.raises(Misuse, match=f"lacks '{missing}'"):
        parse(lines(document))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{\n "format": ,\n}', "line 2 column"),
        (b'{"version": "1", "version": "2"}', "'version' stands twice"),
        (b'{\n\n"version": "\xff"}', r"not UTF-8 text \(line 3\)"),
        (b"[]", "the document must be an object"),
        (b"", "not valid JSON"),
        (b" " * 1_000_001, "larger than"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"longest_window_days": NaN}', "NaN is no number"),
    ],
)
def test_what_is_no_policy_file_at_all_is_said_plainly(data: bytes, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        parse(data)


def test_many_faults_are_counted_and_the_first_are_said() -> None:
    terms = [{"id": "", "text": "t", "binds": "x"}] * 9
    with pytest.raises(Misuse, match="and 13 more") as caught:
        parse(lines(sample(terms=terms)))
    assert len(caught.value.facts["faults"]) == 18  # type: ignore[arg-type]


def test_prose_numbers_several_terms_and_leaves_one_alone() -> None:
    assert prose([Term("1", "Only this.", Binds.BOTH)]) == "Only this."
    assert prose([Term("1", "A.", Binds.BOTH), Term("2", "B.", Binds.BODY)]) == "1. A.\n2. B."


def test_the_published_schema_is_a_schema_and_its_default_matches_the_code() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(schema_text()))
