"""Files of other formats become reports; what is none of them is refused in one sentence, and nothing ever breaks."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.findings.core.formats.reading import Given, read
from seatrial.kernel.errors import Misuse

DATA = Path(__file__).parents[4] / "shared" / "data"

SARIF: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Looker",
                    "semanticVersion": "3.4.5",
                    "rules": [
                        {
                            "id": "cpp/overflow",
                            "shortDescription": {"text": "Unchecked length"},
                            "help": {"text": "Check the length first."},
                            "helpUri": "https://example.org/rules/overflow",
                            "messageStrings": {"default": {"text": "'{0}' is not checked before '{1}'."}},
                            "properties": {"tags": ["security", "external/cwe/cwe-0787"], "security-severity": "8.8"},
                        },
                        {"id": "style"},
                    ],
                }
            },
            "versionControlProvenance": [
                {"repositoryUri": "https://git.example/cut/pngcut.git", "revisionId": "abc123"}
            ],
            "originalUriBaseIds": {"SRC": {"uri": "file:///src/"}},
            "artifacts": [{"location": {"uri": "read.c", "uriBaseId": "SRC"}}],
            "results": [
                {
                    "ruleId": "cpp/overflow/heap",
                    "message": {"id": "default", "arguments": ["length", "memcpy"]},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"index": 0},
                                "region": {"startLine": 12, "startColumn": 3},
                            },
                            "logicalLocations": [{"fullyQualifiedName": "cut::read"}],
                        }
                    ],
                    "codeFlows": [
                        {
                            "threadFlows": [
                                {
                                    "locations": [
                                        {
                                            "location": {
                                                "physicalLocation": {
                                                    "artifactLocation": {"uri": "main.c"},
                                                    "region": {"startLine": 1},
                                                }
                                            }
                                        },
                                        {"location": {"message": {"text": "and there it is used"}}},
                                    ]
                                }
                            ]
                        }
                    ],
                    "partialFingerprints": {"primaryLocationLineHash": "39fa2ee980eb94b0:1"},
                },
                {"ruleIndex": 1, "kind": "pass", "message": {"text": "fine"}},
                {"ruleIndex": 1, "baselineState": "absent", "message": {"text": "gone"}},
                {"ruleId": "other", "message": {"text": "Plain words of a result that names a rule nobody knows."}},
            ],
        }
    ],
}

OSV: dict[str, Any] = {
    "schema_version": "1.6.7",
    "id": "GHSA-qcx9-j53g-ccgf",
    "modified": "2026-01-01T00:00:00Z",
    "aliases": ["CVE-2026-32807"],
    "summary": "Unchecked length",
    "details": "## What\nThe length of a chunk is not checked.",
    "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "pngcut", "purl": "pkg:pypi/pngcut"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4"}, {"introduced": "2.0"}]},
                {"type": "GIT", "repo": "https://git.example/cut", "events": [{"introduced": "0"}]},
            ],
            "versions": ["1.2", "1.3"],
        }
    ],
    "references": [{"type": "ADVISORY", "url": "https://example.org/a"}],
    "credits": [{"name": "Fin Der", "type": "FINDER", "contact": ["mailto:f@example.org"]}],
    "database_specific": {"cwe_ids": ["CWE-787"]},
}

CSAF: dict[str, Any] = {
    "document": {
        "category": "csaf_security_advisory",
        "csaf_version": "2.1",
        "title": "Cutters: two flaws in pngcut",
        "publisher": {"name": "Cutters PSIRT", "category": "vendor", "namespace": "https://cutters.example"},
        "tracking": {"id": "CUT-2026-1", "current_release_date": "2026-06-01T10:00:00Z"},
        "distribution": {"tlp": {"label": "AMBER+STRICT"}},
        "acknowledgments": [{"organization": "Lab North", "names": ["A. B.", "C. D."]}],
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Cutters",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "pngcut",
                        "branches": [
                            {
                                "category": "product_version_range",
                                "name": "vers:deb/<1.4",
                                "product": {
                                    "product_id": "P1",
                                    "name": "pngcut below 1.4",
                                    "product_identification_helper": {"purls": ["pkg:deb/debian/pngcut"]},
                                },
                            }
                        ],
                    }
                ],
            }
        ]
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2026-1",
            "title": "Unchecked length",
            "cwes": [{"id": "CWE-787", "name": "Out-of-bounds Write", "version": "4.12"}],
            "ids": [{"system_name": "VU", "text": "VU#123456"}],
            "notes": [{"category": "description", "text": "The length of a chunk is not checked."}],
            "product_status": {"known_affected": ["P1"]},
            "metrics": [{"content": {"cvss_v4": {"vectorString": "CVSS:4.0/AV:N", "baseSeverity": "CRITICAL"}}}],
        },
        {"title": "The second"},
    ],
}


def data(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_sarif_result_is_a_report_with_its_rule_places_steps_and_fingerprints() -> None:
    first, passed, absent, plain = read(data(SARIF))
    assert first.document is not None
    assert first.pointer == "/runs/0/results/0"
    said = first.document
    assert said["title"] == "cpp/overflow/heap: 'length' is not checked before 'memcpy'."
    assert (said["product"], said["versions"], said["weaknesses"]) == ({"name": "pngcut"}, ["abc123"], ["CWE-787"])
    assert said["severity"] == {"word": "high"}
    assert said["credits"] == [{"name": "Looker 3.4.5", "type": "TOOL"}]
    for words in ("file:///src/read.c:12:3 in cut::read", "1. main.c:1", "2. and there it is used", "Check the length"):
        assert words in said["description"]
    assert said["extensions"]["sarif"]["partialFingerprints"] == {"primaryLocationLineHash": "39fa2ee980eb94b0:1"}
    kept = json.loads(said["origin"]["data"])
    assert (kept["result"], kept["rule"]["id"]) == (SARIF["runs"][0]["results"][0], "cpp/overflow")
    assert [item.refused and item.refused.code for item in (passed, absent, plain)] == ["not-a-finding"] * 2 + [None]


def test_what_sarif_does_not_name_is_given_for_all() -> None:
    lonely = deepcopy(SARIF)
    del lonely["runs"][0]["versionControlProvenance"]
    refused = read(data(lonely))[0].refused
    assert refused is not None
    assert refused.message == "This report cannot be taken yet: product is missing."
    made = read(data(lonely), Given(product="cutter", version="9", tlp="green"))[0].document
    assert made is not None
    assert (made["product"], made["versions"], made["tlp"]) == ({"name": "cutter"}, ["9"], "GREEN")


def test_the_short_form_is_filled_too() -> None:
    short = {"title": "A title of it", "description": "What happens, and where."}
    (item,) = read(data(short), Given("x", "1", "green"))
    assert item.document is not None
    assert (item.document["product"], item.document["tlp"]) == ({"name": "x"}, "GREEN")


def test_an_osv_record_is_a_report_with_its_ranges_credits_and_identifiers() -> None:
    (item,) = read(data(OSV))
    assert item.document is not None
    said = item.document
    assert said["versions"] == ["<1.4", ">=2.0", "1.2", "1.3"]
    assert said["product"] == {"name": "pngcut", "purl": "pkg:pypi/pngcut", "vendor": "PyPI"}
    assert said["credits"] == OSV["credits"]
    assert [one["identifier"] for one in said["handling"]] == ["GHSA-qcx9-j53g-ccgf", "CVE-2026-32807"]
    assert json.loads(said["origin"]["data"]) == OSV


def test_a_csaf_vulnerability_is_a_report_with_its_product_credits_and_publisher() -> None:
    first, second = read(data(CSAF))
    assert first.document is not None
    said = first.document
    assert said["title"] == "CVE-2026-1: Unchecked length"
    assert said["product"] == {"name": "pngcut", "vendor": "Cutters", "purl": "pkg:deb/debian/pngcut"}
    assert (said["versions"], said["weaknesses"], said["tlp"]) == (["vers:deb/<1.4"], ["CWE-787"], "AMBER+STRICT")
    assert said["severity"] == {"word": "critical", "vectors": ["CVSS:4.0/AV:N"]}
    assert [credit["name"] for credit in said["credits"]] == ["A. B. (Lab North)", "C. D. (Lab North)"]
    assert said["chain"] == [
        {"organisation": "Cutters PSIRT", "identifier": "CUT-2026-1", "at": "2026-06-01T10:00:00Z"}
    ]
    assert {"organisation": "VU", "identifier": "VU#123456"} in said["handling"]
    assert second.document is not None


def test_arrays_and_lines_hold_any_of_them_and_each_is_judged_alone() -> None:
    short = {"title": "Heap overflow in x", "description": "It writes past its end on long input.", "product": "x"}
    mixed = [short, {"title": "?"}, OSV, CSAF, 7, {**short, "colour": "red"}]
    found = read(data(mixed))
    assert [item.pointer for item in found] == [
        "/0",
        "/1",
        "/2",
        "/3/vulnerabilities/0",
        "/3/vulnerabilities/1",
        "/4",
        "/5",
    ]
    assert [item.refused.code if item.refused else "" for item in found] == [
        *("", "unknown-format", "", "", "", "unknown-format", "report-invalid")
    ]
    lines = b"\n".join([data(short), b"", b'{"broken": }', data(OSV)]) + b"\r\n"
    found = read(lines)
    assert [item.pointer for item in found] == ["line 1", "line 3", "line 4"]
    assert [item.refused.code if item.refused else "" for item in found] == ["", "not-json", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    (item,) = read(json.dumps({**OSV, "summary": "Ünchecked 漢字"}, ensure_ascii=False).encode(encoding))
    assert item.document is not None
    assert "Ünchecked 漢字" in item.document["title"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "not-json"),
        (b"<sarif/>", "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        ('{"title": "Größe"}'.encode("latin-1"), "not-json"),
        (b"[" * 200_000, "not-json"),
        (b'{"a": NaN}', "not-json"),
        (b'{"title": 1, "title": 2}', "not-json"),
        (b"[]", "not-a-finding"),
        (b"{}", "unknown-format"),
        (b"7", "unknown-format"),
        (b'{"format": "seatrial-report/9"}', ""),
        (data({**SARIF, "version": "2.0.0"}), "unknown-version"),
        (data({**SARIF, "version": 3}), "unknown-version"),
        (data({**SARIF, "runs": []}), "not-a-finding"),
        (data({**SARIF, "runs": [{"externalPropertyFileReferences": {}}]}), "not-a-finding"),
        (data({**OSV, "schema_version": "2.0.0"}), ""),
        (data({**CSAF, "document": {"csaf_version": "3.0"}}), "unknown-version"),
        (data({**CSAF, "vulnerabilities": []}), "not-a-finding"),
        (data([OSV] * 10_001), "too-many-items"),
    ],
    ids=range(19),
)
def test_what_cannot_be_read_is_refused_in_one_sentence(sent: bytes, code: str) -> None:
    if not code:  # one item, refused by itself
        (item,) = read(sent)
        assert item.refused is not None
        assert item.refused.code in ("unknown-version", "report-format")
        return
    with pytest.raises(Misuse) as caught:
        read(sent)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


def mangled(value: Any, draw: Any) -> Any:
    """``value`` with parts of it replaced by what its format does not know."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([None, 0, -1, 2**70, 1.5, "", "\x00\ud800\u202e", [], {}, [[]], "x" * 3000, True]))
    if isinstance(value, dict):
        return {name: mangled(item, draw) for name, item in value.items()}
    if isinstance(value, list):
        return [mangled(item, draw) for item in value]
    return value


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_file_however_odd_breaks_an_importer(drawn: Any) -> None:
    value = mangled(deepcopy(drawn.draw(st.sampled_from([SARIF, OSV, CSAF]))), drawn.draw)
    try:
        found = read(json.dumps(value).encode())
    except Misuse:
        return
    assert all((item.document is None) != (item.refused is None) for item in found)


@pytest.mark.skipif(not DATA.exists(), reason="the folder ../shared/data is absent")
def test_real_advisories_are_taken_but_for_those_withdrawn() -> None:
    found = read((DATA / "pypa-advisories.osv.jsonl").read_bytes())
    refused = [item.refused.code for item in found if item.refused]
    assert (len(found), refused) == (2661, ["not-a-finding"] * 10)
    for file in sorted((DATA / "cisa-csaf-2023").glob("*.json")):
        assert not [item for item in read(file.read_bytes()) if item.refused], file.name
