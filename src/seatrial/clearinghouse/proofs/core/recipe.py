"""A recipe as a file: JSON ``seatrial-proof/1`` ↔ ``Recipe``. Strict; the first fault is named in one sentence.

1. The bytes are UTF-8 JSON of at most ``LARGEST`` bytes, no key stands twice, no key is unknown.
2. Every value has its form and size (``seatrial-proof-1.schema.json`` says the same to other programs).
3. What an oracle does not use is refused, never ignored (``USES``); what it needs is there.
4. Paths stay in the work folder, none lies in a file, and none begins with what is ours (``OURS``).

A file may stand in the recipe itself, as text or base64; it becomes an attachment, named by its digest. So the written
form of a recipe (``written``) names files by digest alone, leaves out what is as if nobody had said it, and its digest
is that of its canonical JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.proofs.types import Oracle, OracleKind, Recipe, Request, Step, Target, TargetKind
from seatrial.kernel.canonical import from_json
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse

from .fields import Fields, base64_of

FORMAT = "seatrial-proof/1"
LARGEST = 4 * 1024**2  # bytes of a recipe with the files in it
OURS = ".seatrial"  # what we lay beside a proof's files begins so
TOOLS = ("asan", "ubsan", "msan", "tsan", "lsan", "python", "node")
LEAST_WORDS = 4  # characters that an output must hold: fewer are found in any
MOST_REPEATS = 50
MOST_SECONDS = 600.0
MEMORY = (16 * 1024**2, 64 * 1024**3)

_SCHEMA = Path(__file__).parent / "seatrial-proof-1.schema.json"

# Which fields of an oracle, and which parts of a recipe, a kind needs (True) or may have (False).
USES: Mapping[OracleKind, Mapping[str, bool]] = {
    OracleKind.SANITIZER: {"tool": False, "crash": False},
    OracleKind.SIGNAL: {"status": True},
    OracleKind.OUTPUT: {"contains": True},
    OracleKind.FLAG: {"path": True},
    OracleKind.PROPERTY: {"contains": False},
    OracleKind.RESPONSE: {"status": False, "contains": False},
    OracleKind.DIFFERENTIAL: {},
}
_METHOD = re.compile(r"[A-Z]{1,16}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")


@cache
def schema_text() -> str:
    """The published JSON Schema (2020-12) of a recipe."""
    return _SCHEMA.read_text(encoding="utf-8")


def parse(data: bytes | str | Mapping[str, Any]) -> tuple[Recipe, dict[Digest, bytes]]:
    """The recipe in ``data`` and the files that stand in it. Raises ``Misuse`` (``bad-recipe``)."""
    try:
        return _parse(data)
    except Misuse as error:
        if error.code == "bad-recipe":
            raise
        raise Misuse("bad-recipe", error.message) from error


def written(recipe: Recipe) -> dict[str, Any]:
    """``recipe`` as JSON's own types: what ``parse`` reads, without what is as if nobody had said it."""
    oracle, plain = recipe.oracle, Oracle(recipe.oracle.kind)
    said = {
        name: getattr(oracle, name)
        for name in ("tool", "crash", "status", "contains", "path")
        if getattr(oracle, name) != getattr(plain, name)
    }
    found: dict[str, Any] = {
        "format": FORMAT,
        "target": _target(recipe.target),
        "oracle": {"kind": oracle.kind.value, **said},
        "reproduce": recipe.reproduce and _step(recipe.reproduce),
        "build": [_step(step) for step in recipe.build],
        "tests": [_step(step) for step in recipe.tests],
        "files": dict(sorted(recipe.files.items())),
        "stdin": recipe.stdin,
        "service": recipe.service and _step(recipe.service),
        "port": recipe.port,
        "requests": [_request(request) for request in recipe.requests],
        "other": recipe.other and _target(recipe.other),
    }
    found = {name: value for name, value in found.items() if value}
    for name in ("repeats", "seconds", "memory_bytes"):
        if (value := getattr(recipe, name)) != Recipe.__dataclass_fields__[name].default:
            found[name] = value
    return found


