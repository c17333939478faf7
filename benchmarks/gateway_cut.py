"""How soon live streams end after a withdrawal has committed, and what the gateway adds to a plain call.

    python -m benchmarks.gateway_cut [--quick]

The gateway is a process of its own over a fresh database; the endpoint and the callers run here, on real HTTP
over loopback. Each round opens its streams through one review, waits until all flow, withdraws, and takes the time of
each stream's last byte. The run fails (exit 1) if any byte comes later than the bar. One JSON line last.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

BAR = 1.0  # seconds from the committed withdrawal to the last byte of any stream
SECRET = "sk-benchmark-0123456789abcdef"
ASK = {"model": "north", "max_tokens": 100_000, "messages": [{"role": "user", "content": "go on"}]}
EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": "word "}}]}\n\n'
PLAIN = b'{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 5}}'
SERVE = """
import django
django.setup()
from django.conf import settings
from seatrial.gateway.main import serve
serve(settings.SEATRIAL)
"""


async def endpoint(port: int) -> object:
    """The developer's endpoint: a word every 20 ms without end, or a short plain answer."""
    from aiohttp import web

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        asked = json.loads(await request.read())
        if not asked.get("stream"):
            return web.Response(body=PLAIN, content_type="application/json")
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        while True:
            await answer.write(EVENT)
            await asyncio.sleep(0.02)

    runner = web.ServerRunner(web.Server(serve, handler_cancellation=True, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def set_up() -> None:
    """A lab, a body and an evaluator."""
    from django.core.management import call_command

    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import Level
    from seatrial.parties import api as parties
    from seatrial.parties.types import OrganisationKind, Role

    call_command("migrate", verbosity=0)
    by, at = parties.operator(), now()
    for key, kind, roles in (
        ("lab", OrganisationKind.DEVELOPER, (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)),
        ("body", OrganisationKind.BODY, (Role.EVALUATOR, Role.AUTHORITY, Role.SIGNATORY)),
    ):
        parties.create_organisation(by=by, name=key, kind=kind, at=at, id=key)
        parties.add_person(
            by=by,
            name=key,
            email=f"{key}@{key}.example",
            password="a long enough password",
            level=Level.CONTROLLED,
            at=at,
            id=f"{key}-person",
        )
        for role in roles:
            parties.give_role(by=by, person=f"{key}-person", organisation=key, role=role, at=at)
    parties.publish_policy(
        by=parties.actor("body-person"),
        body="body",
        version="1",
        max_window=timedelta(days=30),
        purposes=frozenset({"evaluation"}),
        terms="As consented.",
        at=at,
    )


def open_review(upstream: str) -> tuple[str, str]:
    """A review with an open window; its id and the evaluator's key."""
    from seatrial.kernel.clock import Window, now
    from seatrial.kernel.digests import digest
    from seatrial.kernel.labels import OPEN
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms

    lab, at = parties.actor("lab-person"), now()
    review = cases.draft(
        by=lab,
        developer="lab",
        body="body",
        title="Benchmark",
        model="north",
        partner_release=at + timedelta(days=20),
        public_release=at + timedelta(days=30),
        at=at,
    )
    cases.offer(by=lab, review=review, at=now())
    terms = ConsentTerms(
        model="north",
        artefact=digest(b"weights"),
        variant="as served",
        people=frozenset({"body-person"}),
        purposes=frozenset({"evaluation"}),
        levels=frozenset({AccessLevel.API}),
        upstream=upstream,
        budget=Budget(requests=10_000, tokens=10**9, concurrency=1000),
        window=Window(at, at + timedelta(days=10)),
        label=OPEN,
    )
    cases.sign_consent(by=lab, review=review, terms=terms, at=now())
    access.set_upstream_credential(by=lab, review=review, credential=SECRET, at=now())
    made = access.issue_key(by=parties.actor("body-person"), review=review, purpose="evaluation", at=now())
    return review, made.secret


def withdraw(review: str) -> tuple[float, float]:
    """When the withdrawal was asked for, and when it had committed (monotonic seconds)."""
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.cases import api as cases

    lab, asked = parties.actor("lab-person"), time.monotonic()
    cases.withdraw(by=lab, review=review, at=now())
    return asked, time.monotonic()


async def cut(gateway: str, upstream: str, streams: int) -> list[float]:
    """Seconds from the committed withdrawal to each stream's last byte."""
    import aiohttp

    review, key = await asyncio.to_thread(open_review, upstream)
    last, flowing = [0.0] * streams, [asyncio.Event() for _ in range(streams)]
    said: list[bytes] = [b""] * streams

    async def read(session: aiohttp.ClientSession, number: int) -> None:
        async with session.post(
            f"{gateway}/v1/chat/completions", json={**ASK, "stream": True}, headers={"Authorization": f"Bearer {key}"}
        ) as answer:
            async for chunk in answer.content.iter_any():
                last[number], said[number] = time.monotonic(), chunk
                flowing[number].set()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        readers = [asyncio.create_task(read(session, number)) for number in range(streams)]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in flowing)), 60)
        await asyncio.sleep(0.5)
        _, committed = await asyncio.to_thread(withdraw, review)
        await asyncio.gather(*readers)
    if not all(b'"code": "withdrawn"' in words for words in said):
        raise SystemExit("a stream ended without saying why")
    return [moment - committed for moment in last]


