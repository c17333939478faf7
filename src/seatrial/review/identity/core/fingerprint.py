"""Fingerprints: the probe set, the order in which it is asked, what it costs, and the file that carries the answers.

Two thirds of the probes are asked at temperature 0 with a fixed seed: they show another model, another prompt
in front, other arithmetic. The rest are asked as the endpoint serves them: they show other decoding defaults.
Answers are kept in the order they came and normalised for comparison only.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.clock import iso, parse_time
from seatrial.kernel.digests import Digest, digest_of, parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.types import Cost, Fingerprint, Observation, Probe, ProbeSet

FEWEST, MOST = 4, 40  # repetitions: with fewer than four nothing could be told apart
USUAL = 6
SEED = 20260602  # sent with the probes asked at temperature 0
TOP = 5  # likeliest first tokens asked for
LONGEST_ANSWER = 2_000  # characters kept of one answer
LONGEST_FILE = 16 * 2**20  # bytes
FORM = "seatrial-fingerprint/1"

_AROUND = 24  # tokens that a chat template puts around a question, reckoned high
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@cache
def probe_set() -> ProbeSet:
    """The probes of this version, from the data file beside this module."""
    data: Any = from_json(Path(__file__).with_name("probes_1.json").read_bytes(), "The probe set")
    probes = tuple(Probe(**probe) for probe in data["probes"])
    return ProbeSet(data["name"], probes, digest_of(data))


def cost(repetitions: int) -> Cost:
    """The most that taking one needs. Raises ``Misuse`` (``bad-repetitions``)."""
    check_repetitions(repetitions)
    each = sum(len(probe.prompt.encode()) + _AROUND + probe.tokens for probe in probe_set().probes)
    return Cost(requests=len(probe_set().probes) * repetitions, tokens=each * repetitions)


def check_repetitions(repetitions: int) -> None:
    """Raises ``Misuse`` (``bad-repetitions``)."""
    if not FEWEST <= repetitions <= MOST:
        raise Misuse("bad-repetitions", f"Ask each probe {FEWEST} to {MOST} times, not {repetitions}.")


def order(repetitions: int, seed: int) -> list[Probe]:
    """Every probe once, then every probe again, each round in another order: slow changes fall on all alike."""
    draw, found = random.Random(seed), []  # noqa: S311 - an order, no secret
    for _ in range(repetitions):
        rounded = list(probe_set().probes)
        draw.shuffle(rounded)
        found += rounded
    return found


def kept(text: str) -> str:
    """An answer as it is kept: no control characters, not longer than ``LONGEST_ANSWER``."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_ANSWER]


def normalised(text: str) -> str:
    """An answer as it is compared: NFC, runs of white space as one space."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def make(*, model: str, taken_at: datetime, answers: Mapping[str, Sequence[Observation]]) -> Fingerprint:
    """A fingerprint with its digest. Raises ``Misuse`` (``fingerprint-invalid``) if a probe has too few answers."""
    probes = probe_set()
    if answers.keys() != {probe.id for probe in probes.probes}:
        raise _invalid("it does not have answers to exactly the probes of this version")
    counts = {len(given) for given in answers.values()}
    if len(counts) != 1 or not FEWEST <= min(counts) <= MOST:
        raise _invalid(f"every probe needs the same number of answers, {FEWEST} to {MOST}")
    ordered = {probe.id: tuple(answers[probe.id]) for probe in probes.probes}
    return Fingerprint(probes.digest, model, taken_at, ordered, _pin(probes.digest, model, taken_at, ordered))


def to_json(fingerprint: Fingerprint) -> dict[str, Any]:
    """The form in which it is kept and travels."""
    return {"form": FORM, **plain(fingerprint)}


def read(data: bytes) -> Fingerprint:
    """The inverse of ``to_json``. Raises ``Misuse`` (``fingerprint-invalid``, ``other-probes``) naming the field."""
    if len(data) > LONGEST_FILE:
        raise _invalid(f"the file has {len(data):,} bytes; {LONGEST_FILE:,} are the most")
    found = from_json(data, "The fingerprint file")
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise _invalid(f"its 'form' is not {FORM!r}; make one with 'seatrial identity fingerprint'")
    if found.get("probes") != probe_set().digest:
        raise Misuse(
            "other-probes", "This fingerprint was taken with another probe set; take it again with this version."
        )
    answers = found.get("answers")
    if not isinstance(answers, dict):
        raise _invalid("'answers' must be an object with a list for each probe")
    read_answers = {probe: _answers(probe, given) for probe, given in answers.items()}
    made = make(
        model=_text(found, "model", 200), taken_at=parse_time(_text(found, "taken_at", 40)), answers=read_answers
    )
    if parse_digest(_text(found, "digest", 80)) != made.digest:
        raise _invalid("its digest does not fit its content; it was changed after it was taken")
    return made


def _pin(probes: Digest, model: str, taken_at: datetime, answers: Mapping[str, Sequence[Observation]]) -> Digest:
    return digest_of({"probes": probes, "model": model, "taken_at": iso(taken_at), "answers": plain(answers)})


def _answers(probe: str, given: object) -> list[Observation]:
    if not isinstance(given, list):
        raise _invalid(f"the answers to {probe!r} must be a list")
    return [_observation(probe, entry) for entry in given]


def _observation(probe: str, entry: object) -> Observation:
    if not isinstance(entry, dict):
        raise _invalid(f"an answer to {probe!r} is no object")
    text = entry.get("text")
    if not isinstance(text, str) or text != kept(text):
        raise _invalid(f"an answer to {probe!r} has no 'text', or one with control characters, or one too long")
    return Observation(
        text=text,
        finish=_text(entry, "finish", 40),
        prompt_tokens=_count(entry, "prompt_tokens"),
        answer_tokens=_count(entry, "answer_tokens"),
        first_tokens=_probabilities(probe, entry.get("first_tokens")),
        model=_text(entry, "model", 200),
        build=_text(entry, "build", 200),
    )


def _probabilities(probe: str, given: object) -> dict[str, float] | None:
    if given is None:
        return None
    fits = isinstance(given, dict) and len(given) <= 20
    if not fits or not all(
        isinstance(p, int | float) and not isinstance(p, bool) and 0 <= p <= 1 and t == kept(t)
        for t, p in given.items()  # type: ignore[attr-defined]
    ):
        raise _invalid(f"'first_tokens' of an answer to {probe!r} must give probabilities from 0 to 1")
    return {token: float(p) for token, p in given.items()}  # type: ignore[attr-defined]


def _text(entry: Mapping[str, Any], name: str, longest: int) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or len(value) > longest or _CONTROL.search(value):
        raise _invalid(f"{name!r} must be a text of at most {longest} characters")
    return value


def _count(entry: Mapping[str, Any], name: str) -> int | None:
    value = entry.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9):
        raise _invalid(f"{name!r} must be a count or null")
    return value


def _invalid(why: str) -> Misuse:
    return Misuse("fingerprint-invalid", f"This fingerprint cannot be used: {why}.")
