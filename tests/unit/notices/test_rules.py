"""Who is told when, what is said, how it is signed, where it may be sent."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from seatrial.kernel.errors import Forbidden, Misuse, Refused
from seatrial.kernel.labels import OPEN, Label, Level, Tlp
from seatrial.kernel.outgoing import check_url, reachable
from seatrial.notices.core import wording
from seatrial.notices.core.attention import KINDS, attention, told_by_default, told_to_webhooks
from seatrial.notices.core.lifecycle import MACHINE, WAITING, Progress, event_of, judged
from seatrial.notices.core.pacing import GAP, LEASE, RETRIES, due, next_try, paced
from seatrial.notices.core.signing import headers, new_secret
from seatrial.notices.core.stewards import check_label, check_steward, hears
from seatrial.notices.types import Attention, Cadence, Choices, DeliveryState, Outcome
from seatrial.parties.types import Actor, Role

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda passed: NOW + passed)


def test_each_kind_is_as_urgent_as_the_table_says():
    assert attention("case.withdrawn") is attention("case.leak_reported") is Attention.URGENT
    assert attention("case.offered") is attention("partner.signed") is Attention.ORDINARY
    assert attention("access.exchanges") is attention("access.refused") is Attention.SILENT
    assert attention("access.key-issued") is Attention.ORDINARY
    assert attention("room.that-comes-later") is Attention.ORDINARY


def test_a_notice_never_causes_another():
    """What this room records by itself is silent, but for a lost receiver, which no webhook is told of."""
    from seatrial.notices import actions

    source = inspect.getsource(actions)
    assert all(attention(kind) is Attention.SILENT for kind in ("notices.chosen", "notices.webhook-added"))
    loud = [kind for kind in KINDS if kind.startswith("notices.") and KINDS[kind] is not Attention.SILENT]
    assert not any(told_to_webhooks(kind) for kind in loud)
    assert 'f"notices.webhook-{hook.state}"' in source


@given(MOMENTS, st.booleans())
def test_a_daily_notice_is_due_at_the_next_seven_o_clock_and_an_urgent_one_at_once(now, urgent):
    when = due(Cadence.DAILY, urgent=urgent, now=now)
    if urgent:
        assert when == now
    else:
        assert now < when <= now + timedelta(days=1)
        assert (when.hour, when.minute, when.second) == (7, 0, 0)
    assert due(Cadence.EACH, urgent=urgent, now=now) == now


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(hours=1)), st.booleans())
def test_no_two_ordinary_mails_of_a_review_in_ten_minutes(now, ago, urgent):
    when = paced(now - ago, urgent=urgent, now=now)
    assert when >= now
    assert when == now if urgent or ago >= GAP else when == now - ago + GAP
    assert paced(None, urgent=urgent, now=now) == now


def test_tries_follow_the_schedule_that_the_standard_recommends():
    seconds = [5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]
    assert [delay.total_seconds() for delay in RETRIES] == seconds
    progress, when, gaps = Progress(DeliveryState.DUE, 0, NOW), NOW, []
    while progress.state in WAITING:
        progress = MACHINE.apply(progress, "fail", None, when)
        if progress.state is DeliveryState.FAILED:
            gaps.append((progress.due_at - when).total_seconds())
            when = progress.due_at
    assert gaps == seconds
    assert progress.state is DeliveryState.GIVEN_UP
    assert progress.attempts == len(seconds) + 1
    assert next_try(progress.attempts, when) is None


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("event", ["deliver", "fail", "give_up", "redeliver"])
def test_the_table_of_deliveries_is_all_there_is(state, event):
    ends = {
        "deliver": (WAITING, DeliveryState.DELIVERED),
        "fail": (WAITING, DeliveryState.FAILED),
        "give_up": (WAITING, DeliveryState.GIVEN_UP),
        "redeliver": (frozenset(DeliveryState) - {DeliveryState.DUE}, DeliveryState.DUE),
    }
    sources, end = ends[event]
    progress = Progress(state, 3, NOW)
    if state in sources:
        after = MACHINE.apply(progress, event, None, NOW)
        assert after.state is end
        assert after.attempts == {"deliver": 4, "fail": 4, "give_up": 3, "redeliver": 0}[event]
    else:
        with pytest.raises(Refused):
            MACHINE.apply(progress, event, None, NOW)


def test_every_guard_and_effect_of_the_table_matters():
    for name, mutant in MACHINE.mutants():
        event = name.split(" ")[0]
        source = Progress(DeliveryState.GIVEN_UP if event == "redeliver" else DeliveryState.DUE, 1, NOW)
        later = NOW + timedelta(hours=1)
        assert mutant.apply(source, event, None, later) != MACHINE.apply(source, event, None, later), name


@pytest.mark.parametrize(
    ("status", "event"),
    [(200, "deliver"), (204, "deliver"), (302, "fail"), (404, "fail"), (500, "fail"), (410, "give_up"), (101, "fail")],
)
def test_only_2xx_has_arrived_and_410_wants_no_more(status, event):
    assert event_of(judged(status)) == event
    assert judged(status).status == status
    assert event_of(Outcome(reason="It hung.")) == "fail"


def test_single_choices_win_over_the_general_one():
    chosen = Choices(Cadence.NONE, {"review-1": Cadence.DAILY})
    for by_default in (True, False):
        told = [chosen.of(review, by_default=by_default) for review in ("review-1", "review-2", "")]
        assert told == [Cadence.DAILY, Cadence.NONE, Cadence.NONE]


def test_who_has_chosen_nothing_is_told_where_their_organisation_may_want_to_act():
    told = ("case.offered", "partner.proposed", "determination.shared", "thread.posted", "notices.webhook-failing")
    spared = (
        "plan.moved",
        "dossier.composed",
        "engagement.written",
        "identity.fingerprint-taken",
        "benchmarks.campaign-planned",
        "access.exchanges",
    )
    assert all(map(told_by_default, told))
    assert not any(map(told_by_default, spared))
    assert Choices().of("review-1", by_default=True) is Cadence.EACH
    assert Choices().of("review-1", by_default=False) is Cadence.NONE
    assert Choices(Cadence.EACH).of("review-1", by_default=False) is Cadence.EACH


@given(st.binary(max_size=300), st.integers(0, 10**6))
def test_a_signature_verifies_with_the_standards_own_library_and_not_after_tampering(body, chance):
    secret, at = new_secret(), datetime.now(UTC)
    text = b'"' + body.hex().encode() + b'"'  # the library parses what it verified
    made = headers([secret], id="notice-0123456789abcdef", at=at, body=text)
    verifier = Webhook(secret)
    assert verifier.verify(text, made) == body.hex()
    for bad in (
        (text + b" ", made),
        (text, {**made, "webhook-id": "notice-fedcba9876543210"}),
        (text, {**made, "webhook-timestamp": str(int(at.timestamp()) - 1 - chance % 100)}),
    ):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(*bad)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(text, made)


def test_while_a_secret_is_changed_both_verify():
    old, new = new_secret(), new_secret()
    made = headers([new, old], id="notice-1", at=datetime.now(UTC), body=b"{}")
    for secret in (old, new):
        assert Webhook(secret).verify(b"{}", made) == {}


def test_a_letter_and_a_payload_have_no_room_for_anything_but_ids_and_addresses():
    for function in (wording.payload, wording.text, wording.subject, wording.page):
        assert set(inspect.signature(function).parameters) <= {"id", "review", "reviews", "at", "portal"}
    said = wording.text(id="notice-1", reviews=["review-1"], at=NOW, portal="https://sea.example")
    assert "Something changed in review-1. Sign in to read it." in said
    assert "https://sea.example/reviews/review-1/" in said
    assert wording.payload(id="notice-1", review="review-1", at=NOW, portal="https://sea.example") == (
        b'{"data":{"id":"notice-1","page":"https://sea.example/reviews/review-1/","review":"review-1"},'
        b'"timestamp":"2026-07-01T09:00:00.000000Z","type":"something.changed"}'
    )


def test_the_lease_is_longer_than_any_try():
    from seatrial.notices.adapters.http_poster import PATIENCE

    assert LEASE.total_seconds() >= 3 * PATIENCE


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/in",
        "https://hooks.example:8443/in?to=1",
        "https://8.8.8.8/in",
        "https://[2606:4700:4700::1111]/in",
    ],
)
def test_a_public_address_over_https_can_be_a_webhook(url):
    assert check_url(url, loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in",
        "ftp://hooks.example/in",
        "https://user:pass@hooks.example/",
        "https://hooks.example/#part",
        "https:///in",
        "https://",
        "",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nx: y",
        "https://häfen.example/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://[::1/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://a.localhost/",
        "http://127.0.0.1:9000/",
        "https://hooks.example/" + "a" * 500,
    ],
)
def test_any_other_address_cannot(url):
    with pytest.raises(Misuse, match="cannot be a webhook"):
        check_url(url, loopback=False)


def test_loopback_over_http_is_for_a_development_instance_only():
    assert check_url("http://127.0.0.1:9000/in", loopback=True)
    assert check_url("http://localhost:9000/in", loopback=True)
    with pytest.raises(Misuse):
        check_url("http://hooks.example/in", loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
        *("64:ff9b::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "240.0.0.1", "not an address"),
    ],
)
def test_no_private_address_is_ever_reached(address):
    assert not reachable(address, loopback=False)


def test_public_addresses_are_reached_and_loopback_where_it_may_be():
    assert reachable("8.8.8.8", loopback=False)
    assert reachable("2606:4700:4700::1111", loopback=False)
    assert reachable("127.0.0.1", loopback=True)
    assert reachable("::1", loopback=True)
    assert not reachable("10.0.0.1", loopback=True)


LABELS = st.builds(
    Label.among,
    st.sampled_from(["lab-1", "lab-2", "ann"]),
    st.sampled_from(["lab-1", "body-1"]),
    level=st.sampled_from(Level),
    tlp=st.sampled_from(Tlp),
)


@given(LABELS, LABELS, st.sampled_from(["lab-1", "lab-2"]))
def test_a_webhook_hears_nothing_that_its_organisation_or_its_label_may_not(bound, entry, organisation):
    if hears(bound, organisation, entry):
        assert organisation in entry.audience
        assert entry.level <= bound.level
        assert entry.tlp <= bound.tlp
        assert entry.tlp is not Tlp.RED
        assert entry.compartments <= bound.compartments


def test_who_may_add_a_webhook_and_under_which_label():
    guard = Actor("sam", frozenset({"lab-1"}), Level.CONTROLLED, roles=frozenset({("lab-1", Role.SECURITY)}))
    check_steward(guard, "lab-1")
    check_label(guard, "lab-1", Label.among("lab-1"))
    for organisation in ("lab-2", "instance"):
        with pytest.raises(Forbidden):
            check_steward(guard, organisation)
    for label in (
        OPEN,
        Label.among("lab-2"),
        Label.among("lab-1", level=Level.SECRET),
        Label.among("sam", tlp=Tlp.RED),
    ):
        with pytest.raises(Forbidden):
            check_label(guard, "lab-1", label)
    evaluator = Actor("eva", frozenset({"lab-1"}), roles=frozenset({("lab-1", Role.EVALUATOR)}))
    with pytest.raises(Forbidden):
        check_steward(evaluator, "lab-1")
