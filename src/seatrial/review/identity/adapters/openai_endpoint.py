"""An endpoint of the OpenAI kind, asked with the stock client: the gateway, or a developer's own."""

from __future__ import annotations

import math
import time
from typing import Any

import openai

from seatrial.kernel.errors import Refused, Unavailable
from seatrial.review.identity.core.fingerprint import SEED, TOP, kept
from seatrial.review.identity.types import Observation, Probe

_BUSY = frozenset({429, 500, 502, 503, 504})
_WAITS = (0.5, 1.0, 2.0, 4.0)  # seconds before each further try
_LONGEST_NAME = 200


class OpenAIEndpoint:
    """See ``ports.Endpoint``. ``base_url`` ends in ``/v1``; ``purpose`` goes along for the gateway."""

    def __init__(self, base_url: str, key: str, *, purpose: str = "", timeout: float = 120.0) -> None:
        headers = {"X-Seatrial-Purpose": purpose} if purpose else {}
        self._client = openai.OpenAI(
            base_url=base_url, api_key=key or "none", max_retries=0, timeout=timeout, default_headers=headers
        )

    def ask(self, probe: Probe, *, model: str, probabilities: bool) -> Observation:
        said: dict[str, Any] = {} if probe.served else {"temperature": 0.0, "seed": SEED}
        if probabilities:
            said |= {"logprobs": True, "top_logprobs": TOP}
        asked = [{"role": "user", "content": probe.prompt}]
        for wait in (*_WAITS, None):
            try:
                answer = self._client.chat.completions.create(
                    model=model,
                    messages=asked,  # type: ignore[arg-type]
                    max_tokens=probe.tokens,
                    **said,
                )
                return _observation(answer)
            except openai.APIStatusError as error:
                if error.status_code not in _BUSY or wait is None:
                    raise _turned_away(error) from None
            except openai.OpenAIError as error:
                if wait is None:
                    raise Unavailable(
                        "endpoint-unavailable",
                        f"The endpoint gave no answer to the probe {probe.id!r} ({type(error).__name__}); "
                        "see that it is up, then take the fingerprint again.",
                    ) from None
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")


def _observation(answer: Any) -> Observation:
    """What is kept of an answer, whatever an endpoint left out of it."""
    try:
        choice = answer.choices[0]
        text = str(choice.message.content or "")
    except (AttributeError, IndexError, TypeError):
        raise Unavailable(
            "endpoint-unavailable", "The endpoint’s answer has no text; it must speak the OpenAI chat format."
        ) from None
    usage = getattr(answer, "usage", None)
    return Observation(
        text=kept(text),
        finish=_name(choice.finish_reason)[:40],
        prompt_tokens=_count(usage, "prompt_tokens"),
        answer_tokens=_count(usage, "completion_tokens"),
        first_tokens=_first_tokens(choice),
        model=_name(answer.model),
        build=_name(getattr(answer, "system_fingerprint", None)),
    )


def _first_tokens(choice: Any) -> dict[str, float] | None:
    """Probabilities of the likeliest first tokens, in thousandths: what differs less is noise of arithmetic.

    Tokens that are written alike count together: parts of a character, which no text can show, all look the same.
    """
    found: dict[str, float] = {}
    try:
        for entry in choice.logprobs.content[0].top_logprobs[:TOP]:
            token = kept(str(entry.token))
            found[token] = found.get(token, 0.0) + math.exp(min(0.0, float(entry.logprob)))
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return {token: round(min(1.0, share), 3) for token, share in found.items()} or None


def _name(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(c for c in kept(text) if c.isprintable())[:_LONGEST_NAME]


def _count(usage: object, name: str) -> int | None:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and 0 <= value < 10**9 else None


def _turned_away(error: openai.APIStatusError) -> Refused | Unavailable:
    """The gateway's own sentence where it says one."""
    try:
        body = error.response.json()
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    inner = body.get("error")
    detail = body.get("detail") or (inner.get("message") if isinstance(inner, dict) else "") or ""
    words = kept(str(detail))[:300] or f"it answered with status {error.status_code}"
    if error.status_code in _BUSY:
        return Unavailable("endpoint-unavailable", f"The endpoint is busy or down: {words}")
    return Refused("endpoint-refused", f"The question was turned away: {words}", status=error.status_code)
