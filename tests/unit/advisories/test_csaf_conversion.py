"""CSAF 2.0 to 2.1: each rule of the conversion, and that nothing uncertain goes untold."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from seatrial.clearinghouse.advisories.api import convert
from seatrial.kernel.errors import Misuse
from simulators.csaf_documents import advisory


def told(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The converted document, and what was said by place."""
    found = convert(document)
    assert found.report.valid, found.report.findings
    return found.document, {one.pointer: one.sentence for one in found.warnings}


def version(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["product_tree"]["branches"][0]["branches"][0]["branches"][0]
    return found


def test_the_input_stays_and_a_plain_document_is_told_nothing_of() -> None:
    document = advisory("2.0")
    before = copy.deepcopy(document)
    made, said = told(document)
    assert document == before
    assert said == {}
    assert made["document"]["csaf_version"] == "2.1"
    assert made["document"]["distribution"]["tlp"]["label"] == "CLEAR"
    assert next(iter(made)) == "$schema"


def test_another_version_and_an_invalid_document_are_refused() -> None:
    with pytest.raises(Misuse, match="names another version"):
        convert(advisory("2.1"))
    document = advisory("2.0")
    del document["document"]["title"]
    with pytest.raises(Misuse, match="mend it before"):
        convert(document)


@pytest.mark.parametrize(
    ("was", "category", "name"),
    [
        ("< 4.2", "product_version_range", "<4.2"),
        (">= 4.0 | < 4.2", "product_version_range", ">=4.0|<4.2"),
        (">=V4.0<V4.2", "product_version_range", ">=V4.0|<V4.2"),
        ("vers:all/*", "product_version_range", "vers:all/*"),
        ("vers:generic/4.2", "product_version", "4.2"),
        (">=4.2", "product_version", "4.2"),
    ],
)
def test_a_range_is_written_as_2_1_has_it(was: str, category: str, name: str) -> None:
    document = advisory("2.0")
    version(document).update(category="product_version_range", name=was)
    made, said = told(document)
    assert (version(made)["category"], version(made)["name"]) == (category, name)
    place = "/product_tree/branches/0/branches/0/branches/0/name"
    assert (place in said) == ((category, name) != ("product_version_range", was))


def test_a_range_in_prose_is_never_passed_off_as_converted() -> None:
    document = advisory("2.0")
    version(document).update(category="product_version_range", name="All builds of March")
    found = convert(document)
    assert not found.report.valid
    assert found.report.failed("6.1.50")
    assert version(found.document)["name"] == "All builds of March"


def test_what_identifies_a_product_says_whether_it_is_whole() -> None:
    document = advisory("2.0")
    version(document)["product"]["product_identification_helper"] = {
        "hashes": [{"filename": "a", "file_hashes": [{"algorithm": "SHA-256", "value": "AB" * 32}]}],
        "purl": "pkg:generic/reader@4.2",
        "serial_numbers": ["A1", "B*", "*C"],
    }
    made, said = told(document)
    helper = version(made)["product"]["product_identification_helper"]
    assert helper["purls"] == ["pkg:generic/reader@4.2"]
    assert helper["hashes"][0]["file_hashes"] == [{"algorithm": "sha256", "value": "ab" * 32}]
    assert helper["serial_numbers"] == ["A1*", "B*"]
    assert {pointer[-1] for pointer in said if "serial_numbers" in pointer} == {"0", "2"}


def test_properties_leap_seconds_and_titles_are_told() -> None:
    document = advisory("2.0")
    document["document"]["house"] = {"a": 1}
    document["document"]["title"] = "EX-2026-1: A parser that reads too far"
    document["vulnerabilities"][0]["release_date"] = "2016-12-31T23:59:60Z"
    made, said = told(document)
    assert "house" not in made["document"]
    assert made["document"]["title"] == "A parser that reads too far"
    assert made["vulnerabilities"][0]["disclosure_date"] == "2016-12-31T23:59:59.999999Z"
    assert {"/document/house", "/document/title", "/vulnerabilities/0/release_date"} <= set(said)


def test_scores_weaknesses_and_identifiers() -> None:
    document = advisory("2.0")
    flaw = document["vulnerabilities"][0]
    flaw["cwe"] = {"id": "CWE-125", "name": "Out-of-bounds Read"}
    flaw["ids"] = [{"system_name": "Tracker", "text": "7"}]
    made, said = told(document)
    (weakness,) = made["vulnerabilities"][0]["cwes"]
    assert weakness["name"] == "Out-of-bounds Read"
    assert weakness["version"] == "4.17"  # the newest that is known here
    assert "/vulnerabilities/0/ids/0" in said


def test_a_fix_of_what_needs_none_is_optional() -> None:
    document = advisory("2.0")
    document["vulnerabilities"][0]["remediations"] = [
        {"category": "vendor_fix", "details": "Update.", "product_ids": ["P1"]}
    ]
    made, said = told(document)
    assert made["vulnerabilities"][0]["remediations"][0]["category"] == "optional_patch"
    assert "vendor_fix for P1" in said["/vulnerabilities/0/remediations/0"]


def test_relationships_become_paths() -> None:
    document = advisory("2.0")
    tree = document["product_tree"]
    tree["full_product_names"] = [{"name": "Host", "product_id": "P2"}]
    tree["relationships"] = [
        {
            "category": "installed_on",
            "full_product_name": {"name": "Reader on Host", "product_id": "P3"},
            "product_reference": "P1",
            "relates_to_product_reference": "P2",
        }
    ]
    made, _ = told(document)
    (path,) = made["product_tree"]["product_paths"]
    assert path["beginning_product_reference"] == "P1"
    assert path["subpaths"] == [{"category": "installed_on", "next_product_reference": "P2"}]
    assert "relationships" not in made["product_tree"]


@pytest.mark.parametrize(
    ("date", "becomes"),
    [
        (None, ["fix_planned"]),
        ("2026-04-01T00:00:00Z", ["fix_planned"]),  # after the document's current release
        ("2026-02-01T00:00:00Z", ["vendor_fix"]),
    ],
)
def test_none_available_beside_a_fix_is_planned_or_untrue(date: str | None, becomes: list[str]) -> None:
    document = advisory("2.0")
    flaw = document["vulnerabilities"][0]
    del flaw["flags"]
    flaw["product_status"] = {"known_affected": ["P1"]}
    fix = {"category": "vendor_fix", "details": "Update.", "product_ids": ["P1"]}
    none = {"category": "none_available", "details": "None.", "product_ids": ["P1"]}
    flaw["remediations"] = [{**fix, "date": date} if date else fix, none]
    made, said = told(document)
    assert [one["category"] for one in made["vulnerabilities"][0]["remediations"]] == becomes
    assert any("none_available for P1" in sentence for sentence in said.values())


def test_stacked_versions_become_a_family_and_its_product() -> None:
    document = advisory("2.0")
    branch = version(document)
    inner = {"category": "product_version", "name": "4.2.1", "product": branch.pop("product")}
    branch["branches"] = [inner, {**inner, "name": "4.2.2", "product": {"name": "Reader 4.2.2", "product_id": "P2"}}]
    made, said = told(document)
    family = made["product_tree"]["branches"][0]["branches"][0]
    assert (family["category"], family["name"]) == ("product_family", "Reader")
    assert (version(made)["category"], version(made)["name"]) == ("product_name", "Reader 4.2")
    assert list(said) == ["/product_tree/branches/0/branches/0/branches/0/branches/0"]


def test_a_stacked_vendor_that_names_nobody_is_taken_out_and_places_stay_the_originals() -> None:
    document = advisory("2.0")
    document["product_tree"]["branches"] = [
        {"category": "vendor", "name": "Open-Source", "branches": document["product_tree"]["branches"]}
    ]
    document["product_tree"]["branches"][0]["branches"][0]["branches"][0]["category"] = "legacy"
    made, said = told(document)
    assert made["product_tree"]["branches"][0]["name"] == "Example"
    assert set(said) == {"/product_tree/branches/0", "/product_tree/branches/0/branches/0/branches/0/category"}
