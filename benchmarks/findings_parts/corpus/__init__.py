"""Ground truth for the clearinghouse: small programs with planted flaws, and what shows them.

Every program is kept without flaws (``programs/NAME``), every flaw as the change that plants it (``flaws/NAME``). A
program *as shipped* has all of its flaws; any other set of them can be asked for. What is stored was verified by
running it (``fuzz.py``, ``truth.py``): a variant shows its flaw, and nothing else. All of it was written for this
project: the programs, their formats and their flaws exist nowhere else.

Reading is quick and pure: nothing is built or run here.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import catalogue, diffs

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Program:
    """A program in its repaired form, and how it is built, tested and run."""

    name: str
    language: str  # c or python
    about: str
    files: Mapping[str, bytes]  # path → text without flaws
    flaws: tuple[str, ...]
    build: tuple[tuple[str, ...], ...]
    tests: tuple[tuple[str, ...], ...]
    run: tuple[str, ...]  # the path of an input follows
    service: tuple[str, ...] = ()  # instead of ``run``: a service on loopback; inputs are lists of requests
    port: int = 0


@dataclass(frozen=True, slots=True)
class Flaw:
    """One planted flaw. ``plant`` puts it into the repaired program, ``fix`` takes it out of the shipped one."""

    id: str
    program: str
    about: str
    oracle: str  # sanitizer, status, output, flag or response, as in ``OracleKind`` (status is its signal)
    plant: bytes = field(repr=False)
    fix: bytes = field(repr=False)
    status: int | None = None  # status: how the program must not end; response: what it must not answer
    contains: str = ""  # output, response: what it must not say
    path: str = ""  # flag: the file whose content it must not give away


@dataclass(frozen=True, slots=True)
class Variant:
    """One input that shows one flaw."""

    flaw: str
    program: str
    number: int  # within its flaw, from 0
    by: str  # maker, afl, libfuzzer or mutator
    data: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return f"{self.flaw}/{self.number}"


@functools.cache
def programs() -> tuple[Program, ...]:
    return tuple(_program(entry) for entry in catalogue.PROGRAMS)


@functools.cache
def flaws() -> tuple[Flaw, ...]:
    return tuple(flaw for program in programs() for flaw in _flaws(program))


def program(name: str) -> Program:
    return next(one for one in programs() if one.name == name)


def flaw(identifier: str) -> Flaw:
    return next(one for one in flaws() if one.id == identifier)


def variants(flaw: str | None = None) -> tuple[Variant, ...]:
    """Of one flaw, or all; a program's inputs are read once."""
    if flaw is None:
        return tuple(variant for one in programs() for variant in _stored(one.name))
    home = next(one.program for one in flaws() if one.id == flaw)
    return tuple(variant for variant in _stored(home) if variant.flaw == flaw)


def benign(name: str) -> tuple[bytes, ...]:
    """Inputs that the shipped and the repaired program treat alike, and without harm."""
    return _plain(name, "benign")


def refused(name: str) -> tuple[bytes, ...]:
    """Inputs that the shipped program refuses in order, with status 2."""
    return _plain(name, "refused")


def slow(name: str) -> tuple[bytes, ...]:
    """Inputs over which the program, shipped or repaired, sits for minutes."""
    return _plain(name, "slow")


@functools.cache
def _plain(name: str, kind: str) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(row["data"]) for row in _rows(name) if "flaw" not in row and row["by"] == kind)


@functools.cache
def sources(name: str, flawed: frozenset[str] | None = None) -> Mapping[str, bytes]:
    """The files of a program with the given flaws; all of them unless told otherwise."""
    one = program(name)
    wanted = frozenset(one.flaws) if flawed is None else flawed
    return _composed(one, wanted)


def archive(name: str, flawed: Iterable[str] | None = None) -> bytes:
    """A tar of the program with the given flaws, all of them unless told otherwise; the same bytes every time."""
    files = sources(name, None if flawed is None else frozenset(flawed))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, data in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o755 if path.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _program(entry: catalogue.Entry) -> Program:
    folder = HERE / "programs" / entry.name
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    is_c = entry.language == "c"
    return Program(
        name=entry.name,
        language=entry.language,
        about=entry.about,
        files=files,
        flaws=tuple(entry.flaws),
        build=(("make",),) if is_c else (),
        tests=(("make", "check"),),
        run=(f"./{entry.name}",) if is_c else ("python3", f"{entry.name}.py"),
        service=("python3", f"{entry.name}.py", "--serve", str(entry.port)) if entry.port else (),
        port=entry.port,
    )


def _flaws(one: Program) -> Iterator[Flaw]:
    entry = next(entry for entry in catalogue.PROGRAMS if entry.name == one.name)
    shipped = sources(one.name)
    for identifier, said in entry.flaws.items():
        without = sources(one.name, frozenset(one.flaws) - {identifier})
        yield Flaw(
            id=identifier,
            program=one.name,
            about=said.about,
            oracle=said.oracle,
            plant=_plant(one.name, identifier),
            fix=diffs.unified(shipped, without),
            status=said.status,
            contains=said.contains,
            path=said.path,
        )


@functools.cache
def _plant(name: str, identifier: str) -> bytes:
    return (HERE / "flaws" / name / f"{identifier}.patch").read_bytes()


def _composed(one: Program, wanted: frozenset[str]) -> Mapping[str, bytes]:
    edits: dict[str, list[diffs.Edit]] = {}
    for identifier in sorted(wanted):
        for path, found in diffs.edits(_plant(one.name, identifier)).items():
            edits.setdefault(path, []).extend(found)
    return {path: diffs.applied(data, edits[path]) if path in edits else data for path, data in one.files.items()}


@functools.cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    path = HERE / "variants" / f"{name}.jsonl"
    return tuple(json.loads(line) for line in path.read_text().splitlines()) if path.exists() else ()


@functools.cache
def _stored(name: str) -> tuple[Variant, ...]:
    seen: dict[str, int] = {}
    found = []
    for row in _rows(name):
        if "flaw" in row:
            number = seen[row["flaw"]] = seen.get(row["flaw"], -1) + 1
            found.append(Variant(row["flaw"], name, number, row["by"], base64.b64decode(row["data"])))
    return tuple(found)
