"""Whether fingerprints keep their word: how often an unchanged endpoint is said to differ, and what changes are found.

    python -m benchmarks.identity_fingerprint [--quick]

Simulated endpoints answer the probes with a scatter of their own: 1,000 pairs of which neither changed, and a hundred
pairs for each of several changes. Then a real one: SmolLM2-135M-Instruct behind llama.cpp's server, asked with the
program's own client over loopback, first through a door that passes everything on unchanged, then through doors that
put a system prompt in front or set another default temperature. It must do on any machine in some minutes, so eight
of the probes are asked there, four times each, for at most six tokens. ``--quick`` simulates few pairs and serves no
model. The run fails (exit 1) if a bar is missed. One JSON line last.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

HOME = tempfile.mkdtemp(prefix="seatrial-bench-")
atexit.register(shutil.rmtree, HOME, True)
os.environ |= {"SEATRIAL_HOME": HOME, "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # for tests/simulators

# ruff: noqa: E402 - the settings are read from the environment prepared above
import django

django.setup()

from seatrial.compute.api import running, wait_until_ready
from seatrial.demo.model_server import NAME
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest_of
from seatrial.review.identity import api as identity
from seatrial.review.identity.adapters.openai_endpoint import OpenAIEndpoint
from seatrial.review.identity.core.comparison import ALPHA, NOTICED, POWER
from seatrial.review.identity.core.fingerprint import USUAL
from seatrial.review.identity.types import Comparison, Fingerprint, Observation, Sameness
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of

IDS = [probe.id for probe in identity.probe_set().probes]
CHANGES: dict[str, dict[str, Any]] = {
    f"{NOTICED} of {len(IDS)} probes answer otherwise": {"changed": IDS[:NOTICED]},
    "another model": {"changed": IDS},
    "text put in front": {"prompt_tokens": 9},
    "default temperature 0": {"heat": 0.0},
}
NOISE = 0.05  # the chance that a simulated answer at temperature 0 is not the usual one

# The real model: four probes at temperature 0, four as served.
PROBES = ("sum", "capital", "rhyme", "who", "colour", "number", "city", "coin")
REPETITIONS, TOKENS = 4, 6
KEY = "sk-benchmark-0123456789abcdef"


def said(pairs: int, start: int, **later: Any) -> Counter[Sameness]:
    """What is said of ``pairs`` pairs of simulated endpoints that differ by ``later`` and by chance."""
    found: Counter[Sameness] = Counter()
    for build in range(start, start + pairs):
        one = NoisyEndpoint(build=build, noise=NOISE, seed=2 * build)
        other = replace(one, seed=2 * build + 1, asked=[], **later)
        found[identity.compare(fingerprint_of(one, USUAL), fingerprint_of(other, USUAL)).word] += 1
    return found


def at_least(hits: int, of: int, rate: float) -> float:
    """The chance of ``hits`` or more."""
    logs = (
        math.lgamma(of + 1) - math.lgamma(n + 1) - math.lgamma(of - n + 1)
        + n * math.log(rate) + (of - n) * math.log1p(-rate)
        for n in range(hits, of + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def interval(hits: int, of: int) -> tuple[float, float]:
    """The exact interval of a rate at 95% (Clopper and Pearson 1934), by halving."""

    def where(reached: Callable[[float], bool]) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return high

    low = where(lambda rate: at_least(hits, of, rate) >= 0.025) if hits else 0.0
    high = where(lambda rate: 1 - at_least(hits + 1, of, rate) <= 0.025) if hits < of else 1.0
    return low, high


def simulated(pairs: int, changed: int) -> dict[str, dict[str, Any]]:
    """The bars of the simulated part."""
    unchanged = said(pairs, 0)
    alarms = unchanged[Sameness.DIFFERS]
    low, high = interval(alarms, pairs)
    # The stated rate is refuted if so many alarms would come less than once in a thousand times.
    surprise = at_least(alarms, pairs, ALPHA)
    print(f"unchanged: {dict(unchanged)} of {pairs}; false alarms {alarms / pairs:.2%} (95%: {low:.2%} to {high:.2%})")
    bars: dict[str, dict[str, Any]] = {
        "false alarms, share of unchanged pairs": {
            "asked": f"no more than {ALPHA:g} explains",
            "measured": round(alarms / pairs, 4),
            "interval_95_exact": [round(low, 4), round(high, 4)],
            "chance_of_as_many": round(surprise, 4),
            "pairs": pairs,
            "holds": surprise > 0.001,
        },
        "unchanged pairs said to be the same": {
            "asked": ">= 0.75",
            "measured": round(unchanged[Sameness.SAME] / pairs, 4),
            "holds": unchanged[Sameness.SAME] >= 0.75 * pairs,
        },
    }
    for name, change in CHANGES.items():
        found = said(changed, 10_000, **change)
        share = found[Sameness.DIFFERS] / changed
        print(f"{name}: {dict(found)} of {changed}")
        bars[f"found: {name}"] = {
            "asked": f">= {POWER:g}",
            "measured": round(share, 3),
            "said_same": found[Sameness.SAME],
            "pairs": changed,
            "holds": share >= POWER,
        }
    return bars


@dataclass
class Door:
    """Passes questions on to the model, as a developer's own front does: ``prompt`` first, ``temperature`` if unset."""

    to: str
    prompt: str = ""
    temperature: float | None = None
    _server: Any = field(default=None, repr=False)

    def __enter__(self) -> Door:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if door.prompt:
                    body["messages"].insert(0, {"role": "system", "content": door.prompt})
                if door.temperature is not None:
                    body.setdefault("temperature", door.temperature)
                body["max_tokens"] = min(TOKENS, body["max_tokens"])
                headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
                asked = Request(f"{door.to}/v1/chat/completions", json.dumps(body).encode(), headers)
                with urlopen(asked, timeout=120) as answer:
                    data = answer.read()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"


