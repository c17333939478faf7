"""The listings of x86-64 code are real: assembled, linked and run, they take the answer and not the lazy one."""

from __future__ import annotations

import platform
import re

import pytest

from seatrial.review.benchmarks.core.answers import extract
from seatrial.review.benchmarks.core.practice import read_binary
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command

X86 = [template for template in read_binary.TEMPLATES if "x86" in template(Draw(0), False).about]
DRIVER = """\
#include <stdio.h>
#include <stdlib.h>
int check(TYPE);
int main(int argc, char **argv) {
    for (int place = 1; place < argc; place++) printf("%d\\n", check(FROM(argv[place])));
    return 0;
}
"""

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.compiler,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the listings are x86-64's"),
    pytest.mark.skipif("cc" not in sandbox.toolchain(), reason="no C compiler with AddressSanitizer in a sandbox"),
]


def assembled(item: Item) -> str:
    """The listing as the GNU assembler takes it."""
    listing = item.prompt.split("```")[1].strip()
    listing = re.sub(
        r"^table: (.*)$",
        lambda found: "table: .byte " + ", ".join(f"0x{one}" for one in found[1].split()),
        listing,
        flags=re.MULTILINE,
    )
    return f'.intel_syntax noprefix\n.section .note.GNU-stack,"",@progbits\n.text\n.globl check\n{listing}\n'


def test_four_listings_are_of_x86() -> None:
    assert len(X86) == 4


@pytest.mark.parametrize("template", X86, ids=lambda one: one.__name__.strip("_"))
async def test_a_listing_assembled_takes_the_answer_alone(template: read_binary.Template) -> None:
    for seed in range(4):
        item = read_binary.make(template, Draw("assembled", seed), "one")
        assert item.check is not None
        words = item.check.extract == "word"
        driver = DRIVER.replace("TYPE", "const char *" if words else "unsigned")
        driver = driver.replace("FROM", "" if words else "(unsigned)atol")
        files = {"check.s": assembled(item), "main.c": driver}
        async with sandbox.Sandbox.open(files) as box:
            built = await box.run(Command(("cc", "-no-pie", "-w", "main.c", "check.s", "-o", "taken")))
            assert built.ok, built.stderr.decode()
            lazy = extract(item.check.extract, item.naive)
            outcome = await box.run(Command(("./taken", str(item.check.equals), str(lazy))))
        assert outcome.stdout.split() == [b"1", b"0"], item.prompt
