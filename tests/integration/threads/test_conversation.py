"""Threads on a case: who writes, who reads, what becomes of a request, and what nobody else can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused, SeatrialError
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import RequestState, ReviewState
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Move, ThreadKind
from simulators.staged_reviews import Reviews, at_every_stage, draft


@pytest.fixture
def reviews(world: Any) -> Reviews:
    return at_every_stage(world)


def heads(world: Any) -> dict[str, int]:
    return {log: ledger.head(log) for log in (MAIN, world.lab, world.body)}


def grown(world: Any, before: dict[str, int]) -> dict[str, int]:
    return {log: size - before[log] for log, size in heads(world).items() if size != before[log]}


def ask(world: Any, review: str, **changes: Any) -> str:
    said = {"subject": "Data", "text": "Which *data*?", **changes}
    return threads.ask(by=world.intake, review=review, at=now(), **said)


def subjects(asking: Actor, review: str) -> list[str]:
    return [thread.subject for thread in threads.threads(asking, review, now()).threads]


def everything(asking: Actor, review: str) -> str:
    """All that somebody can read of a review's conversation, and of its timeline."""
    found = threads.threads(asking, review, now())
    pages = [threads.thread(asking, thread.id, now()) for thread in found.threads]
    return repr((found, pages, cases.review(asking, review, now()).timeline))


def test_each_action_leaves_exactly_one_entry_in_the_log_of_those_who_may_read_it(world: Any, reviews: Reviews) -> None:
    review = reviews.consented
    asked, other = ask(world, review), ask(world, review, subject="Other")
    talk = threads.open_thread(by=world.security, review=review, subject="Talk", text="Hello.", at=now())
    lab, body = world.governance, world.evaluator
    actions = [
        (lambda: ask(world, review, would_help_by=now() + timedelta(days=2)), MAIN),
        (lambda: threads.answer(by=lab, thread=asked, text="Web text.", at=now()), MAIN),
        (lambda: threads.take_back(by=body, thread=other, at=now()), MAIN),
        (lambda: threads.open_thread(by=body, review=review, subject="S", text="T", at=now()), MAIN),
        (lambda: threads.post(by=body, thread=talk, text="Hello back.", at=now()), MAIN),
        (lambda: threads.open_thread(by=lab, review=review, subject="S", text="T", internal=True, at=now()), world.lab),
        (lambda: threads.post(by=lab, thread=talk, text="Careful.", internal=True, at=now()), world.lab),
        (lambda: threads.post(by=body, thread=talk, text="Hm.", internal=True, at=now()), world.body),
    ]
    for action, log in actions:
        before = heads(world)
        action()
        assert grown(world, before) == {log: 1}
    assert ledger.audit(MAIN).fault is None


def test_a_request_is_open_until_it_is_answered_or_taken_back(world: Any, reviews: Reviews) -> None:
    wish = now() + timedelta(days=2)
    first = ask(world, reviews.consented, would_help_by=wish)
    second = ask(world, reviews.consented)
    found = threads.thread(world.governance, first, now()).thread
    assert (found.kind, found.state, found.would_help_by) == (ThreadKind.REQUEST, RequestState.OPEN, wish)
    assert set(found.may) == {Move.POST, Move.NOTE, Move.ANSWER}
    assert Move.TAKE_BACK in threads.thread(world.evaluator, first, now()).thread.may
    threads.post(by=world.governance, thread=first, text="We are looking it up.", at=now())
    assert threads.thread(world.governance, first, now()).thread.state is RequestState.OPEN
    threads.answer(by=world.security, thread=first, text="Here it is.", at=now())
    threads.take_back(by=world.intake, thread=second, at=now())
    for thread, state in ((first, RequestState.ANSWERED), (second, RequestState.TAKEN_BACK)):
        found = threads.thread(world.governance, thread, now()).thread
        assert found.state is state
        assert set(found.may) == {Move.POST, Move.NOTE}
        with pytest.raises(Refused, match="no open request"):
            threads.answer(by=world.governance, thread=thread, text="Again.", at=now())
        with pytest.raises(Refused, match="no open request"):
            threads.take_back(by=world.intake, thread=thread, at=now())


