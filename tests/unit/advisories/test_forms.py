"""Every form against its official schema, whatever was written; what each says; and that nothing in a text acts."""

from __future__ import annotations

import email
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.policy import default
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft7Validator, Draft202012Validator
from markdown_it import MarkdownIt
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7
from stix2validator import ValidationOptions, validate_string

from seatrial.clearinghouse.advisories.core.checks import check
from seatrial.clearinghouse.advisories.core.forms import WRITERS, write
from seatrial.clearinghouse.advisories.types import Form, Issue, Tlp
from simulators.contents import issues
from simulators.issues import CONTENT, HOSTILE, hostile, issue, single

DATA = Path(__file__).parents[2] / "data" / "schemas"
SHARED = Path(os.environ.get("SEATRIAL_TEST_SHARED", Path(__file__).parents[4] / "shared"))
CSAF = SHARED / "data" / "csaf-conformance"
ISSUES: dict[str, Callable[[], Issue]] = {
    "two flaws": issue,
    "one flaw": lambda: issue(single()),
    "third revision": lambda: issue(revisions=3),
    "withdrawn": lambda: issue(withdrawn="It is no flaw after all.", revisions=2),
    "hostile": lambda: issue(hostile()),
    "hostile, withdrawn": lambda: issue(hostile(), withdrawn=HOSTILE, revisions=2),
    "amber+strict": lambda: issue(single(Tlp.AMBER_STRICT, ("vendor-a",))),
}
with_committee = pytest.mark.skipif(not CSAF.exists(), reason="the committee's documents are not beside the checkout")


CVE_SCHEMA = json.loads((files("cvelib") / "schemas" / "CVE_JSON_bundled_5.1.1.json").read_text(encoding="utf-8"))
CVSS_31 = {"$ref": "#/definitions/metrics/items/properties/cvssV3_1", "definitions": CVE_SCHEMA["definitions"]}


def of(made: Issue, form: Form) -> list[Any]:
    return [json.loads(one.content) for one in write(made) if one.form is form]


def text_of(made: Issue, form: Form) -> str:
    (content,) = (one.content for one in write(made) if one.form is form)
    return content.decode()


def schema(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def problems(official: dict[str, Any], document: Any, kind: Any = Draft202012Validator) -> list[str]:
    """By the schema. CVSS 3.1 is the CVE schema's; 3.0, which is not written, takes nothing, others anything."""

    def elsewhere(uri: str) -> Resource[Any]:
        found: Any = CVSS_31 if "cvss-v3.1" in uri else {"not": {}} if "cvss-v3.0" in uri else {}
        return Resource.from_contents(found, default_specification=DRAFT7)

    registry: Any = Registry(retrieve=elsewhere)  # type: ignore[call-arg]
    checker = kind(official, registry=registry, format_checker=kind.FORMAT_CHECKER)
    return [f"{one.json_path}: {one.message[:200]}" for one in checker.iter_errors(document)]


@pytest.fixture(params=ISSUES, scope="module")
def made(request: pytest.FixtureRequest) -> Issue:
    return ISSUES[request.param]()


def test_what_is_written_has_no_gaps(made: Issue) -> None:
    assert check(made.content) == ()


@with_committee
@pytest.mark.parametrize("form", [Form.CSAF_20, Form.CSAF_VEX_20])
def test_csaf_20(made: Issue, form: Form) -> None:
    official = schema(CSAF / "csaf_2.0" / "json_schema" / "csaf_json_schema.json")
    assert [problems(official, one) for one in of(made, form)] == [[]]


@with_committee
@pytest.mark.parametrize("form", [Form.CSAF_21, Form.CSAF_VEX_21])
def test_csaf_21(made: Issue, form: Form) -> None:
    official = schema(CSAF / "csaf_2.1" / "json_schema" / "csaf.json")
    official["$schema"] = Draft202012Validator.META_SCHEMA["$id"]  # the committee's own only forbids strange members
    assert [problems(official, one) for one in of(made, form)] == [[]]


def test_osv(made: Issue) -> None:
    assert [problems(schema(DATA / "osv.json"), one) for one in of(made, Form.OSV)] == [[]]


def test_cve(made: Issue) -> None:
    assert [problems(CVE_SCHEMA, one, Draft7Validator) for one in of(made, Form.CVE)] == [[]]


def test_openvex(made: Issue) -> None:
    assert [problems(schema(DATA / "openvex.json"), one) for one in of(made, Form.OPENVEX)] == [[]]


def test_cyclonedx(made: Issue) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text_of(made, Form.CYCLONEDX)) is None


def test_stix(made: Issue) -> None:
    found = validate_string(text_of(made, Form.STIX), ValidationOptions(version="2.1"))
    assert found.is_valid, [str(one) for each in found.object_results for one in each.errors]


def test_the_same_issue_gives_the_same_bytes(made: Issue) -> None:
    assert write(made) == write(made)


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def names(self) -> list[str]:
        return [tag for tag, _ in self.found]

    @property
    def links(self) -> list[str]:
        return [str(attributes["href"]) for tag, attributes in self.found if tag == "a"]


def tags(page: str) -> Tags:
    found = Tags()
    found.feed(page)
    return found


def test_nothing_in_a_page_acts(made: Issue) -> None:
    found = tags(text_of(made, Form.HTML))
    assert not set(found.names) & {"script", "img", "iframe", "object", "form", "input", "link", "svg"}
    assert not any(name.startswith("on") for _, attributes in found.found for name in attributes)
    assert all(link.startswith("https://") for link in found.links)
    assert found.names.count("h1") == 1


