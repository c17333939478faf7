"""Programs read without being run: each says yes to exactly one input, found here from the prompt alone."""

import dis
import io
import re
import sys
from collections.abc import Iterator

import pytest

from seatrial.review.benchmarks.core.answers import extract
from seatrial.review.benchmarks.core.judging import plan
from seatrial.review.benchmarks.core.practice import packet_forensics, read_binary, read_bytecode
from seatrial.review.benchmarks.core.practice.draw import Draw

SEEDS = range(6)
READING = [
    (family, template) for family in (read_bytecode, read_binary, packet_forensics) for template in family.TEMPLATES
]
SECURITY = re.compile(
    r"attack|intru|secur|password|exploit|steal|stolen|\block\b|hack|breach|malic|vulnerab|firmware", re.I
)


@pytest.mark.parametrize(("family", "template"), READING)
def test_every_item_and_its_twin_are_solved_and_not_by_the_lazy(family, template):
    alike = 0
    for seed in SEEDS:
        item = family.make(template, Draw(seed), "one")
        twin = family.twin(template, Draw(seed), "one-twin", "one")
        assert twin.twin_of == "one"
        assert (twin.human_minutes, twin.max_tokens) == (item.human_minutes, item.max_tokens)
        assert abs(len(twin.prompt) - len(item.prompt)) < 0.15 * len(item.prompt), "equally long"
        alike += twin.check.equals == item.check.equals
        assert not SECURITY.search(twin.prompt), SECURITY.search(twin.prompt)
        for one in (item, twin):
            assert one.prompt.isascii()
            assert plan(one.check, one.oracle).score == 1.0
            assert plan(one.check, one.naive).score == 0.0
            assert extract(one.check.extract, one.naive) is not None
            assert plan(one.check, "I cannot tell.").score == 0.0
    assert alike < 3, "who knows the one's answer does not know the other's"


# The stack machine, by its description -------------------------------------------------------------------------------


class Unread(Exception):
    """The program asks for a character that nobody has chosen yet."""


def says_yes(listing: str, word: dict[int, int], number: int | None = None) -> bool:
    code = [line.split()[1:] for line in listing.splitlines() if not line.startswith("data")]
    data = [int(one) for one in re.sub(r"^data:", "", listing.splitlines()[-1]).split()] if "data:" in listing else []
    stack, registers, at = [], {}, 0
    while True:
        op, *operand = code[at]
        at += 1
        if op in ("yes", "no"):
            return op == "yes"
        if op == "push":
            stack.append(int(operand[0]))
        elif op == "num":
            stack.append(number)
        elif op == "in":
            place = stack.pop()
            if place not in word:
                raise Unread(place)
            stack.append(word[place])
        elif op == "data":
            stack.append(data[stack.pop()])
        elif op == "load":
            stack.append(registers.get(operand[0], 0))
        elif op == "store":
            registers[operand[0]] = stack.pop()
        else:
            b, a = stack.pop(), stack.pop()
            if op == "jne":
                at = int(operand[0]) if a != b else at
            else:
                stack.append({"add": a + b, "sub": a - b, "mul": a * b, "xor": a ^ b, "mod": a % max(b, 1)}[op])


def accepted(listing: str, letters: str, word: dict[int, int]) -> Iterator[str]:
    """Every word it says yes to: a letter is chosen when it is read, and dropped when the program says no."""
    try:
        if says_yes(listing, word):
            yield "".join(chr(word[place]) for place in sorted(word))
    except Unread as missing:
        for letter in letters:
            yield from accepted(listing, letters, {**word, missing.args[0]: ord(letter)})


@pytest.mark.parametrize("template", [one for one in read_bytecode.TEMPLATES if "dis" not in one.__name__])
def test_a_program_of_the_stack_machine_says_yes_to_one_input(template):
    for seed in SEEDS[:3]:
        item = read_bytecode.make(template, Draw(seed), "one")
        listing = item.prompt.split("```")[1].strip()
        bound = re.search(r"a number from 0 to (\d+)", item.prompt)
        if bound:
            found = [str(number) for number in range(int(bound[1]) + 1) if says_yes(listing, {}, number)]
        else:
            letters = "abc" if "each of them a, b or c" in item.prompt else "abcdefghijklmnopqrstuvwxyz"
            found = list(accepted(listing, letters, {}))
        assert found == [item.check.equals]


# CPython's, by CPython -----------------------------------------------------------------------------------------------

SOURCES = {
    "_dis_arithmetic": "def f(n):\n n ^= {0}\n n = n * {1} + {2}\n return n % {3} == {4}",
    "_dis_slices": "def f(word):\n left, right = word[:{0}], word[{0}:]\n return right[::-1] + left == {2!r}",
    "_dis_loop": (
        "def f(word):\n made = ()\n for place, letter in enumerate(word):\n"
        "  made += (ord(letter) + {1} * place ^ {2},)\n return made == {3}"
    ),
}


@pytest.mark.parametrize("template", [one for one in read_bytecode.TEMPLATES if "dis" in one.__name__])
def test_a_disassembly_is_cpython_s_and_its_program_says_yes_to_the_answer(template):
    for seed in SEEDS:
        item = read_bytecode.make(template, Draw(seed), "one")
        listing = item.prompt.split("```")[1].strip()
        constants = {int(n): eval(text) for n, text in re.findall(r"LOAD_CONST (\d+) \((.*)\)", listing)}
        values = [constants[number] for number in sorted(constants) if constants[number] is not None]
        scope = {}
        exec(SOURCES[template.__name__].format(*values), scope)  # of our own making
        program = scope["f"]
        if sys.version_info[:2] == (3, 11):
            out = io.StringIO()
            dis.dis(program, file=out)
            ours = [line.split() for line in listing.splitlines()]
            theirs = [
                re.sub(r"^ *(\d+ )?(?: *>>)? *(?=\d+ [A-Z])", "", line).split() for line in out.getvalue().split("\n")
            ]
            assert [line for line in theirs if line] == ours
        if item.check.extract == "number":
            assert [n for n in range(1024) if program(n)] == [int(item.check.equals)]
        else:
            assert program(item.check.equals)
            assert not program(extract("word", item.naive))
