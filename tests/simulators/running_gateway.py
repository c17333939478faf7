"""The gateway itself on a free port of loopback, in a thread of its own, over the database of the test."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openai

from seatrial.gateway.certificates import Certificates
from seatrial.gateway.door import DatabaseDoor, Door
from seatrial.gateway.keeping import Keeper
from seatrial.gateway.limits import LIMITS, Limits
from seatrial.gateway.listening import bind
from seatrial.gateway.main import run
from seatrial.gateway.metrics import Metrics


@dataclass
class RunningGateway:
    """``door`` is made in the gateway's thread; ``port`` 0 takes a free one."""

    limits: Limits = LIMITS
    door: Callable[[], Door] = DatabaseDoor
    port: int = 0
    certificates: Certificates | None = None
    endpoints: ssl.SSLContext | None = None
    spool: Path | None = None
    metrics: Metrics = field(default_factory=Metrics)
    keeper: Callable[[], Keeper] | None = None

    def __enter__(self) -> RunningGateway:
        listening = bind("127.0.0.1", self.port)
        self.port = listening.getsockname()[1]
        up = threading.Event()
        self.fault: BaseException | None = None

        def body() -> None:
            async def main() -> None:
                self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
                await run(
                    listening,
                    self.door(),
                    self.limits,
                    certificates=self.certificates,
                    endpoints=self.endpoints,
                    spool=self.spool,
                    metrics=self.metrics,
                    keeper=self.keeper() if self.keeper is not None else None,
                    stop=self._stop,
                    ready=up.set,
                )

            try:
                _run(main())
            except BaseException as error:
                self.fault = error
                logging.getLogger("seatrial.gateway").exception("the gateway under test ended")
            finally:
                up.set()

        self._thread = threading.Thread(target=body, daemon=True)
        self._thread.start()
        assert up.wait(10)
        assert self.fault is None, self.fault
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert self.fault is None, self.fault

    @property
    def url(self) -> str:
        scheme = "http" if self.certificates is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    def client(self, key: str, **options: Any) -> openai.OpenAI:
        """The stock client; it retries nothing unless told to."""
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, **{"max_retries": 0, "timeout": 20, **options})


def limits(**changes: Any) -> Limits:
    return replace(LIMITS, **changes)


def _run(work: Any) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
