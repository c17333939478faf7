"""Heads of messages."""

from __future__ import annotations

import base64
from random import Random

NAMES = ("Ann Lee", "Bo Berg", "Harbour Office", "Pilot Station")
WORDS = ("tides", "berth 7", "crane is free", "low water", "schedule")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def word(rng: Random, charset: str = "utf-8") -> str:
    text = rng.choice(WORDS)
    if rng.random() < 0.5:
        return f"=?{charset}?B?{base64.b64encode(text.encode()).decode()}?="
    return f"=?{charset}?Q?{text.replace(' ', '_')}=2E?="


def date(rng: Random) -> str:
    clock = f"{rng.randint(0, 23)}:{rng.randint(0, 59):02}"
    return f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(2020, 2039)} {clock}"


def header(rng: Random) -> str:
    return rng.choice(
        (
            f"From: {rng.choice(NAMES)}",
            f"To: {word(rng)}",
            f"Subject: {rng.choice(WORDS)}\n and {rng.choice(WORDS)}",
            f"Date: {date(rng)}",
            f"Size: {rng.randint(1, 99)}{rng.choice(('', 'k', 'M'))}",
            f"Priority: {rng.randint(1, 5)}",
            "Received: from a.example by b.example",
            "Tags: tide; Pilot",
            "X-Other: anything",
        )
    )


def message(rng: Random, *bad: str) -> bytes:
    lines = (
        [header(rng) for _ in range(rng.randint(0, 2))] + list(bad) + [header(rng) for _ in range(rng.randint(0, 1))]
    )
    return ("\n".join(lines) + rng.choice(("\n", "\n\nThe body.\n"))).encode()


def benign(rng: Random) -> bytes:
    return message(rng, header(rng), header(rng), header(rng))


def folded_first(rng: Random) -> bytes:
    return (rng.choice((" ", "\t", "   ")) + rng.choice(WORDS) + "\n").encode() + message(rng)


def no_colon(rng: Random) -> bytes:
    return message(rng, rng.choice((rng.choice(WORDS), f"From {rng.choice(NAMES)}", "Subject", "=", "Date 3 Jun")))


def quoted_digits(rng: Random) -> bytes:
    bad = rng.choice(("=", "=zz", "=G1", "=x", "a=-", "=%%", "=g", "tide=_x"))
    name = rng.choice(("Subject", "From", "To"))
    return message(rng, f"{name}: {rng.choice(('', 'Re: '))}=?utf-8?Q?{rng.choice(('', 'low_', 'x'))}{bad}?=")


def bad_base64(rng: Random) -> bytes:
    good = base64.b64encode(rng.choice(WORDS).encode()).decode().rstrip("=")
    bad = good[: 4 * rng.randint(0, len(good) // 4)] + rng.choice("abcXYZ")
    return message(rng, f"{rng.choice(('Subject', 'From', 'To'))}: =?utf-8?{rng.choice('Bb')}?{bad}?=")


def charset_unknown(rng: Random) -> bytes:
    charset = rng.choice(
        ("x-harbour", "klingon", "utf-9", "latin-99", "hex", "rot13", "base64", "unknown-8bit", "koi9")
    )
    return message(rng, f"{rng.choice(('Subject', 'From', 'To'))}: {rng.choice(('', 'Re: '))}{word(rng, charset)}")


def short_date(rng: Random) -> bytes:
    return message(rng, "Date: " + " ".join(date(rng).split()[:3]))


def bad_month(rng: Random) -> bytes:
    day, _, year, clock = date(rng).split()
    month = rng.choice(("Jni", "Okt", "Mai", "06", "Dez", "Mrz", "x", "Ju", "Avri", "Xen", "Sp", "Ags"))
    return message(rng, f"Date: {day} {month} {year} {clock}")


def size_unit(rng: Random) -> bytes:
    return message(rng, f"Size: {rng.randint(1, 9999)}{rng.choice('gGtbBxZp')}")


def priority_range(rng: Random) -> bytes:
    return message(rng, f"Priority: {rng.randint(6, 999)}")


def received_form(rng: Random) -> bytes:
    return message(
        rng,
        "Received: " + rng.choice(("by b.example", "from a.example", "a.example b.example", "", "from by", "at noon")),
    )


def no_tags(rng: Random) -> bytes:
    return message(rng, "Tags: " + rng.choice(("", ";", "; ;", ";;;", " ; ")))


def odd_bytes(rng: Random) -> bytes:
    bad = rng.choice((b"\xff", b"\xe9t\xe9", b"\xc3(", b"\xf0\x9f", b"\x80abc", b"\xed\xa0\x80"))
    where = rng.choice((b"Subject: ", b"From: ", b"X-Other: ", b"Tags: a; "))
    return b"".join([message(rng).split(b"\n\n")[0].strip() + b"\n" if rng.random() < 0.6 else b"", where, bad, b"\n"])


MAKE = {
    "card-folded-first": folded_first,
    "card-no-colon": no_colon,
    "card-quoted-digits": quoted_digits,
    "card-base64": bad_base64,
    "card-charset-unknown": charset_unknown,
    "card-short-date": short_date,
    "card-month": bad_month,
    "card-size-unit": size_unit,
    "card-priority-range": priority_range,
    "card-received-form": received_form,
    "card-no-tags": no_tags,
    "card-bytes": odd_bytes,
}
