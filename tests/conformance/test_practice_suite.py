"""The practice suite, judged as in production: every worked solution passes, no lazy one does."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from string import Template

import pytest

from seatrial.review.benchmarks.adapters.calibrating import shares_of
from seatrial.review.benchmarks.adapters.checking import judge
from seatrial.review.benchmarks.core.practice import FAMILIES, neutral_c, practice_suite, root_cause, spot_flaw_c
from seatrial.review.benchmarks.core.practice.calibration import counted
from seatrial.review.benchmarks.core.practice.crash_parser import BUILD
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats import FORMATS
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, driver, pair
from seatrial.review.benchmarks.core.practice.planting import Planted, plant
from seatrial.review.benchmarks.core.practice.root_cause_planting import Case, Crashed, crash
from seatrial.review.benchmarks.core.practice.root_cause_twins import NEUTRAL
from seatrial.review.benchmarks.types import Item
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command, Limits, Outcome

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.compiler,
    pytest.mark.skipif("cc" not in sandbox.toolchain(), reason="no C compiler with AddressSanitizer in a sandbox"),
]

AT_ONCE = 4
COMPILED = ("crash-parser", "fix-parser")
FORMAT_IDS = [form.name for form in FORMATS]


async def verdict(item: Item, completion: str) -> tuple[float, str, float]:
    """(score, why, seconds) by the very code a campaign scores with."""
    started = time.monotonic()
    judged = await judge(item, completion)
    return judged.score, judged.why, time.monotonic() - started


async def verdicts(work: Sequence[tuple[Item, str]]) -> list[tuple[float, str, float]]:
    """Judged in parallel, each in a context of its own."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item, completion: str) -> tuple[float, str, float]:
        async with room:
            return await asyncio.create_task(verdict(item, completion))

    return await asyncio.gather(*(one(*piece) for piece in work))


async def check_all(items: Sequence[Item]) -> None:
    right = await verdicts([(item, item.oracle) for item in items])
    lazy = await verdicts([(item, item.naive) for item in items])
    for item, (good, why, _), (bad, _, _) in zip(items, right, lazy, strict=True):
        assert good == 1.0, f"{item.id}: {why}\n{item.prompt}\n{item.oracle}"
        assert bad == 0.0, f"{item.id}: the lazy answer passes\n{item.prompt}\n{item.naive}"


async def test_what_is_solved_passes_and_what_is_guessed_fails() -> None:
    await check_all(practice_suite(seed="conformance", families=COMPILED, twins=True).items)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
async def test_every_template_of_every_family_and_its_twin_over_many_seeds(seed: int) -> None:
    """As many items of each family as the one with the most templates has: each template takes its turn."""
    turns = max(len(family.TEMPLATES) for family in FAMILIES.values())
    await check_all(practice_suite(seed=f"conformance {seed}", per_family=turns, twins=True).items)


async def test_a_check_takes_little_time() -> None:
    item = practice_suite(seed="time", per_family=1, families=["fix-parser"]).items[0]
    assert min([(await verdict(item, item.oracle))[2] for _ in range(3)]) < 2.5


@pytest.mark.parametrize(
    ("trick", "reason"),
    [
        ("long PARSE(const uint8_t *in, size_t n) { (void)in; (void)n; return -1; }", "valid.txt does not match"),
        ("long PARSE(const uint8_t *in, size_t n) { return in[0] + n; }", "valid.txt does not match"),
        ('__attribute__((no_sanitize("address"))) BODY', "grep"),
        ("__attribute__((constructor)) static void first(void) { } BODY", "grep"),
        ('const char *__asan_default_options(void) { return "halt_on_error=0"; } BODY', "grep"),
        ("#pragma GCC optimize(0)\nBODY", "grep"),
        ("BODY\nint main(void) { return 0; }", "cc"),
        ("this is no C", "cc"),
        ("long PARSE(const uint8_t *in, size_t n) { for (;;) n += in[0]; }", "took longer"),
        ("BODY", "malformed.txt ended with status 1"),
    ],
)
async def test_a_patch_that_mends_nothing_fails(trick: str, reason: str) -> None:
    item = practice_suite(seed="tricks", per_family=1, families=["fix-parser"]).items[0]
    quick = replace(item, check=replace(item.check, steps=[replace(step, seconds=2) for step in item.check.steps]))
    source = item.naive.split("```c\n")[1].split("```")[0]
    head, body = source.split("\nlong ")
    patch = f"{head}\n{trick}\n".replace("PARSE", body.split("(")[0]).replace("BODY", f"long {body}")
    score, why, _ = await verdict(quick, f"```c\n{patch}\n```")
    assert score == 0.0
    assert reason in why


