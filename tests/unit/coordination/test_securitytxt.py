"""RFC 9116, from the examples of the RFC to what people paste instead."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from seatrial.clearinghouse.coordination.core.securitytxt import LARGEST, parse
from seatrial.kernel.errors import Misuse

NOW = datetime(2026, 7, 1, tzinfo=UTC)
GOOD = """# Our security address
Contact: mailto:security@example.com
contact: https://example.com/report
Expires: 2026-12-31T18:37:07+02:00

Preferred-Languages: en, es ,fr
Encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f
Policy: https://example.com/policy
Canonical: https://example.com/.well-known/security.txt
X-Future: whatever
"""
SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}"
    "-----BEGIN PGP SIGNATURE-----\nxyz\n-----END PGP SIGNATURE-----\n"
)


def test_what_it_says_is_read_in_its_order() -> None:
    found = parse(GOOD, NOW)
    assert found.contacts == ("mailto:security@example.com", "https://example.com/report")
    assert found.expires == datetime(2026, 12, 31, 16, 37, 7, tzinfo=UTC)
    assert found.languages == ("en", "es", "fr")
    assert found.policy == ("https://example.com/policy",)
    assert not found.signed


def test_line_ends_of_windows_a_mark_at_the_beginning_and_a_signature_make_no_difference() -> None:
    for text in (GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD):
        assert parse(text, NOW) == parse(GOOD, NOW)
    signed = parse(SIGNED.format(GOOD), NOW)
    assert signed.signed
    assert signed.contacts == parse(GOOD, NOW).contacts


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "security-txt-invalid", "no contact"),
        ("<html><body>Not found</body></html>", "security-txt-invalid", "line 1"),
        (GOOD.replace("Contact: mailto:", "Contact: "), "security-txt-invalid", "URI"),
        (GOOD.replace("https://example.com/report", "http://example.com/report"), "security-txt-invalid", "https"),
        (GOOD.replace("Expires", "Expired"), "security-txt-invalid", "exactly once"),
        (GOOD + "Expires: 2026-12-31T18:37:07Z\n", "security-txt-invalid", "exactly once"),
        (GOOD.replace("2026-12-31T18:37:07+02:00", "31.12.2026"), "security-txt-invalid", "RFC 3339"),
        (GOOD.replace("2026-12-31T18:37:07+02:00", "2026-13-41T18:37:07Z"), "security-txt-invalid", "no date"),
        (GOOD.replace("2026-12-31", "2026-06-30"), "security-txt-expired", "2026-06-30"),
        (GOOD + "Preferred-Languages: de\n", "security-txt-invalid", "more than once"),
        (GOOD + "\x07: bell\n", "security-txt-invalid", "line 11"),
        (SIGNED.format(GOOD).split("-----BEGIN PGP SIGNATURE")[0], "security-txt-invalid", "cut off"),
        ("#" * (LARGEST + 1), "security-txt-invalid", "characters"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(text: str, code: str, says: str) -> None:
    with pytest.raises(Misuse, match=says) as refused:
        parse(text, NOW)
    assert refused.value.code == code


@settings(deadline=None)
@given(some.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Misuse):
        parse(text, NOW)