def test_no_request_and_no_wish_moves_a_clock_or_a_right(world: Any, reviews: Reviews) -> None:
    def rights(at: datetime) -> Any:
        view = cases.review(world.signatory, reviews.consented, at)
        return view.clock, view.state, view.consent, set(view.may) - {"answer"}, cases.standing(reviews.consented, at)

    moments = [now() + timedelta(days=days) for days in (0, 3, 9, 11, 21)]
    before = [rights(moment) for moment in moments]
    thread = ask(world, reviews.consented, would_help_by=now() + timedelta(days=1))
    assert [rights(moment) for moment in moments] == before
    threads.answer(by=world.governance, thread=thread, text="Late.", at=now() + timedelta(days=5))
    assert [rights(moment) for moment in moments] == before


def test_an_internal_note_cannot_be_told_from_nothing_by_the_other_side(world: Any, reviews: Reviews) -> None:
    review = reviews.consented
    talk = threads.open_thread(by=world.governance, review=review, subject="Talk", text="Hello.", at=now())
    for writer, reader in ((world.governance, world.intake), (world.evaluator, world.security)):
        seen, head = everything(reader, review), ledger.head(MAIN)
        threads.post(by=writer, thread=talk, text="Between us: CANARY", internal=True, at=now())
        note = threads.open_thread(by=writer, review=review, subject="CANARY", text="CANARY", internal=True, at=now())
        assert everything(reader, review) == seen
        assert ledger.head(MAIN) == head
        assert "CANARY" in everything(writer, review)
        with pytest.raises(NotFound) as hidden:
            threads.thread(reader, note, now())
        with pytest.raises(NotFound) as missing:
            threads.thread(reader, "thread-none", now())
        assert hidden.value.message.replace(note, "x") == missing.value.message.replace("thread-none", "x")
        with pytest.raises(NotFound):
            threads.post(by=reader, thread=note, text="?", at=now())


def test_another_lab_and_a_stranger_see_nothing(world: Any, reviews: Reviews) -> None:
    thread = ask(world, reviews.consented)
    for stranger in (world.rival, world.operator, Actor()):
        with pytest.raises(NotFound):
            threads.thread(stranger, thread, now())
        with pytest.raises(NotFound):
            threads.threads(stranger, reviews.consented, now())
        with pytest.raises(NotFound):
            threads.post(by=stranger, thread=thread, text="?", at=now())


def test_a_draft_has_room_for_internal_notes_only(world: Any) -> None:
    review = draft(world, "A plan")
    before = heads(world)
    with pytest.raises(Refused, match="draft"):
        threads.open_thread(by=world.governance, review=review, subject="S", text="T", at=now())
    assert heads(world) == before
    threads.open_thread(by=world.governance, review=review, subject="Own", text="T", internal=True, at=now())
    cases.offer(by=world.governance, review=review, at=now())
    assert subjects(world.intake, review) == []
    assert subjects(world.governance, review) == ["Own"]


def test_the_body_falls_silent_when_the_developer_has_withdrawn(world: Any, reviews: Reviews) -> None:
    thread = ask(world, reviews.consented)
    cases.withdraw(by=world.security, review=reviews.consented, at=now())
    with pytest.raises(NotFound):
        threads.post(by=world.intake, thread=thread, text="Why?", at=now())
    with pytest.raises(NotFound):
        ask(world, reviews.consented)
    threads.answer(by=world.governance, thread=thread, text="For completeness.", at=now())
    assert cases.review(world.governance, reviews.consented, now()).state is ReviewState.WITHDRAWN


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"text": " "}, "bad-text"),
        ({"text": "x" * 10_001}, "bad-text"),
        ({"text": "a\x00b"}, "bad-text"),
        ({"subject": ""}, "bad-text"),
        ({"subject": "x" * 201}, "bad-text"),
        ({"subject": "two\nlines"}, "bad-text"),
        ({"would_help_by": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}, "wish-past"),
    ],
)
def test_words_that_cannot_be_kept_are_refused_and_nothing_is_written(
    world: Any, reviews: Reviews, said: dict[str, Any], code: str
) -> None:
    before, shown = heads(world), subjects(world.intake, reviews.consented)
    with pytest.raises(Misuse) as refused:
        ask(world, reviews.consented, **said)
    assert refused.value.code == code
    assert heads(world) == before
    assert subjects(world.intake, reviews.consented) == shown


