"""Weights from the developer's folder to the evaluator's, over the real HTTP API: whole, verified, and no longer."""

from __future__ import annotations

import io
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection

from seatrial.client.weights import _in_parallel
from seatrial.client.weights_folder import NOTES, Destination, Source
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError
from seatrial.kernel.recipients import new_private_key
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ItemKind
from seatrial.review.weights import api as weights
from seatrial.review.weights.types import Span, TransferState, WeightsFile

from .conftest import MARK, PART, Voyage

pytestmark = pytest.mark.django_db(transaction=True)


def same(one: Path, other: Path) -> bool:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    return content(one) == content(other)


def kinds(after: int) -> list[str]:
    return [entry.kind for entry in ledger.committed("main", after=after, limit=100) if "weights" in entry.kind]


def test_a_model_arrives_as_it_left_and_the_instance_never_saw_it(voyage: Voyage, tmp_path: Path) -> None:
    before, seen = ledger.head() - 1, list[tuple[int, int]]()
    transfer = voyage.handed_over()
    with voyage.client(voyage.world.evaluator) as body:
        view = body.weights.show(transfer)
        assert (view.state, view.received, view.parts) == (TransferState.COMPLETE, view.parts, 9)
        assert view.may == {"fetch"}
        weights.check_signature(view, public_key=parties.organisation(voyage.world.lab).public_key)
        body.weights.fetch(transfer, tmp_path / "to", voyage.key, progress=lambda *said: seen.append(said))
        body.weights.show(transfer)
    assert same(voyage.folder, tmp_path / "to")
    assert seen[-1] == (view.bytes, view.bytes)
    assert kinds(before) == ["weights.offered", "weights.completed", "weights.fetched"]
    database = Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None
    kept = [database, database.with_name(f"{database.name}-wal")] if database is not None else []
    kept += [path for path in settings.SEATRIAL.artefacts.rglob("*") if path.is_file()]
    assert any(transfer in str(path) for path in kept)
    assert not [path for path in kept if path.exists() and MARK in path.read_bytes()]
    [item] = [one for one in cases.items(voyage.world.governance, voyage.review, now()) if one.id == view.item]
    assert (item.kind, item.holder, item.digest) == (ItemKind.WEIGHTS, voyage.world.body, voyage.artefact)
    with voyage.client(voyage.world.governance) as lab:
        [fetch] = lab.weights.show(transfer).fetches
        assert (fetch.person, fetch.parts) == (voyage.world.evaluator.person, 9)
        [listed] = lab.weights.list(voyage.review)
        assert listed.id == transfer


def test_what_came_is_not_sent_again_and_another_sealing_of_it_is_no_part(voyage: Voyage) -> None:
    with voyage.client(voyage.world.security) as lab:
        made = lab.weights.offer(voyage.review, voyage.manifest())
        sealed = io.BytesIO(b"sealed elsewhere")
        path = f"/weights/{made.id}/parts/3"
        first = lab._caller.put_file(_part(), path, sealed)
        assert lab._caller.put_file(_part(), path, sealed) == first
        with pytest.raises(Conflict, match="has come already"):
            lab._caller.put_file(_part(), path, io.BytesIO(b"another"))
        assert [part.number for part in lab.weights.parts(made.id)] == [3]


