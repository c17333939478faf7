"""Determinations on a real database: two people sign, the developer sees it when shared, nothing depends on it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, transaction

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import OPEN, Label, Level
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Signature
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.models import Campaign
from seatrial.review.benchmarks.types import Check, Item, Threshold
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.models import Determination
from seatrial.review.determinations.queries import statement_of
from seatrial.review.determinations.types import DeterminationState, Finding


@pytest.fixture
def review(world: Any) -> str:
    made = cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="A review",
        model="m-1",
        partner_release=world.start + timedelta(days=40),
        public_release=world.start + timedelta(days=60),
        at=world.start,
    )
    cases.offer(by=world.governance, review=made, at=world.start)
    terms = ConsentTerms(
        model="m-1",
        artefact=digest(b"weights"),
        variant="as served",
        people=frozenset({world.evaluator.person}),
        purposes=frozenset({"capability-evaluation"}),
        levels=frozenset({AccessLevel.API}),
        upstream="http://127.0.0.1:9/v1",
        budget=Budget(100, 10_000, 2),
        window=Window(world.start, world.start + timedelta(days=10)),
        label=OPEN,
    )
    cases.sign_consent(by=world.signatory, review=made, terms=terms, at=world.start)
    return made


@pytest.fixture
def campaign(world: Any, review: str) -> str:
    items = [Item(f"i-{n}", f"f-{n % 3}", f"Q{n}?", Check("word", equals="yes"), "yes", "no", 1.0) for n in range(6)]
    suite = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=items)
    kept = benchmarks.register_suite(by=world.evaluator, suite=suite, at=world.start)
    return benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=kept,
        epochs=2,
        threshold=Threshold(kept, "suite-mean", 0.4, 0.6, 0.05),
        name="first",
        seed="s",
        at=world.start,
    )


@pytest.fixture
def drafted(world: Any, review: str, campaign: str) -> str:
    return determinations.draft(
        by=world.authority,
        review=review,
        campaign=campaign,
        finding=Finding.NOT_DETERMINED,
        reasons="No attempt was made yet.",
        at=world.start,
    )


def sign_and_share(world: Any, drafted: str) -> None:
    determinations.sign(by=world.authority, determination=drafted, at=world.start)
    determinations.sign(by=world.authority2, determination=drafted, at=world.start)
    determinations.share(by=world.authority, determination=drafted, at=world.start)


def test_each_step_leaves_one_entry_and_the_memo_keeps_up(world: Any, drafted: str) -> None:
    steps = [
        lambda: determinations.sign(by=world.authority, determination=drafted, at=world.start),
        lambda: determinations.sign(by=world.authority2, determination=drafted, at=world.start),
        lambda: determinations.share(by=world.authority, determination=drafted, at=world.start),
        lambda: determinations.attach_statement(
            by=world.signatory, determination=drafted, text="<b>Ours</b>", at=world.start
        ),
    ]
    for step in steps:
        before = ledger.head()
        step()
        assert ledger.head() == before + 1
    page = determinations.memo_html(world.signatory, drafted)
    assert "Ada Authority" in page
    assert "Abe Authority" in page
    assert "&lt;b&gt;Ours&lt;/b&gt;" in page
    assert "Shared with the developer" in page


def test_the_developer_sees_nothing_of_it_until_it_is_shared(world: Any, review: str, drafted: str) -> None:
    assert determinations.determinations(world.governance, review) == ()
    with pytest.raises(NotFound):
        determinations.memo_html(world.governance, drafted)
    kinds = [entry.kind for entry in ledger.entries(world.governance, review=review)]
    assert "determination.drafted" not in kinds
    sign_and_share(world, drafted)
    (seen,) = determinations.determinations(world.governance, review)
    assert (seen.state, seen.finding) == (DeterminationState.SHARED, Finding.NOT_DETERMINED)
    assert "determination.shared" in [entry.kind for entry in ledger.entries(world.governance, review=review)]
    with pytest.raises(NotFound):
        determinations.determination(world.rival, drafted)


def test_two_different_authorities_sign_and_nobody_else(world: Any, drafted: str) -> None:
    determinations.sign(by=world.authority, determination=drafted, at=world.start)
    with pytest.raises(Refused, match="another person's"):
        determinations.sign(by=world.authority, determination=drafted, at=world.start)
    for other in (world.intake, world.evaluator):
        with pytest.raises(Forbidden):
            determinations.sign(by=other, determination=drafted, at=world.start)
    with pytest.raises(Refused, match="it can while signed"):
        determinations.share(by=world.authority, determination=drafted, at=world.start)


def test_the_signatures_verify_over_finding_reasons_and_memo(world: Any, drafted: str) -> None:
    sign_and_share(world, drafted)
    row = Determination.objects.get(id=drafted)
    statement = statement_of(row)
    for signed in row.signatures.all():
        signature = Signature(
            world.body, signed.person_id, signed.at, digest_of(statement), signed.public_key, signed.value
        )
        assert parties.verify(signature, statement)
        assert not parties.verify(signature, {**statement, "finding": "covered"})
    assert digest(row.memo.encode()) == row.memo_digest


def test_a_finding_changes_nothing_that_the_developer_may_do(world: Any, review: str, campaign: str) -> None:
    before = cases.review(world.governance, review, world.start)
    standing = cases.standing(review, world.start)
    for finding in Finding:
        made = determinations.draft(
            by=world.authority, review=review, campaign=campaign, finding=finding, reasons="So.", at=world.start
        )
        sign_and_share(world, made)
        after = cases.review(world.governance, review, world.start)
        assert after.may == before.may
        assert after.clock == before.clock
        assert replace(after, timeline=()) == replace(before, timeline=())
        assert cases.standing(review, world.start) == standing
    cases.record_release(by=world.governance, review=review, at=world.start)


def test_the_statement_is_attached_once_and_by_the_developers_signatory(world: Any, drafted: str) -> None:
    with pytest.raises(NotFound):
        determinations.attach_statement(by=world.signatory, determination=drafted, text="Early.", at=world.start)
    sign_and_share(world, drafted)
    with pytest.raises(Forbidden):
        determinations.attach_statement(by=world.authority, determination=drafted, text="Theirs.", at=world.start)
    determinations.attach_statement(by=world.signatory, determination=drafted, text="Ours.", at=world.start)
    with pytest.raises(Refused, match="kept as it is"):
        determinations.attach_statement(by=world.signatory, determination=drafted, text="Again.", at=world.start)


def test_drafting_takes_an_authority_reasons_and_a_campaign_of_the_review(
    world: Any, review: str, campaign: str
) -> None:
    def draft(**changes: Any) -> None:
        determinations.draft(
            **{
                "by": world.authority,
                "review": review,
                "campaign": campaign,
                "finding": Finding.COVERED,
                "reasons": "So.",
                "at": world.start,
                **changes,
            }
        )

    with pytest.raises(Forbidden):
        draft(by=world.evaluator)
    with pytest.raises(Misuse, match="reasons must have"):
        draft(reasons=" ")
    with pytest.raises(Misuse, match="text-reordering"):
        draft(reasons="So\x00so.")
    with pytest.raises(NotFound):
        draft(campaign="campaign-nobody")
    assert Determination.objects.count() == 0


def test_what_each_may_do_next_is_said(world: Any, drafted: str) -> None:
    assert determinations.determination(world.authority, drafted).may == ("sign",)
    assert determinations.determination(world.intake, drafted).may == ()
    sign_and_share(world, drafted)
    assert determinations.determination(world.signatory, drafted).may == ("attach_statement",)
    assert determinations.determination(world.authority, drafted).may == ()


def test_each_entry_pins_what_it_records(world: Any, review: str, drafted: str) -> None:
    sign_and_share(world, drafted)
    determinations.attach_statement(by=world.signatory, determination=drafted, text="Ours.", at=world.start)
    told = [
        (entry.kind.removeprefix("determination."), {name: one["value"] for name, one in entry.openings.items()})
        for entry in ledger.entries(world.authority, review=review, kind="determination.")
    ]
    assert [kind for kind, _ in told] == ["drafted", "signed", "signed", "shared", "statement"]
    facts = dict(told)
    row = Determination.objects.get(id=drafted)
    assert all(one["memo"] == row.memo_digest for _, one in told)
    assert facts["signed"]["signed"] == digest_of(statement_of(row))
    assert facts["signed"]["signature"] == row.signatures.latest("pk").value
    before, after = Label.parse(facts["shared"]["label_before"]), Label.parse(facts["shared"]["label"])
    assert (before.audience, after.audience) == ({world.body}, {world.lab, world.body})
    assert facts["statement"]["statement"] == digest(b"Ours.")


def test_sharing_a_memo_on_a_sealed_suite_keeps_its_level_and_compartments(world: Any, drafted: str) -> None:
    sealed = Label(Level.SECRET, frozenset({"orca"}), Label.among(world.body).tlp, frozenset({world.body}))
    Determination.objects.filter(id=drafted).update(label=str(sealed))
    with pytest.raises(NotFound):
        determinations.determination(world.authority, drafted)
    cleared = [
        replace(who, level=Level.SECRET, compartments=frozenset({"orca"}))
        for who in (world.authority, world.authority2, world.signatory)
    ]
    determinations.sign(by=cleared[0], determination=drafted, at=world.start)
    determinations.sign(by=cleared[1], determination=drafted, at=world.start)
    determinations.share(by=cleared[0], determination=drafted, at=world.start)
    with pytest.raises(NotFound):
        determinations.memo_html(world.signatory, drafted)
    assert determinations.determination(cleared[2], drafted).label.level is Level.SECRET


def test_whoever_holds_the_file_can_verify_it_with_the_bodys_key_alone(world: Any, drafted: str) -> None:
    """Written against the README's words, with nothing of this program but the file."""
    sign_and_share(world, drafted)
    page = determinations.memo_html(world.signatory, drafted)
    record = json.loads(html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S)[1]))  # type: ignore[index]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(parties.organisation(world.body).public_key))
    statement = record["statement"]
    assert digest(rfc8785.dumps(record["memo"])) == statement["memo"]
    assert statement["finding"] == record["memo"]["finding"]

    def check(signature: dict[str, Any], statement: dict[str, Any]) -> None:
        signed = {name: signature[name] for name in ("organisation", "person", "at")}
        signed["statement"] = digest(rfc8785.dumps(statement))
        key.verify(bytes.fromhex(signature["value"]), b"seatrial/signature/v1\n" + rfc8785.dumps(signed))

    people = set()
    for signature in record["signatures"]:
        check(signature, statement)
        people.add(signature["person"])
        with pytest.raises(InvalidSignature):
            check(signature, {**statement, "finding": "covered"})
    assert len(people) == 2


