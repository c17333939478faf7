"""One run of a proof: a fresh box that begins as a copy of the built target, with the recipe's files and the plant."""

from __future__ import annotations

import asyncio
import base64
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.proofs.core.oracles import Answer, Seen
from seatrial.clearinghouse.proofs.core.planting import Plant
from seatrial.clearinghouse.proofs.core.recipe import OURS
from seatrial.clearinghouse.proofs.types import Attachments, OracleKind, Recipe, Step
from seatrial.kernel.errors import SeatrialError
from seatrial.sandbox.api import Sandbox, explain
from seatrial.sandbox.types import Command, Host, Limits, Outcome, Tree

SERVICE = "service"
_REPORT = 256 * 1024  # bytes of reports that are read
_PATIENCE = 1.0  # for a service to end after the requests that made it crash
_LOOK = 0.01

# Sends the requests that stand in its input, prints what was answered. With -I it loads nothing from the work folder.
CLIENT = """\
import base64, http.client, json, sys
said = json.load(sys.stdin)
for one in said["requests"]:
    found = {}
    for host in said["hosts"]:
        try:
            call = http.client.HTTPConnection(host, said["port"], timeout=said["seconds"])
            call.putrequest(one["method"], one["path"], skip_host="Host" in one["headers"], skip_accept_encoding=True)
            body = base64.b64decode(one["body"])
            headers = dict(one["headers"])
            if body and "Content-Length" not in headers:
                headers["Content-Length"] = str(len(body))
            for name, value in headers.items():
                call.putheader(name, value.encode("utf-8"))
            call.endheaders(body or None)
            answer = call.getresponse()
            found = {"status": answer.status, "headers": str(answer.headers)[:65536]}
            found["body"] = base64.b64encode(answer.read(300000)).decode()
            break
        except ConnectionRefusedError:
            continue
        except (OSError, http.client.HTTPException) as error:
            found.setdefault("why", str(error)[:200])
            break
    print(json.dumps(found), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """All that every run of a proof begins with."""

    recipe: Recipe
    files: Mapping[str, bytes]  # what the recipe lays
    stdin: bytes
    tree: Tree  # the built target
    other: Tree | None = None


def setting(recipe: Recipe, attachments: Attachments, tree: Tree, other: Tree | None = None) -> Setting:
    """How ``recipe`` is run over ``tree``."""
    files = {path: attachments[named] for path, named in recipe.files.items()}
    return Setting(recipe, files, b"" if recipe.stdin is None else attachments[recipe.stdin], tree, other)


def limits_of(recipe: Recipe) -> Limits:
    """What binds each run."""
    return Limits(
        wall_seconds=recipe.seconds,
        cpu_seconds=max(1, round(recipe.seconds)),
        memory_bytes=None,  # sanitizers reserve terabytes
        resident_bytes=recipe.memory_bytes,
        disk_bytes=1024**3,
        output_bytes=1024**2,
    )


async def see(found: Setting, plant: Plant) -> Seen:
    """Run the proof once. Raises ``Unavailable`` without a sandbox, or ``Refused`` for files that cannot be laid."""
    recipe = found.recipe
    if recipe.oracle.kind is OracleKind.DIFFERENTIAL and found.other is not None:
        seen = await _in_a_box(found, found.tree, plant)
        beside = [await _in_a_box(found, found.other, plant) for _ in range(2)]
        return Seen(seen.outcome, seen.ended, seen.report, other=tuple(one.outcome for one in beside))
    return await _in_a_box(found, found.tree, plant)


async def _in_a_box(found: Setting, tree: Tree, plant: Plant) -> Seen:
    recipe, limits = found.recipe, limits_of(found.recipe)
    hooked = recipe.oracle.kind is OracleKind.SANITIZER and _by_a_language(recipe)
    ours: dict[str, bytes | str] = dict(plant.hook_files()) if hooked else {}
    planted: dict[str, bytes | str] = {}
    if recipe.oracle.kind is OracleKind.FLAG:
        planted[recipe.oracle.path] = plant.flag + "\n"
    files = {**found.files, **ours}
    environment = plant.environment(recipe.oracle, hooked=hooked)
    hosts = {}
    if recipe.service is not None:
        step = recipe.service
        laid = {**files, **planted}
        hosts[SERVICE] = Host(step.argv, laid, recipe.port, _joined(step, environment), tree, True)
    async with Sandbox.open({**files, **({} if hosts else planted)}, tree=tree, hosts=hosts, host_limits=limits) as box:
        if recipe.requests:
            outcome, answers = await _asked(box, recipe, limits)
        else:
            step = recipe.reproduce or Step(("true",))
            command = Command(step.argv, found.stdin, _joined(step, environment), limits=limits)
            outcome, answers = await box.run(command), ()
        ended = explain(outcome, limits)
        if hosts:
            report, said = await _of_the_service(box, plant, recipe)
            return Seen(outcome, ended, report, answers, said)
        return Seen(outcome, ended, await _report(box, plant), answers)


async def _asked(box: Sandbox, recipe: Recipe, limits: Limits) -> tuple[Outcome, tuple[Answer, ...]]:
    requests = [
        {
            "method": one.method,
            "path": one.path,
            "headers": dict(one.headers),
            "body": base64.b64encode(one.body).decode(),
        }
        for one in recipe.requests
    ]
    hosts = [*box.addresses.values(), "127.0.0.1"]
    said = json.dumps({"requests": requests, "port": recipe.port, "hosts": hosts, "seconds": recipe.seconds})
    wide = Limits(wall_seconds=limits.wall_seconds, output_bytes=32 * 1024**2)
    outcome = await box.run(Command(("python3", "-I", "-c", CLIENT), said.encode(), limits=wide))
    answers = []
    for line in outcome.stdout.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue  # cut off
        body = base64.b64decode(one.get("body", ""))
        answers.append(Answer(one.get("status"), body, one.get("headers", "").encode("utf-8", "replace")))
    return outcome, tuple(answers)


async def _report(box: Sandbox, plant: Plant) -> bytes:
    return b"".join([await _read(box, name) for name in await box.names() if name.startswith(f"{plant.report}.")][:8])[
        :_REPORT
    ]


async def _read(box: Sandbox, name: str) -> bytes:
    try:
        return await box.read(name, limit=4 * 1024**2)
    except SeatrialError:
        return b""  # too long, or no plain file: no report of ours


async def _of_the_service(box: Sandbox, plant: Plant, recipe: Recipe) -> tuple[bytes, bytes]:
    """The service's reports and what it printed. A service that is to crash is given a moment to end."""
    beside = box.host(SERVICE)
    names: list[str] = []
    waits = _PATIENCE if recipe.oracle.kind is OracleKind.SANITIZER else 0.0
    while True:
        names = [name for name in beside.names() if name.startswith(f"{plant.report}.")]
        if beside.over or waits <= 0:
            break
        await asyncio.sleep(_LOOK)
        waits -= _LOOK
    found = b""
    for name in names[:8]:
        try:
            found += beside.read(name, limit=4 * 1024**2)
        except SeatrialError:
            continue
    return found[:_REPORT], (beside.stdout + beside.stderr)[-_REPORT:]


