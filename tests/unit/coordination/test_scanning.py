"""Names of packages in one spelling; windows; what a day allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from seatrial.clearinghouse.coordination.adapters.file_keyer import FileKeyer
from seatrial.clearinghouse.coordination.core.scanning import (
    A_DAY,
    check_count,
    check_window,
    identity,
    overlaps,
)
from seatrial.kernel.clock import Window
from seatrial.kernel.errors import Misuse, Refused, Unavailable

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("pkg:pypi/Django@5.2?x=y#sub", "pkg:pypi/django"),
        ("PKG:PyPI/zope.interface", "pkg:pypi/zope-interface"),
        ("pkg:pypi/typing_extensions", "pkg:pypi/typing-extensions"),
        ("pkg:npm/%40Angular/core@1.0.0", "pkg:npm/%40angular/core"),
        ("pkg:npm/@angular/core", "pkg:npm/%40angular/core"),
        ("pkg:github/Curl/curl@8_1", "pkg:github/curl/curl"),
        ("pkg:maven/org.Apache/Thing@1", "pkg:maven/org.Apache/Thing"),
        ("pkg://golang/github.com/foo/bar@v1.2", "pkg:golang/github.com/foo/bar"),
        ("pkg:deb/debian/curl@7.88?arch=amd64", "pkg:deb/debian/curl"),
        ("pkg:generic/openssl@3.0.1", "pkg:generic/openssl"),
    ],
)
def test_all_spellings_of_a_package_are_one(written: str, kept: str) -> None:
    assert identity(written) == kept
    assert identity(kept) == kept, "the spelling that is kept is a spelling of the same"


@pytest.mark.parametrize(
    "written", ["", "requests", "pkg:", "pkg:pypi", "pkg:pypi/", "pkg:pypi/@1", "pkg:github/curl", "pkg:9/x"]
)
def test_what_names_no_package_is_refused(written: str) -> None:
    with pytest.raises(Misuse) as refused:
        identity(written)
    assert refused.value.code == "bad-purl"


@settings(deadline=None)
@given(some.text(max_size=60))
def test_any_text_is_a_package_or_refused_and_one_spelling_stays(text: str) -> None:
    try:
        kept = identity(f"pkg:{text}")
    except Misuse:
        return
    assert identity(kept) == kept


def test_a_window_is_declared_for_days_and_neither_long_ago_nor_far_ahead() -> None:
    check_window(Window(NOW, NOW + 30 * DAY), NOW)
    for opens, length in ((NOW, DAY / 2), (NOW, 91 * DAY), (NOW - 2 * DAY, 5 * DAY), (NOW + 31 * DAY, 5 * DAY)):
        with pytest.raises(Misuse):
            check_window(Window(opens, opens + length), NOW)


def test_a_days_number_is_not_exceeded_by_one() -> None:
    check_count(A_DAY, 0)
    check_count(1, A_DAY - 1)
    with pytest.raises(Refused, match="0 are left"):
        check_count(1, A_DAY)


def test_windows_overlap_when_a_moment_is_in_both() -> None:
    assert overlaps(Window(NOW, NOW + DAY), Window(NOW + DAY / 2, NOW + 3 * DAY))
    assert not overlaps(Window(NOW, NOW + DAY), Window(NOW + DAY, NOW + 3 * DAY))


def test_digests_are_the_same_under_one_key_and_tell_nothing_under_another(tmp_path: Path) -> None:
    one, again, other = (FileKeyer(tmp_path / name) for name in ("a", "a", "b"))
    assert one.digest("pkg:pypi/x") == again.digest("pkg:pypi/x") != other.digest("pkg:pypi/x")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Unavailable):
        FileKeyer(tmp_path / "a" / "below-a-file").digest("x")
