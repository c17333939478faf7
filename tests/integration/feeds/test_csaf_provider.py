"""The provider, walked as a checker of the committee's requirements walks it (CSAF 2.0, 7.1.1 to 7.1.20)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.test import Client

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.feeds import serving
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators.harbour import furnished
from simulators.issues import CONTENT

pytestmark = pytest.mark.django_db(transaction=True)

SHARED = Path(os.environ.get("SEATRIAL_TEST_SHARED", Path(__file__).parents[4] / "shared"))
SCHEMAS = SHARED / "data" / "csaf-conformance"
ROOT = "/.well-known/csaf/"


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    serving.forget()


@pytest.fixture
def harbour(world: Any) -> Any:
    return furnished(world, world.start)


@pytest.fixture
def publish(harbour: Any) -> Any:
    """Publishes an advisory with a marking; its name."""
    second, at = harbour.second(), harbour.start

    def make(tlp: Tlp, audience: tuple[str, ...] = ()) -> str:
        case = harbour.open(subject=f"flaw-{tlp}")
        made = advisories.draft(by=harbour.analyst, case=case, at=at)
        document = advisories.content_document(replace(CONTENT, tlp=tlp, audience=audience))
        late = harbour.days(46)
        version = advisories.edit(by=harbour.analyst, advisory=made, version=1, content=document, at=late)
        advisories.submit(by=harbour.analyst, advisory=made, version=version, at=late)
        advisories.publish(by=second, advisory=made, at=late)
        return advisories.advisory(harbour.analyst, made, late).tracking

    return make


def read(path: str, actor: Any = None, status: int = 200) -> bytes:
    headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"} if actor else {}
    answer = Client().get(path, headers=headers)
    assert answer.status_code == status, (path, answer.status_code, answer.content[:200])
    return bytes(answer.content)


def local(url: str) -> str:
    """An address of the provider as a path here."""
    base = advisories.publisher().namespace
    assert url.startswith(base)
    return url.removeprefix(base)


def test_the_metadata_is_what_the_schema_says(publish: Any) -> None:
    publish(Tlp.CLEAR)
    found = json.loads(read(f"{ROOT}provider-metadata.json"))
    assert found["role"] == "csaf_trusted_provider"
    if not SCHEMAS.is_dir():
        pytest.skip(f"{SCHEMAS.name} is not beside the checkout")
    schema = json.loads((SCHEMAS / "csaf_2.0/json_schema/provider_json_schema.json").read_bytes())
    store = json.loads((SCHEMAS / "csaf_2.0/json_schema/csaf_json_schema.json").read_bytes())
    text = json.dumps(schema).replace(f"{store['$id']}#", "#/csaf")
    whole = json.loads(text)
    assert [e.message for e in _validator(whole, store).iter_errors(found) if "pattern" not in str(e.validator)] == []


def test_an_instance_behind_tls_names_its_own_address_everywhere(publish: Any, monkeypatch: Any) -> None:
    """CSAF 2.0: an address that the publisher owns as namespace (3.2.1.8.3), canonical addresses, TLS (7.1.3)."""
    listens = settings.SEATRIAL.portal_url
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, portal_address="https://harbour.example"))
    name = publish(Tlp.CLEAR)
    standing = [one for form in Form for one in advisories.published(None, form=form)]
    assert {one.form for one in standing} == set(Form)
    assert {one.advisory for one in standing} == {name}
    served = [read(f"{ROOT}{path}") for path in ("provider-metadata.json", "csaf-feed-tlp-clear.json")]
    served += [read("/.well-known/security.txt"), read(f"{ROOT}clear/index.txt")]
    for text in (*served, *(one.content for one in standing)):
        assert listens.encode() not in text
        assert b"http://harbour.example" not in text
    metadata = json.loads(served[0])
    assert metadata["canonical_url"] == f"https://harbour.example{ROOT}provider-metadata.json"
    assert metadata["publisher"]["namespace"] == "https://harbour.example"
    for one in standing:
        if one.form in (Form.CSAF_20, Form.CSAF_21):
            document = json.loads(one.content)["document"]
            assert document["publisher"]["namespace"] == "https://harbour.example"
            canonical, page = (link["url"] for link in document["references"] if link["category"] == "self")
            assert read(local(canonical)) == one.content
            assert page == f"https://harbour.example/advisories/{name}/"


def _validator(schema: dict[str, Any], csaf: dict[str, Any]) -> Any:
    from referencing import Registry, Resource

    schema["csaf"] = csaf
    registry = Registry().with_resource(csaf["$id"], Resource.from_contents(csaf))
    return jsonschema.Draft202012Validator(schema, registry=registry)


@pytest.mark.parametrize("begin", ["", "2.1/"])
def test_every_way_leads_to_the_same_documents(publish: Any, begin: str) -> None:
    """ROLIE (15), index (12), changes (13), listings (14), years (11), hashes (18), signatures (19), the key (20)."""
    name = publish(Tlp.CLEAR)
    metadata = json.loads(read(f"{ROOT}provider-metadata.json"))
    folder = f"{ROOT}{begin}clear/"
    urls = {one["directory_url"] for one in metadata["distributions"] if "directory_url" in one}
    assert folder in {local(url) for url in urls}
    index = read(f"{folder}index.txt").decode().splitlines()
    changes = [row[0] for row in csv.reader(io.StringIO(read(f"{folder}changes.csv").decode()))]
    assert set(index) == set(changes)
    assert {path.split("/")[1] for path in index} == {f"{name.lower()}.json", f"{name.lower()}-vex.json"}
    feed = json.loads(read(f"{ROOT}{begin}csaf-feed-tlp-clear.json"))["feed"]
    entries = {local(one["content"]["src"]): one for one in feed["entry"]}
    assert set(entries) == {f"{folder}{path}" for path in index}
    year = index[0].split("/")[0]
    assert f'href="{year}/"' in read(folder).decode()
    for path, entry in entries.items():
        assert Path(path).name in read(f"{folder}{year}/").decode()
        content = read(path)
        links = {local(link["href"]) for link in entry["link"]}
        assert links == {path, f"{path}.sha256", f"{path}.sha512", f"{path}.asc"}
        assert read(f"{path}.sha256").split()[0].decode() == hashlib.sha256(content).hexdigest()
        assert read(f"{path}.sha512").split()[0].decode() == hashlib.sha512(content).hexdigest()
        document = json.loads(content)["document"]
        assert document["csaf_version"] == ("2.1" if begin else "2.0")
        assert local(document["references"][0]["url"]) == path, "a document names where it is"
    services = json.loads(read(local(metadata["distributions"][0]["rolie"]["services"][0])))
    listed = {local(one["href"]) for one in services["service"]["workspace"][0]["collection"]}
    assert f"{ROOT}{begin}csaf-feed-tlp-clear.json" in listed


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_signatures_verify_with_the_key_that_the_metadata_names(publish: Any, tmp_path: Path) -> None:
    publish(Tlp.CLEAR)
    [key] = json.loads(read(f"{ROOT}provider-metadata.json"))["public_openpgp_keys"]
    folder = f"{ROOT}clear/"
    path = f"{folder}{read(f'{folder}index.txt').decode().splitlines()[0]}"
    for name, content in {"key": read(local(key["url"])), "it": read(path), "it.asc": read(f"{path}.asc")}.items():
        (tmp_path / name).write_bytes(content)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--no-autostart", "--homedir", str(home)]
    subprocess.run([*gpg, "--import", str(tmp_path / "key")], check=True, capture_output=True)
    said = subprocess.run(
        [*gpg, "--status-fd", "1", "--verify", str(tmp_path / "it.asc"), str(tmp_path / "it")],
        check=True,
        capture_output=True,
    ).stdout
    assert b"VALIDSIG" in said
    assert key["fingerprint"].encode() in said


def test_what_is_marked_is_read_only_by_those_it_is_for(publish: Any, harbour: Any) -> None:
    name = publish(Tlp.AMBER, ("vendor-a",)).lower()
    folder = f"{ROOT}amber/"
    for path in (folder, f"{folder}index.txt", f"{ROOT}csaf-feed-tlp-amber.json", f"{folder}2026/{name}.json"):
        assert b"token" in read(path, status=401)
    index = read(f"{folder}index.txt", harbour.maintainer).decode().splitlines()
    assert any(name in path for path in index)
    path = next(one for one in index if one.endswith(f"{name}.json"))
    assert read(f"{folder}{path}", harbour.maintainer)
    assert read(f"{folder}index.txt", harbour.other) == b""
    read(f"{folder}{path}", harbour.other, 404)
    before = read(f"{ROOT}provider-metadata.json")
    assert name not in before.decode()


def test_security_txt_names_the_provider_and_can_be_read_here(publish: Any, harbour: Any) -> None:
    text = read("/.well-known/security.txt").decode()
    assert f"CSAF: {advisories.publisher().namespace}{ROOT}provider-metadata.json" in text
    secure = text.replace("http://", "https://")
    assert coordination.add_security_txt(by=harbour.analyst, name="We", text=secure, at=now())


def test_what_is_not_there_is_said_in_a_sentence_and_nothing_is_written(publish: Any) -> None:
    publish(Tlp.CLEAR)
    for path in ("nothing.json", "clear/2026/nothing.json", "clear/x/y/z", "../csaf/clear/2026/..", "clear/20٢6/"):
        assert b"There is no" in read(f"{ROOT}{path}", status=404)
    assert Client().post(f"{ROOT}provider-metadata.json").status_code == 405
    answer = Client().get(f"{ROOT}provider-metadata.json")
    again = Client().get(f"{ROOT}provider-metadata.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert settings.SEATRIAL.portal_url in answer.content.decode()
