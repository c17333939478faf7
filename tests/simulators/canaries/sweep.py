"""Everybody asks for everything, and every answer is searched.

A probe is one request by one persona. A leak is a canary in an answer to somebody the oracle does not let see it. A
tell is an answer about something that must not be seen to exist and that differs from the answer about nothing. What
a request changes is rolled back before the next.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

from .addresses import NONSENSE, Address, share
from .answers import said
from .book import Canary
from .cast import HOLDER, NOBODY, Persona
from .oracle import Sight, must_be_seen, related, sight
from .world import World

_RECORD = re.compile(r"/ledger/")
_LINK = re.compile(r'href="([^"#]+)')
_GOES_ON = re.compile(r"[?&](after|before|version|audience|old|page)=|/attachments/|/receipt")
_FOLLOWED = 60  # links of a persona that no pattern gives: to what is earlier, and to files
_VARIES = re.compile(
    r'(name="csrfmiddlewaretoken" value=")[^"]*|(nonce[-=]"?)[\w/+=-]+|("X-CSRFToken": ?")[^"]*|'
    r"content-length: \d+|\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|\+00:00)?|\d\d:\d\d(?::\d\d)?"
)
_DESK = ("plan", "milestone", "engagement", *(f"{method} /api/v1/{desk}" for method in ("GET", "POST", "PUT", "DELETE")
         for desk in ("plans", "engagements")))  # fmt: skip
_MANY = 2000  # kept of each kind of finding; all are counted


@dataclass(frozen=True)
class Finding:
    """Who was shown what, where."""

    who: str
    method: str
    path: str
    what: str
    status: int

    def __str__(self) -> str:
        return f"{self.who} {self.method} {self.path} ({self.status}): {self.what}"


@dataclass
class Result:
    probes: int = 0
    leaks: list[Finding] = field(default_factory=list)
    tells: list[Finding] = field(default_factory=list)
    defects: list[Finding] = field(default_factory=list)  # answers of 500
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    routes: set[str] = field(default_factory=set)

    def unseen(self, world: World) -> list[Canary]:
        """What developers were not shown about themselves although its label lets them (V13)."""
        people = {who.key: who.organisations for who in world.personas}
        return [
            canary
            for canary in world.book
            if must_be_seen(world, canary)
            and not any(canary.developer in people[who] for who in self.seen[canary.text] if who in people)
        ]


class Heard(logging.Handler):
    """Everything that is logged meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Sweep:
    """``until_found`` asks for all of ``addresses``, not for a share of them, and stops at the first leak."""

    def __init__(self, world: World, addresses: list[Address], *, until_found: bool = False) -> None:
        self.world, self.addresses, self.result, self._until_found = world, addresses, Result(), until_found
        self._blank: dict[tuple[str, str], tuple[int, str]] = {}
        self._heard = Heard()

    def run(self, personas: Iterable[Persona], tell: Callable[[int, int], None] = lambda done, of: None) -> Result:
        """Every persona, every address; ``tell`` hears how many of how many are done."""
        started, everybody = time.monotonic(), list(personas)
        logger = logging.getLogger()
        logger.addHandler(self._heard)
        try:
            for number, who in enumerate(everybody):
                self._ask_all(who)
                tell(number + 1, len(everybody))
        finally:
            logger.removeHandler(self._heard)
        self._search("the log", NOBODY, "LOG", "log", 0, "\n".join(self._heard.lines), nobody=True)
        self.result.seconds += time.monotonic() - started
        return self.result

    def searched(self, what: str, text: str) -> None:
        """Something that leaves by another way, such as a mail: nothing labelled may be in it."""
        self.result.probes += 1
        self._search(what, NOBODY, "SENT", what, 0, said({}, text.encode()), nobody=True)

    def _ask_all(self, who: Persona) -> None:
        client, links = client_of(who), dict[str, None]()
        for address in self.addresses if self._until_found else share(self.world, who, self.addresses):
            if self._until_found and self.result.leaks:
                return
            self._ask(client, who, address, links)
        known = {address.path for address in self.addresses}
        fresh = [path for path in links if path not in known]
        for path in fresh[:_FOLLOWED]:
            self._ask(client, who, Address("GET", path, "link"), links)
        if who is HOLDER:
            for path in (*self.world.desk.links, *self.world.cast.links):
                self._ask(client, who, Address("GET", path, "capability"), links)
            for code in self.world.desk.codes:
                self._ask(client, who, Address("GET", f"/api/v1/reports/follow/{code}", "capability"), links)

    def _ask(self, client: Client, who: Persona, address: Address, links: dict[str, None]) -> None:
        status, head, body = fetch(client, address)
        self.result.probes += 1
        self.result.statuses[status] += 1
        self.result.routes.add(address.route)
        if status >= 500 and status != 503:
            self._note(self.result.defects, who, address, "answered with an error of its own", status)
        text = said(head, body)
        self._search(address.path, who, address.method, address.path, status, text)
        if address.method == "GET" and status == 200 and head.get("Content-Type", "").startswith("text/html"):
            for link in _LINK.findall(body.decode("utf-8", "replace")):
                if _GOES_ON.search(link):
                    links.setdefault(_joined(address.path, link.replace("&amp;", "&")))
        if self._must_not_tell(who, address):
            self._compare(client, who, address, status, text)

    def _search(
        self, place: str, who: Persona, method: str, path: str, status: int, text: str, *, nobody: bool = False
    ) -> None:
        on_record = bool(_RECORD.search(path))
        for canary in self.world.book.found_in(text):
            if nobody:
                allowed = False
            else:
                far = sight(self.world, canary, who)
                allowed = far is Sight.ANYWHERE or (far is Sight.RECORD and on_record)
            if allowed:
                self.result.seen[canary.text].add(who.key)
            else:
                found = Finding(who.key if not nobody else place, method, path, _described(canary), status)
                self._keep(self.result.leaks, found)
        for what in self.world.book.secrets_in(text):
            self._keep(self.result.leaks, Finding(who.key, method, path, f"a secret: {what}", status))

    def _must_not_tell(self, who: Persona, address: Address) -> bool:
        if not address.ids or not address.blank:
            return False
        if address.home.endswith(" alone"):
            return address.home.removesuffix(" alone") not in who.organisations
        if address.route.startswith(_DESK):
            return bool(address.home) and address.home not in who.organisations
        voyage = self.world.by_handle.get(address.voyage)
        return voyage is not None and not related(voyage, who)

    def _compare(self, client: Client, who: Persona, address: Address, status: int, text: str) -> None:
        blank = Address(address.method, address.blank, address.route)
        known = self._blank.get((who.key, f"{address.method} {address.blank}"))
        if known is None:
            found, head, body = fetch(client, blank)
            known = found, same(said(head, body), ())
            self._blank[who.key, f"{address.method} {address.blank}"] = known
            self.result.probes += 1
        if known != (status, same(text, address.ids)):
            self._note(self.result.tells, who, address, f"differs from what is not there ({known[0]})", status)

    def _note(self, findings: list[Finding], who: Persona, address: Address, what: str, status: int) -> None:
        self._keep(findings, Finding(who.key, address.method, address.path, what, status))

    def _keep(self, findings: list[Finding], found: Finding) -> None:
        if len(findings) < _MANY:
            findings.append(found)


