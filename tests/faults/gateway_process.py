"""A gateway in a process of its own over a database of its own, so that a test can kill it.

python gateway_process.py prepare UPSTREAM [KEYFILE] | kept REVIEW KEYFILE | serve | report REVIEW | withdraw REVIEW
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
sys.path.insert(0, str(Path(__file__).parent.parent))


def prepare(upstream: str, own_key: str = "") -> None:
    """With ``own_key`` (a file) the consent has bodies kept for the security officer, whose key that is."""
    from django.core.management import call_command

    from conftest import build_world
    from seatrial.kernel.clock import now
    from seatrial.kernel.recipients import new_private_key
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import Budget, Keeping
    from simulators.staged_reviews import CAPABILITY, draft, terms

    call_command("migrate", verbosity=0)
    world = build_world()
    review = draft(world, "A voyage under fire")
    cases.offer(by=world.governance, review=review, at=now())
    keeping = None
    if own_key:
        key = new_private_key(Path(own_key)).public
        parties.register_recipient_key(by=world.security, pem=key.pem, at=now())
        keeping = Keeping((key.id,), 1)
    consent = terms(
        frozenset({world.evaluator.person}),
        upstream=upstream,
        budget=Budget(requests=10_000, tokens=100_000_000, concurrency=500),
        keeping=keeping,
    )
    cases.sign_consent(by=world.signatory, review=review, terms=consent, at=now())
    issued = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    print(json.dumps([review, issued.secret]))


def serve() -> None:
    from django.conf import settings

    from seatrial.gateway.main import serve as serve_gateway

    sys.exit(serve_gateway(settings.SEATRIAL))


def report(review: str) -> None:
    from dataclasses import asdict

    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    sam, key = parties.actor("sam"), ledger.public_key()
    uses = access.exchanges(sam, review, limit=1000)
    proofs = [access.receipt(sam, view.id, now()) for view in uses if view.index is not None]
    print(
        json.dumps(
            {
                "ended": [view.ended for view in uses],
                "usage": asdict(access.usage(sam, review)),
                "proven": len({access.verify_receipt(made, key).facts["id"] for made in proofs}),
                "fault": ledger.audit().fault,
            }
        )
    )


def kept(review: str, own_key: str) -> None:
    """Of each use: how it ended, and of each body whether its file is whole, as recorded, and the digest of what it
    opens as (``None`` if it does not open).
    """
    from seatrial.kernel.digests import digest
    from seatrial.kernel.envelope import open_stream, read_header
    from seatrial.kernel.errors import SeatrialError
    from seatrial.kernel.recipients import private_key
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    sam, key, said = parties.actor("sam"), private_key(Path(own_key)), []
    for view in access.exchanges(sam, review, limit=1000):
        bodies = {}
        for body in view.bodies:
            found, opens = None, None
            try:
                with access.body(sam, review, view.id, body.side)[1] as file:
                    found = digest(file.read())
                    file.seek(0)
                    context = read_header(file).context
                    file.seek(0)
                    opens = digest(b"".join(bytes(piece) for piece in open_stream(file, key=key, context=context)))
            except SeatrialError:
                pass
            bodies[body.side] = {"whole": body.whole, "as_recorded": found == body.digest, "opens": opens}
        said.append([view.ended, view.request_digest, view.response_digest, bodies])
    print(json.dumps(said))


def withdraw(review: str) -> None:
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.cases import api as cases

    cases.withdraw(by=parties.actor("sam"), review=review, at=now())
    print("{}")


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "serve": serve, "report": report, "kept": kept, "withdraw": withdraw}[sys.argv[1]](
        *sys.argv[2:]
    )
