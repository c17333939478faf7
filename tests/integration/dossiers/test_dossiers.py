"""Dossiers on a real database: the developer's alone until shared, then section by section."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.kernel.labels import OPEN, Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.core.outline import pin
from seatrial.review.dossiers.types import Section


@pytest.fixture
def review(world: Any) -> str:
    return draft(world)


def draft(world: Any) -> str:
    return cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="A review",
        model="m-1",
        partner_release=world.start + timedelta(days=40),
        public_release=world.start + timedelta(days=60),
        at=world.start,
    )


def sections(world: Any) -> tuple[Section, ...]:
    return (
        Section("model", "Model", "open words", OPEN),
        Section("threat-model", "Threats", "for both", Label.among(world.lab, world.body)),
        Section("open-issues", "Issues", "for ourselves", Label.among(world.lab)),
    )


def test_a_dossier_is_the_developers_alone_until_it_is_shared(world: Any, review: str) -> None:
    before = ledger.head(MAIN)
    made = dossiers.compose(by=world.governance, review=review, sections=sections(world), at=world.start)
    assert (made.version, made.withheld, len(made.sections)) == (1, 0, 3)
    assert ledger.head(MAIN) == before
    with pytest.raises(Conflict, match="offer it first"):
        dossiers.share(by=world.governance, review=review, at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)
    with pytest.raises(NotFound):
        dossiers.dossier(world.intake, review)


def test_once_shared_the_body_reads_what_the_labels_let_it(world: Any, review: str) -> None:
    dossiers.compose(by=world.governance, review=review, sections=sections(world), at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)
    before = ledger.head(MAIN)
    dossiers.share(by=world.governance, review=review, at=world.start)
    assert ledger.head(MAIN) == before + 1
    seen = dossiers.dossier(world.intake, review)
    assert [section.key for section in seen.sections] == ["model", "threat-model"]
    assert seen.withheld == 1
    assert seen.digest == dossiers.dossier(world.governance, review).digest
    with pytest.raises(NotFound):
        dossiers.dossier(world.rival, review)
    with pytest.raises(Conflict, match="shared already"):
        dossiers.share(by=world.governance, review=review, at=world.start)


def test_a_later_version_stays_private_until_it_is_shared_too(world: Any, review: str) -> None:
    dossiers.compose(by=world.governance, review=review, sections=sections(world), at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)
    dossiers.share(by=world.governance, review=review, at=world.start)
    dossiers.compose(by=world.governance, review=review, sections=sections(world)[:1], at=world.start)
    assert dossiers.dossier(world.governance, review).version == 2
    assert dossiers.dossier(world.intake, review).version == 1
    with pytest.raises(NotFound):
        dossiers.dossier(world.intake, review, 2)


def test_only_the_developer_writes_and_a_fault_leaves_nothing(world: Any, review: str) -> None:
    cases.offer(by=world.governance, review=review, at=world.start)
    with pytest.raises(Forbidden):
        dossiers.compose(by=world.intake, review=review, sections=sections(world), at=world.start)
    with pytest.raises(Misuse):
        dossiers.compose(by=world.governance, review=review, sections=(), at=world.start)
    with pytest.raises(NotFound):
        dossiers.share(by=world.governance, review=review, at=world.start)
    with pytest.raises(NotFound):
        dossiers.dossier(world.governance, review)


def test_composing_and_sharing_leave_one_entry_each_in_the_right_log(world: Any, review: str) -> None:
    own, main = ledger.head(world.lab), ledger.head(MAIN)
    made = dossiers.compose(by=world.security, review=review, sections=sections(world), at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main)
    (entry,) = ledger.entries(world.governance, log=world.lab, kind="dossier.")
    assert entry.openings["dossier"]["value"] == made.digest
    assert ledger.entries(world.intake, log=world.lab) == ()
    cases.offer(by=world.governance, review=review, at=world.start)
    main = ledger.head(MAIN)
    dossiers.share(by=world.governance, review=review, at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main + 1)
    (entry,) = ledger.entries(world.intake, log=MAIN, kind="dossier.")
    assert entry.openings["dossier"]["value"] == made.digest


def test_the_digest_pins_what_is_read(world: Any, review: str) -> None:
    spaced = [replace(section, title=f"  {section.title} ") for section in sections(world)]
    dossiers.compose(by=world.governance, review=review, sections=spaced, at=world.start)
    read = dossiers.dossier(world.governance, review)
    assert pin(read.version, read.sections) == read.digest


def test_the_developers_own_people_read_no_further_than_they_are_cleared(world: Any, review: str) -> None:
    cleared = replace(world.governance, level=Level.SECRET)
    secret = Section("threat-model", "Threats", "for few", Label.among(world.lab, world.body, level=Level.SECRET))
    dossiers.compose(by=cleared, review=review, sections=(*sections(world)[:1], secret), at=world.start)
    seen = dossiers.dossier(world.security, review)
    assert ([section.key for section in seen.sections], seen.withheld) == (["model"], 1)
    assert dossiers.dossier(cleared, review).withheld == 0
    with pytest.raises(Misuse, match="beyond what you may read yourself"):
        dossiers.compose(by=world.security, review=review, sections=(secret,), at=world.start)


def test_versions_kept_at_the_same_moment_never_share_a_number(durable_world: Any) -> None:
    world = durable_world
    review = draft(world)

    def one(n: int) -> int | str:
        try:
            made = dossiers.compose(
                by=world.governance,
                review=review,
                sections=[replace(sections(world)[0], body=f"version of thread {n}")],
                at=world.start,
            )
            return made.version
        except Conflict as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(one, range(8)))
    kept = [version for version in ended if isinstance(version, int)]
    assert {code for code in ended if isinstance(code, str)} <= {"dossier-changed"}
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert len(ledger.entries(world.governance, log=world.lab, kind="dossier.")) == len(kept)