def test_sides_and_roles_are_kept_apart(world: Any, reviews: Reviews) -> None:
    thread = ask(world, reviews.consented)
    talk = threads.open_thread(by=world.governance, review=reviews.consented, subject="S", text="T", at=now())
    wrong = [
        lambda: threads.ask(by=world.governance, review=reviews.consented, subject="S", text="T", at=now()),
        lambda: threads.ask(by=world.authority, review=reviews.consented, subject="S", text="T", at=now()),
        lambda: threads.answer(by=world.intake, thread=thread, text="T", at=now()),
        lambda: threads.answer(by=world.governance, thread=talk, text="T", at=now()),
        lambda: threads.take_back(by=world.governance, thread=thread, at=now()),
    ]
    for attempt in wrong:
        before = heads(world)
        with pytest.raises((Forbidden, Refused)):
            attempt()
        assert heads(world) == before
    assert threads.thread(world.governance, talk, now()).thread.posts == 1


def test_what_may_lists_is_what_works(world: Any, reviews: Reviews) -> None:
    """Every move that is listed succeeds and every other is refused, for each writer in each stage they can see."""
    tried = 0
    ask(world, reviews.offered)
    for review in (reviews.offered, reviews.consented, reviews.withdrawn):
        for who in (world.governance, world.security, world.intake, world.evaluator, world.authority):
            if review == reviews.withdrawn and world.body in who.organisations:
                continue  # what was withdrawn is no longer the body's to see
            for thread in threads.threads(who, review, now()).threads:
                for move, act in _moves(who, thread.id).items():
                    listed = move in threads.thread(who, thread.id, now()).thread.may
                    assert _works(act) == listed, (who.person, move, thread.subject)
                    tried += 1
    assert tried >= 30


def _moves(who: Actor, thread: str) -> dict[Move, Any]:
    return {
        Move.POST: lambda: threads.post(by=who, thread=thread, text="T", at=now()),
        Move.NOTE: lambda: threads.post(by=who, thread=thread, text="T", internal=True, at=now()),
        Move.ANSWER: lambda: threads.answer(by=who, thread=thread, text="T", at=now()),
        Move.TAKE_BACK: lambda: threads.take_back(by=who, thread=thread, at=now()),
    }


def _works(act: Any) -> bool:
    try:
        act()
    except SeatrialError:
        return False
    return True


def test_open_requests_stand_first_then_the_newest_activity(world: Any, reviews: Reviews) -> None:
    review = reviews.offered
    asked = ask(world, review, subject="asked")
    for name in ("one", "two", "three"):
        threads.open_thread(by=world.governance, review=review, subject=name, text="T", at=now())
    assert subjects(world.intake, review) == ["asked", "three", "two", "one"]
    first = threads.threads(world.intake, review, now()).threads[3]
    threads.post(by=world.intake, thread=first.id, text="Again.", at=now())
    assert subjects(world.governance, review) == ["asked", "one", "three", "two"]
    threads.answer(by=world.governance, thread=asked, text="T", at=now() - timedelta(days=1))
    assert subjects(world.governance, review)[:2] == ["one", "three"]


def test_threads_and_posts_come_in_parts_and_none_is_lost_or_shown_twice(world: Any, reviews: Reviews) -> None:
    review, at = reviews.offered, now()
    made = [threads.open_thread(by=world.governance, review=review, subject=f"{n}", text="T", at=at) for n in range(7)]
    for n in range(8):
        threads.post(by=world.governance, thread=made[0], text=f"{n}", internal=n % 2 == 0, at=at)
    shown, before = [], None
    while True:
        part = threads.threads(world.intake, review, at, before=before, limit=3)
        shown += [thread.id for thread in part.threads]
        if (before := part.earlier) is None:
            break
    assert sorted(shown) == sorted(made)
    texts, before = [], None
    while True:
        page = threads.thread(world.intake, made[0], at, before=before, limit=2)
        texts += [post.text for post in page.posts]
        if (before := page.earlier) is None:
            break
    assert texts == ["7", "5", "3", "1", "T"]
    assert page.thread.posts == 5
    for bad in ("x", "1.2", "99999999999999999.thread-0", "post-none"):
        with pytest.raises(Misuse, match="no place"):
            threads.thread(world.intake, made[0], at, before=bad)


def test_the_timeline_comes_in_parts(world: Any, reviews: Reviews) -> None:
    for n in range(4):
        ask(world, reviews.consented, subject=f"{n}")
    whole = cases.timeline(world.governance, reviews.consented, limit=200).items
    assert whole[-1].what == "case.drafted"
    for limit in (1, 2, 3, 5):
        shown, before = [], None
        while True:
            part = cases.timeline(world.governance, reviews.consented, before=before, limit=limit)
            shown += part.items
            if (before := part.earlier) is None:
                break
        assert tuple(shown) == whole
    with pytest.raises(Misuse, match="no place"):
        cases.timeline(world.governance, reviews.consented, before="later")
