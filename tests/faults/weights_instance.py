"""Makes an instance with a consent that names the weights in a folder, signed by both sides. SEATRIAL_HOME is set.

python weights_instance.py FOLDER KEYFILE
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare(folder: Path, key: Path) -> dict[str, str]:
    """The review's id, and tokens for a signatory of the developer and for the evaluator."""
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import Level
    from seatrial.kernel.recipients import new_private_key
    from seatrial.parties import api as parties
    from seatrial.parties.types import Role
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import AccessLevel
    from seatrial.review.identity import api as identity
    from simulators.staged_reviews import offered, terms

    call_command("migrate", verbosity=0)
    world = build_world()
    parties.add_person(
        by=world.operator,
        name="Tess",
        email="tess@lab.example",
        password="tess rows a long boat",
        level=Level.CONTROLLED,
        at=world.start,
        id="tess",
    )
    parties.give_role(by=world.operator, person="tess", organisation=world.lab, role=Role.SIGNATORY, at=world.start)
    parties.register_recipient_key(by=world.evaluator, pem=new_private_key(key).public.pem, at=now())
    review = offered(world, "A voyage of weights")
    artefact = identity.weigh(folder).digest
    levels = frozenset({AccessLevel.API, AccessLevel.WEIGHTS})
    consent = terms(frozenset({world.evaluator.person}), artefact=artefact, levels=levels)
    cases.sign_consent(by=world.signatory, review=review, terms=consent, at=now())
    for signer in (parties.actor("tess"), world.authority, world.authority2):
        cases.countersign_consent(by=signer, review=review, at=now())
    tokens = {name: parties.issue_token(by=getattr(world, name), at=now()) for name in ("signatory", "evaluator")}
    return {"review": review, **tokens}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(prepare(Path(sys.argv[1]), Path(sys.argv[2]))))
