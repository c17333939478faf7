"""Cases of several parties: the list, and a case with its embargo's clock, its parties and its thread."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import CoordinationView, MilestoneKind, PartyView
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.moves import OF_CASE, OF_PARTY, Move, offered
from seatrial.portal.templatetags.cases import LETTERS, milestone_words

from .embargo import face

MOST = 200  # cases in the list


@login_required
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """``/cases/``: those one may see, by priority and age."""
    lines = coordination.cases(asker(request), now(), limit=MOST + 1)
    return render(request, "portal/cases.html", {"lines": lines[:MOST], "more": len(lines) > MOST, "most": MOST})


@login_required
@require_safe
def case(request: HttpRequest, case_id: str) -> HttpResponse:
    """``/cases/<id>/``; ``?before=`` goes back in the thread."""
    asking, moment, before = asker(request), now(), request.GET.get("before")
    view = coordination.case(asking, case_id, moment)
    context = {
        "case": view,
        "face": face(view.embargo, moment),
        "own": [(party, found) for party in view.parties if (found := party_links(view, party))],
        "moves": case_links(view),
        "thread": coordination.thread(asking, case_id, moment, before=before),
        "before": before,
        "legend": LETTERS,
        "now": moment,
    }
    return render(request, "portal/case_page.html", context)


def party_links(view: CoordinationView, party: PartyView) -> list[tuple[Move, str]]:
    """What the asker can do for a party, each with its address."""
    return [
        (move, reverse("coordination-party-move", args=[view.id, party.id, move.slug]))
        for move in offered(OF_PARTY, party.may)
    ]


def case_links(view: CoordinationView) -> list[tuple[Move, str]]:
    """What the asker can do with the case itself, each with its address."""
    return [(move, reverse("coordination-move", args=[view.id, move.slug])) for move in offered(OF_CASE, view.may)]


@login_required
@require_POST
def relayed(request: HttpRequest, case_id: str, party_id: str) -> HttpResponse:
    """``/cases/<id>/parties/<party>/relayed/``: somebody of the reporter chain was told by other means."""
    kind = _milestone(request.POST.get("kind", ""))
    return press(
        request,
        lambda: coordination.mark_told(by=asker(request), case=case_id, kind=kind, party=party_id, at=now()),
        done=f"Noted: told of “{milestone_words(kind)}”.",
        back=("coordination-case", case_id),
    )


def _milestone(word: str) -> MilestoneKind:
    try:
        return MilestoneKind(word)
    except ValueError as error:
        raise NotFound("no-such-relay", "There is no such milestone; the case’s own page lists them.") from error