def fetch(client: Client, address: Address) -> tuple[int, dict[str, str], bytes]:
    """Ask once, following redirects; what it changed is undone."""
    kind: dict[str, Any] = {}
    if address.method != "GET":
        kind = {"data": "{}", "content_type": "application/json"} if "/api/" in address.path else {"data": {}}
    undone: Any = transaction.atomic()
    undone._from_testcase = True  # also what wants to be the outermost transaction runs inside it
    with undone:
        answer: Any = getattr(client, address.method.lower())(address.path, follow=True, **kind)
        body = answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    head = dict(answer.headers) | {"redirects": " ".join(to for to, _ in answer.redirect_chain)}
    return answer.status_code, head, body


def client_of(who: Persona) -> Client:
    client = Client(raise_request_exception=False)
    if who not in (NOBODY, HOLDER):
        client.force_login(get_user_model().objects.get(pk=who.key))
    return client


def _described(canary: Canary) -> str:
    whose = canary.voyage or canary.developer or canary.home or canary.person
    marked = f", marked {canary.marking}" if canary.marking else ""
    return f"{canary.what} of {whose}{marked}" if whose else canary.what


def same(text: str, ids: Iterable[str]) -> str:
    """``text`` without what differs between two answers that say the same."""
    for one in ids:
        text = text.replace(one.casefold(), NONSENSE)
    return _VARIES.sub("", text)


def _joined(page: str, link: str) -> str:
    if link.startswith("?"):
        return page.partition("?")[0] + link
    return link if link.startswith("/") else page
