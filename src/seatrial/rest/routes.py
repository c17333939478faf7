"""The HTTP API, assembled. Errors leave as problem documents; its description is at ``/api/v1/openapi.json``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from seatrial import __version__
from seatrial.kernel.errors import SeatrialError

from . import (
    access,
    advisories,
    benchmarks,
    casefiles,
    coordination,
    delivery,
    determinations,
    dossier_exports,
    dossiers,
    exposures,
    findings,
    handling,
    identity,
    inventories,
    ledger,
    members,
    notices,
    oversight,
    parties,
    planning,
    reports,
    reviews,
    scanning,
    threads,
    weights,
)
from .asking import Asking
from .once import acting_once
from .problems import on_seatrial_error, on_too_large, on_unreadable, on_validation_error
from .rendering import Plain

api = NinjaAPI(
    title="Seatrial",
    version=__version__,
    description="Voluntary review, sealed benchmarks, clearinghouse. Refusals are RFC 9457 problem documents.",
    urls_namespace="api",
    docs_url=None,  # its interface would come from elsewhere; the schema is at openapi.json, the words in the reference
    auth=Asking(),
    renderer=Plain(),
)
api.add_decorator(acting_once, mode="view")
api.add_router("/reviews", reviews.router)
api.add_router("/reviews", access.router)
api.add_router("/keys", access.keys)
api.add_router("/reports", reports.router)
api.add_router("", findings.router)
api.add_router("/ledger", ledger.router)
# planning
api.add_router("/plans", planning.router)
api.add_router("/engagements", planning.memos)
# identity
api.add_router("", identity.router)
# threads
api.add_router("", threads.router)
# dossiers
api.add_router("/reviews", dossier_exports.router)
api.add_router("", dossiers.router)
# benchmarks
api.add_router("/reviews", benchmarks.of_a_review)
api.add_router("/campaigns", benchmarks.campaigns)
api.add_router("/ladders", benchmarks.ladders)
# determinations
api.add_router("/reviews", determinations.of_a_review)
api.add_router("/determinations", determinations.router)
api.add_router("/determination-requests", determinations.requests)
# cases: partners, leaks, handovers
api.add_router("/reviews", handling.router)
api.add_router("", handling.open_router)
# weights
api.add_router("/reviews", weights.of_a_review)
api.add_router("/weights", weights.router)
# casefiles
api.add_router("/reviews", casefiles.router)
# oversight
api.add_router("/oversight", oversight.router)
# coordination
api.add_router("/coordination", coordination.router)
api.add_router("/delivery", delivery.router)
api.add_router("/scanning", scanning.router)
api.add_router("", inventories.router)
api.add_router("/members", members.router)
# notices
api.add_router("/advisories", advisories.router)
api.add_router("", exposures.router)

api.add_router("/notices", notices.router)
# parties
api.add_router("/organisations", parties.organisations)
api.add_router("/people", parties.people)
api.add_router("/invitations", parties.invitations)
api.add_router("/delegations", parties.delegations)
api.add_router("/declarations", parties.declarations)
api.add_router("/policies", parties.policies)
api.add_exception_handler(SeatrialError, on_seatrial_error)
api.add_exception_handler(ValidationError, on_validation_error)
api.add_exception_handler(HttpError, on_unreadable)
api.add_exception_handler(RequestDataTooBig, on_too_large)


@api.get("/health", auth=None, tags=["instance"], response=dict[str, str])
def health(request: HttpRequest) -> Any:
    """Whether this process answers."""
    return {"status": "ok", "version": __version__}
