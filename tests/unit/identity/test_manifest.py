"""A manifest is read strictly, pinned by what it lists, and compared file by file."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.core.manifest import differ, manifest_in, manifest_of, pin

ONE, TWO = digest(b"1"), digest(b"2")
NAMES = st.sampled_from(["a", "b/c", "b/d", "重み/第一.bin", "обучение.txt", "é.json", "with space"])
FILES = st.dictionaries(NAMES, st.sampled_from([ONE, TWO, digest(b"3")]), min_size=1)


def bundle(resources: Any = None, **changes: Any) -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256"},
            "resources": resources or [{"name": "a", "algorithm": "sha256", "digest": ONE[7:]}],
        },
        **changes,
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps({"dsseEnvelope": {"payload": payload}}).encode()


@given(FILES)
def test_the_digest_knows_paths_and_contents_and_no_order_and_no_name(files: dict[str, Any]) -> None:
    backwards = dict(reversed(files.items()))
    assert manifest_of("one", files).digest == manifest_of("other", backwards).digest == pin(files)


@given(FILES, FILES)
def test_equal_digests_are_equal_files_and_a_difference_is_named(one: dict[str, Any], other: dict[str, Any]) -> None:
    reviewed, released = manifest_of("m", one), manifest_of("m", other)
    found = differ(reviewed, released)
    assert found.any == (reviewed.digest != released.digest) == (one != other)
    named = {*found.added, *found.removed, *found.changed}
    assert named == {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    assert found.unchanged == len(one.keys() | other.keys()) - len(named)


def test_what_a_bundle_carries() -> None:
    found = manifest_in(bundle())
    assert (found.name, dict(found.files)) == ("m", {"a": ONE})


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ({"name": "../a"}, "inside the model"),
        ({"name": "/etc/passwd"}, "inside the model"),
        ({"name": "a/./b"}, "inside the model"),
        ({"name": "a\nb"}, "control character"),
        ({"name": "a\u202eb"}, "control character"),
        ({"name": ""}, "1 to 1,000"),
        ({"name": 3}, "lacks its name"),
        ({"digest": "XY"}, "not SHA-256"),
        ({"algorithm": "md5"}, "not SHA-256"),
    ],
)
def test_a_resource_that_cannot_be_is_named(resource: dict[str, Any], why: str) -> None:
    with pytest.raises(Misuse, match=why):
        manifest_in(bundle([{"name": "a", "algorithm": "sha256", "digest": ONE[7:], **resource}]))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"not json", "not valid JSON"),
        (b"[]", "no JSON object"),
        (b'{"dsseEnvelope": {"payload": "%%"}}', "not base64"),
        (b'{"dsseEnvelope": {"payload": "e30="}}', "no statement of model-signing"),
        (bundle(predicateType="x"), "no statement of model-signing"),
        (bundle(subject=[]), "exactly one subject"),
        (bundle(predicate={"serialization": {"method": "shards"}}), "whole files"),
        (bundle([{"name": "a", "algorithm": "sha256", "digest": ONE[7:]}] * 2), "stands twice"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_is_no_manifest_gets_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(Misuse, match=why):
        manifest_in(data)


@given(st.binary(max_size=400))
def test_no_bytes_are_a_defect(data: bytes) -> None:
    with pytest.raises(Misuse):
        manifest_in(data)
