"""Who is scanning what, so that two labs do not do the same work, and nobody learns what else another does.

1. A package is named by its package URL without version; ``identity`` brings all spellings to one. It is kept only as
   a digest under a key that stays with this instance (``ports.Keyer``).
2. One learns of overlaps only for what one registered oneself, for a window, with the words the other lab is shown.
3. New registrations are counted per organisation and day, so that trying names costs days; and each try shows the
   trier to whoever is there. A registration is never taken back: whoever overlapped goes on seeing it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from seatrial.kernel.clock import Window
from seatrial.kernel.errors import Misuse, Refused

DAY = timedelta(days=1)
A_DAY = 200  # new registrations of one organisation in 24 hours
SHORTEST, LONGEST = timedelta(days=1), timedelta(days=90)
AHEAD = timedelta(days=30)  # how long before it begins a window may be declared
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9.+-]{0,49}")
_FOLDED = frozenset(
    {
        "alpm",
        "apk",
        "bitbucket",
        "bitnami",
        "composer",
        "deb",
        "github",
        "gitlab",
        "golang",
        "hex",
        "npm",
        "oci",
        "pub",
        "rpm",
    }
)
_NEEDS_NAMESPACE = frozenset({"github", "gitlab", "bitbucket", "maven", "composer"})


def identity(purl: str) -> str:
    """The one spelling of a package, without version, qualifiers and subpath. Raises ``Misuse`` (``bad-purl``)."""
    text = purl.strip()
    if not text[:4].lower() == "pkg:" or len(text) > 500:
        raise _bad(purl)
    rest = text[4:].lstrip("/").split("#", 1)[0].split("?", 1)[0].rstrip("/")
    kind, _, path = rest.partition("/")
    kind = kind.lower()
    head, separator, name = path.rpartition("/")
    name = name.split("@", 1)[0]
    parts = [unquote(part, errors="replace") for part in [*head.split("/"), name] if part]
    if not _TYPE.fullmatch(kind) or not name or not parts or any("/" in part or not part.strip() for part in parts):
        raise _bad(purl)
    if kind in _NEEDS_NAMESPACE and not separator:
        raise _bad(purl)
    if kind == "pypi":
        parts = [*parts[:-1], re.sub(r"[-_.]+", "-", parts[-1].lower())]  # PEP 503
    elif kind in _FOLDED:
        parts = [part.lower() for part in parts]
    return f"pkg:{kind}/" + "/".join(quote(part, safe=".-_~:+") for part in parts)


def check_window(window: Window, now: datetime) -> None:
    """Raises ``Misuse`` (``bad-scan-window``) for one that has begun long ago, is too long, too short or far ahead."""
    if not SHORTEST <= window.length <= LONGEST:
        raise Misuse("bad-scan-window", f"A scan is declared for {SHORTEST.days} to {LONGEST.days} days.")
    if not now - DAY <= window.opens <= now + AHEAD:
        raise Misuse("bad-scan-window", f"A scan begins today or within {AHEAD.days} days.")


def check_count(new: int, in_a_day: int) -> None:
    """Raises ``Refused`` (``scan-quota``) when ``new`` more than ``in_a_day`` earlier ones go beyond a day's number."""
    if new + in_a_day > A_DAY:
        left = max(0, A_DAY - in_a_day)
        raise Refused(
            "scan-quota",
            f"An organisation registers at most {A_DAY} packages in 24 hours; {left} are left now. Nothing was kept.",
            left=left,
        )


def overlaps(mine: Window, theirs: Window) -> bool:
    """True if there is a moment in both."""
    return mine.opens < theirs.closes and theirs.opens < mine.closes


def _bad(purl: str) -> Misuse:
    return Misuse(
        "bad-purl",
        f"{purl[:80]!r} names no package; write a package URL, e.g. pkg:pypi/requests or pkg:github/curl/curl.",
    )
