"""A developer asks, a body answers or does not, the developer ends it; nothing else follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.models import Review
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.models import DeterminationRequest, RequestPost
from seatrial.review.determinations.types import DeterminationRequestState, Finding, Question

State = DeterminationRequestState
Shared = Callable[[str], str]


def heads() -> dict[str, int]:
    return {log: ledger.head(log=log) for log in ("main", "lab-north", "body-one")}


def state(world: Any, request: str) -> State:
    return determinations.one_request(world.governance, request, world.start).state


def review_of(world: Any, *, offered: bool) -> str:
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
    if offered:
        cases.offer(by=world.governance, review=made, at=world.start)
    return made


def ask(world: Any, question: Question) -> str:
    made = determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=question, at=world.start
    )
    determinations.ask_request(by=world.governance, request=made, at=world.start)
    return made


def test_the_whole_life_of_a_request_leaves_one_entry_a_step(
    world: Any, drafted_request: str, on_documents: Shared
) -> None:
    common = {"request": drafted_request, "at": world.start}
    before = heads()
    determinations.revise_request(
        by=world.governance, question=Question("north-next", "Two thirds trained.", digest(b"weights")), **common
    )
    assert heads() == {**before, "lab-north": before["lab-north"] + 1}
    determinations.ask_request(by=world.governance, **common)
    assert state(world, drafted_request) is State.ASKED
    first = on_documents(drafted_request)
    steps: list[tuple[Callable[[], object], State]] = [
        (lambda: determinations.acknowledge_request(by=world.intake, **common), State.ACKNOWLEDGED),
        (lambda: determinations.post_on_request(by=world.evaluator, text="Which size?", **common), State.ACKNOWLEDGED),
        (lambda: determinations.answer_request(by=world.authority, determination=first, **common), State.ANSWERED),
        (
            lambda: determinations.ask_reconsideration(
                by=world.governance, reasons="It is trained now.", evidence="A card.", **common
            ),
            State.RECONSIDERATION_ASKED,
        ),
    ]
    for step, then in steps:
        before = heads()
        step()
        assert heads() == {**before, "main": before["main"] + 1}
        assert state(world, drafted_request) is then
    second = on_documents(drafted_request)
    determinations.answer_request(by=world.authority, determination=second, **common)
    determinations.attach_statement(by=world.signatory, determination=second, text="Ours.", at=world.start)
    view = determinations.one_request(world.governance, drafted_request, world.start)
    answered = [one.determination for one in view.answers]
    assert [one.id for one in answered if one] == [first, second]
    assert answered[1] is not None
    assert answered[1].statement == "Ours."
    assert view.state is State.ANSWERED_AGAIN
    assert [(one.reasons, one.evidence) for one in view.reconsiderations] == [("It is trained now.", "A card.")]
    determinations.close_request(by=world.governance, **common)
    assert state(world, drafted_request) is State.CLOSED
    kinds = [entry.kind for entry in ledger.entries(world.authority, kind="determination-request.")]
    assert kinds == [
        f"determination-request.{one}"
        for one in ("asked", "acknowledged", "posted", "answered", "reconsideration-asked", "answered", "closed")
    ]


def test_a_draft_is_nobodys_news(world: Any, drafted_request: str) -> None:
    for other in (world.intake, world.authority, world.rival, Actor()):
        with pytest.raises(NotFound) as said:
            determinations.one_request(other, drafted_request, world.start)
        with pytest.raises(NotFound) as never:
            determinations.one_request(other, "request-never-was", world.start)
        assert said.value.code == never.value.code
        assert determinations.requests(other, world.start) == ()
    before = heads()
    determinations.withdraw_request(by=world.governance, request=drafted_request, at=world.start)
    assert heads() == {**before, "lab-north": before["lab-north"] + 1}, "the shared log does not move"
    assert [one.state for one in determinations.requests(world.governance, world.start)] == [State.WITHDRAWN]


def test_after_a_withdrawal_the_body_sees_nothing_and_can_do_nothing(
    world: Any, asked: str, on_documents: Shared
) -> None:
    answer = on_documents(asked)
    determinations.answer_request(by=world.authority, request=asked, determination=answer, at=world.start)
    determinations.withdraw_request(by=world.security, request=asked, at=world.start)
    assert determinations.requests(world.authority, world.start) == ()
    before = heads()
    for gone in (
        lambda: determinations.one_request(world.authority, asked, world.start),
        lambda: determinations.request_page(world.intake, asked, world.start),
        lambda: determinations.post_on_request(by=world.authority, request=asked, text="Wait.", at=world.start),
        lambda: determinations.draft_for_request(by=world.authority, request=asked, reasons="So.", at=world.start),
        lambda: determinations.determination(world.authority, answer),
        lambda: determinations.memo_html(world.authority, answer),
    ):
        with pytest.raises(NotFound):
            gone()
    assert heads() == before
    mine = determinations.one_request(world.governance, asked, world.start)
    assert mine.may == ()
    assert mine.answers[0].determination is not None, "the developer keeps what it was told"


def test_the_other_lab_never_sees_any_of_it(world: Any, asked: str, on_documents: Shared) -> None:
    answer = on_documents(asked)
    determinations.answer_request(by=world.authority, request=asked, determination=answer, at=world.start)
    assert determinations.requests(world.rival, world.start) == ()
    for what in (determinations.one_request, determinations.request_page, determinations.answers_offered):
        with pytest.raises(NotFound):
            what(world.rival, asked, world.start)
    with pytest.raises(NotFound):
        determinations.close_request(by=world.rival, request=asked, at=world.start)
    assert [entry.kind for entry in ledger.entries(world.rival, kind="determination-request.")] == []


def test_each_does_only_what_is_theirs(world: Any, asked: str, on_documents: Shared) -> None:
    answer = on_documents(asked)
    common = {"request": asked, "at": world.start}
    before = heads()
    for refused in (
        lambda: determinations.withdraw_request(by=world.authority, **common),
        lambda: determinations.close_request(by=world.intake, **common),
        lambda: determinations.ask_reconsideration(by=world.authority, reasons="So.", **common),
        lambda: determinations.acknowledge_request(by=world.governance, **common),
        lambda: determinations.acknowledge_request(by=world.evaluator, **common),
        lambda: determinations.answer_request(by=world.governance, determination=answer, **common),
        lambda: determinations.answer_request(by=world.intake, determination=answer, **common),
        lambda: determinations.draft_for_request(by=world.intake, reasons="So.", **common),
    ):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(Refused, match="it can while answered"):
        determinations.ask_reconsideration(by=world.governance, reasons="So.", **common)
    with pytest.raises(Refused, match="it can while draft"):
        determinations.ask_request(by=world.governance, **common)
    assert heads() == before


def test_only_a_shared_determination_of_these_two_on_this_answers(world: Any, asked: str, on_documents: Shared) -> None:
    other = ask(world, Question("another", "Another model."))
    foreign = on_documents(other)
    unshared = determinations.draft_for_request(by=world.authority, request=asked, reasons="So.", at=world.start)
    good = on_documents(asked)
    offered = determinations.answers_offered(world.authority, asked, world.start)
    assert [one.id for one in offered] == [good]
    assert determinations.answers_offered(world.intake, asked, world.start) == ()
    for wrong, code in ((foreign, "not-for-another-request"), (unshared, "shared-first")):
        with pytest.raises(Refused) as said:
            determinations.answer_request(by=world.authority, request=asked, determination=wrong, at=world.start)
        assert said.value.code == code
    determinations.answer_request(by=world.authority, request=asked, determination=good, at=world.start)
    determinations.ask_reconsideration(by=world.governance, request=asked, reasons="Look again.", at=world.start)
    with pytest.raises(Refused, match="another one"):
        determinations.answer_request(by=world.authority, request=asked, determination=good, at=world.start)
    assert state(world, asked) is State.RECONSIDERATION_ASKED


def test_a_determination_of_a_review_answers_until_that_review_is_withdrawn(world: Any, asked: str) -> None:
    review = review_of(world, offered=True)
    made = determinations.draft(
        by=world.authority, review=review, finding=Finding.NOT_DETERMINED, reasons="Documents.", at=world.start
    )
    for signer in (world.authority, world.authority2):
        determinations.sign(by=signer, determination=made, at=world.start)
    determinations.share(by=world.authority, determination=made, at=world.start)
    determinations.answer_request(by=world.authority, request=asked, determination=made, at=world.start)
    cases.withdraw(by=world.security, review=review, at=world.start)
    (theirs,) = determinations.one_request(world.authority, asked, world.start).answers
    (ours,) = determinations.one_request(world.governance, asked, world.start).answers
    assert theirs.determination is None
    assert ours.determination is not None
    assert determinations.answers_offered(world.authority, asked, world.start) == ()


def test_a_linked_review_is_shown_to_the_body_only_while_it_can_see_that_review(world: Any) -> None:
    review = review_of(world, offered=False)
    request = ask(world, Question("m-1", "About to be offered.", review=review))
    assert determinations.one_request(world.governance, request, world.start).review == review
    assert determinations.one_request(world.authority, request, world.start).review is None
    assert not [entry for entry in ledger.entries(world.authority) if review in str(entry)]
    cases.offer(by=world.governance, review=review, at=world.start)
    assert determinations.one_request(world.authority, request, world.start).review == review
    cases.withdraw(by=world.security, review=review, at=world.start)
    assert determinations.one_request(world.authority, request, world.start).review is None


def test_oversight_reads_a_request_only_through_a_review_whose_label_names_it(world: Any) -> None:
    home = parties.create_organisation(
        by=world.operator, name="Watch", kind=OrganisationKind.OVERSIGHT, at=world.start, id="watch"
    ).id
    inspector = replace(
        world.intake, person="ivy", organisations=frozenset({home}), roles=frozenset({(home, Role.INSPECTOR)})
    )
    review = review_of(world, offered=True)
    alone = ask(world, Question("m-2", "Linked to nothing."))
    unnamed = ask(world, Question("m-1", "Linked.", review=review))
    for request in (alone, unnamed):
        with pytest.raises(NotFound):
            determinations.one_request(inspector, request, world.start)
    cases_label = cases.brief(world.governance, review, world.start).label
    named = replace(cases_label, audience=frozenset({world.lab, world.body, home}))
    Review.objects.filter(id=review).update(label=str(named))
    linked = ask(world, Question("m-1", "Linked, and the label names them.", review=review))
    seen = determinations.one_request(inspector, linked, world.start)
    assert (seen.may, len(determinations.requests(inspector, world.start))) == ((), 1)
    with pytest.raises(Forbidden):
        determinations.post_on_request(by=inspector, request=linked, text="Hm.", at=world.start)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question("", "So."), "bad-text"),
        (Question("two\nlines", "So."), "bad-text"),
        (Question("m", " "), "bad-text"),
        (Question("m", "bell\x07"), "bad-text"),
        (Question("m", "read otherwise\u202e than kept"), "bad-text"),
        (Question("m", "So.", artefact="md5:1"), "bad-digest"),  # type: ignore[arg-type]
        (Question("m", "So.", dossier_version=1), "dossier-without-review"),
        (Question("m", "So.", review="review-none"), "no-such-review"),
    ],
)
def test_a_question_that_cannot_be_kept_is_refused_in_words(world: Any, question: Question, code: str) -> None:
    before = heads()
    with pytest.raises(Misuse) as said:
        determinations.draft_request(
            by=world.governance, developer=world.lab, body=world.body, question=question, at=world.start
        )
    assert said.value.code == code
    assert heads() == before


def test_a_request_goes_to_a_body_about_a_review_of_these_two_and_a_shared_dossier(world: Any) -> None:
    review = review_of(world, offered=True)
    common = {"by": world.governance, "developer": world.lab, "at": world.start}
    with pytest.raises(Misuse, match="conducts no reviews"):
        determinations.draft_request(body="lab-south", question=Question("m", "So."), **common)
    second = parties.create_organisation(
        by=world.operator, name="Body Two", kind=OrganisationKind.BODY, at=world.start, id="body-two"
    ).id
    with pytest.raises(Misuse, match="one of these two"):
        determinations.draft_request(body=second, question=Question("m", "So.", review=review), **common)
    with pytest.raises(Misuse, match="share it first"):
        determinations.draft_request(
            body=world.body, question=Question("m", "So.", review=review, dossier_version=1), **common
        )
    with pytest.raises(Forbidden):
        determinations.draft_request(
            by=world.security, developer=world.lab, body=world.body, question=Question("m", "So."), at=world.start
        )


def test_words_have_limits_and_come_newest_first_in_parts(world: Any, asked: str) -> None:
    for text in ("", "x" * 10_001, "null\x00"):
        with pytest.raises(Misuse):
            determinations.post_on_request(by=world.intake, request=asked, text=text, at=world.start)
    assert RequestPost.objects.count() == 0
    for number in range(5):
        who = (world.intake, world.governance)[number % 2]
        determinations.post_on_request(by=who, request=asked, text=f"Words {number}", at=world.start)
    first = determinations.request_page(world.governance, asked, world.start, limit=3)
    rest = determinations.request_page(world.governance, asked, world.start, before=first.earlier, limit=3)
    assert [post.text for post in (*first.posts, *rest.posts)] == [f"Words {n}" for n in (4, 3, 2, 1, 0)]
    assert [post.side for post in rest.posts] == ["developer", "body"]
    assert rest.earlier is None
    with pytest.raises(Misuse, match="go back from"):
        determinations.request_page(world.governance, asked, world.start, before="post-none")


def test_the_memo_on_documents_pins_what_was_read(world: Any, asked: str, on_documents: Shared) -> None:
    page = determinations.memo_html(world.governance, on_documents(asked))
    assert "Whether north-next meets the designation is not determined." in page
    assert "No campaign was run." in page
    assert asked in page
    description = determinations.one_request(world.governance, asked, world.start).description
    assert digest(description.encode()) in page


def test_no_answer_and_no_request_changes_what_may_be_done_on_a_review(world: Any, on_documents: Shared) -> None:
    review = review_of(world, offered=True)
    before = cases.brief(world.governance, review, world.start)
    request = ask(world, Question("m-1", "Linked.", review=review))
    determinations.answer_request(
        by=world.authority, request=request, determination=on_documents(request), at=world.start
    )
    assert cases.brief(world.governance, review, world.start) == before
    later = world.start + timedelta(days=3650)
    assert determinations.one_request(world.governance, request, later) == determinations.one_request(
        world.governance, request, world.start
    )


def test_lists_come_in_parts_and_ask_as_often_for_many_as_for_one(world: Any, asked: str) -> None:
    with CaptureQueriesContext(connection) as alone:
        determinations.requests(world.authority, world.start)
    for number in range(6):
        ask(world, Question(f"m-{number}", "So."))
    with CaptureQueriesContext(connection) as many:
        found = determinations.requests(world.authority, world.start)
    assert len(many) == len(alone)
    assert len(found) == 7
    first = determinations.requests(world.authority, world.start, limit=4)
    assert (*first, *determinations.requests(world.authority, world.start, after=first[-1].id)) == found


@pytest.mark.parametrize("change", [{"acknowledged_at": "start"}, {"closed_at": "start"}, {"dossier_version": 1}])
def test_the_database_keeps_the_order_too(world: Any, drafted_request: str, change: dict[str, Any]) -> None:
    values = {name: world.start if value == "start" else value for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        DeterminationRequest.objects.filter(id=drafted_request).update(**values)