def digest_of_recipe(recipe: Recipe) -> Digest:
    """SHA-256 of the canonical JSON of its written form."""
    return digest_of(written(recipe))


def needed(recipe: Recipe) -> tuple[Digest, ...]:
    """Every attachment that it names, targets first."""
    targets = [target.digest for target in (recipe.target, recipe.other) if target is not None]
    stdin = () if recipe.stdin is None else (recipe.stdin,)
    return tuple(dict.fromkeys((*targets, *recipe.files.values(), *stdin)))


def check(recipe: Recipe) -> None:
    """Rules 2 to 4 for a recipe made otherwise than by ``parse``. Raises ``Misuse`` (``bad-recipe``)."""
    parse(written(recipe))


def _parse(data: bytes | str | Mapping[str, Any]) -> tuple[Recipe, dict[Digest, bytes]]:
    if not isinstance(data, Mapping):
        size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
        if size > LARGEST:
            raise Misuse("bad-recipe", f"The recipe holds {size:,} bytes, more than {LARGEST:,}; attach its files.")
        data = from_json(data, "The recipe")  # type: ignore[assignment]
    attached: dict[Digest, bytes] = {}
    top = Fields(data, "The recipe", attached)
    said = top.text("format")
    if said != FORMAT:
        raise Misuse("bad-recipe", f"The recipe's format is {said[:40]!r}; this reads {FORMAT!r}.")
    target = _read_target(top.fields("target"))
    oracle = _read_oracle(top.fields("oracle"))
    reproduce, service, other = top.optional("reproduce"), top.optional("service"), top.optional("other")
    recipe = Recipe(
        target=target,
        oracle=oracle,
        reproduce=_read_step(reproduce) if reproduce is not None else None,
        build=tuple(_read_step(step) for step in top.several("build", most=32)),
        tests=tuple(_read_step(step) for step in top.several("tests", most=32)),
        files=top.files("files", most=1000),
        stdin=top.file("stdin"),
        service=_read_step(service) if service is not None else None,
        port=top.whole("port", default=0, least=0, most=65535),
        requests=tuple(_read_request(request) for request in top.several("requests", most=64)),
        other=_read_target(other) if other is not None else None,
        repeats=top.whole("repeats", default=3, least=1, most=MOST_REPEATS),
        seconds=top.number("seconds", default=20.0, most=MOST_SECONDS),
        memory_bytes=top.whole("memory_bytes", default=2 * 1024**3, least=MEMORY[0], most=MEMORY[1]),
    )
    top.done()
    _check_parts(recipe)
    return recipe, attached


def _read_target(found: Fields) -> Target:
    kind = TargetKind(found.choice("kind", [kind.value for kind in TargetKind]))
    target = Target(
        kind=kind,
        digest=found.digest("digest"),
        name=found.text("name", default="", most=300),
        purl=found.text("purl", default="", most=1000),
        top=found.path("top", default="", empty=True),
    )
    found.done()
    if kind is TargetKind.PACKAGE and not target.purl.startswith("pkg:"):
        raise found.fault("purl", "must be a package URL (pkg:…), since the target is a package")
    return target


def _read_oracle(found: Fields) -> Oracle:
    kind = OracleKind(found.choice("kind", [kind.value for kind in OracleKind]))
    for name in sorted(found.names() - {"kind"} - set(USES[kind])):
        raise found.fault(name, f"is nothing that the oracle {kind.value} looks at; leave it out")
    for name in [name for name, must in USES[kind].items() if must and name not in found.names()]:
        raise found.fault(name, f"is missing, and the oracle {kind.value} needs it")
    oracle = Oracle(
        kind=kind,
        tool=found.choice("tool", ["", *TOOLS], default=""),
        crash=found.text("crash", default="", most=100),
        status=_status(found, kind),
        contains=found.text("contains", default="", least=LEAST_WORDS, most=4000, lines=True),
        path=found.path("path", default=""),
    )
    found.done()
    if kind is OracleKind.RESPONSE and oracle.status is None and not oracle.contains:
        raise found.fault("contains", "or status must be there: the oracle response looks for one of them")
    return oracle


