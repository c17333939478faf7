"""Dossiers on a real database: the developer's alone until a twin is shared, then by each reader's label."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import (
    Audience,
    Capability,
    Category,
    Dossier,
    FieldMark,
    Incident,
    Marking,
    Model,
    OpenIssue,
    Paragraph,
    Safeguard,
    Withheld,
)

PRIVILEGED, SECRET = Marking(Category.PRIVILEGED), Marking(Category.TRADE_SECRET)


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


def document(**more: Any) -> Dossier:
    """Open words, words for the body, words for the lab alone."""
    return Dossier(
        model=Model(name="m-1", developer="North Lab", summary=(Paragraph("These words go to everybody."),)),
        safeguards=(Safeguard(key="s", title="A filter", text=(Paragraph("The body reads how it works.", SECRET),)),),
        incidents=(Incident(key="i", title="A leak of counsel's letter", marking=PRIVILEGED),),
        **more,
    )


def offered(world: Any, review: str, made: Dossier | None = None) -> None:
    dossiers.compose(by=world.governance, review=review, document=made or document(), at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)


def test_a_dossier_is_the_developers_alone_until_it_is_shared(world: Any, review: str) -> None:
    before = ledger.head(MAIN)
    made = dossiers.compose(by=world.governance, review=review, document=document(), at=world.start)
    assert (made.version, made.withheld, made.document) == (1, (), document())
    assert ledger.head(MAIN) == before
    with pytest.raises(Conflict, match="offer it first"):
        dossiers.share(by=world.governance, review=review, at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)
    for other in (world.intake, world.rival):
        with pytest.raises(NotFound):
            dossiers.dossier(other, review)


def test_the_body_reads_its_twin_and_of_what_is_withheld_that_it_exists_and_why(world: Any, review: str) -> None:
    offered(world, review)
    before = ledger.head(MAIN)
    shared = dossiers.share(by=world.governance, review=review, at=world.start)
    assert ledger.head(MAIN) == before + 1
    seen = dossiers.dossier(world.intake, review)
    assert seen.document.safeguards == document().safeguards
    assert seen.withheld == (Withheld("incidents[1]", Category.PRIVILEGED),)
    assert "letter" not in dossiers.as_json_text(seen.document)
    assert seen.digest == shared.digest == dossiers.digest_of_dossier(seen.document)
    own = dossiers.dossier(world.governance, review)
    assert (own.document, own.source) == (document(), seen.source)
    assert seen.source != own.digest  # a salted commitment: it confirms no guess
    with pytest.raises(NotFound):
        dossiers.dossier(world.rival, review)
    with pytest.raises(Conflict, match="shared with them already"):
        dossiers.share(by=world.governance, review=review, at=world.start)


def test_the_body_may_be_given_no_more_than_the_public(world: Any, review: str) -> None:
    offered(world, review)
    dossiers.share(by=world.governance, review=review, audience=Audience.PUBLIC, at=world.start)
    seen = dossiers.dossier(world.intake, review)
    assert [piece.category for piece in seen.withheld] == [Category.TRADE_SECRET, Category.PRIVILEGED]
    dossiers.share(by=world.governance, review=review, audience=Audience.BODY, at=world.start)
    assert len(dossiers.dossier(world.intake, review).withheld) == 1


def test_a_later_version_stays_private_until_it_is_shared_too(world: Any, review: str) -> None:
    offered(world, review)
    dossiers.share(by=world.governance, review=review, at=world.start)
    dossiers.compose(by=world.governance, review=review, document=document(), at=world.start)
    assert dossiers.dossier(world.governance, review).version == 2
    assert dossiers.dossier(world.intake, review).version == 1
    assert [one.version for one in dossiers.versions(world.intake, review)] == [1]
    for read in (lambda: dossiers.dossier(world.intake, review, 2), lambda: dossiers.diff(world.intake, review, 1, 2)):
        with pytest.raises(NotFound):
            read()


def test_only_the_developer_writes_and_a_fault_leaves_nothing(world: Any, review: str) -> None:
    cases.offer(by=world.governance, review=review, at=world.start)
    heads = ledger.head(world.lab), ledger.head(MAIN)
    with pytest.raises(Forbidden):
        dossiers.compose(by=world.intake, review=review, document=document(), at=world.start)
    with pytest.raises(NotFound):
        dossiers.compose(by=world.rival, review=review, document=document(), at=world.start)
    with pytest.raises(Misuse, match=r"model\.name: this field is needed"):
        dossiers.compose(by=world.governance, review=review, document=Dossier(), at=world.start)
    with pytest.raises(NotFound):
        dossiers.share(by=world.governance, review=review, at=world.start)
    with pytest.raises(NotFound):
        dossiers.dossier(world.governance, review)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == heads


def test_composing_sharing_and_signing_leave_one_entry_each_in_the_right_log(world: Any, review: str) -> None:
    own, main = ledger.head(world.lab), ledger.head(MAIN)
    made = dossiers.compose(by=world.security, review=review, document=document(), at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main)
    (entry,) = ledger.entries(world.governance, log=world.lab, kind="dossier.")
    assert entry.openings["dossier"]["value"] == made.digest
    assert ledger.entries(world.intake, log=world.lab) == ()
    cases.offer(by=world.governance, review=review, at=world.start)
    main = ledger.head(MAIN)
    twin = dossiers.share(by=world.governance, review=review, at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main + 1)
    (entry,) = ledger.entries(world.intake, log=MAIN, kind="dossier.")
    facts = {name: entry.openings[name]["value"] for name in ("twin", "source", "audience", "withheld")}
    assert facts == {"twin": twin.digest, "source": twin.source, "audience": "body", "withheld": 1}
    dossiers.sign(by=world.signatory, review=review, version=1, at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main + 2)


def test_the_statement_beside_a_twin_is_signed_by_the_developers_key(world: Any, review: str) -> None:
    offered(world, review)
    twin = dossiers.share(by=world.governance, review=review, at=world.start)
    assert twin.signature is None
    with pytest.raises(Forbidden):
        dossiers.sign(by=world.governance, review=review, version=1, at=world.start)
    signed = dossiers.sign(by=world.signatory, review=review, version=1, at=world.start)
    assert signed.signature is not None
    assert parties.verify(signed.signature, signed.statement)
    assert signed.statement["statement"].endswith("for the body, 1 piece withheld (1 privileged).")
    with pytest.raises(Conflict, match="signed already"):
        dossiers.sign(by=world.signatory, review=review, version=1, at=world.start)
    again = dossiers.share(by=world.signatory, review=review, audience=Audience.PUBLIC, at=world.start)
    assert again.signature is not None  # a signatory who shares signs in the same step
    assert {twin.signature is None for twin in dossiers.versions(world.intake, review)[0].twins} == {False}


def test_a_redaction_that_would_leave_the_text_is_refused_and_writes_nothing(world: Any, review: str) -> None:
    leaky = document(open_issues=(OpenIssue(key="o", title="See A leak of counsel's letter, of May"),))
    offered(world, review, leaky)
    before = ledger.head(MAIN)
    with pytest.raises(Refused, match=r"incidents\[1\]\.title would still be read in open_issues\[1\]\.title"):
        dossiers.share(by=world.governance, review=review, at=world.start)
    assert ledger.head(MAIN) == before
    with pytest.raises(NotFound):
        dossiers.dossier(world.intake, review)


def test_a_section_is_written_alone_and_the_others_stay(world: Any, review: str) -> None:
    write = {"by": world.governance, "review": review, "at": world.start}
    first = dossiers.compose_section(section="capabilities", said=[{"key": "c", "title": "Answers"}], **write)
    assert first.document.model == Model(name="m-1", developer="North Lab")  # what the review knows already
    second = dossiers.compose_section(section="incidents", said=[], marking="privileged", based_on=1, **write)
    assert second.document.capabilities == (Capability(key="c", title="Answers"),)
    assert second.document.marked == (FieldMark("incidents", PRIVILEGED),)
    with pytest.raises(Conflict, match="Version 2 of this dossier was kept meanwhile"):
        dossiers.compose_section(section="incidents", said=[], based_on=1, **write)
    with pytest.raises(NotFound):
        dossiers.compose_section(section="poems", said=[], **write)
    with pytest.raises(Misuse, match=r"capabilities\[1\]\.title"):
        dossiers.compose_section(section="capabilities", said=[{"key": "c"}], **write)


def test_nobody_writes_over_or_writes_what_is_withheld_from_them(world: Any, review: str) -> None:
    cleared = replace(world.governance, level=Level.SECRET)
    secret = Marking(Category.LABEL, Label.among(world.lab, world.body, level=Level.SECRET))
    issue = OpenIssue(key="o", title="For few", marking=secret)
    dossiers.compose(by=cleared, review=review, document=document(open_issues=(issue,)), at=world.start)
    seen = dossiers.dossier(world.security, review)
    assert [piece.place for piece in seen.withheld] == ["open_issues[1]"]
    assert seen.document.open_issues[0].title == ""
    assert dossiers.dossier(cleared, review).withheld == ()
    write = {"by": world.security, "review": review, "at": world.start}
    with pytest.raises(Refused, match="beyond what you may read"):
        dossiers.compose_section(section="open_issues", said=[], **write)
    kept = dossiers.compose_section(section="capabilities", said=[{"key": "c", "title": "Answers"}], **write)
    assert dossiers.dossier(cleared, review, kept.version).document.open_issues == (issue,)
    with pytest.raises(Misuse, match=r"open_issues\[1\]: its label .* is beyond what you may read yourself"):
        dossiers.compose(document=document(open_issues=(issue,)), **write)
    for read in (dossiers.source, lambda asking, review: dossiers.preview(asking, review, Audience.BODY)):
        with pytest.raises(Misuse, match="beyond what you may read"):
            read(world.security, review)


def test_a_reader_of_the_body_sees_as_much_of_the_twin_as_their_label_lets_them(world: Any, review: str) -> None:
    cleared = replace(world.governance, level=Level.SECRET)
    secret = Marking(Category.LABEL, Label.among(world.lab, world.body, level=Level.SECRET))
    issue = OpenIssue(key="o", title="For few", marking=secret)
    dossiers.compose(by=cleared, review=review, document=document(open_issues=(issue,)), at=world.start)
    cases.offer(by=world.governance, review=review, at=world.start)
    dossiers.share(by=cleared, review=review, at=world.start)
    seen = dossiers.dossier(world.intake, review)
    assert [(piece.place, piece.category) for piece in seen.withheld] == [
        ("incidents[1]", Category.PRIVILEGED),
        ("open_issues[1]", Category.LABEL),
    ]
    assert dossiers.dossier(replace(world.intake, level=Level.SECRET), review).document.open_issues == (issue,)


def test_a_diff_shows_only_what_one_may_read_in_both(world: Any, review: str) -> None:
    offered(world, review)
    dossiers.share(by=world.governance, review=review, at=world.start)
    changed = replace(
        document(),
        model=replace(document().model, summary=(Paragraph("These words go to nearly everybody."),)),
        incidents=(Incident(key="i", title="A leak of counsel's letter"),),
    )
    dossiers.compose(by=world.governance, review=review, document=changed, at=world.start)
    dossiers.share(by=world.governance, review=review, at=world.start)
    seen = dossiers.diff(world.intake, review, 1, 2)
    assert [(change.place, change.kind.value) for change in seen.changes] == [("model.summary[1]", "changed")]
    assert [word.text for word in seen.changes[0].words if word.kind] == ["nearly "]
    assert seen.hidden == ("incidents[1]",)
    own = dossiers.diff(world.governance, review, 1, 2)
    assert [change.place for change in own.changes] == ["model.summary[1]", "incidents[1]"]
    assert own.hidden == ()


def test_a_partners_twin_names_a_partner_and_no_other_reads_it(world: Any, review: str) -> None:
    offered(world, review)
    share = {"by": world.governance, "review": review, "at": world.start, "audience": Audience.PARTNER}
    with pytest.raises(Misuse, match="Name the partner"):
        dossiers.share(**share)
    with pytest.raises(Misuse, match="no trusted partner of this review"):
        dossiers.share(partner="harbour-trust", **share)
    with pytest.raises(NotFound):
        dossiers.dossier(world.intake, review)


def test_reading_takes_a_bounded_number_of_queries(world: Any, review: str) -> None:
    offered(world, review)
    for _ in range(5):
        dossiers.compose(by=world.governance, review=review, document=document(), at=world.start)
        dossiers.share(by=world.governance, review=review, at=world.start)
    for read in (dossiers.dossier, dossiers.versions):
        read(world.intake, review)  # the first look within an hour is kept, for who-has-seen-this
        with CaptureQueriesContext(connection) as queries:
            read(world.intake, review)
        assert len(queries) <= 7


def test_versions_kept_at_the_same_moment_never_share_a_number(durable_world: Any) -> None:
    world = durable_world
    review = draft(world)

    def one(n: int) -> int | str:
        try:
            made = dossiers.compose(
                by=world.governance,
                review=review,
                document=Dossier(model=Model(name=f"of thread {n}", developer="North Lab")),
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
