"""What an operator's Prometheus may know of a gateway process: counts and times, no key, person, review or path."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from seatrial.kernel.errors import Unavailable
from seatrial.review.access.types import Settlement

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """Of one process. Counting is cheap; they are shown only where a port is given."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made = {"registry": self.registry, "namespace": "seatrial_gateway"}
        self._ended = Counter("exchanges", "Calls let through that have ended, by how.", ["ended"], **made)  # type: ignore[arg-type]
        self._refused = Counter("refusals", "Calls not let through, by why.", ["why"], **made)  # type: ignore[arg-type]
        self._bytes = Counter("answer_bytes", "Bytes of answers handed to callers.", **made)  # type: ignore[arg-type]
        self._tokens = Counter("tokens", "Tokens that endpoints reported or that were counted.", ["side"], **made)  # type: ignore[arg-type]
        self._first = Histogram(
            "first_byte_seconds",
            "From a call's arrival to its answer's first byte.",
            buckets=_SECONDS,
            **made,  # type: ignore[arg-type]
        )
        self._decided = Histogram(
            "decision_seconds",
            "From a call's arrival to the durable decision.",
            buckets=_SECONDS,
            **made,  # type: ignore[arg-type]
        )
        self._cut = Counter("unconfirmed", "Calls ended because their right could not be confirmed in time.", **made)  # type: ignore[arg-type]
        self._ends: dict[str, Callable[[], None]] = {}
        self._gauges = made

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A figure that is read when asked for."""
        Gauge(name, meaning, **self._gauges).set_function(read)  # type: ignore[arg-type]

    def decided(self, seconds: float) -> None:
        """A call was let through."""
        self._decided.observe(seconds)

    def refused(self, why: str) -> None:
        """A call was not."""
        self._refused.labels(why).inc()

    def ended(self, settlement: Settlement) -> None:
        """A call that was let through is over."""
        count = self._ends.get(settlement.ended)
        if count is None:
            count = self._ends[settlement.ended] = self._ended.labels(settlement.ended).inc
        count()
        self._bytes.inc(settlement.response_bytes)
        if settlement.first_byte_seconds is not None:
            self._first.observe(settlement.first_byte_seconds)
        for side, tokens in (("prompt", settlement.prompt_tokens), ("answer", settlement.completion_tokens)):
            if tokens:
                self._tokens.labels(side).inc(tokens)
        if settlement.ended == "access-unverified":
            self._cut.inc()

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Show them at ``/metrics`` until what is returned is called. Raises ``Unavailable`` (``port-in-use``)."""
        try:
            server, thread = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            raise Unavailable(
                "port-in-use",
                f"The gateway's metrics cannot be shown on port {port} of {host} ({error.strerror}); "
                "set SEATRIAL_GATEWAY_METRICS_PORT to a free one, or to 0.",
            ) from error

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop
