"""Tracking: versions, their order in the revision history, and dates that agree with it."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table
from seatrial.clearinghouse.advisories.core.csaf.values import (
    Precedence,
    build,
    is_integer,
    moment,
    precedence,
    prerelease,
)

TABLE = Table()
Entry = tuple[datetime, Precedence, str, str]


def _entries(r: Reading) -> list[Entry]:
    """The revisions by date and then by number; those without a date or number that can be read are left out."""
    found = []
    for at, item in r.revisions:
        number = text(item.get("number"))
        when, rank = moment(text(item.get("date"))), precedence(number)
        if when and rank:
            found.append((when, rank, number, at))
    return sorted(found, key=lambda entry: entry[:2])


def _newest(r: Reading) -> datetime | None:
    dates = [when for _, item in r.revisions if (when := moment(text(item.get("date"))))]
    return max(dates, default=None)


def _version(r: Reading) -> str:
    return text(r.tracking.get("version"))


@TABLE.test("6.1.14")
def sorted_history(r: Reading) -> Hits:
    """Later revisions have higher numbers."""
    entries = _entries(r)
    for (_, before, one, _), (_, after, other, at) in itertools.pairwise(entries):
        if after < before:
            yield f"{at}/number", f"Sorted by date, version {other} comes after version {one}."


@TABLE.test("6.1.16")
def latest_version(r: Reading) -> Hits:
    """The document has the version of its newest revision."""
    entries, mine = _entries(r), precedence(_version(r))
    if not entries or not mine:
        return
    last = entries[-1]
    ours, theirs = (mine[:3], last[1][:3]) if r.status == "draft" else (mine, last[1])
    if ours != theirs:
        yield (
            "/document/tracking/version",
            f"The document has version {_version(r)}, but its newest revision is {last[2]}.",
        )


@TABLE.test("6.1.17")
def draft_status(r: Reading) -> Hits:
    """A version before the first, and a pre-release, is a draft."""
    rank = precedence(_version(r))
    if rank and (rank[0] == 0 or prerelease(_version(r))) and r.status != "draft":
        yield (
            "/document/tracking/status",
            f"Version {_version(r)} is a draft, but the status is {r.status or 'missing'}.",
        )


@TABLE.test("6.1.18")
def released_history(r: Reading) -> Hits:
    """A released document lists no revision before the first."""
    if r.settled:
        for _, rank, number, at in _entries(r):
            if rank[0] == 0:
                yield f"{at}/number", f"The document is {r.status}, but its history lists version {number}."


@TABLE.test("6.1.19")
def prerelease_history(r: Reading) -> Hits:
    """Revisions are no pre-releases."""
    for at, item in r.revisions:
        if prerelease(text(item.get("number"))):
            yield f"{at}/number", f"The revision {item['number']} is a pre-release."


@TABLE.test("6.1.20")
def settled_version(r: Reading) -> Hits:
    """A released document's version is no pre-release."""
    if r.settled and prerelease(_version(r)):
        yield "/document/tracking/version", f"The document is {r.status}, but version {_version(r)} is a pre-release."


@TABLE.test("6.1.21")
def missing_revision(r: Reading) -> Hits:
    """Revisions begin with 0 or 1 and leave no number out."""
    entries = _entries(r)
    majors = {rank[0] for _, rank, _, _ in entries}
    if entries and entries[0][1][0] > 1:
        yield f"{entries[0][3]}/number", f"The history begins with version {entries[0][2]} instead of 0 or 1."
    for (_, before, one, _), (_, after, other, at) in itertools.pairwise(entries):
        if after[0] > before[0] + 1:
            absent = "is not there at all" if before[0] + 1 not in majors else "is not in its place"
            yield f"{at}/number", f"Version {before[0] + 1} {absent} between {one} and {other}."


@TABLE.test("6.1.22")
def revision_twice(r: Reading) -> Hits:
    """A version number comes once."""
    seen: set[str] = set()
    for at, item in r.revisions:
        number = text(item.get("number"))
        if number in seen:
            yield f"{at}/number", f"The history lists version {number} more than once."
        seen.add(number)


@TABLE.test("6.1.30")
def mixed_versions(r: Reading) -> Hits:
    """One document counts by integers or by semantic versions."""
    found = [("/document/tracking/version", _version(r))] + [
        (f"{at}/number", text(item.get("number"))) for at, item in r.revisions
    ]
    kinds = [(at, number, is_integer(number)) for at, number in found if precedence(number)]
    for at, number, integer in kinds:
        if integer != kinds[0][2]:
            yield at, f"The version {number} is counted in another way than {kinds[0][1]}."


@TABLE.test("6.2.4")
def build_metadata(r: Reading) -> Hits:
    """Revisions carry no build metadata."""
    for at, item in r.revisions:
        if build(text(item.get("number"))):
            yield f"{at}/number", f"The revision {item['number']} carries build metadata."


@TABLE.test("6.2.5")
def initial_date(r: Reading) -> Hits:
    """The initial release is not older than the first revision."""
    released, entries = moment(text(r.tracking.get("initial_release_date"))), _entries(r)
    if released and entries and released < entries[0][0]:
        yield "/document/tracking/initial_release_date", "The initial release is older than the oldest revision."


@TABLE.test("6.2.6")
def current_date(r: Reading) -> Hits:
    """The current release is not older than the newest revision."""
    released, newest = moment(text(r.tracking.get("current_release_date"))), _newest(r)
    if released and newest and released < newest:
        yield "/document/tracking/current_release_date", "The current release is older than the newest revision."


