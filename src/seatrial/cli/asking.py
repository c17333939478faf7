"""Who is asking. On the instance's own machine ``--as`` (or ``SEATRIAL_AS``) names a person by e-mail or id.

Whoever can run this command can read the database anyway: it is the operators' tool. People elsewhere
use the portal or the HTTP API with a personal token.
"""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.parties.types import Actor

As = Annotated[
    str,
    typer.Option("--as", envvar="SEATRIAL_AS", help="Who acts: an e-mail address or a person id.", show_default=False),
]


def acting(who: str) -> Actor:
    """The person named by ``--as``. Raises ``Misuse`` (``nobody-acts``) if nobody was named."""
    from seatrial.parties import api as parties  # not above: over HTTP the lab's commands never need a database

    if not who:
        raise Misuse("nobody-acts", "Say who acts: add --as EMAIL or set SEATRIAL_AS.")
    if who == "operator":
        return parties.operator()
    return parties.actor_by_email(who, now()) if "@" in who else parties.actor(who, now())
