"""Which headers pass, each way. Pure.

Towards the developer only a short list passes: an unknown header could widen what is asked, or carry the
caller's credentials. Back to the caller all pass but those of the connection, cookies, and any that would show the
developer's secret.
"""

from __future__ import annotations

import re

from seatrial.gateway.call import Headers
from seatrial.gateway.protocols import Shape
from seatrial.kernel.errors import Misuse

_FORWARDED = frozenset({"accept", "accept-language", "content-type", "idempotency-key", "user-agent"})
_FORWARDED_MESSAGES = _FORWARDED | {"anthropic-version", "anthropic-beta"}
_BETAS = frozenset(  # those that change how the consented model is asked or answers, and nothing else
    [
        "prompt-caching",
        "extended-cache-ttl",
        "token-counting",
        "thinking-token-count",
        "pdfs",
        "structured-outputs",
        "effort",
        "context-1m",
        "context-management",
        "compact",
        "model-context-window-exceeded",
        "task-budgets",
        "output-128k",
        "output-300k",
        "interleaved-thinking",
        "thinking-display-updates",
        "thinking-binding-controls",
        "mid-conversation-tool-changes",
        "computer-use",
        "token-efficient-tools",
        "fine-grained-tool-streaming",
    ]
)
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_KEPT_BACK = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "alt-svc", "server", "location"})

_NEVER_BACK = _HOP_BY_HOP | _KEPT_BACK


def bearer(headers: Headers) -> str:
    """The access key of a call, as ``Authorization: Bearer`` or as ``x-api-key``; "" if it brought none or two."""
    found = ""
    for name, value in headers.fields:
        if name == "authorization":
            scheme, _, key = value.partition(" ")
            key = key if scheme.lower() == "bearer" else ""
        elif name == "x-api-key":
            key = value
        else:
            continue
        if found or not key.strip():
            return ""
        found = key.strip()
    return found


def check_betas(headers: Headers) -> None:
    """Refuse a beta of Messages that no term of a consent covers: another model in the place of the consented one, code
    that the endpoint runs, other hosts that it asks, files that it keeps. Whatever is not known counts as such.

    Raises ``Misuse`` (``beta-not-passed``).
    """
    for name, value in headers.fields:
        if name != "anthropic-beta":
            continue
        for beta in filter(None, map(str.strip, value.split(","))):
            if _DATED.sub("", beta) not in _BETAS:
                raise Misuse(
                    "beta-not-passed",
                    f"The beta {beta[:60]!r} is not passed on, for no term of a consent covers what it opens; "
                    "leave it out. Passed are those of caching, thinking, context, length and tools that you run.",
                )


def upstream_headers(headers: Headers, credential: str, shape: Shape = Shape.OPENAI) -> list[tuple[str, str]]:
    """What goes to the developer's endpoint: the listed headers, its own credential in the header in which the caller's
    client sent its key, and no compression. A compressed answer could not be metered as it passes.
    """
    listed = _FORWARDED_MESSAGES if shape is Shape.ANTHROPIC else _FORWARDED
    passed = [field for field in headers.fields if field[0] in listed]
    passed.append(("accept-encoding", "identity"))
    if credential:
        as_key = headers.get("x-api-key") != ""
        passed.append(("x-api-key", credential) if as_key else ("authorization", f"Bearer {credential}"))
    return passed


def caller_headers(headers: Headers, credential: str) -> Headers:
    """What goes back to the caller."""
    said = headers.get("connection")
    named = {word.strip().lower() for word in said.split(",")} if said else set()
    kept_back = _NEVER_BACK | named if named else _NEVER_BACK
    found = [field for field in headers.fields if field[0] not in kept_back]
    return Headers([field for field in found if credential not in field[1]] if credential else found)