def _by_a_language(recipe: Recipe) -> bool:
    """Whether Python or Node may be what reports."""
    if recipe.oracle.tool in ("python", "node"):
        return True
    if recipe.oracle.tool:
        return False
    programs = [step.argv[0] for step in (recipe.reproduce, recipe.service) if step is not None]
    return any(
        posixpath.basename(program).startswith(("python", "node")) or program.endswith((".py", ".js", ".mjs", ".cjs"))
        for program in programs
    )


def _joined(step: Step, ours: Mapping[str, str]) -> dict[str, str]:
    """The step's own variables with ours, which have the last word."""
    found = {**step.env, **ours}
    for name in set(step.env) & set(ours):
        if name.endswith("_OPTIONS"):
            found[name] = f"{step.env[name]}{' ' if name == 'NODE_OPTIONS' else ':'}{ours[name]}"
        elif name == "PYTHONPATH":
            found[name] = f"{ours[name]}:{step.env[name]}"
    return found


def in_the_way(recipe: Recipe, tree: Tree) -> str | None:
    """The first of the recipe's files that would lie over, in or above one of the target's; None if none does."""
    files = {path for path, _ in tree.files} | {path for path, _ in tree.links}
    folders = set(tree.folders)
    for path in recipe.files:
        parts = path.split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        if path in files or path in folders or above & files or path.startswith(OURS):
            return path
    return None
