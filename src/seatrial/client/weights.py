"""Weights on their way: offered, sealed and sent part by part; fetched, opened and verified part by part.

Sealing and opening happen here, where the private key or the plain weights are: the instance sees sealed bytes only.
Both ways go on where they were after any interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.review.weights.types import (
    PART_BYTES,
    TransferView,
    WeightsFile,
    WeightsManifest,
    WeightsPart,
    root_of,
)

from .calling import Caller, at
from .weights_folder import Destination, Source, opened, sealed, temporary

if TYPE_CHECKING:
    from seatrial.kernel.recipients import PrivateKey, RecipientKey

Progress = Callable[[int, int], None]  # bytes done, of how many
Item = TypeVar("Item")

WORKERS = 3  # parts on their way at once


@dataclass(frozen=True, slots=True)
class Weights:
    """Transfers of weights, under a consent that names them."""

    _caller: Caller

    def list(self, review: str) -> tuple[TransferView, ...]:
        """The transfers of a review, newest first."""
        return self._caller.get_all(TransferView, at("reviews", review, "weights"))

    def show(self, transfer: str) -> TransferView:
        """How far a transfer is, who fetched, and what you can do now."""
        return self._caller.get(TransferView, at("weights", transfer))

    def manifest(self, transfer: str) -> WeightsManifest:
        """What is sent, file by file."""
        return self._caller.get(WeightsManifest, at("weights", transfer, "manifest"))

    def parts(self, transfer: str) -> tuple[WeightsPart, ...]:
        """The sealed parts that have come."""
        return self._caller.get_all(WeightsPart, at("weights", transfer, "parts"))

    def offer(self, review: str, manifest: WeightsManifest) -> TransferView:
        """Begin a transfer. Nothing of it can be fetched before it is complete."""
        return self._caller.change(TransferView, "POST", at("reviews", review, "weights"), manifest)

    def complete(self, transfer: str) -> TransferView:
        """Hand over what has come, as a signatory of the developer."""
        return self._caller.change(TransferView, "POST", at("weights", transfer, "complete"))

    def cancel(self, transfer: str) -> TransferView:
        """Take it back: every part that is there is destroyed."""
        return self._caller.change(TransferView, "POST", at("weights", transfer, "cancel"))

    def send(
        self,
        transfer: str,
        folder: Path,
        keys: Sequence[RecipientKey],
        *,
        progress: Progress = lambda _done, _total: None,
        workers: int = WORKERS,
    ) -> TransferView:
        """Seal and send every part that has not come yet, from the files in ``folder``.

        ``keys`` are those that the manifest names, whose ids the sender has compared with their holders. Raises
        ``Misuse`` (``file-changed``, ``other-recipients``) and what the instance refuses.
        """
        view, manifest = self.show(transfer), self.manifest(transfer)
        if [key.id for key in keys] != list(manifest.recipients):
            raise Misuse("other-recipients", "These are not the keys that the transfer was offered for; name those.")
        source = Source(folder, {file.path: file.size for file in manifest.files})
        come = {part.number for part in self.parts(transfer)}
        spans = list(manifest.spans())
        done = sum(span.length for span in spans if span.number in come)
        progress(done, manifest.bytes)

        def one(number: int) -> int:
            span = spans[number]
            with temporary() as file:
                sealed(source, span, file, manifest.context(view.review, transfer, span), keys)
                self._caller.put_file(WeightsPart, at("weights", transfer, "parts", str(number)), file)
            return span.length

        for sent in _in_parallel(one, [span.number for span in spans if span.number not in come], workers):
            done += sent
            progress(done, manifest.bytes)
        return self.show(transfer)

    def fetch(
        self,
        transfer: str,
        folder: Path,
        key: PrivateKey,
        *,
        progress: Progress = lambda _done, _total: None,
        workers: int = WORKERS,
    ) -> WeightsManifest:
        """Fetch, open and verify every file into ``folder``; a file gets its name once it is whole and as pinned.

        Raises ``Misuse`` (``weights-altered``) if manifest or parts are not those that were handed over,
        ``sealed-broken``, ``not-a-recipient``, ``folder-in-use``, and ``Refused`` (``not-fetched``) with the reason
        as soon as the right to them ends.
        """
        view, manifest = self.show(transfer), self.manifest(transfer)
        parts = {part.number: part for part in self.parts(transfer)} if view.root is not None else {}
        _check(view, manifest, parts)
        spans = list(manifest.spans())
        with Destination(folder, transfer, manifest) as destination:
            done = sum(span.length for span in spans if span.number in destination.written)
            progress(done, manifest.bytes)

            def one(number: int) -> int:
                span = spans[number]
                with temporary() as file:
                    received = self._caller.get_file(at("weights", transfer, "parts", str(number)), file)
                    if received.digest != parts[number].digest:
                        raise altered(f"part {number} is another than was handed over")
                    file.seek(0)
                    destination.write(span, opened(file, key, manifest.context(view.review, transfer, span)))
                return span.length

            left = [span.number for span in spans if span.number not in destination.written]
            for fetched in _in_parallel(one, left, workers):
                done += fetched
                progress(done, manifest.bytes)
            destination.finish()
        return manifest


def manifest_for(
    files: Mapping[str, Digest],
    sizes: Mapping[str, int],
    *,
    artefact: Digest,
    keys: Iterable[RecipientKey],
    part_bytes: int = PART_BYTES,
) -> WeightsManifest:
    """What to offer: ``files`` and ``sizes`` by path; ``artefact`` is what the files come to."""
    listed = tuple(WeightsFile(path, sizes[path], files[path]) for path in sorted(files))
    return WeightsManifest(artefact, listed, part_bytes, tuple(key.id for key in keys))


def altered(what: str) -> Misuse:
    """What came is not what was handed over."""
    return Misuse("weights-altered", f"These weights are not to be used: {what}; tell the developer.")


def _check(view: TransferView, manifest: WeightsManifest, parts: Mapping[int, WeightsPart]) -> None:
    if view.root is None:
        raise Misuse(
            "not-complete", "This transfer is not complete yet; fetch it when the developer has handed it over."
        )
    if manifest.digest != view.manifest:
        raise altered("the manifest is another than was handed over")
    if sorted(parts) != list(range(manifest.parts)):
        raise altered("parts are missing")
    if root_of([parts[number].digest for number in range(manifest.parts)]) != view.root:
        raise altered("the parts are others than were handed over")


def _in_parallel(work: Callable[[int], Item], numbers: Sequence[int], workers: int) -> Iterable[Item]:
    """What ``work`` returns for each number, as it comes; the first fault ends it, once what is under way has ended."""
    if workers <= 1:
        yield from map(work, numbers)
        return
    left = iter(numbers)
    with ThreadPoolExecutor(workers) as pool:
        waiting: set[Future[Item]] = set()
        while True:
            while len(waiting) < workers and (number := next(left, None)) is not None:
                waiting.add(pool.submit(work, number))
            if not waiting:
                return
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in ready:
                yield one.result()
