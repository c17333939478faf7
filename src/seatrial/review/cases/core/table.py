"""The life of a review: every event, who may cause it, when, under which guards, with which effects.

What is not listed cannot happen. No event of the body stands between the developer and release,
withdrawal, amendment or closing; ``modelcheck`` visits every reachable state and makes sure.
"""

from __future__ import annotations

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.review.cases.types import ReviewState

from . import effects as then
from . import guards as unless
from .case import Case, state_of

DEVELOPER, BODY, EITHER, ANYONE_IN_IT = "developer", "body", "developer or body", "developer, body or partner"

_DRAFT, _OFFERED, _CONSENTED = ReviewState.DRAFT, ReviewState.OFFERED, ReviewState.CONSENTED
_ALIVE = frozenset({_DRAFT, _OFFERED, _CONSENTED})
_SHARED = frozenset({_OFFERED, _CONSENTED})
_ALWAYS = frozenset(ReviewState)
_NOT_CLOSED = _ALWAYS - {ReviewState.CLOSED}
_NOT_DRAFT = _NOT_CLOSED - {_DRAFT}

_NAMES_SOMETHING = (unless.people_named, unless.purpose_named, unless.budget_positive)
_CONSENT_GUARDS = (
    unless.window_not_past,
    unless.thirty_days_at_most,
    unless.window_before_partner_release,
    *_NAMES_SOMETHING,
    unless.purposes_of_policy,
    unless.upstream_is_http,
    unless.label_within_instance,
)

# event, by whom, in which states, ledger entry, guards, effects
ROWS: tuple[Transition[Case], ...] = (
    Transition("offer", DEVELOPER, frozenset({_DRAFT}), "case.offered", (), (then.offer_stands,)),
    Transition("sign_consent", DEVELOPER, _SHARED, "case.consented", _CONSENT_GUARDS, (then.consent_replaces,)),
    Transition(
        "narrow_consent",
        DEVELOPER,
        frozenset({_CONSENTED}),
        "case.narrowed",
        (unless.only_narrows, *_NAMES_SOMETHING),
        (then.consent_narrowed,),
    ),
    Transition(
        "move_release",
        DEVELOPER,
        _ALIVE,
        "case.moved",
        (unless.releases_in_order,),
        (then.window_not_prolonged, then.dates_moved),
    ),
    Transition("withdraw", DEVELOPER, _SHARED, "case.withdrawn", (), (then.access_withdrawn,)),
    Transition("record_release", DEVELOPER, _ALWAYS, "case.released", (), (then.release_recorded,)),
    Transition("close", DEVELOPER, _NOT_CLOSED, "case.closed", (), (then.case_closed,)),
    Transition("adopt_policy", DEVELOPER, _ALIVE, "case.policy_adopted", (), (then.policy_replaced,)),
    Transition("answer", DEVELOPER, _NOT_DRAFT, "case.answered", (unless.request_is_open,), (then.request_answered,)),
    Transition("ask", BODY, _SHARED, "case.asked", (unless.request_is_new,), (then.request_opened,)),
    Transition("take_back", BODY, _NOT_DRAFT, "case.taken_back", (unless.request_is_open,), (then.request_taken_back,)),
    Transition("acknowledge", BODY, _SHARED, "case.acknowledged", (unless.not_yet_acknowledged,), (then.acknowledged,)),
    Transition(
        "propose_partner", EITHER, _SHARED, "partner.proposed", (unless.partner_not_known,), (then.partner_proposed,)
    ),
    Transition(
        "sign_partner",
        EITHER,
        _SHARED,
        "partner.signed",
        (unless.partner_known, unless.side_not_signed),
        (then.partner_signed,),
    ),
    Transition(
        "end_partner", ANYONE_IN_IT, _NOT_DRAFT, "partner.ended", (unless.partner_known,), (then.partner_ended,)
    ),
)

MACHINE: Machine[Case] = Machine.of(state_of, ROWS)

# What voluntariness is about: what the developer may always decide for itself (V2).
DEVELOPERS_OWN = frozenset(
    {"offer", "sign_consent", "narrow_consent", "move_release", "withdraw", "record_release", "close", "adopt_policy"}
)
