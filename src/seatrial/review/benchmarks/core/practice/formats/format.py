"""What a format is, and the program that feeds a parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seatrial.review.benchmarks.core.practice.draw import Draw

Names = Mapping[str, int | str]  # the constants and identifiers of one instance


@dataclass(frozen=True, slots=True)
class Flaw:
    """``report`` is AddressSanitizer's word for it; ``crashing`` gives inputs that are malformed and reach it."""

    report: str
    crashing: Callable[[Names, Draw], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """``source`` is a template for ``planting``; ``flaws`` are in the order of its variants.

    ``meaning`` is what the sound parser returns: a number, or -1 for what is malformed. ``valid`` gives inputs
    that mean something, the first of them small, all limits among them; ``malformed`` gives inputs that any
    sound parser turns away, whichever flaw was planted. A slip is a line of the source and what it becomes with a
    mistake that no memory error follows from: valid inputs come out wrong.
    """

    name: str
    source: str
    names: Callable[[Draw], Names]
    meaning: Callable[[Names, bytes], int]
    valid: Callable[[Names, Draw], Sequence[bytes]]
    malformed: Callable[[Names, Draw], Sequence[bytes]]
    flaws: tuple[Flaw, ...]
    slips: tuple[tuple[str, str], ...]


def slipped(form: Format) -> str:
    """The source as a template for ``planting`` whose flaws are the slips."""
    lines = [line for line in form.source.splitlines() if not line.startswith("~~> ")]
    becomes = dict(form.slips)
    planted = [[line, f"~~> {becomes[line.strip()]}"] if line.strip() in becomes else [line] for line in lines]
    return "\n".join(one for some in planted for one in some) + "\n"


DRIVER = """\
/* Each line of the file is one input in hex; prints what the parser returns for it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

long @PARSE@(const uint8_t *in, size_t n);

static int digit(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void feed(const uint8_t *line, size_t n)
{
    uint8_t *in = malloc(n); /* its exact size, so that reading past the end is seen */

    for (size_t i = 0; i < n; i++)
        in[i] = line[i];
    printf("%ld\\n", @PARSE@(in, n));
    fflush(stdout);
    free(in);
}

int main(int argc, char **argv)
{
    static uint8_t line[1 << 16];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    size_t n = 0;
    int c;

    if (file == NULL)
        return 2;
    while ((c = fgetc(file)) != EOF) {
        if (c == '\\n') {
            feed(line, n);
            n = 0;
        } else {
            int high = digit(c), low = digit(fgetc(file));

            if (high < 0 || low < 0 || n == sizeof line)
                return 2;
            line[n++] = (uint8_t)(high * 16 + low);
        }
    }
    if (n > 0)
        feed(line, n);
    fclose(file);
    return 0;
}
"""


def driver(parse: str) -> str:
    """The C program that feeds the parser named ``parse``."""
    return DRIVER.replace("@PARSE@", parse)


def number(names: Names, name: str) -> int:
    """The constant ``name``, which is a number."""
    return int(names[name])


def pair(names: Names) -> bytes:
    """The two bytes an input begins with, where a format has such."""
    return bytes((number(names, "m0"), number(names, "m1")))


def two_bytes(draw: Draw) -> dict[str, int]:
    """Such a beginning, of bytes no lazy input begins with."""
    return {"m0": draw.between(0xA1, 0xDE), "m1": draw.between(0x11, 0x3E)}