def test_what_was_drafted_stays_as_it_is_and_leaves_the_bodys_sight_when_the_developer_withdraws(
    world: Any, review: str, campaign: str, drafted: str
) -> None:
    determinations.sign(by=world.authority, determination=drafted, at=world.start)
    cases.withdraw(by=world.security, review=review, at=world.start)
    before = ledger.head()
    with pytest.raises(NotFound, match="no determination"):
        determinations.sign(by=world.authority2, determination=drafted, at=world.start)
    with pytest.raises(NotFound, match="no review"):
        determinations.draft(
            by=world.authority,
            review=review,
            campaign=campaign,
            finding=Finding.COVERED,
            reasons="They left.",
            at=world.start,
        )
    assert ledger.head() == before
    with pytest.raises(NotFound):
        determinations.determination(world.authority2, drafted)
    with pytest.raises(NotFound):
        determinations.determinations(world.authority2, review)
    assert Determination.objects.get(id=drafted).signatures.count() == 1
    assert determinations.determinations(world.governance, review) == ()


def test_what_was_shared_stays_the_developers_after_it_withdraws(world: Any, review: str, drafted: str) -> None:
    sign_and_share(world, drafted)
    cases.withdraw(by=world.security, review=review, at=world.start)
    assert determinations.determination(world.signatory, drafted).may == ("attach_statement",)
    with pytest.raises(NotFound):
        determinations.determination(world.authority, drafted)


