"""What an evaluator does with a key: ordinary calls with the OpenAI client, through the gateway."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import openai


def client(gateway: str, key: str) -> openai.OpenAI:
    """The stock client, pointed at the gateway; it retries nothing, so that a refusal is seen as it is."""
    return openai.OpenAI(base_url=f"{gateway}/v1", api_key=key, max_retries=0, timeout=60)


def ask(gateway: str, key: str, model: str, question: str, tokens: int = 48) -> str:
    """One plain completion."""
    answer = client(gateway, key).chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], max_tokens=tokens
    )
    return (answer.choices[0].message.content or "").strip()


def refusal(gateway: str, key: str, model: str) -> tuple[int, str]:
    """The status and sentence of a call that should be refused; (200, "") if it was let through."""
    try:
        ask(gateway, key, model, "Are you still there?", tokens=4)
    except openai.APIStatusError as error:
        body = error.response.json()
        return error.status_code, str(body.get("detail") or body.get("error", {}).get("message", ""))
    return 200, ""


@dataclass
class Stream:
    """A streamed answer being read in a thread; ``ended`` is when its last byte came."""

    chunks: int = 0
    ended: float | None = None
    error: str = ""

    def start(self, gateway: str, key: str, model: str) -> threading.Thread:
        """Begin to read a long answer."""

        def read() -> None:
            try:
                answer = client(gateway, key).chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": "Count slowly and never stop."}],
                    max_tokens=600,
                    stream=True,
                )
                for _ in answer:
                    self.chunks += 1
            except openai.OpenAIError as error:
                self.error = str(error)
            except Exception as error:
                self.error = f"{type(error).__name__}: {error}"
            self.ended = time.monotonic()

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread
