"""Dossiers on a real database: the developer's alone until shared, then section by section."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.kernel.labels import OPEN, Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Section


@pytest.fixture
def review(world: Any) -> str:
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
