"""fix-parser: mend a small C parser so that a crash goes away and nothing else changes.

The source of a parser with one planted flaw, and one input that crashes it; the answer is the whole corrected file.
It counts if it builds, returns the right number for valid inputs (limits among them), and -1 for malformed ones,
held-out crashing inputs among them, without a word from AddressSanitizer. What the inputs ought to return stays
outside the sandbox. Source that would switch the sanitizer off, or run before ``main``, does not count.
In the twin a line is wrong that no memory error follows from; the answer is judged in the same way.
Chance level: 0 (the unchanged source and one that turns everything away both fail).
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.review.benchmarks.core.practice.crash_parser import BUILD
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats import FORMATS
from seatrial.review.benchmarks.core.practice.formats.format import Format, Names, driver, slipped
from seatrial.review.benchmarks.core.practice.planting import plant
from seatrial.review.benchmarks.types import Check, Item, Step

FAMILY = "fix-parser"
TEMPLATES: tuple[Format, ...] = FORMATS

_TRICKS = r"no_sanitize|__asan|__sanitizer|__attribute|_Pragma|#[[:space:]]*pragma|asm|[?][?]/|\\$"

_PROMPT = """\
This C parser has one memory error. On the input {crash} AddressSanitizer reports: {report}.

```c
{source}```

Correct it: malformed input must return -1, and nothing may change for valid input.
Reply with the whole corrected file in one ```c code block: the same function, no main.
"""

_NEUTRAL = """\
This C parser has one mistake: it does not return the right number for every valid input. These are right:
{examples}

```c
{source}```

Correct it; nothing else may change, and malformed input must still return -1.
Reply with the whole corrected file in one ```c code block: the same function, no main.
"""
_SHOWN = 90  # bytes of an example at most


def make(template: Format, draw: Draw, item_id: str) -> Item:
    names = template.names(draw)
    planted = plant(template.source, names, draw)
    flaw = template.flaws[planted.variant]
    shown, *held_out = [*flaw.crashing(names, draw), *flaw.crashing(names, draw)]
    valid = [*template.valid(names, draw), *template.valid(names, draw)]
    malformed = draw.order([*held_out, shown, *template.malformed(names, draw)])
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=_PROMPT.format(source=planted.flawed, crash=shown.hex(), report=flaw.report),
        check=_check(template, names, valid, malformed),
        oracle=f"The check on line {planted.line} was wrong.\n\n```c\n{planted.sound}```\n",
        naive=f"I see no error; the parser is right as it is.\n\n```c\n{planted.flawed}```\n",
        human_minutes=15.0,
        needs=frozenset({"cc"}),
        max_tokens=640,
    )


def twin(template: Format, draw: Draw, item_id: str, twin_of: str) -> Item:
    apart = draw.apart()
    names = template.names(apart)
    planted = plant(slipped(template), names, apart)
    valid = [*template.valid(names, apart), *template.valid(names, apart)]
    crashing = [data for flaw in template.flaws for data in flaw.crashing(names, apart)]
    malformed = apart.order([*crashing, *template.malformed(names, apart)])
    shown = [data for data in valid if len(data) <= _SHOWN and template.meaning(names, data) > 0][:3]
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=_NEUTRAL.format(
            source=planted.flawed,
            examples="\n".join(f"{data.hex()} returns {template.meaning(names, data)}" for data in shown),
        ),
        check=_check(template, names, valid, malformed),
        oracle=f"Line {planted.line} was wrong.\n\n```c\n{planted.sound}```\n",
        naive=f"I see no error; the parser is right as it is.\n\n```c\n{planted.flawed}```\n",
        human_minutes=15.0,
        needs=frozenset({"cc"}),
        max_tokens=640,
        twin_of=twin_of,
    )


def _check(form: Format, names: Names, valid: Sequence[bytes], malformed: Sequence[bytes]) -> Check:
    return Check(
        "code",
        answer_file="parser.c",
        files={
            "driver.c": driver(str(names["parse"])),
            "valid.txt": _lines([data.hex() for data in valid]),
            "malformed.txt": _lines([data.hex() for data in malformed]),
        },
        steps=(
            Step(("grep", "-nE", _TRICKS, "parser.c"), status=1),
            Step(BUILD, seconds=30),
            _returns("valid.txt", [form.meaning(names, data) for data in valid]),
            _returns("malformed.txt", [-1] * len(malformed)),
        ),
    )


def _returns(file: str, numbers: Sequence[int]) -> Step:
    expected = "".join(rf"{number}\n" for number in numbers)
    return Step(("./parser", file), seconds=5, stdout=rf"\A{expected}\Z", sanitizer=True)


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"{text}\n" for text in texts)
