"""Policies, which are public: all of them, one to read, the file itself, and the schema of such files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """``/policies/``"""
    moment = now()
    found = parties.policies()
    in_force: dict[str, str] = {}
    for policy in found:  # newest first
        if policy.valid_from <= moment:
            in_force.setdefault(policy.body, policy.version)
    rows = [(policy, in_force.get(policy.body) == policy.version, policy.valid_from > moment) for policy in found]
    return render(request, "portal/policies.html", {"rows": rows, "names": parties.names()})


@require_safe
def policy(request: HttpRequest, body: str, version: str) -> HttpResponse:
    """``/policies/<body>/<version>/``"""
    found = parties.policy(body, version)
    context = {"policy": found, "verifies": parties.policy_signature_holds(found), "names": parties.names()}
    return render(request, "portal/policy_page.html", context)


@require_safe
def document(request: HttpRequest, body: str, version: str) -> HttpResponse:
    """``/policies/<body>/<version>/policy.json``: the bytes that the digest is the digest of."""
    response = HttpResponse(parties.policy_document(body, version), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="policy-{body}-{version}.json"'
    return response


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """``/schemas/<name>``: the address of a published schema never changes; another format gets another name."""
    if name != "policy-1.json":
        raise NotFound("no-such-schema", "There is no schema of that name; the one of policy files is policy-1.json.")
    return HttpResponse(parties.policy_schema(), content_type="application/schema+json")
