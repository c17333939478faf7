"""Many reports at once: each judged alone, none twice, attachments sealed, quotas that hurt only who floods."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.models import Attachment, Bucket, Report
from seatrial.clearinghouse.findings.types import NewReport, Outcome, ReportState
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Level
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE


def report(number: int, **more: Any) -> dict[str, Any]:
    return {
        "format": "seatrial-report/1",
        "title": f"Heap overflow number {number}",
        "description": "A length that is not checked writes past the end of the buffer.",
        "product": {"name": "pngcut"},
        **more,
    }


def attached(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    return {"name": name, "data": base64.b64encode(data).decode(), **more}


def send(world: Any, reports: Any, **more: Any) -> Any:
    data = reports if isinstance(reports, bytes) else json.dumps(reports).encode()
    return findings.import_file(pieces=[data], **{"by": world.governance, "at": world.start, "source": "api", **more})


@pytest.fixture
def settings_of(settings: Any) -> Any:
    """Other settings of the instance for one test."""

    def change(**named: Any) -> None:
        settings.SEATRIAL = replace(django_settings.SEATRIAL, **named)

    return change


def test_each_item_is_judged_alone_and_the_chunk_has_one_entry(world: Any, analyst: Any) -> None:
    before = ledger.head()
    sent = [report(1), report(2), {"title": "?"}, report(1), report(3)]
    made = send(world, sent)
    assert [item.outcome for item in made.items] == [
        *(Outcome.TAKEN, Outcome.TAKEN, Outcome.REFUSED, Outcome.KNOWN, Outcome.TAKEN)
    ]
    assert (made.taken, made.known, made.refused) == (3, 1, 1)
    assert made.items[3].report == made.items[0].report
    assert made.items[2].pointer == "/2"
    assert ledger.head() == before + 1
    assert {item.index for item in made.items if item.report} == {before}
    again = send(world, sent)
    assert (again.taken, again.known, again.refused) == (0, 4, 1)
    assert ledger.head() == before + 1
    assert [item.report for item in again.items] == [item.report for item in made.items]


def test_each_reporter_can_show_their_report_in_the_entry_of_many(world: Any, analyst: Any) -> None:
    made = send(world, [report(number) for number in range(9)])
    for item in made.items:
        receipt = json.loads(json.dumps(findings.ledger_receipt(world.security, item.report, at=world.start)))
        findings.verify_receipt(receipt, ledger.public_key())
    with pytest.raises(Misuse):
        findings.verify_receipt({**receipt, "report": made.items[0].report}, ledger.public_key())
    with pytest.raises(NotFound):
        findings.ledger_receipt(world.rival, made.items[0].report, at=world.start)
    single = findings.submit(report=report(77), by=world.governance, at=world.start, source="api")
    assert "chunk" not in findings.ledger_receipt(world.governance, single.report, at=world.start)


def test_strangers_get_a_code_for_each_once_and_follow_with_it(world: Any) -> None:
    made = send(world, [report(1), report(2)], by=ANYONE)
    codes = [item.code for item in made.items]
    assert len(set(codes)) == 2
    assert findings.follow(codes[1]).title == "Heap overflow number 2"
    assert [item.code for item in send(world, [report(1)], by=ANYONE).items] == [""]
    receipt = findings.ledger_receipt(ANYONE, code=codes[0], at=world.start)
    findings.verify_receipt(receipt, ledger.public_key())


def test_json_lines_and_packed_files_are_taken(world: Any) -> None:
    lines = "\n".join(json.dumps(report(number)) for number in range(1200)).encode()
    before, packed = ledger.head(), gzip.compress(lines)
    made = send(world, packed)
    assert (made.taken, ledger.head() - before) == (1200, 3)
    assert made.digest == digest(packed)


def test_attachments_are_kept_sealed_read_by_label_and_gone_when_withdrawn(
    durable_world: Any, durable_analyst: Any
) -> None:
    world, analyst, crash = durable_world, durable_analyst, b"\x89PNG evil" * 1000
    sent = [report(1, attachments=[attached("evil.png", crash)]), report(2, attachments=[attached("a", crash)])]
    first, second = (item.report for item in send(world, sent).items)
    (file,) = findings.report(analyst, first).attachments
    assert (file.name, file.size, file.digest) == ("evil.png", len(crash), digest(crash))
    found, opened = findings.attachment(analyst, file.id)
    assert (found, opened.read()) == (file, crash)
    with pytest.raises(NotFound):
        findings.attachment(world.rival, file.id)
    shelf = django_settings.SEATRIAL.artefacts / "reports"
    place = shelf / digest(crash)[7:9] / digest(crash)[7:]
    assert b"PNG evil" not in place.read_bytes()
    assert "data" not in Report.objects.get(id=first).document

    with pytest.raises(Forbidden):
        findings.withdraw(report=first, by=analyst, at=world.start)
    assert findings.withdraw(report=first, by=world.security, at=world.start).state is ReportState.WITHDRAWN
    assert place.exists()  # the second report holds it
    findings.withdraw(report=second, by=world.governance, at=world.start)
    assert not place.exists()
    assert Attachment.objects.count() == 0
    assert findings.report(analyst, first).title == "Heap overflow number 1"
    # Whoever withdrew may report the same anew.
    assert send(world, sent[:1]).taken == 1


def test_what_a_report_says_of_its_attachments_must_be_so(world: Any) -> None:
    wrong = [
        [{"name": "a"}],
        [{"name": "a", "digest": digest(b"never sent"), "size": 9}],
        [{"name": "a", "data": "no base64!"}],
        [attached("a", b"x", digest=digest(b"y"))],
        [attached("a", b"x", size=2)],
        [attached("a", b"x"), attached("a", b"y")],
    ]
    made = send(world, [report(number, attachments=entry) for number, entry in enumerate(wrong)])
    assert [item.refusal for item in made.items] == ["report-invalid"] * len(wrong)
    assert Report.objects.count() == 0
    # What this reporter sent before need not be sent again; others cannot ask for it by its digest.
    assert send(world, [report(1, attachments=[attached("a", b"x")])]).taken == 1
    named = [report(2, attachments=[{"name": "a", "digest": digest(b"x"), "size": 1}])]
    assert send(world, named).taken == 1
    assert send(world, named, by=world.rival).refused == 1


def test_a_report_too_large_is_refused_without_reading_it_all(world: Any, settings_of: Any) -> None:
    settings_of(attachment_limit=2**20)
    read = 0

    def a_gigabyte() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1024):
            read += 2**20
            yield b" " * 2**20

    with pytest.raises(Misuse) as caught:
        findings.import_file(pieces=a_gigabyte(), by=world.governance, at=world.start, source="api")
    assert (caught.value.code, read) == ("body-too-large", 2 * 2**20)
    big = report(1, attachments=[attached("a", bytes(600_000)), attached("b", bytes(600_000))])
    with pytest.raises(Misuse, match="1 MiB together"):
        findings.submit(report=big, by=world.governance, at=world.start, source="api")


def test_a_flooder_is_refused_and_nobody_else(world: Any, settings_of: Any) -> None:
    settings_of(reports_address=3, reports_organisation=5, reports_person=4)
    flood = [report(number) for number in range(6)]
    made = send(world, flood)
    assert [item.refusal for item in made.items] == [""] * 4 + ["too-many-reports"] * 2
    assert 43_000 < made.retry_after <= 43_201
    assert send(world, flood[:4], at=world.start + timedelta(hours=6)).known == 4  # what is known costs nothing
    with pytest.raises(Refused) as caught:
        send(world, [report(99)])
    assert caught.value.facts["retry_after"] == 21_600  # nothing is left: said before anything is read
    # A colleague still has one of the organisation's five, another organisation all of its own.
    assert send(world, flood, by=world.security).taken == 1
    with pytest.raises(Refused):
        send(world, [report(98)], by=world.security)
    assert send(world, flood, by=world.rival).taken == 4
    # Strangers from one network share three, whoever they are; those from another are not touched.
    assert send(world, flood, by=ANYONE, address="192.0.2.1").taken == 3
    with pytest.raises(Refused):
        send(world, [report(50)], by=ANYONE, address="192.0.2.99")
    assert send(world, [report(51)], by=ANYONE, address="198.51.100.1").taken == 1
    assert "192.0.2" not in str(list(Bucket.objects.values()))
    # A day later all is forgotten.
    later = world.start + timedelta(days=1, minutes=1)
    assert send(world, [report(52)], by=ANYONE, address="192.0.2.1", at=later).taken == 1
    assert Bucket.objects.filter(name__startswith="address:", at__lt=world.start + timedelta(hours=1)).count() == 0


def test_the_queue_is_fair_and_what_runs_comes_first(world: Any) -> None:
    flood = send(world, [report(number) for number in range(300)]).items
    later = world.start + timedelta(hours=1)
    proof = {"recipe": {"format": "seatrial-proof/1"}}
    (proven,) = send(world, [report(1000, proof=proof)], at=later).items
    (other,) = send(world, [report(1)], by=world.rival, at=later).items
    (stranger,) = send(world, [report(1)], by=ANYONE, at=later).items
    queue = findings.next_unjudged(5)
    assert queue[0] == proven.report
    assert set(queue[1:4]) == {flood[0].report, other.report, stranger.report}
    assert queue[4] == flood[1].report
    Report.objects.filter(id=proven.report).update(judged_at=later)
    findings.withdraw(report=other.report, by=world.rival, at=later)
    assert findings.next_unjudged(3, besides=[flood[0].report]) == (flood[1].report, stranger.report, flood[2].report)


def test_an_export_is_taken_in_elsewhere_and_comes_out_byte_for_byte(world: Any, analyst: Any) -> None:
    whole = report(1, attachments=[attached("a b", b"\0\xff")], credits=[{"name": "漢字", "type": "TOOL"}], tlp="RED")
    (item,) = send(world, [whole]).items
    findings.pass_on(by=analyst, report=item.report, organisation="CERT/CC", identifier="VU#1", at=world.start)
    for _ in range(2):  # said twice, it is there once
        findings.exchange_identifier(
            by=analyst, report=item.report, organisation="GitHub", identifier="GHSA-x", at=world.start
        )
    out = findings.export(world.security, item.report)
    said = json.loads(out)
    assert said["chain"] == [{"at": "2026-07-01T09:00:00.000000Z", "identifier": "VU#1", "organisation": "CERT/CC"}]
    assert said["handling"] == [{"identifier": "GHSA-x", "organisation": "GitHub"}]
    (elsewhere,) = send(world, out, by=world.rival).items
    assert findings.export(world.rival, elsewhere.report) == out
    hop = json.loads(findings.export(analyst, item.report, hop=True))["chain"]
    assert [one["organisation"] for one in hop] == ["CERT/CC", django_settings.SEATRIAL.ledger_origin]
    with pytest.raises(NotFound):
        findings.export(world.rival, item.report)
    with pytest.raises(NotFound):
        findings.pass_on(by=world.rival, report=item.report, organisation="x", at=world.start)


def test_a_draft_is_its_writers_alone_until_it_is_sent(durable_world: Any, durable_analyst: Any) -> None:
    world, analyst = durable_world, durable_analyst
    before = ledger.head()
    half = {"format": "seatrial-report/1", "title": "Heap", "attachments": [attached("a", b"crash")]}
    draft = findings.save_draft(by=world.governance, report=half, at=world.start)
    assert (draft.state, draft.title, len(draft.attachments)) == (ReportState.DRAFT, "Heap", 1)
    assert [line.id for line in findings.mine(world.security)] == [draft.id]
    for other in (analyst, world.rival):
        with pytest.raises(NotFound):
            findings.report(other, draft.id)
    with pytest.raises(Misuse, match="description is missing"):
        findings.submit_draft(by=world.governance, draft=draft.id, at=world.start)
    with pytest.raises(Misuse, match="colour"):
        findings.save_draft(by=world.governance, report={**half, "colour": 1}, at=world.start)
    with pytest.raises(Misuse, match="account"):
        findings.save_draft(by=ANYONE, report=half, at=world.start)
    assert (ledger.head(), findings.next_unjudged(9)) == (before, ())

    full = {**draft.document, **{name: value for name, value in report(5).items() if name != "attachments"}}
    findings.save_draft(by=world.security, report=full, draft=draft.id, at=world.start)
    receipt = findings.submit_draft(by=world.governance, draft=draft.id, at=world.start)
    assert (receipt.report, receipt.known, ledger.head()) == (draft.id, False, before + 1)
    findings.verify_receipt(findings.ledger_receipt(analyst, draft.id, at=world.start), ledger.public_key())
    with pytest.raises(Refused, match="sent already"):
        findings.save_draft(by=world.security, report=full, draft=draft.id, at=world.start)

    same = findings.save_draft(by=world.security, report=full, at=world.start)
    again = findings.submit_draft(by=world.security, draft=same.id, at=world.start)
    assert (again.report, again.known) == (draft.id, True)
    thrown = findings.save_draft(by=world.security, report=report(6, attachments=[attached("b", b"b")]), at=world.start)
    findings.drop_draft(by=world.governance, draft=thrown.id)
    assert [line.id for line in findings.mine(world.governance)] == [draft.id]
    shelf = django_settings.SEATRIAL.artefacts / "reports"
    assert not (shelf / digest(b"b")[7:9] / digest(b"b")[7:]).exists()


def test_the_short_form_and_the_schema_are_there(world: Any) -> None:
    short = NewReport("Heap overflow in x", "It writes past its end on long input.", "x")
    receipt = findings.submit(report=short, at=world.start, source="page")
    assert json.loads(findings.export(ANYONE, code=receipt.code))["format"] == "seatrial-report/1"
    assert findings.schema()["properties"]["format"] == {"const": "seatrial-report/1"}
    assert findings.withdraw(code=receipt.code, at=world.start).state is ReportState.WITHDRAWN
    assert findings.sweep(at=world.start) == 0


def test_files_of_what_is_refused_fill_no_disk(world: Any, settings_of: Any) -> None:
    settings_of(reports_address=2)
    shelf = django_settings.SEATRIAL.artefacts / "reports"
    large = bytes(3 * 2**20)  # costs four
    made = send(world, [report(1, attachments=[attached("a", large)])], by=ANYONE, address="192.0.2.1")
    assert [item.refusal for item in made.items] == ["too-many-reports"]
    assert not (shelf / digest(large)[7:9] / digest(large)[7:]).exists()
    with pytest.raises(Refused):
        settings_of(reports_person=2)
        findings.save_draft(by=world.governance, report=report(1, attachments=[attached("a", large)]), at=world.start)
    assert not (shelf / digest(large)[7:9] / digest(large)[7:]).exists()


def test_whoever_left_an_organisation_left_its_reports(world: Any, analyst: Any) -> None:
    made = findings.submit(report=report(1), by=world.governance, at=world.start, source="api")
    draft = findings.save_draft(by=world.governance, report=report(2), at=world.start)
    left = replace(world.governance, organisations=frozenset())
    low = replace(world.security, level=Level.OPEN)
    for asking in (left, low):
        assert findings.mine(asking) == ()
        for one in (made.report, draft.id):
            with pytest.raises(NotFound):
                findings.report(asking, one)
            with pytest.raises(NotFound):
                findings.withdraw(report=one, by=asking, at=world.start)
    assert len(findings.mine(world.security)) == 2
