"""What is concluded from an advisory for one version, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from univers.version_range import RANGE_CLASS_BY_SCHEMES

from seatrial.clearinghouse.exposure.core.affects import from_document
from seatrial.clearinghouse.exposure.core.affects.ranges import read_range
from seatrial.clearinghouse.exposure.core.coordinates import from_cpe, from_purl
from seatrial.clearinghouse.exposure.core.matching import Statements, hits, settle
from seatrial.clearinghouse.exposure.core.versions import compare
from seatrial.clearinghouse.exposure.types import Hit, Release, Verdict
from seatrial.kernel.errors import Misuse
from simulators.inventories import csaf, osv, product

TREE = {
    "full_product_names": [
        product("exact", purl="pkg:pypi/oar@1.5"),
        product("all", purl="pkg:pypi/oar"),
        product("platform", cpe="cpe:2.3:o:acme:deck:9:*:*:*:*:*:*:*"),
    ],
    "relationships": [
        {
            "category": "default_component_of",
            "product_reference": "exact",
            "relates_to_product_reference": "platform",
            "full_product_name": {"product_id": "both", "name": "oar in deck"},
        }
    ],
}


def found(release: str | Release, *documents: dict[str, Any]) -> list[Hit]:
    one = from_purl(release) if isinstance(release, str) else release
    assert one is not None
    return list(hits(Statements(said for doc in documents for said in from_document(doc).statements), [one]))


def verdicts(release: str | Release, *documents: dict[str, Any]) -> list[Verdict]:
    return [one.hit.verdict for one in settle(found(release, *documents))]


RANGE = osv("PYSEC-1", "Oar", {"introduced": "1.0"}, {"fixed": "2.0"}, aliases=["CVE-2026-1"])


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("0.9", []),
        ("1.0", [Verdict.AFFECTED]),
        ("1.10", [Verdict.AFFECTED]),
        ("2.0rc1", [Verdict.AFFECTED]),
        ("2.0", []),
        ("not a version", [Verdict.CANNOT_TELL]),
    ],
)
def test_a_range_ends_before_its_fix_in_the_ecosystems_order(version: str, verdict: list[Verdict]) -> None:
    assert verdicts(Release("pkg:pypi/oar", version, "pypi"), RANGE) == verdict


def test_a_match_says_which_statement_which_range_and_why() -> None:
    (hit,) = found("pkg:pypi/OAR@1.1", RANGE)
    assert hit.reason == "PYSEC-1 says affected of pkg:pypi/oar: 1.1 is >= 1.0, < 2.0."
    assert hit.where == "/affected/0"
    assert hit.names == ("PYSEC-1", "CVE-2026-1")


def test_a_component_without_a_version_is_never_silently_safe() -> None:
    assert verdicts("pkg:pypi/oar", RANGE) == [Verdict.CANNOT_TELL]


def test_a_record_that_names_only_commits_says_nothing_of_versions() -> None:
    record = osv("PYSEC-2", "oar")
    record["affected"][0]["ranges"] = [{"type": "GIT", "repo": "https://x", "events": [{"introduced": "0"}]}]
    assert verdicts("pkg:pypi/oar@1", record) == [Verdict.CANNOT_TELL]


def test_withdrawn_advisories_say_nothing() -> None:
    assert found("pkg:pypi/oar@1.1", RANGE | {"withdrawn": "2026-01-02T00:00:00Z"}) == []
    document = csaf("V-1", {"known_affected": ["all"]}, TREE)
    document["document"]["category"] = "csaf_withdrawn"
    assert found("pkg:pypi/oar@1.1", document) == []


def test_vex_relieves_with_its_justification_and_says_what_gave_way() -> None:
    flags = [{"label": "vulnerable_code_not_present", "product_ids": ["exact"]}]
    vex = csaf("V-1", {"known_not_affected": ["exact"]}, TREE, flags=flags)
    (settled,) = settle(found("pkg:pypi/oar@1.5", RANGE, vex))
    assert settled.hit.verdict is Verdict.NOT_AFFECTED
    assert "vulnerable_code_not_present" in settled.hit.reason
    assert [one.advisory for one in settled.others] == ["PYSEC-1"]
    assert verdicts("pkg:pypi/oar@1.6", RANGE, vex) == [Verdict.AFFECTED]


def test_vex_of_another_vulnerability_relieves_nothing() -> None:
    vex = csaf("V-1", {"known_not_affected": ["exact"]}, TREE, cve="CVE-2026-9")
    assert sorted(verdicts("pkg:pypi/oar@1.5", RANGE, vex)) == [Verdict.AFFECTED, Verdict.NOT_AFFECTED]


def test_a_document_that_contradicts_itself_relieves_nobody() -> None:
    status = {"known_not_affected": ["exact"], "known_affected": ["exact"]}
    assert verdicts("pkg:pypi/oar@1.5", csaf("V-1", status, TREE)) == [Verdict.AFFECTED]


def test_what_holds_within_a_platform_relieves_nobody_elsewhere() -> None:
    assert verdicts("pkg:pypi/oar@1.5", csaf("V-1", {"known_not_affected": ["both"]}, TREE)) == [Verdict.CANNOT_TELL]
    assert verdicts("pkg:pypi/oar@1.5", csaf("V-1", {"known_affected": ["both"]}, TREE)) == [Verdict.AFFECTED]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("fixed", Verdict.FIXED), ("under_investigation", Verdict.UNDER_INVESTIGATION), ("first_fixed", Verdict.FIXED)],
)
def test_statuses_of_csaf(status: str, verdict: Verdict) -> None:
    assert verdicts("pkg:pypi/oar@1.5", csaf("V-1", {status: ["exact"]}, TREE)) == [verdict]


def test_relationships_in_a_circle_are_not_followed() -> None:
    ring = {
        "relationships": [
            {
                "category": "installed_on",
                "product_reference": one,
                "relates_to_product_reference": other,
                "full_product_name": {"product_id": other, "name": other},
            }
            for one, other in (("a", "b"), ("b", "a"))
        ]
    }
    read = from_document(csaf("V-1", {"known_affected": ["a"]}, ring))
    assert read.statements == ()
    assert "circle" in read.notes[0]


def branches(stretch: str) -> dict[str, Any]:
    leaf = {"category": "product_version_range", "name": stretch, "product": {"product_id": "p", "name": "p"}}
    middle = {"category": "product_name", "name": "RTU  9", "branches": [leaf]}
    return {"branches": [{"category": "vendor", "name": "Acme ", "branches": [middle]}]}


@pytest.mark.parametrize(
    ("stretch", "version", "verdict"),
    [
        ("vers:all/*", "anything", [Verdict.AFFECTED]),
        ("All versions < V4.5", "V4.10", []),
        ("< V4.5", "V4.4.9", [Verdict.AFFECTED]),
        (">=V7.80<V9.40", "8.1", [Verdict.AFFECTED]),
        (">=V7.80<V9.40", "9.40", []),
        ("vers:generic/>=1|<=2|>=4", "3", []),
        ("vers:generic/>=1|<=2|>=4", "5", [Verdict.AFFECTED]),
        ("< V1.0 SP2 Update 1", "V0.9", [Verdict.CANNOT_TELL]),
        ("< V4.5", "R9C", [Verdict.CANNOT_TELL]),
    ],
)
def test_ranges_as_vendors_write_them(stretch: str, version: str, verdict: list[Verdict]) -> None:
    document = csaf("ICSA-1", {"known_affected": ["p"]}, branches(stretch))
    assert verdicts(Release("product:acme/rtu 9", version), document) == verdict


def test_a_distributions_release_counts_where_both_name_one() -> None:
    record = osv("DSA-1", "rudder", {"introduced": "0"}, {"fixed": "1:2.0-1"}, ecosystem="Debian:12")
    assert verdicts("pkg:deb/debian/rudder@1:1.9-3?distro=debian-12", record) == [Verdict.AFFECTED]
    assert verdicts("pkg:deb/debian/rudder@1:1.9-3?distro=debian-11", record) == []
    assert verdicts("pkg:deb/debian/rudder@1:1.9-3", record) == [Verdict.AFFECTED]


@pytest.mark.parametrize("scheme", ["pypi", "npm", "gem", "deb", "rpm", "maven", "nuget", "golang", "apk", "alpm"])
@given(data=st.data())
def test_versions_compare_as_univers_compares_them(scheme: str, data: st.DataObject) -> None:
    numbers = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda some: ".".join(map(str, some)))
    tails = st.sampled_from(["", "-1", "-alpha1", "rc1", ".post1", "+b", "~x"])
    one, other = (data.draw(numbers) + data.draw(tails) for _ in "12")
    kind = RANGE_CLASS_BY_SCHEMES[scheme].version_class
    try:
        first, second = kind(one), kind(other)
        wanted = 0 if first == second else -1 if first < second else 1
    except Exception:
        return
    assert compare(scheme, one, other) in {wanted, None}
    if scheme in {"pypi", "npm", "deb", "maven"}:
        assert compare(scheme, one, other) == wanted


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_stops_the_comparison(one: str, other: str) -> None:
    for scheme in ("pypi", "npm", "gem", "deb", "rpm", "maven", "nuget", "apk", "alpm", "conan", "openssl", "generic"):
        assert compare(scheme, one, other) in {-1, 0, 1, None}
    read_range(one, "generic")
    from_purl(one)
    from_cpe(one)


@pytest.mark.parametrize("document", [{}, {"id": "x"}, {"document": {}}, {"document": {"tracking": {"id": "x"}}}])
def test_what_is_no_advisory_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Misuse):
        from_document(document)


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [None], [[]], [{}], [{"events": [1]}], {"a": [{}]}])
def test_values_of_the_wrong_kind_are_passed_over(junk: Any) -> None:
    from_document({"id": "x", "modified": "", "affected": junk, "aliases": junk})
    from_document(osv("x", "oar") | {"affected": [{"package": junk, "ranges": junk, "versions": junk}]})
    document = csaf("x", {}, TREE)
    for key in ("product_tree", "vulnerabilities"):
        from_document(document | {key: junk})
    from_document(csaf("x", {}, {"branches": junk, "relationships": junk, "full_product_names": junk}, flags=junk))
