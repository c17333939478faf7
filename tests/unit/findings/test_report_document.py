"""The own format: what it takes, what it refuses with which words, and that its schema and its table say the same."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.findings import core
from seatrial.clearinghouse.findings.core.document import CREDIT_TYPES, checked, of_short
from seatrial.clearinghouse.findings.core.reporting import prepared
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import UNPRINTABLE

SCHEMA = json.loads((Path(core.__file__).parent.parent / "data" / "report-1.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

WHOLE: dict[str, Any] = {
    "format": "seatrial-report/1",
    "title": "Heap overflow in the chunk reader",
    "description": "A length that is not checked writes past the end of the buffer.",
    "product": {"name": "pngcut", "vendor": "Cutters", "purl": "pkg:deb/debian/pngcut@1.2", "cpe": "cpe:2.3:a:c:p:1"},
    "versions": ["1.2", ">=1.0,<1.4"],
    "weaknesses": ["CWE-787"],
    "severity": {"word": "high", "vectors": ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"]},
    "proof": {"text": "pngcut < evil.png", "recipe": {"format": "seatrial-proof/1"}},
    "attachments": [{"name": "evil.png", "data": "iVBORw0="}],
    "credits": [{"name": "Ünïcode Finder 漢字", "type": "FINDER", "contact": ["mailto:u@f.example"]}],
    "chain": [{"organisation": "Lab North", "identifier": "LN-7", "at": "2026-06-30", "note": "by hand"}],
    "references": [{"type": "ADVISORY", "url": "https://example.org/a"}],
    "handling": [{"organisation": "CERT/CC", "identifier": "VU#123456"}],
    "embargo": {"until": "2026-09-01T00:00:00Z", "conditions": "or once a patch is out"},
    "tlp": "AMBER+STRICT",
    "origin": {"format": "sarif", "version": "2.1.0", "pointer": "/runs/0/results/3", "data": '{"n":1e400}'},
    "extensions": {"queue": [1, 2.5, None, True]},
}

WRONG: list[tuple[str, Any, str]] = [
    ("title", "short", "title needs at least 8"),
    ("title", "x" * 201, "title has 201 characters, 200 at most"),
    ("title", "two\nlines of it", "title holds a line break"),
    ("description", "too short", "description needs at least 20"),
    ("description", "It writes \u202e past its own end.", "description holds a control or text-reordering character"),
    ("product", {}, "product/name is missing"),
    ("product", "x", "product must be an object"),
    ("product", {"name": "x", "purl": "x"}, "product/purl must be a package URL"),
    ("product", {"name": "x", "cpe": "x"}, "product/cpe must be a CPE name"),
    ("versions", "1.2", "versions must be a list"),
    ("versions", [""], "versions/0 is missing"),
    ("versions", ["1"] * 1001, "versions has 1001 entries, 1000 at most"),
    ("weaknesses", ["79"], "weaknesses/0 must be a weakness"),
    ("severity", {"word": "awful"}, "severity/word must be one of none"),
    ("proof", {"recipe": []}, "proof/recipe must be an object"),
    ("attachments", [{"name": "a", "digest": "sha256:00"}], "attachments/0/digest must be sha256"),
    ("attachments", [{"name": "a", "size": -1}], "attachments/0/size must be a number of bytes"),
    ("credits", [{"name": "F", "type": "HERO"}], "credits/0/type must be one of FINDER"),
    ("chain", [{"organisation": "L", "at": "yesterday"}], "chain/0/at must be a date or a time"),
    ("references", [{}], "references/0/url is missing"),
    ("handling", [{"organisation": "C"}], "handling/0/identifier is missing"),
    ("embargo", {"until": "2026-09-01T00:00:00"}, "embargo/until must be a date or a time"),
    ("tlp", "AMBER_STRICT", "tlp must be one of CLEAR"),
    ("extensions", {"a": "x" * 100_001}, "extensions has 100009 bytes"),
    ("surprise", 1, "surprise is not known"),
]


def test_a_report_that_says_everything_is_taken_and_kept_word_for_word() -> None:
    assert json.loads(prepared(checked(deepcopy(WHOLE))).document) == WHOLE
    VALIDATOR.validate(WHOLE)


@pytest.mark.parametrize(
    ("name", "value", "sentence"), WRONG, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(WRONG)]
)
def test_each_fault_is_named_where_it_stands(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(Misuse) as caught:
        checked({**WHOLE, name: value})
    assert caught.value.code == "report-invalid"
    assert sentence in caught.value.message
    said_in_words_only = ("line break", "text-reordering", "100009", "date or a time")
    if not any(words in sentence for words in said_in_words_only):
        assert not VALIDATOR.is_valid({**WHOLE, name: value}), "the published schema takes what the table refuses"


def test_another_version_is_refused_in_one_sentence() -> None:
    for said in ("seatrial-report/2", None, 7):
        with pytest.raises(Misuse) as caught:
            checked({**WHOLE, "format": said})
        assert caught.value.code == "report-format"


def test_numbers_and_texts_that_json_cannot_carry_everywhere_are_refused() -> None:
    for odd in (2**60, 1e18, "\ud800"):
        with pytest.raises(Misuse):
            prepared(checked({**WHOLE, "extensions": {"a": odd}}))


def test_many_faults_are_counted_not_all_told() -> None:
    with pytest.raises(Misuse) as caught:
        checked({**WHOLE, "versions": [""] * 500})
    assert "and 480 more" in caught.value.message


def test_the_schema_names_the_same_credits() -> None:
    said = SCHEMA["properties"]["credits"]["items"]["properties"]["type"]["enum"]
    assert tuple(said) == CREDIT_TYPES


visible = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(
    lambda said: not UNPRINTABLE.search(said)
)
one_line = visible.map(lambda said: said.replace("\n", " ").replace("\r", " ")).filter(lambda said: said.strip() != "")
moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15) | visible,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(visible, inner, max_size=3),
    max_leaves=8,
)
documents = st.fixed_dictionaries(
    {
        "format": st.just("seatrial-report/1"),
        "title": one_line.map(lambda said: f"A title: {said}"),
        "description": visible.map(lambda said: f"What happens, and where: {said}"),
        "product": st.fixed_dictionaries({"name": one_line}, optional={"vendor": one_line}),
    },
    optional={
        "versions": st.lists(one_line, max_size=4),
        "credits": st.lists(
            st.fixed_dictionaries({"name": one_line}, optional={"type": st.sampled_from(CREDIT_TYPES)}), max_size=3
        ),
        "chain": st.lists(
            st.fixed_dictionaries(
                {"organisation": one_line}, optional={"identifier": one_line, "at": moments, "note": visible}
            ),
            max_size=3,
        ),
        "handling": st.lists(st.fixed_dictionaries({"organisation": one_line, "identifier": one_line}), max_size=3),
        "embargo": st.fixed_dictionaries({}, optional={"until": moments, "conditions": visible}),
        "proof": st.fixed_dictionaries(
            {}, optional={"text": visible, "recipe": st.dictionaries(visible, json_values, max_size=3)}
        ),
        "extensions": st.dictionaries(visible, json_values, max_size=3),
        "tlp": st.sampled_from(["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]),
    },
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_what_a_report_says_comes_out_byte_for_byte(document: dict[str, Any]) -> None:
    sent = canonical(document)
    kept = prepared(checked(from_json(sent, "The report")))  # type: ignore[arg-type]
    assert kept.document.encode() == sent
    assert prepared(checked(from_json(kept.document, "The export"))) == kept  # type: ignore[arg-type]
    assert VALIDATOR.is_valid(document)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(visible, visible, visible)
def test_the_short_form_is_a_report_too(version: str, finder: str, proof: str) -> None:
    short = NewReport("A title of it", "What happens, and where it does.", "x", version, finder, proof, "tlp:amber")
    made = of_short(short)
    assert made["tlp"] == "AMBER"
    if "\n" not in version + finder and "\r" not in version + finder and max(map(len, (version, finder))) < 200:
        assert checked(made) == made
