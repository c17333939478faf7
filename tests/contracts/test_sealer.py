"""What every ``Sealer`` guarantees: of the developers' credentials, and of the webhooks' secrets."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from seatrial.kernel.errors import Unavailable
from seatrial.notices.adapters.file_sealer import FileSealer as WebhookSealer
from seatrial.review.access.adapters.file_sealer import FileSealer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "access.key"


@pytest.fixture(params=[FileSealer, WebhookSealer])
def sealer(request, path):
    return request.param(path)


def test_what_is_sealed_opens_in_its_context_only(sealer):
    sealed = sealer.seal("a secret", "review-1")
    assert "a secret" not in sealed
    assert sealer.unseal(sealed, "review-1") == "a secret"
    with pytest.raises(Unavailable, match=r"set it again|make a new one"):
        sealer.unseal(sealed, "review-2")


def test_the_same_secret_sealed_twice_gives_two_texts(sealer):
    assert sealer.seal("a secret", "review-1") != sealer.seal("a secret", "review-1")


def test_one_changed_character_is_noticed(sealer):
    sealed = sealer.seal("a secret", "review-1")
    for place in range(len("aes-256-gcm:"), len(sealed)):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(Unavailable):
            sealer.unseal(sealed[:place] + other + sealed[place + 1 :], "review-1")


def test_the_key_is_made_once_for_its_owner_only(path):
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda n: FileSealer(path).seal(str(n), "review-1"), range(16)))
    assert [FileSealer(path).unseal(text, "review-1") for text in sealed] == [str(n) for n in range(16)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["access.key"]


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_without_its_key_nothing_opens_and_the_sentence_says_what_to_do(sealer, path, damage):
    sealed = sealer.seal("a secret", "review-1")
    path.unlink() if damage == "missing" else path.write_bytes(b"short")
    with pytest.raises(Unavailable, match=r"restore access\.key"):
        sealer.unseal(sealed, "review-1")
