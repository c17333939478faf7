"""Whether two fingerprints come from one endpoint: a permutation test with a stated rate of false alarms.

1. *Distance of two answers* to one probe, 0 to 1. 1 if the endpoint counted another number of tokens for the very
   same question (another tokeniser, or another text put before it). Else by the words that the answers share from
   the start; where both sides hold probabilities of the first token, the mean of that and their total variation.
2. *Shift of a probe*: the energy distance of its two sets of answers (Székely and Rizzo 2013),
   2·E d(X,Y) − E d(X,X′) − E d(Y,Y′) over all pairs of different answers, halved: about 0 if they scatter alike, 1 if
   each side always says one thing and never the other's.
3. *Test*: if both came from one endpoint whose answers scatter independently, which answer stands on which side is
   chance. Each probe's shift is divided by its spread under relabelling; the squares of the positive quotients are
   summed, and p is the share of relabellings that reach the sum (Phipson and Smyth 2010: (1 + reached) / (1 + drawn)).
   Exact at every size.
4. *Decision*: ``differs`` if p ≤ alpha. ``same`` only if p > 10·alpha and the same test, on answers drawn again from
   these, finds a change of ``NOTICED`` probes at least ``POWER`` of the time. ``cannot-tell`` otherwise.

The draws are seeded by the two digests: who has both files gets the same figures.

What this cannot see: a change that moves no answer to these probes. What can look like a change and be none: an
endpoint whose scatter itself differs from day to day, e.g. other hardware behind it. "Differs" says that it
behaves otherwise, not why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.types import Comparison, Fingerprint, Observation, ProbeShift, Sameness

from .fingerprint import normalised

ALPHA = 0.01  # the stated rate of false alarms
POWER = 0.9  # how surely a change of NOTICED probes must be found before "same" is said
NOTICED = 3
DRAWS = 1999
TOLERANCE = 0.02  # total variation of first tokens below which two answers count as alike
_TRIALS = 60  # simulated changes
_TRIAL_DRAWS = 199

Floats = NDArray[np.float64]


def compare(reference: Fingerprint, later: Fingerprint, *, alpha: float = ALPHA) -> Comparison:
    """Raises ``Misuse`` (``other-probes``) if they answer different questions."""
    if reference.probes != later.probes:
        raise Misuse("other-probes", "These two fingerprints were taken with different probe sets; take one again.")
    ids = list(reference.answers)
    first = _has_probabilities(reference) and _has_probabilities(later)
    distances = [_distances([*reference.answers[i], *later.answers[i]], first) for i in ids]
    many = len(reference.answers[ids[0]])
    draw = np.random.default_rng(int(digest_of([reference.digest, later.digest])[7:23], 16))
    shifts, relabelled = _shifts(distances, many, DRAWS, draw)
    spread = relabelled.std(axis=1)
    p = _p(_sum(shifts, spread), _sum(relabelled, spread))
    each = _holm([_p(shift, drawn) for shift, drawn in zip(shifts, relabelled, strict=True)])
    power = _power(distances, many, alpha, draw)
    word = decide(p, power, alpha)
    rows = tuple(
        ProbeShift(
            probe=i,
            shift=round(float(max(0.0, shift)), 4),
            p=round(p_each, 5),
            differs=word is Sameness.DIFFERS and (p_each <= alpha or _nothing_shared(reference, later, i, first)),
            reference=commonest(reference.answers[i]),
            later=commonest(later.answers[i]),
        )
        for i, shift, p_each in zip(ids, shifts, each, strict=True)
    )
    return Comparison(
        word=word,
        p=round(p, 5),
        power=round(power, 3),
        noticed=NOTICED,
        alpha=alpha,
        reference=reference.digest,
        later=later.digest,
        used_probabilities=first,
        shifts=rows,
        sentence=sentence(word, p, power, alpha, sum(row.differs for row in rows), len(rows)),
    )


def decide(p: float, power: float, alpha: float) -> Sameness:
    """See the fourth rule above."""
    if p <= alpha:
        return Sameness.DIFFERS
    return Sameness.SAME if p > 10 * alpha and power >= POWER else Sameness.CANNOT_TELL


def sentence(word: Sameness, p: float, power: float, alpha: float, differing: int, probes: int) -> str:
    """What was found, for people."""
    if word is Sameness.DIFFERS:
        which = f"{differing} of {probes} probes stand out" if differing else "no single probe stands out"
        return (
            f"It answers differently: {which}. An unchanged endpoint would look so at most "
            f"in {100 * alpha:g}% of comparisons (p = {p:.4f})."
        )
    if word is Sameness.SAME:
        return (
            f"No difference was found (p = {p:.2f}); of simulated changes of {NOTICED} of {probes} probes’ answers "
            f"the same test found {100 * power:.0f}%."
        )
    if power < POWER:
        return (
            f"It cannot be told: the answers scatter so much that of simulated changes of {NOTICED} of {probes} "
            f"probes’ answers only {100 * power:.0f}% were found. Take both again with more repetitions."
        )
    return f"It cannot be told: the difference is unusual (p = {p:.3f}) but not beyond chance. Take it once more."


def commonest(answers: Sequence[Observation]) -> str:
    """The answer given most often, the first of equals."""
    return Counter(normalised(answer.text) for answer in answers).most_common(1)[0][0]


def distance(one: Observation, other: Observation, first: bool) -> float:
    """See the first rule above."""
    if one.prompt_tokens is not None and other.prompt_tokens is not None and one.prompt_tokens != other.prompt_tokens:
        return 1.0
    said = _apart(normalised(one.text).split(" "), normalised(other.text).split(" "))
    if not first or one.first_tokens is None or other.first_tokens is None:
        return said
    variation = _variation(one.first_tokens, other.first_tokens)
    return (said + (variation if variation > TOLERANCE else 0.0)) / 2


def _apart(one: Sequence[str], other: Sequence[str]) -> float:
    longest = max(len(one), len(other))
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return 1.0 - shared / longest


def _variation(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Total variation of two first tokens; what is not listed counts as one further token."""
    tokens = one.keys() | other.keys()
    rest = abs(sum(one.values()) - sum(other.values()))
    return min(1.0, (sum(abs(one.get(t, 0.0) - other.get(t, 0.0)) for t in tokens) + rest) / 2)


