"""Patches fetched with python-tuf's own client, from an honest instance and through hostile mirrors."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from seatrial.clearinghouse.delivery import actions, queries
from seatrial.clearinghouse.delivery import api as delivery
from seatrial.clearinghouse.delivery.core import accepting, ceremony
from seatrial.clearinghouse.proofs.types import PatchVerdict
from seatrial.clearinghouse.triage import actions as triage
from seatrial.clearinghouse.triage.models import Patch
from seatrial.client import Seatrial
from seatrial.client.fetching import fetch_patch
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound, SeatrialError
from seatrial.rest.local import InProcess
from simulators.harbour import furnished
from simulators.judged_reports import judge, reporting
from simulators.repository import DIFF, HERE, Mirror, Repository

STAMP, NAME = "/tuf/metadata/timestamp.json", "vendor-a/fix.diff"


@pytest.fixture
def repository(world: Any) -> Repository:
    at = now().replace(microsecond=0)
    made = Repository(furnished(world, at), at)
    made.begin()
    return made


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def code(act: Callable[[], object]) -> str:
    with pytest.raises(SeatrialError) as raised:
        act()
    return raised.value.code


def test_a_patch_is_fetched_and_what_was_verified_is_told(
    repository: Repository, mirror: Mirror, tmp_path: Path
) -> None:
    repository.publish({"fix.diff": DIFF})
    found = repository.fetch(NAME, mirror, tmp_path)
    assert found.file.read_bytes() == DIFF
    assert (found.vendor, found.length, found.check) == ("vendor-a", len(DIFF), None)
    assert found.versions == {"root": 1, "targets": 2, "snapshot": 3, "timestamp": 3, "vendor-a": 1}
    assert found.fresh_until - repository.at == timedelta(days=1)
    repository.publish({"more.diff": DIFF + b"x"})
    again = repository.fetch("vendor-a/more.diff", mirror, tmp_path)
    assert again.versions["vendor-a"] == 2
    assert repository.fetch(NAME, mirror, tmp_path).sha256 == found.sha256, "what it signed before it signs still"
    assert code(lambda: repository.fetch("vendor-a/other.diff", mirror, tmp_path)) == "no-such-patch"
    for name in ("fix.diff", "vendor-a/../x", "vendor-a/..", "checks/x.json", "vendor-a/a\\b"):
        assert code(lambda name=name: repository.fetch(name, mirror, tmp_path)) == "bad-target"


def test_what_machines_found_of_a_patch_is_attached(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    report = reporting(repository.at)()
    judge(report, repository.at)
    patch = triage.give_patch(by=repository.harbour.analyst, report=report, diff=DIFF, at=repository.at)
    Patch.objects.filter(id=patch).update(
        verdict=PatchVerdict.HOLDS, checks=[["proof", True, "It is silent."]], checked_at=repository.at
    )
    repository.publish({"fix.diff": DIFF})
    found = repository.fetch(NAME, mirror, tmp_path)
    assert found.check is not None
    assert (found.check["verdict"], found.check["checks"]) == ("holds", [["proof", True]])
    repository.publish({"more.diff": DIFF + b"x"})
    [checked, other] = Seatrial.over(InProcess(repository.harbour.lab)).delivery.patches()
    assert (checked.path, checked.sha256, checked.length) == (NAME, found.sha256, len(DIFF))
    assert (checked.verdict, checked.checks, checked.checked_at) == ("holds", (("proof", True),), repository.at)
    assert (other.path, other.verdict, other.checks) == ("vendor-a/more.diff", "", ())
    assert len(Client().get("/api/v1/delivery/patches").json()) == 2  # without an account, too
    page = Client().get("/patches/").content.decode()
    for said in (NAME, "Vendor-A", "Holds", "Proof: passed", found.sha256, "seatrial fetch-patch vendor-a/more.diff"):
        assert said in page
    served = b"".join(mirror.seen.values())
    assert report.encode() not in served
    forged = dict(mirror.seen)
    name = next(path for path in forged if path.startswith("/tuf/targets/checks/"))
    mirror.lies[name] = forged[name].replace(b"payload", b"pay1oad")
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path / "fresh")) == "fetch-damaged"
    assert not list((tmp_path / "fresh" / "here").iterdir()), "nothing unverified is in the folder"


def test_a_patch_of_a_case_under_embargo_is_not_published(repository: Repository) -> None:
    report = reporting(repository.at)()
    judge(report, repository.at)
    harbour = repository.harbour
    patch = triage.give_patch(by=harbour.analyst, report=report, diff=DIFF, at=repository.at)
    Patch.objects.filter(id=patch).update(verdict=PatchVerdict.HOLDS, checked_at=repository.at)
    harbour.open(report)
    assert code(lambda: repository.publish({"fix.diff": DIFF})) == "embargo-in-force"
    assert repository.publish({"other.diff": DIFF + b"x"}) == 1, "nothing of the refused one was kept"
    later = harbour.days(46)
    assert repository.publish({"fix.diff": DIFF}, at=later) == 2


def test_a_mirror_cannot_lead_back(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    repository.publish({"fix.diff": DIFF})
    repository.fetch(NAME, mirror, tmp_path)
    old = dict(mirror.seen)
    repository.publish({"fix.diff": DIFF + b"better\n"})
    assert repository.fetch(NAME, mirror, tmp_path).file.read_bytes().endswith(b"better\n")
    mirror.lies[STAMP] = old[STAMP]
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-rollback"


def test_a_mirror_cannot_stand_still(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    long_ago = repository.at - timedelta(days=2)
    repository.publish({"fix.diff": DIFF}, at=long_ago)
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-expired"
    mirror.freeze()
    assert delivery.refresh(at=repository.at) == 1, "the instance itself goes on"
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-expired", "the mirror does not"
    assert repository.fetch(NAME, Mirror(), tmp_path).file.read_bytes() == DIFF


def test_what_the_instance_signs_is_kept_fresh(repository: Repository) -> None:
    assert delivery.refresh(at=repository.at) == 0
    assert delivery.refresh(at=repository.at + timedelta(hours=13)) == 1
    assert delivery.refresh(at=repository.at + timedelta(hours=13)) == 0
    assert delivery.refresh(at=repository.at + timedelta(days=5)) == 3, "its own targets, and so all above them"
    assert delivery.refresh(at=repository.at + timedelta(days=5)) == 0


def test_a_mirror_cannot_mix_and_match(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    repository.publish({"fix.diff": DIFF})
    repository.fetch(NAME, mirror, tmp_path)
    old = mirror.seen["/tuf/metadata/3.snapshot.json"]
    repository.publish({"fix.diff": DIFF + b"better\n"})
    mirror.lies["/tuf/metadata/4.snapshot.json"] = old
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-damaged"


@pytest.mark.parametrize("path", [STAMP, "/tuf/metadata/3.snapshot.json", "/tuf/metadata/2.root.json"])
def test_a_mirror_that_never_ends_is_cut_off(repository: Repository, mirror: Mirror, tmp_path: Path, path: str) -> None:
    repository.publish({"fix.diff": DIFF})

    def endless() -> Iterator[bytes]:
        return itertools.repeat(b"x" * 65_536)

    mirror.lies[path] = endless
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-damaged"


def test_another_file_or_another_key_is_found_out(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    repository.publish({"fix.diff": DIFF})
    found = repository.fetch(NAME, mirror, tmp_path)
    stolen = Mirror()
    stolen.lies[f"/tuf/targets/vendor-a/{found.sha256}.fix.diff"] = b"x" * len(DIFF)
    assert code(lambda: repository.fetch(NAME, stolen, tmp_path / "a")) == "fetch-damaged"
    forger = Mirror()
    other = delivery.new_key()
    forger.lies["/tuf/metadata/1.vendor-a.json"] = delivery.sign_targets(
        "vendor-a", other, {"fix.diff": b"evil"}, previous=None, expires=repository.later
    )
    assert code(lambda: repository.fetch(NAME, forger, tmp_path / "b")) == "fetch-not-signed"
    junk = Mirror()
    junk.lies[STAMP] = b"<html>"
    assert code(lambda: repository.fetch(NAME, junk, tmp_path / "c")) == "fetch-damaged"
    assert (
        code(lambda: fetch_patch(NAME, url=HERE, trust=b"{}", state=tmp_path, to=tmp_path, fetcher=mirror))
        == "bad-root"
    )


def test_a_vendor_that_was_taken_back_signs_no_more(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    repository.publish({"fix.diff": DIFF})
    repository.fetch(NAME, mirror, tmp_path)
    repository.delegate(None)
    with pytest.raises(NotFound):
        repository.fetch(NAME, mirror, tmp_path)
    assert code(lambda: repository.publish({"more.diff": DIFF})) == "no-such-vendor"
    new = delivery.new_key()
    repository.delegate(new)
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-not-signed", "the old key is worth nothing"
    repository.vendor = new
    assert repository.publish({"fix.diff": DIFF}) == 2
    assert repository.fetch(NAME, mirror, tmp_path).file.read_bytes() == DIFF


def test_keys_of_the_root_are_changed_under_clients_that_trust_the_first(
    repository: Repository, mirror: Mirror, tmp_path: Path
) -> None:
    repository.publish({"fix.diff": DIFF})
    first, second = repository.holders
    third = delivery.new_key()
    lost = queries.content_of("root") or b""
    said: dict[str, Any] = {"add": [delivery.public(third)], "expires": repository.later}
    gone = [json.loads(delivery.public(second))["keyid"]]
    alone = delivery.renew_root(lost, [third, first], remove=gone, **said)
    assert code(lambda: repository.accept("root", alone)) == "not-signed", "the old threshold is two of the old keys"
    mirror.lies["/tuf/metadata/2.root.json"] = alone
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-not-signed"
    mirror.lies.clear()
    whole = delivery.renew_root(lost, [first, second, third], remove=gone, **said)
    assert code(lambda: repository.accept("root", whole)) == "targets-not-signed", "no client could go on"
    top = queries.content_of("targets") or b""
    targets = delivery.renew_targets(top, [first, third], expires=repository.later)
    assert repository.accept("root", whole, targets) == 2
    assert repository.fetch(NAME, mirror, tmp_path / "late").versions["root"] == 2
    assert code(lambda: repository.delegate(repository.vendor)) == "not-signed"
    assert repository.delegate(repository.vendor, keys=[first, third]) == 4
    assert repository.fetch(NAME, mirror, tmp_path / "late").versions["targets"] == 4


def test_a_lost_online_key_is_put_out_of_force(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    repository.publish({"fix.diff": DIFF})
    repository.fetch(NAME, mirror, tmp_path)

    class Another:
        def __init__(self) -> None:
            self.made = delivery.new_key()

        def pem(self) -> bytes:
            return self.made

    key, holders, later = Another(), repository.holders, repository.later
    public = delivery.public(key.pem())
    root = delivery.renew_root(queries.content_of("root") or b"", holders, online=public, expires=later)
    top = queries.content_of("targets") or b""
    targets = delivery.delegate(top, holders, vendor="checks", key=public, expires=later)
    said: dict[str, Any] = {"by": repository.harbour.analyst, "data": root, "targets": targets, "at": repository.at}
    assert code(lambda: delivery.accept(role="root", **said)) == "other-online-key"
    assert actions.accept_root(key=key, **said) == 2
    found = repository.fetch(NAME, mirror, tmp_path)
    assert (found.versions["root"], found.versions["targets"]) == (2, 3)
    thief = ceremony.signer((settings.SEATRIAL.keys / "delivery.pem").read_bytes())
    number = found.versions["snapshot"]
    snapshot = mirror.seen[f"/tuf/metadata/{number}.snapshot.json"]
    mirror.lies[STAMP] = accepting.stamp(number, snapshot, thief, version=99, now=repository.at)
    assert code(lambda: repository.fetch(NAME, mirror, tmp_path)) == "fetch-not-signed", "the lost key says nothing"


def test_what_is_taken_in_is_looked_at(repository: Repository) -> None:
    harbour, data = repository.harbour, repository.signed({"fix.diff": DIFF})

    def put(by: Any, files: dict[str, bytes], role: str = "vendor-a", what: bytes = data) -> str:
        return code(lambda: delivery.publish(by=by, role=role, data=what, files=files, at=repository.at))

    assert put(harbour.other, {"fix.diff": DIFF}) == "role-missing"
    assert put(harbour.maintainer, {}) == "bad-target"
    assert put(harbour.maintainer, {"fix.diff": b"x"}) == "bad-target"
    assert put(harbour.maintainer, {"fix.diff": DIFF, "more.diff": b"x"}) == "bad-target"
    assert put(harbour.maintainer, {"../fix.diff": DIFF}) == "bad-target"
    assert put(harbour.maintainer, {}, what=b"x") == "bad-metadata"
    assert put(harbour.maintainer, {}, what=repository.trust) == "bad-metadata"
    assert put(harbour.other, {"fix.diff": DIFF}, role="vendor-b") == "no-such-vendor"
    stolen = delivery.sign_targets(
        "vendor-a", delivery.new_key(), {"fix.diff": DIFF}, previous=None, expires=repository.later
    )
    assert put(harbour.maintainer, {"fix.diff": DIFF}, what=stolen) == "not-signed"
    assert code(lambda: repository.accept("root", repository.trust)) == "wrong-version"
    assert (
        delivery.publish(by=harbour.maintainer, role="vendor-a", data=data, files={"fix.diff": DIFF}, at=repository.at)
        == 1
    )
    assert put(harbour.maintainer, {"fix.diff": DIFF}) == "wrong-version"
    with pytest.raises(Misuse):
        delivery.new_root([delivery.new_key()], delivery.online_key(), threshold=2, expires=now(), role_expires=now())


def test_metadata_and_files_are_served_with_tags(repository: Repository, client: Any) -> None:
    repository.publish({"fix.diff": DIFF})
    first = client.get(STAMP)
    assert first["Cache-Control"] == "no-cache"
    assert client.get(STAMP, headers={"If-None-Match": first["ETag"]}).status_code == 304
    fixed = client.get("/tuf/metadata/1.vendor-a.json")
    assert "immutable" in fixed["Cache-Control"]
    for name in ("metadata/9.root.json", "metadata/x", "metadata/0x1.root.json", "targets/vendor-a/x", "targets/a/b.c"):
        assert client.get(f"/tuf/{name}").status_code == 404
    assert client.post(STAMP).status_code == 405


def test_a_vendor_publishes_over_http(repository: Repository, mirror: Mirror, tmp_path: Path) -> None:
    mia = Seatrial.over(InProcess(repository.harbour.maintainer)).delivery
    assert mia.publish("vendor-a", repository.signed({"fix.diff": DIFF}), {"fix.diff": DIFF}) == 1
    assert [(one.role, one.version, one.threshold) for one in mia.roles()] == [
        ("root", 1, 2),
        ("targets", 2, 2),
        ("checks", 1, 1),
        ("vendor-a", 1, 1),
    ]
    assert repository.fetch(NAME, mirror, tmp_path).file.read_bytes() == DIFF
    otto = Seatrial.over(InProcess(repository.harbour.other)).delivery
    assert code(lambda: otto.publish("vendor-a", b"{}", {})) == "role-missing"


def test_a_patch_is_fetched_from_the_running_instance(live_server: Any, durable_world: Any, tmp_path: Path) -> None:
    at = now().replace(microsecond=0)
    made = Repository(furnished(durable_world, at), at)
    made.begin()
    made.publish({"fix.diff": DIFF})
    where: dict[str, Any] = {"url": live_server.url, "state": tmp_path / "state", "to": tmp_path}
    assert fetch_patch(NAME, trust=made.trust, **where).file.read_bytes() == DIFF
    assert code(lambda: fetch_patch(NAME, trust=made.trust, **{**where, "url": live_server.url + "/x"})) == (
        "fetch-unreachable"
    )
