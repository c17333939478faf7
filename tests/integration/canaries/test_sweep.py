"""A small world of canaries: no leak, nothing told apart, every address filled; and each broken label is noticed.

The whole fleet is ``benchmarks/canary_sweep.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from simulators.canaries import addresses, alone, faults, world
from simulators.canaries.sent import everything_sent
from simulators.canaries.sweep import Sweep

PEOPLE = ("gwen", "ina", "nil-body", "pia", "nobody")


@pytest.mark.slow
def test_nobody_is_shown_what_is_not_theirs_and_each_broken_label_is_found(db: None, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made = world.make(fleet=world.SMALL_FLEET)
    atlas = addresses.chart(made)
    assert atlas.unfilled == set(), "a new parameter: say in addresses.py what to put there"
    sweep = Sweep(made, atlas.addresses)
    result = sweep.run(who for who in made.personas if who.key in PEOPLE)
    for what, text in everything_sent(made):
        sweep.searched(what, text)
    assert list(map(str, result.leaks)) == []
    assert list(map(str, result.tells)) == []
    assert list(map(str, result.defects)) == []
    _, differ = alone.compare(made, [who for who in made.personas if who.key in ("riva", "ina")], atlas.addresses)
    assert list(map(str, differ)) == []
    missed = [fault.name for fault in faults.FAULTS if not faults.finds(made, fault, atlas.addresses)]
    assert missed == []
    assert len(faults.FAULTS) >= 10