def test_nothing_in_markdown_acts(made: Issue) -> None:
    found = tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text_of(made, Form.MARKDOWN)))
    assert not set(found.names) & {"script", "img", "code", "pre", "h4"}
    assert found.names.count("h1") == 1
    assert all(link.startswith("https://") for link in found.links)
    assert found.names.count("tr") == sum(1 + len(flaw.standings) for flaw in made.content.flaws)


def test_no_text_becomes_a_header_of_a_mail(made: Issue) -> None:
    (written,) = (one for one in write(made) if one.form is Form.MAIL)
    message = email.message_from_bytes(written.content, policy=default)
    wanted = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
    assert set(message.keys()) == wanted | {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert message["To"] == "undisclosed-recipients:;"
    assert message.get_content_type() == "text/plain"
    assert all(len(line) <= 998 for line in written.content.splitlines())


def test_what_each_form_says_of_versions() -> None:
    made = issue(single())
    (record,) = of(made, Form.OSV)
    assert record["aliases"] == ["CVE-2026-12345", "GHSA-abcd-efgh-2345"]
    (affected,) = record["affected"]
    assert affected["package"]["name"] == "curd"
    assert affected["ranges"][0]["events"] == [{"introduced": "1.0"}, {"fixed": "1.4"}]
    (cve,) = of(made, Form.CVE)
    first = cve["containers"]["cna"]["affected"][0]["versions"][0]
    assert first == {"version": "1.0", "status": "affected", "versionType": "pypi", "lessThan": "1.4"}


def test_no_form_names_the_report_it_was_drafted_from() -> None:
    assert b"report-1" not in b"".join(one.content for one in write(issue()))


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.STIX])
def test_a_withdrawn_advisory_says_why(form: Form) -> None:
    for one in write(issue(withdrawn="It was no flaw", revisions=2)):
        assert one.form is not form or b"It was no flaw" in one.content


def test_in_stix_what_is_withdrawn_is_revoked() -> None:
    (bundle,) = of(issue(withdrawn="It was no flaw", revisions=2), Form.STIX)
    ours = [one for one in bundle["objects"] if one["type"] in ("report", "vulnerability", "relationship")]
    assert ours
    assert all(one["revoked"] for one in ours)


def test_moments_are_those_of_the_history() -> None:
    made = issue(revisions=3)
    (document,) = of(made, Form.CSAF_20)
    tracking = document["document"]["tracking"]
    assert [one["number"] for one in tracking["revision_history"]] == ["1", "2", "3"]
    assert datetime.fromisoformat(tracking["initial_release_date"]) == made.released
    assert datetime.fromisoformat(tracking["current_release_date"]) == made.updated


def test_a_record_of_several_flaws_has_the_worst_severity_and_says_nothing_twice() -> None:
    mild = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
    first, second = CONTENT.flaws
    flaws = (replace(first, cvss3=mild, description=CONTENT.summary), replace(second, cvss3=first.cvss3))
    record = json.loads(WRITERS[Form.OSV](issue(replace(CONTENT, flaws=flaws)))[0].content)
    assert {one["type"]: one["score"] for one in record["severity"]} == {
        "CVSS_V3": first.cvss3,
        "CVSS_V4": first.cvss4,
    }
    assert record["details"].count(CONTENT.summary) == 1


def test_in_stix_what_is_no_longer_said_is_revoked() -> None:
    (before,), (after,) = of(issue(), Form.STIX), of(issue(single(), revisions=2), Form.STIX)
    (told,) = of(replace(issue(single(), revisions=2), earlier=(CONTENT,)), Form.STIX)
    standing = {one["id"] for one in after["objects"]}
    gone = [one for one in told["objects"] if one["id"] not in standing]
    assert {one["id"] for one in gone} == {one["id"] for one in before["objects"]} - standing
    assert all(one["revoked"] and one["modified"] > one["created"] for one in gone)
    assert [one for one in told["objects"] if one["id"] in standing] == after["objects"]


def test_in_stix_every_revision_is_a_later_version() -> None:
    made = issue(revisions=3)
    at = made.released.replace(microsecond=123_456)
    made = replace(made, history=tuple(replace(one, at=at) for one in made.history))
    (bundle,) = of(made, Form.STIX)
    (report,) = (one for one in bundle["objects"] if one["type"] == "report")
    assert (report["created"][-5:], report["modified"][-5:]) == (".123Z", ".125Z")


OSV_SCHEMA, OPENVEX_SCHEMA = schema(DATA / "osv.json"), schema(DATA / "openvex.json")


@given(issues())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
def test_whatever_is_written_without_gaps_keeps_to_every_schema(made: Issue) -> None:
    assert [problems(OSV_SCHEMA, one) for one in of(made, Form.OSV)] == [[]]
    assert [one for each in of(made, Form.CVE) for one in problems(CVE_SCHEMA, each, Draft7Validator)] == []
    assert [problems(OPENVEX_SCHEMA, one) for one in of(made, Form.OPENVEX)] == [[]]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text_of(made, Form.CYCLONEDX)) is None
    found = validate_string(text_of(made, Form.STIX), ValidationOptions(version="2.1"))
    assert found.is_valid, [str(one) for each in found.object_results for one in each.errors]
