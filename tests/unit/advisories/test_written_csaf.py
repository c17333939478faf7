"""What is written as CSAF is judged by our own validator: no fault of the schema or a mandatory test whatever was
written, and of the recommended ones those alone whose cause is that an author left something out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from seatrial.clearinghouse.advisories.core.checks import check
from seatrial.clearinghouse.advisories.core.csaf import Finding, Group, parse, validate
from seatrial.clearinghouse.advisories.core.forms import WRITERS
from seatrial.clearinghouse.advisories.core.versions import as_branch, well_written
from seatrial.clearinghouse.advisories.types import Flaw, Form, Issue, Remedy, RemedyKind, Status, Tlp
from simulators.contents import issues
from simulators.issues import CONTENT, issue
from simulators.issues import single as with_one_flaw

FORMS = (Form.CSAF_20, Form.CSAF_21, Form.CSAF_VEX_20, Form.CSAF_VEX_21)
LATER = datetime(2028, 1, 1, tzinfo=UTC)
WEIGHTY = (Group.SCHEMA, Group.MANDATORY, Group.RECOMMENDED)


def found(made: Issue, form: Form) -> tuple[Finding, ...]:
    (written,) = WRITERS[form](made)
    return validate(parse(written.content), now=LATER).of(WEIGHTY)


def left_out(made: Issue, form: Form) -> set[str]:
    """The recommended tests that fail since the author did not say something that no writer can know."""
    flaws, new = made.content.flaws, form in (Form.CSAF_21, Form.CSAF_VEX_21)

    def named(flaw: Flaw, status: Status) -> set[tuple[str, str]]:
        products = {one.product for one in flaw.standings if one.status is status}
        return {(one.vendor, one.name) for one in made.content.products if one.id in products}

    def single(versions: str) -> bool:
        return as_branch(versions)[0] == "product_version"

    products = made.content.products
    causes = {
        "6.2.3": any(not (one.cvss3 or (new and one.cvss4)) for one in flaws if named(one, Status.AFFECTED)),
        "6.2.16": any(not one.purl and not one.cpe for one in products),  # a product by its name alone
        "6.2.39.1": any(named(one, Status.AFFECTED) - named(one, Status.FIXED) for one in flaws),  # no fix yet
        "6.2.42": any(one.cpe and single(one.versions) for one in products),  # one version, and a CPE of any
        "6.2.25": any("CWE-20" in one.weaknesses for one in flaws),  # a weakness that CWE discourages
        "6.2.27": any(
            set(remedy.products) & {one.product for one in flaw.standings if one.status is Status.UNDER_INVESTIGATION}
            for flaw in flaws
            for remedy in flaw.remedies
        ),  # a remedy for what is still looked into
    }
    twice = len({(one.vendor, one.name) for one in products}) < len(products)  # then its versions may overlap
    causes |= {f"6.2.50.{part}": twice for part in range(1, 10)}
    return {number for number, holds in causes.items() if holds}


@given(issues())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_nothing_is_found_that_an_author_did_not_leave_out(made: Issue) -> None:
    for form in FORMS:
        unexplained = [one for one in found(made, form) if one.number not in left_out(made, form)]
        assert unexplained == [], form


def test_a_whole_advisory_is_without_any_finding() -> None:
    for tlp, audience in ((Tlp.CLEAR, ()), (Tlp.AMBER_STRICT, ("vendor-a",)), (Tlp.RED, ("mia",))):
        for form in FORMS:
            assert found(issue(with_one_flaw(tlp, audience), revisions=2), form) == ()
            assert found(issue(with_one_flaw(tlp, audience), revisions=2, withdrawn="It was no flaw."), form) == ()


@pytest.mark.parametrize(
    ("versions", "branch"),
    [
        ("1.4", ("product_version", "1.4")),
        ("vers:pypi/1.4", ("product_version", "1.4")),
        ("vers:pypi/*", ("product_version_range", "vers:all/*")),
        ("vers:deb/=1.0-1|>2", ("product_version_range", "vers:deb/1.0-1|>2")),
    ],
)
def test_versions_are_written_as_csaf_has_them(versions: str, branch: tuple[str, str]) -> None:
    assert as_branch(versions) == branch
    assert well_written(versions)


@pytest.mark.parametrize(
    "versions", ["all versions", "< 1.4", "1.0 and earlier", "vers:pypi/>=2|<1", "vers:pypi/1.0|1.0", "vers:pypi/"]
)
def test_versions_that_csaf_forbids_are_a_gap(versions: str) -> None:
    made = replace(CONTENT, products=(replace(CONTENT.products[0], versions=versions), *CONTENT.products[1:]))
    assert [gap.pointer for gap in check(made)] == ["/products/0/versions"]


def test_a_flaw_that_affects_nothing_is_no_security_advisory_of_csaf_21() -> None:
    flaw = replace(CONTENT.flaws[0], remedies=(), standings=CONTENT.flaws[0].standings[2:])
    made = issue(replace(CONTENT, products=CONTENT.products[2:], flaws=(flaw,)))
    assert found(made, Form.CSAF_21) == ()
    assert b'"category": "csaf_base"' in WRITERS[Form.CSAF_21](made)[0].content


def test_a_remedy_that_csaf_forbids_is_a_note() -> None:
    said = (
        Remedy(RemedyKind.VENDOR_FIX, "Update.", ("curd-old", "curd-new")),
        Remedy(RemedyKind.NONE_AVAILABLE, "There was none until May.", ("curd-old",)),
    )
    made = issue(replace(CONTENT, flaws=(replace(CONTENT.flaws[0], remedies=said),)))
    (written,) = WRITERS[Form.CSAF_21](made)
    (flaw,) = json.loads(written.content)["vulnerabilities"]
    assert flaw["remediations"] == [{"category": "vendor_fix", "details": "Update.", "product_ids": ["curd-old"]}]
    assert flaw["notes"][1] == {"category": "other", "text": "There was none until May.", "title": "Remedy"}
    assert found(made, Form.CSAF_21) == ()
