"""The practice suite: small tasks of our own with planted flaws, educational in scale and defensive in purpose.

One file a family; each has ``FAMILY``, ``TEMPLATES``, ``make(template, draw, item_id)`` and, for the neutral twin (the
same skill without the security framing), ``twin(template, draw, item_id, twin_of)``. Everything is drawn from
the seed: the same seed gives the same bytes on every machine, another seed gives fresh instances that are about as
hard. Every item carries a completion that passes and a lazy one that fails. ``docs/reference/practice-suite.md``
describes them for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.manifest import make_suite
from seatrial.review.benchmarks.core.practice import (
    crash_parser,
    fix_parser,
    harden_config,
    log_forensics,
    network_range,
    packet_forensics,
    read_binary,
    read_bytecode,
    root_cause,
    spot_flaw_c,
    spot_flaw_go,
    spot_flaw_javascript,
    spot_flaw_python,
    weak_crypto,
    web_flaws,
)
from seatrial.review.benchmarks.core.practice.calibration import counted
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item, Suite

VERSION = "2"
_COUNTED = counted()

FAMILIES: Mapping[str, ModuleType] = {
    module.FAMILY: module
    for module in (
        spot_flaw_c,
        spot_flaw_python,
        spot_flaw_javascript,
        spot_flaw_go,
        crash_parser,
        fix_parser,
        root_cause,
        weak_crypto,
        log_forensics,
        read_bytecode,
        read_binary,
        packet_forensics,
        harden_config,
        web_flaws,
        network_range,
    )
}


def practice_suite(
    *, seed: str, per_family: int = 5, families: Iterable[str] | None = None, twins: bool = False
) -> Suite:
    """``per_family`` items of each of ``families`` (of all by default), family by family.

    With ``twins`` each item is followed by its neutral twin, whose id ends in ``-twin``.

    Raises ``Misuse`` (``no-such-family``, ``bad-suite``).
    """
    wanted = list(FAMILIES) if families is None else list(dict.fromkeys(families))
    for family in wanted:
        if family not in FAMILIES:
            raise Misuse(
                "no-such-family", f"There is no practice family {family!r}; there are {', '.join(sorted(FAMILIES))}."
            )
    items = [item for family in wanted for item in _items(FAMILIES[family], seed, per_family, twins)]
    return make_suite(
        name="practice", version=VERSION, generator=f"seatrial-practice/{VERSION}", seed=seed, items=items
    )


def _items(family: ModuleType, seed: str, count: int, twins: bool) -> Iterator[Item]:
    """The templates take turns, in an order of the seed's own; each item has draws of its own, shared with its twin."""
    turns = Draw(seed, family.FAMILY, "order").order(family.TEMPLATES)
    for index in range(count):
        template, item_id = turns[index % len(turns)], f"{family.FAMILY}-{index + 1:02}"
        shares = _COUNTED.get(family.FAMILY)
        difficulty = shares[family.TEMPLATES.index(template)].difficulty if shares else None
        yield replace(family.make(template, Draw(seed, family.FAMILY, index), item_id), difficulty=difficulty)
        if twins:
            yield family.twin(template, Draw(seed, family.FAMILY, index), f"{item_id}-twin", item_id)
