"""Why something may not happen to a case: each guard returns ``None`` or one sentence that says what to do.

No guard reads anything that the review body can set, except those on the body's own events and on
partners, which need both sides (V1, V2, V12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from seatrial.kernel.clock import Window, iso, union_length
from seatrial.kernel.envelope import MOST_RECIPIENTS
from seatrial.kernel.money import MOST
from seatrial.review.cases.types import AccessLevel, ItemKind

from .case import (
    SIGNATURES_FOR_WEIGHTS,
    THIRTY_DAYS,
    Case,
    access_is_open,
    levels_in_force,
    narrower,
    reach,
    usable_window,
)
from .details import (
    Attestation,
    Countersigning,
    Dates,
    Handover,
    LeakReport,
    PartnerEvent,
    PartnerSigning,
    RequestEvent,
    Signing,
)


def window_not_past(case: Case, signing: Signing, now: datetime) -> str | None:
    """A window that is over cannot be consented to."""
    if signing.terms.window.closes <= now:
        return f"The window closes {iso(signing.terms.window.closes)}, which is past; choose a later end."
    return None


def window_before_partner_release(case: Case, signing: Signing, now: datetime) -> str | None:
    """Access ends no later than the planned release to trusted partners (V6)."""
    if signing.terms.window.closes > case.partner_release:
        return (
            f"The window closes after the planned partner release ({iso(case.partner_release)}); "
            "end it by then, or move the release first."
        )
    return None


def thirty_days_at_most(case: Case, signing: Signing, now: datetime) -> str | None:
    """All windows of a review together are at most thirty days of wall-clock time, or what the policy says (V6)."""
    window = signing.terms.window
    opens = max(window.opens, now)
    if opens >= window.closes:
        return None  # nothing of it is left to use
    used = [Window(past.opens, min(past.closes, now)) for past in reach(case) if past.opens < now]
    whole = union_length([*used, Window(opens, window.closes)])
    most = min(THIRTY_DAYS, case.policy.max_window)
    if whole <= most:
        return None
    before = f"Together with {_days(union_length(used))} days used before, the" if used else "The"
    return f"{before} window comes to {_days(whole)} days; {_days(most)} is the most in all. Choose an earlier end."


def people_named(case: Case, signing: Signing | PartnerSigning, now: datetime) -> str | None:
    """Consent names the people who may call the model (V11)."""
    return None if signing.terms.people else "The consent names nobody; name each evaluator who may call the model."


def purpose_named(case: Case, signing: Signing | PartnerSigning, now: datetime) -> str | None:
    """Consent names what the access is for (V15)."""
    known = ", ".join(sorted(case.policy.purposes))
    return None if signing.terms.purposes else f"The consent names no purpose; choose from {known}."


def purposes_of_policy(case: Case, signing: Signing, now: datetime) -> str | None:
    """Consent names only purposes that the policy knows (V15)."""
    foreign = sorted(signing.terms.purposes - case.policy.purposes)
    if not foreign:
        return None
    known = ", ".join(sorted(case.policy.purposes))
    return f"The purpose {foreign[0]!r} is not one of policy {case.policy.version}; choose from {known}."


def budget_positive(case: Case, signing: Signing | PartnerSigning, now: datetime) -> str | None:
    """A budget of nothing would be no access."""
    budget = signing.terms.budget
    if min(budget.requests, budget.tokens, budget.concurrency) < 1:
        return "The budget must allow at least one request, one token and one call at a time."
    if budget.money is not None and not 1 <= budget.money <= MOST:
        return "A bound in money must allow some, and be one that can be reached; say another, or none."
    return None


def builds_priced(case: Case, signing: Signing, now: datetime) -> str | None:
    """Money is bounded, and use is told in it, only by prices that both sides read in the consent."""
    terms = signing.terms
    if terms.tariff is None:
        return (
            None if terms.budget.money is None else "Money is bounded, but no price is named; name one of each build."
        )
    for model in (terms.model, *(variant.model for variant in terms.variants)):
        if terms.tariff.price(model) is None:
            return f"The tariff names no price of {model!r}; price every build, or leave the tariff out."
    return None


def keeping_for_somebody(case: Case, signing: Signing, now: datetime) -> str | None:
    """What is kept is kept for somebody, and for a time."""
    keeping = signing.terms.keeping
    if keeping is not None and (not keeping.recipients or keeping.days < 1):
        return (
            "Bodies are kept for nobody, or for no day; name whose keys open them and for how many days, or keep none."
        )
    return None


def keeping_bounded(case: Case, signing: Signing, now: datetime) -> str | None:
    """What is kept is destroyed within what the policy says of everything handed over."""
    keeping, most = signing.terms.keeping, case.policy.destruction.days
    if keeping is not None and len(keeping.recipients) > MOST_RECIPIENTS:
        return f"A body is sealed for {MOST_RECIPIENTS} people at most; name fewer keys."
    if keeping is not None and keeping.days > most:
        return f"Bodies are kept {keeping.days} days; the policy's time until destruction, {most}, is the most."
    return None


def levels_named(case: Case, signing: Signing, now: datetime) -> str | None:
    """Consent names how deep it goes, each level for itself; every variant stands under a level that is named."""
    terms = signing.terms
    if not terms.levels:
        return "The consent names no level of access; name at least the API."
    for variant in terms.variants:
        if variant.level not in terms.levels:
            return (
                f"The variant {variant.name!r} stands under the level {variant.level}, which the consent does not "
                "name; add the level, or leave the variant out."
            )
    models = [terms.model, *(variant.model for variant in terms.variants)]
    if len(set(models)) < len(models):
        return "Two variants are called by the same model name; give each a name of its own."
    return None


def upstream_is_http(case: Case, signing: Signing, now: datetime) -> str | None:
    """The gateway can forward to an http or https address only."""
    for upstream in (signing.terms.upstream, *(variant.upstream for variant in signing.terms.variants)):
        try:
            parts = urlsplit(upstream)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
            whole = whole and not parts.query and (parts.port is None or parts.port > 0)
        except ValueError:
            whole = False
        if not whole:
            return f"{upstream!r} is not an address the gateway can call; write e.g. https://api.lab.example/v1."
    return None


def label_within_instance(case: Case, signing: Signing, now: datetime) -> str | None:
    """The instance refuses to hold more than its own level."""
    if signing.terms.label.level > signing.system_high:
        return (
            f"This instance may hold {signing.system_high.word} at most, but the channel is labelled "
            f"{signing.terms.label.level.word}; lower the label or use another instance."
        )
    return None


def only_narrows(case: Case, signing: Signing, now: datetime) -> str | None:
    """Narrowing takes no new agreement because it gives nothing new."""
    if case.consent is None or not narrower(signing.terms, case.consent):
        return "This would widen the consent; narrowing can only take away. Sign a new consent to widen it."
    return None


def releases_in_order(case: Case, dates: Dates, now: datetime) -> str | None:
    """The release to partners comes before the public one, or with it."""
    if dates.partner_release > dates.public_release:
        return "The partner release is planned after the public release; put it before, or on the same day."
    return None


def request_is_new(case: Case, asked: RequestEvent, now: datetime) -> str | None:
    """One request a thread: whoever asks again asks in a thread of its own."""
    known = any(request.thread == asked.thread for request in case.requests)
    return "This was asked already; ask something else in a thread of its own." if known else None


def request_is_open(case: Case, details: RequestEvent, now: datetime) -> str | None:
    """Only an open request is answered, or taken back by who asked."""
    return None if case.open_request(details.thread) else "There is no open request for information in this thread."


def not_yet_acknowledged(case: Case, details: object, now: datetime) -> str | None:
    """One acknowledgement is enough."""
    return "This offer was acknowledged already." if case.acknowledged_at is not None else None


def weights_consented(case: Case, signing: Countersigning, now: datetime) -> str | None:
    """Further signatures are for the weights only."""
    if case.consent is None or AccessLevel.WEIGHTS not in case.consent.levels:
        return "The standing consent does not name the weights; nothing else takes a further signature."
    return None


def another_person(case: Case, signing: Countersigning, now: datetime) -> str | None:
    """Two signatures are two people."""
    signed = {person for _, person in case.countersigned} | ({case.consent.signed_by} if case.consent else set())
    return (
        "You have signed this consent already; the next signature is another person's."
        if (signing.person in signed)
        else None
    )


def side_not_full(case: Case, signing: Countersigning, now: datetime) -> str | None:
    """Two signatures on each side are enough."""
    own = sum(side == signing.side for side, _ in case.countersigned) + (signing.side == "developer")
    return "Two people of your side have signed already." if own >= SIGNATURES_FOR_WEIGHTS else None


def partner_not_known(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """A partner is proposed once."""
    known = case.partner(event.organisation)
    return f"{event.organisation} was proposed already; sign it, or end it." if known is not None else None


def partner_known(case: Case, event: PartnerEvent | PartnerSigning, now: datetime) -> str | None:
    """Only a proposed partner can be signed or ended, and only while it has not ended."""
    known = case.partner(event.organisation)
    if known is None:
        return f"{event.organisation} was not proposed as a partner; propose it first."
    return f"The partnership of {event.organisation} has ended; a new one takes a new review." if known.ended else None


def partner_inside_consent(case: Case, event: PartnerSigning, now: datetime) -> str | None:
    """A partner gets nothing that the standing consent does not give (V11)."""
    consent, window, terms = case.consent, usable_window(case), event.terms
    if consent is None or window is None:
        return "There is no standing consent for a partner's access to lie in; sign one first."
    if not terms.purposes <= consent.purposes or not terms.levels or not terms.levels <= consent.levels:
        return "A partner's purposes and levels lie inside the standing consent; take away what it does not name."
    if AccessLevel.WEIGHTS in terms.levels:
        return "Weights are handed to a partner by no grant of calls; leave that level out."
    if terms.window.opens < consent.window.opens or terms.window.closes > window.closes or terms.window.closes <= now:
        return f"A partner's window lies inside the consent's and ends after now; end it by {iso(window.closes)}."
    if terms.budget.money is not None and consent.tariff is None:
        return "The consent names no prices, so a partner's use cannot be bounded in money; leave that bound out."
    return None


def terms_are_new(case: Case, event: PartnerSigning, now: datetime) -> str | None:
    """Signing the very terms that stand would change nothing."""
    known = case.partner(event.organisation)
    return "These terms are signed already." if known is not None and known.terms == event.terms else None


def terms_signed(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """The body signs what the developer has signed; before, there is nothing to sign."""
    known = case.partner(event.organisation)
    return None if known and known.terms else f"The developer has signed no terms for {event.organisation} yet."


def body_not_signed(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """The body signs the same terms once."""
    known = case.partner(event.organisation)
    return f"Your side has signed {event.organisation} already." if known is not None and known.body_signed else None


def given_while_open(case: Case, event: Handover, now: datetime) -> str | None:
    """Nothing is handed over outside a standing consent (V11)."""
    return None if access_is_open(case, now) else "Access is not open; nothing can be handed over now."


def level_in_force(case: Case, event: Handover, now: datetime) -> str | None:
    """Weights leave only under a consent that names them, signed by two people of each side."""
    if event.item.kind is not ItemKind.WEIGHTS or AccessLevel.WEIGHTS in levels_in_force(case):
        return None
    return "Weights are handed over only under a consent that names them, signed by two people of each side."


def held_by_a_side(case: Case, event: Handover, now: datetime) -> str | None:
    """Things go to the body, or to a partner whom both sides signed."""
    partner = case.partner(event.item.holder)
    if event.item.holder == case.body or (partner is not None and partner.active):
        return None
    return f"{event.item.holder} is neither the review body nor a partner that both sides signed."


def item_known(case: Case, event: Attestation, now: datetime) -> str | None:
    """Destruction is attested of what is listed, by who has it."""
    item = case.item(event.item)
    if item is None or item.holder != event.holder:
        return f"There is no item {event.item} that {event.holder} has to destroy."
    return None


def not_attested(case: Case, event: Attestation, now: datetime) -> str | None:
    """Once is enough."""
    item = case.item(event.item)
    return "The destruction of this item was attested already." if item and item.attested_at else None


def offered_before(case: Case, details: object, now: datetime) -> str | None:
    """What was never offered is the developer's alone (V10)."""
    return None if case.offered_at is not None else "This review was never offered, so there is nothing to say of it."


def leak_not_acknowledged(case: Case, event: LeakReport, now: datetime) -> str | None:
    """The developer says once that it has read a report."""
    leak = case.leak(event.leak)
    if leak is None:
        return f"There is no report {event.leak} on this review."
    return "This report was acknowledged already." if leak.acknowledged else None


def _days(length: timedelta) -> str:
    return f"{length.total_seconds() / 86400:g}"
