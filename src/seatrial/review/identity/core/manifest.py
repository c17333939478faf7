"""Manifests of weights in the OpenSSF Model Signing form, read strictly; what pins one; how two differ.

A ``model.sig`` is a Sigstore bundle around a DSSE envelope around an in-toto statement whose predicate lists
each file with its SHA-256. What is read here is its content; whether its signature holds is an adapter's to say.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from seatrial.kernel.canonical import from_json
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import UNPRINTABLE
from seatrial.review.identity.types import FilesDiffer, Manifest

MOST_FILES = 100_000
LONGEST_BUNDLE = 64 * 2**20  # bytes
LONGEST_PATH = 1_000

_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://model_signing/signature/v1.0"
_HEX = re.compile(r"[0-9a-f]{64}")
_BREAKS = re.compile(r"[\t\r\n]")


def manifest_of(name: str, files: Mapping[str, Digest]) -> Manifest:
    """A manifest with its digest. Raises ``Misuse`` (``manifest-invalid``) for a path that cannot stand in one."""
    if not files:
        raise _invalid("it lists no file")
    if len(files) > MOST_FILES:
        raise _invalid(f"it lists {len(files):,} files; {MOST_FILES:,} are the most")
    for path in files:
        check_path(path)
    return Manifest(name, dict(sorted(files.items())), pin(files))


def pin(files: Mapping[str, Digest]) -> Digest:
    """What a consent's ``artefact`` names: the digest of the canonical list of paths and contents.

    The name of the folder is not in it: the same files under another name are the same model.
    """
    resources = [
        {"name": path, "algorithm": "sha256", "digest": files[path].removeprefix("sha256:")} for path in sorted(files)
    ]
    return digest_of({"resources": resources})


def check_path(path: str) -> None:
    """Raises ``Misuse`` (``manifest-invalid``) unless ``path`` is a plain relative path of printable characters."""
    if not 0 < len(path) <= LONGEST_PATH:
        raise _invalid(f"a path needs 1 to {LONGEST_PATH:,} characters")
    if UNPRINTABLE.search(path) or _BREAKS.search(path):
        raise _invalid(f"the path {path!r} contains a control character or bytes that are no text; rename that file")
    parsed = PurePosixPath(path)
    if parsed.is_absolute() or ".." in parsed.parts or str(parsed) != path:
        raise _invalid(f"the path {path!r} does not lie inside the model")


def manifest_in(bundle: bytes) -> Manifest:
    """The manifest that a ``model.sig`` carries. Raises ``Misuse`` (``manifest-invalid``) naming what is wrong."""
    if len(bundle) > LONGEST_BUNDLE:
        raise _invalid(f"the file has {len(bundle):,} bytes; {LONGEST_BUNDLE:,} are the most")
    statement = _statement(from_json(bundle, "The manifest file"))
    if statement.get("_type") != _STATEMENT or statement.get("predicateType") != _PREDICATE:
        raise _invalid("it is no statement of model-signing 1.0; sign the model with a current version")
    serialization = _mapping(_mapping(statement.get("predicate"), "predicate").get("serialization"), "serialization")
    if serialization.get("method") != "files" or serialization.get("hash_type") != "sha256":
        raise _invalid("it does not list whole files by SHA-256; sign with 'method files' and 'hash sha256'")
    return manifest_of(_name(statement), _files(statement))


def differ(reviewed: Manifest, released: Manifest) -> FilesDiffer:
    """Which files were added, removed, changed from ``reviewed`` to ``released``."""
    old, new = reviewed.files, released.files
    both = old.keys() & new.keys()
    changed = tuple(sorted(path for path in both if old[path] != new[path]))
    return FilesDiffer(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=changed,
        unchanged=len(both) - len(changed),
    )


def _statement(bundle: object) -> Mapping[str, Any]:
    envelope = _mapping(_mapping(bundle, "bundle").get("dsseEnvelope"), "dsseEnvelope")
    try:
        payload = base64.b64decode(str(envelope.get("payload", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("its payload is not base64") from error
    return _mapping(from_json(payload, "The manifest's payload"), "payload")


def _name(statement: Mapping[str, Any]) -> str:
    subjects = statement.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise _invalid("it must have exactly one subject")
    name = str(_mapping(subjects[0], "subject").get("name", ""))
    if len(name) > LONGEST_PATH or UNPRINTABLE.search(name) or _BREAKS.search(name):
        raise _invalid("the model's name has control characters or is too long")
    return name


def _files(statement: Mapping[str, Any]) -> dict[str, Digest]:
    resources = statement["predicate"].get("resources")
    if not isinstance(resources, list):
        raise _invalid("it has no list of resources")
    found: dict[str, Digest] = {}
    for resource in resources:
        entry = _mapping(resource, "resource")
        path, value = entry.get("name"), entry.get("digest")
        if not isinstance(path, str) or not isinstance(value, str):
            raise _invalid("a resource lacks its name or its digest")
        if entry.get("algorithm") != "sha256" or not _HEX.fullmatch(value):
            raise _invalid(f"the digest of {path!r} is not SHA-256 in 64 lower-case hex digits")
        if path in found:
            raise _invalid(f"{path!r} stands twice")
        found[path] = Digest(f"sha256:{value}")
    return found


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"its {what} is no JSON object")
    return value


def _invalid(why: str) -> Misuse:
    return Misuse("manifest-invalid", f"This manifest cannot be used: {why}.")
