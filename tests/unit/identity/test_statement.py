"""A statement verifies with others' code, says what is the same and what is not, and nothing of approval."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from seatrial.kernel.digests import digest
from seatrial.kernel.dsse import IN_TOTO, envelope, pae
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.core.comparison import compare
from seatrial.review.identity.core.manifest import manifest_of
from seatrial.review.identity.core.statement import payload_of, predicate, verify
from seatrial.review.identity.types import Sameness
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw().hex()
REVIEWED = manifest_of("north-7b", {"a": digest(b"1"), "b": digest(b"2"), "c": digest(b"3")})
RELEASED = manifest_of("north-7b", {"a": digest(b"1"), "b": digest(b"other"), "d": digest(b"4")})


def said(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "review": "review-1",
        "developer": "lab-north",
        "model": "north-7b",
        "at": datetime(2026, 7, 1, tzinfo=UTC),
        "consents": (digest(b"consent"),),
        "reviewed": (REVIEWED, None),
        "released": (REVIEWED, None),
        "comparison": None,
    }
    return predicate(**(values | changes))


def signed(predicate: dict[str, Any]) -> dict[str, Any]:
    payload = payload_of(predicate)
    return envelope(payload, IN_TOTO, signature=KEY.sign(pae(payload, IN_TOTO)).hex(), key=PUBLIC)


def test_others_code_verifies_the_envelope_and_parses_the_statement() -> None:
    made = signed(said(released=(RELEASED, digest(b"fingerprint"))))
    key = SSlibKey(PUBLIC, "ed25519", "ed25519", {"public": PUBLIC})
    theirs = Envelope.from_dict(json.loads(json.dumps(made)))
    assert theirs.pae() == pae(theirs.payload, IN_TOTO)
    assert list(theirs.verify([key], 1)) == [PUBLIC]
    parsed = Statement.copy_from_pb(json_format.Parse(theirs.payload, Statement([], "", {}).pb))
    parsed.validate()
    assert [subject.digest["sha256"] for subject in parsed.pb.subject] == [
        RELEASED.digest[7:],
        digest(b"fingerprint")[7:],
    ]


def test_the_same_files_and_other_files() -> None:
    same = verify(json.dumps(signed(said())).encode(), key=PUBLIC)
    assert (same.weights, same.behaviour) == (Sameness.SAME, Sameness.NOT_COMPARED)
    other = verify(json.dumps(signed(said(released=(RELEASED, None)))).encode(), key=PUBLIC)
    assert other.weights is Sameness.DIFFERS
    assert other.payload["predicate"]["weights"]["differences"] == {  # type: ignore[index]
        "added": ["d"],
        "removed": ["c"],
        "changed": ["b"],
        "unchanged": 1,
    }
    assert "1 added, 1 removed, 1 changed, 1 the same" in other.sentence


def test_behaviour_is_said_with_its_error() -> None:
    one, other = fingerprint_of(NoisyEndpoint(1)), fingerprint_of(NoisyEndpoint(2))
    found = said(comparison=compare(one, other), released=(None, other.digest), reviewed=(None, one.digest))
    assert found["weights"] == {"word": Sameness.NOT_COMPARED}
    assert found["behaviour"]["word"] is Sameness.DIFFERS
    assert len(found["behaviour"]["stand_out"]) == 24


def test_without_anything_released_there_is_nothing_to_state() -> None:
    with pytest.raises(Misuse, match="Say what was released"):
        payload_of(said(released=(None, None)))


def tampered(made: dict[str, Any]) -> dict[str, Any]:
    payload = json.loads(base64.b64decode(made["payload"]))
    payload["predicate"]["weights"]["word"] = "same"
    return {**made, "payload": base64.b64encode(json.dumps(payload).encode()).decode()}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (tampered, "no signature in it verifies"),
        (lambda made: {**made, "signatures": []}, "carries no signature"),
        (lambda made: {**made, "signatures": [{"sig": "%%"}]}, "not base64"),
        (lambda made: {**made, "payloadType": "text/plain"}, "no DSSE envelope"),
        (lambda made: {**made, "payload": "%%"}, "not base64"),
        (lambda made: [], "no DSSE envelope"),
    ],
)
def test_a_changed_statement_does_not_verify(change: Any, why: str) -> None:
    made = signed(said(released=(RELEASED, None)))
    with pytest.raises(Misuse, match=why):
        verify(json.dumps(change(made)).encode(), key=PUBLIC)


def test_another_key_does_not_verify_and_a_bad_key_is_said() -> None:
    data = json.dumps(signed(said())).encode()
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    with pytest.raises(Misuse, match="no signature in it verifies"):
        verify(data, key=other)
    with pytest.raises(Misuse, match="64 hex digits"):
        verify(data, key="abc")


def test_a_signed_payload_of_another_kind_is_no_statement() -> None:
    for payload in (b"[]", b'{"_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "predicate": {}}'):
        made = envelope(payload, IN_TOTO, signature=KEY.sign(pae(payload, IN_TOTO)).hex(), key=PUBLIC)
        with pytest.raises(Misuse, match="does not verify"):
            verify(json.dumps(made).encode(), key=PUBLIC)
