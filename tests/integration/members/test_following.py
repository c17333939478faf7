"""Members' feeds are read, verified, judged and mirrored; what is wrong is told in a sentence and nothing is lost."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.members import api as members
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable
from seatrial.ledger import api as ledger
from simulators.harbour import Harbour
from simulators.operators import settled
from simulators.provider import ROOT, Provider, serving

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "/.well-known/csaf-aggregator/"
SHARED = Path(os.environ.get("SEATRIAL_TEST_SHARED", Path(__file__).parents[4] / "shared"))


def added(harbour: Harbour, dairy: Provider, **more: Any) -> str:
    given = {"url": dairy.url, "mirror": True, "name": "dairy", "at": harbour.start, **more}
    return members.add_member(by=harbour.analyst, **given)


def read(harbour: Harbour, member: str, day: float = 1) -> int:
    return members.follow(member, clock=lambda: harbour.days(day))


def get(path: str, status: int = 200) -> bytes:
    answer = Client().get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return bytes(answer.content)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(SeatrialError) as raised:
        act()
    return raised.value.code


def why(harbour: Harbour) -> dict[str, str]:
    return {one.url.rsplit("/", 1)[1]: " ".join(one.why) for one in members.faults(harbour.analyst, "dairy")}


def test_what_a_member_publishes_is_mirrored_as_it_is(harbour: Harbour, dairy: Provider) -> None:
    path = dairy.put("DAIRY-1")
    old = dairy.put("DAIRY-2", content=dairy.document("DAIRY-2", version="2.0"))
    member = added(harbour, dairy)
    assert read(harbour, member) == 2
    [view] = members.members(harbour.analyst)
    assert (view.name, view.title, view.documents, view.faults, view.why) == ("dairy", "Dairy", 2, 0, "")
    assert view.keys == (dairy.fingerprint,)
    listed = json.loads(get(f"{HERE}aggregator.json"))
    mine, theirs = listed["csaf_providers"]
    assert mine["metadata"]["url"].endswith("/.well-known/csaf/provider-metadata.json")
    assert theirs["metadata"]["url"] == f"{dairy.url}{ROOT}provider-metadata.json"
    assert theirs["metadata"]["publisher"]["name"] == "Dairy"
    [mirror] = theirs["mirrors"]
    metadata = json.loads(get(mirror.removeprefix(advisories.publisher().namespace)))
    assert {one["fingerprint"] for one in metadata["public_openpgp_keys"]} == {
        dairy.fingerprint,
        advisories.fingerprint(),
    }
    feed = json.loads(get(f"{HERE}dairy/2.1/csaf-feed-tlp-white.json"))["feed"]
    [entry] = feed["entry"]
    assert entry["id"] == "DAIRY-1"
    where = entry["content"]["src"].removeprefix(advisories.publisher().namespace)
    content = get(where)
    assert content == dairy.files[path]
    assert get(f"{where}.asc") == dairy.files[f"{path}.asc"]
    assert get(f"{where}.sha512").split()[0].decode() == hashlib.sha512(content).hexdigest()
    rows = [row[0] for row in csv.reader(io.StringIO(get(f"{HERE}dairy/changes.csv").decode()))]
    assert sorted(rows) == sorted(get(f"{HERE}dairy/index.txt").decode().split())
    assert len(rows) == 2
    assert any(row.startswith("2.1/") for row in rows)
    assert next(row for row in rows if not row.startswith("2.1/")).endswith(Path(old).name)
    for nothing in ("dairy/x.json", "cheese/provider-metadata.json", "dairy/../aggregator.json", "dairy/openpgp/x.asc"):
        get(f"{HERE}{nothing}", 404)


@pytest.mark.skipif(not (SHARED / "data" / "csaf-conformance").exists(), reason="no conformance documents here")
def test_the_mirror_is_what_a_walker_of_providers_accepts(harbour: Harbour, dairy: Provider) -> None:
    """The mirror's metadata pass CSAF's own schema where it is there, and our own reader reads the mirror."""
    dairy.put("DAIRY-1")
    read(harbour, added(harbour, dairy))
    folder = SHARED / "data" / "csaf-conformance" / "csaf_2.0" / "json_schema"
    schemas = {path.name: json.loads(path.read_bytes()) for path in folder.glob("*.json")}
    resources = [(one["$id"], Resource.from_contents(one)) for one in schemas.values()]
    for name, path in (("aggregator", "aggregator.json"), ("provider", "dairy/provider-metadata.json")):
        schema = schemas[f"{name}_json_schema.json"]
        found = json.loads(get(f"{HERE}{path}"))
        Draft202012Validator(schema, registry=Registry().with_resources(resources)).validate(found)

    class Mirror:
        def read(self, url: str, most: int) -> bytes:
            return get(url.removeprefix(advisories.publisher().namespace))

    url = f"{advisories.publisher().namespace}{HERE}dairy/provider-metadata.json"
    walk = members.Walk(url, reader=Mirror(), verifier=members.Sequoia())
    [one] = walk.listed()
    found = walk.document(one, own="OURS-", at=harbour.days(1))
    assert (found.facts.tracking, bool(found.signature)) == ("DAIRY-1", True)


def test_only_what_changed_is_read_again(harbour: Harbour, dairy: Provider) -> None:
    first, second = dairy.put("DAIRY-1"), dairy.put("DAIRY-2")
    member = added(harbour, dairy)
    read(harbour, member)
    dairy.asked.clear()
    assert read(harbour, member) == 0
    assert not any(path.endswith(".json") and "white" in path for path in dairy.asked)
    changed = dairy.document("DAIRY-1", title="Another title of this advisory")
    dairy.put("DAIRY-1", "2026-07-02T09:00:00Z", content=changed)
    before = members.changes()
    assert read(harbour, member) == 1
    assert members.changes() > before
    assert [path for path in dairy.asked if path.endswith("dairy-2.json")] == []
    assert b"Another title" in get(f"{HERE}dairy/2.1/csaf-feed-tlp-white.json")
    dairy.drop(second)
    read(harbour, member)
    assert b"DAIRY-2" not in get(f"{HERE}dairy/2.1/csaf-feed-tlp-white.json")
    assert [entry.kind for entry in ledger.entries(harbour.analyst) if entry.kind.startswith("members.")] == [
        *("members.added", "members.read", "members.read", "members.read"),
    ]
    dairy.put("DAIRY-2")
    assert read(harbour, member) == 1  # it is back
    assert first in dairy.files


SPOILED: dict[str, tuple[Callable[[Provider, str], None], str]] = {
    "a hash of something else": (lambda p, path: p.files.update({f"{path}.sha512": b"0" * 128}), "not the one"),
    "a signature by somebody else": (
        lambda p, path: p.files.update({f"{path}.asc": Provider(url=p.url).put_signature(p.files[path])}),
        "not one of its provider's keys",
    ),
    "nonsense for a signature": (lambda p, path: p.files.update({f"{path}.asc": b"hello"}), "not one of its"),
    "no signature": (lambda p, path: p.files.pop(f"{path}.asc"), "No signature"),
    "no document": (lambda p, path: p.files.pop(path), "There is no"),
    "truncated": (lambda p, path: p.resign(path, p.files[path][:200]), "is not JSON"),
    "no CSAF": (lambda p, path: p.resign(path, b"{}"), "does not say that it is CSAF"),
    "not valid": (lambda p, path: p.resign(path, p.document("DAIRY-9", title=7)), "is not of type"),
    "a list": (lambda p, path: p.resign(path, b"[1]"), "no object"),
    "for a few": (
        lambda p, path: p.resign(path, p.document("DAIRY-9", distribution={"tlp": {"label": "AMBER"}})),
        "TLP:AMBER",
    ),
    "of another publisher": (
        lambda p, path: p.resign(
            path,
            p.document("DAIRY-9", publisher={"category": "vendor", "name": "X", "namespace": "https://x.example"}),
        ),
        "another namespace",
    ),
    "of this instance": (lambda p, path: p.resign(path, p.document("SEATRIAL-2026-0001")), "as this instance's own"),
    "elsewhere": (lambda p, path: p.move(path, "http://elsewhere.example/x.json"), "another host"),
    "a redirect": (lambda p, path: p.files.update({path: b"redirect:http://127.0.0.1:1/"}), "answers 302"),
    "deep": (lambda p, path: p.resign(path, b'{"a":' * 5000 + b"1" + b"}" * 5000), "nested deeper"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_wrong_is_told_and_the_others_go_on(harbour: Harbour, dairy: Provider, name: str) -> None:
    spoil, sentence = SPOILED[name]
    path = dairy.put("DAIRY-9")
    dairy.put("DAIRY-1")
    member = added(harbour, dairy)
    spoil(dairy, path)
    read(harbour, member)
    view = members.member(harbour.analyst, "dairy")
    if "302" in sentence:  # nobody can tell it from a host in trouble: all is tried again
        assert sentence in view.why
        return
    assert (view.documents, view.faults) == (1, 1)
    [said] = why(harbour).values()
    assert sentence in said
    dairy.listed.pop(next(one for one in dairy.listed if "dairy-9" in one or one.startswith("http")), None)
    dairy.put("DAIRY-9", "2026-07-03T09:00:00Z")
    read(harbour, member)
    view = members.member(harbour.analyst, "dairy")
    assert (view.documents, view.faults) == (2, 0)  # mended, and taken


def test_a_document_that_becomes_bad_stays_as_it_was(harbour: Harbour, dairy: Provider) -> None:
    path = dairy.put("DAIRY-1")
    member = added(harbour, dairy)
    read(harbour, member)
    dairy.resign(path, b"{}")
    dairy.listed[path] = "2026-07-02T09:00:00Z"
    dairy.publish()
    read(harbour, member)
    view = members.member(harbour.analyst, "dairy")
    assert (view.documents, view.faults) == (1, 1)
    assert b"DAIRY-1" in get(f"{HERE}dairy/2.1/csaf-feed-tlp-white.json")


def test_other_keys_are_refused_until_somebody_has_asked(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    member = added(harbour, dairy)
    read(harbour, member)
    before = dairy.fingerprint
    dairy.key = Provider().key
    dairy.put("DAIRY-2")
    read(harbour, member, 2)
    view = members.member(harbour.analyst, "dairy")
    assert before in view.why
    assert dairy.fingerprint in view.why
    assert view.documents == 1
    members.end_member(by=harbour.analyst, member="dairy", at=harbour.days(3))
    get(f"{HERE}dairy/provider-metadata.json", 404)
    again = added(harbour, dairy, keys=[dairy.fingerprint])
    dairy.put("DAIRY-1")
    assert read(harbour, again, 4) == 2
    assert code(lambda: added(harbour, dairy, name="other")) == "member-already"
    assert code(lambda: members.end_member(by=harbour.analyst, member=member, at=harbour.days(5))) == "ended-already"


def test_a_host_in_trouble_is_tried_again_and_loses_nothing(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    member = added(harbour, dairy)
    read(harbour, member)
    kept = dict(dairy.files)
    dairy.files.clear()
    assert members.follow_due(clock=lambda: harbour.days(1.01)) == 0  # it is not due yet
    for number in range(3):
        assert members.follow_due(clock=lambda number=number: harbour.days(2 + number)) == 1
    view = members.member(harbour.analyst, "dairy")
    assert "There is no" in view.why
    assert view.documents == 1
    assert view.next_at - harbour.days(4) == timedelta(minutes=20)
    dairy.files.update(kept)
    assert members.follow_due(clock=lambda: harbour.days(5)) == 1
    assert members.member(harbour.analyst, "dairy").why == ""


def test_a_reading_that_is_cut_off_goes_on_where_it_was(harbour: Harbour, dairy: Provider) -> None:
    first, second = dairy.put("DAIRY-1"), dairy.put("DAIRY-2")
    member = added(harbour, dairy)
    whole = dairy.files[second]
    dairy.files[second] = b"redirect:http://127.0.0.1:1/"
    assert read(harbour, member) == 0
    assert members.member(harbour.analyst, "dairy").documents == 1  # what had come is kept
    dairy.files[second] = whole
    dairy.asked.clear()
    assert read(harbour, member, 2) == 1
    assert first not in dairy.asked
    assert members.member(harbour.analyst, "dairy").documents == 2


def test_who_may_add_what(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    with pytest.raises(Forbidden):
        members.add_member(by=harbour.maintainer, url=dairy.url, mirror=True, at=harbour.start)
    assert members.members(harbour.maintainer) == ()
    with pytest.raises(NotFound):
        members.member(harbour.lab, "dairy")
    with pytest.raises(Misuse, match="cannot be a feed"):
        added(harbour, dairy, url="http://10.0.0.1/")
    with pytest.raises(Misuse, match="its folder"):
        added(harbour, dairy, name="../x")
    with pytest.raises(Refused, match="other keys"):
        added(harbour, dairy, keys=["A" * 40])
    dairy.also = {"mirror_on_CSAF_aggregators": False}
    dairy.publish()
    with pytest.raises(Refused, match="does not want to be mirrored"):
        added(harbour, dairy)
    member = added(harbour, dairy, mirror=False)
    assert read(harbour, member) == 0
    [_, theirs] = json.loads(get(f"{HERE}aggregator.json"))["csaf_providers"]
    assert "mirrors" not in theirs
    get(f"{HERE}dairy/provider-metadata.json", 404)
    dairy.files[f"{ROOT}provider-metadata.json"] = b'{"a": ['
    with pytest.raises(Misuse):
        added(harbour, dairy, name="other")
    with pytest.raises(Unavailable, match="could not be read"):
        added(harbour, dairy, url="http://127.0.0.1:9/", name="nobody")


def test_nobody_speaks_for_another(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    read(harbour, added(harbour, dairy))
    with serving(Provider(namespace="https://other.example")) as other:
        other.put("DAIRY-1")
        member = added(harbour, other, name="other")
        read(harbour, member)
        assert members.member(harbour.analyst, "other").documents == 0
        [fault] = members.faults(harbour.analyst, "other")
        assert "Another member has published under 'DAIRY-1' already." in fault.why


def test_what_is_mirrored_is_matched_and_no_longer_once_it_is_gone(harbour: Harbour, dairy: Provider) -> None:
    nia = settled(harbour, 1).defenders[0]
    listed = b"name,purl\nDesk 1,pkg:pypi/reader@4.2\nDesk 2,pkg:pypi/reader@4.3"
    exposure.add_inventory(
        by=nia, organisation="water-0", name="Desks", files={"devices.csv": listed}, at=harbour.start
    )
    said = json.loads(dairy.document("DAIRY-1"))
    [vendor] = said["product_tree"]["branches"]
    version = vendor["branches"][0]["branches"][0]
    version["product"]["product_identification_helper"] = {"purls": ["pkg:pypi/reader@4.2"]}
    [flaw] = said["vulnerabilities"]
    del flaw["flags"]
    flaw["product_status"] = {"known_affected": ["P1"]}
    flaw["remediations"] = [{"category": "vendor_fix", "details": "Take 4.3.", "product_ids": ["P1"]}]
    path = dairy.put("DAIRY-1", content=json.dumps(said).encode())
    member = added(harbour, dairy)
    read(harbour, member)
    assert exposure.follow_members(at=harbour.days(1)) == 1
    assert exposure.follow_members(at=harbour.days(1)) == 0
    [known] = exposure.advisories(harbour.analyst)
    assert (known.name, known.title) == ("dairy/DAIRY-1", "A parser that reads too far")
    [found] = exposure.matches(nia)
    assert (found.system_name, found.advisory) == ("Desk 1", "dairy/DAIRY-1")
    dairy.drop(path)
    read(harbour, member, 2)
    assert exposure.follow_members(at=harbour.days(2)) == 1
    assert list(exposure.matches(nia)) == []


def test_of_two_versions_of_csaf_the_one_that_stays_counts(harbour: Harbour, dairy: Provider) -> None:
    nia = settled(harbour, 1).defenders[0]
    listed = b"name,purl\nDesk 1,pkg:pypi/reader@4.2"
    exposure.add_inventory(
        by=nia, organisation="water-0", name="Desks", files={"devices.csv": listed}, at=harbour.start
    )
    for version, tracking in (("2.0", "DAIRY-1"), ("2.1", "DAIRY-1")):
        said = json.loads(dairy.document(tracking, version=version))
        product = said["product_tree"]["branches"][0]["branches"][0]["branches"][0]["product"]
        helper = {"purls": ["pkg:pypi/reader@4.2"]} if version == "2.1" else {"purl": "pkg:pypi/reader@4.2"}
        product["product_identification_helper"] = helper
        [flaw] = said["vulnerabilities"]
        del flaw["flags"]
        flaw["product_status"] = {"known_affected": ["P1"]}
        flaw["remediations"] = [{"category": "vendor_fix", "details": "Take 4.3.", "product_ids": ["P1"]}]
        path = dairy.put(f"{version}-{tracking}", content=json.dumps(said).encode())
    member = added(harbour, dairy)
    assert read(harbour, member) == 2
    exposure.follow_members(at=harbour.days(1))
    assert len(list(exposure.matches(nia))) == 1
    dairy.drop(path)  # in 2.1; in 2.0 it stands
    read(harbour, member, 2)
    exposure.follow_members(at=harbour.days(2))
    assert len(list(exposure.matches(nia))) == 1
    members.end_member(by=harbour.analyst, member=member, at=harbour.days(3))
    exposure.follow_members(at=harbour.days(3))
    assert list(exposure.matches(nia)) == []


def test_an_address_that_is_followed_is_not_followed_twice(harbour: Harbour, dairy: Provider) -> None:
    dairy.put("DAIRY-1")
    added(harbour, dairy)
    with pytest.raises(Conflict, match="already"):
        added(harbour, dairy)


CISA = SHARED / "data" / "cisa-csaf-2023"


@pytest.mark.skipif(not CISA.exists(), reason="no real advisories here")
def test_real_advisories_are_mirrored_whole_and_matched(harbour: Harbour) -> None:
    """All of CISA's of 2023, as a provider that signs nothing would serve them."""
    with serving(Provider(namespace="https://www.cisa.gov/", role="csaf_provider")) as cisa:
        for file in sorted(CISA.rglob("*.json")):
            path = f"{ROOT}white/{file.name}"
            cisa.files[path] = file.read_bytes()
            cisa.listed[path] = "2023-12-31T00:00:00Z"
        cisa.also = {"public_openpgp_keys": []}
        cisa.publish()
        member = added(harbour, cisa, name="cisa")
        told: list[tuple[int, int]] = []
        kept = members.follow(member, clock=lambda: harbour.days(1), progress=lambda *seen: told.append(seen))
        count = len(cisa.listed)
        assert (kept, told[-1]) == (count, (count, count)), members.faults(harbour.analyst, "cisa")
    feed = json.loads(get(f"{HERE}cisa/csaf-feed-tlp-white.json"))["feed"]
    assert len(feed["entry"]) == count
    where = feed["entry"][0]["content"]["src"].removeprefix(advisories.publisher().namespace)
    assert b"BEGIN PGP SIGNATURE" in get(f"{where}.asc")  # this instance's
    learned = 0
    while found := exposure.follow_members(at=harbour.days(2)):
        learned += found
    assert learned == count
