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

DEVELOPER, BODY, PARTNER = "developer", "body", "partner"
EITHER, BODY_OR_PARTNER, ANYONE_IN_IT = "developer or body", "body or partner", "developer, body or partner"

_DRAFT, _OFFERED = ReviewState.DRAFT, ReviewState.OFFERED
_CONSENTED = frozenset({ReviewState.CONSENTED, ReviewState.CONTAINED})  # what the developer may do is the same (V2)
_SHARED = _CONSENTED | {_OFFERED}
_ALIVE = _SHARED | {_DRAFT}
_ALWAYS = frozenset(ReviewState)
_NOT_CLOSED = _ALWAYS - {ReviewState.CLOSED}
_NOT_DRAFT = _NOT_CLOSED - {_DRAFT}
_ENDED_OR_SHARED = _ALWAYS - {_DRAFT}  # duties outlive the review

_NAMES_SOMETHING = (
    unless.people_named,
    unless.purpose_named,
    unless.levels_named,
    unless.budget_positive,
    unless.builds_priced,
    unless.keeping_for_somebody,
)
_CONSENT_GUARDS = (
    unless.window_not_past,
    unless.thirty_days_at_most,
    unless.window_before_partner_release,
    *_NAMES_SOMETHING,
    unless.purposes_of_policy,
    unless.upstream_is_http,
    unless.label_within_instance,
    unless.keeping_bounded,
)

# event, by whom, in which states, ledger entry, guards, effects
ROWS: tuple[Transition[Case], ...] = (
    Transition("offer", DEVELOPER, frozenset({_DRAFT}), "case.offered", (), (then.offer_stands,)),
    Transition(
        "sign_consent",
        DEVELOPER,
        _SHARED,
        "case.consented",
        _CONSENT_GUARDS,
        (then.consent_replaces, then.countersignatures_fall, then.containment_over),
    ),
    Transition(
        "narrow_consent",
        DEVELOPER,
        _CONSENTED,
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
        "countersign_consent",
        EITHER,
        _CONSENTED,
        "case.countersigned",
        (unless.weights_consented, unless.another_person, unless.side_not_full),
        (then.consent_countersigned,),
    ),
    Transition(
        "propose_partner", EITHER, _SHARED, "partner.proposed", (unless.partner_not_known,), (then.partner_proposed,)
    ),
    Transition(
        "sign_partner_terms",
        DEVELOPER,
        _CONSENTED,
        "partner.terms_signed",
        (
            unless.partner_known,
            unless.people_named,
            unless.purpose_named,
            unless.budget_positive,
            unless.partner_inside_consent,
            unless.terms_are_new,
        ),
        (then.body_signature_falls, then.partner_terms_stand),
    ),
    Transition(
        "countersign_partner",
        BODY,
        _CONSENTED,
        "partner.countersigned",
        (unless.partner_known, unless.terms_signed, unless.body_not_signed),
        (then.partner_countersigned,),
    ),
    Transition(
        "end_partner", ANYONE_IN_IT, _NOT_DRAFT, "partner.ended", (unless.partner_known,), (then.partner_ended,)
    ),
    Transition(
        "hand_over",
        DEVELOPER,
        _CONSENTED,
        "case.handed_over",
        (unless.given_while_open, unless.level_in_force, unless.held_by_a_side),
        (then.item_listed,),
    ),
    Transition(
        "list_kept",
        BODY,
        _ENDED_OR_SHARED,
        "case.kept_listed",
        (unless.offered_before, unless.held_by_a_side),
        (then.item_listed,),
    ),
    Transition(
        "attest_destruction",
        BODY_OR_PARTNER,
        _ENDED_OR_SHARED,
        "case.destruction_attested",
        (unless.item_known, unless.not_attested),
        (then.destruction_attested,),
    ),
    Transition(
        "report_leak",
        ANYONE_IN_IT,
        _ENDED_OR_SHARED,
        "case.leak_reported",
        (unless.offered_before,),
        (then.leak_recorded, then.access_contained),
    ),
    Transition(
        "acknowledge_leak",
        DEVELOPER,
        _ENDED_OR_SHARED,
        "case.leak_acknowledged",
        (unless.leak_not_acknowledged,),
        (then.leak_acknowledged,),
    ),
)

MACHINE: Machine[Case] = Machine.of(state_of, ROWS)

# What voluntariness is about: what the developer may always decide for itself (V2).
DEVELOPERS_OWN = frozenset(
    {"offer", "sign_consent", "narrow_consent", "move_release", "withdraw", "record_release", "close", "adopt_policy"}
)
