"""A real instance in its own processes (portal and gateway), and a headless Chromium that looks at it.

Screenshots of every page at 1280 and 360 pixels are left in ``SEATRIAL_SHOTS``, or in a temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from seatrial.compute.api import command, free_port, running, wait_until_ready

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TESTS = Path(__file__).parent.parent


@dataclass(frozen=True)
class Instance:
    """Where the portal and the gateway answer, who there is, and the ids of the seeded review."""

    portal: str
    gateway: str
    people: dict[str, dict[str, str]]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    home = tmp_path_factory.mktemp("instance")
    ports = {"SEATRIAL_PORT": free_port("127.0.0.1"), "SEATRIAL_GATEWAY_PORT": free_port("127.0.0.1")}
    environment = {
        "SEATRIAL_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH")))),
        "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db",
    }
    environment |= {name: str(port) for name, port in ports.items()}
    seeded = subprocess.run(
        [sys.executable, str(TESTS / "e2e" / "seed_instance.py")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert seeded.returncode == 0, seeded.stderr[-3000:]
    people = {person["key"]: person for person in json.loads((home / "demo" / "personas.json").read_text())}
    portal, gateway = (f"http://127.0.0.1:{port}" for port in ports.values())
    with ExitStack() as open_now:
        for name, url in (("portal", f"{portal}/"), ("gateway", f"{gateway}/healthz")):
            log = home / f"{name}.log"
            child = open_now.enter_context(running(command(name), log=log, environment=environment))
            wait_until_ready(url, child, name=name, log=log)
        yield Instance(portal, gateway, people, json.loads(seeded.stdout.splitlines()[-1]))


def serious(said: Any) -> bool:
    """An error on the console that is not simply a page answering 404 or 422, as some are meant to."""
    return bool(said.type == "error" and not said.text.startswith("Failed to load resource"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture(scope="module")
def shots() -> Path:
    folder = Path(os.environ.get("SEATRIAL_SHOTS") or tempfile.mkdtemp(prefix="seatrial-shots-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"screenshots in {folder}")
    return folder


@pytest.fixture
def visit(browser: Browser, instance: Instance) -> Iterator[Callable[..., Page]]:
    """A page of a fresh visitor; with ``who`` signed in as that persona. Console errors fail the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def make(who: str | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=instance.portal, **options)
        contexts.append(context)
        page: Page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if serious(said) else None)
        if who is not None:
            page.goto("/accounts/login/")
            page.get_by_label("E-mail").fill(instance.people[who]["email"])
            page.get_by_label("Password").fill(instance.people[who]["password"])
            page.get_by_role("main").get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []
