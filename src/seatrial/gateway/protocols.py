"""Which protocol a call speaks: in whose words a refusal is said, and which headers belong to it. Pure."""

from __future__ import annotations

import enum

from seatrial.gateway.call import Call


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


def says_nothing(call: Call) -> bool:
    """True if the query asks for nothing: there is none, or the one that Anthropic's client adds to name betas, which
    the header does. No query is passed on.
    """
    return not call.query or (call.query == "beta=true" and call.path.partition("/")[0] == "messages")
