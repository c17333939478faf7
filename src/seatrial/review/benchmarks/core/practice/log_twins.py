"""The neutral twins of the logs: the same events told of shops, libraries and birds, line by line.

A twin is drawn like its item and then retold: each pair replaces what a pattern finds, in the lines and in the words
that are asked for. So it is as long, as ambiguous and as hard; only the story is another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retelling:
    question: str
    form: str
    pairs: tuple[tuple[str, str], ...]

    def told(self, text: str) -> str:
        for pattern, instead in (*self.pairs, *_PLACES):
            text = re.sub(pattern, instead, text)
        return text


_PLACES = (
    (r"\b192\.0\.2\.(\d+)", r"kiosk-1\1"),
    (r"\b198\.51\.100\.(\d+)", r"kiosk-2\1"),
    (r"\b203\.0\.113\.(\d+)", r"kiosk-3\1"),
    (r"\b10\.0\.(\d+)\.(\d+)", r"desk-\1-\2"),
)

RETELLINGS: Mapping[str, Retelling] = {
    "ssh": Retelling(
        "Payments by card. Friends tried one card after another at the same place until one was taken. Whose card "
        "was it?",
        "name",
        (
            (r"Failed password for (\S+) from", r"card of \1 declined at"),
            (r"Accepted (?:password|publickey) for (\S+) from", r"card of \1 accepted at"),
        ),
    ),
    "traversal": Retelling(
        "A library's slips: reader, request, outcome, pages. The annex is written in many ways. One item from the "
        "annex was lent (code 200). Which one?",
        "item without its place",
        (
            (r"GET /get\?file=", "asks for "),
            (r"\.\.\.\.//\.\.\.\.//", "ANX."),
            (r"\.\.%2f\.\.%2f", "annexe:"),
            (r"%2e%2e/%2e%2e/", "ann:"),
            (r"\.\./\.\./", "annex."),
            (r"etc/", "cellar/"),
            (r"srv/", "shelf/"),
        ),
    ),
    "tunnel": Retelling(
        "Enquiries at a registry of birds: desk, kind, name. One desk writes long readings into the names it asks for. "
        "Which one?",
        "desk",
        ((r"\bTXT\b", "NOTE"), (r"\bAAAA\b", "MAP"), (r"\bMX\b", "MAIL"), (r"\bA\b", "PLACE"), (r"\.example", ".bird")),
    ),
    "push": Retelling(
        "Offers made to members. Desks are the shop's own; at the kiosks a travelling seller kept asking until a "
        "member gave in. Who bought there?",
        "name",
        ((r" from ", " at "), (r"push approved", "offer taken"), (r"push ", "offer ")),
    ),
    "bucket": Retelling(
        "Book of a tool library: member, place, action, thing, result. Members use the desks; one lent the card to a "
        "friend, who used a kiosk. Which thing did the friend get?",
        "thing",
        (
            (r"\bGET\b", "BORROW"),
            (r"\bPUT\b", "RETURN"),
            (r"\bLIST /", "LOOK round"),
            (r"\bdenied\b", "reserved"),
            (r"\.zip", ".box"),
            (r"\.csv", ".kit"),
            (r"svc-", "club-"),
        ),
    ),
    "injection": Retelling(
        "A guest book that people write into: place, entry, code (302 when it was accepted). From which place was a "
        "name with an apostrophe accepted?",
        "place",
        (
            (r"POST /login user=", "WRITE "),
            (r"admin'--", "O'Neil"),
            (r"'\+OR\+1=1--", "D'Arcy+Jane"),
            (r"'\+OR\+'a'='a", "N'Dour+Ana"),
            (r"admin'\+OR\+1=1#", "O'Brien+Tim"),
            (r"\badmin 401", "Smith 401"),
            (r"GET /admin/export", "READ page-9"),
            (r"GET /home", "READ page-1"),
        ),
    ),
    "beacon": Retelling(
        "Visits to feeders: time, bird, feeder, grams. One bird comes to one feeder at even intervals (to within two "
        "seconds), as if by the clock. Which feeder?",
        "feeder",
        ((r"\.example", ".garden"),),
    ),
    "wipe": Retelling(
        "A printer's list: machine, job, old name, new name. One job gave its own new ending to drafts of different "
        "kinds; the others keep to theirs. Which job?",
        "job",
        ((r"\brename\b", "reprint"), (r"\bdelete\b", "withdraw"), (r"\bwrite\b", "print")),
    ),
    "forward": Retelling(
        "A club's post: member, place, action. Members use the desks. Somebody at a kiosk had one member's post sent "
        "on to another address. Which address?",
        "address",
        (
            (r" from ", " at "),
            (r"sign-in", "greeting"),
            (r"password reset", "new card"),
            (r"mail rule", "standing order"),
        ),
    ),
}
