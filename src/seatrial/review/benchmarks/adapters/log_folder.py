"""The logs that Inspect leaves of a campaign: complete, and sealed once the campaign on a sealed suite has ended.

A log holds the items' content. While a campaign runs it lies in a folder of mode 0700; when it has ended, a sealed
suite's logs are sealed for its custodians, each of whom opens them alone (``open_logs``), for ``inspect view``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.kernel.envelope import open_stream, seal
from seatrial.kernel.errors import NotFound, Unavailable
from seatrial.kernel.folders import flush
from seatrial.kernel.recipients import PrivateKey, RecipientKey

SEALED = ".sealed"


def seal_logs(folder: Path, recipients: Sequence[RecipientKey], *, context: Mapping[str, str]) -> int:
    """Seal each log in ``folder`` and remove the open one, once the sealed one is durable; how many were sealed.

    ``context`` gets each log's name as one more member. Raises ``Unavailable`` (``logs-not-sealed``).
    """
    done = 0
    try:
        for log in sorted(folder.glob("*.eval")):
            draft = log.with_name(log.name + ".draft")
            with log.open("rb") as source, os.fdopen(os.open(draft, _NEW, 0o600), "wb") as to:
                seal(source, to, context={**context, "log": log.name}, recipients=recipients)
                to.flush()
                os.fsync(to.fileno())
            draft.replace(log.with_name(log.name + SEALED))
            flush(folder)
            log.unlink()
            done += 1
    except OSError as error:
        raise Unavailable(
            "logs-not-sealed", f"The logs in {folder} could not be sealed ({error.strerror}); free or mend it."
        ) from error
    return done


def open_logs(folder: Path, to: Path, key: PrivateKey, *, context: Mapping[str, str]) -> tuple[Path, ...]:
    """The logs in ``folder``, open in ``to``: sealed ones opened with ``key``, others copied.

    Raises ``NotFound`` (``no-logs``), ``Misuse`` (``not-a-recipient``, ``sealed-broken``), ``Unavailable``.
    """
    logs = sorted([*folder.glob("*.eval"), *folder.glob(f"*.eval{SEALED}")])
    if not logs:
        raise NotFound("no-logs", "There are no logs of this campaign here: it has not run, or ran elsewhere.")
    made = []
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        for log in logs:
            name = log.name.removesuffix(SEALED)
            with log.open("rb") as source, os.fdopen(os.open(to / name, _NEW, 0o600), "wb") as plain:
                if log.name.endswith(SEALED):
                    for piece in open_stream(source, key=key, context={**context, "log": name}):
                        plain.write(piece)
                else:
                    shutil.copyfileobj(source, plain)
            made.append(to / name)
    except OSError as error:
        raise Unavailable(
            "logs-not-opened", f"The logs could not be written to {to} ({error.strerror}); free or mend it."
        ) from error
    return tuple(made)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
