"""The ledger: what one may read of it, receipts to take away, the checkpoint and the key to verify them with."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN, Entry
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm
from seatrial.review.access import api as access

PAGE = 50


class Chosen(PortalForm):
    """Which log and which kinds."""

    says_optional = False
    log = forms.ChoiceField(label="Log", required=False)
    kind = forms.CharField(
        label="Kind starts with", max_length=60, required=False, widget=forms.TextInput(attrs={"placeholder": "case."})
    )


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """``/ledger/``: newest first; ``?before=`` pages back."""
    asking = asker(request)
    log = _log(asking, request.GET.get("log") or MAIN)
    kind = re.sub(r"[^a-z0-9._-]", "", request.GET.get("kind", ""))[:60]
    before = request.GET.get("before", "")
    found = ledger.entries(
        asking,
        log=log,
        kind=kind or None,
        before=int(before) if before.isdecimal() else None,
        limit=PAGE,
        newest_first=True,
    )
    names = parties.names() if asking.person else {}
    form = Chosen(initial={"log": log, "kind": kind}, auto_id="choose_%s")
    form.fields["log"].choices = [(key, _title(key, names)) for key in _logs(asking)]  # type: ignore[attr-defined]
    return render(
        request,
        "portal/ledger.html",
        {
            "entries": found,
            "log": log,
            "log_title": _title(log, names),
            "kind": kind,
            "form": form,
            "older": found[-1].index if len(found) == PAGE else None,
            "checkpoint": ledger.checkpoint(log=log, at=now()),
            "key": ledger.public_key(),
            "names": names,
        },
    )


@require_safe
def entry(request: HttpRequest, log: str, index: int) -> HttpResponse:
    """``/ledger/<log>/<index>/``"""
    asking = asker(request)
    found = ledger.entries(asking, log=_log(asking, log), after=index - 1, before=index + 1, limit=1)
    if not found:
        raise NotFound("no-such-entry", f"There is no entry {index} in this log that you may read.")
    names = parties.names() if asking.person else {}
    facts = [(name, plain(found[0].openings.get(name, {}).get("value")), digest) for name, digest in _facts(found[0])]
    return render(
        request,
        "portal/entry.html",
        {
            "entry": found[0],
            "facts": facts,
            "names": names,
            "log_title": _title(log, names),
            "key": ledger.public_key(),
        },
    )


@require_safe
def use_receipt(request: HttpRequest, review: str, exchange: str) -> HttpResponse:
    """``/reviews/<review>/uses/<exchange>/receipt.json``: the same for one use of the model."""
    return _kept(access.receipt(asker(request), exchange, now(), review=review), f"receipt-{exchange}")


@require_safe
def receipt(request: HttpRequest, log: str, index: int) -> HttpResponse:
    """``/ledger/<log>/<index>/receipt.json``: to keep, and to verify without this instance."""
    asking = asker(request)
    made = ledger.receipt(asking, log=_log(asking, log), index=index, at=now())
    return _kept(made, f"receipt-{log}-{index}")


@require_safe
def public_key(request: HttpRequest) -> HttpResponse:
    """``/ledger/key``: one line, as verifiers want it."""
    return HttpResponse(ledger.public_key() + "\n", content_type="text/plain; charset=utf-8")


def _facts(found: Entry) -> list[tuple[str, str]]:
    return sorted((name, str(digest)) for name, digest in found.commitments.items())


def _logs(asking: Actor) -> list[str]:
    """The shared log and the asker's own organisations'."""
    return [MAIN, *sorted(asking.organisations)]


def _log(asking: Actor, log: str) -> str:
    """Raises ``NotFound`` (``no-such-log``) for a log of others, whether there is one or not."""
    if log not in _logs(asking):
        raise NotFound("no-such-log", "There is no log of that name that you may read.")
    return log


def _title(log: str, names: dict[str, str]) -> str:
    return "Shared by both sides" if log == MAIN else f"Drafts of {names.get(log, log)}"


def _kept(receipt: dict[str, Any], name: str) -> HttpResponse:
    return HttpResponse(
        json.dumps(receipt, indent=2, ensure_ascii=False) + "\n",
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
