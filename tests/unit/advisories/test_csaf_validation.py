"""Validation of CSAF: every official test is there, hostile shapes never raise, what cannot be judged is said."""

from __future__ import annotations

import copy
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from seatrial.clearinghouse.advisories.core.csaf import Aids, Group, checks_of, validate
from seatrial.clearinghouse.advisories.core.csaf.spans import holds, overlap, span_of
from seatrial.clearinghouse.advisories.core.csaf.values import moment, precedence
from simulators.csaf_documents import advisory

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_a_good_document_is_valid(version: str) -> None:
    report = validate(advisory(version), now=NOW)
    assert report.valid, report.findings
    assert report.version == version


@pytest.mark.parametrize(("version", "count"), [("2.0", 74), ("2.1", 177)])
def test_every_official_test_is_there_once(version: str, count: int) -> None:
    numbers = [check.number for check in checks_of(version)]
    assert len(numbers) == len(set(numbers)) == count


def test_a_document_of_no_version_is_not_valid() -> None:
    for document in ({}, {"document": 5}, {"document": {"csaf_version": "1.2"}}, {"document": {"csaf_version": []}}):
        report = validate(document)
        assert not report.valid
        assert report.version == ""


def test_what_needs_an_aid_is_unjudged_without_it() -> None:
    assert set(validate(advisory("2.1")).unjudged) == {"6.2.33", "6.3.6", "6.3.7", "6.3.8", "6.3.16"}
    aids = Aids(answer=lambda _: 404, spelling=lambda *_: [], grammar=lambda *_: [])
    report = validate(advisory("2.1"), now=NOW, aids=aids)
    assert report.unjudged == ()
    assert report.failed("6.3.7")
    assert report.valid


def test_only_the_groups_asked_for_are_judged() -> None:
    document = advisory()
    document["vulnerabilities"][0]["product_status"]["fixed"] = ["P1", "P9"]
    report = validate(document, groups=(Group.MANDATORY,))
    assert {finding.number for finding in report.findings} == {"6.1.1", "6.1.6"}
    assert not report.valid


def test_a_finding_says_where_it_is() -> None:
    document = advisory()
    document["product_tree"]["branches"][0]["name"] = "Open Source"
    (finding,) = [one for one in validate(document).findings if one.number == "6.2.48"]
    assert (finding.group, finding.pointer) == (Group.RECOMMENDED, "/product_tree/branches/0/name")


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            found += _places(inner, (*path, n))
    return found


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    """What lies at a path, or None where an earlier change has taken it away."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


WRONG = [None, True, 0, -1.5, "", "x", [], [[]], [{}], {}, {"a": {}}, [None], ["P1", 7], {"$ref": "#"}]


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_no_wrong_shape_anywhere_raises(version: str) -> None:
    for path in _places(advisory(version)):
        for wrong in WRONG:
            document = copy.deepcopy(advisory(version))
            _at(document, path[:-1])[path[-1]] = wrong
            validate(document, now=NOW)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.sampled_from(["2.0", "2.1"]), some.data())
def test_no_mixture_of_wrong_shapes_raises(version: str, data: some.DataObject) -> None:
    document = advisory(version)
    paths = _places(document)
    for path in data.draw(some.lists(some.sampled_from(paths), max_size=5)):
        at = _at(document, path[:-1])
        last = path[-1]
        there = last in range(len(at)) if isinstance(at, list) else isinstance(at, dict) and isinstance(last, str)
        if there:
            at[last] = data.draw(some.sampled_from(WRONG).map(copy.deepcopy))
    validate(document, now=NOW)


def test_circles_and_depth_end() -> None:
    document = advisory("2.0")
    document["product_tree"]["relationships"] = [
        {
            "category": "installed_on",
            "full_product_name": {"name": name, "product_id": name},
            "product_reference": other,
            "relates_to_product_reference": "P1",
        }
        for name, other in (("A", "B"), ("B", "A"))
    ]
    report = validate(document)
    assert [finding.pointer for finding in report.findings if finding.number == "6.1.3"] == [
        "/product_tree/relationships/0/full_product_name/product_id",
        "/product_tree/relationships/1/full_product_name/product_id",
    ]
    node: dict[str, Any] = document["product_tree"]["branches"][0]
    for _ in range(900):
        node["branches"] = [{"category": "vendor", "name": "x"}]
        node = node["branches"][0]
    assert not validate(document).valid


def test_leap_seconds_are_no_moments_and_zones_count() -> None:
    assert moment("2016-12-31T23:59:60Z") is None
    assert moment("2016-12-31t23:59:59Z") is None
    assert moment("2016-12-31T23:59:59") is None
    assert moment("2016-12-31T23:00:00-01:00") == moment("2017-01-01T00:00:00Z")


def test_versions_stand_in_the_order_of_semantic_versioning() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    ordered += ["1.0.0", "2", "2.0.1"]
    keys = [precedence(version) for version in ordered]
    assert all(keys)
    assert keys == sorted(keys, key=lambda key: key or (0, 0, 0, ()))
    assert precedence("2") == precedence("2.0.0+build")
    assert precedence("1.2") is None


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("vers:intdot/>2.1.0|<4.2.0", "vers:intdot/>1.2.0|<2.4.0", True),
        ("vers:intdot/>2.4.0|<4.2.0", "vers:intdot/>1.2.0|<2.1.0", False),
        ("<4", ">=4", False),
        ("<=4", ">=4", True),
        ("vers:all/*", "<1", True),
        ("vers:npm/<1.0.0", "vers:pypi/<1.0.0", None),
        ("<abc", ">abc", None),
        ("vers:semver/>=1.0.0|!=1.5.0|<2.0.0", "vers:semver/1.5.0", False),
    ],
)
def test_ranges_overlap_or_not_or_cannot_be_told(one: str, other: str, answer: bool | None) -> None:
    first, second = span_of(one), span_of(other)
    assert first
    assert second
    assert overlap(first, second) is answer
    assert overlap(second, first) is answer


def test_a_version_in_a_range_is_told_by_its_order() -> None:
    span = span_of("vers:pypi/>=1.0|<2.0")
    assert span
    assert holds(span, "1.10")
    assert holds(span, "2.0rc1")
    assert holds(span, "2.0.post1") is False
    assert holds(span, "not a version") is None


def test_a_large_document_is_judged_in_seconds() -> None:
    document = advisory()
    level = [
        {
            "category": "product_version_range",
            "name": f"vers:intdot/>{n}|<{n + 2}",
            "product": {"name": f"Reader {n}", "product_id": f"R{n}"},
        }
        for n in range(5000)
    ]
    document["product_tree"]["branches"][0]["branches"][0]["branches"] += level
    flaws = [
        {
            "cve": f"CVE-2026-{2000 + n}",
            "notes": [{"category": "summary", "text": "It reads too far."}],
            "product_status": {"known_affected": [f"R{m}" for m in range(n, 5000, 20)], "fixed": ["P1"]},
        }
        for n in range(20)
    ]
    document["vulnerabilities"] += flaws
    began = time.perf_counter()
    validate(document, now=NOW)
    assert time.perf_counter() - began < 20
