"""Why something may not happen to a case: each guard returns ``None`` or one sentence that says what to do.

No guard reads anything that the review body can set, except those on the body's own events and on
partners, which need both sides (V1, V2, V12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from seatrial.kernel.clock import Window, iso, union_length

from .case import THIRTY_DAYS, Case, narrower, reach
from .details import Dates, PartnerEvent, RequestEvent, Signing


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


def people_named(case: Case, signing: Signing, now: datetime) -> str | None:
    """Consent names the people who may call the model (V11)."""
    return None if signing.terms.people else "The consent names nobody; name each evaluator who may call the model."


def purpose_named(case: Case, signing: Signing, now: datetime) -> str | None:
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


def budget_positive(case: Case, signing: Signing, now: datetime) -> str | None:
    """A budget of nothing would be no access."""
    budget = signing.terms.budget
    if min(budget.requests, budget.tokens, budget.concurrency) < 1:
        return "The budget must allow at least one request, one token and one call at a time."
    return None


def upstream_is_http(case: Case, signing: Signing, now: datetime) -> str | None:
    """The gateway can forward to an http or https address only."""
    try:
        parts = urlsplit(signing.terms.upstream)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and not parts.query
        port_reads = parts.port is None or parts.port > 0
    except ValueError:
        whole = port_reads = False
    if not (whole and port_reads):
        return (
            f"{signing.terms.upstream!r} is not an address the gateway can call; write e.g. https://api.lab.example/v1."
        )
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


def partner_not_known(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """A partner is proposed once."""
    known = case.partner(event.organisation)
    return f"{event.organisation} was proposed already; sign it, or end it." if known is not None else None


def partner_known(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """Only a proposed partner can be signed or ended, and only while it has not ended."""
    known = case.partner(event.organisation)
    if known is None:
        return f"{event.organisation} was not proposed as a partner; propose it first."
    return f"The partnership of {event.organisation} has ended; a new one takes a new review." if known.ended else None


def side_not_signed(case: Case, event: PartnerEvent, now: datetime) -> str | None:
    """Each side signs once."""
    known = case.partner(event.organisation)
    signed = known is not None and (known.developer_signed if event.side == "developer" else known.body_signed)
    return f"Your side has signed {event.organisation} already." if signed else None


def _days(length: timedelta) -> str:
    return f"{length.total_seconds() / 86400:g}"
