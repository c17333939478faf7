"""OSV records (ossf.github.io/osv-schema, 1.x), by the schema's own algorithm of evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.clearinghouse.exposure.core.coordinates import from_purl
from seatrial.clearinghouse.exposure.core.versions import key
from seatrial.clearinghouse.exposure.types import AdvisoryRead, Release, Span, Statement, Verdict
from seatrial.kernel.errors import Misuse

from .reading import line, maps, texts

_TYPES = {
    "pypi": "pypi",
    "npm": "npm",
    "rubygems": "gem",
    "crates.io": "cargo",
    "go": "golang",
    "maven": "maven",
    "nuget": "nuget",
    "packagist": "composer",
    "hex": "hex",
    "pub": "pub",
    "conancenter": "conan",
    "hackage": "hackage",
    "cran": "cran",
    "swifturl": "swift",
    "github actions": "github",
    "debian": "deb/debian",
    "ubuntu": "deb/ubuntu",
    "alpine": "apk/alpine",
    "wolfi": "apk/wolfi",
    "chainguard": "apk/chainguard",
    "rocky linux": "rpm/rocky",
    "almalinux": "rpm/almalinux",
    "red hat": "rpm/redhat",
    "suse": "rpm/suse",
    "opensuse": "rpm/opensuse",
}
_BEGINNING = "0"


def from_osv(record: Mapping[str, Any]) -> AdvisoryRead:
    """Its statements. Raises ``Misuse`` (``not-an-advisory``, ``unknown-version``)."""
    if not isinstance(record.get("id"), str) or not record["id"].strip():
        raise Misuse("not-an-advisory", "This OSV record has no id; an advisory needs one.")
    version = record.get("schema_version", "1.0.0")
    if not isinstance(version, str) or not version.startswith("1."):
        raise Misuse("unknown-version", f"This OSV record is of version {line(version, 40)!r}, and 1.x is known here.")
    name = line(record["id"], 100)
    names = tuple(dict.fromkeys([name, *(line(one, 100) for one in texts(record.get("aliases")))]))
    title = line(record.get("summary") or record.get("details"), 200)
    if record.get("withdrawn"):
        return AdvisoryRead(name, line(record.get("modified"), 40), title, ())
    notes: list[str] = []
    statements: list[Statement] = []
    for place, affected in enumerate(maps(record.get("affected"))):
        release = _release(affected.get("package"))
        if release is None:
            notes.append(f"/affected/{place} names no package that could be matched.")
            continue
        statements.append(_statement(affected, release, name, names, f"/affected/{place}"))
    return AdvisoryRead(name, line(record.get("modified"), 40), title, tuple(statements), tuple(notes))


def _statement(
    affected: Mapping[str, Any], release: Release, advisory: str, names: tuple[str, ...], where: str
) -> Statement:
    ranges = maps(affected.get("ranges"))
    ordered = [one for one in ranges if one.get("type") in {"ECOSYSTEM", "SEMVER"}]
    versions = tuple(one for text in texts(affected.get("versions")) if (one := line(text, 200)))
    scheme = release.scheme
    spans = tuple(span for one in ordered for span in _spans(maps(one.get("events")), scheme))
    unread = "" if versions or ordered else "it names only commits" if ranges else ""
    if not (versions or ranges):
        spans = (Span(),)  # the schema: without either, every version is meant
    return Statement(
        advisory=advisory,
        names=names,
        package=release.package,
        verdict=Verdict.AFFECTED,
        where=where,
        scheme=scheme,
        distro=release.distro,
        spans=spans,
        versions=(*versions, release.version) if release.version else versions,
        unread=unread,
    )


def _spans(events: list[Mapping[str, Any]], scheme: str) -> Iterator[Span]:
    """From each ``introduced`` to what ends it, events in the order of versions."""
    said = [
        (kind, line(event[kind], 200))
        for event in events
        for kind in ("introduced", "fixed", "last_affected", "limit")
        if isinstance(event.get(kind), str)
    ]
    low: str | None = None
    for kind, version in _in_order(said, scheme):
        if kind == "introduced":
            low = low if low is not None else version
        elif low is not None and not (kind == "limit" and version == "*"):
            yield Span("" if low == _BEGINNING else low, version, True, kind == "last_affected")
            low = None
    if low is not None:
        yield Span("" if low == _BEGINNING else low)


def _in_order(said: list[tuple[str, str]], scheme: str) -> list[tuple[str, str]]:
    first = [one for one in said if one == ("introduced", _BEGINNING)]
    rest = [one for one in said if one != ("introduced", _BEGINNING)]
    keys = [key(scheme, version) for _, version in rest]
    if all(one is not None for one in keys):
        try:
            rest = [rest[place] for place in sorted(range(len(rest)), key=keys.__getitem__)]  # type: ignore[arg-type]
        except Exception:  # versions of one scheme that do not compare: as they stand
            return [*first, *rest]
    return [*first, *rest]


def _release(package: object) -> Release | None:
    if not isinstance(package, Mapping):
        return None
    ecosystem, _, suffix = line(package.get("ecosystem"), 100).partition(":")
    distro = suffix.removeprefix("v").split(":")[0].lower()
    found = from_purl(line(package.get("purl"), 500)) if package.get("purl") else None
    if found is None:
        kind, name = _TYPES.get(ecosystem.lower(), ""), line(package.get("name"), 300)
        if not kind or not name:
            return None
        found = from_purl(f"pkg:{kind}/{name.replace(':', '/') if kind == 'maven' else name}")
    if found is None or not distro:
        return found
    return Release(found.package, found.version, found.scheme, distro)
