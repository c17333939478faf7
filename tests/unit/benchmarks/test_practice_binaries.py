"""Images and machine code: read here a second way, by a reader of the documented forms and a small emulator."""

import re

import pytest

from seatrial.review.benchmarks.core.practice import read_binary
from seatrial.review.benchmarks.core.practice.draw import Draw

NAMED = {template.__name__: template for template in read_binary.TEMPLATES}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def both(name, seed):
    return (
        read_binary.make(NAMED[name], Draw(seed), "one"),
        read_binary.twin(NAMED[name], Draw(seed), "two", "one"),
    )


def shown(item):
    return item.prompt.split("```")[1].strip()


def image_of(item):
    return b"".join(bytes.fromhex(line[5:]) for line in shown(item).splitlines())


def test_the_slot_in_use_holds_the_word():
    for seed in range(20):
        for item in both("_slots", seed):
            image = image_of(item)
            found = []
            for at in range(6, 6 + 3 * image[4], 3):
                number, start, mask = image[at : at + 3]
                if number == image[5]:
                    found.append(bytes(byte ^ mask for byte in image[start : start + 8]).decode())
            assert found == [item.check.equals]


def test_the_links_lead_to_the_word():
    for seed in range(20):
        for item in both("_chain", seed):
            image, found = image_of(item), []
            kind = int(re.search(r"kind 0x(\w+)", item.prompt)[1], 16)
            shift = int(re.search(r"each of which (\d+)", item.prompt)[1])
            at, met = image[4], 0
            while at:
                after, mark, size = image[at : at + 3]
                if mark == kind:
                    found.append(bytes(byte - shift for byte in image[at + 3 : at + 3 + size]).decode())
                at, met = after, met + 1
            assert found == [item.check.equals]
            assert met == 3


class Machine:
    """The few instructions of x86-64 and of 64-bit ARM that the listings use."""

    def __init__(self, listing):
        self.table = b""
        self.lines, self.labels = [], {}
        for line in map(str.strip, listing.splitlines()):
            if line.startswith("table:"):
                self.table = bytes.fromhex(line[6:])
            elif line.endswith(":"):
                self.labels[line[:-1]] = len(self.lines)
            else:
                op, _, rest = line.partition(" ")
                self.lines.append((op, [one.strip() for one in rest.split(",")] if rest else []))
        self.arm = any(op == "ldr" or "w0" in operands for op, operands in self.lines)

    def __call__(self, given):
        text = given.encode() if isinstance(given, str) else b""
        start = 0 if isinstance(given, str) else given
        values, at, differ = {"di": start, "0": start}, 0, False

        def key(name):
            return name[1:] if self.arm else {"al": "ax", "dl": "dx"}.get(name, name[1:])

        def width(name):
            return {"al": 8, "dl": 8}.get(name, 64 if name[0] in "rx" else 32)

        def value(operand):
            operand = operand.lstrip("#")
            place = re.fullmatch(r"BYTE PTR \[(\w+)\+(\w+)\]", operand)
            if place:
                offset = int(place[2]) if place[2].isdigit() else values[key(place[2])]
                return (self.table if place[1] == "table" else text)[offset]
            if re.fullmatch(r"-?\d\w*", operand):
                return int(operand, 0)
            return values.get(key(operand), 0) % (1 << width(operand))

        while True:
            op, operands = self.lines[at]
            at += 1
            if op == "ret":
                return values["0" if self.arm else "ax"]
            if op == "jmp" or (op in ("jne", "b.ne") and differ) or (op == "je" and not differ):
                at = self.labels[operands[0]]
            if op in ("jmp", "jne", "je", "b.ne"):
                continue
            if op == "cmp":
                size = 1 << width(operands[0])
                differ = (value(operands[0]) - value(operands[1])) % size != 0
                continue
            target = operands[0]
            size = 1 << width(target)
            shift = int(operands.pop().split("#")[1]) if operands[-1].startswith("lsl") else 0
            if op in ("mov", "movzx"):
                made = value(operands[1])
            elif op == "ldr":
                made = int.from_bytes(text[:8], "little")
            elif op == "movk":
                made = value(target) & ~(0xFFFF << shift) | value(operands[1]) << shift
            elif op == "inc":
                made = value(target) + 1
            elif op == "imul":
                made = value(operands[1]) * value(operands[2])
            else:
                a, b = (value(one) for one in (operands[-2:] if self.arm else operands))
                made = {
                    "xor": a ^ b,
                    "eor": a ^ b,
                    "orr": a | b << shift,
                    "add": a + b,
                    "sub": a - b,
                    "ror": (a >> b | a << (32 - b)) if op == "ror" else 0,
                }[op]
            low = values.get(key(target), 0)
            differ = made % size != 0
            values[key(target)] = low & ~0xFF | made % 256 if size == 256 else made % size


@pytest.mark.parametrize("name", ["_compares", "_loop", "_constant"])
def test_the_check_takes_the_word_and_none_that_differs_in_a_letter(name):
    for seed in range(3):
        for item in both(name, seed):
            check, word = Machine(shown(item)), item.check.equals
            assert check(word) == 1
            for place in range(len(word)):
                others = [word[:place] + letter + word[place + 1 :] for letter in LETTERS if letter != word[place]]
                assert not any(check(other) for other in others)


@pytest.mark.parametrize(("name", "bound"), [("_arithmetic", 65536), ("_dispatch", 256)])
def test_the_check_takes_one_number(name, bound):
    for seed in range(20 if bound < 1000 else 1):
        for item in both(name, seed):
            check = Machine(shown(item))
            assert [number for number in range(bound) if check(number)] == [int(item.check.equals)]


def test_a_number_s_bits_are_only_moved_so_one_is_taken():
    for seed in range(20):
        for item in both("_rotation", seed):
            check, number = Machine(shown(item)), int(item.check.equals)
            assert check(number) == 1
            assert not any(check(number + more) for more in range(-100, 100) if more)
