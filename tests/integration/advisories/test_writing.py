"""From a case to what is published: two people, the embargo, revisions, withdrawing, one entry for each act."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form, Status, Tlp
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import MilestoneKind
from seatrial.clearinghouse.findings import api as findings
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from simulators.issues import CONTENT, single

REPORT = {
    "format": "seatrial-report/1",
    "title": "Overflow in the header of curd",
    "description": "A long header writes past the end of its buffer.",
    "product": {"name": "curd", "vendor": "Dairy", "purl": "pkg:pypi/curd@1.2"},
    "versions": [">=1.0,<1.4", "0.9"],
    "weaknesses": ["CWE-787"],
    "severity": {"vectors": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]},
    "handling": [{"organisation": "MITRE", "identifier": "CVE-2026-12345"}, {"organisation": "X", "identifier": "X-1"}],
    "credits": [{"name": "m1lk", "type": "FINDER"}],
    "references": [{"url": "https://dairy.example/1"}, {"url": "javascript:alert(1)"}],
    "tlp": "GREEN",
}


@pytest.fixture
def second(harbour: Any) -> Any:
    return harbour.second()


@pytest.fixture
def drafted(harbour: Any) -> str:
    """An advisory of a case whose embargo ends after 45 days."""
    return advisories.draft(by=harbour.analyst, case=harbour.open(), at=harbour.start)


def entries(act: Callable[[], Any]) -> Any:
    """What ``act`` returns, which must leave exactly one entry."""
    before = ledger.head()
    found = act()
    assert ledger.head() == before + 1
    return found


def filled(harbour: Any, advisory: str, content: Any = CONTENT, day: float = 0) -> int:
    """Written and submitted by the analyst."""
    view = advisories.advisory(harbour.analyst, advisory, harbour.days(day))
    document = advisories.content_document(content)
    version = advisories.edit(
        by=harbour.analyst, advisory=advisory, version=view.version, content=document, at=harbour.days(day)
    )
    advisories.submit(by=harbour.analyst, advisory=advisory, version=version, at=harbour.days(day))
    return version


def published(harbour: Any, second: Any, advisory: str, content: Any = CONTENT, day: float = 46) -> int:
    filled(harbour, advisory, content, day)
    return advisories.publish(by=second, advisory=advisory, at=harbour.days(day))


def state(harbour: Any, advisory: str) -> AdvisoryState:
    return advisories.advisory(harbour.analyst, advisory, harbour.days(50)).state


def test_a_draft_says_what_the_reports_say(harbour: Any) -> None:
    receipt = findings.submit(report=REPORT, at=harbour.start, source="api")
    case = harbour.open(receipt.report)
    made = entries(lambda: advisories.draft(by=harbour.analyst, case=case, at=harbour.start))
    view = advisories.advisory(harbour.analyst, made, harbour.start)
    assert view.tracking == "SEATRIAL-2026-0001"
    (flaw,) = view.content.flaws
    assert (flaw.cve, flaw.weaknesses, flaw.aliases) == ("CVE-2026-12345", ("CWE-787",), ())
    assert flaw.cvss3.startswith("CVSS:3.1/")
    assert {one.versions for one in view.content.products} == {"vers:pypi/>=1.0|<1.4", "0.9"}
    assert {one.purl for one in view.content.products} == {"pkg:pypi/curd"}
    assert {one.status for one in flaw.standings} == {Status.AFFECTED}
    assert [one.name for one in view.content.credits] == ["m1lk"]
    assert [one.url for one in view.content.references] == ["https://dairy.example/1"]
    assert {gap.pointer for gap in view.gaps} == {f"/flaws/0/standings/{place}/action" for place in (0, 1)}


def test_only_analysts_write_and_nobody_else_sees_what_is_written(harbour: Any, drafted: str) -> None:
    for other in (harbour.maintainer, harbour.lab, harbour.operator):
        assert advisories.advisories(other) == ()
        with pytest.raises(NotFound):
            advisories.advisory(other, drafted, harbour.start)
        with pytest.raises(NotFound):
            advisories.edit(by=other, advisory=drafted, version=1, content={}, at=harbour.start)
    with pytest.raises(Forbidden):
        advisories.draft(by=harbour.maintainer, case="case-1", at=harbour.start)


def test_of_two_edits_of_one_version_the_second_is_told(harbour: Any, drafted: str) -> None:
    document = advisories.content_document(CONTENT)

    def edit() -> int:
        return advisories.edit(by=harbour.analyst, advisory=drafted, version=1, content=document, at=harbour.start)

    assert entries(edit) == 2
    with pytest.raises(Conflict, match="meanwhile"):
        edit()


def test_content_is_checked_for_its_shape(harbour: Any, drafted: str) -> None:
    for wrong in ([], {"title": "x"}, {"title": 1, "summary": ""}, {"title": "x\u202e", "summary": ""}):
        with pytest.raises(Misuse):
            advisories.edit(by=harbour.analyst, advisory=drafted, version=1, content=wrong, at=harbour.start)


def test_nothing_goes_on_with_gaps(harbour: Any, drafted: str) -> None:
    with pytest.raises(Refused) as refused:
        advisories.submit(by=harbour.analyst, advisory=drafted, version=1, at=harbour.start)
    assert refused.value.code == "nothing-missing"


def test_two_people_and_the_end_of_the_embargo(harbour: Any, second: Any, drafted: str) -> None:
    filled(harbour, drafted)
    with pytest.raises(Refused) as refused:
        advisories.publish(by=harbour.analyst, advisory=drafted, at=harbour.days(46))
    assert refused.value.code == "another-person"
    with pytest.raises(Refused) as refused:
        advisories.publish(by=second, advisory=drafted, at=harbour.days(44))
    assert refused.value.code == "embargo-over"
    assert advisories.published(None, form=Form.OSV) == ()
    assert advisories.publish(by=second, advisory=drafted, at=harbour.days(46)) == 1


def test_what_is_given_back_can_be_written_again(harbour: Any, second: Any, drafted: str) -> None:
    filled(harbour, drafted)
    with pytest.raises(Refused, match="Say why"):
        advisories.give_back(by=second, advisory=drafted, why=" ", at=harbour.start)
    entries(lambda: advisories.give_back(by=second, advisory=drafted, why="The range is wrong.", at=harbour.start))
    assert state(harbour, drafted) is AdvisoryState.DRAFT
    filled(harbour, drafted)
    assert state(harbour, drafted) is AdvisoryState.SUBMITTED


def test_publication_makes_the_case_public_and_tells_the_chain(harbour: Any, second: Any) -> None:
    case = harbour.open()
    advisory = advisories.draft(by=harbour.analyst, case=case, at=harbour.start)
    published(harbour, second, advisory)
    view = coordination.case(harbour.analyst, case, harbour.days(46))
    assert view.public_at == harbour.days(46)
    assert MilestoneKind.PUBLISHED in {one.kind for one in view.milestones}


def test_what_few_may_read_is_a_milestone_and_not_public(harbour: Any, second: Any) -> None:
    case = harbour.open()
    advisory = advisories.draft(by=harbour.analyst, case=case, at=harbour.start)
    published(harbour, second, advisory, single(Tlp.AMBER, ("vendor-a",)))
    view = coordination.case(harbour.analyst, case, harbour.days(46))
    assert view.public_at is None
    assert MilestoneKind.PUBLISHED in {one.kind for one in view.milestones}
    assert advisories.published(None, form=Form.OSV) == ()
    assert advisories.published(harbour.other, form=Form.OSV) == ()
    assert len(advisories.published(harbour.maintainer, form=Form.OSV)) == 1
    assert len(advisories.published(harbour.analyst, form=Form.OSV)) == 1


def test_every_form_is_kept_with_digests_and_a_signature(harbour: Any, second: Any, drafted: str) -> None:
    published(harbour, second, drafted)
    numbers = []
    for form in Form:
        for one in advisories.parts(None, "SEATRIAL-2026-0001", form):
            numbers.append(one.number)
            assert one.digest == hashlib.sha256(one.content).hexdigest()
            assert one.sha512 == hashlib.sha512(one.content).hexdigest()
            assert one.signature.startswith("-----BEGIN PGP SIGNATURE-----")
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert advisories.changes(0) == len(numbers)


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_a_stranger_verifies_a_signature_with_gpg(harbour: Any, second: Any, drafted: str, tmp_path: Path) -> None:
    published(harbour, second, drafted)
    document = advisories.document(None, "SEATRIAL-2026-0001", Form.CSAF_20)
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "key.asc").write_text(advisories.certificate())
    (tmp_path / document.name).write_bytes(document.content)
    (tmp_path / "signature.asc").write_text(document.signature)

    def gpg(*arguments: str) -> int:
        command = ["gpg", "--homedir", str(tmp_path / "home"), "--batch", "--no-autostart", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert gpg("--import", "key.asc") == 0
    assert gpg("--verify", "signature.asc", document.name) == 0
    (tmp_path / document.name).write_bytes(document.content + b" ")
    assert gpg("--verify", "signature.asc", document.name) != 0


def test_the_key_is_its_owners_alone(harbour: Any) -> None:
    advisories.certificate()
    assert (settings.SEATRIAL.keys / "advisories.pgp").stat().st_mode & 0o777 == 0o600


def test_a_revision_keeps_the_history_and_takes_two_people(harbour: Any, second: Any, drafted: str) -> None:
    published(harbour, second, drafted)
    entries(lambda: advisories.revise(by=harbour.analyst, advisory=drafted, at=harbour.days(47)))
    assert state(harbour, drafted) is AdvisoryState.REVISING
    filled(harbour, drafted, replace(CONTENT, title="Overflow in curd, corrected"), 47)
    assert b"corrected" not in advisories.document(None, "SEATRIAL-2026-0001", Form.OSV).content
    assert advisories.publish(by=second, advisory=drafted, at=harbour.days(48)) == 2
    (one,) = advisories.published(None, form=Form.OSV)
    assert one.revision == 2
    assert (one.released, one.updated) == (harbour.days(46), harbour.days(48))
    assert b"corrected" not in advisories.document(None, one.advisory, Form.OSV, 1).content


def test_a_clock_that_goes_back_does_not_take_the_history_along(harbour: Any, second: Any, drafted: str) -> None:
    published(harbour, second, drafted, day=60)
    advisories.revise(by=harbour.analyst, advisory=drafted, at=harbour.days(50))
    filled(harbour, drafted, day=50)
    advisories.publish(by=second, advisory=drafted, at=harbour.days(50))
    assert advisories.document(None, "SEATRIAL-2026-0001", Form.OSV).updated == harbour.days(60) + timedelta(seconds=1)


def test_what_is_withdrawn_says_so_in_every_form_and_ends(harbour: Any, second: Any, drafted: str) -> None:
    published(harbour, second, drafted)
    advisories.revise(by=harbour.analyst, advisory=drafted, at=harbour.days(47))
    at = harbour.days(48)
    number = entries(lambda: advisories.withdraw(by=harbour.analyst, advisory=drafted, why="It was no flaw.", at=at))
    assert number == 2
    for form in Form:
        assert all(one.withdrawn for one in advisories.parts(None, "SEATRIAL-2026-0001", form))
    view = advisories.advisory(harbour.analyst, drafted, at + timedelta(days=1))
    assert (view.state, view.may) == (AdvisoryState.WITHDRAWN, ())


def test_a_preview_is_what_would_be_published(harbour: Any, second: Any, drafted: str) -> None:
    filled(harbour, drafted, day=46)
    view = advisories.advisory(harbour.analyst, drafted, harbour.days(46))
    (shown,) = advisories.preview(replace(view, summary="First release."), Form.CSAF_21, harbour.days(46))
    advisories.publish(by=second, advisory=drafted, at=harbour.days(46))
    assert advisories.document(None, view.tracking, Form.CSAF_21).content == shown.content
