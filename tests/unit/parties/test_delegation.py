"""A delegation never outlives its term and never gives what its giver lacks at that moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse, Refused
from seatrial.parties.core.delegation import LONGEST, NEVER, Lent, check, in_force
from seatrial.parties.types import Role

T0 = datetime(2026, 7, 1, tzinfo=UTC)
MOMENTS = st.integers(-100, 3000).map(lambda hours: T0 + timedelta(hours=hours))
HOMES = st.sampled_from(["lab", "body", "other"])
HELD = st.frozensets(st.tuples(HOMES, st.sampled_from(Role)), max_size=6)
LENT = st.builds(
    lambda home, role, since, hours, ended: Lent(home, role, since, since + timedelta(hours=hours), ended),
    HOMES,
    st.sampled_from(Role),
    MOMENTS,
    st.integers(1, 90 * 24),
    st.none() | MOMENTS,
)


@given(lent=LENT, now=MOMENTS, giver=HELD, homes=st.frozensets(HOMES))
def test_it_counts_only_inside_its_term_with_its_giver_holding_the_role_and_its_receiver_belonging(
    lent: Lent, now: datetime, giver: frozenset[tuple[str, Role]], homes: frozenset[str]
) -> None:
    counts = in_force(lent, now, giver=giver, receiver=homes)
    inside = lent.since <= now < lent.until and (lent.ended_at is None or now < lent.ended_at)
    holds = (lent.organisation, lent.role) in giver and lent.organisation in homes
    assert counts == (inside and holds and lent.role not in NEVER)


@given(lent=LENT, giver=HELD, receiver=HELD)
def test_whatever_may_be_lent_obeys_every_rule(
    lent: Lent, giver: frozenset[tuple[str, Role]], receiver: frozenset[tuple[str, Role]]
) -> None:
    try:
        check(lent, giver=giver, receiver=receiver)
    except (Refused, Misuse):
        return
    assert (lent.organisation, lent.role) in giver - receiver
    assert lent.organisation in {home for home, _ in receiver}
    assert timedelta() < lent.until - lent.since <= LONGEST
    assert lent.role not in {Role.SIGNATORY, Role.AUTHORITY, Role.STEWARD}


GIVER = frozenset({("lab", role) for role in Role})
COLLEAGUE = frozenset({("lab", Role.COUNSEL)})


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.AUTHORITY, Role.STEWARD])
def test_signing_deciding_and_managing_people_are_never_lent_and_the_reason_is_said(role: Role) -> None:
    with pytest.raises(Refused, match="name a second"):
        check(Lent("lab", role, T0, T0 + timedelta(days=1)), giver=GIVER, receiver=COLLEAGUE)


def test_ninety_days_stand_and_a_second_more_does_not() -> None:
    check(Lent("lab", Role.SECURITY, T0, T0 + LONGEST), giver=GIVER, receiver=COLLEAGUE)
    for until in (T0, T0 - timedelta(days=1), T0 + LONGEST + timedelta(seconds=1)):
        with pytest.raises(Misuse, match="within 90 days"):
            check(Lent("lab", Role.SECURITY, T0, until), giver=GIVER, receiver=COLLEAGUE)