def _status(found: Fields, kind: OracleKind) -> int | None:
    if "status" not in found.names():
        return None
    least, most = (100, 599) if kind is OracleKind.RESPONSE else (-64, 255)
    return found.whole("status", default=0, least=least, most=most)


def _read_step(found: Fields) -> Step:
    step = Step(argv=found.words("argv", most=256), env=found.mapping("env", most=64))
    found.done()
    for name in step.env:
        if not name or "=" in name:
            raise found.fault("env", f"names a variable {name[:40]!r}, which no environment can hold")
    return step


def _read_request(found: Fields) -> Request:
    body = found.content("body")
    request = Request(
        method=found.text("method", most=16),
        path=found.text("path", most=8000),
        headers=found.mapping("headers", most=64),
        body=body or b"",
    )
    found.done()
    if not _METHOD.fullmatch(request.method):
        raise found.fault("method", "must be a method of HTTP in capitals, e.g. GET")
    if not request.path.startswith("/") or not request.path.isascii() or re.search(r"[\x00-\x20\x7f]", request.path):
        raise found.fault("path", "must begin with / and hold neither spaces nor characters beyond ASCII; encode them")
    for name, value in request.headers.items():
        if not _HEADER.fullmatch(name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            raise found.fault("headers", f"hold {name[:40]!r}, which HTTP cannot carry")
    return request


def _check_parts(recipe: Recipe) -> None:
    """What the parts of a recipe must be to each other."""
    kind = recipe.oracle.kind
    for wrong, said in (
        (
            recipe.reproduce is None and not recipe.requests,
            "has nothing that shows the flaw; give reproduce or requests",
        ),
        (recipe.reproduce is not None and bool(recipe.requests), "has both reproduce and requests; give one of them"),
        (bool(recipe.requests) and recipe.service is None, "sends requests to no service; give service and port"),
        (recipe.service is not None and not recipe.port, "starts a service and does not say its port"),
        (recipe.service is None and recipe.port != 0, "names a port, but starts no service"),
        (recipe.stdin is not None and recipe.reproduce is None, "gives stdin to nothing; requests carry bodies"),
        (kind is OracleKind.RESPONSE and not recipe.requests, "looks for a response, but sends no requests"),
        (kind is OracleKind.DIFFERENTIAL and recipe.other is None, "compares with no other version; give other"),
        (kind is not OracleKind.DIFFERENTIAL and recipe.other is not None, "names another version to no purpose"),
        (kind is OracleKind.DIFFERENTIAL and recipe.reproduce is None, "compares two versions; give reproduce"),
        (kind is OracleKind.PROPERTY and recipe.reproduce is None, "states a property, but runs no test of it"),
        (recipe.target.kind is TargetKind.PREBUILT and bool(recipe.build), "builds what is said to be built already"),
        (recipe.oracle.path != "" and recipe.oracle.path in recipe.files, "lays a file where the flag is planted"),
    ):
        if wrong:
            raise Misuse("bad-recipe", f"The recipe {said}.")
    for path in recipe.files:
        if path.split("/")[0].startswith(OURS):
            raise Misuse("bad-recipe", f"The recipe lays {path[:80]!r}; names that begin with {OURS} are kept for us.")
    in_the_way = next((path for path in sorted(recipe.files) if _above(path) & set(recipe.files)), None)
    if in_the_way is not None:
        raise Misuse("bad-recipe", f"The recipe lays {in_the_way[:80]!r} inside another of its files.")


def _above(path: str) -> set[str]:
    parts = path.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts))}


def _target(target: Target) -> dict[str, Any]:
    found = {"kind": target.kind.value, "digest": str(target.digest)}
    return found | {name: said for name in ("name", "purl", "top") if (said := getattr(target, name))}


def _step(step: Step) -> dict[str, Any]:
    return {"argv": list(step.argv)} | ({"env": dict(step.env)} if step.env else {})


def _request(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {"method": request.method, "path": request.path}
    if request.headers:
        found["headers"] = dict(request.headers)
    if request.body:
        found["body"] = {"base64": base64_of(request.body)}
    return found
