"""Everybody asks for everything: what an answer holds that its asker may not see is a leak.

    python -m benchmarks.canary_sweep [--quick]

A world is made from a seed through the doors of the rooms, in an instance of its own: developers, bodies, partners,
oversight and the clearinghouse, people of every role, and things of every kind at every stage. Each free text of each
thing is a string that stands nowhere else. An oracle, written from V10, V13, V14 and V19 alone, says who may see it.
Then each person, somebody without an account and somebody who was given links ask for every page, route, feed and
export, also with ids that fit nothing and bodies that say nothing; files are opened; mails, webhooks and the log are
read. What asking changed is undone. Six figures:

    probes   requests whose answers were searched, and what left by other ways
    leaks    strings in the hands of somebody who may not have them; secrets shown a second time
    tells    answers about what must not be seen to exist that differ from answers about nothing (V10)
    blind    strings about a developer that its label lets it read and that no page or route showed it (V13)
    alone    answers to others that change with what a lab does alone and gives up (V10)
    faults   labels that were broken on purpose and found by the same sweep

Exits 1 unless every bar holds. ``--quick`` takes a smaller fleet and the persons of each kind. One JSON line last.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLAIM = (
    "nobody is shown what its label, its review's state or its owner keeps from them, by any page, route, feed, "
    "export, mail, webhook or log line; nobody can tell that it exists; and a developer finds all that is about itself"
)
PROBES, ORGANISATIONS, PEOPLE, OBJECTS = 20_000, 10, 40, 200
QUICK_PROBES = 1_500
SHOWN = 20  # findings of each kind, printed one by one


def progress(what: str) -> Callable[[int, int], None]:
    """Tells how far ``what`` is and how long the rest will take."""
    started = time.monotonic()

    def tell(done: int, of: int) -> None:
        left = (time.monotonic() - started) / done * (of - done)
        print(f"{what}: {done} of {of}, about {left:.0f} s to go", flush=True)

    return tell


def set_up(home: str) -> None:
    """An instance of its own, whose mails stay in memory; what is asked of it is undone each time."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    os.environ |= {"SEATRIAL_HOME": home, "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
    os.environ["SEATRIAL_SECRET_KEY"] = "a sweep only, a sweep only, a sweep only, a sweep only"
    os.environ.pop("SEATRIAL_DATABASE_URL", None)
    import django
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    from django.core.management import call_command

    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def sweep(quick: bool) -> dict[str, Any]:
    from simulators.canaries import addresses, alone, faults, world
    from simulators.canaries.cast import KINDS
    from simulators.canaries.cast import PEOPLE as EVERYBODY
    from simulators.canaries.sent import everything_sent
    from simulators.canaries.sweep import Sweep

    started = time.monotonic()
    made = world.make(fleet=world.SMALL_FLEET if quick else world.FLEET)
    atlas = addresses.chart(made)
    personas = [who for who in made.personas if not quick or who.key in world.A_FEW]
    took = time.monotonic() - started
    print(f"a world of {made.objects} objects and {len(made.book.planted):,} strings, made in {took:.0f} s", flush=True)
    looking = Sweep(made, atlas.addresses)
    result = looking.run(personas, progress("personas"))
    for what, text in everything_sent(made):
        looking.searched(what, text)
    # What is planted from here on is undone again. In the quick form not everybody who might see something was asked.
    unseen = [] if quick else result.unseen(made)
    others, differ = alone.compare(
        made, [who for who in personas if not quick or who.key in world.OTHERS], atlas.addresses
    )
    missed, tell = [], progress("planted faults")
    for number, fault in enumerate(faults.FAULTS):
        if not faults.finds(made, fault, atlas.addresses):
            missed.append(fault.name)
        tell(number + 1, len(faults.FAULTS))
    for kind, found in (("leak", result.leaks), ("tell", result.tells), ("error", result.defects), ("alone", differ)):
        for finding in found[:SHOWN]:
            print(f"{kind}: {finding}")
    for canary, many in Counter((one.what, one.voyage or one.developer) for one in unseen).most_common(SHOWN):
        print(f"blind: {many} of {' of '.join(canary)}")
    for name in missed:
        print(f"missed: {name}")
    return {
        "figures": {
            "probes": result.probes + others,
            "organisations": len(KINDS),
            "people": len(EVERYBODY),
            "objects": made.objects,
            "leaks": len(result.leaks),
            "tells": len(result.tells),
            "errors": len(result.defects),
            "blind": len(unseen),
            "alone": len(differ),
            "unfilled": len(atlas.unfilled),
            "faults": len(faults.FAULTS) - len(missed),
        },
        "planted": len(faults.FAULTS),
        "strings": len(made.book.planted),
        "personas": len(personas),
        "routes": len(result.routes),
        "seconds": round(time.monotonic() - started),
    }


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="seatrial-canaries-") as home:
        set_up(home)
        found = sweep(quick)
    figures = found.pop("figures")
    least = {"probes": QUICK_PROBES if quick else PROBES, "organisations": ORGANISATIONS, "people": PEOPLE}
    least |= {"objects": 0 if quick else OBJECTS, "faults": found["planted"]}
    bars = {
        name: {
            "asked": least.get(name, 0),
            "measured": measured,
            "holds": measured >= least[name] if name in least else measured == 0,
        }
        for name, measured in figures.items()
    }
    print(json.dumps({"claim": CLAIM, "bars": bars, "quick": quick, **found}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
