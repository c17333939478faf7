"""Weights by OpenSSF model-signing: our own walk (it streams, tells how far it is, resumes), the library's signatures.

The walk takes regular files only; a link, whatever it points to, is refused. What a ``.git`` folder holds is left
out, as the library leaves it out by default. Notes of what was hashed are one JSON line a file, flushed at once;
after a kill a file whose size and time of change are those noted is not hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import model_signing
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing._hashing import hashing as digests_of

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.keyfiles import kept
from seatrial.review.identity.core.manifest import MOST_FILES, check_path
from seatrial.review.identity.ports import Progress
from seatrial.review.identity.types import Manifest

LEFT_OUT = (".git", ".gitattributes", ".github", ".gitignore")
_PIECE = 4 * 2**20  # bytes read at once


class OpenSSFWeights:
    """See ``ports.Weights``."""

    def files(
        self, folder: Path, *, leave_out: Path | None, notes: Path | None, progress: Progress
    ) -> Mapping[str, Digest]:
        found = list(_walk(folder, _outside(leave_out, notes)))
        known = _noted(notes)
        total, lock, done = sum(file.size for file in found), threading.Lock(), 0

        def say(more: int) -> None:
            nonlocal done
            with lock:
                done += more
                progress(done, total)

        def weigh(file: _File) -> tuple[_File, str]:
            before = known.get((file.name, file.size, file.changed))
            if before is not None:
                say(file.size)
                return file, before
            value = _hash(file, say)
            if out is not None:
                line = json.dumps([file.name, file.size, file.changed, value])
                with lock:
                    out.write(line + "\n")
                    out.flush()
            return file, value

        progress(0, total)
        with contextlib.ExitStack() as open_now:
            out = open_now.enter_context(notes.open("a", encoding="utf-8")) if notes is not None else None
            if out is not None and out.tell():
                out.write("\n")  # after a line that was cut
            pool = open_now.enter_context(ThreadPoolExecutor(min(4, os.cpu_count() or 1)))
            waiting = [pool.submit(weigh, file) for file in found]
            try:
                weighed = [task.result() for task in waiting]
            except BaseException:
                for task in waiting:
                    task.cancel()
                raise
        return {file.name: Digest(f"sha256:{value}") for file, value in weighed}

    def sign(self, manifest: Manifest, *, folder: Path, key: Path, to: Path, leave_out: Path | None) -> None:
        known = _Known(manifest, _ignored(folder, leave_out))
        try:
            config = model_signing.signing.Config()  # type: ignore[no-untyped-call]
            config = config.set_hashing_config(known)
            config = config.use_elliptic_key_signer(private_key=key)
            to.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
            os.close(handle)
        except (ValueError, TypeError) as error:
            raise Misuse("bad-key", f"{key.name} is no private key on a NIST curve in PEM: {error}.") from error
        except OSError as error:
            raise Misuse("cannot-write", f"{error.filename or to} cannot be used ({error.strerror}).") from error
        try:
            config.sign(folder, Path(draft))
            Path(draft).chmod(0o644)
            Path(draft).replace(to)
        finally:
            Path(draft).unlink(missing_ok=True)

    def verify(self, bundle: bytes, *, manifest: Manifest, public_key: str) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            signature, key = Path(scratch, "model.sig"), Path(scratch, "key.pem")
            signature.write_bytes(bundle)
            key.write_text(public_key, encoding="utf-8")
            try:
                config = model_signing.verifying.Config()  # type: ignore[no-untyped-call]
                config = config.use_elliptic_key_verifier(public_key=key)
            except (ValueError, TypeError, AttributeError) as error:
                raise Misuse("bad-key", "The public key must be one on P-256, P-384 or P-521 in PEM.") from error
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    config.set_hashing_config(_Known(manifest, ())).verify(Path(scratch), signature)
            except Exception as error:  # whatever a library meets in a stranger's file
                raise Misuse(
                    "signature-invalid",
                    "The manifest’s signature does not verify with this public key; use the key it was signed with.",
                ) from error


def new_key(path: Path) -> str:
    """The public half (PEM) of the P-256 key in ``path``, made at first use with mode 0600.

    The library signs with NIST curves only, so an organisation's Ed25519 key does not serve.
    Raises ``Misuse`` (``bad-key``, ``cannot-write``).
    """
    try:
        pem = kept(path, _fresh)
        private = serialization.load_pem_private_key(pem, None)
    except OSError as error:
        raise Misuse("cannot-write", f"{path} cannot be used ({error.strerror}); name another file.") from error
    except (ValueError, TypeError) as error:
        raise Misuse("bad-key", f"{path.name} has no private key in PEM without a password.") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise Misuse("bad-key", f"{path.name} is another kind of key; model signing takes P-256, P-384 or P-521.")
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


def _fresh() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class _Known(model_signing.hashing.Config):
    """Tells the library what was hashed already."""

    def __init__(self, manifest: Manifest, ignored: Iterable[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known, self._ignored = manifest, list(ignored)

    def hash(self, model_path: Any, *, files_to_hash: Any = None) -> Any:
        described: dict[str, Any] = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
        if self._ignored:
            described["ignore_paths"] = self._ignored
        kind = model_signing.manifest.SerializationType.from_args(described)
        values = {
            path: digests_of.Digest("sha256", bytes.fromhex(value.removeprefix("sha256:")))
            for path, value in self._known.files.items()
        }
        items = [kind.new_item(path, value) for path, value in values.items()]
        return model_signing.manifest.Manifest(self._known.name, items, kind)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str  # inside the model
    size: int
    changed: int  # nanoseconds


def _walk(folder: Path, outside: frozenset[Path]) -> Iterator[_File]:
    """Every regular file, in one order. A single file is a model too; its name inside is ``.``."""
    try:
        status = folder.lstat()
    except OSError as error:
        raise Misuse("no-such-folder", f"{folder} cannot be read ({error.strerror}); name another.") from error
    if stat.S_ISLNK(status.st_mode):
        raise _linked(str(folder))
    if stat.S_ISREG(status.st_mode):
        yield _File(folder, ".", status.st_size, status.st_mtime_ns)
        return
    count = 0
    for here, folders, names in os.walk(folder, onerror=_unreadable):
        folders.sort()
        folders[:] = [name for name in folders if not _skips(folder, Path(here, name), outside)]
        for name in folders:
            if Path(here, name).is_symlink():
                raise _linked(Path(here, name).relative_to(folder).as_posix())
        for name in sorted(names):
            path = Path(here, name)
            if _skips(folder, path, outside):
                continue
            inside = path.relative_to(folder).as_posix()
            check_path(inside)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise _linked(inside)
            if not stat.S_ISREG(status.st_mode):
                raise Misuse("not-a-file", f"{inside!r} is no regular file; a model consists of files and folders.")
            count += 1
            if count > MOST_FILES:
                raise Misuse("manifest-invalid", f"This model has more than {MOST_FILES:,} files.")
            yield _File(path, inside, status.st_size, status.st_mtime_ns)


def _hash(file: _File, say: Any) -> str:
    hasher = hashlib.sha256()
    try:
        # O_NOFOLLOW: what was a file when the folder was walked must not have become a link
        with os.fdopen(os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW), "rb", buffering=0) as opened:
            piece = memoryview(bytearray(_PIECE))
            while read := opened.readinto(piece):
                hasher.update(piece[:read])
                say(read)
            after = os.fstat(opened.fileno())
    except OSError as error:
        raise Misuse("cannot-read", f"{file.name!r} cannot be read ({error.strerror}).") from error
    if (after.st_size, after.st_mtime_ns) != (file.size, file.changed):
        raise Misuse("file-changed", f"{file.name!r} changed while it was read; stop what writes to it.")
    return hasher.hexdigest()


def _noted(notes: Path | None) -> dict[tuple[str, int, int], str]:
    """What an interrupted call had hashed; a line that was cut is left out."""
    found: dict[tuple[str, int, int], str] = {}
    if notes is None or not notes.exists():
        return found
    for line in notes.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            name, size, changed, value = json.loads(line)
            if len(bytes.fromhex(value)) == 32:
                found[name, size, changed] = value
        except (ValueError, TypeError):
            continue
    return found


def _ignored(folder: Path, leave_out: Path | None) -> list[str]:
    """What the bundle says was left out: the library's verifier leaves out the same."""
    found = [*LEFT_OUT]
    if leave_out is not None and leave_out.resolve().is_relative_to(folder.resolve()):
        found.append(leave_out.resolve().relative_to(folder.resolve()).as_posix())
    return found


def _outside(*paths: Path | None) -> frozenset[Path]:
    return frozenset(path.resolve() for path in paths if path is not None)


def _skips(folder: Path, path: Path, outside: frozenset[Path]) -> bool:
    if path.parent == folder and path.name in LEFT_OUT:
        return True
    if not any(path.name == other.name for other in outside):
        return False
    return not path.is_symlink() and path.resolve() in outside


def _linked(name: str) -> Misuse:
    return Misuse("symlink-refused", f"{name!r} is a symbolic link; put the file itself there, then sign the model.")


def _unreadable(error: OSError) -> None:
    raise Misuse("cannot-read", f"{error.filename} cannot be read ({error.strerror}).") from error