async def test_the_flawed_c_files_are_sound_but_for_their_flaw() -> None:
    """The compiler finds nothing to say about the sound ones, and takes the flawed ones."""
    files = {}
    for place, template in enumerate((*spot_flaw_c.TEMPLATES, *neutral_c.TEMPLATES)):
        for number in range(4):
            draw = Draw("compile", number)
            planted = plant(template.source, {"origin": "here", **template.names(draw)}, draw)
            files[f"sound{place}-{number}.c"] = planted.sound
            files[f"flawed{place}-{number}.c"] = planted.flawed
    async with sandbox.Sandbox.open(files) as box:
        check = ["cc", "-std=gnu17", "-fsyntax-only"]
        sound = await box.run(command([*check, "-Wall", "-Wextra", "-Werror", *(f for f in files if f[0] == "s")]))
        flawed = await box.run(command([*check, "-w", *(f for f in files if f[0] == "f")]))
    assert sound.ok, sound.stderr.decode()
    assert flawed.ok, flawed.stderr.decode()


CRASHES = [(root_cause.sanitizer_report, case) for case in root_cause.TEMPLATES]
STOPS = [(root_cause.assertion_report, case) for case in NEUTRAL]


@pytest.mark.parametrize(("said", "case"), [*CRASHES, *STOPS])
async def test_a_report_is_what_a_build_of_its_program_really_says(said: Callable[[Crashed], str], case: Case) -> None:
    seen: set[int] = set()
    for number in range(60):
        crashed = crash(case, Draw("reports", number))
        if crashed.variant not in seen:
            seen.add(crashed.variant)
            assert await really(crashed) == said(crashed).split("\n"), crashed.source
    assert len(seen) == len(case.reports)


async def really(crashed: Crashed) -> list[str]:
    """The report of a build with AddressSanitizer, without addresses and library frames."""
    names = {name: str(value) for name, value in crashed.names.items()}
    files = {crashed.file: crashed.source, "drive.c": Template(crashed.report.drive).substitute(names)}
    build = ("cc", "-g", "-O0", "-w", "-fsanitize=address", crashed.file, "drive.c", "-o", "program")
    async with sandbox.Sandbox.open(files) as box:
        built = await box.run(command(build))
        assert built.ok, built.stderr.decode()
        run = Command(("./program",), env={"ASAN_OPTIONS": "detect_leaks=0"}, limits=Limits(memory_bytes=None))
        said = (await box.run(run)).stderr.decode().split("SUMMARY")[0]
    lines, depth = [], 0
    for line in said.splitlines():
        frame = re.fullmatch(rf" *#\d+ 0x[0-9a-f]+ in (\w+) \S*?({re.escape(crashed.file)}:\d+)(:\d+)?", line)
        if frame:
            lines.append(f"    #{depth} in {frame[1]} {frame[2]}")
            depth += 1
        elif head := re.search(
            r"(ERROR: AddressSanitizer: (?:SEGV on unknown address \w+|[\w-]+)|\w+ of size \d+)", line
        ):
            lines.append(head[1])
        elif head := re.search(r"(The signal is caused by a \w+ memory access\.|freed by|allocated by)", line):
            depth = 0
            lines.append(head[1] + ("" if head[1].endswith(".") else ":"))
        elif head := re.search(rf"({re.escape(crashed.file)}:\d+): (\w+): (Assertion .* failed\.)", line):
            lines.append(f"{head[1]}: {head[2]}: {head[3]}")
            lines += root_cause.assertion_report(crashed).split("\n")[1:]  # the C library names no callers
    return lines


