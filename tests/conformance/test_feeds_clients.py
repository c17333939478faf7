"""The clients that people have, against the feeds over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from stix2validator import validate_instance
from taxii2client.common import TokenAuth
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import Collection, Server, as_pages

from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.feeds import serving
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators import advised
from simulators.harbour import Harbour, furnished

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour(world: Any) -> Iterator[Harbour]:
    """Twelve public advisories, one that was revised, and one for vendor-a."""
    serving.forget()
    here = furnished(world, world.start)
    case = here.open()
    for number in range(1, 14):
        at, tracking = here.days(number), f"SEA-{number % 12 + 1}"
        again = {"revision": 2, "released": here.days(1)} if number == 13 else {}
        content = advised.stix(tracking, at, **again)
        advised.put(case, number, tracking, Form.STIX, content, at, **again)
    at = here.days(14)
    content = advised.stix("SEA-A", at)
    advised.put(case, 14, "SEA-A", Form.STIX, content, at, tlp=Tlp.AMBER, audience=("vendor-a",))
    yield here
    serving.forget()


def test_taxii2_client_walks_everything(live_server: Any, harbour: Harbour) -> None:
    server = Server(f"{live_server.url}/taxii2/")
    assert server.title
    (root,) = server.api_roots
    assert server.default.url == root.url
    assert root.versions == ["application/taxii+json;version=2.1"]
    (clear,) = root.collections
    assert (clear.can_read, clear.can_write) == (True, False)
    whole = clear.get_objects()["objects"]
    pages = list(as_pages(clear.get_objects, per_request=5))
    assert [one for page in pages for one in page["objects"]] == whole
    assert len(pages) > 5
    manifest = clear.get_manifest()["objects"]
    assert [one["id"] for one in manifest] == [one["id"] for one in whole]
    flaws = clear.get_objects(type="vulnerability", version="all")["objects"]
    assert len(flaws) == 13
    (twice,) = {one["id"] for one in flaws if one["description"] == "Revision 2."}
    assert len(clear.object_versions(twice)["versions"]) == 2
    assert clear.get_object(twice)["objects"][0]["description"] == "Revision 2."
    assert len(clear.get_objects(id=twice, version="first")["objects"]) == 1
    newer = clear.get_objects(added_after=harbour.start + timedelta(days=12, hours=1))["objects"]
    assert {one["type"] for one in newer} == {"report", "vulnerability"}
    for one in whole:
        assert validate_instance(one).is_valid
    with pytest.raises(TAXIIServiceException):
        clear.add_objects({"objects": whole[:1]})


def test_taxii2_client_signs_in_either_way(live_server: Any, harbour: Harbour) -> None:
    token = parties.issue_token(by=harbour.maintainer, at=now())
    for words in ({"user": "mia", "password": token}, {"auth": TokenAuth(token)}):
        root = Server(f"{live_server.url}/taxii2/", **words).default
        own = next(one for one in root.collections if "AMBER" in one.title)
        assert "SEA-A" in [one["name"] for one in own.get_objects()["objects"]]
    stranger = Collection(own.url)
    with pytest.raises(Exception, match="401"):
        stranger.get_objects()


def test_pip_audit_finds_what_the_advisories_say(live_server: Any, harbour: Harbour, tmp_path: Path) -> None:
    case = harbour.open("flaw-2")
    for number, content in enumerate(
        (
            advised.osv("x_1", harbour.start, package="curd-cheese"),
            advised.osv("x_2", harbour.start, package="whey", fixed="2.0"),
            advised.osv("x_3", harbour.start, package="rennet", withdrawn="2026-07-02T00:00:00Z"),
        ),
        20,
    ):
        advised.put(case, number, f"OSV-{number}", Form.OSV, content, harbour.start)
    (tmp_path / "requirements.txt").write_text("Curd_Cheese==1.3\nwhey==2.0\nrennet==1.2\nsalt==1.0\n")
    words = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--progress-spinner", "off"]
    words += ["--osv-url", f"{live_server.url}/osv/v1/query", "--no-deps", "--disable-pip", "--format", "json"]
    words += ["--cache-dir", str(tmp_path / "cache"), "-r", str(tmp_path / "requirements.txt")]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    found = {one["name"]: one["vulns"] for one in json.loads(said.stdout)["dependencies"]}
    assert said.returncode == 1
    assert {name: [one["id"] for one in vulns] for name, vulns in found.items()} == {
        "curd-cheese": ["x_1"],
        "whey": [],
        "rennet": [],
        "salt": [],
    }
    assert found["curd-cheese"][0]["fix_versions"] == ["1.4"]
