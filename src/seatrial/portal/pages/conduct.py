"""What either side does with a review: offer, acknowledge, move its dates, endings.

What ends access always has a page of its own first, which says exactly what will happen. No reason is
ever asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import MomentField, PortalForm, exactly, objections
from seatrial.portal.steps import offered
from seatrial.review.cases import api as cases


@login_required
@require_POST
def offer(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/offer/``"""
    return press(
        request,
        lambda: cases.offer(by=asker(request), review=review_id, at=now()),
        done="Offered. The review body can see it now. Access opens only with a signed consent.",
        back=("review", review_id),
    )


@login_required
@require_POST
def acknowledge(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/acknowledge/``"""
    return press(
        request,
        lambda: cases.acknowledge(by=asker(request), review=review_id, at=now()),
        done="Acknowledged. The developer can see that the offer arrived.",
        back=("review", review_id),
    )


class Dates(PortalForm):
    """The planned releases, moved."""

    partner_release = MomentField(label="Planned release to trusted partners (UTC)")
    public_release = MomentField(label="Planned public release (UTC)")


@login_required
@require_http_methods(["GET", "POST"])
def dates(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dates/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    offered(view, "move_release")
    initial = {"partner_release": view.clock.partner_release, "public_release": view.clock.public_release}
    form = Dates(request.POST or None, initial=initial)
    if form.is_valid():
        with objections(to=form):
            moved = {name: exactly(form.cleaned_data[name], known) for name, known in initial.items()}
            cases.move_release(by=asking, review=review_id, **moved, at=now())
            messages.success(request, "The planned dates are changed.")
            return redirect("review", review_id)
    context = {
        "form": form,
        "review": view,
        "here": "Planned dates",
        "intro": "An earlier release to partners shortens the window at once. A later one prolongs nothing: "
        "for more time you would sign a new consent.",
        "button": "Change the dates",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/policy/``: the newer policy beside the one this review runs under."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    offered(view, "adopt_policy")
    newer = parties.current_policy(view.body, now())
    if request.method == "POST":
        return press(
            request,
            lambda: cases.adopt_policy(by=asking, review=review_id, version=newer.version, at=now()),
            done=f"This review runs under policy {newer.version} now.",
            back=("review", review_id),
        )
    context = {"review": view, "newer": newer, "present": parties.policy(view.body, view.policy_version)}
    return render(request, "portal/policy.html", context)


@dataclass(frozen=True, slots=True)
class Ending:
    """A page that says what will happen, and the call that makes it happen."""

    event: str
    heading: str
    button: str
    consequences: tuple[str, ...]
    done: str
    act: Callable[..., Any]


_CUT = f"within {settings.SEATRIAL.cut_bound_seconds:g} second"

WITHDRAW = Ending(
    "withdraw",
    "Withdraw from this review",
    "Withdraw now",
    (
        "Every access key of this review stops working the moment you press the button.",
        f"Calls in flight are cut {_CUT}.",
        "The review body sees that you withdrew. No reason is asked and none is kept.",
        "Nobody on the other side can undo it. You may sign a new consent or offer a new review whenever you like.",
        "Your release is not touched by this, and nothing else depends on it.",
    ),
    "Withdrawn. Every key is dead and calls in flight were cut.",
    cases.withdraw,
)
RELEASE = Ending(
    "record_release",
    "Record the release",
    "Record the release now",
    (
        "You say that the model is released. You need nobody’s word for that, and it is possible at any time.",
        f"Pre-release access ends in the same instant; calls in flight are cut {_CUT}.",
        "The review body sees that the model was released. No reason is asked.",
        "It cannot be taken back: what is released is released.",
    ),
    "Release recorded. Pre-release access has ended.",
    cases.record_release,
)
CLOSE = Ending(
    "close",
    "Close this review",
    "Close now",
    (
        "The review ends for good. If access is still open it ends in the same instant.",
        "What both sides wrote, and every receipt, stays readable to those who can read it today.",
        "No reason is asked.",
    ),
    "Closed.",
    cases.close,
)


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, review_id: str, ending: Ending) -> HttpResponse:
    """``/reviews/<id>/withdraw/``, ``…/release/`` and ``…/close/``"""
    asking = asker(request)
    if request.method == "POST":
        return press(
            request,
            lambda: ending.act(by=asking, review=review_id, at=now()),
            done=ending.done,
            back=("review", review_id),
        )
    view = cases.review(asking, review_id, now())
    offered(view, ending.event)
    return render(request, "portal/ending.html", {"review": view, "ending": ending})
