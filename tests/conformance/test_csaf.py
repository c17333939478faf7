"""The OASIS CSAF committee's own documents and CISA's advisories of 2023; skipped where they are not at hand."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seatrial.clearinghouse.advisories.api import Aids, Extension, convert, grammar, parse, spelling, validate, written

DATA = Path(__file__).parents[2].parent / "shared" / "data"
OFFICIAL = DATA / "csaf-conformance"
CISA = DATA / "cisa-csaf-2023"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
REAL_CONVERTED = 318

# Documents that other tests of the same committee refuse although `testcases.json` calls the document valid (or the
# other way round). Which test each is about is judged as it says; only the verdict on the whole document differs.
CONTRADICTED = {
    "2.0": {"6-2-08-02", "6-2-09-02"},
    "2.1": {
        *("6-1-10-13", "6-1-27-13-16", "6-1-50-14", "6-1-50-15", "6-2-08-02", "6-2-09-02", "6-2-20-02", "6-2-21-02"),
        *("6-2-34-03", "6-2-39-02-01", "6-2-39-03-01", "6-2-42-02", "6-2-54-03-01", "6-3-21-01-02", "6-3-21-01-12"),
    },
}


def answer(url: str) -> int | None:
    """A network in which the addresses of the documents answer as the committee means them to."""
    return None if ".invalid" in url else 404 if "not-available" in url else 200


def extensions() -> dict[str, Extension]:
    """The extensions that the committee's documents use."""
    found = {}
    for file in (OFFICIAL / "csaf_2.1/test/extension/data").rglob("*-content_*.json"):
        schema = json.loads(file.read_bytes())
        metadata = json.loads(Path(str(file).replace("-content_", "-metadata_")).read_bytes())
        found[schema["$id"]] = Extension(schema, metadata)
    return found


def cases(version: str) -> list[tuple[str, str, bool, dict[str, Any]]]:
    """Test number, group, whether it has to fail, the case."""
    listed = json.loads((OFFICIAL / f"csaf_{version}/test/validator/data/testcases.json").read_bytes())["tests"]
    return [
        (test["id"], test["group"], kind == "failures", case)
        for test in listed
        for kind in ("failures", "valid")
        for case in test.get(kind, [])
    ]


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the committee's documents are not at hand")
@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_every_official_document_is_judged_as_the_committee_says(version: str) -> None:
    aids = Aids(answer=answer, spelling=spelling, grammar=grammar, extensions=extensions())
    counts: Counter[str] = Counter()
    wrong, whole = [], set()
    for number, group, fails, case in cases(version):
        document = parse((OFFICIAL / f"csaf_{version}/test/validator/data" / case["name"]).read_bytes())
        report = validate(document, now=NOW, aids=aids)
        word = "fail" if fails else "pass"
        counts[f"{group} {word}"] += 1
        if number in report.unjudged or report.failed(number) != fails:
            wrong.append((number, case["name"]))
        if report.valid != case["valid"]:
            whole.add(case["name"].rsplit("/", 1)[1].split("-20", 1)[1].split("-", 1)[1].removesuffix(".json"))
    print(version, dict(counts))
    assert wrong == []
    assert whole == CONTRADICTED[version]


@pytest.mark.skipif(not CISA.is_dir(), reason="CISA's advisories are not at hand")
def test_real_advisories_are_valid_and_survive_a_round_trip() -> None:
    files = sorted(CISA.glob("*.json"))
    assert len(files) == 380
    for file in files:
        document = parse(file.read_bytes())
        assert parse(written(document)) == document
        report = validate(document, now=NOW)
        assert report.valid, (file.name, report.findings)
        assert all(finding.sentence.endswith(".") for finding in report.findings)


@pytest.mark.skipif(not OFFICIAL.is_dir() or not CISA.is_dir(), reason="the documents are not at hand")
def test_valid_documents_of_2_0_become_valid_2_1_or_say_why_not() -> None:
    """All of the committee's; of the real ones all but those with ranges in prose (6.1.50) and remedies that
    contradict "none available" (6.1.35), for which the conversion's clause has no rule."""
    official = sorted((OFFICIAL / "csaf_2.0/test/validator/data").glob("*/*.json"))
    counts: Counter[str] = Counter()
    why = set()
    for group, files in (("official", official), ("real", sorted(CISA.glob("*.json")))):
        for file in files:
            document = parse(file.read_bytes())
            if file.name == "testcases.json" or not validate(document).valid:
                continue
            report = convert(document).report
            counts[f"{group} {'valid' if report.valid else 'not valid'}"] += 1
            why |= {(group, finding.number) for finding in report.findings}
    assert counts["official not valid"] == 0, counts
    assert counts["official valid"] == 150, counts
    assert counts["real valid"] == REAL_CONVERTED, counts
    assert why == {("real", "6.1.35"), ("real", "6.1.50")}, counts
