"""What every ``ledger.ports.Signer`` guarantees, asked of the file and of the fake alike."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatrial.kernel.errors import Unavailable
from seatrial.ledger.adapters.file_signer import FileSigner
from seatrial.ledger.core.note import Checkpoint, opened, signed, vkey
from seatrial.ledger.ports import Signer
from simulators.memory_signer import MemorySigner

Make = Callable[[str], Signer]


@pytest.fixture(params=["file", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A signer for a place; the same place is the same instance's key."""
    if request.param == "file":
        return lambda place: FileSigner(tmp_path / place / "ledger.key")
    return lambda place: MemorySigner(f"{tmp_path}/{place}")


def test_what_is_signed_verifies_under_the_public_key_and_nothing_else_does(make: Make) -> None:
    signer = make("one")
    key = Ed25519PublicKey.from_public_bytes(signer.public())
    signature = signer.sign(b"a checkpoint")
    assert (len(signer.public()), len(signature)) == (32, 64)
    key.verify(signature, b"a checkpoint")
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"another")


def test_the_key_outlives_the_signer_that_made_it(make: Make) -> None:
    assert make("one").public() == make("one").public()
    assert make("one").sign(b"text") == make("one").sign(b"text")


def test_two_instances_have_two_keys(make: Make) -> None:
    assert make("one").public() != make("two").public()


def test_signing_may_come_before_the_public_key_is_asked_for(make: Make) -> None:
    signature = make("one").sign(b"first")
    Ed25519PublicKey.from_public_bytes(make("one").public()).verify(signature, b"first")


@pytest.mark.parametrize("turn", range(5))
def test_threads_that_start_at_once_agree_on_one_key(make: Make, turn: int) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: make("one").public(), range(64)))) == 1


def test_a_note_signed_with_it_opens_with_its_public_key(make: Make) -> None:
    signer = make("one")
    text = Checkpoint("tests.example/main", 0, bytes(32)).text()
    note = signed(text, "tests.example", signer.public(), signer.sign(text.encode()))
    assert opened(note, vkey("tests.example", signer.public())) == text


# What only the file can promise -----------------------------------------------------------------

PROCESS = """
import sys
from pathlib import Path
from seatrial.ledger.adapters.file_signer import FileSigner
signer = FileSigner(Path(sys.argv[1]))
sys.stdin.read(1)
print(signer.public().hex())
"""


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.key"
    several = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in several:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    assert len({process.communicate(timeout=60)[0] for process in several}) == 1
    assert [child.name for child in path.parent.iterdir()] == ["ledger.key"]


def test_the_file_and_its_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.key"
    FileSigner(path).public()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [child.name for child in path.parent.iterdir()] == ["ledger.key"]


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_key_that_cannot_be_read_is_reported_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.key"
    path.write_bytes(content)
    for use in (FileSigner(path).public, lambda: FileSigner(path).sign(b"text")):
        with pytest.raises(Unavailable, match=r"restore it from the backup") as caught:
            use()
        assert caught.value.code == "key-missing"
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match=r"ledger\.key cannot be read"):
        FileSigner(tmp_path / "keys" / "ledger.key").public()