async def plain(url: str, key: str, calls: int) -> float:
    """Median milliseconds of a plain call, one after the other."""
    import aiohttp

    taken = []
    async with aiohttp.ClientSession() as session:
        for _ in range(calls):
            begun = time.perf_counter()
            async with session.post(
                f"{url}/chat/completions", json={**ASK, "max_tokens": 5}, headers={"Authorization": f"Bearer {key}"}
            ) as answer:
                await answer.read()
                answer.raise_for_status()
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[calls // 10 :])


async def measure(gateway: str, upstream_port: int, *, streams: int, rounds: int, calls: int) -> int:
    runner = await endpoint(upstream_port)
    upstream = f"http://127.0.0.1:{upstream_port}/v1"
    seconds: list[float] = []
    for number in range(rounds):
        found = await cut(gateway, upstream, streams)
        seconds += found
        print(
            f"round {number + 1}: {streams} streams ended {min(found):.3f} to {max(found):.3f} s after the withdrawal"
        )
    _, key = await asyncio.to_thread(open_review, upstream)
    through, direct = await plain(f"{gateway}/v1", key, calls), await plain(upstream, SECRET, calls)
    print(f"a plain call: {direct:.2f} ms direct, {through:.2f} ms through the gateway (median of {calls})")
    seconds.sort()
    kept = seconds[-1] <= BAR
    print(
        json.dumps(
            {
                "claim": "live streams end soon after a withdrawal has committed",
                "bars": {
                    "seconds to the last byte, worst stream": {
                        "asked": f"<= {BAR}",
                        "measured": round(seconds[-1], 4),
                        "holds": kept,
                    }
                },
                "streams": streams,
                "rounds": rounds,
                "seconds_median": round(statistics.median(seconds), 4),
                "seconds_p99": round(seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))], 4),
                "seconds_max": round(seconds[-1], 4),
                "plain_ms_direct": round(direct, 2),
                "plain_ms_gateway": round(through, 2),
                "plain_ms_added": round(through - direct, 2),
            }
        )
    )
    await runner.cleanup()  # type: ignore[attr-defined]
    return 0 if kept else 1


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as home, socket.create_server(("127.0.0.1", 0)) as one:
        with socket.create_server(("127.0.0.1", 0)) as two:
            gateway_port, upstream_port = one.getsockname()[1], two.getsockname()[1]
        one.close()
        os.environ.update(
            SEATRIAL_HOME=home,
            SEATRIAL_GATEWAY_PORT=str(gateway_port),
            DJANGO_SETTINGS_MODULE="seatrial.config.django",
            HF_HUB_OFFLINE="1",
        )
        import django

        from seatrial.compute.api import running, wait_until_ready

        django.setup()
        set_up()
        log = Path(home) / "gateway.log"
        with running([sys.executable, "-c", SERVE], log=log) as child:
            gateway = f"http://127.0.0.1:{gateway_port}"
            wait_until_ready(f"{gateway}/readyz", child, name="gateway", log=log)
            return asyncio.run(
                measure(
                    gateway,
                    upstream_port,
                    streams=20 if quick else 50,
                    rounds=1 if quick else 4,
                    calls=50 if quick else 300,
                )
            )


if __name__ == "__main__":
    sys.exit(main())