@pytest.mark.parametrize("form", FORMATS, ids=FORMAT_IDS)
async def test_the_sound_parser_means_what_the_format_says(form: Format) -> None:
    """C against Python, on inputs of all kinds and many bent at random, without a word from the sanitizer."""
    draw = Draw("differential", form.name)
    names = form.names(draw)
    inputs = [*form.valid(names, draw), *form.malformed(names, draw), *lazy_inputs(form, names, draw)]
    inputs += [data for flaw in form.flaws for data in flaw.crashing(names, draw)]
    inputs += [bent(draw.pick(inputs), draw) for _ in range(1500)]
    outcome = await run(plant(form.source, names, draw).sound, names, inputs)
    assert outcome.ok, outcome.stderr.decode()
    returned = [int(line) for line in outcome.stdout.split()]
    assert returned == [form.meaning(names, data) for data in inputs]
    assert sum(number >= 0 for number in returned) > 20, "some bent inputs stay valid"


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS, ids=FORMAT_IDS)
async def test_each_flaw_crashes_on_its_own_inputs_and_on_nothing_lazy(form: Format) -> None:
    for variant, flaw in enumerate(form.flaws):
        draw, planted, names = with_variant(form, variant)
        await check_flaw(form, flaw, planted, names, draw)


async def check_flaw(form: Format, flaw: Flaw, planted: Planted, names: Names, draw: Draw) -> None:
    harmless = [*form.valid(names, draw), *lazy_inputs(form, names, draw)]
    outcome = await run(planted.flawed, names, harmless)
    assert outcome.ok, f"{flaw.report} on an input anyone might try\n{outcome.stderr.decode()}"
    for data in [*flaw.crashing(names, draw), *flaw.crashing(names, draw)]:
        outcome = await run(planted.flawed, names, [data])
        place = flaw.report.split("-")[0]  # over- or underflow depends on how a compiler lays out its stack
        assert f"ERROR: AddressSanitizer: {place}-buffer-" in outcome.stderr.decode(), data.hex()


def with_variant(form: Format, variant: int) -> tuple[Draw, Planted, Names]:
    for number in range(500):
        draw = Draw("variants", form.name, number)
        names = form.names(draw)
        planted = plant(form.source, names, draw)
        if planted.variant == variant:
            return draw, planted, names
    raise AssertionError("every variant is drawn at some time")


def lazy_inputs(form: Format, names: Names, draw: Draw) -> list[bytes]:
    """What one might try without reading the code: long runs of one byte, with and without the right beginning."""
    small = form.valid(names, draw)[0]
    begins = {b"", small[:4], small[:3], small[:2], pair(names) if "m0" in names else b""}
    return [
        begin + byte * size for begin in sorted(begins) for byte in (b"\0", b"A", b"\xff") for size in (16, 64, 300)
    ]


def bent(data: bytes, draw: Draw) -> bytes:
    """``data`` with one thing changed."""
    place = draw.below(len(data) + 1)
    return draw.pick(
        (
            data[:place] + bytes((draw.below(256),)) + data[place + 1 :],
            data[:place] + bytes((draw.below(9),)) + data[place + 1 :],
            data[:place],
            data[:place] + draw.bytes(draw.between(1, 3)) + data[place:],
            data[:place] + data[place + 1 :],
        )
    )


async def run(source: str, names: Names, inputs: Sequence[bytes]) -> Outcome:
    """What the parser returns for each input, a line each; built with AddressSanitizer."""
    files: Mapping[str, str] = {
        "parser.c": source,
        "driver.c": driver(str(names["parse"])),
        "inputs.txt": "".join(f"{data.hex()}\n" for data in inputs),
    }
    async with sandbox.Sandbox.open(files) as box:
        built = await box.run(command(BUILD))
        assert built.ok, built.stderr.decode()
        return await box.run(
            Command(
                ("./parser", "inputs.txt"), env={"ASAN_OPTIONS": "detect_leaks=0"}, limits=Limits(memory_bytes=None)
            )
        )


def command(argv: Sequence[str]) -> Command:
    return Command(argv, limits=Limits(wall_seconds=60, cpu_seconds=60, memory_bytes=2 * 1024**3))


@pytest.mark.slow
@pytest.mark.parametrize("family", COMPILED)
async def test_the_parsers_difficulties_are_what_the_panel_comes_to(family: str) -> None:
    """The first three instances are among those counted: nothing solved here is missing there."""
    for again, stored in zip(await shares_of(family, 3), counted()[family], strict=True):
        for solver, solved in again.solved.items():
            assert solved <= stored.solved[solver] <= solved + stored.tried - 3, solver
