"""The developer's commands, all of them through the client: over HTTP with SEATRIAL_URL, else inside this process."""

from __future__ import annotations

from . import (
    consent,
    desk,
    determination,
    dossier,
    ending,
    handing,
    identity,
    notices,
    partners,
    people,
    planning,
    record,
    talking,
    watching,
)
from .connection import new_group, ready

app = new_group(
    "Developer: plan a release, consent to access, see every use, end it.\n\n"
    "With SEATRIAL_URL and SEATRIAL_TOKEN set, every command goes over HTTP to that instance; without, it works on the "
    "one in SEATRIAL_HOME. In a pipeline set SEATRIAL_IDEMPOTENCY_KEY to the pipeline's id and step: a step that runs "
    "again then acts once. Nothing here waits for the review body, since nothing of yours depends on it.",
    callback=ready,
)
_FIRST = planning, desk, dossier, identity, consent, partners, watching
_THEN = notices, handing, talking, determination, ending, record, people
for topic in (*_FIRST, *_THEN):
    topic.add_to(app)