@TABLE.test("6.2.21", NEW)
def same_moment(r: Reading) -> Hits:
    """No two revisions have one moment."""
    seen: set[datetime] = set()
    for when, _, number, at in _entries(r):
        if when in seen:
            yield f"{at}/date", f"The revision {number} has the same moment as another."
        seen.add(when)


@TABLE.test("6.1.37", NEW)
def dates(r: Reading) -> Hits:
    """Dates are written as CSAF 2.1 asks."""
    for at, value in _all_dates(r):
        if not moment(value):
            yield at, f"{value} is not a date and time as CSAF writes them."


def _all_dates(r: Reading) -> Iterator[tuple[str, str]]:
    found: list[tuple[str, object]] = [
        (f"/document/tracking/{key}", r.tracking.get(key)) for key in ("current_release_date", "initial_release_date")
    ]
    generator = r.tracking.get("generator")
    if isinstance(generator, dict):
        found.append(("/document/tracking/generator/date", generator.get("date")))
    found += [(f"{at}/date", item.get("date")) for at, item in r.revisions]
    for flaw in r.flaws:
        found += [(f"{flaw.pointer}/{key}", flaw.node.get(key)) for key in ("disclosure_date", "discovery_date")]
        for key in ("flags", "involvements", "remediations", "threats", "first_known_exploitation_dates"):
            for at, item in flaw.each(key):
                found += [(f"{at}/date", item.get("date")), (f"{at}/exploitation_date", item.get("exploitation_date"))]
        for metric in flaw.metrics:
            for key in ("epss", "ssvc_v2"):
                part = metric.content.get(key)
                if isinstance(part, dict):
                    found.append((f"{metric.content_pointer}/{key}/timestamp", part.get("timestamp")))
    return ((at, value) for at, value in found if isinstance(value, str))


@TABLE.test("6.1.45", NEW)
def disclosed_later(r: Reading) -> Hits:
    """What anybody may read was disclosed before its newest revision."""
    newest = _newest(r)
    if r.clear and r.settled and newest:
        for flaw in r.flaws:
            if (when := moment(text(flaw.node.get("disclosure_date")))) and when > newest:
                yield (
                    f"{flaw.pointer}/disclosure_date",
                    "The disclosure is newer than the newest revision of a public document.",
                )


@TABLE.test("6.2.33", NEW, needs="now")
def disclosed_since(r: Reading) -> Hits:
    """A disclosure that has passed is not newer than the newest revision."""
    newest = _newest(r)
    for flaw in r.flaws:
        when = moment(text(flaw.node.get("disclosure_date")))
        if when and newest and r.now and newest < when <= r.now:
            yield f"{flaw.pointer}/disclosure_date", "The disclosure has passed since the newest revision."


@TABLE.test("6.1.49", NEW)
def ssvc_later(r: Reading) -> Hits:
    """SSVC was not decided after the newest revision."""
    return _metric_later(r, "ssvc_v2")


@TABLE.test("6.1.51", NEW)
def epss_later(r: Reading) -> Hits:
    """EPSS was not read after the newest revision."""
    return _metric_later(r, "epss")


def _metric_later(r: Reading, key: str) -> Hits:
    newest = _newest(r)
    if r.settled and newest:
        for at, when in _stamps(r, key):
            if when > newest:
                yield at, "The timestamp is newer than the newest revision."


def _stamps(r: Reading, key: str) -> list[tuple[str, datetime]]:
    found = []
    for flaw in r.flaws:
        for metric in flaw.metrics:
            part = metric.content.get(key)
            if isinstance(part, dict) and (when := moment(text(part.get("timestamp")))):
                found.append((f"{metric.content_pointer}/{key}/timestamp", when))
    return found


@TABLE.test("6.2.41", NEW)
def epss_old(r: Reading) -> Hits:
    """The youngest EPSS of a flaw is at most 15 days older than the newest revision."""
    newest = _newest(r)
    if not (r.settled and newest):
        return
    for flaw in r.flaws:
        stamps = [stamp for stamp in _stamps(r, "epss") if stamp[0].startswith(f"{flaw.pointer}/")]
        if stamps and newest - (youngest := max(stamps, key=lambda stamp: stamp[1]))[1] > timedelta(days=15):
            yield youngest[0], "The youngest EPSS is more than 15 days older than the newest revision."


@TABLE.test("6.1.52", NEW)
def exploited_later(r: Reading) -> Hits:
    """No first known exploitation is dated after the newest revision."""
    newest = _newest(r)
    if r.settled and newest:
        for flaw in r.flaws:
            for at, item in flaw.each("first_known_exploitation_dates"):
                for key in ("date", "exploitation_date"):
                    if (when := moment(text(item.get(key)))) and when > newest:
                        yield f"{at}/{key}", "The first known exploitation is dated after the newest revision."


@TABLE.test("6.1.53", NEW)
def exploited_after_known(r: Reading) -> Hits:
    """What was exploited was exploited before it was known."""
    for flaw in r.flaws:
        for at, item in flaw.each("first_known_exploitation_dates"):
            known, exploited = moment(text(item.get("date"))), moment(text(item.get("exploitation_date")))
            if known and exploited and exploited > known:
                yield f"{at}/exploitation_date", "The exploitation is newer than the date on which it was known."
