"""An advisory of two flaws in three products, and the same with hostile strings wherever somebody may write one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from seatrial.clearinghouse.advisories.types import (
    Change,
    Content,
    Credit,
    CreditKind,
    Flaw,
    Issue,
    Justification,
    Product,
    Publisher,
    Reference,
    Remedy,
    RemedyKind,
    Standing,
    Status,
    Tlp,
)

START = datetime(2026, 7, 1, 9, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> =cmd|'/C calc'!A0 [x](javascript:alert(3)) `id` {{7*7}}"
)

CONTENT = Content(
    title="Overflow in curd lets a client write past a buffer",
    summary="A long header writes past the end of a buffer.\n\nUpdate to 1.4.",
    products=(
        Product("curd-old", "Dairy", "curd", "vers:pypi/>=1.0|<1.4", "pkg:pypi/curd"),
        Product("curd-new", "Dairy", "curd", "1.4", "pkg:pypi/curd"),
        Product("whey", "Dairy", "Whey Box", "2.0", cpe="cpe:2.3:h:dairy:whey_box:2.0:*:*:*:*:*:*:*"),
    ),
    flaws=(
        Flaw(
            "header",
            "Overflow in the header",
            "The header's length is not checked, so a client writes past the end of the buffer.",
            cve="CVE-2026-12345",
            aliases=("GHSA-abcd-efgh-2345",),
            weaknesses=("CWE-787",),
            cvss3="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            cvss4="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P",
            standings=(
                Standing("curd-old", Status.AFFECTED),
                Standing("curd-new", Status.FIXED),
                Standing("whey", Status.NOT_AFFECTED, Justification.CODE_NOT_IN_PATH, "Whey Box has its own parser."),
            ),
            remedies=(
                Remedy(RemedyKind.VENDOR_FIX, "Update to 1.4.", ("curd-old",), "https://dairy.example/curd/1.4"),
                Remedy(RemedyKind.WORKAROUND, "Cap headers at the proxy.", ("curd-old",)),
            ),
            findings=("report-1",),
        ),
        Flaw(
            "loop",
            "Loop in the parser",
            "A nested list keeps the parser busy for ever.",
            weaknesses=("CWE-835",),
            standings=(
                Standing("curd-old", Status.AFFECTED, action="Do not parse lists of strangers."),
                Standing("whey", Status.UNDER_INVESTIGATION),
            ),
        ),
    ),
    references=(Reference("https://dairy.example/security/1", "The vendor's notice"),),
    credits=(
        Credit("Fay Finder", CreditKind.FINDER, url="https://fay.example/"),
        Credit("m1lk", CreditKind.REPORTER, "North Lab"),
    ),
)


def issue(content: Content = CONTENT, *, withdrawn: str = "", revisions: int = 1) -> Issue:
    """Revision ``revisions`` of an advisory, a day between each."""
    return Issue(
        "SEATRIAL-2026-0001",
        Publisher("Harbour Clearinghouse", "https://harbour.example", "advisories@harbour.example", "CC-BY-4.0"),
        content,
        tuple(
            Change(number, START + timedelta(days=number), "First release." if number == 1 else f"Change {number}.")
            for number in range(1, revisions + 1)
        ),
        withdrawn,
    )


def single(tlp: Tlp = Tlp.CLEAR, audience: tuple[str, ...] = ()) -> Content:
    """The same with one flaw."""
    return replace(CONTENT, flaws=CONTENT.flaws[:1], tlp=tlp, audience=audience)


def hostile() -> Content:
    """Every text that takes any characters has ``HOSTILE`` in it."""
    flaws = tuple(
        replace(
            flaw,
            title=HOSTILE,
            description=f"{HOSTILE}\n# {HOSTILE}\n| {HOSTILE} |",
            aliases=(HOSTILE,),
            standings=tuple(
                replace(one, impact=HOSTILE if one.status is Status.NOT_AFFECTED else "", action=HOSTILE)
                for one in flaw.standings
            ),
            remedies=tuple(replace(one, details=HOSTILE) for one in flaw.remedies),
        )
        for flaw in CONTENT.flaws
    )
    return replace(
        CONTENT,
        title=HOSTILE,
        summary=f"{HOSTILE}\n\nBcc: all@example.org\n\n{HOSTILE}",
        products=tuple(
            replace(one, vendor=HOSTILE, name=HOSTILE, purl="" if one.id != "curd-old" else one.purl)
            for one in CONTENT.products
        ),
        flaws=flaws,
        references=(Reference("https://dairy.example/?a=(b)&c=%22", HOSTILE),),
        credits=(Credit(HOSTILE, CreditKind.FINDER, HOSTILE),),
    )