def test_without_a_campaign_only_not_determined_can_be_said_and_the_memo_says_why(world: Any, review: str) -> None:
    def draft(finding: Finding) -> str:
        return determinations.draft(
            by=world.authority, review=review, finding=finding, reasons="The dossier says too little.", at=world.start
        )

    for finding in (Finding.COVERED, Finding.NOT_COVERED):
        with pytest.raises(Misuse, match="nothing was measured"):
            draft(finding)
    made = draft(Finding.NOT_DETERMINED)
    assert determinations.determination(world.authority, made).campaign is None
    sign_and_share(world, made)
    page = determinations.memo_html(world.governance, made)
    assert "No campaign was run." in page
    assert "No document was shared." in page
    assert "Ada Authority" in page


def test_a_step_that_fails_halfway_leaves_nothing(world: Any, drafted: str) -> None:
    only_authority = replace(world.authority, roles=frozenset(r for r in world.authority.roles if r[1] != "signatory"))
    before = ledger.head()
    with pytest.raises(Forbidden, match="signatory"):
        determinations.sign(by=only_authority, determination=drafted, at=world.start)
    with pytest.raises(Refused):
        determinations.share(by=world.authority, determination=drafted, at=world.start)
    assert ledger.head() == before
    assert determinations.determination(world.authority, drafted).state is DeterminationState.DRAFT


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": "", "finding": "covered"},
        {"review": None},
        {"finding": "approved"},
        {"statement": "Early."},
        {"statement": "Ours.", "shared_at": "start"},
    ],
)
def test_the_database_keeps_words_and_statements_too(world: Any, drafted: str, change: dict[str, Any]) -> None:
    values = {name: world.start if value == "start" else value for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Determination.objects.filter(id=drafted).update(**values)


def test_one_person_signs_once_even_past_the_rules(world: Any, drafted: str) -> None:
    determinations.sign(by=world.authority, determination=drafted, at=world.start)
    row = Determination.objects.get(id=drafted)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.signatures.create(person_id=world.authority.person, at=world.start, public_key="", value="")


def test_reading_many_asks_as_often_as_reading_one(
    world: Any, review: str, campaign: str, drafted: str, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as alone:
        determinations.determinations(world.authority, review)
    for _ in range(4):
        made = determinations.draft(
            by=world.authority, review=review, campaign=campaign, finding=Finding.COVERED, reasons="So.", at=world.start
        )
        sign_and_share(world, made)
    with django_assert_num_queries(len(alone.captured_queries)):
        assert len(determinations.determinations(world.authority, review)) == 5


def test_the_memo_names_every_campaign_of_the_review_on_its_suite(world: Any, review: str, campaign: str) -> None:
    suite = benchmarks.campaign(world.evaluator, campaign).suite
    benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=suite,
        epochs=1,
        threshold=Threshold(suite, "suite-mean", 0.4, 0.6, 0.05),
        name="tried first, with other words",
        seed="t",
        at=world.start,
    )
    made = determinations.draft(
        by=world.authority, review=review, campaign=campaign, finding=Finding.COVERED, reasons="So.", at=world.start
    )
    page = determinations.memo_fragment(world.authority, made)
    assert "tried first, with other words" in page
    assert "a probability of at most 10%" in page


def test_a_memo_is_labelled_as_strictly_as_every_campaign_it_names(world: Any, review: str, campaign: str) -> None:
    suite = benchmarks.campaign(world.evaluator, campaign).suite
    sealed = benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=suite,
        epochs=1,
        threshold=Threshold(suite, "suite-mean", 0.4, 0.6, 0.05),
        name="the sealed one",
        seed="t",
        at=world.start,
    )
    Campaign.objects.filter(id=sealed).update(label=str(Label.among(world.body, level=Level.SECRET)))

    def drafted_by(who: Any) -> tuple[Level, bool]:
        made = determinations.draft(
            by=who, review=review, campaign=campaign, finding=Finding.COVERED, reasons="So.", at=world.start
        )
        row = Determination.objects.get(id=made)
        return Label.parse(row.label).level, "the sealed one" in row.memo

    assert drafted_by(world.authority) == (Level.CONTROLLED, False)
    assert drafted_by(replace(world.authority, level=Level.SECRET)) == (Level.SECRET, True)
