"""What an operator's Prometheus may know of a gateway process: counts and times, no key, person, review or path."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Gauge, start_http_server
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from seatrial.kernel.errors import Unavailable
from seatrial.review.access.types import Settlement

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_NAMES = "seatrial_gateway"


class Metrics:
    """Of one process. They are counted in the loop's thread by plain additions, and written out when asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ended: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._bytes = self._prompt = self._answer = 0
        self._first, self._decided = _Times(), _Times()
        self.registry.register(self)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A figure that is read when asked for."""
        Gauge(name, meaning, namespace=_NAMES, registry=self.registry).set_function(read)

    def decided(self, seconds: float) -> None:
        """A call was let through."""
        self._decided.add(seconds)

    def refused(self, why: str) -> None:
        """A call was not."""
        self._refused[why] += 1

    def ended(self, settlement: Settlement) -> None:
        """A call that was let through is over."""
        self._ended[settlement.ended] += 1
        self._bytes += settlement.response_bytes
        self._prompt += settlement.prompt_tokens or 0
        self._answer += settlement.completion_tokens or 0
        if settlement.first_byte_seconds is not None:
            self._first.add(settlement.first_byte_seconds)

    def collect(self) -> Iterator[Metric]:
        """For the registry: everything that was counted."""
        for name, meaning, label, counted in (
            ("exchanges", "Calls let through that have ended, by how.", "ended", self._ended),
            ("refusals", "Calls not let through, by why.", "why", self._refused),
            (
                "tokens",
                "Tokens that endpoints reported or that were counted.",
                "side",
                {"prompt": self._prompt, "answer": self._answer},
            ),
        ):
            family = CounterMetricFamily(f"{_NAMES}_{name}", meaning, labels=[label])
            for word, count in dict(counted).items():
                family.add_metric([word], count)
            yield family
        yield CounterMetricFamily(f"{_NAMES}_answer_bytes", "Bytes of answers handed to callers.", value=self._bytes)
        for name, meaning, times in (
            ("first_byte_seconds", "From a call's arrival to its answer's first byte.", self._first),
            ("decision_seconds", "From a call's arrival to the durable decision.", self._decided),
        ):
            buckets, total = times.told()
            yield HistogramMetricFamily(f"{_NAMES}_{name}", meaning, buckets=buckets, sum_value=total)

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


class _Times:
    """How often something took how long."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_SECONDS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(_SECONDS, seconds)] += 1
        self._sum += seconds

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """Counts up to each bound, and the sum."""
        counts, total, buckets = list(self._counts), 0, []
        for bound, count in zip([*map(str, _SECONDS), "+Inf"], counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        return buckets, self._sum