def _distances(answers: Sequence[Observation], first: bool) -> Floats:
    size = len(answers)
    found = np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            found[i, j] = found[j, i] = distance(answers[i], answers[j], first)
    return found


def _shifts(distances: Sequence[Floats], many: int, draws: int, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Each probe's shift as it is, and under ``draws`` relabellings (probes by draws)."""
    size = len(distances[0])
    sides = np.zeros((draws + 1, size))
    sides[0, :many] = 1.0
    found = np.empty((len(distances), draws + 1))
    for place, table in enumerate(distances):
        keys = draw.random((draws, size)).argpartition(many - 1, axis=1)[:, :many]
        sides[1:] = 0.0
        np.put_along_axis(sides[1:], keys, 1.0, axis=1)
        found[place] = _energy(table, sides, many)
    return found[:, 0], found[:, 1:]


def _energy(table: Floats, sides: Floats, many: int) -> Floats:
    """The halved energy distance for each row of ``sides`` (1: the reference's, 0: the later one's)."""
    others = 1.0 - sides
    towards = sides @ table
    within, across = (towards * sides).sum(axis=1), (towards * others).sum(axis=1)
    rest = table.sum() - within - 2 * across
    fewer = sides.shape[1] - many
    found: Floats = across / (many * fewer) - within / (2 * many * (many - 1)) - rest / (2 * fewer * (fewer - 1))
    return found


def _sum(shifts: Floats, spread: Floats) -> Floats:
    """The statistic; a probe whose answers are all alike says nothing. Squares: a few probes that moved far count."""
    told = spread > 1e-12
    weights = np.where(told, 1.0 / np.where(told, spread, 1.0), 0.0)
    found: Floats = (np.maximum(shifts.T * weights, 0.0) ** 2).sum(axis=-1)
    return found


def _p(seen: Floats | float, drawn: Floats) -> float:
    return float((1 + np.count_nonzero(drawn >= np.asarray(seen) - 1e-9)) / (1 + drawn.size))


def _holm(values: Sequence[float]) -> list[float]:
    """Holm's correction (1979), in the given order."""
    places = sorted(range(len(values)), key=values.__getitem__)
    found, reached = [0.0] * len(values), 0.0
    for rank, place in enumerate(places):
        reached = max(reached, min(1.0, values[place] * (len(values) - rank)))
        found[place] = reached
    return found


def _power(distances: Sequence[Floats], many: int, alpha: float, draw: np.random.Generator) -> float:
    """How often the test finds that ``NOTICED`` probes answer otherwise, on answers drawn again from all of these."""
    size, found = len(distances[0]), 0
    draws = max(_TRIAL_DRAWS, int(np.ceil(1 / alpha)) - 1)
    for _ in range(_TRIALS):
        changed = set(draw.choice(len(distances), size=min(NOTICED, len(distances)), replace=False).tolist())
        again = []
        for place, table in enumerate(distances):
            picked = draw.integers(size, size=size)
            drawn = table[np.ix_(picked, picked)]
            if place in changed:
                drawn = drawn.copy()
                drawn[:many, many:] = drawn[many:, :many] = 1.0
            again.append(drawn)
        shifts, relabelled = _shifts(again, many, draws, draw)
        spread = relabelled.std(axis=1)
        found += _p(_sum(shifts, spread), _sum(relabelled, spread)) <= alpha
    return found / _TRIALS


def _nothing_shared(reference: Fingerprint, later: Fingerprint, probe: str, first: bool) -> bool:
    """No answer of one side is near any answer of the other."""
    return all(distance(one, other, first) >= 0.5 for one in reference.answers[probe] for other in later.answers[probe])


def _has_probabilities(fingerprint: Fingerprint) -> bool:
    return all(answer.first_tokens is not None for given in fingerprint.answers.values() for answer in given)
