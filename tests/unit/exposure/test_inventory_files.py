"""Inventories in every form; bad ones get one sentence that says what and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.clearinghouse.exposure.core.home import as_csv, as_vex, match, read_advisories
from seatrial.clearinghouse.exposure.core.inventory import merged, read
from seatrial.clearinghouse.exposure.types import Release
from seatrial.kernel.errors import Misuse
from simulators.inventories import cyclonedx, osv

SBOMS = Path(__file__).parents[4] / "shared" / "data" / "sboms"
OAR = Release("pkg:pypi/oar", "1.5", "pypi")
CPE = "cpe:2.3:h:acme:rtu\\-9:4.2:*:*:*:*:*:*:*"


def releases(data: bytes, name: str = "inventory") -> list[Release]:
    return [one for system in read(data, name).systems for part in system.components for one in part.releases]


SPDX2 = {
    "spdxVersion": "SPDX-2.3",
    "name": "boat",
    "packages": [
        {
            "name": "oar",
            "versionInfo": "1.5",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/oar@1.5"}],
        },
        {"name": "rtu", "externalRefs": [{"referenceType": "cpe23Type", "referenceLocator": CPE}]},
    ],
}
SPDX3 = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "specVersion": "3.0.1"},
        {"type": "SpdxDocument", "name": "boat"},
        {
            "type": "software_Package",
            "name": "oar",
            "software_packageVersion": "1.5",
            "software_packageUrl": "pkg:pypi/oar@1.5",
        },
        {
            "type": "software_Package",
            "name": "rtu",
            "externalIdentifier": [{"externalIdentifierType": "cpe23", "identifier": CPE}],
        },
    ],
}


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
def test_cyclonedx(version: str) -> None:
    reading = read(cyclonedx("boat", "pkg:pypi/Oar@1.5", "pkg:pypi/oar@1.5", version=version), "x")
    assert (reading.form, [one.name for one in reading.systems]) == (f"CycloneDX {version}", ["boat"])
    assert OAR in releases(cyclonedx("boat", "pkg:pypi/Oar@1.5"))


def test_components_within_components_count() -> None:
    inner = {"type": "library", "name": "oar", "purl": "pkg:pypi/oar@1.5"}
    bom = cyclonedx("boat", components=[{"type": "library", "name": "hull", "components": [inner]}])
    assert OAR in releases(bom)


@pytest.mark.parametrize("document", [SPDX2, SPDX3])
def test_spdx(document: dict[str, object]) -> None:
    found = releases(json.dumps(document).encode())
    assert found == [OAR, Release("cpe:h:acme:rtu-9", "4.2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_of_unicode(encoding: str) -> None:
    assert OAR in releases(cyclonedx("boat", "pkg:pypi/oar@1.5").decode().encode(encoding))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_lists_of_devices(separator: str) -> None:
    rows = [
        ["Asset", "Vendor", "Product", "Model number", "Version", "Firmware", "CPE", "Room"],
        ["plc-1", "Acme", "RTU 9", "6GK5216-0HA00-2AS6", "7", "4.2", CPE, "12"],
        ["plc-2", " ACME ", "rtu_9", "", "4.2", "", "", ""],
    ]
    reading = read("\r\n".join(separator.join(row) for row in rows).encode("utf-8-sig"), "list.csv")
    assert [one.name for one in reading.systems] == ["plc-1", "plc-2"]
    first, second = reading.systems
    assert first.components[0].releases == (
        Release("cpe:h:acme:rtu-9", "4.2"),
        Release("model:6gk52160ha002as6", "4.2"),
        Release("product:acme/rtu 9", "4.2"),
    )
    assert first.components[1].releases == (Release("product:acme/rtu 9", "7"),)
    assert second.components[0].releases == (Release("product:acme/rtu 9", "4.2"),)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "bad-csv", "line 1"),
        (cyclonedx("boat")[:-9], "not-json", "boat.json"),
        (cyclonedx("boat", version="1.3"), "unknown-version", "'1.3'"),
        (cyclonedx("boat", components={}), "not-an-inventory", "/components"),
        (b'{"bomFormat": "CycloneDX", "bomFormat": "x"}', "not-json", "twice"),
        (b"[1]", "not-an-inventory", "CycloneDX"),
        (b"{}", "not-an-inventory", "SPDX"),
        (b"\xff\xfe{", "not-an-inventory", "UTF-16"),
        (b'{"name": "\xe9"}', "not-an-inventory", "byte 10"),
        (b"[" * 100_000, "not-json", "boat.json"),
        (json.dumps(SPDX2 | {"spdxVersion": "SPDX-1.2"}).encode(), "unknown-version", "SPDX-1.2"),
        (json.dumps({"@context": "https://spdx.org/rdf/3.0.1/x", "@graph": {}}).encode(), "not-an-inventory", "@graph"),
        (b"colour,size\nred,1\n", "bad-csv", "line 1"),
        (b'product,version\n"oar,1\n', "bad-csv", "line"),
        (b"product\n" + b"x" * 3000, "bad-csv", "line 2"),
        (b"product\no\0ar", "bad-csv", "NUL"),
        (b" " * (64 * 1024**2 + 1), "inventory-too-large", "64 MiB"),
    ],
)
def test_bad_files_get_one_sentence(data: bytes, code: str, words: str) -> None:
    with pytest.raises(Misuse) as refused:
        read(data, "boat.json")
    assert refused.value.code == code
    assert words in refused.value.message
    assert "boat.json" in refused.value.message


def test_several_files_are_one_inventory() -> None:
    whole = merged([read(cyclonedx("boat", "pkg:pypi/oar@1.5"), "a"), read(cyclonedx("boat", "pkg:pypi/sail@2"), "b")])
    assert [(one.name, len(one.components)) for one in whole.systems] == [("boat", 4 - 1)]


def test_matching_at_home_writes_no_formulas_and_a_vex_document() -> None:
    reading = read(b"name,product,version,purl\n=cmd|' /C calc'!A0,oar,1.5,pkg:pypi/oar@1.5\n", "x.csv")
    record = osv("PYSEC-1", "oar", {"introduced": "1"}, {"fixed": "2"}, aliases=["CVE-2026-1"])
    found = list(match(reading, read_advisories(json.dumps([record]).encode(), "a.json")))
    lines = as_csv(found).splitlines()
    assert lines[1].startswith("\"'=cmd")
    vex = json.loads(as_vex(found, author="us", at="2026-01-01T00:00:00Z"))
    (statement,) = vex["statements"]
    assert (statement["status"], statement["vulnerability"]["name"]) == ("affected", "CVE-2026-1")
    assert statement["products"][0]["subcomponents"] == [{"@id": "pkg:pypi/oar@1.5"}]


@pytest.mark.skipif(not SBOMS.exists(), reason=f"there is no {SBOMS.name} here")
def test_real_bills_of_materials() -> None:
    for file in SBOMS.glob("*.json"):
        reading = read(file.read_bytes(), file.name)
        assert len(reading.systems[0].components) >= 20
        assert reading.notes == ()
