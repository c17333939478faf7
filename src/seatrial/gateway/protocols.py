"""Which protocol a call speaks: in whose words a refusal is said, and which headers belong to it. Pure."""

from __future__ import annotations

import enum
import json
import re

from seatrial.gateway.call import Call
from seatrial.kernel.clock import iso
from seatrial.review.access.types import Models

_PAGE = re.compile(r"limit=\d{1,4}", re.ASCII)
_NO_ENDS = {"first_id": None, "last_id": None}


class Shape(enum.Enum):
    """The form of errors and of the last event of a stream."""

    OPENAI = "openai"  # Chat Completions, Completions, Embeddings, Models; also whatever cannot be told
    RESPONSES = "responses"  # OpenAI's Responses: its events have types of their own
    ANTHROPIC = "anthropic"  # Messages; and Models, if asked with ``anthropic-version``


def shape_of(call: Call) -> Shape:
    """Told by the path; a model is looked up alike in both worlds, so there the version header tells."""
    first = call.path.partition("/")[0]
    if first == "messages" or (first == "models" and call.headers.get("anthropic-version")):
        return Shape.ANTHROPIC
    return Shape.RESPONSES if first == "responses" else Shape.OPENAI


def generates(call: Call) -> bool:
    """False if a call takes no tokens, whatever use its answer reports: that is of the call that made it."""
    return call.method not in ("GET", "DELETE") and not (
        call.path.startswith("responses/") and call.path.endswith("/cancel")
    )


def says_nothing(call: Call) -> bool:
    """True if the query asks for nothing: there is none, or the one that Anthropic's client adds to name betas, which
    the header does; or it says how long a page of models may be, and they are always few. No query is passed on.
    """
    if not call.query:
        return True
    if call.path == "models":
        return _PAGE.fullmatch(call.query) is not None
    return call.query == "beta=true" and call.path.partition("/")[0] == "messages"


def models_body(models: Models, shape: Shape) -> bytes:
    """The list of models as the protocol's own clients read it."""
    if shape is Shape.ANTHROPIC:
        since = iso(models.since)
        listed = [{"type": "model", "id": name, "display_name": name, "created_at": since} for name in models.names]
        ends = {"first_id": models.names[0], "last_id": models.names[-1]} if models.names else _NO_ENDS
        return json.dumps({"data": listed, "has_more": False, **ends}).encode()
    created = int(models.since.timestamp())
    data = [{"id": name, "object": "model", "created": created, "owned_by": models.owner} for name in models.names]
    return json.dumps({"object": "list", "data": data}).encode()
