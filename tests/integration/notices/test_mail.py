"""Mail: who is told, when, how often; and that nothing is lost or told twice without need."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.notices import api as notices
from seatrial.notices.core.pacing import GAP, LEASE, RETRIES
from seatrial.notices.models import Choice, Cursor, Delivery
from seatrial.notices.types import Cadence, DeliveryState, Outcome
from seatrial.parties.models import Person

from .conftest import Wheel, happen


def told(wheel: Wheel) -> set[str]:
    return {letter.to.split("@")[0] for letter in wheel.post.letters}


def test_everybody_who_may_read_is_told_and_nobody_else_and_not_who_did_it(world, wheel):
    happen(wheel.at, world.lab, world.body, by="eva")
    wheel.turn()
    assert told(wheel) == {"gwen", "sam", "sig", "ina", "ada", "abe"}
    assert {letter.reviews for letter in wheel.post.letters} == {("review-1",)}


def test_a_draft_in_the_developers_own_log_reaches_the_developer_alone(world, wheel):
    for person in (world.security, world.signatory, world.intake, world.rival):
        notices.choose(by=person, cadence=Cadence.EACH, at=wheel.at)
    happen(wheel.at, world.lab, kind="dossier.composed", by="gwen", log=world.lab)
    wheel.turn()
    assert told(wheel) == {"sam", "sig"}


def test_who_has_chosen_nothing_is_spared_what_asks_for_nothing(world, wheel):
    notices.choose(by=world.security, cadence=Cadence.EACH, at=wheel.at)
    happen(wheel.at, world.lab, kind="plan.moved", by="gwen", log=world.lab)
    wheel.turn()
    assert told(wheel) == {"sam"}


def test_who_has_chosen_nothing_is_told_of_exposures_and_own_dates(world, wheel):
    for kind in ("remediation.exposed", "remediation.due", "remediation.undertaking.offered"):
        happen(wheel.at, world.lab, kind=kind, by="instance", log=world.lab)
        wheel.turn()
        assert "sam" in told(wheel), kind
        wheel.post.letters.clear()
        wheel.later(hours=1)
    for kind in ("remediation.gone", "remediation.answered"):
        happen(wheel.at, world.lab, kind=kind, by="instance", log=world.lab)
        wheel.turn()
        assert wheel.post.letters == [], kind


def test_single_uses_of_a_model_are_silent(world, wheel):
    happen(wheel.at, world.lab, world.body, kind="access.exchanges")
    wheel.turn()
    assert wheel.post.letters == []
    assert Cursor.objects.get(log="main").next == ledger.head()


def test_who_was_deactivated_gets_nothing_even_if_it_waited(world, wheel):
    happen(wheel.at, world.lab)
    notices.watch(at=wheel.at)
    Person.objects.filter(id="sam").update(is_active=False)
    wheel.turn()
    assert told(wheel) == {"gwen", "sig"}
    assert Delivery.objects.get(person_id="sam").state == DeliveryState.GIVEN_UP


def test_what_a_person_may_no_longer_read_is_not_sent(world, wheel):
    happen(wheel.at, world.lab)
    notices.watch(at=wheel.at)
    Person.objects.get(id="sam").memberships.all().delete()
    wheel.turn()
    assert "sam" not in told(wheel)


def test_one_mail_a_review_in_ten_minutes_covers_all_that_changed(world, wheel):
    for _ in range(3):
        happen(wheel.at, world.lab)
    happen(wheel.at, world.lab, review="review-2")
    wheel.turn()
    assert [letter.reviews for letter in wheel.post.to("sam")] == [("review-1",), ("review-2",)]
    wheel.later(minutes=1)
    happen(wheel.at, world.lab)
    wheel.turn()
    assert len(wheel.post.to("sam")) == 2
    wheel.later(minutes=9)
    wheel.turn()
    assert len(wheel.post.to("sam")) == 3
    wheel.later(hours=1)
    wheel.turn()
    assert len(wheel.post.to("sam")) == 3


def test_a_withdrawal_is_told_at_once_although_a_mail_has_just_gone_and_the_developer_first(world, wheel):
    happen(wheel.at, world.lab, world.body)
    wheel.turn()
    wheel.post.letters.clear()
    wheel.later(seconds=30)
    happen(wheel.at, world.lab, world.body, by="gwen")
    happen(wheel.at, world.lab, world.body, kind="case.withdrawn", by="gwen")
    wheel.turn()
    assert [letter.to.split("@")[0] for letter in wheel.post.letters] == ["sam", "sig", "abe", "ada", "eva", "ina"]


def test_a_daily_mail_lists_the_reviews_once(world, wheel):
    notices.choose(by=world.security, cadence=Cadence.DAILY, at=wheel.at)
    for review in ("review-1", "review-2", "review-1"):
        happen(wheel.at, world.lab, review=review)
        wheel.later(minutes=30)
        wheel.turn()
    assert wheel.post.to("sam") == []
    wheel.later(days=1)
    wheel.turn()
    (digest,) = wheel.post.to("sam")
    assert digest.reviews == ("review-1", "review-2")
    assert len(digest.notices) == 2
    assert set(Delivery.objects.filter(person_id="sam").values_list("state", flat=True)) == {"delivered"}


def test_choices_are_each_persons_own_and_leave_one_entry(world, wheel):
    size = ledger.head()
    notices.choose(by=world.security, cadence=Cadence.NONE, at=wheel.at)
    assert ledger.head() == size + 1
    notices.choose(by=world.security, cadence=Cadence.EACH, review="review-2", at=wheel.at)
    for review in ("review-1", "review-2"):
        happen(wheel.at, world.lab, review=review)
    wheel.turn()
    assert [letter.reviews for letter in wheel.post.to("sam")] == [("review-2",)]
    assert len(wheel.post.to("gwen")) == 2
    assert notices.choices(world.security).of("review-1", by_default=True) is Cadence.NONE
    assert notices.choices(world.governance).everything is None
    with pytest.raises(Misuse, match="can sign in"):
        notices.choose(by=world.operator, cadence=Cadence.EACH, at=wheel.at)
    with pytest.raises(Misuse, match="id of a review"):
        notices.choose(by=world.security, cadence=Cadence.EACH, review="a\nb", at=wheel.at)
    assert Choice.objects.count() == 2


def test_who_chooses_none_is_spared_what_waited(world, wheel):
    happen(wheel.at, world.lab)
    notices.watch(at=wheel.at)
    notices.choose(by=world.security, cadence=Cadence.NONE, at=wheel.at)
    wheel.turn()
    assert wheel.post.to("sam") == []


def test_a_mail_in_vain_is_tried_again_by_the_schedule_and_then_stays_listed(world, wheel):
    wheel.post.outcome = lambda letter: Outcome(reason="The mail server did not take the mail.")
    happen(wheel.at, world.lab)
    for delay in (timedelta(), *RETRIES):
        wheel.later(seconds=delay.total_seconds())
        wheel.turn()
    assert len(wheel.post.to("sam")) == len(RETRIES) + 1
    assert len({letter.notices for letter in wheel.post.to("sam")}) == 1
    (view,) = notices.notices(world.security)
    assert (view.state, view.attempts) == (DeliveryState.GIVEN_UP, len(RETRIES) + 1)
    assert view.reason == "The mail server did not take the mail."
    assert notices.notices(world.rival) == ()


def test_what_was_being_sent_by_a_process_that_died_is_sent_again_after_its_lease(world, wheel):
    from seatrial.notices import actions

    happen(wheel.at, world.lab)
    notices.watch(at=wheel.at)
    lost = actions.claim_letters(at=wheel.at)
    assert len(lost) == 3
    happen(wheel.at, world.lab)  # not covered by what is on its way
    wheel.turn()
    assert wheel.post.letters == []
    wheel.later(seconds=LEASE.total_seconds())
    wheel.turn()
    assert {letter.notices[0] for letter in wheel.post.letters} == {letter.notices[0] for letter in lost}


def test_the_mail_itself(world, wheel):
    mail.outbox = []
    happen(wheel.at, world.lab)
    notices.watch(at=wheel.at)
    assert notices.send_mail(lambda: wheel.at) == 3
    assert [message.to for message in mail.outbox] == [
        ["gwen@lab-north.example"],
        ["sam@lab-north.example"],
        ["sig@lab-north.example"],
    ]
    message = mail.outbox[1]
    assert message.subject == "Something changed in review-1"
    assert message.cc == message.bcc == []
    assert message.content_subtype == "plain"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Sign in to read it." in message.body
    assert "gwen" not in message.message().as_string()


def test_one_click_stops_the_mails_of_whoever_got_it(world, wheel):
    happen(wheel.at, world.lab)
    wheel.turn()
    token = wheel.post.to("sam")[0].unsubscribe
    assert "sam" not in token
    for bad in ("", token[:-1], token.replace("notice", "notixe"), "x"):
        with pytest.raises(NotFound):
            notices.unsubscribe(token=bad, at=wheel.at)
    notices.unsubscribe(token=token, at=wheel.at)
    assert notices.choices(world.security).everything is Cadence.NONE
    assert notices.choices(world.governance).everything is None


STEP = st.tuples(
    st.integers(0, 700),
    st.sampled_from(["review-1", "review-2"]),
    st.sampled_from(["case.asked", "case.asked", "case.withdrawn"]),
)


@given(steps=st.lists(STEP, min_size=1, max_size=12))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_and_ordinary_mails_of_a_review_are_ten_minutes_apart(world: Any, steps: Any) -> None:
    """Whatever happens when: after each change a mail of its review follows, within ten minutes, at once if urgent."""
    wheel = Wheel(world.start + timedelta(days=ledger.head()))
    wheel.turn()
    wheel.post.letters.clear()
    changes, sent = [], []
    for wait, review, kind in [*steps, (0, "", "")]:
        until = wheel.at + timedelta(seconds=wait if kind else 700)
        while wheel.at < until:
            wheel.later(seconds=20)
            wheel.turn()
            sent += [(wheel.at, letter.reviews[0]) for letter in wheel.post.to("sam")]
            wheel.post.letters.clear()
        if kind:
            happen(wheel.at, world.lab, review=review, kind=kind)
            changes.append((wheel.at, review, kind == "case.withdrawn"))
    for when, review, urgent in changes:
        bound = timedelta(seconds=20) if urgent else GAP + timedelta(seconds=20)
        assert any(when <= at <= when + bound for at, of in sent if of == review)
    soon = timedelta(seconds=20)
    urgent_moments = {at for when, _, urgent in changes if urgent for at, _ in sent if when <= at <= when + soon}
    for review in ("review-1", "review-2"):
        moments = [at for at, of in sent if of == review]
        for one, other in itertools.pairwise(moments):
            assert other - one >= GAP or other in urgent_moments


def test_ten_thousand_entries_take_a_bounded_number_of_queries_and_little_time(world, wheel):
    from time import process_time

    for number in range(200):
        happen(wheel.at, world.lab, world.body, review=f"review-{number % 50}")
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert notices.watch(at=wheel.at) == 200
    _repeat_entries(10_000 - 200)
    started = process_time()
    with CaptureQueriesContext(connection) as many:
        read = 0
        while batch := notices.watch(at=wheel.at):
            read += batch
    assert read == 9_800
    assert process_time() - started < 8  # of this processor; the machine may have others to serve
    assert len(many) <= 20 * (len(few) + 2) + 4
    assert Delivery.objects.filter(person_id="sam").count() == 50


def _repeat_entries(count: int) -> None:
    """More entries like the newest, without their place in the tree: reading them needs none."""
    from seatrial.ledger.models import EntryRow, Log, OpeningRow

    log = Log.objects.get(name="main")
    newest = EntryRow.objects.filter(log=log).select_related("opening").latest("index")
    same = {"log": log, "at": newest.at, "kind": newest.kind, "data": newest.data, "leaf": newest.leaf}
    rows = [EntryRow(**same, label=newest.label, index=log.size + n, review=f"review-{n % 50}") for n in range(count)]
    EntryRow.objects.bulk_create(rows)
    made = EntryRow.objects.filter(log=log, index__gte=log.size)
    OpeningRow.objects.bulk_create([OpeningRow(entry=row, label=row.label, facts=newest.opening.facts) for row in made])
    log.size += count
    log.save()
