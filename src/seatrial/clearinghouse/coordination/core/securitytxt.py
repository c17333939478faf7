"""A security.txt (RFC 9116), read from its text as somebody pasted or uploaded it. Nothing is fetched here.

What the RFC asks for is checked: at least one ``Contact`` (section 2.5.3) by URI, exactly one ``Expires`` (2.5.5) that
has not come, at most one ``Preferred-Languages`` (2.5.8), web addresses over https only. Other fields are kept by name
if the RFC or its registry names them, and passed over if not (2.4). A cleartext signature's frame is taken off; the
signature itself is not verified, and the result says that there was one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from seatrial.clearinghouse.coordination.types import SecurityTxt
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import UNPRINTABLE

LARGEST = 32 * 1024  # characters; section 5.4 advises a bound
_FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*?)[ \t]*")
_URI = re.compile(r"(?:mailto:[^@\s]+@[^@\s]+|tel:\+?[0-9().-]+|https://[^\s/]+\S*)", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")
_FRAME, _END = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"


def parse(text: str, now: datetime) -> SecurityTxt:
    """What the file says. Raises ``Misuse``: ``security-txt-invalid``, ``security-txt-expired``."""
    if len(text) > LARGEST:
        raise _invalid(f"it has {len(text):,} characters; {LARGEST:,} at most are read")
    lines, signed = _unframed(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    fields: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _FIELD.fullmatch(line)
        if found is None or UNPRINTABLE.search(line):
            raise _invalid(f"line {number} is neither a field, nor a comment, nor empty")
        fields.setdefault(found[1].lower(), []).append(found[2])
    contacts = fields.get("contact", [])
    if not contacts:
        raise _invalid("it names no contact (Contact: mailto:… or https://…)")
    for field in ("contact", "encryption", "acknowledgments", "policy", "hiring", "canonical"):
        for value in fields.get(field, []):
            if not (
                _URI.fullmatch(value) or (field == "encryption" and re.fullmatch(r"(?:dns|openpgp4fpr):\S+", value))
            ):
                raise _invalid(f"{field.capitalize()} takes a URI by mailto:, tel: or https://, not {value[:80]!r}")
    expires = _expires(fields.get("expires", []))
    if expires <= now:
        raise Misuse(
            "security-txt-expired",
            f"This security.txt expired on {expires:%Y-%m-%d}; its contacts may be nobody's any more. Get the new one.",
        )
    languages = fields.get("preferred-languages", [])
    if len(languages) > 1:
        raise _invalid("Preferred-Languages stands in it more than once")
    return SecurityTxt(
        contacts=tuple(contacts),
        expires=expires,
        languages=tuple(word.strip() for word in languages[0].split(",") if word.strip()) if languages else (),
        encryption=tuple(fields.get("encryption", [])),
        policy=tuple(fields.get("policy", [])),
        canonical=tuple(fields.get("canonical", [])),
        signed=signed,
    )


def _expires(found: list[str]) -> datetime:
    if len(found) != 1:
        raise _invalid("it must say exactly once when it expires (Expires: 2027-01-01T00:00:00Z)")
    if not _TIME.fullmatch(found[0]):
        raise _invalid(f"Expires takes a date and time of RFC 3339, not {found[0][:40]!r}")
    try:
        return datetime.fromisoformat(found[0].upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(f"Expires is no date: {found[0][:40]!r}") from error


def _unframed(lines: list[str]) -> tuple[list[str], bool]:
    """The lines inside an OpenPGP cleartext signature, and whether there was one."""
    if _FRAME not in (line.strip() for line in lines[:3]):
        return lines, False
    head = next(place for place, line in enumerate(lines) if line.strip() == _FRAME)
    try:
        begin = next(place for place in range(head + 1, len(lines)) if not lines[place].strip()) + 1
        end = next(place for place in range(begin, len(lines)) if lines[place].strip() == _END)
    except StopIteration:
        raise _invalid("its signature's frame is cut off") from None
    return [line.removeprefix("- ") for line in lines[begin:end]], True


def _invalid(why: str) -> Misuse:
    return Misuse("security-txt-invalid", f"This is no valid security.txt (RFC 9116): {why}.")