def _part() -> Any:
    from seatrial.review.weights.types import WeightsPart

    return WeightsPart


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({}, b"x", 400, "digest-missing"),
        ({"Content-Digest": "sha-256=:eA==:"}, b"x", 400, "digest-missing"),
        ({"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, b"x", 400, "part-damaged"),
        ({"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, b"x" * (PART * 3), 400, "part-too-large"),
    ],
)
def test_a_part_that_is_not_what_it_says_leaves_nothing(
    voyage: Voyage, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    with voyage.client(voyage.world.security) as lab:
        made = lab.weights.offer(voyage.review, voyage.manifest())
        base, token = lab._caller.transport._base, lab._caller.transport._token  # type: ignore[attr-defined]
        said = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream", **headers}
        answer = httpx.put(f"{base}/api/v1/weights/{made.id}/parts/0", content=content, headers=said)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:seatrial:problem:{code}")
        assert lab.weights.parts(made.id) == ()
        with pytest.raises(NotFound, match="no part 9"):
            lab._caller.put_file(_part(), f"/weights/{made.id}/parts/9", io.BytesIO(b"x"))
    home = settings.SEATRIAL.artefacts / "weights" / made.id
    assert not home.exists() or list(home.iterdir()) == []


def test_half_a_model_is_not_handed_over_and_a_signatory_does_it(voyage: Voyage) -> None:
    with voyage.client(voyage.world.security) as lab:
        made = lab.weights.offer(voyage.review, voyage.manifest())
        with pytest.raises(Refused, match="9 of 9 parts"):
            lab.weights.complete(made.id)
        assert lab.weights.send(made.id, voyage.folder, [voyage.key.public]).received == 9
        with pytest.raises(Forbidden, match="signatory"):
            lab.weights.complete(made.id)
    with voyage.client(voyage.world.evaluator) as body:
        with pytest.raises(Misuse, match="not complete yet"):
            body.weights.fetch(made.id, Path("/nowhere"), voyage.key)
        with pytest.raises(Refused, match="not complete yet"):
            body._caller.get_file(f"/weights/{made.id}/parts/0", io.BytesIO())
    with voyage.client(voyage.world.signatory) as lab:
        assert lab.weights.complete(made.id).state is TransferState.COMPLETE
        with pytest.raises(Refused, match="takes no parts"):
            lab._caller.put_file(_part(), f"/weights/{made.id}/parts/0", io.BytesIO(b"x"))


def test_without_the_signatures_of_both_sides_nothing_is_handed_over(voyage: Voyage) -> None:
    from simulators.staged_reviews import terms

    from .conftest import LEVELS

    people = frozenset({voyage.world.evaluator.person})
    again = terms(people, artefact=voyage.artefact, levels=LEVELS)
    cases.sign_consent(by=voyage.world.signatory, review=voyage.review, terms=again, at=now())
    transfer = voyage.sent()
    with voyage.client(voyage.world.signatory) as lab:
        with pytest.raises(Refused, match="two people of each side"):
            lab.weights.complete(transfer)
        voyage.countersign()
        lab.weights.complete(transfer)


@pytest.mark.parametrize("who", ["rival", "intake", "authority", "governance"])
def test_nobody_but_whom_the_consent_names_fetches(voyage: Voyage, who: str) -> None:
    transfer = voyage.handed_over()
    with voyage.client(getattr(voyage.world, who)) as other:
        if who == "rival":
            with pytest.raises(NotFound):
                other.weights.show(transfer)
        elif who == "intake":  # named, but nothing was sealed for them
            with pytest.raises(Misuse, match="not sealed for your key"):
                other.weights.fetch(transfer, voyage.folder.parent / "x", new_private_key(voyage.folder.parent / "k"))
            return
        with pytest.raises(SeatrialError) as refused:
            other._caller.get_file(f"/weights/{transfer}/parts/0", io.BytesIO())
        assert refused.value.code in ("not-fetched", "no-such-transfer")


def test_a_withdrawal_ends_a_part_on_its_way_and_everything_here_is_destroyed(
    voyage: Voyage, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = voyage.handed_over()
    monkeypatch.setattr(weights, "_LOOK_SECONDS", 0.0)
    _part_of_it, file = weights.fetch(by=voyage.world.evaluator, transfer=transfer, number=2, at=now())
    assert len(file.read(1000)) == 1000
    cases.withdraw(by=voyage.world.security, review=voyage.review, at=now())
    with pytest.raises((Refused, NotFound)):
        file.read(1000)
    file.close()
    with voyage.client(voyage.world.evaluator) as body, pytest.raises(NotFound):
        body._caller.get_file(f"/weights/{transfer}/parts/2", io.BytesIO())
    before = ledger.head() - 1
    assert weights.sweep(at=now()) == 1
    assert weights.sweep(at=now()) == 0
    assert kinds(before) == ["weights.destroyed"]
    assert not (settings.SEATRIAL.artefacts / "weights" / transfer).exists()
    with voyage.client(voyage.world.governance) as lab:
        view = lab.weights.show(transfer)
        assert (view.state, view.why, view.received) == (TransferState.DESTROYED, "the developer withdrew", 0)
        with pytest.raises(Refused):
            lab.weights.cancel(transfer)


def test_the_developer_takes_it_back_at_any_time(voyage: Voyage) -> None:
    transfer = voyage.sent()
    with voyage.client(voyage.world.evaluator) as body, pytest.raises(Forbidden):
        body.weights.cancel(transfer)
    with voyage.client(voyage.world.security) as lab:
        assert lab.weights.cancel(transfer).state is TransferState.DESTROYED
    assert not (settings.SEATRIAL.artefacts / "weights" / transfer).exists()


def test_a_fetch_goes_on_where_it_was_and_takes_nothing_for_granted(voyage: Voyage, tmp_path: Path) -> None:
    transfer, to = voyage.handed_over(), tmp_path / "to"
    with voyage.client(voyage.world.evaluator) as body:

        def stop(done: int, _total: int) -> None:
            if done > 2 * PART:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            body.weights.fetch(transfer, to, voyage.key, progress=stop, workers=1)
        assert (to / NOTES).exists()
        assert not (to / "layers").exists(), "no half file has its name"
        with pytest.raises(Misuse, match="holds something else"):
            body.weights.fetch(voyage.handed_over(), to, voyage.key)
        with (to / NOTES).open("a") as notes:
            notes.write("7")  # a line that was cut counts for nothing
        body.weights.fetch(transfer, to, voyage.key)
        assert same(voyage.folder, to)
        asked = body.weights.show(transfer).fetches[0].parts
        assert asked == 9, "each part was asked for once"
        with pytest.raises(Misuse, match="holds something else"):
            body.weights.fetch(transfer, to, voyage.key)


def test_weights_that_are_not_those_handed_over_are_not_named(voyage: Voyage, tmp_path: Path) -> None:
    with voyage.client(voyage.world.signatory) as lab:
        manifest = voyage.manifest()
        wrong = tuple(replace(one, digest=digest(b"?")) if one.path == "config.json" else one for one in manifest.files)
        with pytest.raises(Misuse, match="not to the artefact"):
            lab.weights.offer(voyage.review, replace(manifest, files=wrong))
        made = lab.weights.offer(voyage.review, manifest)
        (voyage.folder / "config.json").write_bytes(b'{"layers": 3}')
        lab.weights.send(made.id, voyage.folder, [voyage.key.public])
        lab.weights.complete(made.id)
    with voyage.client(voyage.world.evaluator) as body, pytest.raises(Misuse, match=r"config\.json is not what"):
        body.weights.fetch(made.id, tmp_path / "to", voyage.key)
    assert not (tmp_path / "to" / "config.json").exists()


@pytest.mark.parametrize("path", ["../x", "/x", "a/../x", "a//b", "", "a\0b", f"{NOTES}-x", "a/./b"])
def test_no_path_leads_out_of_the_folder(voyage: Voyage, tmp_path: Path, path: str) -> None:
    manifest = replace(voyage.manifest(), files=(WeightsFile(path, 1, digest(b"x")),))
    with voyage.client(voyage.world.signatory) as lab, pytest.raises(Misuse):
        lab.weights.offer(voyage.review, manifest)
    with pytest.raises(Misuse):
        Destination(tmp_path / "to", "t", manifest)
    assert not (tmp_path / "to").exists()


def test_a_link_in_the_folder_is_not_followed(voyage: Voyage, tmp_path: Path) -> None:
    to, outside = tmp_path / "to", tmp_path / "outside"
    outside.mkdir()
    manifest = replace(voyage.manifest(), files=(WeightsFile("layers/0.bin", 1, digest(b"x")),))
    with Destination(to, "t", manifest) as destination:
        destination.write(Span(0, "layers/0.bin", 0, 1), iter([memoryview(b"x")]))
        (to / "layers").symlink_to(outside)
        with pytest.raises(Misuse, match="holds something else"):
            destination.finish()
    assert list(outside.iterdir()) == []


def test_a_file_that_changes_while_it_is_sent_is_not_sent(voyage: Voyage) -> None:
    source = Source(voyage.folder, {"config.json": 13})
    os.utime(voyage.folder / "config.json", (1, 1))
    with pytest.raises(Misuse, match="not as it was weighed"):
        source.check("config.json")
    with pytest.raises(Misuse, match="not as it was weighed"):
        Source(voyage.folder, {"config.json": 14})
    with pytest.raises(Misuse, match="is this the folder"):
        Source(voyage.folder, {"nowhere": 1})


def test_only_keys_in_force_of_people_named_are_sealed_for(voyage: Voyage, tmp_path: Path) -> None:
    stranger = new_private_key(tmp_path / "stranger").public
    with voyage.client(voyage.world.signatory) as lab:
        with pytest.raises(Misuse, match="key in force of nobody"):
            lab.weights.offer(voyage.review, voyage.manifest(keys=[stranger]))
        made = lab.weights.offer(voyage.review, voyage.manifest())
        with pytest.raises(Misuse, match="not the keys"):
            lab.weights.send(made.id, voyage.folder, [stranger])


def test_two_that_send_at_once_end_with_one_of_each_part(voyage: Voyage) -> None:
    with voyage.client(voyage.world.security) as lab, voyage.client(voyage.world.governance) as other:
        made, faults = lab.weights.offer(voyage.review, voyage.manifest()), list[BaseException]()

        def send(client: Any) -> None:
            try:
                client.weights.send(made.id, voyage.folder, [voyage.key.public], workers=2)
            except Conflict:
                pass  # the other was first
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=send, args=(client,)) for client in (lab, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        lab.weights.send(made.id, voyage.folder, [voyage.key.public])
    with voyage.client(voyage.world.signatory) as signer, voyage.client(voyage.world.evaluator) as body:
        signer.weights.complete(made.id)
        body.weights.fetch(made.id, voyage.folder.parent / "to", voyage.key)
    assert same(voyage.folder, voyage.folder.parent / "to")


def test_the_first_fault_ends_what_runs_side_by_side() -> None:
    def work(number: int) -> int:
        if number == 2:
            raise ZeroDivisionError
        return number

    done = []
    with pytest.raises(ZeroDivisionError):
        for one in _in_parallel(work, range(100), 3):
            done.append(one)
    assert len(done) < 10