def taken(door: Door) -> Fingerprint:
    """A small fingerprint of what is behind the door: ``PROBES`` in rounds, by the words of the answers alone."""
    endpoint, begun = OpenAIEndpoint(door.base_url, KEY), time.monotonic()
    probes = [probe for probe in identity.probe_set().probes if probe.id in PROBES]
    answers: dict[str, list[Observation]] = {probe.id: [] for probe in probes}
    for _ in range(REPETITIONS):
        for probe in probes:
            answers[probe.id].append(endpoint.ask(probe, model=NAME, probabilities=False))
    kept = {probe: tuple(given) for probe, given in answers.items()}
    different = sum(len({answer.text for answer in given}) for given in kept.values())
    print(
        f"{len(probes) * REPETITIONS} answers, {different} of them different, in {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    at = now()
    return Fingerprint(digest_of(list(PROBES)), NAME, at, kept, digest_of([str(at), str(kept)]))


@contextmanager
def served() -> Iterator[str]:
    """The model's server in a process of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    os.environ["SEATRIAL_UPSTREAM_KEY"] = KEY
    log = Path(HOME) / "model.log"
    with running([sys.executable, "-m", "seatrial.demo.model_server", str(port)], log=log) as child:
        wait_until_ready(f"http://127.0.0.1:{port}/health", child, name="model", log=log)
        yield f"http://127.0.0.1:{port}"


def real() -> dict[str, dict[str, Any]]:
    """The bars of the real model."""
    with served() as model:
        plain, prompted = Door(model), Door(model, prompt="You are a pirate. Answer every question in rhyme.")
        cold = Door(model, temperature=0.0)
        with plain, prompted, cold:
            opening, again, other, colder = (taken(door) for door in (plain, plain, prompted, cold))
    bars = {}
    for name, later, right in (
        ("real model, unchanged", again, (Sameness.SAME, Sameness.CANNOT_TELL)),
        ("real model, a system prompt in front", other, (Sameness.DIFFERS,)),
        ("real model, default temperature 0", colder, (Sameness.DIFFERS,)),
    ):
        found: Comparison = identity.compare(opening, later)
        print(f"{name}: {found.word} (p = {found.p:.4f}, power {found.power:.2f})")
        bars[name] = {
            "asked": " or ".join(right),
            "measured": found.word,
            "p": found.p,
            "power": found.power,
            "requests_each": len(PROBES) * REPETITIONS,
            "holds": found.word in right,
        }
    return bars


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    bars = simulated(20, 3) if quick else simulated(1000, 100)
    if not quick:
        bars |= real()
    print(json.dumps({"claim": "a fingerprint differs when the model does, and seldom otherwise", "bars": bars}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
